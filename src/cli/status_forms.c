/* status as CSV and JSON: every figure with its day, campaign, stratum and unit. */
#include "cli/status_view.h"

#include "base/num.h"
#include "emit/csv.h"
#include "emit/json.h"

#include <math.h>
#include <stdio.h>

/* --- CSV: a row for each day on which anything of a series is not 0 --- */

static bool any(const struct case_figure *f)
{
    for (int i = 0; i < CASE_COUNTS; i++)
        if (f->n[i])
            return true;
    return false;
}

static void csv_days(struct csv *c, const struct picture *p, const struct picture_campaign *k, enum case_by by, struct str value, enum case_unit unit, const struct case_figure *f, size_t n, struct str who)
{
    char text[STATUS_TEXT];

    for (size_t i = 0; i < n; i++) {
        int32_t to = i + 1 < n && f[i + 1].day <= p->day ? f[i + 1].day - 1 : p->day;
        for (int32_t d = f[i].day; any(&f[i]) && d <= to; d++) {
            status_day_text(d, text);
            csv_cell(c, str_c(text));
            csv_cell(c, k->c.slug);
            csv_cell(c, str_c(case_by_name(by)));
            csv_cell(c, by == CASE_BY_ALL ? STR("all") : status_value(value));
            csv_cell(c, str_c(case_unit_name(unit)));
            for (int x = 0; x < CASE_COUNTS; x++)
                csv_i64(c, f[i].n[x]);
            status_day_text(p->day, text);
            csv_cell(c, str_c(text));
            csv_cell(c, who);
            csv_end(c);
        }
    }
}

/* "scan_exchange 1 (812), banner 2 (17)" */
static struct str detectors(const struct picture_campaign *k, struct arena *a)
{
    struct str all = STR("");

    for (size_t i = 0; i < k->detector_n && all.p; i++) {
        struct str n = str_fmt(a, "%s (%lld)", "", (long long)k->detector[i].servers), name = status_value(k->detector[i].name);
        all = n.p ? str_cat(a, str_cat(a, str_cat(a, all, i ? STR(", ") : STR("")), name), n) : STR_EMPTY;
    }
    return all;
}

/* Values of the whole series, also of those that nobody has any more. */
static bool csv_stratum(struct csv *c, struct store *s, const struct picture *p, const struct picture_campaign *k, enum case_by by, struct arena a, struct str who, struct err *e)
{
    struct store_stmt *st = NULL;
    struct str        *value = NULL;
    size_t             n = 0, cap = 0;
    bool               ok = store_prepare(s, "SELECT DISTINCT value FROM case_figure WHERE campaign = ?1 AND by_what = ?2", &st, e);
    enum store_got     got = STORE_FAILED;

    if (ok) {
        store_bind_int(st, 1, k->c.id);
        store_bind_int(st, 2, by);
    }
    while (ok && (got = store_step(st, e)) == STORE_ROW) {
        struct str *to = GROW(&a, value, n, &cap);
        ok = to != NULL;
        if (!ok)
            break;
        *to = store_text(st, 0).n ? str_dup(&a, store_text(st, 0)) : STR("");
        ok = to->p != NULL;
        n++;
    }
    store_finish(st);
    if (ok && got == STORE_FAILED)
        return false;
    if (!ok)
        return e->kind != ERR_NONE ? false : err_set(e, ERR_MEMORY, "no room for the values of a stratum");
    /* Engines sort text in their own ways. */
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0 && str_cmp(value[j], value[j - 1]) < 0; j--) {
            struct str x = value[j];
            value[j] = value[j - 1];
            value[j - 1] = x;
        }
    for (size_t i = 0; i < n; i++)
        for (int unit = 0; unit < CASE_UNITS; unit++) {
            struct arena        mine = a;
            struct case_figure *f;
            size_t              days;
            if (!case_figures_read(s, k->c.id, by, value[i], (enum case_unit)unit, &mine, &f, &days, e))
                return false;
            csv_days(c, p, k, by, value[i], (enum case_unit)unit, f, days, who);
        }
    return true;
}

