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

/* ---- open ---- */

bool ladder_open(struct ladder **ret, struct store *s, int64_t now_us, struct arena *a, struct err *e)
{
    struct ladder *l = NEW(a, struct ladder, 1);

    if (!l)
        return ladder_no_room(e);
    *l = (struct ladder){ .s = s, .now_us = now_us, .a = a };
    *ret = l;
    return suppress_load(s, a, &l->suppressed, e) && ladder_against_load(l, e) && ladder_nets_load(l, e);
}

/* ---- what stands on the ladder ---- */

/* group: the address as equals are found by. spread: what is true of the address, whoever stated it. */
struct rung { struct contact c; uint8_t width; struct str group; uint32_t spread; };
struct climb { struct ladder *l; struct ladder_set *set; const struct ladder_case *c; struct arena *a; struct rung *r; size_t n, cap; };

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
        if (g->wrong_org[i] == x->c->k.org)
            flags |= CONTACT_WRONG;
    return flags;
}

static bool is_mail(const struct contact *c) { return c->channel == CONTACT_EMAIL || c->channel == CONTACT_CSIRT; }

static bool path_of(struct climb *x, struct contact *c, struct err *e)
{
    struct str at;

    c->path = PATH_NONE;
    if (ladder_mail_domain(x->a, c->channel, c->address, &at))
        return at.p ? ladder_path_of(x->set, at, x->a, &c->path, &c->path_why, &c->mx_bucket, e) : ladder_no_room(e);
    if (ladder_portal_host(x->a, c->channel, c->address, &at)) {
        struct ladder_host h = ladder_host_of(x->set, at);
        if (!at.p)
            return ladder_no_room(e);
        if (!ladder_collides(x->set, &h, x->a, &c->path_why, e))
            return false;
        c->path = c->path_why.n ? PATH_COMPROMISED : PATH_NONE;
    }
    return true;
}

/* A compromised host can serve a forged file: RFC 9116, 5. Whoever asked looked at that time; since then the host may have turned out to be one. */
static bool forged(struct climb *x, const struct ladder_row *r, bool *ret, struct err *e)
{
    struct ladder_host h = ladder_host_of(x->set, ladder_said_by(r));
    struct str         why;

    if (!ladder_collides(x->set, &h, x->a, &why, e))
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

static bool put(struct climb *x, const struct ladder_row *r, const struct ladder_about *of, struct err *e)
{
    struct ladder_against g;
    struct rung          *to;
    bool                  doubtful, weak = of->weak || (of->wide && !r->manual);
    int64_t               now = x->l->now_us, proof = r->observed_us == TIME_NONE ? r->recorded_us : r->observed_us;

    if (r->manual && str_starts(r->role, STR(LADDER_DROPPED)))
        return true;
    if (!(to = GROW(x->a, x->r, x->n, &x->cap)))
        return ladder_no_room(e);
    *to = (struct rung){ .width = of->width,
                         .c = { .id = r->id, .channel = r->channel, .address = r->address, .name = r->name, .role = r->role, .language = r->language, .pgp = r->pgp, .manual = r->manual,
                                .rung = weak && r->rung < 10 ? 10 : r->rung, .about = of->about, .about_value = of->value, .source = r->source.n ? r->source : STR("by hand"),
                                .source_us = r->recorded_us, .proof_us = r->observed_us } };
    struct contact *c = &to->c;
    if (!(to->group = str_lower(x->a, c->address)).p || !ladder_against_read(x->l, c->channel, c->address, x->a, &g, e) || !path_of(x, c, e))
        return e->kind == ERR_NONE ? ladder_no_room(e) : false;
    to->spread = against(x, &g) | (is_mail(c) && suppress_listed(&x->l->suppressed, c->address, x->c->k.slug) ? CONTACT_SUPPRESSED : 0);
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

static bool collect(struct climb *x, struct err *e)
{
    for (size_t i = 0; i < x->c->of_n; i++) {
        const struct ladder_about *of = &x->c->of[i];
        const struct ladder_rows  *r = ladder_rows_of(x->set, of->about, of->value);

        for (size_t k = 0; r && k < r->n; k++)
            if (!put(x, &r->row[k], of, e))
                return false;
    }
    return true;
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

/* What a contact points to belongs to the set, which may be gone before it. */
static bool keep(struct arena *a, struct contact *c, struct err *e)
{
    struct str *const s[] = { &c->address, &c->name, &c->role, &c->language, &c->pgp, &c->about_value, &c->source };

    for (size_t i = 0; i < COUNT_OF(s); i++)
        if (!ladder_keep(a, *s[i], s[i], e))
            return false;
    return true;
}

static bool climb(struct ladder_set *set, const struct ladder_case *c, struct arena *a, struct contact **ret, size_t *ret_n, struct err *e)
{
    struct climb x = { .l = set->l, .set = set, .c = c, .a = a };

    if (!collect(&x, e))
        return false;
    if (x.n) {
        qsort(x.r, x.n, sizeof *x.r, by_group);
        x.n = one_each(x.r, x.n);
        qsort(x.r, x.n, sizeof *x.r, by_better);
    }
    if (x.n > LADDER_MAX)
        x.n = LADDER_MAX;
    struct contact *list = TAKE(a, struct contact, x.n + 1);
    if (!list)
        return ladder_no_room(e);
    for (size_t i = 0; i < x.n; i++) {
        list[i] = x.r[i].c;
        if (!keep(a, &list[i], e))
            return false;
    }
    *ret = list;
    *ret_n = x.n;
    return true;
}

bool ladder_ahead(struct ladder *l, const int64_t *case_, size_t n, struct arena *a, struct err *e)
{
    struct ladder_set x = { .l = l, .a = a };

    l->ahead = (struct ladder_set){ 0 };
    if (n && !ladder_set_read(&x, case_, n, e))
        return false;
    l->ahead = x;
    return true;
}

bool ladder_next(struct ladder *l, int64_t case_, struct arena *a, struct contact **ret, size_t *ret_n, struct err *e)
{
    struct ladder_set         own = { .l = l, .a = a };
    const struct ladder_case *c = ladder_case_of(&l->ahead, case_);

    if (c && c->k.campaign == l->ahead.campaign)
        return climb(&l->ahead, c, a, ret, ret_n, e);
    if (!ladder_set_read(&own, &case_, 1, e))
        return false;
    return own.n ? climb(&own, own.c, a, ret, ret_n, e) : err_set(e, ERR_USAGE, "no case %lld", (long long)case_);
}

bool ladder_climb(struct store *s, int64_t case_, int64_t now_us, struct arena *a, struct contact **ret, size_t *ret_n, struct err *e)
{
    struct ladder *l = NULL;

    return ladder_open(&l, s, now_us, a, e) && ladder_next(l, case_, a, ret, ret_n, e);
}
