/* picture: the board, as status shows it. */
#include "casework/picture.h"

#include "base/num.h"
#include "casework/tables.h"
#include "casework/urgency.h"

static const char *const step_names[] = { "notified", "acknowledged", "patched", "hunted", "clean" };
const char *picture_step_name(enum picture_step s) { return (unsigned)s < PICTURE_STEPS ? step_names[s] : "?"; }

static int64_t time_of(struct store_stmt *st, int column) { return store_null(st, column) ? TIME_NONE : store_int(st, column); }

/* --- a statement with integers bound, its rows taken one by one --- */

/* today: the board's own day, of which everything counts, whenever it was recorded. */
struct reading { struct store *s; struct arena *a; int32_t day; bool today; struct picture_campaign *c; };
typedef bool take_row(struct reading *r, struct store_stmt *st, void *ctx, struct err *e);

static bool each(struct reading *r, const char *sql, const int64_t *bind, size_t n, take_row *take, void *ctx, struct err *e)
{
    struct store_stmt *st = NULL;
    enum store_got     got = STORE_FAILED;
    bool               ok = store_prepare(r->s, sql, &st, e);

    for (size_t i = 0; ok && i < n; i++)
        store_bind_int(st, (int)i + 1, bind[i]);
    while (ok && (got = store_step(st, e)) == STORE_ROW)
        ok = take(r, st, ctx, e);
    store_finish(st);
    return ok && got == STORE_DONE;
}
#define EACH(r, sql, take, ctx, e, ...) each(r, sql, (const int64_t[]){ __VA_ARGS__ }, COUNT_OF(((const int64_t[]){ __VA_ARGS__ })), take, ctx, e)

static bool keep(struct reading *r, struct store_stmt *st, int column, struct str *ret, struct err *e)
{
    struct str s = store_text(st, column);

    *ret = s.n ? str_dup(r->a, s) : STR("");
    return ret->p || err_set(e, ERR_MEMORY, "no room for a name");
}

/* --- the board and its campaigns --- */

static bool take_board(struct reading *r, struct store_stmt *st, void *ctx, struct err *e)
{
    struct picture *p = ctx;

    (void)r;
    (void)e;
    p->made_us = store_int(st, 0);
    p->board_day = (int32_t)store_int(st, 1);
    p->generation = store_int(st, 2);
    return true;
}