bool status_csv(struct out *o, struct store *s, const struct picture *p, struct arena scratch, struct err *e)
{
    static const char *const head[] = { "day", "campaign", "by", "value", "unit" };
    struct csv c;

    csv_open(&c, o, true);
    for (size_t i = 0; i < COUNT_OF(head); i++)
        csv_cell(&c, str_c(head[i]));
    for (int i = 0; i < CASE_COUNTS; i++)
        csv_cell(&c, str_c(case_count_name((enum case_count)i)));
    csv_cell(&c, STR("as_of"));
    csv_cell(&c, STR("detectors"));
    csv_end(&c);
    for (size_t i = 0; i < p->campaign_n; i++) {
        struct arena a = scratch;
        struct str   who = detectors(&p->campaign[i], &a);

        if (!who.p)
            return err_set(e, ERR_MEMORY, "no room for the detectors");
        for (int by = 0; by < CASE_BYS; by++)
            if (!csv_stratum(&c, s, p, &p->campaign[i], (enum case_by)by, a, who, e))
                return false;
    }
    return true;
}

/* --- JSON --- */

static void js_day(struct js *j, const char *key, int32_t day)
{
    char text[STATUS_TEXT];

    js_key(j, key);
    status_day_text(day, text);
    js_c(j, day == WAVE_DAY_NONE ? NULL : text);
}

static void js_counts(struct js *j, const int64_t n[CASE_COUNTS])
{
    for (int i = 0; i < CASE_COUNTS; i++) {
        js_key(j, case_count_name((enum case_count)i));
        js_i64(j, n[i]);
    }
}

static void js_shares(struct js *j, const int64_t n[CASE_COUNTS], enum case_unit unit)
{
    js_key(j, "shares");
    js_array(j);
    for (size_t i = 0; case_shares[i].name; i++) {
        int64_t part = n[case_shares[i].part], whole = n[case_shares[i].whole];

        if (!(case_shares[i].units & 1u << unit))
            continue;
        js_object(j);
        js_key(j, "name");  js_c(j, case_shares[i].name);
        js_key(j, "of");    js_c(j, case_shares[i].of);
        js_key(j, "part");  js_i64(j, part);
        js_key(j, "whole"); js_i64(j, whole);
        js_key(j, "share"); js_number(j, whole ? (double)part / (double)whole : NAN);      /* not finite: null */
        js_end(j);
    }
    js_end(j);
}

static void js_limit(struct js *j, const char *key, const struct product_limit *w)
{
    js_key(j, key);
    js_object(j);
    js_key(j, "cases");   js_u64(j, w->n);
    js_key(j, "arrived"); js_u64(j, w->arrived);
    js_key(j, "median_hours");
    js_number(j, w->known ? w->median : INFINITY);             /* not finite: null */
    js_key(j, "low");     js_number(j, w->interval ? w->low : INFINITY);
    js_key(j, "high");    js_number(j, w->interval ? w->high : INFINITY);
    js_end(j);
}

