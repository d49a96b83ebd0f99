/* See second_group.h. */
#include "casework/second_group.h"

#include "store/bind.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { VALUE_SHOWN = 60, LINE_ROOM = 1024 };

static uint32_t number(struct store_stmt *st, int column)
{
    int64_t v = store_int(st, column);

    return v < 0 ? 0 : v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

static bool full(struct err *e) { return err_set(e, ERR_MEMORY, "no room for a case's intruder groups"); }

/* Fewer visits than SECOND_VISITS_MIN in all: nobody's. */
static bool groups(struct store *s, int64_t case_, struct second_group *g, struct err *e)
{
    static const char sql[] =
        "SELECT t.intruder, count(*), count(DISTINCT t.asset), i.sessions, i.servers, min(t.first_us), max(t.first_us) FROM case_server v JOIN case_visit t ON t.campaign = v.campaign"
        " AND t.asset = v.asset JOIN case_intruder i ON i.id = t.intruder WHERE v.case_id = ?1 GROUP BY t.intruder, i.sessions, i.servers ORDER BY count(*) DESC, t.intruder";
    struct store_stmt *st;
    enum store_got     got;

    if (!bind_open(s, sql, BOUND(B_INT(case_)), &st, e))
        return false;
    while ((got = store_step(st, e)) == STORE_ROW) {
        struct second_on x = { .intruder = store_int(st, 0), .visits = number(st, 1), .servers = number(st, 2), .all_visits = number(st, 3), .all_servers = number(st, 4),
                               .first_us = store_time(st, 5), .last_us = store_time(st, 6) };
        if (x.all_visits < SECOND_VISITS_MIN)
            g->alone += x.visits;
        else if (g->group_n < SECOND_GROUPS_MAX)
            g->group[g->group_n++] = x;
        else
            g->more++;
    }
    store_finish(st);
    return got == STORE_DONE;
}

static bool marks(struct store *s, int64_t case_, struct second_on *x, struct arena *a, struct err *e)
{
    static const char sql[] =
        "SELECT m.kind, m.value, m.sessions, m.servers, count(*) FROM case_server v JOIN case_visit t ON t.campaign = v.campaign AND t.asset = v.asset"
        " JOIN case_feature f ON f.file = t.file AND f.session = t.session AND f.campaign = t.campaign JOIN case_mark m ON m.intruder = t.intruder AND m.kind = f.kind AND m.value = f.value"
        " WHERE v.case_id = ?1 AND t.intruder = ?2 GROUP BY m.at, m.kind, m.value, m.sessions, m.servers ORDER BY m.at LIMIT ?3";
    struct store_stmt *st;
    enum store_got     got;

    if (!bind_open(s, sql, BOUND(B_INT(case_), B_INT(x->intruder), B_INT(SECOND_MARKS_MAX)), &st, e))
        return false;
    while ((got = store_step(st, e)) == STORE_ROW && x->mark_n < SECOND_MARKS_MAX) {
        int64_t kind = store_int(st, 0);
        if (kind < 0 || kind >= INTRUDER_FEATURES)
            continue;
        struct second_mark *m = &x->mark[x->mark_n];
        *m = (struct second_mark){ (enum intruder_feature)kind, str_dup(a, store_text(st, 1)), number(st, 4), number(st, 2), number(st, 3) };
        if (!m->value.p) {
            store_finish(st);
            return full(e);
        }
        x->mark_n++;
    }
    store_finish(st);
    return got != STORE_FAILED;
}

bool second_group_read(struct store *s, int64_t case_, struct arena *a, struct second_group *ret, struct err *e)
{
    static const char both[] =
        "SELECT count(*) FROM (SELECT t.asset FROM case_server v JOIN case_visit t ON t.campaign = v.campaign AND t.asset = v.asset JOIN case_intruder i ON i.id = t.intruder"
        " WHERE v.case_id = ?1 AND i.sessions >= ?2 GROUP BY t.asset HAVING count(DISTINCT t.intruder) > 1) b";
    struct second_group out = { .group = NEW(a, struct second_on, SECOND_GROUPS_MAX) };
    int64_t             n = 0;

    if (!out.group)
        return full(e);
    if (!groups(s, case_, &out, e))
        return false;
    for (uint32_t i = 0; i < out.group_n; i++)
        if (!marks(s, case_, &out.group[i], a, e))
            return false;
    out.suspected = out.group_n > 1;
    if (out.suspected && !bind_ask(s, both, BOUND(B_INT(case_), B_INT(SECOND_VISITS_MIN)), &n, 1, e))
        return false;
    out.shared_servers = n < 0 ? 0 : (uint32_t)n;
    *ret = out;
    return true;
}

/* --- words --- */

struct text { struct arena *a; struct str s; bool full; };

static void say(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(struct text *t, const char *fmt, ...)
{
    char    line[LINE_ROOM];
    va_list ap;

    va_start(ap, fmt);
    int n = vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    if (n < 0)
        return;
    struct str whole = str_cat(t->a, t->s, (struct str){ (const uint8_t *)line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1 });
    t->full |= !whole.p;
    t->s = whole.p ? whole : t->s;
}

/* A value in a sentence: one line, cut, and never the end of it. */
static void value(struct text *t, struct str v)
{
    char   plain[VALUE_SHOWN + 8];
    size_t n = 0;

    for (; n < v.n && n < VALUE_SHOWN; n++)
        plain[n] = v.p[n] < 0x20 || v.p[n] == 0x7f ? ' ' : (char)v.p[n];
    while (n < v.n && n && ((uint8_t)plain[n - 1] & 0xc0) == 0x80)     /* not in the middle of a letter */
        n--;
    if (n < v.n && n && (uint8_t)plain[n - 1] >= 0xc0)
        n--;
    say(t, "\"%.*s%s\"", (int)n, plain, n < v.n ? "..." : "");
}

static void day(int64_t us, char ret[TIME_TEXT])
{
    time_text(us, ret);
    ret[10] = 0;
}

static const char *many(uint32_t n) { return n == 1 ? "" : "s"; }

static void group_for_team(struct text *t, const struct second_on *x)
{
    char from[TIME_TEXT] = "", to[TIME_TEXT] = "";

    say(t, "\nGroup %lld: %u visit%s to %u server%s here", (long long)x->intruder, x->visits, many(x->visits), x->servers, many(x->servers));
    if (x->first_us != TIME_NONE) {
        day(x->first_us, from);
        day(x->last_us, to);
        say(t, strcmp(from, to) ? ", %s to %s" : ", %s", from, to);
    }
    say(t, "; %u visits to %u server%s in all", x->all_visits, x->all_servers, many(x->all_servers));
    for (uint32_t i = 0; i < x->mark_n; i++) {
        say(t, "%s %s: ", i ? ";" : ". What ties them:", intruder_kinds[x->mark[i].kind].about);
        value(t, x->mark[i].value);
        say(t, " (%u of %u)", x->mark[i].here, x->mark[i].sessions);
    }
    say(t, ".");
}

static void group_for_victim(struct text *t, const struct second_on *x, uint32_t at)
{
    char     from[TIME_TEXT];
    uint32_t others = x->all_servers > x->servers ? x->all_servers - x->servers : 0;

    say(t, "\n%s of them was on %u of your servers", at ? "Another" : "One", x->servers);
    if (x->first_us != TIME_NONE) {
        day(x->first_us, from);
        say(t, ", first on %s", from);
    }
    for (uint32_t i = 0; i < x->mark_n; i++)
        say(t, "%s %s", i ? "," : "; what ties its visits:", intruder_kinds[x->mark[i].kind].about);
    if (others >= INTRUDER_CELL_MIN)
        say(t, "; the same traces are known from %u other servers", others);
    say(t, ".");
}

static const char *in_words(uint32_t n)
{
    static const char *const word[] = { "No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine" };

    return n < sizeof word / sizeof *word ? word[n] : "Several";
}

bool second_group_text(const struct second_group *g, enum second_reader reader, struct arena *a, struct str *ret, struct err *e)
{
    struct text t = { a, STR_EMPTY, false };

    *ret = STR_EMPTY;
    if (!g->suspected)
        return true;
    if (reader == SECOND_TEAM) {
        say(&t, "%s groups were here by their traces: a second group may be involved.", in_words(g->group_n + g->more));
        if (g->shared_servers)
            say(&t, "\nTwo or more of them were on the same server: %u of the servers.", g->shared_servers);
    } else
        say(&t, "The traces on your servers fall into %u sets that differ in tools and habits: a second group of intruders may be involved. Look for the back doors of each.", g->group_n + g->more);
    for (uint32_t i = 0; i < g->group_n; i++)
        if (reader == SECOND_TEAM)
            group_for_team(&t, &g->group[i]);
        else
            group_for_victim(&t, &g->group[i], i);
    if (reader == SECOND_TEAM && g->alone)
        say(&t, "\n%u more visit%s belong%s to no known group.", g->alone, many(g->alone), g->alone == 1 ? "s" : "");
    if (t.full)
        return full(e);
    *ret = t.s;
    return true;
}
