/* See update.h. */
#include <stdio.h>

#include "base/num.h"
#include "casework/update_inner.h"
#include "survey/record.h"

const char *const update_step_names[8] = { "servers", "links", "organisations", "facts", "cases", "figures", "intruders", "commit" };

static bool (*const steps[7])(struct update *u, struct err *e) = {
    update_assets, update_links, update_groups, update_facts, update_cases, update_figures, update_intruders,
};

/* Address space: what is not written costs nothing. */
#define KEEP_BYTES    ((size_t)32 << 30)
#define SCRATCH_BYTES ((size_t)8 << 30)

/* The board's tables, but for those of the intruders: theirs stay while nothing new came. */
static const char *const board[] = {
    "case_server", "case_server_name", "case_org", "case_org_country", "case_state", "case_review", "case_key", "case_provider", "case_operates", "case_join", "case_figure",
    "case_first", "case_wait", "case_wave",
};

static bool wipe(struct store *s, struct err *e)
{
    char sql[64];

    for (size_t i = 0; i < COUNT_OF(board); i++) {
        snprintf(sql, sizeof sql, "DELETE FROM %s", board[i]);
        if (!store_exec(s, sql, e))
            return false;
    }
    return true;
}

/* --- what the steps begin with --- */

static int64_t time_of(struct store_stmt *st, int column) { return store_null(st, column) ? TIME_NONE : store_int(st, column); }

static bool campaigns(struct update *u, struct err *e)
{
    struct store_stmt *st;
    int64_t            n;
    enum store_got     got = STORE_ROW;

    if (!store_one_int(u->s, "SELECT count(*) FROM case_campaign", &n, e))
        return false;
    if (n == 0) {
        err_set(e, ERR_FORMAT, "this store knows no campaign");
        return err_hint(e, "afterpatch case campaign proxylogon makes one; so does afterpatch case import FILE...");
    }
    u->campaign = NEW(&u->keep, struct case_campaign, (size_t)n);
    if (!u->campaign)
        return err_set(e, ERR_MEMORY, "no room for the campaigns");
    if (!store_prepare(u->s, "SELECT id, slug, title, build_group, begun_us, report_us, patch_us, code_us FROM case_campaign ORDER BY id", &st, e))
        return false;
    while (u->campaign_n < (uint64_t)n && (got = store_step(st, e)) == STORE_ROW) {
        struct case_campaign *c = &u->campaign[u->campaign_n++];

        *c = (struct case_campaign){ store_int(st, 0), str_dup(&u->keep, store_text(st, 1)), str_dup(&u->keep, store_text(st, 2)), str_dup(&u->keep, store_text(st, 3)),
                                     time_of(st, 4), time_of(st, 5), time_of(st, 6), time_of(st, 7) };
        if (!c->slug.p || !c->title.p || !c->group.p) {
            err_set(e, ERR_MEMORY, "no room for the campaigns");
            got = STORE_FAILED;
            break;
        }
    }
    store_finish(st);
    return got != STORE_FAILED;
}

/* The survey, when there is one to read. */
static bool survey(struct update *u, struct err *e)
{
    struct daily_options how = { .builds = u->o->builds, .os = u->o->os, .where = u->o->where_store, .spool_dir = u->o->spool_dir, .jobs = u->o->jobs };
    int64_t n = 0;

    if (!u->o->builds)
        return true;
    if (u->o->places) {
        how.locate = where_locate;
        how.locate_ctx = (void *)(uintptr_t)u->o->places;
    }
    if (!store_one_int(u->s, "SELECT coalesce(max(id), 0) FROM survey_observation", &n, e))
        return false;
    u->n->observations = (uint64_t)n;
    return n == 0 || daily_open(&u->daily, u->s, &how, e);
}

/* --- its end --- */

int64_t update_now(const struct update *u) { return u->o->now_us != TIME_NONE ? u->o->now_us : ledger_now(u->l); }

static bool mark(struct update *u, struct err *e)
{
    struct store_stmt *st;
    int64_t            generation = 0, now = update_now(u);

    if (!store_one_int(u->s, "SELECT coalesce(max(generation), 0) + 1 FROM case_board", &generation, e) || !store_exec(u->s, "DELETE FROM case_board", e) ||
        !store_prepare(u->s, "INSERT INTO case_board (id, made_us, known_us, survey_id, day, generation) VALUES (1, ?1, ?2, ?3, ?4, ?5)", &st, e))
        return false;
    store_bind_int(st, 1, ledger_now(u->l));
    if (u->o->known_us == TIME_NONE)
        store_bind_null(st, 2);
    else
        store_bind_int(st, 2, u->o->known_us);
    store_bind_int(st, 3, (int64_t)u->n->observations);
    store_bind_int(st, 4, (now - (now < 0 ? TIME_DAY - 1 : 0)) / TIME_DAY);
    store_bind_int(st, 5, generation);
    bool ok = store_run(st, e);
    store_finish(st);
    return ok;
}

static bool work(struct update *u, struct err *e)
{
    struct os *os = u->o->os;

    if (!campaigns(u, e) || !survey(u, e) || !wipe(u->s, e))
        return false;
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        uint64_t from = os->tick_us(os);

        if (steps[i] == update_intruders && !u->o->intruders)
            continue;
        if (!steps[i](u, e))
            return false;
        u->n->us[i] = os->tick_us(os) - from;
    }
    return mark(u, e);
}

/* Between ledger_begin and ledger_commit, so that a reader sees the old board or the new one. */
static bool whole(struct update *u, struct err *e)
{
    struct os *os = u->o->os;

    if (!ledger_begin(u->l, e))
        return false;
    if (!work(u, e)) {
        ledger_rollback(u->l);
        return false;
    }
    uint64_t from = os->tick_us(os);
    if (!ledger_commit(u->l, e))
        return false;
    u->n->us[7] = os->tick_us(os) - from;
    return true;
}

bool update_run(struct ledger *l, const struct update_options *o, struct update_counts *ret, struct err *e)
{
    struct arena         keep = { 0 }, scratch = { 0 };
    struct update_counts n = { 0 };
    struct update        u = { .l = l, .s = ledger_store(l), .o = o, .n = &n };

    if (!store_migrate(u.s, &record_layer, e) || !os_arena_map(&keep, KEEP_BYTES, e))
        return false;
    bool ok = os_arena_map(&scratch, SCRATCH_BYTES, e);
    if (ok) {
        u.keep = keep;
        u.scratch = scratch;
        ok = whole(&u, e);
        daily_close(u.daily);
        os_arena_unmap(&scratch);
    }
    os_arena_unmap(&keep);
    if (ok)
        *ret = n;
    return ok;
}

const struct update_subject *update_subject_find(const struct update *u, int64_t id)
{
    uint32_t lo = 0, hi = u->subject_n;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (u->subject[mid].id < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < u->subject_n && u->subject[lo].id == id ? &u->subject[lo] : NULL;
}
