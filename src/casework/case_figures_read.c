/* case_figures: what things are called, and the series as the store has them. Only the table case_figure is read here. */
#include "casework/case_figures.h"

#include "base/num.h"

#include <stdlib.h>
#include <string.h>

/* --- names --- */

static const char *const count_names[CASE_COUNTS] = {
    [COUNT_CANDIDATES] = "candidates", [COUNT_VERIFIED] = "verified", [COUNT_EXPOSED] = "exposed", [COUNT_PATCHED] = "patched", [COUNT_BACKDOORED] = "backdoored",
    [COUNT_PATCHED_BACKDOORED] = "patched_backdoored", [COUNT_BACKDOORED_EVER] = "backdoored_ever", [COUNT_REENTERED] = "re_entered", [COUNT_MOVED_ON] = "moved_on",
    [COUNT_MAIL_STOLEN] = "mail_stolen", [COUNT_NOTIFIED] = "notified", [COUNT_ANSWERED] = "answered", [COUNT_HUNTED] = "hunted", [COUNT_CLEAN] = "clean",
    [COUNT_EVER_CLEAN] = "ever_clean", [COUNT_RELAPSED] = "relapsed", [COUNT_MISSED] = "missed", [COUNT_FORCED] = "forced", [COUNT_DORMANT] = "dormant", [COUNT_CLOSED] = "closed",
    [COUNT_DELIVERED] = "delivered", [COUNT_BOUNCED] = "bounced", [COUNT_REENTERED_OF_BACKDOORED] = "re_entered_of_backdoored",
    [COUNT_RELAPSED_OF_CLEAN] = "relapsed_of_clean", [COUNT_MISSED_OF_HUNTED] = "missed_of_hunted", [COUNT_HUNTED_OF_NOTIFIED] = "hunted_of_notified",
    [COUNT_ANSWERED_OF_NOTIFIED] = "answered_of_notified",
};
static const char *const by_names[CASE_BYS] = { "all", "country", "address_country", "sector", "size", "detector" };
static const char *const unit_names[CASE_UNITS] = { "servers", "organisations", "notices" };

const char *case_count_name(enum case_count c) { return (unsigned)c < CASE_COUNTS ? count_names[c] : "?"; }
const char *case_by_name(enum case_by by) { return (unsigned)by < CASE_BYS ? by_names[by] : "?"; }
const char *case_unit_name(enum case_unit u) { return (unsigned)u < CASE_UNITS ? unit_names[u] : "?"; }

enum { OF_ALL = 1 << UNIT_SERVERS | 1 << UNIT_ORGANISATIONS | 1 << UNIT_NOTICES, OF_BOTH = 1 << UNIT_SERVERS | 1 << UNIT_ORGANISATIONS };
const struct case_share case_shares[] = {
    { "patched", "verified", COUNT_PATCHED, COUNT_VERIFIED, OF_BOTH },
    { "back-doored", "verified", COUNT_BACKDOORED, COUNT_VERIFIED, OF_BOTH },
    /* An organisation may have a patched server with a back door beside one that is not patched: it is no patched organisation. */
    { "patched and still back-doored", "patched", COUNT_PATCHED_BACKDOORED, COUNT_PATCHED, 1 << UNIT_SERVERS },
    { "patched and still back-doored", "back-doored", COUNT_PATCHED_BACKDOORED, COUNT_BACKDOORED, OF_BOTH },
    { "re-entered", "ever back-doored", COUNT_REENTERED_OF_BACKDOORED, COUNT_BACKDOORED_EVER, OF_BOTH },
    { "relapsed", "ever clean", COUNT_RELAPSED_OF_CLEAN, COUNT_EVER_CLEAN, OF_BOTH },
    { "missed", "hunted", COUNT_MISSED_OF_HUNTED, COUNT_HUNTED, OF_BOTH },
    { "hunted", "notified", COUNT_HUNTED_OF_NOTIFIED, COUNT_NOTIFIED, OF_BOTH },
    { "answered", "notified", COUNT_ANSWERED_OF_NOTIFIED, COUNT_NOTIFIED, OF_ALL },
    { "clean", "verified", COUNT_CLEAN, COUNT_VERIFIED, OF_BOTH },
    { NULL, NULL, COUNT_VERIFIED, COUNT_VERIFIED, 0 }
};

/* --- reading --- */

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
