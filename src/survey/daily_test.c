/*
 * Every rule of daily.h as a case: what was observed, and what is said of each server on each day. Each case is imported in several orders, which
 * must give the same.
 *
 * Days are those of March 2021: 1 is the first, 2 the day of the fix. The group is ProxyLogon where none is named.
 */
#include "test.h"

#include <unistd.h>

#include "base/num.h"
#include "base/time.h"
#include "os/mem.h"
#include "pack/builds.h"
#include "pg_server.h"
#include "survey/daily.h"
#include "survey/record.h"

enum { DAY_0 = 18686 /* 2021-02-28 */, RECORDED = 20000 };

struct step {
    int day, minute;
    enum obs_source source;
    int ip;                          /* 192.0.2.ip; 0: none */
    uint16_t port;
    const char *node, *build;        /* "15.1.2176.9" */
    const char *name, *name2, *domain;
    int cert; const char *cert_name;
    enum obs_reach reach;            /* 0: answered */
    uint32_t flags;
    enum claim_kind claim; const char *about;     /* NULL: no claim */
    const char *country, *sector, *detector;
    uint32_t asn;
    bool unknown_reach, no_time;
};
enum { STEPS_MAX = 40 };

struct outcome { char text[8192]; size_t n; uint64_t spans; };

static struct test_world { struct test_arena keep; struct builds builds; struct os os; struct pg_server pg; bool has_pg; const char *where; } w;

static struct str str_or(const char *s) { return s ? str_c(s) : STR_EMPTY; }

static void observe(struct observation *o, const struct step *s)
{
    static const uint8_t mapped[16] = { [10] = 0xff, 0xff, 192, 0, 2 };

    observation_clear(o);
    o->source = s->source;
    o->detector = str_or(s->detector);
    o->observed_us = s->no_time ? TIME_NONE : (int64_t)(DAY_0 + s->day) * TIME_DAY + s->minute * TIME_MINUTE;
    o->line = 1;
    o->has_ip = s->ip != 0;
    memcpy(o->ip, mapped, 16);
    o->ip[15] = (uint8_t)s->ip;
    o->ip[14] = (uint8_t)(s->ip >> 8);
    o->port = s->port ? s->port : s->ip ? 443 : 0;
    o->reach = s->unknown_reach ? OBS_REACH_UNKNOWN : s->reach ? s->reach : OBS_ANSWERED;
    o->flags = s->flags;
    o->node = str_or(s->node);
    o->ad_domain = str_or(s->domain);
    if (s->build) {
        CHECK(build_parse(str_c(s->build), o->build, &o->parts));
        o->means = OBS_HEADER;
        o->flags |= OBS_EXCHANGE;
    }
    if (s->name)
        o->name[o->name_n++] = str_c(s->name);
    if (s->name2)
        o->name[o->name_n++] = str_c(s->name2);
    o->has_cert = s->cert != 0;
    memset(o->cert, s->cert, 32);
    o->cert[1] = (uint8_t)(s->cert >> 8);
    o->cert_name = str_or(s->cert_name);
    if (s->country)
        memcpy(o->country, s->country, 3);
    o->sector = str_or(s->sector);
    o->asn = s->asn;
    if (s->about) {
        o->claim[0] = (struct obs_claim){ s->claim, str_c(s->about), STR_EMPTY };
        o->claim_n = 1;
    }
}

/* Every observation a file of its own, in the order given. */
static struct store *imported(const struct step *step, const size_t *order, size_t n)
{
    struct test_arena t = test_arena(1 << 20);
    struct os_mem *m = os_mem_open(&t.a, (int64_t)RECORDED * TIME_DAY);
    struct store *s = NULL;
    struct record *r = NULL;
    struct err e = { 0 };

