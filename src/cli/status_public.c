#include "cli/status_public.h"

#include "base/num.h"
#include "cli/case_data.h"
#include "cli/page_file.h"
#include "cli/survey_view.h"
#include "emit/csv.h"
#include "emit/json.h"
#include "report/numbers.h"

#include <stdio.h>
#include <string.h>

const struct public_of public_of[PUBLIC_COUNTS] = {
    { "verified", -1 }, { "exposed", 0 }, { "patched", 0 }, { "back-doored", 0 }, { "patched and still back-doored", 3 }, { "notified", 0 }, { "hunted", 0 }, { "clean", 0 },
    { "ever back-doored", 0 }, { "re-entered", 8 }, { "moved on to other hosts", 8 }, { "mail stolen", 8 }, { "answered", 5 },
};

enum { LABEL = 32 };

void public_cell_text(struct public_cell c, char ret[STATUS_PUBLIC_TEXT])
{
    char low[WORDS_TEXT], high[WORDS_TEXT];

    words_count((uint64_t)c.low, low);
    words_count((uint64_t)c.low + PUBLIC_FIVE - 1, high);
    if (!c.told)
        snprintf(ret, STATUS_PUBLIC_TEXT, "withheld");
    else if (c.low == 0)
        snprintf(ret, STATUS_PUBLIC_TEXT, "fewer than %d", PUBLIC_FIVE);
    else
        snprintf(ret, STATUS_PUBLIC_TEXT, "%.16s to %.16s", low, high);
}

void public_share_text(struct public_share s, char ret[STATUS_PUBLIC_TEXT])
{
    if (!s.known)
        snprintf(ret, STATUS_PUBLIC_TEXT, "-");
    else if (s.high - s.low < 0.0005)
        snprintf(ret, STATUS_PUBLIC_TEXT, "%.1f %%", s.low * 100);
    else
        snprintf(ret, STATUS_PUBLIC_TEXT, "%.1f to %.1f %%", s.low * 100, s.high * 100);
}

static struct public_share share_of(const struct public_cell *n, int k)
{
    return public_of[k].whole < 0 ? (struct public_share){ 0 } : public_share(n[k], n[public_of[k].whole]);
}

static struct str named(struct str v) { return v.n ? v : STR("unknown"); }

/* --- a screen --- */

static void screen(struct cli *c, const struct status_public *p)
{
    char day[SURVEY_DAY_TEXT], a[STATUS_PUBLIC_TEXT], s[STATUS_PUBLIC_TEXT], b[STATUS_PUBLIC_TEXT];

    survey_day_text(p->day, day);
    out_fmt(c->out, STATUS_PUBLIC_TLP "  as of %s; each number is told as the five in which it lies\n", day);
    for (size_t i = 0; i < p->campaign_n; i++) {
        const struct public_figures *f = &p->campaign[i].f;

        out_term(c->out, p->campaign[i].slug, 30);
        out_fmt(c->out, "\n%-*s %18s %10s %s\n", LABEL - 2, "", "organisations", "", "      servers");
        for (int k = 0; k < PUBLIC_COUNTS; k++) {
            public_cell_text(f->organisations[k], a);
            public_share_text(share_of(f->organisations, k), s);
            public_cell_text(f->servers[k], b);
            out_fmt(c->out, "%-*s %18s %-13s %s\n", LABEL - 2, public_of[k].label, a, public_of[k].whole < 0 ? "" : s, b);
        }
        for (int t = 0; t < 3; t++) {
            if (!f->table[t].n)
                continue;
            out_fmt(c->out, "by %s, verified:", case_by_name(f->table[t].by));
            size_t used = 34, r = 0;
            for (; r < f->table[t].n; r++) {
                const struct public_row *row = &f->table[t].row[r];
                struct str               name = named(row->value);
                public_cell_text(row->n[0], a);
                used += name.n + strlen(a) + 3;
                if (!row->n[0].told || used > 80)
                    break;
                out_c(c->out, r ? ", " : " ");
                out_term(c->out, name, 24);
                out_fmt(c->out, " %s", a);
            }
            out_c(c->out, r < f->table[t].n ? ", ...\n" : "\n");
        }
    }
}

/* --- files --- */

static void csv_row(struct csv *c, int32_t day, const struct status_public_campaign *k, struct str by, struct str value, enum case_unit unit, int count, struct public_cell n)
{
    char text[SURVEY_DAY_TEXT];

    survey_day_text(day, text);
    csv_cell(c, STR(STATUS_PUBLIC_TLP));
    csv_cell(c, str_c(text));
    csv_cell(c, k->slug);
    csv_cell(c, by);
    csv_cell(c, value);
    csv_cell(c, str_c(case_unit_name(unit)));
    csv_cell(c, str_c(case_count_name(public_counts[count])));
    if (n.told) {
        csv_i64(c, n.low);
        csv_i64(c, n.low + PUBLIC_FIVE - 1);
    } else {
        csv_cell(c, STR_EMPTY);
        csv_cell(c, STR_EMPTY);
    }
    csv_cell(c, !n.told ? STR("withheld") : n.low == 0 ? STR("fewer than 5") : STR_EMPTY);
    csv_end(c);
}

