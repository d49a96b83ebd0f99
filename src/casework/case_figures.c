/* case_figures: spans in, differences on days, rows out. Reading is in case_figures_read.c. */
#include "casework/case_figures.h"

#include "base/num.h"
#include "base/utf.h"

#include <stdlib.h>
#include <string.h>

/* A series is known by campaign, stratum, unit and value. peak: the highest number of verified and candidates that it reached, for the values that stay. */
struct series {
    int64_t        campaign;
    enum case_by   by;
    enum case_unit unit;
    struct str     value;
    int64_t        peak;
    uint32_t       stamp;          /* the take that touched it last */
};
/* What changes in a series from one day to the next. */
struct change { uint32_t series; int32_t day; int32_t n[CASE_COUNTS]; };

/* Hash tables of indices + 1 into lists that grow. */
struct table { uint32_t *slot; size_t cap; };

struct case_figures {
    struct arena  *a;
    struct series *series; size_t series_n, series_cap;
    struct change *change; size_t change_n, change_cap;
    struct table   by_series, by_change;
    uint32_t       takes;
    int32_t        last_day;
};

bool case_figures_open(struct case_figures **ret, struct arena *a, struct err *e)
{
    struct case_figures *f = NEW(a, struct case_figures, 1);

    if (!f)
        return err_set(e, ERR_MEMORY, "no room for figures");
    f->a = a;
    f->last_day = CASE_DAY_MIN;
    *ret = f;
    return true;
}

/* --- tables --- */

static uint64_t mix(uint64_t h)
{
    h = (h ^ h >> 31) * UINT64_C(0x9E3779B97F4A7C15);
    return h ^ h >> 29;
}
static uint64_t series_hash(const struct series *s) { return mix(str_hash(s->value) ^ (uint64_t)s->campaign * 31 ^ (uint64_t)s->by << 8 ^ (uint64_t)s->unit << 4); }
static uint64_t change_hash(const struct change *c) { return mix((uint64_t)c->series << 32 ^ (uint64_t)(uint32_t)c->day); }

static bool same_series(const struct series *x, const struct series *y)
{
    return x->campaign == y->campaign && x->by == y->by && x->unit == y->unit && str_eq(x->value, y->value);
}

/* Doubles before it is half full, and is made where there is none; hashes come from `of`, by index. */
static bool table_room(struct case_figures *f, struct table *t, size_t n, uint64_t (*of)(const struct case_figures *, size_t))
{
    struct table wide = { .cap = 1024 };

    if (t->cap > n * 2)
        return true;
    while (wide.cap <= n * 4)
        wide.cap *= 2;
    wide.slot = NEW(f->a, uint32_t, wide.cap);
    if (!wide.slot)
        return false;
    for (size_t i = 0; i < n; i++) {
        size_t at = of(f, i) & (wide.cap - 1);
        while (wide.slot[at])
            at = (at + 1) & (wide.cap - 1);
        wide.slot[at] = (uint32_t)i + 1;
    }
    *t = wide;
    return true;
}

static uint64_t hash_of_series(const struct case_figures *f, size_t i) { return series_hash(&f->series[i]); }
static uint64_t hash_of_change(const struct case_figures *f, size_t i) { return change_hash(&f->change[i]); }

/* The index of a series; UINT32_MAX: no room. */
static uint32_t series_at(struct case_figures *f, const struct series *want)
{
    if (!table_room(f, &f->by_series, f->series_n, hash_of_series))
        return UINT32_MAX;
    size_t at = series_hash(want) & (f->by_series.cap - 1);
    for (; f->by_series.slot[at]; at = (at + 1) & (f->by_series.cap - 1))
        if (same_series(&f->series[f->by_series.slot[at] - 1], want))
            return f->by_series.slot[at] - 1;

    struct series  *s = GROW(f->a, f->series, f->series_n, &f->series_cap);
    struct str      value = want->value.n ? str_dup(f->a, want->value) : STR("");
    if (!s || !value.p)
        return UINT32_MAX;
    *s = *want;
    s->value = value;
    f->by_series.slot[at] = (uint32_t)++f->series_n;
    return (uint32_t)f->series_n - 1;
}