    if (!store_open(&s, str_c(w.where), STORE_WRITE, &e))
        fail_msg("%s %s", e.where, e.what);
    if (store_is_postgresql(s))
        CHECK(store_exec(s, "DROP SCHEMA public CASCADE; CREATE SCHEMA public", &e));
    if (!record_open(&r, s, &m->os, &e))
        fail_msg("%s %s", e.where, e.what);
    struct record_file f = { .name = STR("x"), .format = STR("x") };
    enum record_state state;
    CHECK(record_file_begin(r, &f, &state, &e));
    for (size_t i = 0; i < n; i++) {
        struct obs_sink sink = record_sink(r);
        struct observation o;

        observe(&o, &step[order[i]]);
        CHECK(sink.take(sink.ctx, &o, &e));
    }
    CHECK(record_file_end(r, NULL, &e));
    record_close(r);
    test_arena_free(&t);
    return s;
}

struct telling { struct daily *d; uint32_t group; struct outcome *out; uint64_t server; struct server_span last; int32_t first_day; };

static void say(struct outcome *o, const char *fmt, ...)
{
    va_list v;

    va_start(v, fmt);
    int n = vsnprintf(o->text + o->n, sizeof o->text - o->n, fmt, v);
    va_end(v);
    CHECK(n >= 0 && o->n + (size_t)n < sizeof o->text);
    o->n += (size_t)n;
}

static void say_addresses(struct telling *t, uint64_t server)
{
    struct test_arena a = test_arena(1 << 16);
    struct daily_server v;
    struct err e = { 0 };

    CHECK(daily_server(t->d, server, &a.a, &v, &e));
    say(t->out, "\n[");
    for (size_t i = 0; i < v.ip_n; i++)
        say(t->out, "%s%d", i ? "," : "", v.ip[i][15] | v.ip[i][14] << 8);
    for (size_t i = 0; i < v.name_n && !v.ip_n; i++)
        say(t->out, "%.*s", STR_ARG(v.name[i]));
    say(t->out, "]");
    test_arena_free(&a);
}

static bool tell(void *ctx, const struct server_span *s, struct err *e)
{
    static const char *const flag[] = { "mixed", "hidden", "eol", "mitigated", "compromised", "by_claim", "", "odd" };
    struct telling *t = ctx;

    (void)e;
    t->out->spans++;
    CHECK(s->from <= s->to);
    /* Without gaps, group after group, in the order of servers. */
    if (t->last.from && s->server == t->last.server && s->group == t->last.group)
        CHECK(s->from == t->last.to + 1);
    else if (t->last.from)
        CHECK(s->server > t->last.server || (s->server == t->last.server && s->group == t->last.group + 1));
    t->last = *s;
    if (s->group != t->group)
        return true;
    if (t->server != s->server)
        say_addresses(t, s->server);
    t->server = s->server;
    say(t->out, " %d-%d:%s", s->from - DAY_0, s->to - DAY_0, s->reached ? build_verdict_name(s->verdict) : "unreached");
    if (s->state != SPAN_SEEN)
        say(t->out, "/%s", s->state == SPAN_GONE ? "gone" : "moved");
    for (size_t i = 0; i < COUNT_OF(flag); i++)
        if (s->flags & 1u << i && *flag[i])
            say(t->out, "+%s", flag[i]);
    if (s->reached && !(s->flags & SPAN_EXCHANGE))
        say(t->out, "+stranger");
    return true;
}

static int by_line(const void *x, const void *y) { return strcmp(*(char *const *)x, *(char *const *)y); }

/* Ids are hashes, so servers are told in the order of their addresses. */
static void sort_lines(struct outcome *o)
{
    char copy[sizeof o->text], *line[200];
    size_t n = 0;

    strcpy(copy, o->text);
    for (char *save, *p = strtok_r(copy, "\n", &save); p; p = strtok_r(NULL, "\n", &save))
        line[n++] = p;
    qsort(line, n, sizeof *line, by_line);
    o->n = 0;
    o->text[0] = 0;
    for (size_t i = 0; i < n; i++)
        say(o, "%s%s", i ? "\n" : "", line[i]);
}

