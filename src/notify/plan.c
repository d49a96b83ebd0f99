/* See plan.h. */
#include "notify/plan_inner.h"

#include <string.h>

#include "base/num.h"
#include "store/bind.h"

enum { BATCH_BYTES = 1 << 30, WORKER_BYTES = 256 << 20 };      /* mapped, not used */

/* Sectors whose loss others feel at once: before other vulnerable ones. Words of the STIX vocabulary. */
static bool critical(struct str sector)
{
    static const char *const words[] = { "energy", "healthcare", "water", "dams", "nuclear", "emergency-services", "transportation", "telecommunications", "financial-services", "utilities" };

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_ieq(sector, str_c(words[i])))
            return true;
    return str_starts(sector, STR("government"));
}

static bool standing(struct plan *p, struct plan_case *c, struct standing *ret, struct err *e)
{
    struct str   own = p->o->settings->country;
    struct said *said;
    struct standing s = { .stage = c->stage, .answering = c->backdoored > 0, .acknowledged = c->acknowledged_us != TIME_NONE, .acknowledged_us = c->acknowledged_us,
                          .own_country = own.n == 0 || c->country.n == 0 || str_ieq(own, c->country), .has_vulnerable = c->vulnerable > 0, .critical = critical(c->sector),
                          .contact = c->contact, .contact_n = c->contact_n, .shared = c->shared };

    for (size_t i = 0; i < c->contact_n; i++)
        s.isp_space |= c->contact[i].rung == 10 || (c->shared[i] && c->contact[i].channel == CONTACT_EMAIL);
    if (!plan_history(p, c->id, &p->batch, &said, &s.said_n, e) || !p->pen->finding(p->ctx, p->set, c->id, &s.finding, e))
        return false;
    s.said = said;
    *ret = s;
    return true;
}

/* Some sources may open a case and not be told: then there is nothing to say, and *ret_n is 0. */
static bool facts(struct plan *p, const struct plan_case *c, struct standing *s, size_t *ret_n, struct err *e)
{
    struct notice n = { .campaign = p->o->campaign->id, .case_ = c->id, .org = c->org, .finding = s->finding, .audience = AUDIENCE_TECHNICAL, .language = STR("en") };
    struct told   t = { 0 };

    if (!p->pen->facts(p->ctx, p->set, &n, STR_EMPTY, &p->batch, &t, e))
        return false;
    *ret_n = t.server_n;
    p->pen->rev(&t, p->batch, s->content_rev);
    return true;
}

static bool push(struct plan *p, struct plan_case *c, const struct standing *s, const struct due *d, struct err *e)
{
    struct plan_job j = { .c = c, .to = d->to, .n = plan_notice(p, c, d->to) };

    if (d->audience >= AUDIENCE_PROVIDER)
        return plan_merge(p, c, d, s->finding, s->content_rev, e);
    j.n.stage = d->stage;
    j.n.audience = d->audience;
    j.n.finding = s->finding;
    j.n.minimal = d->minimal;
    j.n.priority = d->priority;
    j.n.not_before_us = d->not_before_us;
    memcpy(j.n.content_rev, s->content_rev, sizeof j.n.content_rev);
    return plan_job_push(p, &j, e);
}

/* What has no server left is settled by the stage alone. */
static enum unplanned settled(const struct plan *p, const struct plan_case *c)
{
    if (p->stopped)
        return UNPLANNED_STOPPED;
    return c->stage <= CASE_DISMISSED ? UNPLANNED_UNVERIFIED : c->stage == CASE_CLOSED ? UNPLANNED_CLEAN : NOT_UNPLANNED;
}

