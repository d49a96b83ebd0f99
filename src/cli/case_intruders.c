/*
 * case intruders: the same hands on several victims' servers: all groups, one group, why a visit belongs to it, and what of it may go outside.
 *
 * Private  every view but --card is for the team. A card comes from casework/intruders.h and casework/victims.h alone: no servers, nothing that names a victim.
 */
#include "cli/case_intruders.h"

#include "base/num.h"
#include "cli/case.h"

#include <stdio.h>

static const struct opt opts[] = {
    [INTRUDERS_STORE]    = CASE_OPT_STORE,
    [INTRUDERS_CAMPAIGN] = CASE_OPT_CAMPAIGN,
    [INTRUDERS_SERVER]   = { "server", "NAME", "why the visits to this server belong to the group: its name or address", NULL },
    [INTRUDERS_CARD]     = { "card", NULL, "what of the group may go outside: no servers, nothing that names a victim, no small counts", NULL },
    [INTRUDERS_LIMIT]    = CASE_OPT_LIMIT,
    [INTRUDERS_PAGE]     = CASE_OPT_PAGE,
    [INTRUDERS_ALL]      = CASE_OPT_ALL,
    [INTRUDERS_JSON]     = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};

/* --- statements --- */

bool intruders_ask(struct intruders_view *v, const char *sql, const int64_t *value, int n, struct store_stmt **ret, struct err *e)
{
    if (!store_prepare(v->d.store, sql, ret, e))
        return false;
    for (int i = 0; i < n; i++)
        store_bind_int(*ret, i + 1, value[i]);
    return true;
}

bool intruders_number(struct intruders_view *v, const char *sql, const int64_t *value, int n, int64_t *ret, struct err *e)
{
    struct store_stmt *st = NULL;

    *ret = 0;
    if (!intruders_ask(v, sql, value, n, &st, e))
        return false;
    if (case_row(&st, e)) {
        *ret = store_int(st, 0);
        store_finish(st);
    }
    return e->kind == ERR_NONE;
}

/* --- marks --- */

bool intruders_mark_read(struct intruders_view *v, struct store_stmt *st, int at, struct intruders_mark *ret)
{
    int64_t kind = store_int(st, at);

    if (kind < 0 || kind >= INTRUDER_FEATURES)
        return false;
    *ret = (struct intruders_mark){ (enum intruder_feature)kind, case_text(&v->d, st, at + 1), store_int(st, at + 2), store_int(st, at + 3), store_int(st, at + 4) };
    return true;
}

void intruders_mark_json(struct js *j, const struct intruders_mark *m)
{
    js_object(j);
    js_key(j, "kind");       js_c(j, intruder_kinds[m->kind].name);
    js_key(j, "value");      js_str(j, m->value);
    js_key(j, "visits");     js_i64(j, m->sessions);
    js_key(j, "servers");    js_i64(j, m->servers);
    js_key(j, "all_visits"); js_i64(j, m->all_sessions);
    js_end(j);
}

void intruders_mark_head(struct intruders_view *v, const char *what)
{
    case_cell_c(v->d.c->out, what, v->columns - 27);
    out_c(v->d.c->out, " visits servers in all\n");
}

void intruders_mark_line(struct intruders_view *v, const struct intruders_mark *m)
{
    case_cell_c(v->d.c->out, intruder_kinds[m->kind].name, 9);
    case_cell(v->d.c->out, m->value, v->columns - 37);
    out_fmt(v->d.c->out, " %6lld %7lld %6lld\n", (long long)m->sessions, (long long)m->servers, (long long)m->all_sessions);
}

/* --- groups --- */

const char intruders_group_columns[] = "id, campaign, sessions, servers, first_us, last_us";

void intruders_group_read(struct store_stmt *st, struct intruders_group *ret)
{
    *ret = (struct intruders_group){ store_int(st, 0), store_int(st, 1), store_int(st, 2), store_int(st, 3), case_time(st, 4), case_time(st, 5) };
}

void intruders_group_json(struct js *j, const struct intruders_group *g)
{
    js_key(j, "group");   js_i64(j, g->id);
    js_key(j, "visits");  js_i64(j, g->visits);
    js_key(j, "servers"); js_i64(j, g->servers);
    js_key(j, "first");   js_time(j, g->first_us);
    js_key(j, "last");    js_time(j, g->last_us);
}