static struct outcome days_of(struct store *s, const char *group, int last_day, const struct daily_options *more, struct daily_counts *ret_counts)
{
    struct daily_options o = more ? *more : (struct daily_options){ .jobs = 1 };
    struct outcome out = { .n = 0 };
    struct daily_counts c;
    struct err e = { 0 };
    struct daily *d = NULL;

    o.builds = &w.builds;
    o.os = &w.os;
    o.last_day = last_day ? DAY_0 + last_day : 0;
    if (!daily_open(&d, s, &o, &e))
        fail_msg("%s %s", e.where, e.what);
    struct telling t = { .d = d, .group = (uint32_t)builds_group(&w.builds, str_c(group ? group : "ProxyLogon")), .out = &out };
    struct span_sink sink = { &t, tell };
    if (!daily_spans(d, &sink, &c, &e))
        fail_msg("%s %s", e.where, e.what);
    CHECK(c.spans == out.spans);
    daily_close(d);
    sort_lines(&out);
    if (ret_counts)
        *ret_counts = c;
    return out;
}

static unsigned shuffle(size_t *order, size_t n, unsigned seed)
{
    for (size_t i = n; i > 1; i--) {
        seed = seed * 1103515245 + 12345;
        size_t k = (seed >> 16) % i, x = order[i - 1];

        order[i - 1] = order[k];
        order[k] = x;
    }
    return seed;
}

static size_t steps_in(const struct step *s)
{
    size_t n = 0;

    while (n < STEPS_MAX && s[n].day)
        n++;
    return n;
}

/* ---- the rules ---- */

#define PATCHED   "15.1.2176.9"
#define UNPATCHED "15.1.2176.2"