static bool one_case(struct plan *p, struct plan_case *c, struct err *e)
{
    struct arena    before = p->batch;
    struct standing s;
    struct schedule next;
    size_t          servers = 0, need = 0;

    if ((c->why = settled(p, c)) != NOT_UNPLANNED)
        return true;
    if (!standing(p, c, &s, e) || !facts(p, c, &s, &servers, e))
        return false;
    if (servers == 0 && c->backdoored + c->vulnerable > 0) {
        p->batch = before;
        c->why = UNPLANNED_SOURCE;
        return true;
    }
    if (servers == 0 && s.finding == FINDING_CLEAN)
        s.said_n = 0;              /* nothing that could be told is clean: no closing notice */
    schedule_next(&s, p->o->settings, p->o->now_us, &next);
    p->batch = before;             /* contacts live longer, and nothing else is pointed to */
    c->why = next.why;
    c->next_us = next.next_us;
    if (next.n == 0)
        return true;
    for (size_t i = 0; i < next.n; i++)
        need += next.due[i].audience < AUDIENCE_PROVIDER || !plan_merged(p, next.due[i].to);
    if (need > p->left && (p->job_n || p->ret->decided || p->group_n || p->left == 0)) {
        p->left = 0;               /* nobody less urgent goes before it */
        c->why = UNPLANNED_DESK;
        return true;
    }
    p->left -= need < p->left ? need : p->left;
    s.said = NULL;
    for (size_t i = 0; i < next.n; i++)
        if (!push(p, c, &s, &next.due[i], e))
            return false;
    return true;
}

/* The wave's size is what the desk can take in a day, less what was decided today. */
static bool desk(struct plan *p, struct err *e)
{
    const struct settings *t = p->o->settings;
    int64_t zone = t->zone_s * TIME_SECOND, local = p->o->now_us + zone, day = local - (local % TIME_DAY + TIME_DAY) % TIME_DAY - zone, n = 0;

    p->left = p->o->most;
    if (p->o->most)
        return true;
    if (!bind_ask(ledger_store(p->l), "SELECT count(*) FROM notify_notice WHERE date_us >= ?1 AND state NOT IN (?2, ?3)", BOUND(B_INT(day), B_INT(NOTICE_SUPPRESSED), B_INT(NOTICE_CANCELLED)), &n, 1, e))
        return false;
    p->left = (uint64_t)n < t->desk_a_day ? t->desk_a_day - (uint64_t)n : 0;
    return true;
}

/* --- at the end --- */

static bool close_waves(struct plan *p, struct err *e)
{
    for (int s = 0; s < NOTICE_STAGES; s++) {
        struct plan_wave w = { .wave = p->wave[s], .stage = (enum notice_stage)s };

        if (!w.wave)
            continue;
        if (!outbox_wave_close(p->l, w.wave, &w.notices, w.hash, e))
            return false;
        if (w.notices)
            p->ret->wave[p->ret->wave_n++] = w;
        else if (!bind_run(ledger_store(p->l), "DELETE FROM notify_wave WHERE id = ?1", BOUND(B_INT(w.wave)), e))
            return false;
    }
    return true;
}

static bool reasons(struct plan *p, struct err *e)
{
    struct store      *s = ledger_store(p->l);
    struct store_bulk *b = NULL;

    if (p->o->only_case ? !bind_run(s, "DELETE FROM notify_plan WHERE case_id = ?1", BOUND(B_INT(p->o->only_case)), e)
                        : !bind_run(s, "DELETE FROM notify_plan WHERE campaign = ?1", BOUND(B_INT(p->o->campaign->id)), e))
        return false;
    if (!store_bulk_begin(s, "notify_plan", "case_id, campaign, at_us, why, next_us", STORE_FRESH, &b, e))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < p->n; i++) {
        const struct plan_case *c = &p->c[i];

        if (p->o->only_case && c->id != p->o->only_case)
            continue;
        store_bulk_int(b, c->id);
        store_bulk_int(b, p->o->campaign->id);
        store_bulk_int(b, p->o->now_us);
        store_bulk_int(b, c->told ? NOT_UNPLANNED : (int64_t)c->why);
        if (c->told || c->next_us == TIME_NONE)
            store_bulk_null(b);
        else
            store_bulk_int(b, c->next_us);
        ok = store_bulk_row(b, e);
    }
    struct err unused = { 0 };
    bool       ended = store_bulk_end(b, NULL, ok ? e : &unused);
    return ok && ended;
}

