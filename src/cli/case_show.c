/*
 * case show: one case on one screen: what it needs, whose it is, its servers, reports, back doors, intruder groups and notices.
 *
 * Apart    exposure, compromise and notice stand apart; the organisation's country and those of its addresses, too.
 */
#include "cli/case.h"

#include "cli/case_screen.h"
#include "cli/case_show.h"

#include <stdio.h>
#include <string.h>

enum { STORE, CAMPAIGN, EVIDENCE, HISTORY, ALL, JSON };
static const struct opt opts[] = {
    [STORE]    = CASE_OPT_STORE,
    [CAMPAIGN] = CASE_OPT_CAMPAIGN,
    [EVIDENCE] = { "evidence", NULL, "the files that say something about it", NULL },
    [HISTORY]  = { "history", NULL, "what was said and done, the newest first", NULL },
    [ALL]      = { "all", NULL, "everything, however long", NULL },
    [JSON]     = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};

/* Rows of each kind on a screen; together with the rest they are 24 lines. */
enum { LABEL = 11, SERVERS = 3, REPORTS = 2, DOORS = 2, GROUPS = 2, WIDE = 120 };

struct screen { struct out *o; const struct show *s; uint32_t columns; bool all; };

static void label(struct screen *w, const char *name) { out_fmt(w->o, "%-*s", LABEL, name); }

static void wrapped(struct screen *w, const char *name, struct str text, uint32_t lines)
{
    label(w, name);
    case_wrap(w->o, text, LABEL, LABEL, w->columns, w->all ? 0 : lines);
}

static size_t shown(const struct screen *w, size_t n, size_t max) { return w->all || n < max ? n : max; }

/* --- what it is, and what it needs --- */

static void title(struct screen *w)
{
    const struct case_line *l = &w->s->line;
    char                    stage[CASE_STAGE_TEXT];

    case_stage_text(l, stage);
    case_cell_c(w->o, l->name, LABEL);
    case_cell(w->o, case_organisation(w->s->d, l), w->columns - LABEL - 2 - (uint32_t)strlen(stage));
    out_fmt(w->o, "%s\n", stage);
}

static void needs(struct screen *w)
{
    const struct case_line *l = &w->s->line;
    struct str              text = STR("");

    for (uint32_t i = 0; i < CASE_NEEDS && text.p; i++)
        if (l->needs >> i & 1)
            text = str_fmt(&w->s->d->c->keep, "%.*s%s%s", STR_ARG(text), text.n ? "; " : "", need_name(1u << i));
    if (l->why.n)
        wrapped(w, "to do", l->why, 2);
    if (text.n)
        wrapped(w, "not clean", text, 2);
    if (l->forced) {
        char when[CASE_TIME_TEXT];

        case_day_text(l->forced_us, when);
        label(w, "forced");
        out_fmt(w->o, "to %s on %s%s by ", case_stage_name(l->stage), when, l->contradicted ? " (contradicted by what came later)" : "");
        out_term(w->o, l->who, 20);
        out_c(w->o, ": ");
        out_term(w->o, l->reason, w->all ? 0 : 24);
        out_c(w->o, "\n");
    }
}

static void owner(struct screen *w)
{
    const struct show *s = w->s;

    label(w, "owner");
    out_fmt(w->o, "org:%lld ", (long long)s->line.org);
    out_term(w->o, s->line.country.n ? s->line.country : STR("country unknown"), 16);
    out_c(w->o, ", addresses");
    for (size_t i = 0; i < shown(w, s->country_n, 4); i++) {
        out_c(w->o, i ? ", " : " ");
        out_term(w->o, s->country[i], 2);
    }
    out_c(w->o, s->country_n > 4 && !w->all ? " ..." : s->country_n ? "" : " unknown");
    out_c(w->o, "; ");
    if (s->line.sector.n) {
        out_term(w->o, s->line.sector, 24);
        if (s->sector_from.n) {
            out_c(w->o, " (");
            out_term(w->o, s->sector_from, 16);
            out_c(w->o, ")");
        }
    } else
        out_c(w->o, "sector unknown");
    out_fmt(w->o, "; %lld%% sure\n", (long long)s->confidence);
}

/* --- servers --- */

