#include "casework/public_figures.h"

#include "base/num.h"

#include <stdlib.h>
#include <string.h>

const enum case_count public_counts[PUBLIC_COUNTS] = {
    COUNT_VERIFIED, COUNT_EXPOSED, COUNT_PATCHED, COUNT_BACKDOORED, COUNT_PATCHED_BACKDOORED, COUNT_NOTIFIED, COUNT_HUNTED, COUNT_CLEAN,
    COUNT_BACKDOORED_EVER, COUNT_REENTERED, COUNT_MOVED_ON, COUNT_MAIL_STOLEN, COUNT_ANSWERED,
};

/* STIX 2.1, industry-sector-ov. */
static const char *const sectors[] = {
    "agriculture", "aerospace", "automotive", "chemical", "commercial", "communications", "construction", "defense", "education", "energy", "entertainment", "financial-services",
    "government", "emergency-services", "government-local", "government-national", "government-public-services", "government-regional", "healthcare", "hospitality-leisure",
    "infrastructure", "dams", "nuclear", "water", "insurance", "manufacturing", "mining", "non-profit", "pharmaceuticals", "retail", "technology", "telecommunications",
    "transportation", "utilities",
};
static const char *const sizes[] = { "micro", "small", "medium", "large" };
enum { COUNTRIES = 249 };

/* --- the store --- */

#define WAIT_COLUMNS "campaign, from_step, to_step, day, band, arrived, n"
#define WAVE_COLUMNS "campaign, what, known, day, n"

static const char table_sql[] =
    "CREATE TABLE case_figure (campaign {int} NOT NULL, by_what {int} NOT NULL, value TEXT NOT NULL, unit {int} NOT NULL, what {int} NOT NULL, day {int} NOT NULL, n {int} NOT NULL,"
    "  PRIMARY KEY (campaign, by_what, value, unit, what, day)) {clustered};"
    "CREATE TABLE case_wait (campaign {int} NOT NULL, from_step {int} NOT NULL, to_step {int} NOT NULL, day {int} NOT NULL, band {int} NOT NULL, arrived {int} NOT NULL, n {int} NOT NULL);"
    "CREATE TABLE case_wave (campaign {int} NOT NULL, what {int} NOT NULL, known {int} NOT NULL, day {int} NOT NULL, n {int} NOT NULL)";

static bool put(struct store_bulk *to, int64_t campaign, enum case_by by, struct str value, enum case_unit unit, int what, int32_t day, int64_t n, struct err *e)
{
    store_bulk_int(to, campaign);
    store_bulk_int(to, by);
    store_bulk_text(to, value);
    store_bulk_int(to, unit);
    store_bulk_int(to, what);
    store_bulk_int(to, day);
    store_bulk_int(to, n);
    return store_bulk_row(to, e);
}

/* The whole, day by day. */
static bool copy_whole(struct store *from, int64_t campaign, int32_t day, enum case_unit unit, struct arena a, struct store_bulk *to, struct err *e)
{
    struct case_figure *f;
    size_t              n;

    if (!case_figures_read(from, campaign, CASE_BY_ALL, STR(""), unit, &a, &f, &n, e))
        return false;
    for (size_t i = 0; i < n && f[i].day <= day; i++)
        for (int k = 0; k < CASE_COUNTS; k++)
            if ((i ? f[i - 1].n[k] : 0) != f[i].n[k] && !put(to, campaign, CASE_BY_ALL, STR(""), unit, k, f[i].day, f[i].n[k], e))
                return false;
    return true;
}

/* A stratum of organisations, as it stands on the day. */
static bool copy_stratum(struct store *from, int64_t campaign, int32_t day, enum case_by by, struct arena a, struct store_bulk *to, struct err *e)
{
    struct case_stratum *v;
    size_t               n;

    if (!case_figures_values(from, campaign, by, UNIT_ORGANISATIONS, day, &a, &v, &n, e))
        return false;
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < CASE_COUNTS; k++)
            if (v[i].now.n[k] && !put(to, campaign, by, v[i].value, UNIT_ORGANISATIONS, k, day, v[i].now.n[k], e))
                return false;
    return true;
}

static bool copy(struct store *from, int64_t campaign, int32_t day, struct arena a, struct store_bulk *to, struct err *e)
{
    static const enum case_by by[] = { CASE_BY_COUNTRY, CASE_BY_SECTOR, CASE_BY_SIZE, CASE_BY_DETECTOR };

    for (size_t i = 0; i < COUNT_OF(by); i++)
        if (!copy_stratum(from, campaign, day, by[i], a, to, e))
            return false;
    return copy_whole(from, campaign, day, UNIT_ORGANISATIONS, a, to, e) && copy_whole(from, campaign, day, UNIT_SERVERS, a, to, e);
}

