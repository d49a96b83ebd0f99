/* See ladder.h. */
#include "casework/ladder_inner.h"

#include "base/num.h"
#include "casework/group.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *contact_channel_name(enum contact_channel c)
{
    static const char *const name[CONTACT_CHANNELS] = { "email", "phone", "post", "portal", "csirt" };

    return (size_t)c < CONTACT_CHANNELS ? name[c] : name[0];
}

const char *ladder_rung_name(uint8_t rung)
{
    static const char *const name[] = { "none", "constituency list", "given by the victim", "security.txt", "directory of teams", "abuse desk of its network", "network or domain record", "business register",
                                        "imprint", "role address", "provider", "registrar", "national CSIRT", "police or regulator" };

    return rung < COUNT_OF(name) ? name[rung] : name[0];
}

/* ---- open and close ---- */

static bool prepare(struct ladder *l, struct err *e)
{
    return store_prepare(l->s, "SELECT c.campaign, c.org, coalesce(o.country, ''), coalesce(k.slug, ''), v.ip, v.country, v.asn FROM case_case c LEFT JOIN case_org o ON o.org = c.org"
                               " LEFT JOIN case_campaign k ON k.id = c.campaign LEFT JOIN case_server v ON v.case_id = c.id WHERE c.id = ?1 ORDER BY v.asset LIMIT 5000", &l->of_case, e) &&
           store_prepare(l->s, "SELECT k.class, k.value, k.state, max(d.weight), max(d.sure), max(CASE WHEN k.state = 1 AND k.class <> 3 AND EXISTS (SELECT 1 FROM case_edge x"
                               " JOIN case_server y ON y.asset = x.asset WHERE x.key = k.id AND x.sure >= ?2 AND y.case_id <> ?1) THEN 1 ELSE 0 END) FROM case_server v"
                               " JOIN case_edge d ON d.asset = v.asset JOIN case_key k ON k.id = d.key"
                               " WHERE v.case_id = ?1 AND k.class IN (0, 1, 3) GROUP BY k.class, k.value, k.state ORDER BY k.class, k.value, k.state LIMIT 2000", &l->keys, e) &&
           store_prepare(l->s, "SELECT c.id, c.channel, c.address, c.rung, c.role, c.name, c.language, c.pgp, c.observed_us, c.until_us, c.manual, coalesce(q.name, ''), c.recorded_us, c.about,"
                               " c.about_value FROM case_contact c LEFT JOIN case_source q ON q.id = c.source WHERE (c.about = ?1 AND c.about_value = ?2) OR (c.about = ?3 AND c.about_value = ?4)"
                               " OR (c.about = ?5 AND c.about_value = ?6) OR (c.about = ?7 AND c.about_value = ?8) OR (c.about = ?9 AND c.about_value = ?10) OR (c.about = ?11 AND c.about_value"
                               " = ?12) LIMIT 1024", &l->contacts, e) &&
           ladder_path_open(l, e);
}
_Static_assert(ORG_IS_REGISTER == 0 && ORG_IS_ENTRY == 1 && ORG_IS_DOMAIN == 3 && GROUP_KEY_WEAK == 1 && LADDER_SERVERS_MAX == 5000 && LADDER_ABOUTS == 6, "numbers within the statements");

bool ladder_open(struct ladder **ret, struct store *s, int64_t now_us, struct arena *a, struct err *e)
{
    struct ladder *l = NEW(a, struct ladder, 1);

    if (!l)
        return ladder_no_room(e);
    *l = (struct ladder){ .s = s, .now_us = now_us, .a = a };
    if (!prepare(l, e) || !suppress_load(s, a, &l->suppressed, e) || !ladder_against_load(l, e) || !ladder_nets_load(l, e)) {
        ladder_close(l);
        return false;
    }
    *ret = l;
    return true;
}

void ladder_close(struct ladder *l)
{
    if (!l)
        return;
    struct store_stmt *const st[] = { l->of_case, l->keys, l->contacts, l->mx, l->by_name, l->server };
    for (size_t i = 0; i < COUNT_OF(st); i++)
        store_finish(st[i]);
}

/* ---- what stands on the ladder ---- */