static bool change(struct case_figures *f, uint32_t series, int32_t day, const int32_t n[CASE_COUNTS], int sign)
{
    struct change want = { .series = series, .day = day };

    if (!table_room(f, &f->by_change, f->change_n, hash_of_change))
        return false;
    size_t at = change_hash(&want) & (f->by_change.cap - 1);
    while (f->by_change.slot[at] && (f->change[f->by_change.slot[at] - 1].series != series || f->change[f->by_change.slot[at] - 1].day != day))
        at = (at + 1) & (f->by_change.cap - 1);
    if (!f->by_change.slot[at]) {
        struct change *c = GROW(f->a, f->change, f->change_n, &f->change_cap);
        if (!c)
            return false;
        *c = want;
        f->by_change.slot[at] = (uint32_t)++f->change_n;
    }
    struct change *c = &f->change[f->by_change.slot[at] - 1];
    for (int i = 0; i < CASE_COUNTS; i++)
        c->n[i] += sign * n[i];
    return true;
}

/* --- values --- */

/* Two letters of either case are a country; anything else is unknown. */
static struct str country_of(struct str s, uint8_t room[CASE_VALUE_MAX])
{
    if (s.n != 2 || !ch_alpha(s.p[0]) || !ch_alpha(s.p[1]))
        return STR("");
    room[0] = (uint8_t)(ch_lower(s.p[0]) - 32);
    room[1] = (uint8_t)(ch_lower(s.p[1]) - 32);
    return (struct str){ room, 2 };
}

/* As the store will have it (no NUL, whole UTF-8), so that two values are never one there; cut between characters. */
static struct str word_of(struct str s, bool lower, uint8_t room[CASE_VALUE_MAX])
{
    size_t n = 0;

    s = str_trim(s);
    while (s.n) {
        uint32_t cp = 0xFFFD;
        uint8_t  put[4];
        size_t   w = *s.p ? utf8_next(s, &cp) : 0, k = utf8_put(w ? cp : 0xFFFD, put);

        if (n + k > CASE_VALUE_MAX)
            break;
        for (size_t i = 0; i < k; i++)
            room[n++] = lower ? ch_lower(put[i]) : put[i];
        s = str_from(s, w ? w : 1);
    }
    return str_trim((struct str){ room, n });
}

/* --- what counts --- */

/* A finding is there now. */
static bool door(const struct asset_state *x) { return x->compromise == COMPROMISE_BACKDOORED || x->compromise == COMPROMISE_RELAPSED; }

/* What a case gives to each of its servers and to itself. */
static void of_case(const struct case_state *s, int32_t n[CASE_COUNTS])
{
    n[COUNT_VERIFIED] = 1;
    n[COUNT_NOTIFIED] = s->notified_us != TIME_NONE;
    n[COUNT_ANSWERED] = s->acknowledged_us != TIME_NONE;
    n[COUNT_DELIVERED] = s->delivered_us != TIME_NONE;
    n[COUNT_DORMANT] = s->stage == CASE_DORMANT;
    n[COUNT_CLOSED] = s->derived == CASE_CLOSED;
    for (uint32_t i = 0; i < s->notice_n; i++)
        n[COUNT_BOUNCED] |= s->notice[i].step == NOTICE_BOUNCED_HARD;
}

static void joint(int32_t n[CASE_COUNTS])
{
    n[COUNT_HUNTED_OF_NOTIFIED] = n[COUNT_HUNTED] && n[COUNT_NOTIFIED];
    n[COUNT_ANSWERED_OF_NOTIFIED] = n[COUNT_ANSWERED] && n[COUNT_NOTIFIED];
    n[COUNT_MISSED_OF_HUNTED] = n[COUNT_MISSED] && n[COUNT_HUNTED];
}

static void of_server(const struct case_state *s, const struct asset_state *x, const struct case_server_strata *at, int32_t n[CASE_COUNTS])
{
    of_case(s, n);
    n[COUNT_EXPOSED] = x->exposure == EXPOSURE_VULNERABLE;
    n[COUNT_PATCHED] = x->exposure == EXPOSURE_PATCHED;
    n[COUNT_BACKDOORED] = door(x);
    n[COUNT_PATCHED_BACKDOORED] = door(x) && x->exposure == EXPOSURE_PATCHED;
    n[COUNT_BACKDOORED_EVER] = x->backdoored_ever;
    n[COUNT_REENTERED] = x->re_entered;
    n[COUNT_MOVED_ON] = at->beyond;
    n[COUNT_MAIL_STOLEN] = at->stolen;
    n[COUNT_HUNTED] = x->hunted;
    n[COUNT_CLEAN] = x->clean;
    n[COUNT_EVER_CLEAN] = x->clean || x->was_clean;
    n[COUNT_RELAPSED] = x->relapses > 0;
    n[COUNT_MISSED] = x->missed > 0;
    n[COUNT_REENTERED_OF_BACKDOORED] = x->re_entered && x->backdoored_ever;
    n[COUNT_RELAPSED_OF_CLEAN] = x->relapses > 0 && (x->clean || x->was_clean);
    joint(n);
}

