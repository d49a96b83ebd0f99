/* campaign_files: what the writers of a campaign share, and the program that calls them. */
#include "lab/campaign_files.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

FILE *story_create(struct story *s, const char *fmt, ...)
{
    char    path[1024], name[256];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(name, sizeof name, fmt, ap);
    va_end(ap);
    snprintf(path, sizeof path, "%s/%s", s->out, name);
    FILE *f = fopen(path, "wb");
    if (!f)
        lab_die("%s cannot be written: %s", path, strerror(errno));
    setvbuf(f, NULL, _IOFBF, 1 << 16);
    return f;
}

void story_close(struct story *s, FILE *f)
{
    long n = ftell(f);

    s->files++;
    s->bytes += n > 0 ? (uint64_t)n : 0;
    if (ferror(f) || fclose(f) != 0)
        lab_die("a file cannot be written: %s", strerror(errno));
}

/* 198.18.0.0/15 is for benchmarks (RFC 2544) and holds 131,072; what is beyond that has IPv6 (RFC 3849), as has one in forty. */
void story_ip(uint32_t server, char ret[48])
{
    if (server >= 131072 || server % 40 == 17)
        snprintf(ret, 48, "2001:db8:%x:%x::19", server >> 16, server & 0xffff);
    else
        snprintf(ret, 48, "198.%u.%u.%u", 18 + (server >> 16), server >> 8 & 255, server & 255);
}

const char *story_host(struct story *s, uint32_t server, const char *domain) { return pool_fmt(&s->text, "s%u.%s", server, domain); }
const char *story_node(struct story *s, uint32_t server) { return pool_fmt(&s->text, "EX%05u", server); }

const char *story_ad(struct story *s, uint32_t server)
{
    for (uint32_t k = 0; k < s->server[server].links; k++) {
        const struct camp_link *l = &s->c->link[s->by_server[s->server[server].link + k]];
        if (l->kind == CAMP_INTERNAL)
            return l->value;
    }
    return NULL;
}

void story_hash(const char *of, char ret[65])
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (const char *p = of; *p; p++)
        h = (h ^ (uint8_t)*p) * UINT64_C(0x100000001b3);
    struct rng r = { h };
    for (int i = 0; i < 4; i++)
        snprintf(ret + 16 * i, 17, "%016llx", (unsigned long long)rng_next(&r));
}

void story_time(int64_t us, char ret[32])
{
    struct civil c = civil_of(us);

    snprintf(ret, 32, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year, c.month, c.day, c.hour, c.minute, c.second);
}

/* Each does something when it comes out raw: in a terminal, a page, a table, a mail header, a statement of SQL, a path. */
static const char *const evil[] = {
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "=cmd|' /C calc'!A0", "@SUM(1+1)*cmd", "+1-1", "-2+3", "\x1b[2J\x1b]0;owned\x07", "a\r\nBcc: x@evil.example", "'; DROP TABLE case_case; --",
    "../../../../etc/passwd", "\xe2\x80\xae" "gnp.exe", "\xff\xfe\xc3\x28", "%s%n%s%n", "javascript:alert(1)", "{{7*7}}", "\xc2\x9b" "31m", "</td></tr></table><h1>x", "\t=1+1", "\\u001b[31m",
};

const char *story_text(struct story *s, struct rng *r, const char *text)
{
    if (!s->hostile || !rng_chance(r, 400))
        return text;
    const char *e = evil[rng_below(r, sizeof evil / sizeof *evil)];
    return rng_chance(r, 500) ? pool_fmt(&s->text, "%s%s", e, text) : pool_fmt(&s->text, "%s %s", text, e);
}

void story_cell(FILE *f, const char *text)
{
    putc('"', f);
    for (const char *p = text; *p; p++) {
        if (*p == '"')
            putc('"', f);
        putc(*p, f);
    }
    putc('"', f);
}

void story_json(FILE *f, const char *text)
{
    putc('"', f);
    for (const uint8_t *p = (const uint8_t *)text; *p; p++)
        if (*p == '"' || *p == '\\')
            fprintf(f, "\\%c", *p);
        else if (*p < 32)
            fprintf(f, "\\u%04x", *p);
        else
            putc(*p, f);
    putc('"', f);
}

static void folder(const char *out, const char *name)
{
    char path[1024];

    snprintf(path, sizeof path, "%s%s%s", out, *name ? "/" : "", name);
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        lab_die("%s cannot be made: %s", path, strerror(errno));
}

int campaign_main(const char *out, const struct story_sizes *z)
{
    struct campaign  c;
    struct story     s = { .out = out, .hostile = z->hostile };
    struct camp_plan plan = { z->seed, z->organisations, z->servers, z->hunts * 58 / 100, z->intruders, z->days, campaign_rates };

    /* Two or three reports of one server are usual: fewer servers than reports have visits. */
    folder(out, "");
    folder(out, "scans");
    folder(out, "casework");
    folder(out, "reports");
    folder(out, "contacts");
    campaign_make(&c, &plan);
    campaign_story(&s, &c, z->hunts);
    campaign_scans(&s);
    campaign_tables(&s);
    campaign_reports(&s);
    campaign_truth(&s);
    campaign_notices(&s);
    printf("%llu files, %llu MB; %u reports\n", (unsigned long long)s.files, (unsigned long long)s.bytes >> 20, s.reports);
    pool_drop(&s.text);
    free(s.server);
    free(s.by_server);
    free(s.told);
    campaign_free(&c);
    return 0;
}