static void js_wave(struct js *j, const struct picture_campaign *k, enum wave_what what)
{
    const struct wave *w = &k->wave[what];

    js_key(j, wave_what_name(what));
    js_object(j);
    js_key(j, "unit"); js_c(j, "servers");
    js_key(j, "servers"); js_i64(j, w->servers);
    js_day(j, "first", w->first);
    js_day(j, "last", w->last);
    js_day(j, "peak", w->peak);
    js_key(j, "phases");
    js_object(j);
    for (int i = 0; i < WAVE_PHASES; i++) {
        if (!w->phase_known[i])
            continue;
        js_key(j, wave_phase_name((enum wave_phase)i));
        js_i64(j, w->phase[i]);
    }
    js_end(j);
    js_key(j, "too_few_to_tell"); js_bool(j, w->few);
    js_key(j, "widespread"); js_bool(j, w->widespread);
    js_day(j, "widespread_from", w->widespread ? w->from : WAVE_DAY_NONE);
    js_key(j, "a_day_before");  js_number(j, w->widespread ? w->before : INFINITY);
    js_key(j, "a_day_after");   js_number(j, w->widespread ? w->after : INFINITY);
    js_key(j, "ratio_at_least"); js_number(j, w->widespread ? w->ratio_low : INFINITY);
    js_key(j, "spikes");
    js_array(j);
    for (size_t i = 0; i < w->spike_n; i++) {
        js_object(j);
        js_day(j, "day", w->spike[i].day);
        js_day(j, "from", w->spike[i].from);
        js_day(j, "to", w->spike[i].to);
        js_key(j, "servers"); js_i64(j, w->spike[i].n);
        js_key(j, "usual");   js_number(j, w->spike[i].usual);
        js_key(j, "z");       js_number(j, w->spike[i].z);
        js_end(j);
    }
    js_end(j);
    js_key(j, "days");
    js_array(j);
    for (size_t i = 0; i < k->wave_day_n[what]; i++) {
        js_object(j);
        js_day(j, "day", k->wave_day[what][i].day);
        js_key(j, "servers"); js_i64(j, k->wave_day[what][i].n);
        js_end(j);
    }
    js_end(j);
    js_end(j);
}

static void js_case(struct js *j, const struct picture_campaign *k, const struct picture_case *x)
{
    char name[CASE_NAME_TEXT];

    case_name(x->id, k->year, name);
    js_object(j);
    js_key(j, "case");         js_c(j, name);
    js_key(j, "organisation"); js_str_or_null(j, x->org);
    js_key(j, "stage");        js_c(j, case_stage_name(x->stage));
    js_key(j, "urgency");      js_i64(j, x->urgency);
    js_key(j, "why");          js_str_or_null(j, x->why);
    js_key(j, "forced");
    if (x->forced) {
        js_object(j);
        js_key(j, "facts_say");    js_c(j, case_stage_name(x->derived));
        js_key(j, "contradicted"); js_bool(j, x->contradicted);
        js_key(j, "reason");       js_str(j, x->reason);
        js_key(j, "who");          js_str(j, x->who);
        js_key(j, "at");           js_time(j, x->forced_us);
        js_end(j);
    } else
        js_null(j);
    js_end(j);
}

static void js_people(struct js *j, const struct picture_campaign *k)
{
    js_key(j, "needs_a_person");
    js_object(j);
    js_key(j, "cases"); js_i64(j, k->urgent_all);
    js_key(j, "first");
    js_array(j);
    for (size_t i = 0; i < k->urgent_n; i++)
        js_case(j, k, &k->urgent[i]);
    js_end(j);
    js_end(j);
    js_key(j, "forced");
    js_object(j);
    js_key(j, "cases");        js_i64(j, k->forced_all);
    js_key(j, "contradicted"); js_i64(j, k->contradicted);
    js_key(j, "list");
    js_array(j);
    for (size_t i = 0; i < k->forced_n; i++)
        js_case(j, k, &k->forced[i]);
    js_end(j);
    js_end(j);
}

static void js_who(struct js *j, const struct picture_campaign *k)
{
    js_key(j, "detectors");
    js_array(j);
    for (size_t i = 0; i < k->detector_n; i++) {
        js_object(j);
        js_key(j, "name");    js_str(j, status_value(k->detector[i].name));
        js_key(j, "servers"); js_i64(j, k->detector[i].servers);
        js_day(j, "since", k->detector[i].since);
        js_end(j);
    }
    js_end(j);
    js_key(j, "hunted_with");
    js_array(j);
    for (size_t i = 0; i < k->tool_n; i++) {
        js_object(j);
        js_key(j, "tool");    js_str(j, k->tool[i].tool);
        js_key(j, "packs");   js_str(j, k->tool[i].packs);
        js_key(j, "reports"); js_i64(j, k->tool[i].reports);
        js_end(j);
    }
    js_end(j);
}

