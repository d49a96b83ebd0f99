/* survey status: the figures, for a screen, a file or a browser. */
#include "cli/survey_view.h"

#include "cli/page_file.h"
#include "cli/survey.h"
#include "report/numbers.h"

#include <stdio.h>
#include <string.h>

enum { STORE, GROUP, BY, AT, COHORT, WHERE, BUILDS, CSV, JSON, HTML };
static const struct opt opts[] = {
    [STORE]  = { "store", "PATH", "the survey's store: a file, or postgresql://... (afterpatch.db)", NULL },
    [GROUP]  = { "group", "NAME", "one campaign group or CVE, in detail", NULL },
    [BY]     = { "by", "WORD", "with --group: the table of one stratum", "day country sector asn product line detector" },
    [AT]     = { "at", "DATE", "as it was on this day (the last)", NULL },
    [COHORT] = { "cohort", "DATE", "follow the servers of this day (the first full one)", NULL },
    [WHERE]  = { "where", "FILES", "country, network, organisation, sector: files parted by commas", NULL },
    [BUILDS] = { "builds", "FILE", "build table, in place of the program's own", NULL },
    [CSV]    = { "csv", NULL, "every figure of every day and stratum as CSV", NULL },
    [JSON]   = { "json", NULL, "the same picture as one JSON object", NULL },
    [HTML]   = { "html", "FILE", "one page with curves, for a browser; - for standard output", NULL },
    { NULL, NULL, NULL, NULL }
};

enum { NAME_COLUMNS = 22, SCREEN_DAYS = 7, SCREEN_VALUES = 5, WIDE = 116 };

/* --- a screen --- */

static void cell(struct out *o, int64_t n, int columns)
{
    char text[WORDS_TEXT];

    words_count((uint64_t)(n < 0 ? 0 : n), text);
    out_fmt(o, " %*s", columns, text);
}

static void heading(struct out *o, const char *name, bool wide)
{
    out_fmt(o, "%-*s %7s %8s %9s %7s %15s %5s%s\n", NAME_COLUMNS, name, "servers", "patched", "unpatched", "unknown", "patched share", "gone",
            wide ? "  moved    new  half-life of the cohort" : "");
}

static void line(struct out *o, struct str name, const struct figure *f, const struct half_life *h, bool wide)
{
    struct share s = figure_share(f);
    char         share[SURVEY_SHARE_TEXT], half[SURVEY_HALF_TEXT], shown[128];

    survey_share_text(s, share);
    snprintf(shown, sizeof shown, "%.*s", (int)(name.n > NAME_COLUMNS ? NAME_COLUMNS : name.n), (const char *)name.p);
    out_term(o, str_c(shown), 0);
    for (size_t i = strlen(shown); i < NAME_COLUMNS; i++)
        out_c(o, " ");
    cell(o, figure_population(f), 7);
    cell(o, f->n[FIG_PATCHED], 8);
    cell(o, f->n[FIG_UNPATCHED], 9);
    cell(o, f->n[FIG_CANNOT_TELL], 7);
    out_fmt(o, " %15s", share);
    cell(o, f->n[FIG_GONE], 5);
    if (wide) {
        cell(o, f->n[FIG_MOVED], 6);
        cell(o, f->n[FIG_NEW], 6);
        if (h) {
            survey_half_text(h, half);
            out_fmt(o, "  %s", half);
        }
    }
    out_c(o, "\n");
}

static void about(struct cli *c, const struct survey_view *v)
{
    char day[SURVEY_DAY_TEXT], cohort[SURVEY_DAY_TEXT], n[WORDS_TEXT];

    survey_day_text(v->day, day);
    survey_day_text(v->cohort_day, cohort);
    words_count(v->data.counts.counted, n);
    out_fmt(c->out, "Exchange survey as of %s, %s observations, cohort of %s\n", day, n, cohort);
    out_c(c->out, "Unit: servers. Share: from known patched to not known unpatched.\n\n");
}

