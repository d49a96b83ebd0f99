/* util: chance by seed, text that grows, files below evidence/. */
#include "lab/lab.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void lab_die(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fputs("lab: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    exit(2);
}

/* splitmix64: small, fast, and any seed is a good one. Source: Steele, Lea, Flood, OOPSLA 2014. */
uint64_t rng_next(struct rng *r)
{
    uint64_t z = r->s += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

struct rng rng_for(uint64_t seed, uint64_t stream)
{
    struct rng r = { seed * UINT64_C(0xd1342543de82ef95) + stream };

    r.s = rng_next(&r);
    return r;
}

uint32_t rng_below(struct rng *r, uint32_t n)
{
    return (uint32_t)((rng_next(r) >> 32) * n >> 32);
}

uint32_t rng_between(struct rng *r, uint32_t lo, uint32_t hi)
{
    return lo + rng_below(r, hi - lo + 1);
}

bool rng_chance(struct rng *r, uint32_t per_mille)
{
    return rng_below(r, 1000) < per_mille;
}

char *pool_room(struct pool **p, size_t n)
{
    if (!*p || n > (*p)->cap - (*p)->used) {
        size_t       cap = n > 1 << 20 ? n : 1 << 20;
        struct pool *q = malloc(sizeof *q + cap);
        if (!q)
            lab_die("out of memory");
        *q = (struct pool){ .block = (char *)(q + 1), .cap = cap, .older = *p };
        *p = q;
    }
    char *room = (*p)->block + (*p)->used;
    (*p)->used += n;
    return room;
}

const char *pool_fmt(struct pool **p, const char *fmt, ...)
{
    char    text[4096];
    va_list ap;

    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n < 0 || (size_t)n >= sizeof text)
        lab_die("a text is too long: %.60s...", text);
    return memcpy(pool_room(p, (size_t)n + 1), text, (size_t)n + 1);
}

void pool_drop(struct pool **p)
{
    while (*p) {
        struct pool *older = (*p)->older;
        free(*p);
        *p = older;
    }
}

void buf_room(struct buf *b, size_t more)
{
    if (more <= b->cap - b->n)
        return;
    size_t cap = b->cap ? b->cap : 4096;
    while (cap - b->n < more)
        cap *= 2;
    b->p = realloc(b->p, cap);
    if (!b->p)
        lab_die("out of memory");
    b->cap = cap;
}

void buf_add(struct buf *b, const char *s, size_t n)
{
    buf_room(b, n + 1);
    if (n)
        memcpy(b->p + b->n, s, n);
    b->n += n;
}

void buf_str(struct buf *b, const char *s) { buf_add(b, s, strlen(s)); }
void buf_chr(struct buf *b, char c) { buf_add(b, &c, 1); }

void buf_num(struct buf *b, uint64_t v)
{
    char  text[20], *p = text + sizeof text;

    do
        *--p = (char)('0' + v % 10);
    while (v /= 10);
    buf_add(b, p, (size_t)(text + sizeof text - p));
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
    va_list ap, again;

    if (!fmt)                           /* gcc under UBSan believes that it could be */
        return;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        lab_die("a text cannot be written");
    buf_room(b, (size_t)n + 1);
    vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
    va_end(again);
    b->n += (size_t)n;
}

void buf_free(struct buf *b)
{
    free(b->p);
    *b = (struct buf){ 0 };
}

/* Civil from days, proleptic Gregorian: eras of 146,097 days that begin on 1 March 0000. */
struct civil civil_of(int64_t us)
{
    int64_t day = us / TIME_DAY, left = us % TIME_DAY;

    if (left < 0) {
        day--;
        left += TIME_DAY;
    }
    int64_t z = day + 719468, era = z / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int     month = (int)(mp < 10 ? mp + 3 : mp - 9);
    return (struct civil){
        .year = (int)(yoe + era * 400 + (month <= 2)), .month = month, .day = (int)(doy - (153 * mp + 2) / 5 + 1),
        .hour = (int)(left / TIME_HOUR), .minute = (int)(left / TIME_MINUTE % 60), .second = (int)(left / TIME_SECOND % 60),
        .ms = (int)(left / 1000 % 1000), .weekday = (int)((day + 3) % 7),
    };
}

int64_t at(const char *text)
{
    int64_t us;

    if (!time_parse(str_c(text), &us))
        lab_die("not a time: %s", text);
    return us;
}

static void two(char *p, int v)
{
    p[0] = (char)('0' + v / 10 % 10);
    p[1] = (char)('0' + v % 10);
}

