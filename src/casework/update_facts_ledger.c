/*
 * The ledger's facts. Facts of servers go to the server that their subject is now; facts of cases to their case, and to those that inherit from it:
 *
 *   a part of a case that still is      the notices that were recorded before the part became a case of its own
 *   a case that is no more              what was sent and what came back: notices, contacts, answers; never what a person decided of it
 */
#include "casework/update_facts.h"

#include <stdlib.h>

#include "base/num.h"

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the facts"); }

struct source { int64_t id; uint64_t organisation; };
struct known_case { int64_t id, opened_us; uint32_t at; /* GROUP_NONE: it is no more */ };
struct heir { uint32_t case_, from; };                                         /* indices of known_case; sorted by case_ */
struct gets { int64_t from; uint32_t at; bool inherited, part; int64_t until_us; };    /* sorted by from; part: notices until then only */
struct load {
    struct gather *g;
    struct source *source;     size_t source_n, source_cap;
    struct known_case *known;  size_t known_n, known_cap;
    struct heir *heir;         size_t heir_n, heir_cap;
    struct gets *gets;         size_t gets_n, gets_cap;
    uint32_t *todo;
    bool *visited;
};

/* ---- small tables ---- */

static bool take_source(void *ctx, const struct store_value *v, struct err *e)
{
    struct load   *l = ctx;
    struct source *p = GROW(&l->g->a, l->source, l->source_n, &l->source_cap);

    if (!p)
        return no_room(e);
    *p = (struct source){ v[0].i, gather_organisation(v[1].s) };
    l->source_n++;
    return true;
}