/* group: the address as equals are found by. spread: what is true of the address, whoever stated it. */
struct rung { struct contact c; uint8_t width; struct str group; uint32_t spread; };
struct climb { struct ladder *l; struct ladder_keys k; struct arena *a; struct rung *r; size_t n, cap; };

static uint32_t against(const struct climb *x, const struct ladder_against *g)
{
    uint32_t flags = 0;
    int64_t  now = x->l->now_us;

    if (g->dead_us != TIME_NONE && (g->hand_us == TIME_NONE || g->hand_us <= g->dead_us))
        flags |= CONTACT_DEAD;
    if (g->dropped_us != TIME_NONE && (g->hand_us == TIME_NONE || g->hand_us <= g->dropped_us))
        flags |= g->dropped_dead ? CONTACT_DEAD : CONTACT_ENDED;
    if (g->rests_us != TIME_NONE && now - g->rests_us < LADDER_REST_US && (g->hand_us == TIME_NONE || g->hand_us <= g->rests_us))
        flags |= CONTACT_RESTED;
    for (size_t i = 0; i < g->wrong_n; i++)
        if (g->wrong_org[i] == x->k.org)
            flags |= CONTACT_WRONG;
    return flags;
}

static bool is_mail(const struct contact *c) { return c->channel == CONTACT_EMAIL || c->channel == CONTACT_CSIRT; }

/* Of "https://HOST:PORT/..." */
static struct str portal_host(struct str url)
{
    size_t at = str_find(url, STR("://"));
    struct str host = at == STR_NONE ? url : str_from(url, at + 3);

    for (size_t i = 0; i < host.n; i++)
        if (strchr("/?#:", host.p[i]))
            return str_sub(host, 0, i);
    return host;
}

static bool path_of(struct climb *x, struct contact *c, struct err *e)
{
    size_t at = str_rchr(c->address, '@');

    c->path = PATH_NONE;
    if (is_mail(c) && at != STR_NONE) {
        struct str domain = str_lower(x->a, str_from(c->address, at + 1));
        return domain.p ? ladder_path(x->l, x->k.campaign, domain, x->a, &c->path, &c->path_why, &c->mx_bucket, e) : ladder_no_room(e);
    }
    if (c->channel == CONTACT_PORTAL) {
        struct ladder_host h = { .name = str_lower(x->a, portal_host(c->address)) };
        if (!h.name.p)
            return true;
        if (!ladder_collides(x->l, x->k.campaign, &h, x->a, &c->path_why, e))
            return false;
        c->path = c->path_why.n ? PATH_COMPROMISED : PATH_NONE;
    }
    return true;
}

/* A compromised host can serve a forged file: RFC 9116, 5. Whoever asked looked at that time; since then the host may have turned out to be one. */
static bool forged(struct climb *x, const struct ladder_row *r, bool *ret, struct err *e)
{
    struct str head = STR("security.txt:"), why = STR_EMPTY;

    *ret = false;
    if (r->manual || !str_starts(r->source, head))
        return true;
    struct ladder_host h = { .name = str_from(r->source, head.n) };
    if (!ladder_collides(x->l, x->k.campaign, &h, x->a, &why, e))
        return false;
    *ret = why.n > 0;
    return true;
}

static enum grade grade_of(const struct ladder_row *r, const struct contact *c)
{
    static const uint8_t by_rung[] = { GRADE_NONE, GRADE_A, GRADE_A, GRADE_B, GRADE_B, GRADE_B, GRADE_C, GRADE_C, GRADE_C, GRADE_D, GRADE_D, GRADE_D, GRADE_D, GRADE_NONE };
    enum grade g = c->rung == 7 && c->channel == CONTACT_POST ? GRADE_B : (enum grade)by_rung[c->rung];

    if (c->rung == 3 && !r->manual && (r->until_us == TIME_NONE || str_has(r->role, STR("redirected")) || str_has(r->role, STR("bare"))))
        g = g > GRADE_C ? GRADE_C : g;
    if (c->flags & CONTACT_STALE && g > GRADE_D)
        g--;
    return g;
}