static void count(struct plan *p)
{
    for (size_t i = 0; i < p->n; i++) {
        struct plan_case *c = &p->c[i];

        if (p->o->only_case && c->id != p->o->only_case)
            continue;
        if (!c->told && c->why == NOT_UNPLANNED)
            c->why = UNPLANNED_WAITING;
        p->ret->cases++;
        if (c->told)
            p->ret->told++;
        else
            p->ret->reason[c->why]++;
    }
}

static bool finish(struct plan *p, struct err *e)
{
    count(p);
    if (!p->o->dry_run && !ledger_begin(p->l, e))
        return false;
    if (close_waves(p, e) && reasons(p, e) && (p->o->dry_run || ledger_commit(p->l, e)))
        return true;
    ledger_rollback(p->l);
    return false;
}

/* Cases from `at` on whose facts are read at once: as many as hold that many servers. */
static bool some_cases(struct plan *p, struct plan_case *const *c, size_t n, size_t *at, struct err *e)
{
    struct arena    before = p->batch;
    int64_t         id[TOLD_SET];
    struct told_ask ask = { .case_ = id };
    size_t          to = *at, servers = 0;

    for (; to < n && ask.case_n < TOLD_SET && servers < PLAN_ROWS_MAX; to++)
        if (settled(p, c[to]) == NOT_UNPLANNED) {
            id[ask.case_n++] = c[to]->id;
            servers += c[to]->servers;
        }
    bool ok = !ask.case_n || p->pen->read(p->ctx, &ask, &p->batch, &p->set, e);
    for (; ok && *at < to; ++*at)
        ok = one_case(p, c[*at], e);
    p->batch = before;
    return ok;
}

static bool walk(struct plan *p, struct err *e)
{
    struct plan_case **c = TAKE(p->a, struct plan_case *, p->n + 1);
    size_t             n = 0, at = 0;

    if (!c)
        return plan_no_room(e);
    for (size_t i = 0; i < p->n; i++)
        if (!p->o->only_case || p->c[i].id == p->o->only_case)
            c[n++] = &p->c[i];
    while (at < n)
        if (!some_cases(p, c, n, &at, e))
            return false;
    return (n || !p->o->only_case || err_set(e, ERR_USAGE, "no case of this campaign has the number %lld", (long long)p->o->only_case)) && plan_batch(p, e) && plan_groups(p, e) && finish(p, e);
}

bool notify_plan_make(struct ledger *l, const struct plan_options *o, struct arena *a, struct plan_result *ret, struct err *e)
{
    struct plan  p = { .l = l, .o = o, .pen = o->pen ? o->pen : &plan_pen_real, .a = a, .threads = o->threads ? o->threads : 1, .ret = ret };
    struct arena batch = { 0 }, desks = { 0 }, worker[COUNT_OF(p.worker)] = { 0 };
    bool         ok = true;

    *ret = (struct plan_result){ 0 };
    p.threads = p.threads < COUNT_OF(p.worker) ? p.threads : COUNT_OF(p.worker);
    if (ledger_who(l).n == 0)
        return err_set(e, ERR_USAGE, "a plan needs the name of who makes it");
    if (!(p.job = NEW(a, struct plan_job, PLAN_BATCH)))
        return plan_no_room(e);
    ok = os_arena_map(&batch, BATCH_BYTES, e) && os_arena_map(&desks, BATCH_BYTES, e);
    for (uint32_t i = 0; ok && i < p.threads; i++)
        if ((ok = os_arena_map(&worker[i], WORKER_BYTES, e)))
            p.worker[i] = worker[i];
    p.batch = batch;
    p.desks = desks;
    ok = ok && plan_load(&p, e) && desk(&p, e) && p.pen->open(&p.ctx, l, o, a, e) && (!o->dry_run || ledger_begin(l, e)) && walk(&p, e);
    if (p.ctx)
        p.pen->close(p.ctx);
    if (!ok || o->dry_run)
        ledger_rollback(l);
    os_arena_unmap(&batch);
    os_arena_unmap(&desks);
    for (size_t i = 0; i < COUNT_OF(worker); i++)
        os_arena_unmap(&worker[i]);
    return ok;
}
