/* Figures for everybody as files: CSV, and one JSON object (docs/public.schema.json). */
#include "cli/status_public.h"

#include "base/num.h"
#include "cli/survey_view.h"
#include "emit/csv.h"
#include "emit/json.h"

static void csv_begin(struct csv *c, int32_t day, const struct status_public_campaign *k, struct str by, struct str value, const char *unit, const char *count)
{
    char text[SURVEY_DAY_TEXT];

    survey_day_text(day, text);
    csv_cell(c, STR(STATUS_PUBLIC_TLP));
    csv_cell(c, str_c(text));
    csv_cell(c, k->slug);
    csv_cell(c, by);
    csv_cell(c, value);
    csv_cell(c, str_c(unit));
    csv_cell(c, str_c(count));
}

static void csv_number(struct csv *c, bool told, int64_t n)
{
    if (told)
        csv_i64(c, n);
    else
        csv_cell(c, STR_EMPTY);
}

static void csv_public_cell(struct csv *c, struct public_cell n)
{
    csv_number(c, n.told, n.low);
    csv_number(c, n.told, n.low + PUBLIC_FIVE - 1);
    csv_cell(c, !n.told ? STR("withheld") : n.low == 0 ? STR("fewer than 5") : STR_EMPTY);
    csv_end(c);
}

static void csv_row(struct csv *c, int32_t day, const struct status_public_campaign *k, struct str by, struct str value, enum case_unit unit, int count, struct public_cell n)
{
    csv_begin(c, day, k, by, value, case_unit_name(unit), case_count_name(public_counts[count]));
    csv_public_cell(c, n);
}

/* day: as of; value: from which step on; count: to which. */
static void csv_waits(struct csv *c, int32_t day, const struct status_public_campaign *k)
{
    for (int i = 0; i < WAIT_PAIRS; i++) {
        const struct public_wait *w = &k->f.wait[i];

        csv_begin(c, w->told ? w->as_of : day, k, STR("median"), str_c(wait_step_name(wait_pairs[i].from)), "hours", wait_step_name(wait_pairs[i].to));
        csv_number(c, w->told, w->low);
        csv_number(c, w->told && w->high, w->high);
        csv_cell(c, w->told ? STR_EMPTY : STR("withheld"));
        csv_end(c);
    }
}

/* day: the first of the bar; value: the last. */
static void csv_wave(struct csv *c, const struct status_public_campaign *k)
{
    const struct public_wave *w = &k->f.wave;
    char                      to[SURVEY_DAY_TEXT];

    for (size_t i = 0; i < w->n; i++) {
        survey_day_text(w->bar[i].to, to);
        csv_begin(c, w->bar[i].from, k, STR("wave"), str_c(to), case_unit_name(UNIT_ORGANISATIONS), wave_what_name(w->what));
        csv_public_cell(c, w->bar[i].n);
    }
}

void status_public_csv(struct out *o, const struct status_public *p)
{
    static const char *const head[] = { "tlp", "day", "campaign", "by", "value", "unit", "count", "low", "high", "suppressed" };
    struct csv c;

    csv_open(&c, o, true);
    for (size_t i = 0; i < COUNT_OF(head); i++)
        csv_cell(&c, str_c(head[i]));
    csv_end(&c);
    for (size_t i = 0; i < p->campaign_n; i++) {
        const struct status_public_campaign *k = &p->campaign[i];

        for (int n = 0; n < PUBLIC_COUNTS; n++)
            csv_row(&c, p->day, k, STR("all"), STR("all"), UNIT_ORGANISATIONS, n, k->f.organisations[n]);
        for (int n = 0; n < PUBLIC_COUNTS; n++)
            csv_row(&c, k->f.servers[n].told ? k->f.servers_as_of[n] : p->day, k, STR("all"), STR("all"), UNIT_SERVERS, n, k->f.servers[n]);
        for (int t = 0; t < 3; t++)
            for (size_t r = 0; r < k->f.table[t].n; r++)
                for (int n = 0; n < PUBLIC_STRATUM_COUNTS; n++)
                    csv_row(&c, p->day, k, str_c(case_by_name(k->f.table[t].by)), public_value(k->f.table[t].row[r].value), UNIT_ORGANISATIONS, n, k->f.table[t].row[r].n[n]);
        for (size_t d = 0; d < k->f.day_n; d++)
            for (int n = 0; n < PUBLIC_COUNTS; n++)
                csv_row(&c, k->f.days[d].day, k, STR("day"), STR("all"), UNIT_ORGANISATIONS, n, k->f.days[d].n[n]);
        csv_waits(&c, p->day, k);
        csv_wave(&c, k);
    }
}