static void servers(struct screen *w)
{
    const struct show      *s = w->s;
    const struct case_line *l = &s->line;
    bool                    wide = w->columns >= WIDE;
    char                    ip[NET_TEXT], exposure[40], compromise[40];

    label(w, "servers");
    out_fmt(w->o, "%lld: %lld vulnerable, %lld patched, %lld with a back door, %lld clean\n", (long long)l->servers, (long long)l->vulnerable, (long long)l->patched,
            (long long)l->backdoored, (long long)l->clean);
    for (size_t i = 0; i < shown(w, s->server_n, SERVERS); i++) {
        const struct show_server *v = &s->server[i];

        ip[0] = 0;
        if (v->has_ip)
            net_ip_text(v->ip, ip);
        snprintf(exposure, sizeof exposure, "%s%s%s", server_exposure_name(v->exposure), v->exposure_grade ? " " : "", v->exposure_grade ? grade_name(v->exposure_grade) : "");
        snprintf(compromise, sizeof compromise, "%s%s%s%s", compromise_name(v->compromise), v->compromise_grade ? " " : "", v->compromise_grade ? grade_name(v->compromise_grade) : "",
                 v->clean ? ", clean" : "");
        out_c(w->o, v->asked ? "> " : "  ");
        case_cell(w->o, v->name.n ? v->name : STR("-"), wide ? 44 : 24);
        case_cell_c(w->o, ip, wide ? 39 : 15);
        case_cell(w->o, v->country.n ? v->country : STR("-"), 2);
        case_cell_c(w->o, exposure, 14);
        out_term(w->o, str_c(compromise), 24);
        if (wide && v->build.n) {
            out_c(w->o, "  ");
            out_term(w->o, v->build, 20);
        }
        out_c(w->o, "\n");
    }
}

/* --- reports and back doors --- */

static void reports(struct screen *w)
{
    const struct show *s = w->s;

    if (!s->report_n) {
        label(w, "reports");
        out_c(w->o, "none: nobody has hunted, or the report has not come\n");
        return;
    }
    for (size_t i = 0; i < shown(w, s->report_n, REPORTS); i++) {
        const struct show_report *r = &s->report[i];
        char                      when[CASE_TIME_TEXT];

        case_day_text(r->hunted_us, when);
        struct str text = str_fmt(&s->d->c->keep, "%s %.*s%s%s, worth %s%s%.*s", when, STR_ARG(r->verdict), r->re_entered ? ", re-entered" : "", r->beyond ? ", moved on" : "",
                                  r->grade ? grade_name(r->grade) : "nothing", r->why.n ? ": " : "", STR_ARG(r->why));
        if (!i && s->report_n > shown(w, s->report_n, REPORTS))
            out_fmt(w->o, "%3zu %-*s", s->report_n, LABEL - 4, "report");
        else
            label(w, i ? "" : "reports");
        case_wrap(w->o, text, LABEL, LABEL, w->columns, w->all ? 0 : i ? 1 : 2);
    }
}

static void doors(struct screen *w)
{
    const struct show *s = w->s;
    size_t             there = 0, ways = 0;

    if (!s->door_n)
        return;
    for (size_t i = 0; i < s->door_n; i++) {
        ways += s->door[i].way;
        there += !str_eq(s->door[i].state, STR("removed")) && !str_eq(s->door[i].state, STR("rotated"));
    }
    label(w, "back doors");
    out_fmt(w->o, "%zu told, and %zu other way%s back; %zu of them not known to be gone\n", s->door_n - ways, ways, ways == 1 ? "" : "s", there);
    for (size_t i = 0; i < shown(w, s->door_n, DOORS); i++) {
        const struct show_door *d = &s->door[i];
        char                    made[CASE_TIME_TEXT], used[CASE_TIME_TEXT];

        case_day_text(d->created_us, made);
        case_day_text(d->last_us, used);
        out_c(w->o, "  ");
        case_cell(w->o, d->state, 8);
        case_cell(w->o, d->kind, 14);
        case_cell(w->o, d->path.n ? d->path : STR("-"), w->columns - 51);
        out_fmt(w->o, "%s to %s\n", made, used);
    }
}