static void write_csv(struct out *o, const struct status_public *p)
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
            csv_row(&c, p->day, k, STR("all"), STR("all"), UNIT_SERVERS, n, k->f.servers[n]);
        for (int t = 0; t < 3; t++)
            for (size_t r = 0; r < k->f.table[t].n; r++)
                for (int n = 0; n < PUBLIC_STRATUM_COUNTS; n++)
                    csv_row(&c, p->day, k, str_c(case_by_name(k->f.table[t].by)), named(k->f.table[t].row[r].value), UNIT_ORGANISATIONS, n, k->f.table[t].row[r].n[n]);
        for (size_t d = 0; d < k->f.day_n; d++)
            for (int n = 0; n < PUBLIC_COUNTS; n++)
                csv_row(&c, k->f.days[d].day, k, STR("day"), STR("all"), UNIT_ORGANISATIONS, n, k->f.days[d].n[n]);
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
    js_key(j, "low");  js_i64(j, n.low);
    js_key(j, "high"); js_i64(j, n.low + PUBLIC_FIVE - 1);
    if (n.low == 0) {
        js_key(j, "suppressed");
        js_bool(j, true);
    }
    js_end(j);
}

static void js_day(struct js *j, const char *key, int32_t day)
{
    char text[SURVEY_DAY_TEXT];

    survey_day_text(day, text);
    js_key(j, key);
    js_c(j, text);
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
            js_cell(j, n, u == UNIT_SERVERS ? f->servers[n] : f->organisations[n]);
        js_end(j);
    }
    js_key(j, "shares_of_organisations");
    js_array(j);
    for (int n = 0; n < PUBLIC_COUNTS; n++) {
        struct public_share s = share_of(f->organisations, n);
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
            js_key(j, "value"); js_str(j, named(f->table[t].row[r].value));
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
    js_end(j);
}

static void write_json(struct out *o, const struct status_public *p)
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

/* --- what is read, and with what it goes on --- */

/* The campaigns with their figures, each in a store that holds nothing else; the team's store is closed when this returns. */
static bool figures_only(struct cli *c, const struct status_public_ask *ask, struct status_public *p, struct store **s, struct err *e)
{
    struct case_data            d = { 0 };
    const struct case_campaign *only = NULL;
    bool                        ok = case_read(&d, c, ask->store, e) && case_board(&d, e) && (!ask->campaign.n || case_campaign_named(&d, ask->campaign, &only, e));

    if (ok && ask->day > d.day)
        ok = err_set(e, ERR_USAGE, "the figures do not reach that day") || err_hint(e, "afterpatch case update brings them up to date");
    p->day = ask->day ? ask->day : d.day;
    p->campaign = ok ? NEW(&c->keep, struct status_public_campaign, STATUS_PUBLIC_CAMPAIGNS) : NULL;
    if (ok && !p->campaign)
        ok = err_set(e, ERR_MEMORY, "no room for the campaigns");
    for (size_t i = 0; ok && i < d.campaign_n && p->campaign_n < STATUS_PUBLIC_CAMPAIGNS; i++) {
        const struct case_campaign *k = &d.campaign[i];
        if (only && only != k)
            continue;
        p->campaign[p->campaign_n] = (struct status_public_campaign){ .slug = k->slug, .id = k->id, .report_us = k->report_us, .patch_us = k->patch_us, .code_us = k->code_us };
        ok = public_store(d.store, k->id, p->day, c->scratch, &s[p->campaign_n], e);
        p->campaign_n += ok;
    }
    case_close(&d);
    return ok;
}

bool status_public(struct cli *c, const struct status_public_ask *ask, struct err *e)
{
    struct store        *s[STATUS_PUBLIC_CAMPAIGNS] = { NULL };
    struct status_public p = { 0 };
    bool                 ok = figures_only(c, ask, &p, s, e);

    for (size_t i = 0; ok && i < p.campaign_n; i++)
        ok = public_figures_read(s[i], p.campaign[i].id, p.day, &c->keep, &p.campaign[i].f, e);
    for (size_t i = 0; i < STATUS_PUBLIC_CAMPAIGNS; i++)
        store_close(s[i]);
    if (!ok)
        return false;
    if (ask->csv)
        write_csv(c->out, &p);
    else if (ask->json)
        write_json(c->out, &p);
    else if (ask->html)
        return page_file(c, ask->page, status_public_page, &p, e);
    else
        screen(c, &p);
    return true;
}