/* Rows of integers, as they are. */
static bool copy_rows(struct store *from, const char *sql, size_t columns, int64_t campaign, int32_t day, struct store_bulk *to, struct err *e)
{
    struct store_stmt *st = NULL;
    enum store_got     got = STORE_FAILED;
    bool               ok = store_prepare(from, sql, &st, e);

    if (ok) {
        store_bind_int(st, 1, campaign);
        store_bind_int(st, 2, day);
    }
    while (ok && (got = store_step(st, e)) == STORE_ROW) {
        for (size_t i = 0; i < columns; i++)
            store_bulk_int(to, store_int(st, (int)i));
        ok = store_bulk_row(to, e);
    }
    store_finish(st);
    return ok && got == STORE_DONE;
}

static bool copy_waits(struct store *from, int64_t campaign, int32_t day, struct arena a, struct store_bulk *to, struct err *e)
{
    (void)a;
    return copy_rows(from, "SELECT " WAIT_COLUMNS " FROM case_wait WHERE campaign = ?1 AND day <= ?2", 7, campaign, day, to, e) || err_hint(e, "afterpatch case update brings the store up to date");
}

static bool copy_wave(struct store *from, int64_t campaign, int32_t day, struct arena a, struct store_bulk *to, struct err *e)
{
    (void)a;
    return copy_rows(from, "SELECT " WAVE_COLUMNS " FROM case_wave WHERE campaign = ?1 AND known <= ?2", 5, campaign, day, to, e);
}

typedef bool copies(struct store *from, int64_t campaign, int32_t day, struct arena a, struct store_bulk *to, struct err *e);
static const struct { const char *table, *columns; copies *copy; } tables[] = {
    { "case_figure", "campaign, by_what, value, unit, what, day, n", copy }, { "case_wait", WAIT_COLUMNS, copy_waits }, { "case_wave", WAVE_COLUMNS, copy_wave },
};

bool public_store(struct store *from, int64_t campaign, int32_t day, struct arena scratch, struct store **ret, struct err *e)
{
    struct store *s = NULL;

    if (!store_open(&s, STR(":memory:"), STORE_WRITE, e))
        return false;
    bool ok = store_exec(s, table_sql, e) && store_begin(s, e);
    for (size_t i = 0; ok && i < COUNT_OF(tables); i++) {
        struct store_bulk *b = NULL;
        struct err         also = { 0 };

        ok = store_bulk_begin(s, tables[i].table, tables[i].columns, STORE_FRESH, &b, e) && tables[i].copy(from, campaign, day, scratch, b, e);
        ok = store_bulk_end(b, NULL, ok ? e : &also) && ok;
    }
    ok = ok && store_commit(s, e);
    if (!ok) {
        store_close(s);
        return false;
    }
    *ret = s;
    return true;
}

/* --- cells --- */

struct public_share public_share(struct public_cell part, struct public_cell whole)
{
    struct public_share s = { .known = part.told && whole.told && part.low > 0 && whole.low > 0 };

    if (!s.known)
        return s;
    s.low = (double)part.low / (double)(whole.low + PUBLIC_FIVE - 1);
    s.high = (double)(part.low + PUBLIC_FIVE - 1) / (double)whole.low;
    if (s.high > 1)
        s.high = 1;
    return s;
}

/* Columns by their place in public_counts: the second lies within the first; and two that exclude each other, within verified. */
enum { P_VERIFIED, P_EXPOSED, P_PATCHED, P_BACKDOORED, P_PATCHED_BACKDOORED, P_NOTIFIED, P_HUNTED, P_CLEAN };
static const struct { int whole, part; } within[] = {
    { P_VERIFIED, P_EXPOSED }, { P_VERIFIED, P_PATCHED }, { P_VERIFIED, P_BACKDOORED }, { P_VERIFIED, P_PATCHED_BACKDOORED }, { P_VERIFIED, P_NOTIFIED }, { P_VERIFIED, P_HUNTED },
    { P_VERIFIED, P_CLEAN }, { P_BACKDOORED, P_PATCHED_BACKDOORED }, { P_HUNTED, P_CLEAN },
};
static const struct { int one, other; } apart[] = { { P_EXPOSED, P_PATCHED }, { P_EXPOSED, P_CLEAN }, { P_BACKDOORED, P_CLEAN }, { P_PATCHED_BACKDOORED, P_CLEAN } };