static bool take_campaign(struct reading *r, struct store_stmt *st, void *ctx, struct err *e)
{
    struct picture      *p = ctx;
    struct case_campaign c = { .id = store_int(st, 0), .begun_us = time_of(st, 4), .report_us = time_of(st, 5), .patch_us = time_of(st, 6), .code_us = time_of(st, 7) };
    char                 text[TIME_TEXT];

    if (!keep(r, st, 1, &c.slug, e) || !keep(r, st, 2, &c.title, e) || !keep(r, st, 3, &c.group, e))
        return false;
    if (p->campaign_n == PICTURE_CAMPAIGNS)
        return err_set(e, ERR_LIMIT, "more than %d campaigns: name one with --campaign", PICTURE_CAMPAIGNS);
    time_text(c.begun_us != TIME_NONE ? c.begun_us : c.patch_us != TIME_NONE ? c.patch_us : p->made_us, text);
    p->campaign[p->campaign_n++] = (struct picture_campaign){ .c = c, .year = (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0') };
    return true;
}

static bool campaigns(struct reading *r, const struct picture_ask *ask, struct picture *p, struct err *e)
{
    struct store_stmt *st = NULL;
    enum store_got     got = STORE_FAILED;
    bool               ok = store_prepare(r->s, "SELECT id, slug, title, build_group, begun_us, report_us, patch_us, code_us FROM case_campaign WHERE slug = ?1 OR ?1 = ''"
                                                " ORDER BY CASE WHEN begun_us IS NULL THEN patch_us ELSE begun_us END, slug", &st, e);

    if (ok)
        store_bind_text(st, 1, ask->campaign);
    while (ok && (got = store_step(st, e)) == STORE_ROW)
        ok = take_campaign(r, st, p, e);
    store_finish(st);
    if (!ok || got == STORE_FAILED)
        return false;
    if (p->campaign_n)
        return true;
    err_set(e, ERR_USAGE, "there is no campaign '%.*s'", (int)(ask->campaign.n > 60 ? 60 : ask->campaign.n), (const char *)ask->campaign.p);
    return err_hint(e, "afterpatch status names those there are");
}

/* --- figures --- */

static bool figures(struct reading *r, const struct picture_ask *ask, struct err *e)
{
    struct picture_campaign *c = r->c;

    c->first_day = INT32_MAX;
    c->last_day = INT32_MIN;
    for (int u = 0; u < CASE_UNITS; u++) {
        struct case_figure *f;
        size_t              n;

        if (!case_figures_read(r->s, c->c.id, CASE_BY_ALL, STR(""), (enum case_unit)u, r->a, &f, &n, e))
            return false;
        c->now[u] = case_figures_on(f, n, r->day);
        while (n && f[n - 1].day > r->day)
            n--;
        if (n && f[0].day < c->first_day)
            c->first_day = f[0].day;
        if (n && f[n - 1].day > c->last_day)
            c->last_day = f[n - 1].day;
        if (!ask->series)
            continue;
        c->series[u] = f;
        c->series_n[u] = n;
    }
    for (int by = CASE_BY_COUNTRY; by < CASE_BYS; by++)
        for (int u = 0; u < CASE_UNITS; u++)
            if (ask->by & 1u << by && !(u == UNIT_NOTICES && (by == CASE_BY_ADDRESS_COUNTRY || by == CASE_BY_DETECTOR)) &&
                !case_figures_values(r->s, c->c.id, (enum case_by)by, (enum case_unit)u, r->day, r->a, &c->value[by][u], &c->value_n[by][u], e))
                return false;
    return true;
}

/* --- who looked --- */

static bool take_first(struct reading *r, struct store_stmt *st, void *ctx, struct err *e)
{
    (void)r;
    (void)e;
    *(int32_t *)ctx = store_null(st, 0) ? WAVE_DAY_NONE : (int32_t)store_int(st, 0);
    return true;
}

static bool first_of(struct reading *r, struct str value, int32_t *ret, struct err *e)
{
    struct store_stmt *st = NULL;
    bool               ok = store_prepare(r->s, "SELECT min(day) FROM case_figure WHERE campaign = ?1 AND by_what = ?2 AND value = ?3 AND unit = ?4 AND what = ?5", &st, e);

    if (ok) {
        store_bind_int(st, 1, r->c->c.id);
        store_bind_int(st, 2, CASE_BY_DETECTOR);
        store_bind_text(st, 3, value);
        store_bind_int(st, 4, UNIT_SERVERS);
        store_bind_int(st, 5, COUNT_VERIFIED);
        ok = store_step(st, e) == STORE_ROW && take_first(r, st, ret, e);
    }
    store_finish(st);
    return ok;
}

static bool take_tool(struct reading *r, struct store_stmt *st, void *ctx, struct err *e)
{
    struct picture_campaign *c = r->c;
    size_t                  *cap = ctx;
    struct picture_tool     *t = GROW(r->a, c->tool, c->tool_n, cap);

    if (!t)
        return err_set(e, ERR_MEMORY, "no room for the tools of hunts");
    c->tool_n++;
    t->reports = store_int(st, 2);
    return keep(r, st, 0, &t->tool, e) && keep(r, st, 1, &t->packs, e);
}

static bool detectors(struct reading *r, struct err *e)
{
    struct picture_campaign *c = r->c;
    struct case_stratum     *v;
    size_t                   n, cap = 0;

    if (!case_figures_values(r->s, c->c.id, CASE_BY_DETECTOR, UNIT_SERVERS, r->day, r->a, &v, &n, e))
        return false;
    c->detector = NEW(r->a, struct picture_detector, n ? n : 1);
    if (!c->detector)
        return err_set(e, ERR_MEMORY, "no room for detectors");
    for (size_t i = 0; i < n && i < PICTURE_DETECTORS; i++) {
        struct picture_detector *d = &c->detector[c->detector_n];
        if (v[i].now.n[COUNT_VERIFIED] == 0)
            continue;
        *d = (struct picture_detector){ v[i].value, v[i].now.n[COUNT_VERIFIED], 0 };
        if (!first_of(r, d->name, &d->since, e))
            return false;
        c->detector_n++;
    }
    return EACH(r, "SELECT tool, packs, count(*) AS n FROM case_report WHERE campaign = ?1 AND (?2 = 0 OR hunted_us < ?2) GROUP BY tool, packs ORDER BY n DESC, tool, packs LIMIT 50", take_tool, &cap, e,
                c->c.id, r->today ? 0 : ((int64_t)r->day + 1) * TIME_DAY);
}

/* --- how long each step takes --- */

enum { TIMES = PICTURE_STEPS + 1 };
struct times { int64_t (*list)[TIMES]; size_t n, cap; };

static bool take_times(struct reading *r, struct store_stmt *st, void *ctx, struct err *e)
{
    struct times *t = ctx;
    int64_t     (*to)[TIMES] = GROW(r->a, t->list, t->n, &t->cap);

    if (!to)
        return err_set(e, ERR_MEMORY, "no room for the times of a case");
    t->n++;
    for (int i = 0; i < TIMES; i++)
        (*to)[i] = time_of(st, i);
    return true;
}

static struct product_limit wait_of(const struct times *t, int from, int to, int64_t end_us, struct wait *w)
{
    size_t n = 0;

    for (size_t i = 0; i < t->n; i++) {
        int64_t a = t->list[i][from], b = t->list[i][to];
        if (a == TIME_NONE || a >= end_us)
            continue;
        bool there = b != TIME_NONE && b < end_us;
        w[n++] = (struct wait){ (double)((there ? b : end_us) - a) / (double)TIME_HOUR, there };
    }
    return product_limit(w, n);
}

static bool waits(struct reading *r, struct arena scratch, struct err *e)
{
    struct arena *keep_in = r->a;
    struct times  t = { NULL, 0, 0 };
    int64_t       end_us = ((int64_t)r->day + 1) * TIME_DAY;

    r->a = &scratch;
    bool ok = EACH(r, "SELECT verified_us, notified_us, acknowledged_us, patched_us, hunted_us, clean_us FROM case_state WHERE campaign = ?1 AND stage >= ?2 AND verified_us < ?3", take_times, &t, e,
                   r->c->c.id, CASE_VERIFIED, end_us);
    r->a = keep_in;
    struct wait *w = ok ? TAKE(&scratch, struct wait, t.n ? t.n : 1) : NULL;
    if (ok && !w)
        return err_set(e, ERR_MEMORY, "no room for the times of the cases");
    for (int i = 0; ok && i < PICTURE_STEPS; i++) {
        r->c->wait[i].since_verified = wait_of(&t, 0, i + 1, end_us, w);
        r->c->wait[i].since_last = wait_of(&t, i, i + 1, end_us, w);
    }
    return ok;
}

/* --- the wave --- */

static bool take_wave(struct reading *r, struct store_stmt *st, void *ctx, struct err *e)
{
    struct picture_campaign *c = r->c;
    uint64_t                 what = (uint64_t)store_int(st, 0);
    size_t                  *cap = ctx;

    if (what >= WAVE_WHATS)
        return true;
    struct wave_day *d = GROW(r->a, c->wave_day[what], c->wave_day_n[what], &cap[what]);
    if (!d)
        return err_set(e, ERR_MEMORY, "no room for the days of a wave");
    *d = (struct wave_day){ (int32_t)store_int(st, 1), store_int(st, 2) };
    c->wave_day_n[what]++;
    return true;
}

static bool waves(struct reading *r, struct err *e)
{
    struct picture_campaign *c = r->c;
    struct wave_dates        dates = { wave_day_of(c->c.begun_us), wave_day_of(c->c.report_us), wave_day_of(c->c.patch_us), wave_day_of(c->c.code_us) };
    size_t                   cap[WAVE_WHATS] = { 0 };

    if (!EACH(r, "SELECT what, day, count(*) FROM case_first WHERE campaign = ?1 AND day <= ?2 GROUP BY what, day ORDER BY what, day", take_wave, cap, e, c->c.id, r->day))
        return false;
    for (int i = 0; i < WAVE_WHATS; i++)
        c->wave[i] = wave_of(c->wave_day[i], c->wave_day_n[i], &dates);
    return true;
}

/* --- what needs a person --- */

/* From this rank on a person has something to do; below, time has to pass, or a candidate wants a second source. */
#define PERSON ((int64_t)URGENCY_RANK * URGENT_RESCAN)
#define CASE_COLUMNS "s.case_id, o.name, s.why, s.stage, s.derived, s.forced, s.contradicted, s.reason, s.who, s.forced_us, s.urgency FROM case_state s LEFT JOIN case_org o ON o.org = s.org"

struct cases { struct picture_case **list; size_t *n, cap; };

static bool take_case(struct reading *r, struct store_stmt *st, void *ctx, struct err *e)
{
    struct cases        *to = ctx;
    struct picture_case *c = GROW(r->a, *to->list, *to->n, &to->cap);

    if (!c)
        return err_set(e, ERR_MEMORY, "no room for a case");
    ++*to->n;
    *c = (struct picture_case){ .id = store_int(st, 0), .stage = (enum case_stage)store_int(st, 3), .derived = (enum case_stage)store_int(st, 4), .forced = store_int(st, 5) != 0,
                                .contradicted = store_int(st, 6) != 0, .forced_us = time_of(st, 9), .urgency = store_int(st, 10) };
    return keep(r, st, 1, &c->org, e) && keep(r, st, 2, &c->why, e) && keep(r, st, 7, &c->reason, e) && keep(r, st, 8, &c->who, e);
}

static bool take_two(struct reading *r, struct store_stmt *st, void *ctx, struct err *e)
{
    int64_t *n = ctx;

    (void)r;
    (void)e;
    n[0] = store_int(st, 0);
    n[1] = store_int(st, 1);
    return true;
}

static bool people(struct reading *r, const struct picture_ask *ask, struct err *e)
{
    struct picture_campaign *c = r->c;
    struct cases             urgent = { &c->urgent, &c->urgent_n, 0 }, forced = { &c->forced, &c->forced_n, 0 };
    int64_t                  end_us = r->today ? INT64_MAX : ((int64_t)r->day + 1) * TIME_DAY, n[2] = { 0 };

    if (r->today) {
        if (!EACH(r, "SELECT count(*), 0 FROM case_state WHERE campaign = ?1 AND urgency >= ?2 AND stage >= ?3", take_two, n, e, c->c.id, PERSON, CASE_VERIFIED))
            return false;
        c->urgent_all = n[0];
        if (ask->urgent && !EACH(r, "SELECT " CASE_COLUMNS " WHERE s.campaign = ?1 AND s.urgency >= ?2 AND s.stage >= ?3 ORDER BY s.urgency DESC, s.case_id LIMIT ?4", take_case, &urgent, e, c->c.id, PERSON, CASE_VERIFIED,
                                  (int64_t)ask->urgent))
            return false;
    }
    if (!EACH(r, "SELECT count(*), CAST(coalesce(sum(contradicted), 0) AS {int}) FROM case_state WHERE campaign = ?1 AND forced = 1 AND forced_us < ?2", take_two, n, e, c->c.id, end_us))
        return false;
    c->forced_all = n[0];
    c->contradicted = n[1];
    return !c->forced_all || !ask->forced ||
           EACH(r, "SELECT " CASE_COLUMNS " WHERE s.campaign = ?1 AND s.forced = 1 AND s.forced_us < ?2 ORDER BY s.contradicted DESC, s.forced_us, s.case_id LIMIT ?3", take_case, &forced, e, c->c.id, end_us,
                (int64_t)ask->forced);
}

bool picture_read(struct store *s, const struct picture_ask *ask, struct arena *a, struct picture *ret, struct err *e)
{
    struct picture p = { .board_day = INT32_MIN };
    struct reading r = { .s = s, .a = a };

    if (!tables_there(s, e) || !EACH(&r, "SELECT made_us, day, generation FROM case_board WHERE id = ?1", take_board, &p, e, 1))
        return false;
    if (p.board_day == INT32_MIN) {
        err_set(e, ERR_FORMAT, "nothing has been worked out yet");
        return err_hint(e, "afterpatch case update works out what was imported");
    }
    p.day = ask->day ? ask->day : p.board_day;
    if (p.day > p.board_day) {
        char text[TIME_TEXT];
        time_text((int64_t)p.board_day * TIME_DAY, text);
        err_set(e, ERR_USAGE, "the figures end on %.10s", text);
        return err_hint(e, "afterpatch case update brings them up to date");
    }
    r.day = p.day;
    r.today = p.day == p.board_day;
    p.campaign = NEW(a, struct picture_campaign, PICTURE_CAMPAIGNS);
    if (!p.campaign)
        return err_set(e, ERR_MEMORY, "no room for the campaigns");
    if (!campaigns(&r, ask, &p, e))
        return false;
    for (size_t i = 0; i < p.campaign_n; i++) {
        r.c = &p.campaign[i];
        if (!figures(&r, ask, e) || !detectors(&r, e) || !waits(&r, *a, e) || !waves(&r, e) || !people(&r, ask, e))
            return false;
    }
    *ret = p;
    return true;
}
