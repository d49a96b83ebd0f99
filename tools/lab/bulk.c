/*
 * bulk: any volume of IIS and HttpProxy logs, for benches.
 *
 * Shape    an ordinary day and a scanner's visit are rendered once, by the same code as the scenarios; then their rows are
 *          written over and over in an order of chance, with new times and request ids put in place. Time only moves forward.
 * Hits     hit_rate of 1000 requests are the scanner's, so that rules have something to match; nobody comes in.
 * Speed    bound by memory and disk, not by formatting.
 */
#include "lab/lab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FRONT, BACK, PROXY, LOGS = PROXY + P_COUNT, FLUSH = 1 << 18 };

struct row { size_t from, n, begin, end; };         /* begin, end: further times inside; 0: none */
struct request { struct row front, back, proxy; size_t id_front; enum proto proto; };

struct stock {
    struct buf      text;
    struct request *request;
    size_t          n;
};

struct out { FILE *f; char name[320]; int64_t slot, last_us; struct buf b; };

static size_t find_in(const struct buf *b, size_t from, size_t n, const char *what)
{
    const char *p = memmem(b->p + from, n, what, strlen(what));

    return p ? (size_t)(p - b->p) - from + strlen(what) : 0;
}

static struct stock render(struct lab *l, const struct event *list, size_t n)
{
    struct stock s = { .request = calloc(n + 1, sizeof *s.request) };

    if (!s.request)
        lab_die("out of memory");
    for (size_t i = 0; i < n; i++) {
        const struct event *e = &list[i];
        struct request     *q = &s.request[s.n];
        if (e->what != E_WEB || e->no_front || (e->query && strlen(e->query) > 1000))
            continue;
        uint64_t hi = rng_next(&l->ids), lo = rng_next(&l->ids);
        q->proto = e->proto;
        q->front.from = s.text.n;
        row_front(l, e, hi, lo, &s.text);
        q->front.n = s.text.n - q->front.from;
        q->id_front = find_in(&s.text, q->front.from, q->front.n, "cafeReqId=");
        if (e->proto != P_NONE) {
            q->proxy.from = s.text.n;
            row_proxy(l, e, hi, lo, &s.text);
            q->proxy.n = s.text.n - q->proxy.from;
            q->proxy.begin = find_in(&s.text, q->proxy.from, q->proxy.n, "BeginRequest=");
            q->proxy.end = find_in(&s.text, q->proxy.from, q->proxy.n, "EndRequest=");
            if (e->back_stem) {
                q->back.from = s.text.n;
                row_back(l, e, hi, lo, &s.text);
                q->back.n = s.text.n - q->back.from;
            }
        }
        s.n++;
    }
    if (!s.n)
        lab_die("nothing to write");
    return s;
}

static void flush(struct lab *l, struct out *o)
{
    if (o->b.n && fwrite(o->b.p, 1, o->b.n, o->f) != o->b.n)
        lab_die("%s: %s", o->name, strerror(errno));
    l->bytes += o->b.n;
    o->b.n = 0;
}

static void finish(struct lab *l, struct out *o)
{
    if (!o->f)
        return;
    flush(l, o);
    file_close(o->f, o->name);
    file_touch(l, o->name, o->last_us);
}

static void next_file(struct lab *l, struct out *o, int log, int64_t us, bool hourly)
{
    struct civil c = civil_of(us);
    int64_t      slot = log >= PROXY && hourly ? us / TIME_HOUR : us / TIME_DAY;

    if (o->f && o->slot == slot) {
        o->last_us = us;
        return;
    }
    finish(l, o);
    o->last_us = us;
    o->slot = slot;
    if (log < PROXY)
        snprintf(o->name, sizeof o->name, "%s/W3SVC%d/u_ex%02d%02d%02d.log", l->at.logs, log + 1, c.year % 100, c.month, c.day);
    else
        snprintf(o->name, sizeof o->name, "%s/Logging/HttpProxy/%s/HttpProxy_%04d%02d%02d%02d-1.LOG", l->at.install, proto_name[log - PROXY], c.year, c.month, c.day,
                 hourly ? c.hour : 0);
    o->f = file_create(l, o->name);
    setvbuf(o->f, NULL, _IONBF, 0);
    if (log < PROXY)
        head_iis(l, us, &o->b);
    else {
        buf_str(&o->b, "\xef\xbb\xbf");
        head_proxy(l, us, &o->b);
    }
}

static char *place(struct out *o, const struct stock *s, const struct row *r)
{
    buf_add(&o->b, s->text.p + r->from, r->n);
    return o->b.p + o->b.n - r->n;
}

static void hex8(char *p, uint32_t v)
{
    for (int i = 0; i < 8; i++)
        p[i] = "0123456789abcdef"[v >> (28 - 4 * i) & 15];
}

