/* case_figures: the series as the store has them. Only the table case_figure is read here. */
#include "casework/case_figures.h"

#include "base/num.h"

#include <stdlib.h>
#include <string.h>

bool case_figures_read(struct store *s, int64_t campaign, enum case_by by, struct str value, enum case_unit unit, struct arena *a,
                       struct case_figure **ret, size_t *ret_n, struct err *e)
{
    struct store_stmt  *st = NULL;
    struct case_figure *list = NULL;
    size_t              n = 0, cap = 0;
    enum store_got      got = STORE_FAILED;

    if (!store_prepare(s, "SELECT day, what, n FROM case_figure WHERE campaign = ?1 AND by_what = ?2 AND value = ?3 AND unit = ?4 ORDER BY day, what", &st, e))
        return false;
    store_bind_int(st, 1, campaign);
    store_bind_int(st, 2, by);
    store_bind_text(st, 3, value);
    store_bind_int(st, 4, unit);
    while ((got = store_step(st, e)) == STORE_ROW) {
        int32_t  day = (int32_t)store_int(st, 0);
        uint64_t what = (uint64_t)store_int(st, 1);

        if (!n || list[n - 1].day != day) {
            struct case_figure *f = GROW(a, list, n, &cap);
            if (!f) {
                store_finish(st);
                return err_set(e, ERR_MEMORY, "no room for a series");
            }
            *f = n ? list[n - 1] : (struct case_figure){ 0 };
            f->day = day;
            n++;
        }
        if (what < CASE_COUNTS)
            list[n - 1].n[what] = store_int(st, 2);
    }
    store_finish(st);
    if (got == STORE_FAILED)
        return false;
    *ret = list;
    *ret_n = n;
    return true;
}

struct case_figure case_figures_on(const struct case_figure *f, size_t n, int32_t day)
{
    size_t lo = 0, hi = n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (f[mid].day <= day)
            lo = mid + 1;
        else
            hi = mid;
    }
    struct case_figure r = lo ? f[lo - 1] : (struct case_figure){ 0 };
    r.day = day;
    return r;
}

static int largest(const void *x, const void *y)
{
    const struct case_stratum *a = x, *b = y;
    static const enum case_count by[] = { COUNT_VERIFIED, COUNT_CANDIDATES };

    for (size_t i = 0; i < COUNT_OF(by); i++)
        if (a->now.n[by[i]] != b->now.n[by[i]])
            return a->now.n[by[i]] > b->now.n[by[i]] ? -1 : 1;
    return str_cmp(a->value, b->value);
}

/*
 * Values and counts are stepped over by the table's key, so that the many days between are never read: a few thousand look-ups, whatever the number of days.
 */
static const char values_sql[] =
    "WITH RECURSIVE v (value) AS ("
    "  SELECT min(value) FROM case_figure WHERE campaign = ?1 AND by_what = ?2"
    "  UNION ALL SELECT (SELECT min(f.value) FROM case_figure f WHERE f.campaign = ?1 AND f.by_what = ?2 AND f.value > v.value) FROM v WHERE v.value IS NOT NULL),"
    " w (what) AS (SELECT CAST(0 AS {int}) UNION ALL SELECT what + 1 FROM w WHERE what + 1 < ?5)"
    " SELECT value, what, n FROM (SELECT v.value AS value, w.what AS what, (SELECT f.n FROM case_figure f WHERE f.campaign = ?1 AND f.by_what = ?2 AND f.value = v.value"
    "  AND f.unit = ?3 AND f.what = w.what AND f.day <= ?4 ORDER BY f.day DESC LIMIT 1) AS n FROM v CROSS JOIN w WHERE v.value IS NOT NULL) AS x"
    " WHERE n > 0 ORDER BY value, what";

bool case_figures_values(struct store *s, int64_t campaign, enum case_by by, enum case_unit unit, int32_t day, struct arena *a, struct case_stratum **ret, size_t *ret_n, struct err *e)
{
    struct store_stmt   *st = NULL;
    struct case_stratum *list = NULL;
    size_t               n = 0, cap = 0;
    enum store_got       got;
    bool                 room = true;

    if (!store_prepare(s, values_sql, &st, e))
        return false;
    store_bind_int(st, 1, campaign);
    store_bind_int(st, 2, by);
    store_bind_int(st, 3, unit);
    store_bind_int(st, 4, day);
    store_bind_int(st, 5, CASE_COUNTS);
    while ((got = store_step(st, e)) == STORE_ROW && room) {
        struct str value = store_text(st, 0);
        uint64_t   what = (uint64_t)store_int(st, 1);

        if (!n || !str_eq(list[n - 1].value, value)) {
            struct case_stratum *x = GROW(a, list, n, &cap);
            struct str           own = value.n ? str_dup(a, value) : STR("");
            room = x && own.p;
            if (!room)
                break;
            *x = (struct case_stratum){ own, { .day = day } };
            n++;
        }
        if (what < CASE_COUNTS)
            list[n - 1].now.n[what] = store_int(st, 2);
    }
    store_finish(st);
    if (!room)
        return err_set(e, ERR_MEMORY, "no room for the values of a stratum");
    if (got == STORE_FAILED)
        return false;
    if (n)
        qsort(list, n, sizeof *list, largest);
    *ret = list;
    *ret_n = n;
    return true;
}
