/* See plan_inner.h: what a plan is made from. */
#include "notify/plan_inner.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/num.h"
#include "store/bind.h"

bool plan_no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the plan"); }

/* --- cases --- */

static bool cases(struct plan *p, struct err *e)
{
    struct store_stmt *st;
    enum store_got     got = STORE_FAILED;
    int64_t            n = 0;
    struct store      *s = ledger_store(p->l);
    struct bound       one[] = { B_INT(p->o->campaign->id) };

    if (!bind_ask(s, "SELECT count(*) FROM case_state WHERE campaign = ?1", one, 1, &n, 1, e))
        return false;
    p->c = NEW(p->a, struct plan_case, (size_t)n + 1);
    if (!p->c)
        return plan_no_room(e);
    if (!bind_open(s, "SELECT s.case_id, s.org, s.stage, s.acknowledged_us, s.backdoored, s.vulnerable, o.country, o.sector, s.servers FROM case_state s LEFT JOIN case_org o ON o.org = s.org"
                      " WHERE s.campaign = ?1 ORDER BY s.urgency DESC, s.case_id", one, 1, &st, e))
        return false;
    while (p->n < (size_t)n && (got = store_step(st, e)) == STORE_ROW) {
        struct plan_case *c = &p->c[p->n++];

        *c = (struct plan_case){ .id = store_int(st, 0), .org = store_int(st, 1), .stage = (enum case_stage)store_int(st, 2), .acknowledged_us = store_time(st, 3),
                                 .backdoored = (uint32_t)store_int(st, 4), .vulnerable = (uint32_t)store_int(st, 5), .servers = (uint32_t)store_int(st, 8), .country = str_dup(p->a, str_sub(store_text(st, 6), 0, 2)),
                                 .sector = str_dup(p->a, str_sub(store_text(st, 7), 0, 64)), .next_us = TIME_NONE };
        if ((!c->country.p && store_text(st, 6).n) || (!c->sector.p && store_text(st, 7).n)) {
            store_finish(st);
            return plan_no_room(e);
        }
    }
    store_finish(st);
    return n == 0 || got != STORE_FAILED;
}

/* --- what was said --- */

/* When it was handed over: the first line of event that says so, whatever came of it. */
#define OUT_US "(SELECT min(v.at_us) FROM notify_event v WHERE v.notice = n.id AND v.step BETWEEN ?2 AND ?3)"

static bool said_rows(struct plan *p, const char *sql, struct err *e)
{
    struct store_stmt *st;
    enum store_got     got;

    if (!bind_open(ledger_store(p->l), sql, BOUND(B_INT(p->o->campaign->id), B_INT(NOTICE_ACCEPTED), B_INT(NOTICE_DECLINED), B_INT(AUDIENCE_PROVIDER)), &st, e))
        return false;
    while ((got = store_step(st, e)) == STORE_ROW) {
        struct plan_said *x = GROW(p->a, p->said, p->said_n, &p->said_cap);
        struct str        rev = store_bytes(st, 9);

        if (!x) {
            store_finish(st);
            return plan_no_room(e);
        }
        *x = (struct plan_said){ store_int(st, 0), { (enum notice_stage)store_int(st, 1), (enum contact_channel)store_int(st, 2), (enum notice_audience)store_int(st, 3),
                                 (enum notice_finding)store_int(st, 4), str_dup(p->a, store_text(st, 5)), (enum notice_step)store_int(st, 6), store_int(st, 7), store_int(st, 8), store_time(st, 10), { 0 } } };
        if (rev.n == sizeof x->said.content_rev)
            memcpy(x->said.content_rev, rev.p, rev.n);
        p->said_n++;
        if (!x->said.contact.p) {
            store_finish(st);
            return plan_no_room(e);
        }
    }
    store_finish(st);
    return got == STORE_DONE;
}