static void put(struct lab *l, struct out *out, const struct stock *s, const struct request *q, int64_t us, const char iso[24], uint32_t id, bool hourly)
{
    struct out *o = &out[FRONT];
    char       *p;

    next_file(l, o, FRONT, us, hourly);
    p = place(o, s, &q->front);
    memcpy(p, iso, 10);
    memcpy(p + 11, iso + 11, 8);
    if (q->id_front)
        hex8(p + q->id_front, id);
    if (o->b.n > FLUSH)
        flush(l, o);
    if (q->proxy.n) {
        o = &out[PROXY + (int)q->proto];
        next_file(l, o, PROXY + (int)q->proto, us, hourly);
        p = place(o, s, &q->proxy);
        memcpy(p, iso, 24);
        hex8(p + 25, id);
        if (q->proxy.begin)
            memcpy(p + q->proxy.begin, iso, 19);
        if (q->proxy.end)
            memcpy(p + q->proxy.end, iso, 24);
        if (o->b.n > FLUSH)
            flush(l, o);
    }
    if (q->back.n) {
        o = &out[BACK];
        next_file(l, o, BACK, us, hourly);
        p = place(o, s, &q->back);
        memcpy(p, iso, 10);
        memcpy(p + 11, iso + 11, 8);
        if (o->b.n > FLUSH)
            flush(l, o);
    }
}

int bulk_main(const char *out_dir, uint64_t seed, uint32_t megabytes, double hit_rate, uint32_t days, enum generation gen)
{
    struct scenario quiet = { .name = "logs" };
    struct lab      l = { .scenario = &quiet, .out = out_dir, .seed = seed, .days = days, .wanted = -1 };
    struct out      out[LOGS] = { 0 };
    uint64_t        want = (uint64_t)megabytes * 1000000, bytes = 0, step, budget;

    server_defaults(&l, gen);
    l.install_win = win_path(&l, l.at.install);
    l.webroot_win = win_path(&l, l.at.webroot);
    l.logs_win = win_path(&l, l.at.logs);
    l.user_n = USERS_MAX;
    traffic_people(&l);
    dir_make(&l, "C");
    server_files(&l);
    l.ids = rng_for(seed, 0x1d5);

    int64_t noon = l.start_us + 12 * TIME_DAY;
    l.megabytes = 400;
    l.days = 90;
    traffic_day(&l, noon);
    struct stock ordinary = render(&l, l.event, l.event_n);
    raid_localhost(&l, "203.0.113.9", noon, 60);
    raid_names(&l, "203.0.113.61", noon);
    struct stock scanner = render(&l, l.story, l.story_n);

    for (size_t i = 0; i < ordinary.n; i++)
        bytes += ordinary.request[i].front.n + ordinary.request[i].proxy.n + ordinary.request[i].back.n;
    budget = want / days;
    step = (uint64_t)TIME_DAY * (bytes / ordinary.n) / (budget ? budget : 1);
    if (!step)
        step = 1;

    struct rng r = rng_for(seed, 0xb01c);
    struct buf iso = { 0 };
    bool       hourly = megabytes >= 1000;
    int64_t    end = l.start_us + (int64_t)days * TIME_DAY, second = INT64_MIN;
    uint32_t   hits = (uint32_t)(hit_rate * 4294967.296);
    for (int64_t us = l.start_us; us < end; us += (int64_t)(step / 2 + 1 + (rng_next(&r) >> 20) % (step + 1))) {
        if (us / TIME_SECOND != second) {
            second = us / TIME_SECOND;
            iso.n = 0;
            buf_iso(&iso, us);
            pool_drop(&l.today);
        }
        int ms = (int)(us / 1000 % 1000);
        iso.p[20] = (char)('0' + ms / 100);
        iso.p[21] = (char)('0' + ms / 10 % 10);
        iso.p[22] = (char)('0' + ms % 10);
        uint64_t            dice = rng_next(&r);
        bool                hit = hit_rate >= 1000 || (uint32_t)dice < hits;
        const struct stock *s = hit ? &scanner : &ordinary;
        put(&l, out, s, &s->request[(dice >> 32) % s->n], us, iso.p, (uint32_t)rng_next(&r), hourly);
    }
    for (int i = 0; i < LOGS; i++) {
        finish(&l, &out[i]);
        buf_free(&out[i].b);
    }
    printf("%llu bytes\n", (unsigned long long)l.bytes);
    buf_free(&iso);
    buf_free(&ordinary.text);
    buf_free(&scanner.text);
    free(ordinary.request);
    free(scanner.request);
    free(l.event);
    free(l.story);
    pool_drop(&l.today);
    pool_drop(&l.keep);
    return 0;
}
