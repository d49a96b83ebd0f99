/*
 * ladder_read: what is on record of many cases, in few statements. See ladder_inner.h.
 *
 * Order    cases and what they are known by; from that, what contacts may be about; the contacts; from these, mail domains and hosts, which ladder_path.c reads.
 */
#include "casework/ladder_inner.h"

#include "base/num.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 1024 /* contacts about one value */ };

bool ladder_each(struct ladder_set *x, const char *sql, const struct bound *v, size_t n, ladder_take *take, struct err *e)
{
    struct store_stmt *st;
    enum store_got     got = STORE_DONE;
    bool               ok = true;

    if (!bind_open(x->l->s, sql, v, n, &st, e))
        return false;
    while (ok && (got = store_step(st, e)) == STORE_ROW)
        ok = take(x, st, e);
    store_finish(st);
    return ok && got == STORE_DONE;
}

struct ladder_case *ladder_case_of(const struct ladder_set *x, int64_t case_)
{
    for (size_t from = 0, to = x->n; from < to;) {
        size_t mid = from + (to - from) / 2;

        if (x->c[mid].id == case_)
            return &x->c[mid];
        if (x->c[mid].id < case_)
            from = mid + 1;
        else
            to = mid;
    }
    return NULL;
}

/* ---- what contacts may be about ---- */

static bool about(struct ladder_set *x, struct ladder_case *c, struct ladder_about of, struct err *e)
{
    struct ladder_about *to = GROW(x->a, c->of, c->of_n, &c->of_cap);

    if (!to)
        return ladder_no_room(e);
    *to = of;
    c->of_n++;
    return true;
}

static bool about_number(struct ladder_set *x, struct ladder_case *c, enum contact_about what, int64_t n, struct err *e)
{
    struct str value = str_fmt(x->a, "%lld", (long long)n);

    return value.p ? about(x, c, (struct ladder_about){ .about = what, .value = value }, e) : ladder_no_room(e);
}

/* Of all networks around an address the smallest is the victim's, if any; the wider ones are its providers'. */
static bool networks(struct ladder_set *x, struct ladder_case *c, const uint8_t ip[16], struct map *done, struct err *e)
{
    const struct ladder_nets *n = &x->l->nets;
    const struct net_entry   *first = net_set_find(&n->set, ip);
    uint8_t least = UINT8_MAX;

    for (int turn = 0; turn < 2; turn++)
        for (const struct net_entry *s = first; s; s = net_set_around(&n->set, s))
            for (size_t i = s->value; i < n->piece_n && n->piece[i].net.bits == s->net.bits && !memcmp(n->piece[i].net.ip, s->net.ip, 16); i++) {
                const struct ladder_net *w = &n->net[n->piece[i].value];

                if (turn == 0) {
                    least = w->width < least ? w->width : least;
                    continue;
                }
                bool wide = w->width > least;
                uint32_t was = map_get(done, w->value);
                if (was != MAP_NONE && was <= wide)
                    continue;
                if (!map_put(done, x->a, w->value, wide))
                    return ladder_no_room(e);
                if (!about(x, c, (struct ladder_about){ .about = ABOUT_NETWORK, .value = w->value, .wide = wide, .width = w->width }, e))
                    return false;
            }
    return true;
}

static bool abouts(struct ladder_set *x, struct ladder_case *c, struct err *e)
{
    const struct ladder_keys *k = &c->k;
    struct map done = { 0 };
    bool       ok = about_number(x, c, ABOUT_ORG, k->org, e);

    for (size_t i = 0; ok && i < k->entry_n; i++)
        ok = about(x, c, (struct ladder_about){ .about = ABOUT_ENTRY, .value = k->entry[i] }, e);
    for (size_t i = 0; ok && i < k->domain_n; i++)
        ok = about(x, c, (struct ladder_about){ .about = ABOUT_DOMAIN, .value = k->domain[i].value, .weak = k->domain[i].weak }, e);
    for (size_t i = 0; ok && i < k->ip_n; i++)
        ok = networks(x, c, k->ip[i], &done, e);
    for (size_t i = 0; ok && i < k->asn_n; i++)
        ok = about_number(x, c, ABOUT_ASN, k->asn[i], e);
    for (size_t i = 0; ok && i < k->country_n; i++)
        ok = about(x, c, (struct ladder_about){ .about = ABOUT_COUNTRY, .value = str_c(k->country[i]) }, e);
    return ok;
}

/* ---- contacts ---- */

struct ladder_rows *ladder_rows_of(const struct ladder_set *x, enum contact_about what, struct str value)
{
    uint32_t at = (unsigned)what < CONTACT_ABOUTS ? map_get(&x->by_about[what], value) : MAP_NONE;

    return at == MAP_NONE ? NULL : &x->rows[at];
}

/* Values that are asked for; each once. */
static bool wanted(struct ladder_set *x, enum contact_about what, struct str value, struct str *to, size_t *n, struct err *e)
{
    if (map_get(&x->by_about[what], value) != MAP_NONE)
        return true;
    struct ladder_rows *r = GROW(x->a, x->rows, x->rows_n, &x->rows_cap);
    if (!r || !map_put(&x->by_about[what], x->a, value, (uint32_t)x->rows_n))
        return ladder_no_room(e);
    *r = (struct ladder_rows){ 0 };
    x->rows_n++;
    to[(*n)++] = value;
    return true;
}