static int by_case(const void *x, const void *y)
{
    const struct plan_said *a = x, *b = y;
    int                     d;

    if (a->case_ != b->case_)
        return a->case_ < b->case_ ? -1 : 1;
    if (a->said.decided_us != b->said.decided_us)
        return a->said.decided_us < b->said.decided_us ? -1 : 1;
    if ((d = (int)a->said.stage - (int)b->said.stage) || (d = (int)a->said.channel - (int)b->said.channel) || (d = str_cmp(a->said.contact, b->said.contact)))
        return d;
    return memcmp(a->said.content_rev, b->said.content_rev, sizeof a->said.content_rev);
}

static size_t first_of(const struct plan *p, int64_t case_)
{
    size_t lo = 0, hi = p->said_n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (p->said[mid].case_ < case_)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

bool plan_history(const struct plan *p, int64_t case_, struct arena *a, struct said **ret, size_t *ret_n, struct err *e)
{
    const struct heirs_case *heir = heirs_find(&p->heirs, case_);
    struct heirs_from       *from = NULL;
    struct plan_said        *all;
    size_t                   from_n = 0, n = 0, at = first_of(p, case_);

    if (heir && !heirs_of(&p->heirs, heir, a, &from, &from_n, e))
        return false;
    size_t most = 1;
    for (size_t i = at; i < p->said_n && p->said[i].case_ == case_; i++)
        most++;
    for (size_t k = 0; k < from_n; k++)
        for (size_t i = first_of(p, from[k].from); i < p->said_n && p->said[i].case_ == from[k].from; i++)
            most++;
    all = TAKE(a, struct plan_said, most);
    *ret = TAKE(a, struct said, most);
    if (!all || !*ret)
        return plan_no_room(e);
    for (size_t i = at; i < p->said_n && p->said[i].case_ == case_; i++)
        all[n++] = p->said[i];
    for (size_t k = 0; k < from_n; k++)
        for (size_t i = first_of(p, from[k].from); i < p->said_n && p->said[i].case_ == from[k].from; i++) {
            struct fact f = { .kind = FACT_NOTICE, .recorded_us = p->said[i].said.decided_us, .observed_us = p->said[i].said.decided_us };
            if (heirs_get(&from[k], &f)) {
                all[n] = p->said[i];
                all[n++].case_ = case_;
            }
        }
    if (from_n)
        qsort(all, n, sizeof *all, by_case);
    for (size_t i = 0; i < n; i++)
        (*ret)[i] = all[i].said;
    *ret_n = n;
    return true;
}

/* --- whom there is to tell --- */

struct seen { uint64_t hash; int64_t org; size_t c, i; };

static int by_hash(const void *x, const void *y)
{
    const struct seen *a = x, *b = y;

    return a->hash != b->hash ? (a->hash < b->hash ? -1 : 1) : a->org != b->org ? (a->org < b->org ? -1 : 1) : 0;
}

/* One mailbox of several organisations is an operator's; one telephone or postal address of several is used last. */
static bool find_shared(struct plan *p, struct err *e)
{
    struct arena scratch = p->batch;
    struct seen *v;
    size_t       n = 0, k = 0;

    for (size_t c = 0; c < p->n; c++)
        n += p->c[c].contact_n;
    v = TAKE(&scratch, struct seen, n + 1);
    if (!v)
        return plan_no_room(e);
    for (size_t c = 0; c < p->n; c++)
        for (size_t i = 0; i < p->c[c].contact_n; i++) {
            const struct contact *x = &p->c[c].contact[i];
            uint8_t     low[320], hash[HASH_SHA256_BYTES];
            struct str  s = str_sub(str_trim(x->address), 0, sizeof low);

            if (x->channel > CONTACT_POST || x->rung > 9)
                continue;
            for (size_t b = 0; b < s.n; b++)
                low[b] = ch_lower(s.p[b]);
            if (!hash_sha256((struct str){ low, s.n }, hash))
                return err_set(e, ERR_MEMORY, "no SHA-256");
            v[k] = (struct seen){ 0, p->c[c].org, c, i };
            memcpy(&v[k++].hash, hash, sizeof v->hash);
        }
    if (k)
        qsort(v, k, sizeof *v, by_hash);
    for (size_t i = 0, j; i < k; i = j) {
        for (j = i; j < k && v[j].hash == v[i].hash; j++)
            ;
        for (size_t m = i; v[i].org != v[j - 1].org && m < j; m++)
            p->c[v[m].c].shared[v[m].i] = true;
    }
    return true;
}

static bool closed(const struct plan_case *c) { return c->stage <= CASE_DISMISSED || c->stage == CASE_CLOSED; }

static bool ladder_of(struct plan *p, struct ladder *ladder, struct plan_case *c, struct err *e)
{
    if (!ladder_next(ladder, c->id, p->a, &c->contact, &c->contact_n, e))
        return false;
    if (!(c->shared = NEW(p->a, bool, c->contact_n + 1)))
        return plan_no_room(e);
    for (size_t k = 0; k < c->contact_n; k++)
        if (str_ieq(c->contact[k].address, p->o->settings->from.address))
            c->contact[k].flags |= CONTACT_ENDED;              /* we are the CSIRT of our own country */
    return true;
}

/* Cases from `at` on, so many as are read at once. */
static bool ladders(struct plan *p, struct ladder *ladder, size_t *at, struct err *e)
{
    struct arena before = p->batch;
    int64_t      id[LADDER_SET];
    size_t       n = 0, to = *at;

    for (; to < p->n && n < LADDER_SET; to++)
        if (!closed(&p->c[to]))
            id[n++] = p->c[to].id;
    bool ok = ladder_ahead(ladder, id, n, &p->batch, e);
    for (; ok && *at < to; ++*at)
        ok = closed(&p->c[*at]) || ladder_of(p, ladder, &p->c[*at], e);
    p->batch = before;
    return ok;
}

static bool contacts(struct plan *p, struct err *e)
{
    struct ladder *ladder;
    size_t         at = 0;

    if (!ladder_open(&ladder, ledger_store(p->l), p->o->now_us, &p->desks, e))
        return false;
    while (at < p->n)
        if (!ladders(p, ladder, &at, e))
            return false;
    return find_shared(p, e);
}

static bool stopped(struct plan *p, struct err *e)
{
    int64_t n = 0;

    if (!bind_ask(ledger_store(p->l), "SELECT count(*) FROM notify_stop WHERE ended_us IS NULL AND (scope = '' OR scope = ?1)", BOUND(B_TEXT(p->o->campaign->slug)), &n, 1, e))
        return false;
    p->stopped = n > 0;
    return true;
}

bool plan_load(struct plan *p, struct err *e)
{
    if (!cases(p, e) || !stopped(p, e) || !heirs_load(&p->heirs, ledger_store(p->l), p->a, e))
        return false;
    for (size_t i = 0; i < p->n; i++) {
        struct heirs_case *is = heirs_find(&p->heirs, p->c[i].id);
        if (is)
            is->is = true;
    }
    if (!said_rows(p, "SELECT n.case_id, n.stage, n.channel, n.audience, n.finding, n.contact, n.state, n.date_us, n.changed_us, n.content_rev, " OUT_US " FROM notify_notice n WHERE n.campaign = ?1 AND n.audience < ?4", e) ||
        !said_rows(p, "SELECT a.case_id, a.stage, n.channel, n.audience, n.finding, n.contact, n.state, n.date_us, n.changed_us, a.content_rev, " OUT_US " FROM notify_also a JOIN notify_notice n ON n.id = a.notice"
                      " WHERE n.campaign = ?1 AND n.audience >= ?4", e))
        return false;
    if (p->said_n)
        qsort(p->said, p->said_n, sizeof *p->said, by_case);
    return p->stopped || contacts(p, e);
}
