/*
 * case campaign: the campaigns of this store, and new ones.
 *
 * Pack     where the program knows a campaign by its name (proxylogon), title, group and dates come from its pack unless said otherwise.
 */
#include "cli/case.h"

#include "cli/case_data.h"
#include "cli/case_pack.h"
#include "cli/case_screen.h"
#include "emit/json.h"

#include <stdio.h>
#include <string.h>

enum { STORE, TITLE, GROUP, BEGUN, REPORT, PATCH, CODE, WHO, JSON };
static const struct opt opts[] = {
    [STORE]  = CASE_OPT_STORE,
    [TITLE]  = { "title", "TEXT", "what people call it", NULL },
    [GROUP]  = { "group", "NAME", "whose fix decides who is vulnerable: a group of the build table (ProxyLogon)", NULL },
    [BEGUN]  = { "begun", "DATE", "first known use", NULL },
    [REPORT] = { "report", "DATE", "first public report", NULL },
    [PATCH]  = { "patch", "DATE", "when the fix came out", NULL },
    [CODE]   = { "code", "DATE", "when code for it was public", NULL },
    [WHO]    = CASE_OPT_WHO,
    [JSON]   = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};

enum { SLUG_MAX = 40, WIDE = 120 };

/* --- the list --- */

static void one_json(struct js *j, const struct case_campaign *c, int64_t cases)
{
    js_object(j);
    js_key(j, "campaign"); js_str(j, c->slug);
    js_key(j, "title");    js_str_or_null(j, c->title);
    js_key(j, "group");    js_str_or_null(j, c->group);
    js_key(j, "begun");    js_time(j, c->begun_us);
    js_key(j, "report");   js_time(j, c->report_us);
    js_key(j, "patch");    js_time(j, c->patch_us);
    js_key(j, "code");     js_time(j, c->code_us);
    js_key(j, "cases");    js_i64(j, cases);
    js_end(j);
}

static void one_text(struct out *o, const struct case_campaign *c, int64_t cases, bool wide)
{
    const int64_t at[] = { c->begun_us, c->report_us, c->patch_us, c->code_us };
    char          when[CASE_TIME_TEXT];

    case_cell(o, c->slug, 16);
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        case_day_text(at[i], when);
        case_cell_c(o, when, 10);
    }
    out_fmt(o, "%6lld%s", (long long)cases, wide ? "  " : "\n  ");
    out_term(o, c->title, wide ? 46 : CASE_COLUMNS - 2);
    out_c(o, "\n");
}

static bool cases_of(struct case_data *d, int64_t campaign, int64_t *ret, struct err *e)
{
    char sql[96];

    snprintf(sql, sizeof sql, "SELECT count(*) FROM case_case WHERE campaign = %lld", (long long)campaign);
    return store_one_int(d->store, sql, ret, e);
}

static bool list(struct case_data *d, bool json, struct str only, struct err *e)
{
    struct out *o = d->c->out;
    struct js   j;

    if (json) {
        js_open(&j, o, false);
        js_object(&j);
        js_key(&j, "view"); js_c(&j, "campaigns");
        js_key(&j, "campaigns");
        js_array(&j);
    } else {
        case_cell_c(o, "campaign", 16);
        out_c(o, "first use  report     fix        code        cases\n");
    }
    for (size_t i = 0; i < d->campaign_n; i++) {
        const struct case_campaign *c = &d->campaign[i];
        int64_t                     n;

        if (only.n && !str_eq(c->slug, only))
            continue;
        if (!cases_of(d, c->id, &n, e))
            return false;
        json ? one_json(&j, c, n) : one_text(o, c, n, case_columns(d->c) >= WIDE);
    }
    if (json) {
        js_end(&j);
        js_end(&j);
        out_c(o, "\n");
    }
    return true;
}

/* --- a new one --- */

/* It stands in file names, addresses of pages and other people's systems. */
static bool slug_check(struct str s, struct err *e)
{
    bool ok = s.n && s.n <= SLUG_MAX && ch_alnum(s.p[0]);

    for (size_t i = 0; ok && i < s.n; i++)
        ok = ch_digit(s.p[i]) || (s.p[i] >= 'a' && s.p[i] <= 'z') || s.p[i] == '-';
    if (ok)
        return true;
    err_set(e, ERR_USAGE, "\"%.*s\" cannot be the name of a campaign", STR_ARG(str_sub(s, 0, 60)));
    return err_hint(e, "1 to %d of a-z, 0-9 and -; what people call it is its --title", SLUG_MAX);
}