bool intruders_group_find(struct intruders_view *v, struct intruders_group *ret, struct err *e)
{
    struct store_stmt *st = NULL;
    uint64_t           id;
    char               sql[160];

    if (!num_u64(v->args->operand[0], &id) || id == 0 || id > INT64_MAX) {
        err_set(e, ERR_USAGE, "\"%.*s\" is no number of a group", STR_ARG(str_sub(v->args->operand[0], 0, 60)));
        return err_hint(e, "`afterpatch case intruders` lists the groups with their numbers");
    }
    snprintf(sql, sizeof sql, "SELECT %s FROM case_intruder WHERE id = ?1", intruders_group_columns);
    if (!intruders_ask(v, sql, (const int64_t[]){ (int64_t)id }, 1, &st, e))
        return false;
    if (!case_row(&st, e)) {
        if (e->kind != ERR_NONE)
            return false;
        err_set(e, ERR_USAGE, "no intruder group %llu", (unsigned long long)id);
        return err_hint(e, "groups that were joined to others keep the larger one's number; `afterpatch case intruders` lists them");
    }
    intruders_group_read(st, ret);
    store_finish(st);
    return true;
}

struct str intruders_slug(const struct intruders_view *v, int64_t campaign)
{
    const struct case_campaign *c = case_campaign_at(&v->d, campaign);

    return c ? c->slug : STR_EMPTY;
}

void intruders_group_line(struct intruders_view *v, const struct intruders_group *g)
{
    char first[CASE_TIME_TEXT], last[CASE_TIME_TEXT], made[CASE_TIME_TEXT];

    case_day_text(g->first_us, first);
    case_day_text(g->last_us, last);
    case_day_text(v->d.made_us, made);
    out_fmt(v->d.c->out, "group %lld (", (long long)g->id);
    out_term(v->d.c->out, intruders_slug(v, g->campaign), 16);
    out_fmt(v->d.c->out, "): %lld visit%s to %lld server%s\n%s to %s; worked out %s%s\n", (long long)g->visits, g->visits == 1 ? "" : "s", (long long)g->servers, g->servers == 1 ? "" : "s",
            first, last, made, v->d.stale ? "; newer records wait" : "");
}

/* --- the verb --- */

static bool make(struct intruders_view *v, struct cli *c, struct err *e)
{
    const struct args *a = v->args;

    v->columns = case_columns(c);
    v->json    = a->given[INTRUDERS_JSON];
    if (a->operand_n > 1) {
        err_set(e, ERR_USAGE, "one group at a time");
        return err_hint(e, "`afterpatch case intruders` lists the groups with their numbers");
    }
    if ((a->given[INTRUDERS_SERVER] || a->given[INTRUDERS_CARD]) && !a->operand_n) {
        err_set(e, ERR_USAGE, "--%s is about one group", a->given[INTRUDERS_CARD] ? "card" : "server");
        return err_hint(e, "afterpatch case intruders 12 --%s", a->given[INTRUDERS_CARD] ? "card" : "server mail.bakery.example");
    }
    if (a->given[INTRUDERS_SERVER] && a->given[INTRUDERS_CARD])
        return err_set(e, ERR_USAGE, "--card names no server: without --server");
    if (!case_read(&v->d, c, a->value[INTRUDERS_STORE], e) || !case_board(&v->d, e))
        return false;
    return a->given[INTRUDERS_CARD] ? case_intruders_card(v, e) : a->given[INTRUDERS_SERVER] ? case_intruders_why(v, e) : a->operand_n ? case_intruders_group(v, e) : case_intruders_list(v, e);
}

static int run(struct cli *c, const struct verb *verb, const struct args *args)
{
    struct intruders_view v = { .args = args };
    struct err            e = { 0 };
    bool                  ok = make(&v, c, &e);

    case_close(&v.d);
    return ok ? CLI_DONE : cli_fail(c, verb->name, &e);
}

static const struct example examples[] = {
    { "afterpatch case intruders", "All groups, those with most visits first" },
    { "afterpatch case intruders 12", "What ties the visits of one group, and where it was" },
    { "afterpatch case intruders 12 --server mail.bakery.example", "Why the visits to a server belong to it" },
    { "afterpatch case intruders 12 --card --json", "What may be told outside" },
    { NULL, NULL },
};

const struct verb verb_case_intruders = {
    .name = "case intruders", .about = "groups of visits that the same hands made, on several victims' servers", .usage = "[OPTION]... [GROUP]",
    .text = "A visit is a session of an intruder in a hunt's report. Visits are one group by what they have in common and others have not: web shells and their keys, tools, addresses, "
            "habits. One server may have several groups. Groups have numbers, which they keep, and no names; nothing here says who they are.\n\n"
            "Every view but --card is for the team: it may hold what one victim must not learn of another. A card has no servers, no trace that names a victim or was seen at fewer than "
            "three organisations, and no count below five.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
