/* The ledger's facts. Facts of servers go to the server that their subject is now; facts of cases to their case, and to those that inherit from it (heirs.h). */
#include "casework/update_facts.h"

#include <stdlib.h>

#include "base/num.h"
#include "casework/heirs.h"

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the facts"); }

struct source { int64_t id; uint64_t organisation; };
struct gets { int64_t from; uint32_t at; bool inherited; struct heirs_from as; };      /* which cases get the facts of `from`; sorted by from */
struct load {
    struct gather *g;
    struct source *source; size_t source_n, source_cap;
    struct gets   *gets;   size_t gets_n, gets_cap;
};

/* ---- sources ---- */

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

static int by_from(const void *x, const void *y)
{
    const struct gets *p = x, *q = y;

    return p->from != q->from ? (p->from > q->from) - (p->from < q->from) : (p->at > q->at) - (p->at < q->at);
}

static bool receivers(struct load *l, struct err *e)
{
    struct update *u = l->g->u;
    struct heirs   h;

    if (!heirs_load(&h, u->s, &l->g->a, e))
        return false;
    for (uint32_t i = 0; i < u->case_n; i++) {
        struct heirs_case *x = heirs_find(&h, u->cases[i].id);
        if (x)
            x->is = true;
        if (!add_gets(l, (struct gets){ .from = u->cases[i].id, .at = i }, e))
            return false;
    }
    for (uint32_t i = 0; i < u->case_n && h.pair_n; i++) {
        const struct heirs_case *x = heirs_find(&h, u->cases[i].id);
        struct heirs_from       *from;
        size_t                   n;

        if (x && !heirs_of(&h, x, &l->g->a, &from, &n, e))
            return false;
        for (size_t k = 0; x && k < n; k++)
            if (!add_gets(l, (struct gets){ from[k].from, i, true, from[k] }, e))
                return false;
    }
    if (l->gets_n)
        qsort(l->gets, l->gets_n, sizeof *l->gets, by_from);
    return true;
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
        if ((!l->gets[lo].inherited || heirs_get(&l->gets[lo].as, &f)) && !case_fact(l, &l->gets[lo], f, (uint64_t)v[ID].i, e))
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
