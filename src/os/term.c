#include "os/term.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool term_is_tty(FILE *f) { return isatty(fileno(f)) == 1; }

bool term_colour(FILE *f)
{
    const char *none = getenv("NO_COLOR"), *kind = getenv("TERM");

    /* no-color.org: present and not empty, whatever its value. */
    return term_is_tty(f) && !(none && *none) && kind && strcmp(kind, "dumb") != 0;
}

uint32_t term_width(FILE *f)
{
    struct winsize w;

    return ioctl(fileno(f), TIOCGWINSZ, &w) == 0 && w.ws_col > 0 ? w.ws_col : 80;
}

/* "412 MB", "1.2 GB": powers of ten, as disks are sold and as the design's numbers are given. */
static void bytes_text(uint64_t n, char buf[16])
{
    static const char *const unit[] = { "B", "kB", "MB", "GB", "TB", "PB" };
    double v = (double)n;
    size_t u = 0;

    while (v >= 999.5 && u + 1 < sizeof unit / sizeof *unit) {
        v /= 1000;
        u++;
    }
    snprintf(buf, 16, u && v < 9.95 ? "%.1f %s" : "%.0f %s", v, unit[u]);
}

static void time_left_text(uint64_t s, char buf[24])
{
    if (s >= 3600)
        snprintf(buf, 24, "%llu h %02llu min", (unsigned long long)(s / 3600 > 999 ? 999 : s / 3600), (unsigned long long)(s / 60 % 60));
    else if (s >= 60)
        snprintf(buf, 24, "%llu min %02llu s", (unsigned long long)(s / 60), (unsigned long long)(s % 60));
    else
        snprintf(buf, 24, "%llu s", (unsigned long long)s);
}

void term_progress_line(const struct term_progress *p, uint64_t elapsed_us, char *buf, size_t cap)
{
    uint64_t done  = atomic_load(&p->done_bytes), total = p->total_bytes;
    double   rate  = elapsed_us ? (double)done * 1e6 / (double)elapsed_us : 0;
    char     have[16], all[16], speed[16], left[24];

    /* Files may grow while we read. */
    if (done > total && total)
        total = done;
    bytes_text(done, have);
    bytes_text(total, all);
    bytes_text((uint64_t)rate, speed);
    int n = total ? snprintf(buf, cap, "%s: %s of %s (%d %%)", p->what, have, all, (int)((double)done * 100.0 / (double)total))
                  : snprintf(buf, cap, "%s: %s", p->what, have);
    /* The rate of the first second says little. */
    if (n < 0 || (size_t)n >= cap || elapsed_us < 1000000 || rate < 1)
        return;
    double left_s = (double)(total - (total ? done : 0)) / rate;
    time_left_text((uint64_t)(left_s > 1e9 ? 1e9 : left_s + 0.5), left);
    if (total)
        snprintf(buf + n, cap - (size_t)n, ", %s/s, %s left", speed, left);
    else
        snprintf(buf + n, cap - (size_t)n, ", %s/s", speed);
}

static void draw(struct term_progress *p, uint64_t now)
{
    char     line[256], out[300];
    uint32_t width = term_width(stderr);

    term_progress_line(p, now - p->since_us, line, sizeof line);
    /* One short of the width: a full line would wrap, and a wrapped line cannot be cleared with \r. */
    if (width > 1 && strlen(line) >= width)
        line[width - 1 < sizeof line ? width - 1 : sizeof line - 1] = 0;
    int n = snprintf(out, sizeof out, "\r%s\033[K", line);
    if (n > 0)
        fwrite(out, 1, (size_t)n < sizeof out ? (size_t)n : sizeof out - 1, stderr);
    fflush(stderr);
}

void term_progress_start(struct term_progress *p, struct os *os, bool quiet, const char *what, uint64_t total_bytes)
{
    p->on          = !quiet && term_is_tty(stderr);
    p->what        = what;
    p->total_bytes = total_bytes;
    p->os          = os;
    p->since_us    = os->tick_us(os);
    atomic_store(&p->done_bytes, 0);
    atomic_store(&p->drawn_us, p->since_us);
}

void term_progress_add(struct term_progress *p, uint64_t bytes)
{
    atomic_fetch_add(&p->done_bytes, bytes);
    if (!p->on)
        return;
    uint64_t now = p->os->tick_us(p->os), last = atomic_load(&p->drawn_us);
    /* Whoever moves drawn_us draws; the others go on with their work. */
    if (now - last >= 250000 && now > last && atomic_compare_exchange_strong(&p->drawn_us, &last, now))
        draw(p, now);
}

void term_progress_end(struct term_progress *p)
{
    if (p->on) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
    p->on = false;
}
