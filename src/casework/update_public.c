/*
 * update_public: what publication needs besides case_figure: how many organisations waited how long (case_wait), and how many saw their first on which day (case_wave). Numbers
 * by week and band or day; whose they are ends here.
 */
#include "casework/update_inner.h"

#include "base/num.h"
#include "casework/case_figures.h"
#include "casework/public_wait.h"
#include "casework/public_wave.h"

#include <stdio.h>
#include <stdlib.h>

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the figures of publication"); }
static int64_t time_of(struct store_stmt *st, int column) { return store_null(st, column) ? TIME_NONE : store_int(st, column); }

static void put(struct store_bulk *b, const int64_t *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        store_bulk_int(b, v[i]);
}
#define INTS(b, ...) put(b, (const int64_t[]){ __VA_ARGS__ }, COUNT_OF(((const int64_t[]){ __VA_ARGS__ })))

/* --- waits --- */

struct times { int64_t campaign, us[WAIT_STEPS]; };
struct all_times { struct times *list; size_t n; };

static bool times(struct store *s, struct arena *a, struct all_times *ret, struct err *e)
{
    struct store_stmt *st = NULL;
    struct times      *list = NULL;
    size_t             n = 0, cap = 0;
    enum store_got     got = STORE_FAILED;
    bool               ok = store_prepare(s, "SELECT campaign, verified_us, notified_us, acknowledged_us, patched_us, hunted_us, clean_us FROM case_state WHERE stage >= ?1 AND verified_us >= 0"
                                             " ORDER BY campaign", &st, e);

    if (ok)
        store_bind_int(st, 1, CASE_VERIFIED);
    while (ok && (got = store_step(st, e)) == STORE_ROW) {
        struct times *t = GROW(a, list, n, &cap);
        ok = t || no_room(e);
        if (!ok)
            break;
        t->campaign = store_int(st, 0);
        for (int i = 0; i < WAIT_STEPS; i++)
            t->us[i] = time_of(st, i + 1);
        n++;
    }
    store_finish(st);
    *ret = (struct all_times){ list, n };
    return ok && got == STORE_DONE;
}

/* The ends of weeks until `day`, from that of the first verification on, the last WAIT_WEEKS of them. */
static size_t weeks_of(const struct times *t, size_t n, int32_t day, struct wait_week *w)
{
    int32_t last = public_week_end(day), first = last;
    size_t  weeks = 0;

    last -= last > day ? 7 : 0;
    for (size_t i = 0; i < n; i++)
        if (t[i].us[0] / TIME_DAY < first)
            first = public_week_end((int32_t)(t[i].us[0] / TIME_DAY));
    if (first < last - 7 * (WAIT_WEEKS - 1))
        first = last - 7 * (WAIT_WEEKS - 1);
    for (; first <= last; first += 7)
        w[weeks++] = (struct wait_week){ .day = first };
    return weeks;
}

static bool put_week(struct store_bulk *b, int64_t campaign, struct wait_pair p, const struct wait_week *w, struct err *e)
{
    for (int band = 0; band < WAIT_BANDS; band++)
        for (int arrived = 0; arrived < 2; arrived++) {
            int64_t n = arrived ? w->arrived[band] : w->open[band];
            if (!n)
                continue;
            INTS(b, campaign, p.from, p.to, w->day, band, arrived, n);
            if (!store_bulk_row(b, e))
                return false;
        }
    return true;
}

static bool put_waits(struct store_bulk *b, const struct times *t, size_t n, int32_t day, struct wait_week *w, struct err *e)
{
    for (int p = 0; p < WAIT_PAIRS; p++) {
        size_t weeks = weeks_of(t, n, day, w);

        for (size_t i = 0; i < n; i++)
            wait_take(w, weeks, t[i].us[wait_pairs[p].from], t[i].us[wait_pairs[p].to]);
        for (size_t i = 0; i < weeks; i++)
            if (!put_week(b, t->campaign, wait_pairs[p], &w[i], e))
                return false;
    }
    return true;
}

static bool waits(struct update *u, int32_t day, struct arena a, struct store_bulk *b, struct err *e)
{
    struct wait_week *w = TAKE(&a, struct wait_week, WAIT_WEEKS);
    struct all_times  t;

    if (!w)
        return no_room(e);
    if (!times(u->s, &a, &t, e))
        return false;
    for (size_t from = 0, to = 0; from < t.n; from = to) {
        while (to < t.n && t.list[to].campaign == t.list[from].campaign)
            to++;
        if (!put_waits(b, t.list + from, to - from, day, w, e))
            return false;
    }
    return true;
}

/* --- the wave --- */

/* Who counts: organisations of verified cases, by servers that are theirs and reports that prove something. In the order in which hunts told. */
static const char firsts_sql[] =
    "SELECT r.campaign, s.org, coalesce(r.hunted_us, r.recorded_us) / 86400000000 AS known, r.placed_us, r.used_us, r.entered_us FROM case_report r JOIN case_asset a ON a.subject = r.subject"
    " JOIN case_server s ON s.campaign = r.campaign AND s.asset = a.asset JOIN case_state c ON c.case_id = s.case_id"
    " WHERE r.grade >= ?1 AND r.recorded_us <= ?2 AND s.not_mine = 0 AND c.stage >= ?3 AND coalesce(r.hunted_us, r.recorded_us) >= 0 ORDER BY r.campaign, s.org, known";