static uint64_t organisation_of(const struct load *l, int64_t id)
{
    size_t lo = 0, hi = l->source_n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (l->source[mid].id < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < l->source_n && l->source[lo].id == id ? l->source[lo].organisation : (uint64_t)id;
}

static bool take_case(void *ctx, const struct store_value *v, struct err *e)
{
    struct load       *l = ctx;
    struct known_case *p = GROW(&l->g->a, l->known, l->known_n, &l->known_cap);

    if (!p)
        return no_room(e);
    *p = (struct known_case){ v[0].i, v[1].i, GROUP_NONE };
    l->known_n++;
    return true;
}

static uint32_t known_at(const struct load *l, int64_t id)
{
    size_t lo = 0, hi = l->known_n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (l->known[mid].id < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < l->known_n && l->known[lo].id == id ? (uint32_t)lo : GROUP_NONE;
}

static bool take_heir(void *ctx, const struct store_value *v, struct err *e)
{
    struct load *l = ctx;
    uint32_t     x = known_at(l, v[0].i), y = known_at(l, v[1].i);
    struct heir *p;

    if (x == GROUP_NONE || y == GROUP_NONE || x == y)
        return true;
    if (!(p = GROW(&l->g->a, l->heir, l->heir_n, &l->heir_cap)))
        return no_room(e);
    *p = (struct heir){ x, y };
    l->heir_n++;
    return true;
}

/* ---- who gets what is recorded of a case ---- */

static bool add_gets(struct load *l, struct gets x, struct err *e)
{
    struct gets *p = GROW(&l->g->a, l->gets, l->gets_n, &l->gets_cap);

    if (!p)
        return no_room(e);
    *p = x;
    l->gets_n++;
    return true;
}

static size_t heirs_from(const struct load *l, uint32_t case_)
{
    size_t lo = 0, hi = l->heir_n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (l->heir[mid].case_ < case_)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/*
 * All that `heir` stems from, near and far. Through a case that still is, only what that had when the heir parted from it; so the time of parting is the
 * earliest on the way.
 */
static bool ancestors(struct load *l, uint32_t heir, struct err *e)
{
    uint32_t n = 0, done = 0;
    struct { int64_t until_us; bool part; } *way;

    if (heirs_from(l, heir) == l->heir_n || l->heir[heirs_from(l, heir)].case_ != heir)
        return true;
    struct arena scratch = l->g->a;
    l->todo = TAKE(&scratch, uint32_t, l->known_n);
    l->visited = NEW(&scratch, bool, l->known_n);
    way = arena_take(&scratch, sizeof *way, l->known_n, _Alignof(int64_t));
    if (!l->todo || !l->visited || !way)
        return no_room(e);
    /* What is gathered lies behind the scratch: it must not grow meanwhile, so it is added at the end. */
    way[n].until_us = INT64_MAX, way[n].part = false;
    l->visited[heir] = true;
    l->todo[n++] = heir;
    while (done < n) {
        uint32_t x = l->todo[done];
        for (size_t i = heirs_from(l, x); i < l->heir_n && l->heir[i].case_ == x; i++) {
            uint32_t y = l->heir[i].from;
            if (l->visited[y])
                continue;
            l->visited[y] = true;
            way[n].until_us = way[done].until_us;
            way[n].part     = way[done].part;
            if (l->known[y].at != GROUP_NONE) {
                way[n].part = true;
                way[n].until_us = l->known[x].opened_us < way[n].until_us ? l->known[x].opened_us : way[n].until_us;
            }
            l->todo[n++] = y;
        }
        done++;
    }
    uint32_t *from = l->todo;
    l->g->a = scratch;
    for (uint32_t i = 1; i < n; i++)
        if (!add_gets(l, (struct gets){ l->known[from[i]].id, l->known[heir].at, true, way[i].part, way[i].until_us }, e))
            return false;
    return true;
}

static int by_from(const void *x, const void *y)
{
    const struct gets *p = x, *q = y;

    return p->from != q->from ? (p->from > q->from) - (p->from < q->from) : (p->at > q->at) - (p->at < q->at);
}

static bool receivers(struct load *l, struct err *e)
{
    struct update *u = l->g->u;

    if (!store_scan(u->s, "SELECT id, opened_us FROM case_case ORDER BY id", 2, take_case, l, e) ||
        !store_scan(u->s, "SELECT case_id, from_case FROM case_heir ORDER BY case_id, from_case", 2, take_heir, l, e))
        return false;
    for (uint32_t i = 0; i < u->case_n; i++) {
        uint32_t k = known_at(l, u->cases[i].id);
        if (k != GROUP_NONE)
            l->known[k].at = i;
        if (!add_gets(l, (struct gets){ u->cases[i].id, i, false, false, 0 }, e))
            return false;
    }
    for (uint32_t k = 0; k < l->known_n; k++)
        if (l->known[k].at != GROUP_NONE && !ancestors(l, k, e))
            return false;
    if (l->gets_n)
        qsort(l->gets, l->gets_n, sizeof *l->gets, by_from);
    return true;
}

static bool passes(const struct gets *x, const struct fact *f)
{
    if (!x->inherited)
        return true;
    if (x->part)
        return f->kind == FACT_NOTICE && f->recorded_us <= x->until_us;
    return f->kind == FACT_NOTICE || f->kind == FACT_CONTACT || f->kind == FACT_PORTAL || f->kind == FACT_REPLY || f->kind == FACT_ESCALATED;
}

/* ---- facts ---- */

enum { ID, CAMPAIGN, OF_CASE, CASE_ID, SUBJECT, KIND, GRADE, VALUE, FLAGS, ATTEMPT, SOURCE, FINDING, OBSERVED, RECORDED, OWN, REASON, WHO, COLUMNS };

static bool case_fact(struct load *l, const struct gets *x, struct fact f, uint64_t id, struct err *e)
{
    struct gather *g = l->g;
    struct update *u = g->u;

    if (x->inherited)
        f.flags |= FACT_INHERITED;
    if (f.kind <= FACT_NOT_MINE) {             /* said of a whole case: of each of its servers */
        uint32_t group = u->cases[x->at].group, c = 0;
        while (c < u->campaign_n && u->campaign[c].id != u->cases[x->at].campaign)
            c++;
        for (uint32_t i = group < u->groups.group_n && c < u->campaign_n ? g->first[group] : 0; group < u->groups.group_n && c < u->campaign_n && i < g->first[group + 1]; i++)
            if (!gather_server_fact(g, c, g->of_group[i], f, id, e))
                return false;
        return true;
    }
    struct update_fact *p = GROW(&g->a, g->full, g->full_n, &g->full_cap);
    if (!p)
        return no_room(e);
    gather_hash(f.hash, id, 0, 0);
    *p = (struct update_fact){ .case_at = x->at, .server = GROUP_NONE, .campaign = u->cases[x->at].campaign, .f = f };
    g->full_n++;
    return true;
}

static bool take_fact(void *ctx, const struct store_value *v, struct err *e)
{
    struct load   *l = ctx;
    struct gather *g = l->g;
    struct update *u = g->u;
    struct fact    f = { .kind = (enum fact_kind)v[KIND].i, .grade = (enum grade)v[GRADE].i, .value = (int32_t)v[VALUE].i, .flags = (uint32_t)v[FLAGS].i, .attempt = (uint32_t)v[ATTEMPT].i,
                         .subject = (uint64_t)v[SUBJECT].i, .source = organisation_of(l, v[SOURCE].i), .finding = (uint64_t)v[FINDING].i,
                         .observed_us = v[OBSERVED].null ? TIME_NONE : v[OBSERVED].i, .recorded_us = v[RECORDED].i, .own_us = v[OWN].null ? TIME_NONE : v[OWN].i };
    struct err     unused = { 0 };

    if (v[REASON].s.n && !(f.reason = str_dup(&u->keep, v[REASON].s)).p)
        return no_room(e);
    if (v[WHO].s.n && !(f.who = str_dup(&u->keep, v[WHO].s)).p)
        return no_room(e);
    if (!fact_check(&f, &unused))              /* of another program's version: what this one cannot read says nothing */
        return true;
    if (!v[OF_CASE].i) {
        const struct update_subject *s = update_subject_find(u, v[SUBJECT].i);

        if (f.kind > FACT_NOT_MINE || !s)
            return true;
        for (; s < u->subject + u->subject_n && s->id == v[SUBJECT].i; s++)
            for (uint32_t c = 0; c < u->campaign_n; c++)
                if ((!v[CAMPAIGN].i || v[CAMPAIGN].i == u->campaign[c].id) && !gather_server_fact(g, c, s->server, f, (uint64_t)v[ID].i, e))
                    return false;
        return true;
    }
    size_t lo = 0, hi = l->gets_n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (l->gets[mid].from < v[CASE_ID].i)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < l->gets_n && l->gets[lo].from == v[CASE_ID].i; lo++)
        if (passes(&l->gets[lo], &f) && !case_fact(l, &l->gets[lo], f, (uint64_t)v[ID].i, e))
            return false;
    return true;
}

bool gather_ledger(struct gather *g, struct err *e)
{
    struct load l = { .g = g };

    return store_scan(g->u->s, "SELECT id, organisation FROM case_source ORDER BY id", 2, take_source, &l, e) && receivers(&l, e) &&
           store_scan(g->u->s, "SELECT id, campaign, of_case, case_id, subject, kind, grade, value, flags, attempt, source, finding, observed_us, recorded_us, own_us, reason, who "
                               "FROM case_fact ORDER BY id", COLUMNS, take_fact, &l, e);
}