static const struct rule { const char *why; struct step step[STEPS_MAX]; int last_day; const char *want, *group; } rules[] = {
    /* one server */
    { "a build with four numbers decides, and holds until something newer is known",
      { { 3, .ip = 1, .build = UNPATCHED }, { 6, .ip = 1, .build = PATCHED } }, 9, "[1] 3-5:unpatched 6-9:patched", NULL },
    { "before the fix was there everybody was unpatched, and three numbers suffice to say so",
      { { 1, .ip = 1, .build = "15.1.2176" } }, 9, "[1] 1-9:unpatched", NULL },
    { "the same three numbers seen after the fix say nothing",
      { { 1, .ip = 1, .build = "15.1.2176" }, { 20, .ip = 1, .build = "15.1.2176" } }, 20, "[1] 1-19:unpatched 20-20:cannot_tell", NULL },
    { "four numbers win over three newer ones of the same line",
      { { 3, .ip = 1, .build = PATCHED }, { 5, .ip = 1, .build = "15.1.2176" } }, 9, "[1] 3-9:patched", NULL },
    { "... but not where the newer ones are of a later line: an update of the line forgets the security update",
      { { 3, .ip = 1, .build = "15.1.2106.13" }, { 5, .ip = 1, .build = "15.1.2176" } }, 9, "[1] 3-4:patched 5-9:cannot_tell", NULL },
    { "a later line that holds the fix is patched with three numbers",
      { { 3, .ip = 1, .build = UNPATCHED }, { 25, .ip = 1, .build = "15.1.2242" } }, 30, "[1] 3-24:unpatched 25-30:patched", NULL },
    { "two numbers of the same product say nothing new",
      { { 3, .ip = 1, .build = PATCHED }, { 5, .ip = 1, .build = "15.1" } }, 9, "[1] 3-9:patched", NULL },
    { "two numbers of another product: it is another installation",
      { { 3, .ip = 1, .build = PATCHED }, { 5, .ip = 1, .build = "15.2" } }, 9, "[1] 3-4:patched 5-9:cannot_tell", NULL },
    { "older knowledge that comes late changes no later day",
      { { 8, .ip = 1, .build = PATCHED }, { 3, .ip = 1, .build = UNPATCHED } }, 9, "[1] 3-7:unpatched 8-9:patched", NULL },

    /* precedence within a day */
    { "the probe's four numbers win over a scan file's of the same day, whatever the hour",
      { { 3, 100, OBS_SHODAN, .ip = 1, .build = PATCHED }, { 3, 1, OBS_PROBE, .ip = 1, .build = UNPATCHED } }, 4, "[1] 3-4:unpatched", NULL },
    { "a mail hop's four numbers win over a scan file's",
      { { 3, 100, OBS_SHODAN, .ip = 1, .build = PATCHED }, { 3, 1, OBS_RECEIVED, .ip = 1, .build = UNPATCHED } }, 4, "[1] 3-4:unpatched", NULL },
    { "four numbers of a scan file win over a reporter's claim",
      { { 3, 100, OBS_SHADOWSERVER, .ip = 1, .build = "15.1.2176", .claim = CLAIM_UNPATCHED, .about = "CVE-2021-26855" },
        { 3, 1, OBS_SHODAN, .ip = 1, .build = PATCHED } }, 4, "[1] 3-4:patched", NULL },
    { "a reporter's claim wins over three numbers",
      { { 20, 100, OBS_SHODAN, .ip = 1, .build = "15.1.2176" },
        { 20, 1, OBS_SHADOWSERVER, .ip = 1, .build = "15.1.2176", .claim = CLAIM_UNPATCHED, .about = "CVE-2021-26855" } }, 21,
      "[1] 20-21:unpatched+by_claim", NULL },
    { "of two equal sources of a day the later one counts: patched at noon",
      { { 3, 1, .ip = 1, .build = UNPATCHED }, { 3, 700, .ip = 1, .build = PATCHED } }, 4, "[1] 3-4:patched", NULL },

    /* claims */
    { "a claim of another group says nothing of this one",
      { { 20, .ip = 1, .build = "15.1.2176", .claim = CLAIM_UNPATCHED, .about = "CVE-2021-34473" } }, 21, "[1] 20-21:cannot_tell", NULL },
    { "a claim falls with the line it was made of",
      { { 20, .ip = 1, .build = "15.1.2176", .claim = CLAIM_UNPATCHED, .about = "ProxyLogon" }, { 25, .ip = 1, .build = "15.1.2106" } }, 26,
      "[1] 20-24:unpatched+by_claim 25-26:cannot_tell+mixed", NULL },
    { "a newer claim takes the place of an older one",
      { { 20, .ip = 1, .build = "15.1.2176", .claim = CLAIM_UNPATCHED, .about = "ProxyLogon" },
        { 25, .source = OBS_STATEMENT, .ip = 1, .claim = CLAIM_PATCHED, .about = "ProxyLogon" } }, 26, "[1] 20-24:unpatched+by_claim 25-26:patched+by_claim", NULL },
    { "a mitigation is only ever claimed, and changes no verdict",
      { { 3, .ip = 1, .build = UNPATCHED }, { 5, .source = OBS_STATEMENT, .ip = 1, .claim = CLAIM_MITIGATED, .about = "ProxyLogon" } }, 6,
      "[1] 3-4:unpatched 5-6:unpatched+mitigated", NULL },
    { "the patch closes the door and removes nobody: compromised stays, on an axis of its own",
      { { 3, .ip = 1, .build = UNPATCHED, .claim = CLAIM_COMPROMISED, .about = "ProxyLogon" }, { 5, .ip = 1, .build = PATCHED } }, 6,
      "[1] 3-4:unpatched+compromised 5-6:patched+compromised", NULL },
    { "a web shell of which nobody says how it came counts for every group",
      { { 3, .ip = 1, .build = UNPATCHED, .claim = CLAIM_COMPROMISED, .about = "" } }, 4, "[1] 3-4:unpatched+compromised", "ProxyShell" },

    /* what hides */
    { "a proxy before the server from the beginning: it cannot be told",
      { { 3, .ip = 1, .flags = OBS_EXCHANGE | OBS_VERSION_HIDDEN } }, 4, "[1] 3-4:cannot_tell+hidden", NULL },
    { "the build was seen, then hidden: knowledge holds for 14 days without the build, and no longer",
      { { 3, .ip = 1, .build = UNPATCHED }, { 5, .ip = 1, .flags = OBS_EXCHANGE | OBS_VERSION_HIDDEN } }, 20,
      "[1] 3-17:unpatched 18-20:cannot_tell+hidden", NULL },
    { "one source sees the build and another does not: that is not hiding it",
      { { 3, .ip = 1, .build = UNPATCHED }, { 5, .source = OBS_SHODAN, .ip = 1, .flags = OBS_EXCHANGE | OBS_VERSION_HIDDEN },
        { 10, .ip = 1, .build = UNPATCHED }, { 15, .source = OBS_SHODAN, .ip = 1, .flags = OBS_EXCHANGE | OBS_VERSION_HIDDEN } }, 24, "[1] 3-24:unpatched", NULL },
    { "something else answers now: another site lives there",
      { { 3, .ip = 1, .build = UNPATCHED }, { 5, .ip = 1, .flags = OBS_NOT_EXCHANGE } }, 6, "[1] 3-4:unpatched 5-6:not_exchange", NULL },
    { "... unless somebody saw Exchange on the same day: another path",
      { { 3, .ip = 1, .build = UNPATCHED }, { 5, .ip = 1, .flags = OBS_NOT_EXCHANGE }, { 5, 9, OBS_SHODAN, .ip = 1, .flags = OBS_EXCHANGE } }, 6,
      "[1] 3-6:unpatched", NULL },
    { "a port that is open and says nothing is no Exchange server: it counts nowhere",
      { { 3, .source = OBS_MASSCAN, .ip = 1 } }, 4, "[1] 3-4:cannot_tell+stranger", NULL },
    { "a pair of numbers that never was is told",
      { { 3, .ip = 1, .build = PATCHED, .flags = OBS_ODD } }, 4, "[1] 3-4:patched+odd", NULL },

    /* gone, moved */
    { "three days of refusals, one after the other: gone",
      { { 3, .ip = 1, .build = UNPATCHED }, { 5, .ip = 1, .reach = OBS_REFUSED }, { 6, .ip = 1, .reach = OBS_TIMED_OUT }, { 8, .ip = 1, .reach = OBS_REFUSED } }, 9,
      "[1] 3-7:unpatched 8-9:unpatched/gone", NULL },
    { "an answer in between begins anew",
      { { 3, .ip = 1, .build = UNPATCHED }, { 5, .ip = 1, .reach = OBS_REFUSED }, { 6, .ip = 1, .reach = OBS_TIMED_OUT }, { 7, .ip = 1, .build = UNPATCHED },
        { 8, .ip = 1, .reach = OBS_REFUSED } }, 9, "[1] 3-9:unpatched", NULL },
    { "two refusals on one day are one run",
      { { 3, .ip = 1, .build = UNPATCHED }, { 5, 1, .ip = 1, .reach = OBS_REFUSED }, { 5, 2, .ip = 1, .reach = OBS_TIMED_OUT }, { 5, 3, .ip = 1, .reach = OBS_TLS_FAILED } },
      9, "[1] 3-9:unpatched", NULL },
    { "who comes back is seen again, with what he says then",
      { { 3, .ip = 1, .build = UNPATCHED }, { 5, .ip = 1, .reach = OBS_REFUSED }, { 6, .ip = 1, .reach = OBS_REFUSED }, { 7, .ip = 1, .reach = OBS_REFUSED },
        { 9, .ip = 1, .build = PATCHED } }, 9, "[1] 3-6:unpatched 7-8:unpatched/gone 9-9:patched", NULL },
    { "in no source for more than 30 days while the survey went on: gone. The others are the survey's runs",
      { { 3, .ip = 1, .build = UNPATCHED }, { 10, .ip = 2, .build = PATCHED }, { 20, .ip = 2, .build = PATCHED }, { 30, .ip = 2, .build = PATCHED },
        { 40, .ip = 2, .build = PATCHED } }, 40, "[1] 3-33:unpatched 34-40:unpatched/gone\n[2] 10-40:patched", NULL },
    { "the survey paused: nobody is gone because nobody looked",
      { { 3, .ip = 1, .build = UNPATCHED }, { 90, .ip = 2, .build = PATCHED }, { 91, .ip = 1, .build = UNPATCHED } }, 91,
      "[1] 3-91:unpatched\n[2] 90-91:patched", NULL },
    { "never an answer: neither patched nor open, unreachable",
      { { 3, .ip = 1, .reach = OBS_TIMED_OUT }, { 4, .ip = 1, .reach = OBS_TIMED_OUT } }, 5, "[1] 3-5:unreached", NULL },
    { "its name is served by Exchange Online now, and it does not answer any more: moved, not patched",
      { { 3, .ip = 1, .name = "mail.example.org", .build = UNPATCHED }, { 9, .ip = 99, .name = "mail.example.org", .flags = OBS_ONLINE } }, 10,
      "[1] 3-8:unpatched 9-10:not_self_hosted/moved", NULL },
    { "a hybrid: one name is in the cloud and the server still answers",
      { { 3, .ip = 1, .name = "mail.example.org", .build = UNPATCHED }, { 5, .ip = 99, .name = "mail.example.org", .flags = OBS_ONLINE },
        { 7, .ip = 1, .name = "mail.example.org", .build = UNPATCHED } }, 8, "[1] 3-8:unpatched", NULL },

    /* nodes behind one name */
    { "a name is as weak as its weakest node",
      { { 3, .ip = 1, .node = "EX01", .build = PATCHED }, { 4, .ip = 1, .node = "EX02", .build = UNPATCHED }, { 6, .ip = 1, .node = "ex02", .build = PATCHED } }, 7,
      "[1] 3-3:patched 4-5:unpatched+mixed 6-7:patched", NULL },
    { "one node behind two addresses is one node: what is new of it holds for both",
      { { 3, .ip = 1, .node = "EX01", .domain = "ad.example.org", .build = UNPATCHED }, { 3, .ip = 2, .node = "EX01", .domain = "ad.example.org", .build = UNPATCHED },
        { 5, .ip = 2, .node = "EX01", .domain = "ad.example.org", .build = PATCHED } }, 6, "[1,2] 3-4:unpatched 5-6:patched", NULL },
    { "two organisations may both call their node EX01",
      { { 3, .ip = 1, .node = "EX01", .build = UNPATCHED }, { 3, .ip = 2, .node = "EX01", .build = PATCHED } }, 4, "[1] 3-4:unpatched\n[2] 3-4:patched", NULL },
    { "one AD domain is an organisation, not a server",
      { { 3, .ip = 1, .node = "EX01", .domain = "ad.example.org", .build = UNPATCHED }, { 3, .ip = 2, .node = "EX02", .domain = "ad.example.org", .build = PATCHED } }, 4,
      "[1] 3-4:unpatched\n[2] 3-4:patched", NULL },
    { "what a scan file saw without the node's name is the one node's",
      { { 3, .ip = 1, .node = "EX01", .build = UNPATCHED }, { 5, .source = OBS_SHODAN, .ip = 1, .build = PATCHED } }, 6, "[1] 3-4:unpatched 5-6:patched", NULL },
    { "... also where the name came later",
      { { 3, .source = OBS_SHODAN, .ip = 1, .build = PATCHED }, { 5, .ip = 1, .node = "EX01", .build = "15.1.2176" } }, 6, "[1] 3-6:patched", NULL },
    { "where there are two nodes it is an unknown one, until both were seen again",
      { { 3, 1, .ip = 1, .node = "EX01", .build = PATCHED }, { 3, 2, .ip = 1, .node = "EX02", .build = PATCHED }, { 5, .source = OBS_SHODAN, .ip = 1, .build = UNPATCHED },
        { 7, .ip = 1, .node = "EX01", .build = PATCHED }, { 8, .ip = 1, .node = "EX02", .build = PATCHED } }, 9,
      "[1] 3-4:patched 5-7:unpatched+mixed 8-9:patched", NULL },
    { "a node that was taken away drags the server down no longer than 30 days",
      { { 3, .ip = 1, .node = "EX01", .build = UNPATCHED }, { 4, .ip = 1, .node = "EX02", .build = PATCHED }, { 20, .ip = 1, .node = "EX02", .build = PATCHED },
        { 33, .ip = 1, .node = "EX02", .build = PATCHED }, { 40, .ip = 1, .node = "EX02", .build = PATCHED } }, 40,
      "[1] 3-3:unpatched 4-33:unpatched+mixed 34-40:patched", NULL },
    { "a build that goes down is another node behind the name: the lower one counts until it was not seen for a week",
      { { 3, .ip = 1, .build = PATCHED }, { 4, .ip = 1, .build = UNPATCHED }, { 5, .ip = 1, .build = PATCHED }, { 8, .ip = 1, .build = PATCHED },
        { 12, .ip = 1, .build = PATCHED } }, 13, "[1] 3-3:patched 4-11:unpatched+mixed 12-13:patched", NULL },
    { "an older backup was restored and stays: not mixed for ever",
      { { 3, .ip = 1, .build = PATCHED }, { 4, .ip = 1, .build = UNPATCHED } }, 14, "[1] 3-3:patched 4-11:unpatched+mixed 12-14:unpatched", NULL },
    { "one answer with two builds is two nodes, or a proxy's memory",
      { { 3, .ip = 1, .build = UNPATCHED, .flags = OBS_TWO_BUILDS } }, 11, "[1] 3-10:unpatched+mixed 11-11:unpatched", NULL },

    /* who is one server */
    { "one certificate on two addresses: one server, which moved to another address",
      { { 3, .ip = 1, .cert = 7, .build = UNPATCHED }, { 5, .ip = 2, .cert = 7, .build = PATCHED }, { 5, .ip = 1, .reach = OBS_REFUSED },
        { 6, .ip = 1, .reach = OBS_REFUSED }, { 7, .ip = 1, .reach = OBS_REFUSED } }, 9, "[1,2] 3-4:unpatched 5-6:unpatched+mixed 7-9:patched", NULL },
    { "one name on two addresses: one server",
      { { 3, .ip = 1, .name = "mail.example.org", .build = UNPATCHED }, { 3, .ip = 2, .name = "mail.example.org", .build = PATCHED } }, 4, "[1,2] 3-4:unpatched+mixed", NULL },
    { "many names on one address: one server",
      { { 3, .ip = 1, .name = "mail.example.org", .build = UNPATCHED }, { 5, .ip = 1, .name = "autodiscover.example.org", .build = PATCHED } }, 6,
      "[1] 3-4:unpatched 5-6:patched", NULL },
    { "names that mean something only inside join nobody",
      { { 3, .ip = 1, .name = "ex01", .name2 = "mail.corp.local", .build = UNPATCHED }, { 3, .ip = 2, .name = "ex01", .name2 = "mail.corp.local", .build = PATCHED } }, 4,
      "[1] 3-4:unpatched\n[2] 3-4:patched", NULL },
    { "a wildcard certificate lies on many an address of its owner: it does not join",
      { { 3, .ip = 1, .cert = 7, .cert_name = "*.example.org", .build = UNPATCHED }, { 3, .ip = 2, .cert = 7, .cert_name = "*.example.org", .build = PATCHED } }, 4,
      "[1] 3-4:unpatched\n[2] 3-4:patched", NULL },
    { "... but beside the same node's name it does",
      { { 3, .ip = 1, .node = "EX01", .cert = 7, .name = "*.example.org", .build = UNPATCHED }, { 5, .ip = 2, .node = "EX01", .cert = 7, .name = "*.example.org", .build = PATCHED } },
      6, "[1,2] 3-4:unpatched 5-6:patched", NULL },
    { "two ports of one address with one certificate are one server",
      { { 3, .ip = 1, .cert = 7, .build = UNPATCHED }, { 5, .ip = 1, .port = 8443, .cert = 7, .flags = OBS_EXCHANGE } }, 6, "[1] 3-6:unpatched", NULL },
    { "two ports with nothing in common are two: a translated address may have two servers behind it",
      { { 3, .ip = 1, .build = UNPATCHED }, { 3, .ip = 1, .port = 8443, .build = PATCHED } }, 4, "[1] 3-4:patched\n[1] 3-4:unpatched", NULL },
    { "a report without a port speaks of the web's",
      { { 3, .ip = 1, .build = UNPATCHED }, { 4, .ip = 1, .port = 0, .claim = CLAIM_COMPROMISED, .about = "ProxyLogon" } }, 4,
      "[1] 3-3:unpatched 4-4:unpatched+compromised", NULL },
    { "a mail hop has a name and no address: it speaks for the server of that name",
      { { 3, .ip = 1, .name = "mail.example.org", .build = UNPATCHED }, { 5, .source = OBS_RECEIVED, .name = "mail.example.org", .build = PATCHED } }, 6,
      "[1] 3-4:unpatched 5-6:patched", NULL },
    { "a mail hop alone is a server as well",
      { { 3, .source = OBS_RECEIVED, .name = "mail.example.org", .build = PATCHED } }, 4, "[mail.example.org] 3-4:patched", NULL },
    { "Exchange Online with 15.20 is nobody's own server, by whatever way it came in",
      { { 3, .ip = 1, .build = "15.20.3955.27" } }, 4, "[1] 3-4:not_self_hosted", NULL },

    /* time */
    { "an observation without a time is taken for the day on which it was recorded: known at the latest then",
      { { 1, .ip = 1, .build = PATCHED, .no_time = true } }, RECORDED - DAY_0, "[1] 1314-1314:patched", NULL },
    { "a time in the future is a lie, and so is one before Exchange: neither makes a day of the survey",
      { { 3, .ip = 1, .build = PATCHED }, { 5000, .ip = 1, .build = UNPATCHED }, { -10000, .ip = 2, .build = UNPATCHED } }, 0, "[1] 3-3:patched", NULL },
};

