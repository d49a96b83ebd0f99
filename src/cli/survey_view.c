#include "cli/survey_view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { FULL_SHARE = 20 };

void survey_day_text(int32_t day, char ret[SURVEY_DAY_TEXT])
{
    char text[TIME_TEXT];

    time_text((int64_t)day * TIME_DAY, text);
    snprintf(ret, SURVEY_DAY_TEXT, "%.10s", text);
}

bool survey_day_parse(struct str s, int32_t *ret, struct err *e)
{
    int64_t us;

    if (!time_parse(s, &us) || us < (int64_t)FIGURES_DAY_MIN * TIME_DAY || us >= (int64_t)FIGURES_DAY_MAX * TIME_DAY) {
        err_set(e, ERR_USAGE, "\"%.*s\" is no day", STR_ARG(str_sub(s, 0, 60)));
        return err_hint(e, "write 2021-03-14");
    }
    *ret = (int32_t)(us / TIME_DAY);
    return true;
}

void survey_share_text(struct share s, char ret[SURVEY_SHARE_TEXT])
{
    if (!s.known)
        snprintf(ret, SURVEY_SHARE_TEXT, "-");
    else if (s.high - s.low < 0.0005)
        snprintf(ret, SURVEY_SHARE_TEXT, "%.1f %%", s.low * 100);
    else
        snprintf(ret, SURVEY_SHARE_TEXT, "%.1f to %.1f %%", s.low * 100, s.high * 100);
}

void survey_half_text(const struct half_life *h, char ret[SURVEY_HALF_TEXT])
{
    if (!h->known)
        snprintf(ret, SURVEY_HALF_TEXT, "-");
    else if (isinf(h->high))
        snprintf(ret, SURVEY_HALF_TEXT, "%.1f days (%.1f or more)", h->days, h->low);
    else
        snprintf(ret, SURVEY_HALF_TEXT, "%.1f days (%.1f to %.1f)", h->days, h->low, h->high);
}

/* --- making it --- */

/* Nothing in the store has a time: then all of it counts for the days on which it was recorded (daily.h). */
static bool days_recorded(struct store *s, int32_t *ret_first, int32_t *ret_last, struct err *e)
{
    struct store_stmt *st = NULL;

    if (!store_prepare(s, "SELECT MIN(recorded_us), MAX(recorded_us), COUNT(*) FROM survey_batch WHERE observations > 0", &st, e))
        return false;
    enum store_got got = store_step(st, e);
    bool           any = got == STORE_ROW && store_int(st, 2) > 0;
    if (any) {
        *ret_first = (int32_t)(store_int(st, 0) / TIME_DAY);
        *ret_last = (int32_t)(store_int(st, 1) / TIME_DAY);
    }
    store_finish(st);
    if (any || got == STORE_FAILED)
        return any;
    err_set(e, ERR_FORMAT, "the store holds no observation");
    return err_hint(e, "`afterpatch survey import FILE...` brings some");
}

/* The first day that has a good part of the observations of the fullest, and the last of all. */
static bool days_of(struct store *s, struct arena scratch, int32_t *ret_first, int32_t *ret_last, struct err *e)
{
    static const char sql[] = "SELECT observed_us / 86400000000, COUNT(*) FROM survey_observation WHERE observed_us > 631152000000000 GROUP BY 1";
    int64_t           *on = NEW(&scratch, int64_t, FIGURES_DAY_MAX), most = 0;
    struct store_stmt *st = NULL;
    enum store_got     got;
    int32_t            first = FIGURES_DAY_MIN;

    if (!on)
        return err_set(e, ERR_MEMORY, "no room for the days");
    if (!store_prepare(s, sql, &st, e))
        return false;
    while ((got = store_step(st, e)) == STORE_ROW) {
        int64_t day = store_int(st, 0), n = store_int(st, 1);
        if (day < FIGURES_DAY_MIN || day >= FIGURES_DAY_MAX)
            continue;
        on[day] = n;
        most = n > most ? n : most;
        *ret_last = day > *ret_last ? (int32_t)day : *ret_last;
    }
    store_finish(st);
    if (got == STORE_FAILED)
        return false;
    if (!most)
        return days_recorded(s, ret_first, ret_last, e);
    while (on[first] * FULL_SHARE < most)
        first++;
    *ret_first = first;
    return true;
}