/* What is so of one server is so of the organisation; the rest is the case's. */
static void of_organisation(const struct case_state *s, const struct case_server_strata *servers, int32_t n[CASE_COUNTS])
{
    uint32_t patched = 0, safe = 0, all = 0;

    for (uint32_t i = 0; i < s->asset_n; i++) {
        const struct asset_state *x = &s->asset[i];
        int32_t one[CASE_COUNTS] = { 0 };

        if (x->not_mine)
            continue;
        of_server(s, x, &servers[i], one);
        for (int k = 0; k < CASE_COUNTS; k++)
            n[k] |= one[k];
        all++;
        patched += x->exposure == EXPOSURE_PATCHED;
        safe += x->exposure == EXPOSURE_PATCHED || x->exposure == EXPOSURE_NOT_AFFECTED || x->exposure == EXPOSURE_RETIRED;
    }
    of_case(s, n);
    n[COUNT_PATCHED] = patched && safe == all;
    n[COUNT_HUNTED] = s->hunted_us != TIME_NONE;
    n[COUNT_CLEAN] = s->clean_us != TIME_NONE;
    joint(n);
}

static void of_notices(const struct case_state *s, int32_t n[CASE_COUNTS])
{
    for (uint32_t i = 0; i < s->notice_n; i++) {
        const struct notice_state *x = &s->notice[i];
        bool out = x->accepted_us != TIME_NONE, back = x->answered_us != TIME_NONE || x->step == NOTICE_ACKNOWLEDGED;

        n[COUNT_VERIFIED]++;
        n[COUNT_NOTIFIED] += out;
        n[COUNT_DELIVERED] += x->delivered_us != TIME_NONE;
        n[COUNT_BOUNCED] += x->step == NOTICE_BOUNCED_HARD;
        n[COUNT_ANSWERED] += back;
        n[COUNT_ANSWERED_OF_NOTIFIED] += out && back;
    }
}

/* --- a span --- */

struct take {
    struct case_figures *f;
    int64_t campaign;
    int32_t from, to;
    uint8_t room[4][CASE_VALUE_MAX];
};

/* once: not when this take has counted there already. */
static bool add(const struct take *t, enum case_by by, struct str value, enum case_unit unit, const int32_t n[CASE_COUNTS], bool once)
{
    struct series want = { .campaign = t->campaign, .by = by, .unit = unit, .value = value };
    bool          any = false;

    for (int i = 0; i < CASE_COUNTS; i++)
        any |= n[i] != 0;
    if (!any)
        return true;
    uint32_t at = series_at(t->f, &want);
    if (at == UINT32_MAX)
        return false;
    if (once && t->f->series[at].stamp == t->f->takes)
        return true;
    t->f->series[at].stamp = t->f->takes;
    return change(t->f, at, t->from, n, 1) && change(t->f, at, t->to + 1, n, -1);
}

/* In the strata that are the organisation's. */
static bool add_own(const struct take *t, const struct case_strata *of, enum case_unit unit, const int32_t n[CASE_COUNTS])
{
    return add(t, CASE_BY_ALL, STR(""), unit, n, false) && add(t, CASE_BY_COUNTRY, of->country, unit, n, false) && add(t, CASE_BY_SECTOR, of->sector, unit, n, false) &&
           add(t, CASE_BY_SIZE, of->size, unit, n, false);
}