static void overview(struct cli *c, const struct survey_view *v)
{
    bool wide = c->width >= WIDE;

    about(c, v);
    heading(c->out, "group", wide);
    for (size_t i = 0; i < v->group_n; i++)
        line(c->out, builds_group_name(&v->data.builds, v->group[i].group), &v->group[i].now, &v->group[i].half, wide);
    if (!v->group_n)
        out_c(c->out, "no server that any of these campaigns concerns\n");
}

static void definitions(struct out *o, const struct figure *f)
{
    for (size_t i = 0; figure_definitions[i].name; i++) {
        char text[SURVEY_SHARE_TEXT];

        survey_share_text(figure_definitions[i].share(f), text);
        out_fmt(o, "  %-22s %15s of %s\n", figure_definitions[i].name, text, figure_definitions[i].unit);
    }
}

static void days_text(double days, const char *never, char ret[SURVEY_HALF_TEXT])
{
    if (days < 0)
        snprintf(ret, SURVEY_HALF_TEXT, "%s", never);
    else
        snprintf(ret, SURVEY_HALF_TEXT, "%.1f days", days);
}

static void cohort(struct out *o, const struct survey_group *g)
{
    char half[SURVEY_HALF_TEXT], soon[SURVEY_HALF_TEXT], late[SURVEY_HALF_TEXT], middle[SURVEY_HALF_TEXT];
    const int32_t *then = g->cohort_then.n, *now = g->cohort_now.n;

    survey_half_text(&g->half, half);
    days_text(g->patched.median, "not yet", middle);
    days_text(g->patched.median_soon, "not yet", soon);
    days_text(g->patched.median_late, "not yet", late);
    out_fmt(o, "cohort of %lld: unpatched %d, then %d; cannot tell %d, then %d; gone %d, moved %d\n", (long long)figure_population(&g->cohort_then),
            then[FIG_UNPATCHED], now[FIG_UNPATCHED], then[FIG_CANNOT_TELL], now[FIG_CANNOT_TELL], now[FIG_GONE], now[FIG_MOVED]);
    out_fmt(o, "  half-life of what is unpatched: %s\n", half);
    if (g->patched.n)
        out_fmt(o, "  half of them patched after: %s (%s to %s)\n", middle, soon, late);
}

static bool stratum(struct cli *c, const struct survey_view *v, uint32_t group, enum figure_by by, size_t max, struct err *e)
{
    struct arena         a = c->scratch;
    struct survey_value *list;
    size_t               n, more;
    bool                 wide = c->width >= WIDE;

    if (!survey_largest(v, &a, group, by, max, &list, &n, &more, e))
        return false;
    heading(c->out, figure_by_name(by), wide);
    for (size_t i = 0; i < n; i++) {
        struct str name = survey_value_name(v, &a, by, list[i].value);
        if (!name.p)
            return err_set(e, ERR_MEMORY, "no room for a name");
        line(c->out, name, &list[i].now, NULL, wide);
    }
    if (more)
        out_fmt(c->out, "and %zu more: --csv has them all\n", more);
    return true;
}

static void days(struct cli *c, const struct survey_view *v, uint32_t group, int32_t max)
{
    bool    wide = c->width >= WIDE;
    int32_t from = v->day - max + 1 < v->first_day ? v->first_day : v->day - max + 1;

    heading(c->out, "day", wide);
    for (int32_t d = from; d <= v->day; d++) {
        char          name[SURVEY_DAY_TEXT];
        struct figure f = figures_on(&v->figures, group, BY_ALL, 0, d);

        survey_day_text(d, name);
        line(c->out, str_c(name), &f, NULL, wide);
    }
}

