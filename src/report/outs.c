#include "report/outs.h"
#include "base/hash.h"
#include "base/num.h"
#include "base/utf.h"
#include "emit/out_mem.h"
#include "report/words.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void part(struct hash *h, struct str s)
{
    uint8_t n[8];

    for (int i = 0; i < 8; i++)                    /* lengths first, so that "ab" "c" is not "a" "bc" */
        n[i] = (uint8_t)((uint64_t)s.n >> (8 * i));
    hash_push(h, (struct str){ n, sizeof n });
    hash_push(h, s);
}

static bool space_make(struct outs *x, struct err *e)
{
    const struct report *r = x->r;
    struct hash         *h = hash_open(HASH_SHA256);
    uint8_t              sum[HASH_MAX];

    if (!h)
        return err_set(e, ERR_MEMORY, "no SHA-256 for the ids of this hunt");
    part(h, r->tool_version);
    if (r->found->pack)
        part(h, (struct str){ r->found->pack->sha256, sizeof r->found->pack->sha256 });
    for (size_t i = 0; r->found->pack && i < r->found->pack->with_n; i++)
        part(h, (struct str){ r->found->pack->with[i]->sha256, sizeof r->found->pack->with[i]->sha256 });
    part(h, report_server(r));
    part(h, r->found->server.name);
    part(h, r->found->server.domain);
    part(h, r->case_id);
    part(h, r->organisation);
    part(h, r->tlp);
    part(h, outs_fmt(x, "%lld %d %d", (long long)x->when_us, (int)r->campaign.verdict, (int)r->campaign.open));
    for (size_t i = 0; i < r->finding_n; i++) {
        const struct finding *f = &r->finding[i];
        char n[64];
        snprintf(n, sizeof n, "%llu %lld %lld", (unsigned long long)f->count, (long long)f->time_us, (long long)f->last_us);
        part(h, (struct str){ f->key, sizeof f->key });
        part(h, str_c(n));
    }
    hash_done(h, sum);
    hash_close(h);
    return uuid5(uuid_ours, (struct str){ sum, HASH_SHA256_BYTES }, x->space, e);
}

bool outs_open(struct outs *x, const struct report *r, struct arena scratch, struct err *e)
{
    *x = (struct outs){ .r = r, .a = scratch, .when_us = r->found->newest_us };
    x->cell = TAKE(&x->a, struct out, 1);
    if (!x->cell)
        return err_set(e, ERR_MEMORY, "no room to write this form of the report");
    for (size_t i = 0; r->found->newest_us == TIME_NONE && i < r->finding_n; i++)
        if (r->finding[i].time_us > x->when_us)
            x->when_us = r->finding[i].time_us;
    if (x->when_us == TIME_NONE)
        x->when_us = r->found->pack && r->found->pack->disclosed_us > 0 ? r->found->pack->disclosed_us : 0;
    return space_make(x, e);
}

bool outs_done(struct outs *x, struct out *o, struct err *e)
{
    if (x->bad)
        return err_set(e, ERR_MEMORY, "no room to write this form of the report");
    return out_done(o, e);
}

struct str outs_fmt(struct outs *x, const char *fmt, ...)
{
    va_list  v;
    char     small[512];
    va_start(v, fmt);
    int n = vsnprintf(small, sizeof small, fmt, v);
    va_end(v);
    char *p = n < 0 ? NULL : arena_push(&x->a, 1, (size_t)n + 1, 1);

    if (!p) {
        x->bad = true;
        return STR_EMPTY;
    }
    if ((size_t)n < sizeof small) {
        memcpy(p, small, (size_t)n + 1);
    } else {
        va_start(v, fmt);
        vsnprintf(p, (size_t)n + 1, fmt, v);
        va_end(v);
    }
    return (struct str){ (const uint8_t *)p, (size_t)n };
}

struct str outs_cat(struct outs *x, struct str a, struct str b)
{
    struct str s = str_cat(&x->a, a, b);

    x->bad |= !s.p;
    return s;
}

struct str outs_uuid_in(struct outs *x, const uint8_t space[UUID_BYTES], struct str name)
{
    uint8_t    u[UUID_BYTES];
    char       text[UUID_TEXT] = "";
    struct err e = { 0 };

    if (uuid5(space, name, u, &e))
        uuid_text(u, text);
    else
        x->bad = true;
    return outs_fmt(x, "%s", text);
}

struct str outs_uuid(struct outs *x, struct str name) { return outs_uuid_in(x, x->space, name); }

struct str outs_canon(struct outs *x, struct str s)
{
    static const char short_from[] = "\b\t\n\f\r\"\\", short_to[] = "btnfr\"\\";
    struct str clean = utf8_clean(&x->a, s);
    uint8_t   *p = arena_push(&x->a, 6, clean.n + 1, 1);
    size_t     n = 0;