static bool add_all(struct take *t, const struct case_state *s, const struct case_strata *of, const struct case_server_strata *servers)
{
    int32_t org[CASE_COUNTS] = { 0 }, sum[CASE_COUNTS] = { 0 }, notices[CASE_COUNTS] = { 0 };
    bool    counts = s->stage >= CASE_VERIFIED, candidate = s->stage == CASE_CANDIDATE;

    if (counts) {
        of_organisation(s, servers, org);
        of_notices(s, notices);
    }
    org[COUNT_CANDIDATES] = candidate;
    org[COUNT_FORCED] = s->forced;
    for (uint32_t i = 0; i < s->asset_n; i++) {
        const struct asset_state *x = &s->asset[i];
        int32_t n[CASE_COUNTS] = { 0 };

        if (x->not_mine)
            continue;
        if (counts)
            of_server(s, x, &servers[i], n);
        n[COUNT_CANDIDATES] = candidate;
        n[COUNT_FORCED] = s->forced;
        struct str country = country_of(servers[i].country, t->room[2]), detector = word_of(servers[i].detector, false, t->room[3]);
        if (!add(t, CASE_BY_ADDRESS_COUNTRY, country, UNIT_SERVERS, n, false) || !add(t, CASE_BY_DETECTOR, detector, UNIT_SERVERS, n, false) ||
            !add(t, CASE_BY_ADDRESS_COUNTRY, country, UNIT_ORGANISATIONS, org, true) || !add(t, CASE_BY_DETECTOR, detector, UNIT_ORGANISATIONS, org, true))
            return false;
        for (int k = 0; k < CASE_COUNTS; k++)
            sum[k] += n[k];
    }
    return add_own(t, of, UNIT_ORGANISATIONS, org) && add_own(t, of, UNIT_SERVERS, sum) && add_own(t, of, UNIT_NOTICES, notices);
}

bool case_figures_take(struct case_figures *f, int64_t campaign, int32_t from, int32_t to, const struct case_state *s, const struct case_strata *of,
                       const struct case_server_strata *servers, struct err *e)
{
    struct take t = { .f = f, .campaign = campaign, .from = from, .to = to };
    uint8_t     room[2][CASE_VALUE_MAX];
    struct case_strata own = { country_of(of->country, t.room[0]), word_of(of->sector, true, room[0]), word_of(of->size, true, room[1]) };

    if (from > to || from < CASE_DAY_MIN || to >= CASE_DAY_MAX)
        return err_set(e, ERR_USAGE, "a case cannot stand so from day %d to day %d", from, to);
    f->takes++;
    if (to > f->last_day)
        f->last_day = to;
    return add_all(&t, s, &own, servers) || err_set(e, ERR_MEMORY, "no room for the figures of day %d", from);
}

/* --- rows --- */

static int by_series_and_day(const void *x, const void *y)
{
    const struct change *a = x, *b = y;

    return a->series != b->series ? (a->series < b->series ? -1 : 1) : (a->day > b->day) - (a->day < b->day);
}

/* Campaign, stratum, value, unit: the order of the table's key. */
static int order_of(const struct series *a, const struct series *b)
{
    int c = (a->campaign > b->campaign) - (a->campaign < b->campaign);

    c = c ? c : (int)a->by - (int)b->by;
    c = c ? c : str_cmp(a->value, b->value);
    return c ? c : (int)a->unit - (int)b->unit;
}

struct sorted { const struct series *s; uint32_t at; };
static int by_key(const void *x, const void *y) { return order_of(((const struct sorted *)x)->s, ((const struct sorted *)y)->s); }

/* Highest peak first, within campaign and stratum: those past CASE_VALUES_MAX fold into one. */
static int by_peak(const void *x, const void *y)
{
    const struct series *a = ((const struct sorted *)x)->s, *b = ((const struct sorted *)y)->s;
    int c = (a->campaign > b->campaign) - (a->campaign < b->campaign);

    c = c ? c : (int)a->by - (int)b->by;
    c = c ? c : (a->peak < b->peak) - (a->peak > b->peak);
    return c ? c : str_cmp(a->value, b->value);
}

static void peaks(struct case_figures *f)
{
    int64_t now = 0;

    for (size_t i = 0; i < f->change_n; i++) {
        struct change *c = &f->change[i];
        struct series *s = &f->series[c->series];

        if (i == 0 || f->change[i - 1].series != c->series)
            now = s->peak = 0;
        now += c->n[COUNT_VERIFIED] + c->n[COUNT_CANDIDATES];
        if (now > s->peak)
            s->peak = now;
    }
}

static void change_sort(struct case_figures *f)
{
    if (f->change_n)
        qsort(f->change, f->change_n, sizeof *f->change, by_series_and_day);
    f->by_change = (struct table){ NULL, 0 };      /* indices moved: a later take makes it anew */
}