static void js_strata(struct js *j, const struct picture_campaign *k)
{
    js_key(j, "by");
    js_object(j);
    for (int by = CASE_BY_COUNTRY; by < CASE_BYS; by++) {
        js_key(j, case_by_name((enum case_by)by));
        js_object(j);
        for (int u = 0; u < CASE_UNITS; u++) {
            if (u == UNIT_NOTICES && (by == CASE_BY_ADDRESS_COUNTRY || by == CASE_BY_DETECTOR))
                continue;
            js_key(j, case_unit_name((enum case_unit)u));
            js_array(j);
            for (size_t i = 0; i < k->value_n[by][u]; i++) {
                js_object(j);
                js_key(j, "value");
                js_str(j, status_value(k->value[by][u][i].value));
                js_counts(j, k->value[by][u][i].now.n);
                js_end(j);
            }
            js_end(j);
        }
        js_end(j);
    }
    js_end(j);
}

static void js_series(struct js *j, const struct picture_campaign *k)
{
    /* A row holds until the next. */
    js_key(j, "days");
    js_object(j);
    for (int u = 0; u < CASE_UNITS; u++) {
        js_key(j, case_unit_name((enum case_unit)u));
        js_array(j);
        for (size_t i = 0; i < k->series_n[u]; i++) {
            js_object(j);
            js_day(j, "from", k->series[u][i].day);
            js_counts(j, k->series[u][i].n);
            js_end(j);
        }
        js_end(j);
    }
    js_end(j);
}

static void js_campaign(struct js *j, const struct picture_campaign *k)
{
    js_object(j);
    js_key(j, "campaign"); js_str(j, k->c.slug);
    js_key(j, "title");    js_str_or_null(j, k->c.title);
    js_key(j, "begun");    js_time(j, k->c.begun_us);
    js_key(j, "reported"); js_time(j, k->c.report_us);
    js_key(j, "fixed");    js_time(j, k->c.patch_us);
    js_key(j, "public_code"); js_time(j, k->c.code_us);
    js_who(j, k);
    js_key(j, "now");
    js_object(j);
    for (int u = 0; u < CASE_UNITS; u++) {
        js_key(j, case_unit_name((enum case_unit)u));
        js_object(j);
        js_counts(j, k->now[u].n);
        js_shares(j, k->now[u].n, (enum case_unit)u);
        js_end(j);
    }
    js_end(j);
    js_key(j, "hours");
    js_object(j);
    for (int i = 0; i < PICTURE_STEPS; i++) {
        js_key(j, picture_step_name((enum picture_step)i));
        js_object(j);
        js_limit(j, "from_verified", &k->wait[i].since_verified);
        js_limit(j, "from_the_step_before", &k->wait[i].since_last);
        js_end(j);
    }
    js_end(j);
    js_key(j, "wave");
    js_object(j);
    for (int i = 0; i < WAVE_WHATS; i++)
        js_wave(j, k, (enum wave_what)i);
    js_end(j);
    js_people(j, k);
    js_strata(j, k);
    js_series(j, k);
    js_end(j);
}

void status_json(struct out *o, const struct picture *p, bool stale)
{
    struct js j;

    js_open(&j, o, false);
    js_object(&j);
    js_key(&j, "tool"); js_c(&j, "afterpatch " AP_VERSION);
    js_key(&j, "tlp");  js_c(&j, STATUS_TLP);
    js_day(&j, "day", p->day);
    js_day(&j, "figures_until", p->board_day);
    js_key(&j, "worked_out"); js_time(&j, p->made_us);
    js_key(&j, "records_came_since"); js_bool(&j, stale);
    js_key(&j, "campaigns");
    js_array(&j);
    for (size_t i = 0; i < p->campaign_n; i++)
        js_campaign(&j, &p->campaign[i]);
    js_end(&j);
    js_end(&j);
    out_c(o, "\n");
}