    if ((s.n && !clean.p) || !p) {
        x->bad = true;
        return STR_EMPTY;
    }
    p[n++] = '"';
    for (size_t i = 0; i < clean.n; i++) {
        uint8_t     c = clean.p[i];
        const char *at = c ? strchr(short_from, c) : NULL;
        if (at) {
            p[n++] = '\\';
            p[n++] = (uint8_t)short_to[at - short_from];
        } else if (c < 0x20) {
            snprintf((char *)p + n, 7, "\\u%04x", c);
            n += 6;
        } else {
            p[n++] = c;
        }
    }
    p[n++] = '"';
    return (struct str){ p, n };
}

static enum outs_ip ip_bytes(struct str s, uint8_t ret[16])
{
    char text[INET6_ADDRSTRLEN + 1];

    if (s.n == 0 || s.n >= sizeof text || memchr(s.p, 0, s.n))
        return OUTS_NO_IP;
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    return inet_pton(AF_INET, text, ret) == 1 ? OUTS_IP4 : inet_pton(AF_INET6, text, ret) == 1 ? OUTS_IP6 : OUTS_NO_IP;
}

enum outs_ip outs_ip(struct str s)
{
    uint8_t b[16];
    return ip_bytes(s, b);
}

/* Source: IANA special-purpose address registries. Documentation ranges count as public: examples and tests live there. */
static bool outside(struct str s)
{
    uint8_t b[16];

    switch (ip_bytes(s, b)) {
    case OUTS_IP4:
        return !(b[0] == 0 || b[0] == 10 || b[0] == 127 || b[0] >= 224 || (b[0] == 100 && (b[1] & 0xC0) == 64) ||
                 (b[0] == 169 && b[1] == 254) || (b[0] == 172 && (b[1] & 0xF0) == 16) || (b[0] == 192 && b[1] == 168));
    case OUTS_IP6:
        return (b[0] & 0xE0) == 0x20;              /* 2000::/3: global unicast */
    default:
        return false;
    }
}

bool outs_accuses(const struct outs *x, struct str client)
{
    const struct detected *d = x->r->found;

    if (!outside(client))
        return false;
    for (size_t i = 0; i < d->server.address_n; i++)
        if (str_ieq(d->server.address[i], client))
            return false;
    for (size_t i = 0; i < d->client_n; i++)
        if (d->client[i].authenticated && str_ieq(d->client[i].client, client))
            return false;
    return true;
}

bool outs_sha256(struct str s)
{
    uint8_t b[HASH_SHA256_BYTES];
    return s.n == 2 * sizeof b && num_unhex(s, b, sizeof b);
}

bool outs_host(struct str s)
{
    if (s.n == 0 || s.n > 253 || s.p[0] == '-' || s.p[0] == '.')
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!ch_alnum(s.p[i]) && s.p[i] != '-' && !(s.p[i] == '.' && s.p[i - 1] != '.'))
            return false;
    return true;
}

struct str outs_url(struct outs *x, struct str path)
{
    struct str host = report_server(x->r), s = utf8_clean(&x->a, path);

    if (!outs_host(host) || path.n == 0 || path.p[0] != '/')
        return STR_EMPTY;
    uint8_t *p = arena_push(&x->a, 3, s.n + 1, 1);
    size_t   n = 0;
    if (!s.p || !p) {
        x->bad = true;
        return STR_EMPTY;
    }
    for (size_t i = 0; i < s.n; i++) {
        if (ch_alnum(s.p[i]) || (s.p[i] && strchr("-._~!$&'()*+,;=:@/", s.p[i]))) {
            p[n++] = s.p[i];
        } else {
            snprintf((char *)p + n, 4, "%%%02X", s.p[i]);
            n += 3;
        }
    }
    return outs_cat(x, outs_fmt(x, "https://%.*s", STR_ARG(host)), (struct str){ p, n });
}

struct str outs_base(struct str path, struct str *ret_dir)
{
    size_t at = str_rchr(path, '\\');

    *ret_dir = at == STR_NONE ? STR_EMPTY : str_sub(path, 0, at);
    if (ret_dir->n && ret_dir->p[ret_dir->n - 1] == ':')
        *ret_dir = str_sub(path, 0, at + 1);       /* "C:\", not "C:" */
    return at == STR_NONE ? path : str_from(path, at + 1);
}

/* A text that grows while it is written: x->cell is its sink, m its memory, which must not move meanwhile. */
static struct out *text_begin(struct outs *x, struct out_mem *m)
{
    *m = (struct out_mem){ .a = &x->a };
    out_open(x->cell, out_mem_put, m);
    return x->cell;
}

static struct str text_end(struct outs *x, struct out_mem *m)
{
    struct err e = { 0 };

    x->bad |= !out_done(x->cell, &e);
    return out_mem_str(m);
}

struct str outs_verdict(struct outs *x)
{
    const struct campaign *c = &x->r->campaign;
    struct out_mem m;
    struct out    *o = text_begin(x, &m);