static void groups(struct screen *w)
{
    const struct second_group *s = &w->s->intruders;

    if (!s->group_n && !s->alone)
        return;
    label(w, "intruders");
    if (s->suspected)
        out_fmt(w->o, "%u groups by their traces: a second group may be involved\n", s->group_n + s->more);
    else
        out_fmt(w->o, "%s", s->group_n ? "one group by its traces\n" : "visits that no other victim's resemble\n");
    for (size_t i = 0; i < shown(w, s->group_n, GROUPS); i++) {
        const struct second_on *g = &s->group[i];
        char                    first[CASE_TIME_TEXT];

        case_day_text(g->first_us, first);
        out_fmt(w->o, "  group %lld: %u visit%s since %s", (long long)g->intruder, g->visits, g->visits == 1 ? "" : "s", first);
        if (g->mark_n) {
            out_fmt(w->o, "; %s ", intruder_kinds[g->mark[0].kind].name);
            out_term(w->o, g->mark[0].value, w->all ? 0 : w->columns >= WIDE ? 48 : 16);
        }
        out_fmt(w->o, "%s\n", g->all_servers > g->servers ? "; elsewhere too" : "; only here");
    }
}

/* --- notices --- */

static void notices(struct screen *w)
{
    const struct show *s = w->s;
    size_t             out = 0, in = 0, bounced = 0, answered = 0;
    char               when[CASE_TIME_TEXT];
    int64_t            last = TIME_NONE;

    for (size_t i = 0; i < s->notice_n; i++) {
        const struct notice_state *n = &s->notice[i].s;

        out += n->may_be_out;
        in += s->notice[i].from_case != 0;
        bounced += n->step == NOTICE_BOUNCED_HARD;
        answered += n->answered_us != TIME_NONE;
        last = n->accepted_us > last ? n->accepted_us : last;
    }
    case_day_text(last, when);
    struct str text = s->notice_n ? str_fmt(&s->d->c->keep, "%zu, the last on %s: %zu out, %zu answered, %zu bounced", s->notice_n, when, out, answered, bounced) : STR("none");
    if (s->heir_n) {
        char name[CASE_NAME_TEXT];

        case_name_of(s->d, s->heir_of[0], s->line.campaign, name);
        text = str_fmt(&s->d->c->keep, "%.*s; %zu inherited from %s%s", STR_ARG(text), in, name, s->heir_n > 1 ? " and others" : "");
    }
    wrapped(w, "notices", text, 2);
}

static void dates(struct screen *w)
{
    const struct case_line *l = &w->s->line;
    const struct { const char *name; int64_t us; } at[] = {
        { "verified", l->verified_us }, { "notified", l->notified_us }, { "delivered", l->delivered_us }, { "answered", l->acknowledged_us }, { "patched", l->patched_us },
        { "hunted", l->hunted_us }, { "clean", l->clean_us },
    };
    struct str text = STR("");
    char       when[CASE_TIME_TEXT];

    for (size_t i = 0; i < sizeof at / sizeof *at && text.p; i++) {
        if (at[i].us == TIME_NONE)
            continue;
        case_day_text(at[i].us, when);
        text = str_fmt(&w->s->d->c->keep, "%.*s%s%s %s", STR_ARG(text), text.n ? ", " : "", at[i].name, when);
    }
    if (text.n)
        wrapped(w, "since", text, 1);
}

static void evidence(struct screen *w)
{
    const struct show *s = w->s;

    for (size_t i = 0; i < shown(w, s->file_n, CASE_LINES - 3); i++) {
        const struct show_file *f = &s->file[i];
        char                    when[CASE_TIME_TEXT], hash[9];

        case_day_text(f->recorded_us, when);
        snprintf(hash, sizeof hash, "%02x%02x%02x%02x", f->sha256[0], f->sha256[1], f->sha256[2], f->sha256[3]);
        case_cell_c(w->o, when, 10);
        case_cell(w->o, f->kind, 10);
        case_cell(w->o, f->source.n ? f->source : STR("-"), 16);
        case_cell_c(w->o, hash, 8);
        out_term(w->o, f->name, w->columns - 49);
        out_c(w->o, "\n");
    }
    if (!s->file_n)
        out_c(w->o, "no file; what is known comes from the survey or by hand\n");
    else if (s->file_n > shown(w, s->file_n, CASE_LINES - 3))
        out_fmt(w->o, "and %zu more: --all\n", s->file_n - (CASE_LINES - 3));
}