static bool groups_make(struct survey_view *v, struct err *e)
{
    v->group = NEW(&v->data.room, struct survey_group, v->data.builds.group_n);
    if (!v->group)
        return err_set(e, ERR_MEMORY, "no room for the figures");
    for (uint32_t g = 0; g < v->data.builds.group_n; g++) {
        struct survey_group x = { .group = g, .now = figures_on(&v->figures, g, BY_ALL, 0, v->day),
                                  .cohort_then = figures_on(&v->figures, g, BY_COHORT, 0, v->cohort_day),
                                  .cohort_now = figures_on(&v->figures, g, BY_COHORT, 0, v->day) };

        int64_t fix = builds_first_fix_us(&v->data.builds, g);
        if (fix != TIME_NONE && fix >= (int64_t)(v->day + 1) * TIME_DAY && !v->figures.o.groups)       /* its fix was yet to come */
            continue;
        if (figure_population(&x.now) + x.now.n[FIG_GONE] + x.now.n[FIG_MOVED] == 0)
            continue;
        if (!half_life_of(&v->figures, v->data.room, g, v->cohort_day, v->day, &x.half, e) || !survival_of(&v->figures, &v->data.room, g, &x.patched, e))
            return false;
        v->group[v->group_n++] = x;
    }
    return true;
}

static bool make(struct survey_view *v, const struct survey_ask *ask, struct err *e)
{
    struct figures_options o = { .builds = &v->data.builds, .last_day = ask->day };
    int32_t                last = 0;
    int                    one;

    if (ask->group.n) {
        if ((one = builds_group(&v->data.builds, ask->group)) < 0) {
            err_set(e, ERR_USAGE, "no group \"%.*s\"", STR_ARG(str_sub(ask->group, 0, 60)));
            return err_hint(e, "`afterpatch survey build --group all 15.1` lists them");
        }
        o.groups = UINT64_C(1) << one;
    }
    if (!days_of(v->data.store, v->data.room, &v->cohort_day, &last, e))
        return false;
    if (ask->cohort_day)
        v->cohort_day = ask->cohort_day;
    o.cohort_day = v->cohort_day;
    if (!ask->asn_every_day)
        o.asn_from = o.asn_to = ask->day ? ask->day : last;
    /* Room of its own, for sectors are found while figures grow. */
    struct arena room = v->data.room;
    room.beg += arena_room(&room) / 2;
    v->data.room.end = room.beg;
    if (!figures_open(&v->figures, &room, &o, e))
        return false;
    struct span_sink sink = figures_sink(&v->figures);
    if (!survey_data_spans(&v->data, &sink, e) || !figures_done(&v->figures, e))
        return false;
    v->figures.a = NULL;                           /* nothing more is taken */
    if (!v->figures.spans) {
        err_set(e, ERR_FORMAT, "the store holds nothing about an Exchange server until then");
        return err_hint(e, "`afterpatch survey import FILE...` brings observations");
    }
    v->first_day = v->figures.first_day;
    v->day = ask->day ? ask->day : v->figures.last_day;
    return groups_make(v, e);
}

bool survey_view_open(struct survey_view *v, struct cli *c, const struct survey_ask *ask, struct err *e)
{
    *v = (struct survey_view){ 0 };
    if (!survey_data_open(&v->data, c, ask->store, ask->builds, ask->where, ask->day, e))
        return false;
    if (make(v, ask, e))
        return true;
    survey_view_close(v);
    return false;
}

void survey_view_close(struct survey_view *v)
{
    survey_data_close(&v->data);
    *v = (struct survey_view){ 0 };
}