/* Where two columns cannot both be told, the earlier is. */
static const int order[] = { P_PATCHED, P_BACKDOORED, P_PATCHED_BACKDOORED, P_CLEAN, P_NOTIFIED, P_HUNTED, P_EXPOSED };

uint32_t public_columns(const int64_t rest[PUBLIC_STRATUM_COUNTS], int64_t most)
{
    const int64_t step = PUBLIC_FIVE - 1;
    uint32_t      told = 1u << P_VERIFIED;

    /* 5 of them are one value at least, which everybody knows to be left out. */
    if (rest[P_VERIFIED] < PUBLIC_FIVE + step || rest[P_VERIFIED] + step > most)
        return 0;
    for (size_t o = 0; o < COUNT_OF(order); o++) {
        int  k = order[o];
        bool loose = rest[k] >= step;

        for (size_t i = 0; i < COUNT_OF(within); i++)
            if ((within[i].whole == k && told & 1u << within[i].part) || (within[i].part == k && told & 1u << within[i].whole))
                loose &= rest[within[i].whole] - rest[within[i].part] >= 2 * step;
        for (size_t i = 0; i < COUNT_OF(apart); i++)
            if ((apart[i].one == k && told & 1u << apart[i].other) || (apart[i].other == k && told & 1u << apart[i].one))
                loose &= rest[P_VERIFIED] - rest[apart[i].one] - rest[apart[i].other] >= 3 * step;
        told |= loose ? 1u << k : 0;
    }
    return told;
}

/* --- strata --- */

static bool listed(struct str value, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(value, str_c(list[i])))
            return true;
    return false;
}

static bool may_be_named(enum case_by by, struct str v)
{
    if (!v.n)
        return true;
    if (by == CASE_BY_COUNTRY)
        return v.n == 2 && v.p[0] >= 'A' && v.p[0] <= 'Z' && v.p[1] >= 'A' && v.p[1] <= 'Z';
    return by == CASE_BY_SECTOR ? listed(v, sectors, COUNT_OF(sectors)) : listed(v, sizes, COUNT_OF(sizes));
}

/* How many values there are at most, the unknown one among them: what somebody outside may assume. */
static size_t universe(enum case_by by)
{
    return 1 + (by == CASE_BY_COUNTRY ? COUNTRIES : by == CASE_BY_SECTOR ? COUNT_OF(sectors) : COUNT_OF(sizes));
}

/* As it is told, and then by name: the order says no more than the numbers. */
static int by_five(const void *x, const void *y)
{
    const struct case_stratum *a = x, *b = y;
    int64_t p = public_cell(a->now.n[COUNT_VERIFIED]).low, q = public_cell(b->now.n[COUNT_VERIFIED]).low;

    return p != q ? (p > q ? -1 : 1) : str_cmp(a->value, b->value);
}

static bool table(struct store *s, int64_t campaign, enum case_by by, int32_t day, const struct case_figure *whole, struct arena *a, struct public_row **ret, size_t *ret_n, struct err *e)
{
    struct case_stratum *v;
    struct public_row   *row;
    size_t               all, n = 0, named;
    int64_t              rest[PUBLIC_STRATUM_COUNTS], nameless = 0;
    uint32_t             told = 0;

    /* Values come largest first; the list of rows is made of those that may be named. */
    if (!case_figures_values(s, campaign, by, UNIT_ORGANISATIONS, day, a, &v, &all, e))
        return false;
    for (size_t i = 0; i < all; i++) {
        bool may = may_be_named(by, v[i].value);
        if (may && v[i].now.n[COUNT_VERIFIED] >= PUBLIC_FIVE)
            v[n++] = v[i];
        else if (!may)
            nameless += v[i].now.n[COUNT_VERIFIED];
    }
    for (int k = 0; k < PUBLIC_STRATUM_COUNTS; k++) {
        rest[k] = whole->n[public_counts[k]];
        for (size_t i = 0; i < n; i++)
            rest[k] -= v[i].now.n[public_counts[k]];
    }
    /* The more rows are left out, the more columns may be told: as many numbers as can be, and of equal choices the one with more rows. */
    for (size_t left = named = n, best = 0; left > 1; left--) {
        for (int k = 0; k < PUBLIC_STRATUM_COUNTS; k++)
            rest[k] += v[left - 1].now.n[public_counts[k]];
        int64_t  largest = public_cell(v[left - 2].now.n[COUNT_VERIFIED]).low + PUBLIC_FIVE - 1;
        uint32_t columns = public_columns(rest, largest * (int64_t)(named - left + 1) + nameless + (PUBLIC_FIVE - 1) * (int64_t)(universe(by) - named));
        size_t   cells = (left - 1) * (size_t)__builtin_popcount(columns);
        if (cells > best) {
            best = cells;
            n = left - 1;
            told = columns;
        }
    }
    n = told ? n : 0;
    row = NEW(a, struct public_row, n ? n : 1);
    if (!row)
        return err_set(e, ERR_MEMORY, "no room for a table");
    if (n)
        qsort(v, n, sizeof *v, by_five);
    for (size_t i = 0; i < n; i++) {
        row[i].value = v[i].value;
        for (int k = 0; k < PUBLIC_STRATUM_COUNTS; k++)
            if (told & 1u << k)
                row[i].n[k] = public_cell(v[i].now.n[public_counts[k]]);
    }
    *ret = row;
    *ret_n = n;
    return true;
}