    out_fmt(o, "%s\n%s.\n", verdict_headline(c->verdict), word_open(c->open).title);
    for (size_t i = 0; i < c->why.n; i++) {
        out_str(o, c->why.item[i]);
        out_c(o, "\n");
    }
    return text_end(x, &m);
}

static void out_span(struct out *o, int64_t from_us, int64_t to_us)
{
    char a[TIME_TEXT] = "?", b[TIME_TEXT] = "?";

    if (from_us != TIME_NONE)
        time_text(from_us, a);
    if (to_us != TIME_NONE)
        time_text(to_us, b);
    out_fmt(o, "%s to %s", a, b);
}

struct str outs_coverage(struct outs *x, const struct cover_row *row)
{
    const struct seen        *s = report_seen(x->r, row);
    const struct family_info *f = &family_table[row->family];
    struct out_mem m;
    struct out    *o = text_begin(x, &m);

    out_fmt(o, "%s: ", f->title ? f->title : f->name);
    if (!f->examined)
        out_c(o, "not examined by this version");
    else if (!s->files)
        out_c(o, "not in the evidence");
    else
        out_fmt(o, "%u files, %llu records", s->files, (unsigned long long)s->records);
    if (s->records) {
        out_c(o, ", ");
        out_span(o, s->oldest_us, s->newest_us);
    }
    out_fmt(o, "; the window is %s", word_covered(row->covers_window).title);
    for (size_t i = 0; i < row->gap_n && i < 20; i++) {
        out_c(o, i ? ", " : "; holes: ");
        out_span(o, row->gap[i].from_us, row->gap[i].to_us);
    }
    uint64_t more = row->gap_more + (row->gap_n > 20 ? row->gap_n - 20 : 0);
    if (more)
        out_fmt(o, " and %llu more", (unsigned long long)more);
    if (s->damage_n || s->damage_more)
        out_fmt(o, "; damaged places: %llu", (unsigned long long)(s->damage_n + s->damage_more));
    if (s->missing.n) {
        out_c(o, "; missing: ");
        out_str(o, s->missing);
    }
    return text_end(x, &m);
}

static void doubt(struct out *o, const char *axis, const char *state, enum covered c)
{
    if (c != COVERED_FULL)
        out_fmt(o, "%s, %s: \"%s\" holds for what was examined.\n", axis, word_covered(c).title, state);
}

struct str outs_doubt(struct outs *x)
{
    const struct campaign *c = &x->r->campaign;
    uint64_t               refused = (x->r->found->ev ? x->r->found->ev->refused_n : 0) + report_refused_more(x->r);
    struct out_mem m;
    struct out    *o = text_begin(x, &m);

    doubt(o, "Exposure", word_exposure(c->exposure.state).title, c->exposure.covered);
    doubt(o, "Exploitation", word_exploit(c->exploitation.state).title, c->exploitation.covered);
    doubt(o, "Back door", word_door(c->back_door.state).title, c->back_door.covered);
    doubt(o, "Use", word_use(c->use.state, c->use.re_entered).title, c->use.covered);
    doubt(o, "Theft", word_theft(c->theft.state).title, c->theft.covered);
    if (c->open == OPEN_UNPROVEN)
        out_fmt(o, "%s.\n", word_open(c->open).title);
    if (refused)
        out_fmt(o, "%llu files or folders could not be read.\n", (unsigned long long)refused);
    if (x->r->rules && x->r->rules->refused_n)
        out_fmt(o, "%llu of the operator's own rules could not be used.\n", (unsigned long long)(x->r->rules->refused_n + x->r->rules->refused_more));
    return text_end(x, &m);
}

static int by_time(const void *p, const void *q)
{
    const struct outs_row *a = p, *b = q;

    if (a->time_us != b->time_us)
        return a->time_us < b->time_us ? -1 : 1;
    if (a->finding != b->finding)
        return a->finding < b->finding ? -1 : 1;
    return str_cmp(a->text, b->text);
}

struct outs_row *outs_rows(const struct report *r, struct arena *a, size_t *ret_n)
{
    size_t           most = r->timeline_n + r->finding_n, n = 0;
    struct outs_row *row = NEW(a, struct outs_row, most ? most : 1);
    uint8_t         *told = NEW(a, uint8_t, r->finding_n ? r->finding_n : 1);

    *ret_n = 0;
    if (!row || !told)
        return NULL;
    for (size_t i = 0; i < r->timeline_n; i++) {
        const struct time_row *t = &r->timeline[i];
        if (t->time_us == TIME_NONE)
            continue;
        if (t->finding < r->finding_n)
            told[t->finding] = 1;
        row[n++] = (struct outs_row){ t->time_us, t->finding, t->session, t->text };
    }
    for (size_t i = 0; i < r->finding_n; i++)
        if (!told[i] && r->finding[i].time_us != TIME_NONE)
            row[n++] = (struct outs_row){ r->finding[i].time_us, (uint32_t)i, r->finding[i].session, r->finding[i].title };
    qsort(row, n, sizeof *row, by_time);
    *ret_n = n;
    return row;
}