/* weak: it hangs on what is the route to the victim, and not the victim. width: of a network; 0 of all else. */
static bool put(struct climb *x, const struct ladder_row *r, enum contact_about about, struct str value, bool weak, uint8_t width, struct err *e)
{
    struct ladder_against g;
    struct rung          *to;
    bool                  doubtful;
    int64_t               now = x->l->now_us, proof = r->observed_us == TIME_NONE ? r->recorded_us : r->observed_us;

    if (r->manual && str_starts(r->role, STR(LADDER_DROPPED)))
        return true;
    if (!(to = GROW(x->a, x->r, x->n, &x->cap)))
        return ladder_no_room(e);
    *to = (struct rung){ .width = width,
                         .c = { .id = r->id, .channel = r->channel, .address = r->address, .name = r->name, .role = r->role, .language = r->language, .pgp = r->pgp, .manual = r->manual,
                                .rung = weak && r->rung < 10 ? 10 : r->rung, .about = about, .about_value = value, .source = r->source.n ? r->source : STR("by hand"),
                                .source_us = r->recorded_us, .proof_us = r->observed_us } };
    struct contact *c = &to->c;
    if (!(to->group = str_lower(x->a, c->address)).p || !ladder_against_read(x->l, c->channel, c->address, x->a, &g, e) || !path_of(x, c, e))
        return e->kind == ERR_NONE ? ladder_no_room(e) : false;
    to->spread = against(x, &g) | (is_mail(c) && suppress_listed(&x->l->suppressed, c->address, x->k.slug) ? CONTACT_SUPPRESSED : 0);
    if (!forged(x, r, &doubtful, e))
        return false;
    if (doubtful)
        c->flags |= CONTACT_FORGED;
    if (r->until_us != TIME_NONE && r->until_us <= now)
        c->flags |= CONTACT_ENDED;
    if (now - proof > LADDER_STALE_US)
        c->flags |= CONTACT_STALE;
    c->grade = c->flags & (CONTACT_ENDED | CONTACT_FORGED) || to->spread || c->path == PATH_NULL_MX ? GRADE_NONE : grade_of(r, c);
    x->n++;
    return true;
}

/* What many cases share: countries, networks, ASNs. */
static bool shared(struct climb *x, enum contact_about what, struct str value, struct err *e)
{
    struct ladder_rows r;

    if (!ladder_rows_about(x->l, what, value, &r, e))
        return false;
    for (size_t i = 0; i < r.n; i++)
        if (!put(x, &r.row[i], what, value, false, 0, e))
            return false;
    return true;
}

static bool own(struct climb *x, const struct ladder_about *about, size_t n, struct err *e)
{
    struct ladder_rows r;

    if (!ladder_rows_of(x->l, about, n, x->a, &r, e))
        return false;
    for (size_t i = 0; i < r.n; i++) {
        const struct ladder_about *of = &about[r.row[i].of];
        if (!put(x, &r.row[i], of->about, of->value, of->weak, 0, e))
            return false;
    }
    return true;
}

/* Of all networks around an address the smallest is the victim's, if any; the wider ones are its providers'. */
static bool networks(struct climb *x, const uint8_t ip[16], struct map *done, struct err *e)
{
    const struct ladder_nets *n = &x->l->nets;
    const struct net_entry   *first = net_set_find(&n->set, ip);
    uint8_t least = UINT8_MAX;

    for (int turn = 0; turn < 2; turn++)
        for (const struct net_entry *s = first; s; s = net_set_around(&n->set, s))
            for (size_t i = s->value; i < n->piece_n && n->piece[i].net.bits == s->net.bits && !memcmp(n->piece[i].net.ip, s->net.ip, 16); i++) {
                const struct ladder_net *w = &n->net[n->piece[i].value];
                struct ladder_rows r;

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
                if (!ladder_rows_about(x->l, ABOUT_NETWORK, w->value, &r, e))
                    return false;
                for (size_t k = 0; k < r.n; k++)
                    if (!put(x, &r.row[k], ABOUT_NETWORK, w->value, wide && !r.row[k].manual, w->width, e))
                        return false;
            }
    return true;
}