/* --- reading it --- */

struct str survey_value_name(const struct survey_view *v, struct arena *a, enum figure_by by, uint32_t value)
{
    uint16_t   line[4];
    const char cc[] = { (char)(value >> 8), (char)value };

    switch (by) {
    case BY_COUNTRY:  return value ? str_dup(a, (struct str){ (const uint8_t *)cc, 2 }) : STR("unknown");
    case BY_SECTOR:   return value ? survey_sector(&v->data, value) : STR("unknown");
    case BY_ASN:      return value ? str_fmt(a, "AS%u", value) : STR("unknown");
    case BY_PRODUCT:  return value < BUILD_PRODUCTS ? str_c(build_product_name((enum build_product)value)) : STR("unknown");
    case BY_LINE: {
        const struct build_row *r;
        figure_line_numbers(value, line);
        if (!value || !(r = builds_line(&v->data.builds, line, 3)))
            return value ? str_fmt(a, "%u.%u.%u", line[0], line[1], line[2]) : STR("unknown");
        struct str product = str_from(r->product, str_rchr(r->product, ' ') + 1);        /* "2016": STR_NONE + 1 is 0 */
        return line[0] == 14 ? str_fmt(a, "%u.%u %.*s %.*s", line[0], line[1], STR_ARG(product), STR_ARG(r->cumulative)) :
                               str_fmt(a, "%u.%u.%u %.*s %.*s", line[0], line[1], line[2], STR_ARG(product), STR_ARG(r->cumulative));
    }
    case BY_DETECTOR: return daily_detector(v->data.daily, value).n ? daily_detector(v->data.daily, value) : STR("unknown");
    case BY_ALL: case BY_COHORT: case FIGURE_BYS: break;
    }
    return STR("all");
}

static int64_t weight(const struct figure *f)
{
    return figure_population(f) * 1000000 + f->n[FIG_GONE] + f->n[FIG_MOVED];
}

static int by_weight(const void *x, const void *y)
{
    const struct survey_value *a = x, *b = y;
    int64_t p = weight(&a->now), q = weight(&b->now);

    return p != q ? (p < q ? 1 : -1) : (a->value > b->value) - (a->value < b->value);
}

bool survey_largest(const struct survey_view *v, struct arena *a, uint32_t group, enum figure_by by, size_t max,
                    struct survey_value **ret, size_t *ret_n, size_t *ret_more, struct err *e)
{
    struct survey_value *list = NULL;
    size_t               n = 0, cap = 0;

    for (uint64_t value = 0; figures_next_value(&v->figures, group, by, &value); value++) {
        struct figure now = figures_on(&v->figures, group, by, (uint32_t)value, v->day);
        struct survey_value *at;
        if (weight(&now) == 0)
            continue;
        if (!(at = GROW(a, list, n, &cap)))
            return err_set(e, ERR_MEMORY, "no room for a table");
        *at = (struct survey_value){ (uint32_t)value, now };
        n++;
    }
    if (n)
        qsort(list, n, sizeof *list, by_weight);
    *ret = list;
    *ret_n = n < max ? n : max;
    *ret_more = n - *ret_n;
    return true;
}

struct str survey_detectors(const struct survey_view *v, struct arena *a, uint32_t group)
{
    struct survey_value *list;
    struct err           e;
    size_t               n, more;
    struct str           text = STR("");

    if (!survey_largest(v, a, group, BY_DETECTOR, 6, &list, &n, &more, &e))
        return STR_EMPTY;
    for (size_t i = 0; i < n && text.p; i++) {
        struct str name = survey_value_name(v, a, BY_DETECTOR, list[i].value);
        text = str_fmt(a, "%.*s%s%.*s (%lld)", STR_ARG(text), i ? ", " : "", STR_ARG(name), (long long)figure_population(&list[i].now));
    }
    return more && text.p ? str_fmt(a, "%.*s and %zu more", STR_ARG(text), more) : text;
}