static bool detail(struct cli *c, const struct survey_view *v, const struct args *args, struct err *e)
{
    struct arena a = c->scratch;

    about(c, v);
    for (size_t i = 0; i < v->group_n; i++) {
        const struct survey_group *g = &v->group[i];
        const struct build_group  *kind = &v->data.builds.group[g->group];
        struct str                 who = survey_detectors(v, &a, g->group);

        out_term(c->out, kind->name, 60);
        if (kind->title.n && !str_eq(kind->title, kind->name)) {
            out_c(c->out, ": ");
            out_term(c->out, kind->title, 76);
        }
        out_c(c->out, "\n");
        definitions(c->out, &g->now);
        cohort(c->out, g);
        out_c(c->out, "seen by: ");
        out_term(c->out, who, 200);
        out_c(c->out, "\n\n");
        if (args->given[BY] && !str_eq(args->value[BY], STR("day"))) {
            enum figure_by by = BY_COUNTRY;
            while (!str_eq(args->value[BY], str_c(figure_by_name(by))))
                by++;
            if (!stratum(c, v, g->group, by, SURVEY_VALUES_MAX, e))
                return false;
            continue;
        }
        days(c, v, g->group, args->given[BY] ? 60 : SCREEN_DAYS);
        if (!args->given[BY]) {
            out_c(c->out, "\n");
            if (!stratum(c, v, g->group, BY_PRODUCT, SCREEN_VALUES, e))
                return false;
        }
    }
    if (!v->group_n)
        out_c(c->out, "no server that this campaign concerns\n");
    return true;
}

/* --- files --- */

static bool page(struct out *o, const void *v, struct arena scratch, int64_t now_us, struct err *e) { return survey_write_page(o, v, scratch, now_us, e); }

static bool asked(const struct args *args, struct survey_ask *ask, struct err *e)
{
    *ask = (struct survey_ask){ .store = args->value[STORE], .builds = args->value[BUILDS], .where = args->value[WHERE], .group = args->value[GROUP], .asn_every_day = args->given[CSV] };
    if (args->operand_n)
        return err_set(e, ERR_USAGE, "status takes no operand");
    if (args->given[CSV] + args->given[JSON] + args->given[HTML] > 1)
        return err_set(e, ERR_USAGE, "one of --csv, --json and --html at a time");
    if (args->given[BY] && !args->given[GROUP])
        return err_set(e, ERR_USAGE, "--by goes with --group");
    return (!args->given[AT] || survey_day_parse(args->value[AT], &ask->day, e)) && (!args->given[COHORT] || survey_day_parse(args->value[COHORT], &ask->cohort_day, e));
}

static int run(struct cli *c, const struct verb *verb, const struct args *args)
{
    struct survey_ask  ask;
    struct survey_view v = { 0 };
    struct err         e = { 0 };

    if (!asked(args, &ask, &e) || !survey_view_open(&v, c, &ask, &e))
        return cli_fail(c, verb->name, &e);
    bool ok = true;
    if (args->given[CSV])
        ok = survey_write_csv(c->out, &v, c->scratch, &e);
    else if (args->given[JSON])
        ok = survey_write_json(c->out, &v, c->scratch, &e);
    else if (args->given[HTML])
        ok = page_file(c, args->value[HTML], page, &v, &e);
    else if (args->given[GROUP])
        ok = detail(c, &v, args, &e);
    else
        overview(c, &v);
    survey_view_close(&v);
    return ok ? CLI_DONE : cli_fail(c, verb->name, &e);
}

static const struct example examples[] = {
    { "afterpatch survey status", "One line for each campaign group, on one screen" },
    { "afterpatch survey status --group ProxyLogon --by country", "One campaign by country, with its cohort and the three ways to count" },
    { "afterpatch survey status --html survey.html", "A page with curves and their uncertainty" },
    { NULL, NULL },
};

const struct verb verb_survey_status = {
    .name = "survey status", .about = "who is patched, who is not, and of whom nobody can say it", .usage = "[OPTION]...",
    .text = "Servers that announce themselves as Exchange are judged day by day for each campaign group. The share of patched ones is an interval: known patched to "
            "not known unpatched. Servers that are gone, that moved to Exchange Online or that never answered stand beside it, and are in no share.\n\n"
            "Publishers count in different ways; with --group the same servers are counted in three of them, side by side. The cohort are the servers of one day, followed "
            "whatever becomes of them; its half-life is that of what is left unpatched, with an interval of 95 %.\n\n"
            "--where takes MaxMind databases (.mmdb), tables of networks, delegated files of the RIRs, RDAP answers, and the constituency's register (CSV with the columns cidr, "
            "domain, asn, organisation, sector). The first file that knows an answer gives it.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