static bool collect(struct climb *x, struct err *e)
{
    struct ladder_keys *k = &x->k;
    struct map          nets = { 0 };
    char                text[24];
    bool                ok = true;

    struct ladder_about *of = TAKE(x->a, struct ladder_about, k->entry_n + k->domain_n + 1);
    size_t               n = 0;

    snprintf(text, sizeof text, "%lld", (long long)k->org);
    struct str org = str_dup(x->a, str_c(text));
    if (!of || !org.p)
        return ladder_no_room(e);
    of[n++] = (struct ladder_about){ ABOUT_ORG, org, false };
    for (size_t i = 0; i < k->entry_n; i++)
        of[n++] = (struct ladder_about){ ABOUT_ENTRY, k->entry[i], false };
    for (size_t i = 0; i < k->domain_n; i++)
        of[n++] = (struct ladder_about){ ABOUT_DOMAIN, k->domain[i].value, k->domain[i].weak };
    for (size_t i = 0; ok && i < n; i += LADDER_ABOUTS)
        ok = own(x, of + i, n - i < LADDER_ABOUTS ? n - i : LADDER_ABOUTS, e);
    for (size_t i = 0; ok && i < k->ip_n; i++)
        ok = networks(x, k->ip[i], &nets, e);
    for (size_t i = 0; ok && i < k->asn_n; i++) {
        snprintf(text, sizeof text, "%u", k->asn[i]);
        struct str asn = str_dup(x->a, str_c(text));
        ok = asn.p ? shared(x, ABOUT_ASN, asn, e) : ladder_no_room(e);
    }
    for (size_t i = 0; ok && i < k->country_n; i++)
        ok = shared(x, ABOUT_COUNTRY, str_c(k->country[i]), e);
    return ok;
}

/* ---- order ---- */

static int better(const struct rung *a, const struct rung *b)
{
    const struct contact *p = &a->c, *q = &b->c;

    if (p->grade != q->grade)
        return p->grade > q->grade ? -1 : 1;
    if (p->manual != q->manual)
        return p->manual ? -1 : 1;
    if (p->rung != q->rung)
        return p->rung < q->rung ? -1 : 1;
    if (a->width != b->width)
        return a->width < b->width ? -1 : 1;
    if (p->channel != q->channel)
        return p->channel < q->channel ? -1 : 1;
    int c = str_cmp(p->address, q->address);
    if (c)
        return c;
    if (p->proof_us != q->proof_us)
        return p->proof_us > q->proof_us ? -1 : 1;
    return p->id < q->id ? -1 : p->id > q->id;
}

static int by_better(const void *p, const void *q) { return better(p, q); }

static int by_group(const void *p, const void *q)
{
    const struct rung *a = p, *b = q;

    if (a->c.channel != b->c.channel)
        return a->c.channel < b->c.channel ? -1 : 1;
    int c = str_cmp(a->group, b->group);
    return c ? c : better(a, b);
}

/* One of each address; what speaks against an address speaks against it however it is written. */
static size_t one_each(struct rung *r, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0, to; i < n; i = to) {
        uint32_t spread = 0;
        for (to = i; to < n && r[to].c.channel == r[i].c.channel && str_eq(r[to].group, r[i].group); to++)
            spread |= r[to].spread;
        r[kept] = r[i];
        r[kept].c.flags |= spread;
        if (spread)
            r[kept].c.grade = GRADE_NONE;
        kept++;
    }
    return kept;
}

bool ladder_next(struct ladder *l, int64_t case_, struct arena *a, struct contact **ret, size_t *ret_n, struct err *e)
{
    struct climb x = { .l = l, .a = a };

    if (!ladder_keys_read(l, case_, a, &x.k, e) || !collect(&x, e))
        return false;
    if (x.n) {
        qsort(x.r, x.n, sizeof *x.r, by_group);
        x.n = one_each(x.r, x.n);
        qsort(x.r, x.n, sizeof *x.r, by_better);
    }
    if (x.n > LADDER_MAX)
        x.n = LADDER_MAX;
    struct contact *c = TAKE(a, struct contact, x.n + 1);
    if (!c)
        return ladder_no_room(e);
    for (size_t i = 0; i < x.n; i++)
        c[i] = x.r[i].c;
    *ret = c;
    *ret_n = x.n;
    return true;
}

bool ladder_climb(struct store *s, int64_t case_, int64_t now_us, struct arena *a, struct contact **ret, size_t *ret_n, struct err *e)
{
    struct ladder *l = NULL;
    bool ok = ladder_open(&l, s, now_us, a, e) && ladder_next(l, case_, a, ret, ret_n, e);

    ladder_close(l);
    return ok;
}