static void js_day(struct js *j, const char *key, int32_t day)
{
    char text[SURVEY_DAY_TEXT];

    survey_day_text(day, text);
    js_key(j, key);
    js_c(j, text);
}

static void js_low_high(struct js *j, struct public_cell n)
{
    js_key(j, "low");  js_i64(j, n.low);
    js_key(j, "high"); js_i64(j, n.low + PUBLIC_FIVE - 1);
    if (n.low == 0) {
        js_key(j, "suppressed");
        js_bool(j, true);
    }
}

static void js_cell(struct js *j, int count, struct public_cell n)
{
    js_key(j, case_count_name(public_counts[count]));
    if (!n.told) {
        js_null(j);
        return;
    }
    js_object(j);
    js_low_high(j, n);
    js_end(j);
}

static void js_servers(struct js *j, const struct public_figures *f, int count)
{
    js_key(j, case_count_name(public_counts[count]));
    if (!f->servers[count].told) {
        js_null(j);
        return;
    }
    js_object(j);
    js_day(j, "as_of", f->servers_as_of[count]);
    js_low_high(j, f->servers[count]);
    js_end(j);
}

static void js_hours(struct js *j, const char *key, bool told, int32_t hours)
{
    js_key(j, key);
    if (told)
        js_i64(j, hours);
    else
        js_null(j);
}

static void js_waits(struct js *j, const struct public_figures *f)
{
    js_key(j, "medians");
    js_array(j);
    for (int i = 0; i < WAIT_PAIRS; i++) {
        const struct public_wait *w = &f->wait[i];

        js_object(j);
        js_key(j, "from"); js_c(j, wait_step_name(wait_pairs[i].from));
        js_key(j, "to");   js_c(j, wait_step_name(wait_pairs[i].to));
        js_key(j, "told"); js_bool(j, w->told);
        if (w->told)
            js_day(j, "as_of", w->as_of);
        js_hours(j, "low_hours", w->told, w->low);
        js_hours(j, "high_hours", w->told && w->high, w->high);
        js_end(j);
    }
    js_end(j);
}

static void js_bars(struct js *j, const struct public_wave *w)
{
    js_key(j, "weeks");
    js_array(j);
    for (size_t i = 0; i < w->n; i++) {
        js_object(j);
        js_day(j, "from", w->bar[i].from);
        js_day(j, "to", w->bar[i].to);
        js_low_high(j, w->bar[i].n);
        js_key(j, "spike"); js_bool(j, w->bar[i].spike);
        js_end(j);
    }
    js_end(j);
}

static void js_wave(struct js *j, const struct public_wave *w)
{
    js_key(j, "wave");
    if (!w->told) {
        js_null(j);
        return;
    }
    js_object(j);
    js_key(j, "of");   js_c(j, wave_what_name(w->what));
    js_key(j, "unit"); js_c(j, "organisations");
    js_day(j, "as_of", w->as_of);
    js_bars(j, w);
    js_key(j, "phases_at_least");
    js_object(j);
    for (int i = 0; i < WAVE_PHASES; i++) {
        if (!w->phase[i].known)
            continue;
        js_key(j, wave_phase_name((enum wave_phase)i));
        js_i64(j, w->phase[i].least);
    }
    js_end(j);
    js_key(j, "widespread");
    if (w->widespread) {
        js_object(j);
        js_day(j, "from", w->from);
        js_key(j, "a_week_before_at_most"); js_number(j, w->before_most);
        js_key(j, "a_week_after_at_least"); js_number(j, w->after_least);
        js_end(j);
    } else {
        js_null(j);
    }
    js_end(j);
}