static bool take_row(struct ladder_set *x, struct store_stmt *st, struct err *e)
{
    struct ladder_rows *rows = ladder_rows_of(x, (enum contact_about)store_int(st, 13), store_text(st, 14));
    struct ladder_row   row = { .id = store_int(st, 0), .channel = (enum contact_channel)store_int(st, 1), .rung = (uint8_t)store_int(st, 3), .observed_us = store_time(st, 8),
                                .until_us = store_time(st, 9), .manual = store_int(st, 10) != 0, .recorded_us = store_int(st, 12) }, *r = NULL;

    if (!rows || (unsigned)row.channel >= CONTACT_CHANNELS || row.rung < 1 || row.rung > 13)
        return true;
    if (!(r = GROW(x->a, rows->row, rows->n, &rows->cap)))
        return ladder_no_room(e);
    *r = row;
    rows->n++;
    return ladder_keep(x->a, store_text(st, 2), &r->address, e) && ladder_keep(x->a, store_text(st, 4), &r->role, e) && ladder_keep(x->a, store_text(st, 5), &r->name, e) &&
           ladder_keep(x->a, store_text(st, 6), &r->language, e) && ladder_keep(x->a, store_text(st, 7), &r->pgp, e) && ladder_keep(x->a, store_text(st, 11), &r->source, e);
}

static bool contacts_about(struct ladder_set *x, enum contact_about what, struct err *e)
{
    struct str *value;
    size_t      n = 0, most = 0;

    for (size_t i = 0; i < x->n; i++)
        most += x->c[i].of_n;
    if (!(value = TAKE(x->a, struct str, most + 1)))
        return ladder_no_room(e);
    for (size_t i = 0; i < x->n; i++)
        for (size_t k = 0; k < x->c[i].of_n; k++)
            if (x->c[i].of[k].about == what && !wanted(x, what, x->c[i].of[k].value, value, &n, e))
                return false;
    return !n || ladder_each(x, "SELECT c.id, c.channel, c.address, c.rung, c.role, c.name, c.language, c.pgp, c.observed_us, c.until_us, c.manual, coalesce(q.name, ''), c.recorded_us, c.about,"
                                " c.about_value FROM (SELECT o.*, row_number() OVER (PARTITION BY o.about_value ORDER BY o.id) AS nth FROM case_contact o WHERE o.about = ?1 AND o.about_value {in ?2}) c"
                                " LEFT JOIN case_source q ON q.id = c.source WHERE c.nth <= ?3", BOUND(B_INT(what), B_TEXTS(value, n), B_INT(ROWS_MAX)), take_row, e);
}

/* ---- where they lead ---- */

bool ladder_mail_domain(struct arena *a, enum contact_channel channel, struct str address, struct str *ret)
{
    size_t at = str_rchr(address, '@');
    bool   mail = (channel == CONTACT_EMAIL || channel == CONTACT_CSIRT) && at != STR_NONE;

    if (mail)
        *ret = str_lower(a, str_from(address, at + 1));
    return mail;
}

bool ladder_portal_host(struct arena *a, enum contact_channel channel, struct str url, struct str *ret)
{
    size_t     at = str_find(url, STR("://"));
    struct str host = at == STR_NONE ? url : str_from(url, at + 3);

    for (size_t i = 0; i < host.n; i++)
        if (strchr("/?#:", host.p[i]))
            host = str_sub(host, 0, i);
    if (channel == CONTACT_PORTAL)
        *ret = str_lower(a, host);
    return channel == CONTACT_PORTAL;
}

struct str ladder_said_by(const struct ladder_row *r)
{
    const struct str head = STR("security.txt:");

    return r->manual || !str_starts(r->source, head) ? STR_EMPTY : str_from(r->source, head.n);
}

/* Texts, each once; empty ones are none. */
struct names { struct map seen; struct str *name; size_t n, cap; };

static bool name(struct ladder_set *x, struct names *to, struct str s, struct err *e)
{
    if (s.n == 0 || map_get(&to->seen, s) != MAP_NONE)
        return true;
    if (!map_put(&to->seen, x->a, s, (uint32_t)to->n) || !GROW(x->a, to->name, to->n, &to->cap))
        return ladder_no_room(e);
    to->name[to->n++] = s;
    return true;
}

static bool led_to(struct ladder_set *x, struct err *e)
{
    struct names domain = { 0 }, host = { 0 };

    for (size_t i = 0; i < x->rows_n; i++)
        for (size_t k = 0; k < x->rows[i].n; k++) {
            const struct ladder_row *r = &x->rows[i].row[k];
            struct str               at = STR_EMPTY, portal = STR_EMPTY;

            if ((ladder_mail_domain(x->a, r->channel, r->address, &at) && !at.p) || (ladder_portal_host(x->a, r->channel, r->address, &portal) && !portal.p))
                return ladder_no_room(e);
            if (!name(x, &domain, at, e) || !name(x, &host, portal, e) || !name(x, &host, ladder_said_by(r), e))
                return false;
        }
    return ladder_mail_read(x, domain.name, domain.n, host.name, host.n, e);
}

bool ladder_set_read(struct ladder_set *x, const int64_t *case_, size_t n, struct err *e)
{
    if (!ladder_keys_read(x, case_, n, e))
        return false;
    if (x->n)
        x->campaign = x->c[0].k.campaign;
    for (size_t i = 0; i < x->n; i++)
        if (!abouts(x, &x->c[i], e))
            return false;
    for (int what = 0; what < CONTACT_ABOUTS; what++)
        if (!contacts_about(x, (enum contact_about)what, e))
            return false;
    return led_to(x, e);
}