static bool settle(struct case_data *d, const struct args *a, struct str slug, struct case_campaign *ret, struct err *e)
{
    int64_t *const at[] = { [BEGUN] = &ret->begun_us, [REPORT] = &ret->report_us, [PATCH] = &ret->patch_us, [CODE] = &ret->code_us };
    bool           there = false;

    *ret = (struct case_campaign){ 0, slug, slug, STR_EMPTY, TIME_NONE, TIME_NONE, TIME_NONE, TIME_NONE };
    for (size_t i = 0; i < d->campaign_n && !there; i++)
        if ((there = str_eq(d->campaign[i].slug, slug)))
            *ret = d->campaign[i];
    if (!there && !case_pack_read(d->c, slug, ret, &there, e))
        return false;
    if (a->given[TITLE])
        ret->title = a->value[TITLE];
    if (a->given[GROUP])
        ret->group = a->value[GROUP];
    for (int i = BEGUN; i <= CODE; i++)
        if (a->given[i] && !case_moment(a->value[i], at[i], e))
            return false;
    /* Cases are named by the year in which it began. */
    if (ret->begun_us == TIME_NONE && ret->report_us == TIME_NONE && ret->patch_us == TIME_NONE && ret->code_us == TIME_NONE) {
        err_set(e, ERR_USAGE, "no date is known of this campaign");
        return err_hint(e, "--begun DATE, or one of --report, --patch, --code: its cases are named by the year");
    }
    return true;
}

static bool add(struct case_data *d, const struct args *a, struct str slug, struct err *e)
{
    struct case_campaign c;
    int64_t              id;

    if (!slug_check(slug, e) || !case_write(d, d->c, a->value[STORE], a->value[WHO], e) || !settle(d, a, slug, &c, e) || !ledger_begin(d->ledger, e) ||
        !ledger_campaign(d->ledger, &c, &id, e) || !ledger_audit(d->ledger, "campaign", slug, c.title, e) || !ledger_commit(d->ledger, e))
        return false;
    case_recorded(d, a->given[JSON], str_fmt(&d->c->keep, "campaign %.*s: %.*s", STR_ARG(slug), STR_ARG(c.title)), "", 1);
    return true;
}

/* --- the verb --- */

static bool make(struct case_data *d, const struct args *a, struct err *e)
{
    struct str slug = a->operand_n ? str_trim(a->operand[0]) : STR_EMPTY;
    bool       sets = false, known = false;

    for (int i = TITLE; i <= CODE; i++)
        sets |= a->given[i];
    if (a->operand_n > 1 || (sets && !slug.n)) {
        err_set(e, ERR_USAGE, a->operand_n > 1 ? "one campaign at a time" : "a campaign is missing");
        return err_hint(e, "afterpatch case campaign NAME --title TEXT --begun DATE");
    }
    if (sets)
        return add(d, a, slug, e);
    struct err none = { 0 };
    if (case_read(d, d->c, a->value[STORE], slug.n ? &none : e))
        for (size_t i = 0; i < d->campaign_n; i++)
            known |= !slug.n || str_eq(slug, d->campaign[i].slug);
    else if (!slug.n)
        return false;
    if (known)
        return list(d, a->given[JSON], slug, e);
    struct cli *c = d->c;
    case_close(d);
    d->c = c;
    return add(d, a, slug, e);
}

static int run(struct cli *c, const struct verb *v, const struct args *args)
{
    struct case_data d = { .c = c };
    struct err       e = { 0 };
    bool             ok = make(&d, args, &e);

    case_close(&d);
    return ok ? CLI_DONE : cli_fail(c, v->name, &e);
}

static const struct example examples[] = {
    { "afterpatch case campaign", "Which there are" },
    { "afterpatch case campaign proxylogon", "The first day of all: title, group and dates come from the program's own pack" },
    { "afterpatch case campaign mail-2024 --title 'Mail gateways' --begun 2024-02-01 --patch 2024-02-13", "Any other; exposure comes from files alone without --group" },
    { NULL, NULL },
};

const struct verb verb_case_campaign = {
    .name = "case campaign", .about = "lists campaigns, adds one, or sets its dates right", .usage = "[OPTION]... [NAME]",
    .text = "Without options a campaign that is known is shown, and one that is not is added where the program has a pack for it. The dates are those of the wave: what came "
            "before the report was targeted, what came after the code was anybody's. A date that is set again replaces the earlier one, and the next update counts by it.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