/* --- days --- */

static bool series(const struct case_figure *f, size_t n, struct arena *a, struct public_day **ret, size_t *ret_n, struct err *e)
{
    struct public_day *list = NULL;
    size_t             m = 0, cap = 0;

    for (size_t i = 0; i < n; i++) {
        struct public_day d = { .day = f[i].day };

        for (int k = 0; k < PUBLIC_COUNTS; k++)
            d.n[k] = public_cell(f[i].n[public_counts[k]]);
        bool same = m > 0;
        for (int k = 0; same && k < PUBLIC_COUNTS; k++)
            same = list[m - 1].n[k].low == d.n[k].low;
        bool nothing = m == 0;
        for (int k = 0; nothing && k < PUBLIC_COUNTS; k++)
            nothing = d.n[k].low == 0;
        if (same || nothing)                       /* also the first day of all stays untold while it is one of a few */
            continue;
        struct public_day *to = GROW(a, list, m, &cap);
        if (!to)
            return err_set(e, ERR_MEMORY, "no room for the days");
        *to = d;
        m++;
    }
    *ret = list;
    *ret_n = m;
    return true;
}

/* --- servers --- */

/* Rule 2. *ret_as_of: the last day of a week, where it is told. */
static struct public_cell settled(const struct case_figure *orgs, size_t org_n, const struct case_figure *servers, size_t server_n, enum case_count what, int32_t day, int32_t *ret_as_of)
{
    struct public_cell none = { false, 0 };
    int64_t            told = 0;

    for (int32_t week = org_n ? public_week_end(orgs[0].day) : day + 1; week <= day; week += 7) {
        int64_t now = case_figures_on(orgs, org_n, week).n[what];
        if (now > told - PUBLIC_FIVE && now < told + PUBLIC_FIVE)
            continue;
        told = now;
        *ret_as_of = week;
    }
    return told < PUBLIC_FIVE ? none : public_cell(case_figures_on(servers, server_n, *ret_as_of).n[what]);
}

/* --- detectors --- */

static bool plain(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!ch_alnum(s.p[i]) && s.p[i] != '.' && s.p[i] != '_' && s.p[i] != '-' && s.p[i] != ' ')
            return false;
    return s.n > 0;
}

static int by_name(const void *x, const void *y) { return str_cmp(*(const struct str *)x, *(const struct str *)y); }

static bool detectors(struct store *s, int64_t campaign, int32_t day, struct arena *a, struct public_figures *p, struct err *e)
{
    struct case_stratum *v;
    size_t               n;

    if (!case_figures_values(s, campaign, CASE_BY_DETECTOR, UNIT_ORGANISATIONS, day, a, &v, &n, e))
        return false;
    p->detector = NEW(a, struct str, n ? n : 1);
    if (!p->detector)
        return err_set(e, ERR_MEMORY, "no room for detectors");
    for (size_t i = 0; i < n; i++)
        if (plain(v[i].value) && v[i].now.n[COUNT_VERIFIED] >= PUBLIC_FIVE)
            p->detector[p->detector_n++] = v[i].value;
    if (p->detector_n)
        qsort(p->detector, p->detector_n, sizeof *p->detector, by_name);       /* not by number */
    return true;
}

/* --- medians and the wave --- */