/* Two lines each: when, of what, what it says; then by whom. */
static void history(struct screen *w)
{
    const struct desk *d = &w->s->desk;
    size_t             n = shown(w, d->n, (CASE_LINES - 3) / 2);

    for (size_t i = 0; i < n; i++) {
        const struct desk_fact *f = &d->fact[d->n - 1 - i];
        char                    when[CASE_TIME_TEXT], says[DESK_TEXT], line[32] = "";

        case_minute_text(f->us, when);
        desk_says(&f->f, says);
        if (f->line)
            snprintf(line, sizeof line, ":%llu", (unsigned long long)f->line);
        case_cell_c(w->o, when, 16);
        case_cell(w->o, f->server.n ? f->server : f->from == DESK_INHERITED ? STR("inherited") : STR("case"), 24);
        out_term(w->o, str_c(says), w->columns - 43);
        struct str who = f->file.n ? STR_EMPTY : f->f.who;
        struct str by = str_fmt(&w->s->d->c->keep, "%.*s%s%.*s%s%s%.*s%s%.*s", STR_ARG(f->source), f->file.n ? ", " : "", STR_ARG(f->file), line, who.n ? ", by " : "",
                                STR_ARG(who), f->f.reason.n ? ": " : "", STR_ARG(f->f.reason));
        out_c(w->o, by.n ? "\n  " : "");
        out_term(w->o, by, w->all ? 0 : w->columns - 2);
        out_c(w->o, "\n");
    }
    if (!d->n)
        out_c(w->o, "nothing is on record\n");
    else if (d->n > n || d->left_out)
        out_fmt(w->o, "and %llu older%s\n", (unsigned long long)(d->n - n + d->left_out), d->n > n ? ": --all" : "");
}

static void screen(struct screen *w, const struct args *args)
{
    title(w);
    if (args->given[EVIDENCE]) {
        evidence(w);
        return;
    }
    if (args->given[HISTORY]) {
        history(w);
        return;
    }
    needs(w);
    owner(w);
    servers(w);
    reports(w);
    doors(w);
    groups(w);
    notices(w);
    dates(w);
    if (w->s->d->stale)
        out_c(w->o, "newer records wait: `afterpatch case update`\n");
}

/* --- the verb --- */

static bool make(struct show *s, struct case_data *d, struct cli *c, const struct args *a, struct err *e)
{
    struct case_found found;

    if (a->operand_n != 1) {
        err_set(e, ERR_USAGE, a->operand_n ? "one case at a time" : "a case is missing");
        return err_hint(e, "a case (2021-000123), a host name, an address or org:NUMBER; `afterpatch case list` lists them");
    }
    if (a->given[EVIDENCE] && a->given[HISTORY])
        return err_set(e, ERR_USAGE, "--evidence, or --history");
    if (!case_read(d, c, a->value[STORE], e) || !case_find(d, a->operand[0], a->value[CAMPAIGN], &found, e) || !case_board(d, e))
        return false;
    if (!found.case_) {
        err_set(e, ERR_USAGE, "this server is in no case: nobody has said that it is affected");
        return err_hint(e, "`afterpatch case why %.*s` tells whose it is", STR_ARG(str_sub(a->operand[0], 0, 80)));
    }
    return case_show_load(s, d, &found, e);
}

static int run(struct cli *c, const struct verb *v, const struct args *args)
{
    struct case_data d = { 0 };
    struct show      s = { 0 };
    struct err       e = { 0 };
    bool             ok = make(&s, &d, c, args, &e);
    struct screen    w = { c->out, &s, case_columns(c), args->given[ALL] };

    if (ok && args->given[JSON])
        case_show_json(c->out, &s, args->given[HISTORY]);
    else if (ok)
        screen(&w, args);
    case_close(&d);
    return ok ? CLI_DONE : cli_fail(c, v->name, &e);
}

static const struct example examples[] = {
    { "afterpatch case show 2021-000123", "One case on one screen" },
    { "afterpatch case show mail.bakery.example", "The case of a server, by its name or address" },
    { "afterpatch case show 2021-000123 --history", "What was said and done, by whom" },
    { "afterpatch case show 2021-000123 --evidence", "The files that say something about it" },
    { NULL, NULL },
};

const struct verb verb_case_show = {
    .name = "case show", .about = "one case: what it needs, its servers, back doors, intruder groups and notices", .usage = "[OPTION]... CASE|HOST|ADDRESS|org:NUMBER",
    .text = "Exposure, compromise and notice stand apart, each with the grade of its evidence: A a verified hunt, B a version with four numbers or a partner's rescan, C a "
            "banner, D somebody's word. What a report is worth stands beside it, and why not more. \"Not clean\" says what stands between this case and clean.\n\n"
            "This view is for the team: it may hold what one victim must not learn of another. What may go to a provider is `afterpatch case list --provider`.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
