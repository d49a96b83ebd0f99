/* survey status as CSV and JSON: every figure with its day, group, stratum and unit. */
#include "cli/survey_view.h"

#include "base/num.h"
#include "emit/csv.h"
#include "emit/json.h"

#include <math.h>
#include <stdio.h>

/* --- CSV: a row for each day on which a stratum has anybody --- */

static void real(struct csv *c, bool known, double v)
{
    char text[32];

    snprintf(text, sizeof text, "%.6f", v);
    csv_cell(c, known ? str_c(text) : STR_EMPTY);
}

static void csv_row(struct csv *c, const struct survey_view *v, int32_t day, uint32_t group, enum figure_by by, struct str value, const struct figure *f, struct str who)
{
    struct share s = figure_share(f);
    char         text[SURVEY_DAY_TEXT];

    survey_day_text(day, text);
    csv_cell(c, str_c(text));
    csv_cell(c, builds_group_name(&v->data.builds, group));
    csv_cell(c, str_c(figure_by_name(by)));
    csv_cell(c, value);
    csv_cell(c, STR("servers"));
    for (int i = 0; i < FIG_COUNTS; i++)
        csv_i64(c, f->n[i]);
    real(c, s.known, s.low);
    real(c, s.known, s.high);
    real(c, s.known, s.decided);
    csv_cell(c, who);
    csv_end(c);
}

static bool csv_series(struct csv *c, const struct survey_view *v, struct arena a, const struct figure *f, size_t n, struct str who, struct err *e)
{
    uint32_t       group = figure_group(f);
    enum figure_by by = figure_by(f);
    struct str     name = survey_value_name(v, &a, by, figure_value(f));

    if (!name.p)
        return err_set(e, ERR_MEMORY, "no room for a name");
    for (size_t i = 0; i < n; i++) {
        int32_t to = i + 1 < n ? figure_day(&f[i + 1]) - 1 : v->day;
        bool    any = false;

        for (int k = 0; k < FIG_COUNTS; k++)
            any |= f[i].n[k] != 0;
        for (int32_t d = figure_day(&f[i]); any && d <= to && d <= v->day; d++)
            csv_row(c, v, d, group, by, name, &f[i], who);
    }
    return true;
}

bool survey_write_csv(struct out *o, const struct survey_view *v, struct arena scratch, struct err *e)
{
    static const char *const head[] = { "day", "group", "by", "value", "unit" }, *const tail[] = { "share_low", "share_high", "decided", "detectors" };
    struct csv c;
    size_t     n;

    csv_open(&c, o, true);
    for (size_t i = 0; i < COUNT_OF(head); i++)
        csv_cell(&c, str_c(head[i]));
    for (int i = 0; i < FIG_COUNTS; i++)
        csv_cell(&c, str_c(figure_count_name((enum figure_count)i)));
    for (size_t i = 0; i < COUNT_OF(tail); i++)
        csv_cell(&c, str_c(tail[i]));
    csv_end(&c);

    for (size_t i = 0; i < v->group_n; i++) {
        struct arena a = scratch;
        struct str   who = survey_detectors(v, &a, v->group[i].group);

        if (!who.p)
            return err_set(e, ERR_MEMORY, "no room for names");
        for (int by = 0; by < FIGURE_BYS; by++)
            for (uint64_t value = 0; figures_next_value(&v->figures, v->group[i].group, (enum figure_by)by, &value); value++) {
                const struct figure *f = figures_series(&v->figures, v->group[i].group, (enum figure_by)by, (uint32_t)value, &n);
                if (!csv_series(&c, v, a, f, n, who, e))
                    return false;
            }
    }
    return true;
}

/* --- JSON --- */

static void js_day(struct js *j, const char *key, int32_t day)
{
    char text[SURVEY_DAY_TEXT];

    survey_day_text(day, text);
    js_key(j, key);
    js_c(j, text);
}

/* Shares to six digits; what is not finite is null. */
static void js_share(struct js *j, const char *key, struct share s)
{
    js_key(j, key);
    if (!s.known) {
        js_null(j);
        return;
    }
    js_object(j);
    js_key(j, "low");     js_number(j, s.low);
    js_key(j, "high");    js_number(j, s.high);
    js_key(j, "decided"); js_number(j, s.decided);
    js_key(j, "of_decided");
    if (s.decided > 0)
        js_number(j, s.point);
    else
        js_null(j);
    js_end(j);
}

static void js_counts(struct js *j, const struct figure *f)
{
    js_key(j, "servers");
    js_i64(j, figure_population(f));
    for (int i = 0; i < FIG_COUNTS; i++) {
        js_key(j, figure_count_name((enum figure_count)i));
        js_i64(j, f->n[i]);
    }
    js_share(j, "patched_share", figure_share(f));
}

static void js_half_life(struct js *j, const struct half_life *h)
{
    js_key(j, "half_life");
    if (!h->known) {
        js_null(j);
        return;
    }
    js_object(j);
    js_key(j, "days");    js_number(j, h->days);
    js_key(j, "low");     js_number(j, h->low);
    js_key(j, "high");    js_number(j, h->high);
    js_key(j, "per_day"); js_number(j, h->per_day);
    js_day(j, "from", h->from);
    js_day(j, "to", h->to);
    js_key(j, "unpatched_then"); js_i64(j, h->begin);
    js_key(j, "unpatched_now");  js_i64(j, h->end);
    js_end(j);
}