struct first { int64_t campaign, org; int32_t day[WAVE_WHATS]; };
struct row { int64_t campaign; int what; struct wave_change c; };
struct rows { struct arena *a; struct row *list; size_t n, cap; };

static bool add(struct rows *r, const struct first *f, int what, int32_t known, int32_t day, int64_t n, struct err *e)
{
    struct row *x = GROW(r->a, r->list, r->n, &r->cap);

    if (!x)
        return no_room(e);
    *x = (struct row){ f->campaign, what, { known, day, n } };
    r->n++;
    return true;
}

/* What a hunt says may make an organisation's first day an earlier one. */
static bool learn(struct rows *r, struct first *f, int what, int32_t known, int64_t us, struct err *e)
{
    int32_t day = us == TIME_NONE || us < 0 || us / TIME_DAY >= CASE_DAY_MAX ? INT32_MAX : (int32_t)(us / TIME_DAY), was = f->day[what];

    if (day >= was)
        return true;
    f->day[what] = day;
    return (was == INT32_MAX || add(r, f, what, known, was, -1, e)) && add(r, f, what, known, day, 1, e);
}

static bool take_firsts(struct store_stmt *st, struct rows *r, struct err *e)
{
    struct first   f = { .org = -1 };
    enum store_got got;
    bool           ok = true;

    while (ok && (got = store_step(st, e)) == STORE_ROW) {
        int64_t campaign = store_int(st, 0), org = store_int(st, 1), known = store_int(st, 2);

        if (campaign != f.campaign || org != f.org)
            f = (struct first){ campaign, org, { INT32_MAX, INT32_MAX, INT32_MAX } };
        if (known >= CASE_DAY_MAX)
            continue;
        for (int what = 0; ok && what < WAVE_WHATS; what++)
            ok = learn(r, &f, what, public_week_end((int32_t)known), time_of(st, 3 + what), e);
    }
    return ok && got == STORE_DONE;
}

static int by_key(const void *x, const void *y)
{
    const struct row *a = x, *b = y;
    int c = (a->campaign > b->campaign) - (a->campaign < b->campaign);

    c = c ? c : a->what - b->what;
    c = c ? c : (a->c.known > b->c.known) - (a->c.known < b->c.known);
    return c ? c : (a->c.day > b->c.day) - (a->c.day < b->c.day);
}

static bool wave(struct update *u, int32_t day, struct arena a, struct store_bulk *b, struct err *e)
{
    struct rows        r = { .a = &a };
    struct store_stmt *st = NULL;
    bool               ok = store_prepare(u->s, firsts_sql, &st, e);

    (void)day;                         /* what a later week tells is told from that week on */
    if (ok) {
        store_bind_int(st, 1, UPDATE_WAVE_GRADE);
        store_bind_int(st, 2, u->o->known_us == TIME_NONE ? INT64_MAX : u->o->known_us);
        store_bind_int(st, 3, CASE_VERIFIED);
        ok = take_firsts(st, &r, e);
    }
    store_finish(st);
    if (ok && r.n)
        qsort(r.list, r.n, sizeof *r.list, by_key);
    for (size_t i = 0; ok && i < r.n;) {
        const struct row *x = &r.list[i];
        int64_t           n = 0;

        for (; i < r.n && by_key(x, &r.list[i]) == 0; i++)
            n += r.list[i].c.n;
        if (!n)
            continue;
        INTS(b, x->campaign, x->what, x->c.known, x->c.day, n);
        ok = store_bulk_row(b, e);
    }
    return ok;
}

/* --- both --- */

typedef bool writes(struct update *u, int32_t day, struct arena a, struct store_bulk *b, struct err *e);

static bool written(struct update *u, const char *table, const char *columns, int32_t day, writes *write, struct err *e)
{
    struct store_bulk *b = NULL;
    struct err         also = { 0 };
    char               sql[40];

    snprintf(sql, sizeof sql, "DELETE FROM %s", table);
    if (!store_exec(u->s, sql, e))
        return false;
    bool ok = store_bulk_begin(u->s, table, columns, STORE_FRESH, &b, e) && write(u, day, u->scratch, b, e);
    return store_bulk_end(b, NULL, ok ? e : &also) && ok;
}

bool update_public(struct update *u, struct err *e)
{
    int64_t now = update_now(u);
    int32_t day = now < 0 ? CASE_DAY_MIN : now / TIME_DAY >= CASE_DAY_MAX ? CASE_DAY_MAX - 1 : (int32_t)(now / TIME_DAY);

    return written(u, "case_wait", "campaign, from_step, to_step, day, band, arrived, n", day, waits, e) && written(u, "case_wave", "campaign, what, known, day, n", day, wave, e);
}