/* Rows of one pair, in the order of days. */
static bool waits(struct store *s, int64_t campaign, int32_t day, struct wait_pair pair, struct arena a, struct public_wait *ret, struct err *e)
{
    struct store_stmt *st = NULL;
    struct wait_week  *w = NULL;
    size_t             n = 0, cap = 0;
    enum store_got     got = STORE_FAILED;
    bool               ok = store_prepare(s, "SELECT day, band, arrived, n FROM case_wait WHERE campaign = ?1 AND from_step = ?2 AND to_step = ?3 AND day <= ?4 ORDER BY day", &st, e);

    const int64_t bind[] = { campaign, pair.from, pair.to, day };
    for (size_t i = 0; ok && i < COUNT_OF(bind); i++)
        store_bind_int(st, (int)i + 1, bind[i]);
    while (ok && (got = store_step(st, e)) == STORE_ROW) {
        int32_t  at = (int32_t)store_int(st, 0);
        uint64_t band = (uint64_t)store_int(st, 1);

        if (!n || w[n - 1].day != at) {
            struct wait_week *to = GROW(&a, w, n, &cap);
            ok = to || err_set(e, ERR_MEMORY, "no room for the weeks of a median");
            if (!ok)
                break;
            *to = (struct wait_week){ .day = at };
            n++;
        }
        if (band < WAIT_BANDS)
            *(store_int(st, 2) ? &w[n - 1].arrived[band] : &w[n - 1].open[band]) += store_int(st, 3);
    }
    store_finish(st);
    if (!ok || got == STORE_FAILED)
        return false;
    *ret = wait_told(w, n);
    return true;
}

static bool wave(struct store *s, int64_t campaign, int32_t day, const struct wave_dates *dates, struct arena *a, struct public_wave *ret, struct err *e)
{
    struct store_stmt  *st = NULL;
    struct wave_changes w[WAVE_WHATS] = { 0 };
    size_t              cap[WAVE_WHATS] = { 0 };
    enum store_got      got = STORE_FAILED;
    bool                ok = store_prepare(s, "SELECT what, known, day, n FROM case_wave WHERE campaign = ?1 AND known <= ?2 ORDER BY known, day", &st, e);

    if (ok) {
        store_bind_int(st, 1, campaign);
        store_bind_int(st, 2, day);
    }
    while (ok && (got = store_step(st, e)) == STORE_ROW) {
        uint64_t what = (uint64_t)store_int(st, 0);
        if (what >= WAVE_WHATS)
            continue;
        struct wave_change *c = GROW(a, w[what].list, w[what].n, &cap[what]);
        ok = c || err_set(e, ERR_MEMORY, "no room for the days of a wave");
        if (!ok)
            break;
        *c = (struct wave_change){ (int32_t)store_int(st, 1), (int32_t)store_int(st, 2), store_int(st, 3) };
        w[what].n++;
    }
    store_finish(st);
    return ok && got == STORE_DONE && public_wave_tell(w, dates, a, ret, e);
}

bool public_figures_read(struct store *s, int64_t campaign, int32_t day, const struct wave_dates *dates, struct arena *a, struct public_figures *ret, struct err *e)
{
    static const enum case_by by[] = { CASE_BY_COUNTRY, CASE_BY_SECTOR, CASE_BY_SIZE };
    struct public_figures p = { .day = day };
    struct case_figure   *orgs, *servers;
    size_t                org_n, server_n;

    if (!case_figures_read(s, campaign, CASE_BY_ALL, STR(""), UNIT_ORGANISATIONS, a, &orgs, &org_n, e) ||
        !case_figures_read(s, campaign, CASE_BY_ALL, STR(""), UNIT_SERVERS, a, &servers, &server_n, e))
        return false;
    while (org_n && orgs[org_n - 1].day > day)
        org_n--;
    struct case_figure o = case_figures_on(orgs, org_n, day);
    for (int k = 0; k < PUBLIC_COUNTS; k++) {
        p.organisations[k] = public_cell(o.n[public_counts[k]]);
        p.servers[k] = settled(orgs, org_n, servers, server_n, public_counts[k], day, &p.servers_as_of[k]);
    }
    for (size_t i = 0; i < COUNT_OF(by); i++) {
        p.table[i].by = by[i];
        if (!table(s, campaign, by[i], day, &o, a, &p.table[i].row, &p.table[i].n, e))
            return false;
    }
    for (int i = 0; i < WAIT_PAIRS; i++)
        if (!waits(s, campaign, day, wait_pairs[i], *a, &p.wait[i], e))
            return false;
    if (!series(orgs, org_n, a, &p.days, &p.day_n, e) || !detectors(s, campaign, day, a, &p, e) || !wave(s, campaign, day, dates, a, &p.wave, e))
        return false;
    *ret = p;
    return true;
}