static void js_campaign(struct js *j, const struct status_public_campaign *k)
{
    const struct public_figures *f = &k->f;

    js_object(j);
    js_key(j, "campaign");    js_str(j, k->slug);
    js_key(j, "reported");    js_time(j, k->report_us);
    js_key(j, "fixed");       js_time(j, k->patch_us);
    js_key(j, "public_code"); js_time(j, k->code_us);
    js_key(j, "detectors");
    js_array(j);
    for (size_t i = 0; i < f->detector_n; i++)
        js_str(j, f->detector[i]);
    js_end(j);
    for (int u = 0; u <= UNIT_ORGANISATIONS; u++) {
        js_key(j, case_unit_name((enum case_unit)u));
        js_object(j);
        for (int n = 0; n < PUBLIC_COUNTS; n++)
            if (u == UNIT_SERVERS)
                js_servers(j, f, n);
            else
                js_cell(j, n, f->organisations[n]);
        js_end(j);
    }
    js_key(j, "shares_of_organisations");
    js_array(j);
    for (int n = 0; n < PUBLIC_COUNTS; n++) {
        struct public_share s = public_share_of(f->organisations, n);
        if (public_of[n].whole < 0)
            continue;
        js_object(j);
        js_key(j, "name"); js_c(j, public_of[n].label);
        js_key(j, "of");   js_c(j, public_of[public_of[n].whole].label);
        js_key(j, "low");
        if (s.known)
            js_number(j, s.low);
        else
            js_null(j);
        js_key(j, "high");
        if (s.known)
            js_number(j, s.high);
        else
            js_null(j);
        js_end(j);
    }
    js_end(j);
    js_key(j, "by");
    js_object(j);
    for (int t = 0; t < 3; t++) {
        js_key(j, case_by_name(f->table[t].by));
        js_array(j);
        for (size_t r = 0; r < f->table[t].n; r++) {
            js_object(j);
            js_key(j, "value"); js_str(j, public_value(f->table[t].row[r].value));
            js_key(j, "unit");  js_c(j, "organisations");
            for (int n = 0; n < PUBLIC_STRATUM_COUNTS; n++)
                js_cell(j, n, f->table[t].row[r].n[n]);
            js_end(j);
        }
        js_end(j);
    }
    js_end(j);
    js_key(j, "days");
    js_array(j);
    for (size_t d = 0; d < f->day_n; d++) {
        js_object(j);
        js_day(j, "from", f->days[d].day);
        js_key(j, "unit"); js_c(j, "organisations");
        for (int n = 0; n < PUBLIC_COUNTS; n++)
            js_cell(j, n, f->days[d].n[n]);
        js_end(j);
    }
    js_end(j);
    js_waits(j, f);
    js_wave(j, &f->wave);
    js_end(j);
}

void status_public_json(struct out *o, const struct status_public *p)
{
    struct js j;

    js_open(&j, o, false);
    js_object(&j);
    js_key(&j, "tool"); js_c(&j, "afterpatch " AP_VERSION);
    js_key(&j, "tlp");  js_c(&j, STATUS_PUBLIC_TLP);
    js_day(&j, "day", p->day);
    js_key(&j, "rule");
    js_c(&j, "each number lies from low to high; null is withheld; values that are not listed are not told apart (docs/status.md)");
    js_key(&j, "campaigns");
    js_array(&j);
    for (size_t i = 0; i < p->campaign_n; i++)
        js_campaign(&j, &p->campaign[i]);
    js_end(&j);
    js_end(&j);
    out_c(o, "\n");
}