void buf_iso(struct buf *b, int64_t us)
{
    struct civil c = civil_of(us);
    char         t[24] = "0000-00-00T00:00:00.000Z";

    two(t, c.year / 100);
    two(t + 2, c.year % 100);
    two(t + 5, c.month);
    two(t + 8, c.day);
    two(t + 11, c.hour);
    two(t + 14, c.minute);
    two(t + 17, c.second);
    t[20] = (char)('0' + c.ms / 100);
    two(t + 21, c.ms % 100);
    buf_add(b, t, sizeof t);
}

void guid_text(uint64_t hi, uint64_t lo, char ret[37])
{
    const char *hex = "0123456789abcdef";
    size_t      k = 0;

    for (int i = 0; i < 32; i++) {
        uint64_t v = i < 16 ? hi >> (60 - 4 * i) : lo >> (60 - 4 * (i - 16));
        if (i == 8 || i == 12 || i == 16 || i == 20)
            ret[k++] = '-';
        ret[k++] = hex[v & 15];
    }
    ret[14] = '4';      /* version 4, as the product makes them */
    ret[k] = 0;
}

/* ---- files below evidence/ ---- */

static const char *native(struct lab *l, const char *path, char ret[1024])
{
    int n = snprintf(ret, 1024, "%s/evidence/%s", l->out, path);

    if (n < 0 || n >= 1024)
        lab_die("a path is too long: %s", path);
    return ret;
}

static void parents(char *path)
{
    for (char *p = path + 1; *p; p++)
        if (*p == '/') {
            *p = 0;
            if (mkdir(path, 0755) && errno != EEXIST)
                lab_die("%s: %s", path, strerror(errno));
            *p = '/';
        }
}

void dir_make(struct lab *l, const char *path)
{
    char full[1024];

    native(l, path, full);
    parents(full);
    if (mkdir(full, 0755) && errno != EEXIST)
        lab_die("%s: %s", full, strerror(errno));
}

FILE *file_create(struct lab *l, const char *path)
{
    char  full[1024];
    FILE *f = fopen(native(l, path, full), "wb");

    if (!f && errno == ENOENT) {
        parents(full);
        f = fopen(full, "wb");
    }
    if (!f)
        lab_die("%s: %s", full, strerror(errno));
    return f;
}

void file_close(FILE *f, const char *path)
{
    if (fclose(f))
        lab_die("%s: %s", path, strerror(errno));
}

void file_touch(struct lab *l, const char *path, int64_t us)
{
    char            full[1024];
    struct timespec ts = { .tv_sec = us / TIME_SECOND, .tv_nsec = us % TIME_SECOND * 1000 };
    struct timespec both[2] = { ts, ts };

    if (utimensat(AT_FDCWD, native(l, path, full), both, 0))
        lab_die("%s: %s", full, strerror(errno));
}

void file_put(struct lab *l, const char *path, struct str body, int64_t mtime_us)
{
    FILE *f = file_create(l, path);

    if (body.n && fwrite(body.p, 1, body.n, f) != body.n)
        lab_die("%s: %s", path, strerror(errno));
    file_close(f, path);
    if (mtime_us != TIME_NONE)
        file_touch(l, path, mtime_us);
}

void file_text(struct lab *l, const char *path, int64_t mtime_us, const char *text)
{
    struct buf b = { 0 };

    for (const char *p = text; *p; p++) {
        if (*p == '\n')
            buf_chr(&b, '\r');
        buf_chr(&b, *p);
    }
    file_put(l, path, (struct str){ (const uint8_t *)b.p, b.n }, mtime_us);
    buf_free(&b);
}

void file_remove(struct lab *l, const char *path)
{
    char full[1024];

    if (unlink(native(l, path, full)))
        lab_die("%s: %s", full, strerror(errno));
}

bool file_there(struct lab *l, const char *path)
{
    char full[1024];

    return access(native(l, path, full), F_OK) == 0;
}

void file_slurp(struct lab *l, const char *path, struct buf *ret)
{
    char   full[1024];
    FILE  *f = fopen(native(l, path, full), "rb");
    size_t got;

    if (!f)
        lab_die("%s: %s", full, strerror(errno));
    do {
        buf_room(ret, 65536);
        got = fread(ret->p + ret->n, 1, 65536, f);
        ret->n += got;
    } while (got);
    fclose(f);
}

const char *win_path(struct lab *l, const char *path)
{
    size_t n = strlen(path);
    char  *p = pool_room(&l->keep, n + 2);

    p[0] = path[0];
    p[1] = ':';
    for (size_t i = 1; i <= n; i++)
        p[i + 1] = path[i] == '/' ? '\\' : path[i];
    return p;
}