/* What a case says in any order of arrival. */
static void all_rules(size_t shuffles)
{
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        const struct rule *r = &rules[i];
        size_t n = steps_in(r->step), order[STEPS_MAX];
        unsigned seed = (unsigned)i + 1;

        for (size_t k = 0; k < n; k++)
            order[k] = k;
        for (size_t round = 0; round <= shuffles; round++) {
            struct store *s = imported(r->step, order, n);
            struct outcome got = days_of(s, r->group, r->last_day, NULL, NULL);

            store_close(s);
            if (strcmp(got.text, r->want))
                fail_msg("%s (round %zu):\n  got  %s\n  want %s", r->why, round, got.text, r->want);
            if (round == 0)
                for (size_t k = 0; k < n; k++)
                    order[k] = n - 1 - k;
            else
                seed = shuffle(order, n, seed);
        }
    }
}

static void each_rule(void **state)
{
    (void)state;
    w.where = ":memory:";
    all_rules(2);
}

static void each_rule_on_postgresql(void **state)
{
    (void)state;
    if (!w.has_pg)
        skip();
    w.where = w.pg.where;
    all_rules(0);
    w.where = ":memory:";
}

static int setup(void **state)
{
    const char *why = "";
    struct err e = { 0 };

    (void)state;
    w.keep = test_arena(64 << 20);
    w.os = os_posix();
    if (!builds_load(&w.builds, &w.keep.a, &w.os, STR_EMPTY, &e))
        fail_msg("%s %s", e.where, e.what);
    w.has_pg = pg_server_start(&w.pg, NULL, &why);
    if (!w.has_pg)
        print_message("PostgreSQL is left out: %s\n", why);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    pg_server_stop(&w.pg);
    test_arena_free(&w.keep);
    return 0;
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(each_rule), cmocka_unit_test(each_rule_on_postgresql) };
    return cmocka_run_group_tests(t, setup, teardown);
}