static void js_median(struct js *j, const char *key, double days)
{
    js_key(j, key);
    if (days < 0)
        js_null(j);
    else
        js_number(j, days);
}

static void js_survival(struct js *j, const struct survival *s)
{
    js_key(j, "time_to_patch");
    if (!s->n) {
        js_null(j);
        return;
    }
    js_object(j);
    js_key(j, "servers");      js_u64(j, s->servers);
    js_key(j, "patched");      js_u64(j, s->patched);
    js_key(j, "day_not_known"); js_u64(j, s->unknown_when);
    js_median(j, "median_days", s->median);
    js_median(j, "median_days_earliest", s->median_soon);
    js_median(j, "median_days_latest", s->median_late);
    js_day(j, "from", s->from);
    js_key(j, "unpatched_share");
    js_array(j);
    for (size_t i = 0; i < s->n; i++) {
        js_array(j);
        js_number(j, s->soon[i]);
        js_number(j, s->left[i]);
        js_number(j, s->late[i]);
        js_end(j);
    }
    js_end(j);
    js_end(j);
}

static bool js_strata(struct js *j, const struct survey_view *v, struct arena a, uint32_t group, struct err *e)
{
    js_key(j, "by");
    js_object(j);
    for (int by = BY_COUNTRY; by <= BY_DETECTOR; by++) {
        struct arena         mine = a;
        struct survey_value *list;
        size_t               n, more;

        if (!survey_largest(v, &mine, group, (enum figure_by)by, SIZE_MAX, &list, &n, &more, e))
            return false;
        js_key(j, figure_by_name((enum figure_by)by));
        js_array(j);
        for (size_t i = 0; i < n; i++) {
            struct arena one = mine;
            js_object(j);
            js_key(j, "value");
            js_str(j, survey_value_name(v, &one, (enum figure_by)by, list[i].value));
            js_counts(j, &list[i].now);
            js_end(j);
        }
        js_end(j);
    }
    js_end(j);
    return true;
}

static void js_days(struct js *j, const struct survey_view *v, uint32_t group, const char *key, enum figure_by by, int32_t from)
{
    js_key(j, key);
    js_array(j);
    for (int32_t d = from; d <= v->day; d++) {
        struct figure f = figures_on(&v->figures, group, by, 0, d);
        js_object(j);
        js_day(j, "day", d);
        js_counts(j, &f);
        js_end(j);
    }
    js_end(j);
}

static bool js_group(struct js *j, const struct survey_view *v, struct arena a, const struct survey_group *g, struct err *e)
{
    struct str who = survey_detectors(v, &a, g->group);

    js_object(j);
    js_key(j, "group");     js_str(j, builds_group_name(&v->data.builds, g->group));
    js_key(j, "title");     js_str(j, v->data.builds.group[g->group].title);
    js_key(j, "unit");      js_c(j, "servers");
    js_key(j, "detectors"); js_str(j, who);
    js_key(j, "now");
    js_object(j);
    js_counts(j, &g->now);
    js_end(j);
    js_key(j, "definitions");
    js_array(j);
    for (size_t i = 0; figure_definitions[i].name; i++) {
        js_object(j);
        js_key(j, "name"); js_c(j, figure_definitions[i].name);
        js_key(j, "unit"); js_c(j, figure_definitions[i].unit);
        js_key(j, "about"); js_c(j, figure_definitions[i].about);
        js_share(j, "share", figure_definitions[i].share(&g->now));
        js_end(j);
    }
    js_end(j);
    js_key(j, "cohort");
    js_object(j);
    js_day(j, "day", v->cohort_day);
    js_key(j, "then");
    js_object(j);
    js_counts(j, &g->cohort_then);
    js_end(j);
    js_key(j, "now");
    js_object(j);
    js_counts(j, &g->cohort_now);
    js_end(j);
    js_half_life(j, &g->half);
    js_survival(j, &g->patched);
    js_days(j, v, g->group, "days", BY_COHORT, v->cohort_day);
    js_end(j);
    js_days(j, v, g->group, "days", BY_ALL, v->first_day);
    bool ok = js_strata(j, v, a, g->group, e);
    js_end(j);
    return ok;
}

bool survey_write_json(struct out *o, const struct survey_view *v, struct arena scratch, struct err *e)
{
    const struct { const char *key; uint64_t n; } counts[] = {
        { "observations", v->data.counts.observations }, { "counted", v->data.counts.counted }, { "without_time", v->data.counts.no_time }, { "wrong_time", v->data.counts.wrong_time },
        { "of_nobody", v->data.counts.nobody }, { "of_exchange_online", v->data.counts.online }, { "servers", v->data.counts.servers }, { "nodes", v->data.counts.nodes },
    };
    struct js j;

    js_open(&j, o, false);
    js_object(&j);
    js_key(&j, "tool");
    js_c(&j, "afterpatch " AP_VERSION);
    js_day(&j, "day", v->day);
    js_day(&j, "first_day", v->first_day);
    js_day(&j, "builds_until", (int32_t)(v->data.builds.newest_us / TIME_DAY));
    js_key(&j, "store");
    js_object(&j);
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        js_key(&j, counts[i].key);
        js_u64(&j, counts[i].n);
    }
    js_end(&j);
    js_key(&j, "groups");
    js_array(&j);
    for (size_t i = 0; i < v->group_n; i++)
        if (!js_group(&j, v, scratch, &v->group[i], e))
            return false;
    js_end(&j);
    js_end(&j);
    out_c(o, "\n");
    return true;
}