/* Values past CASE_VALUES_MAX go into one. Which stay is decided by organisations; servers and notices follow them. */
static bool fold(struct case_figures *f)
{
    struct sorted *list = TAKE(f->a, struct sorted, f->series_n ? f->series_n : 1);
    uint32_t      *into = TAKE(f->a, uint32_t, f->series_n ? f->series_n : 1);
    size_t         n = 0, rank = 0, all = f->series_n;
    bool           any = false;

    if (!list || !into)
        return false;
    for (size_t i = 0; i < all; i++) {
        into[i] = (uint32_t)i;
        if (f->series[i].unit == UNIT_ORGANISATIONS)
            list[n++] = (struct sorted){ &f->series[i], (uint32_t)i };
    }
    qsort(list, n, sizeof *list, by_peak);
    for (size_t i = 0; i < n; i++) {
        rank = i && list[i].s->campaign == list[i - 1].s->campaign && list[i].s->by == list[i - 1].s->by ? rank + 1 : 0;
        if (rank < CASE_VALUES_MAX || str_eq(list[i].s->value, STR(CASE_VALUE_OTHER)))
            continue;
        for (int u = 0; u < CASE_UNITS; u++) {
            struct series from = *list[i].s, to = from;
            from.unit = to.unit = (enum case_unit)u;
            to.value = STR(CASE_VALUE_OTHER);
            size_t at = series_hash(&from) & (f->by_series.cap - 1);
            while (f->by_series.slot[at] && !same_series(&f->series[f->by_series.slot[at] - 1], &from))
                at = (at + 1) & (f->by_series.cap - 1);
            if (!f->by_series.slot[at])
                continue;
            /* The list of series may grow; what `list` points at stays readable in the arena, and as it was. */
            uint32_t old = f->by_series.slot[at] - 1, other = series_at(f, &to);
            if (other == UINT32_MAX)
                return false;
            into[old] = other;
            any = true;
        }
    }
    if (!any)
        return true;
    for (size_t i = 0; i < f->change_n; i++)
        if (f->change[i].series < all)
            f->change[i].series = into[f->change[i].series];
    change_sort(f);
    return true;
}

static void row(struct store_bulk *b, const struct series *s, int what, int32_t day, int64_t n)
{
    store_bulk_int(b, s->campaign);
    store_bulk_int(b, s->by);
    store_bulk_text(b, s->value);
    store_bulk_int(b, s->unit);
    store_bulk_int(b, what);
    store_bulk_int(b, day);
    store_bulk_int(b, n);
}

/* One series, count by count; days with several changes (after a fold) are added up first. */
static bool series_rows(struct store_bulk *b, const struct series *s, const struct change *c, size_t n, int32_t last, struct err *e)
{
    for (int what = 0; what < CASE_COUNTS; what++) {
        int64_t now = 0, told = 0;

        for (size_t i = 0; i < n && c[i].day <= last; i++) {
            now += c[i].n[what];
            if ((i + 1 < n && c[i + 1].day == c[i].day) || now == told)
                continue;
            row(b, s, what, c[i].day, now);
            if (!store_bulk_row(b, e))
                return false;
            told = now;
        }
    }
    return true;
}

bool case_figures_write(struct case_figures *f, struct store *s, struct err *e)
{
    struct store_bulk *b = NULL;
    struct arena       scratch;
    struct sorted     *list;
    uint32_t          *first;
    bool               ok = true;

    change_sort(f);
    peaks(f);
    if (!fold(f))
        return err_set(e, ERR_MEMORY, "no room for the figures");
    scratch = *f->a;
    list = TAKE(&scratch, struct sorted, f->series_n ? f->series_n : 1);
    first = TAKE(&scratch, uint32_t, f->series_n + 1);
    if (!list || !first)
        return err_set(e, ERR_MEMORY, "no room for the figures");
    for (size_t i = 0, k = 0; i <= f->series_n; i++) {
        while (k < f->change_n && f->change[k].series < i)
            k++;
        first[i] = (uint32_t)k;
    }
    for (size_t i = 0; i < f->series_n; i++)
        list[i] = (struct sorted){ &f->series[i], (uint32_t)i };
    if (f->series_n)
        qsort(list, f->series_n, sizeof *list, by_key);
    if (!store_exec(s, "DELETE FROM case_figure", e) || !store_bulk_begin(s, "case_figure", "campaign, by_what, value, unit, what, day, n", STORE_FRESH, &b, e))
        return false;
    for (size_t i = 0; ok && i < f->series_n; i++) {
        uint32_t at = list[i].at;
        ok = series_rows(b, list[i].s, f->change + first[at], first[at + 1] - first[at], f->last_day, e);
    }
    struct err also = { 0 };
    return store_bulk_end(b, NULL, ok ? e : &also) && ok;
}
