/*
 * Every rule of daily.h as a case: what was observed, and what is said of each server on each day. Each case is imported in several orders, which
 * must give the same.
 *
 * Days are those of March 2021: 1 is the first, 2 the day of the fix. The group is ProxyLogon where none is named.
 */
#include "test.h"

#include <unistd.h>

#include "base/hash.h"
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
static void all_rules(size_t shuffles, size_t each)
{
    for (size_t i = 0; i < COUNT_OF(rules); i += each) {
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
    all_rules(1, 1);
}

static void rules_on_postgresql(void **state)
{
    (void)state;
    if (!w.has_pg)
        skip();
    w.where = w.pg.where;
    all_rules(0, 9);
    w.where = ":memory:";
}

/* ---- what too many share ---- */

static struct outcome straight(const struct step *step, size_t n, struct daily_counts *c)
{
    size_t order[200];

    CHECK(n <= COUNT_OF(order));
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    struct store *s = imported(step, order, n);
    struct outcome o = days_of(s, NULL, 4, NULL, c);
    store_close(s);
    return o;
}

static bool nothing(void *ctx, const struct server_span *s, struct err *e)
{
    (void)ctx;
    (void)s;
    (void)e;
    return true;
}

static void hubs(void **state)
{
    struct step step[100];
    struct daily_counts c;

    (void)state;
    w.where = ":memory:";
    /* A certificate on 32 addresses is a large site's; on one more it is a hoster's, and says nothing of who is who. */
    for (int n = 32; n <= 33; n++) {
        for (int i = 0; i < n; i++)
            step[i] = (struct step){ 3, .ip = 1 + i, .cert = 7, .build = PATCHED };
        straight(step, (size_t)n, &c);
        CHECK(c.servers == (n == 32 ? 1 : 33) && c.hubs == (n == 32 ? 0 : 1));
    }
    for (int i = 0; i < 33; i++)
        step[i] = (struct step){ 3, .ip = 1 + i, .name = "mail.hoster.example", .build = PATCHED };
    straight(step, 33, &c);
    CHECK(c.servers == 33);
    /* The address of a CDN shows a certificate for each of its customers: each is a server, with its own build and the origin behind it. */
    for (int i = 0; i < 70; i++)
        step[i] = (struct step){ 3, .ip = 1, .cert = 100 + i, .build = i % 2 ? PATCHED : UNPATCHED };
    step[70] = (struct step){ 3, .ip = 2, .cert = 100, .build = UNPATCHED };
    struct outcome o = straight(step, 71, &c);
    CHECK(c.servers == 70 && c.hubs == 1);
    CHECK_WHY(strstr(o.text, "[1,2] 3-4:unpatched") && strstr(o.text, "[1] 3-4:patched") && !strstr(o.text, "mixed"), o.text);
    /* Few certificates in turn are one server that renews them. */
    for (int i = 0; i < 60; i++)
        step[i].build = PATCHED;
    straight(step, 60, &c);
    CHECK(c.servers == 1 && c.hubs == 0);
}

static struct daily_counts counts_of(const struct step *step, const size_t *order, size_t n)
{
    struct store *s = imported(step, order, n);
    struct daily_options o = { .builds = &w.builds, .os = &w.os, .jobs = 1 };
    struct span_sink sink = { NULL, nothing };
    struct daily_counts c = { 0 };
    struct daily *d = NULL;
    struct err e = { 0 };

    CHECK(daily_open(&d, s, &o, &e) && daily_spans(d, &sink, &c, &e));
    daily_close(d);
    store_close(s);
    return c;
}

/* Names of nodes and of hosts as somebody wants them who means us ill: many nodes at one end, a chain of names through a whole network. */
static void endless(void **state)
{
    static char text[3000][2][32];
    static struct step step[3000];
    static size_t order[3000];
    struct daily_counts c;

    (void)state;
    w.where = ":memory:";
    for (size_t i = 0; i < COUNT_OF(step); i++) {
        order[i] = i;
        snprintf(text[i][0], sizeof text[i][0], "EX%zu", i);
        step[i] = (struct step){ 3 + (int)(i % 20), .ip = 1, .node = text[i][0], .build = i % 2 ? PATCHED : UNPATCHED };
    }
    c = counts_of(step, order, COUNT_OF(step));
    CHECK(c.servers == COUNT_OF(step) && c.hubs == 1);
    for (size_t i = 0; i < COUNT_OF(step); i++) {
        snprintf(text[i][0], sizeof text[i][0], "a%zu.example.org", i);
        snprintf(text[i][1], sizeof text[i][1], "a%zu.example.org", i + 1);
        step[i] = (struct step){ 3 + (int)(i % 20), .ip = 1 + (int)i, .name = text[i][0], .name2 = text[i][1], .build = i % 2 ? PATCHED : UNPATCHED };
    }
    c = counts_of(step, order, COUNT_OF(step));
    CHECK(c.servers >= 3 && c.servers < 100 && c.hubs >= 2);        /* 1024 nodes at most are one server */
}

/* ---- places, counts ---- */

struct strata { struct daily *d; char text[1024]; size_t n; };

static bool tell_strata(void *ctx, const struct server_span *s, struct err *e)
{
    struct strata *t = ctx;

    (void)e;
    if (s->group == 0)
        t->n += (size_t)snprintf(t->text + t->n, sizeof t->text - t->n, "%d-%d %.2s %u %.*s/%.*s %d.%d.%d.%d(%d) %u+%u; ", s->from - DAY_0, s->to - DAY_0,
                                 s->country[0] ? s->country : "--", s->asn, STR_ARG(daily_sector(t->d, s->sector)), STR_ARG(daily_detector(t->d, s->detector)), s->build[0],
                                 s->build[1], s->build[2], s->build[3], s->parts, s->addresses, s->nodes);
    return true;
}

static bool vienna(void *ctx, const uint8_t ip[16], char ret_country[3], uint32_t *ret_asn)
{
    (void)ctx;
    memcpy(ret_country, "AT", 3);
    *ret_asn = 64500;
    return ip[15] == 1;
}

static void strata_of(const struct step *step, size_t n, bool located, const char *want)
{
    struct daily_options o = { .builds = &w.builds, .os = &w.os, .jobs = 1, .locate = located ? vienna : NULL };
    size_t order[STEPS_MAX];
    struct strata t = { .n = 0 };
    struct span_sink sink = { &t, tell_strata };
    struct err e = { 0 };

    for (size_t i = 0; i < n; i++)
        order[i] = i;
    struct store *s = imported(step, order, n);
    CHECK(daily_open(&t.d, s, &o, &e) && daily_spans(t.d, &sink, NULL, &e));
    daily_close(t.d);
    store_close(s);
    if (strcmp(t.text, want))
        fail_msg("got  %s\nwant %s", t.text, want);
}

static void places_and_sectors(void **state)
{
    /* Two sources that do not agree would take turns: the better one keeps its word. */
    static const struct step two[] = {
        { 3, .source = OBS_SHODAN, .ip = 1, .build = UNPATCHED, .country = "DE", .asn = 64496, .detector = "shodan" },
        { 4, .source = OBS_SHADOWSERVER, .ip = 1, .build = UNPATCHED, .country = "CH", .asn = 64497, .sector = "Education Services", .detector = "shadowserver" },
        { 5, .source = OBS_SHODAN, .ip = 1, .build = UNPATCHED, .country = "DE", .asn = 64496, .detector = "shodan" },
        { 6, .source = OBS_SHADOWSERVER, .ip = 1, .build = PATCHED, .country = "CH", .asn = 64497, .detector = "shadowserver" },
    };
    static const struct step nodes[] = {
        { 3, .ip = 1, .node = "EX01", .name = "mail.example.org", .build = PATCHED }, { 4, .ip = 2, .node = "EX02", .name = "mail.example.org", .build = UNPATCHED },
    };

    (void)state;
    w.where = ":memory:";
    strata_of(two, 4, false, "3-3 DE 64496 /shodan 15.1.2176.2(4) 1+1; 4-5 CH 64497 Education Services/shodan 15.1.2176.2(4) 1+1; "
                             "6-6 CH 64497 Education Services/shadowserver 15.1.2176.9(4) 1+1; ");
    /* The operator's own databases win over every source. */
    strata_of(two, 4, true, "3-3 AT 64500 /shodan 15.1.2176.2(4) 1+1; 4-5 AT 64500 Education Services/shodan 15.1.2176.2(4) 1+1; "
                            "6-6 AT 64500 Education Services/shadowserver 15.1.2176.9(4) 1+1; ");
    /* The lowest build stands for the server. */
    strata_of(nodes, 2, false, "3-3 -- 0 / 15.1.2176.9(4) 1+1; 4-4 -- 0 / 15.1.2176.2(4) 2+2; ");
}

static void counts(void **state)
{
    static const struct step step[] = {
        { 3, .ip = 1, .name = "a.example.org", .build = PATCHED }, { 3, .ip = 1, .name = "a.example.org", .build = PATCHED }, { 3, .ip = 0, .build = PATCHED },
        { 4, .ip = 2, .name = "a.example.org", .flags = OBS_ONLINE }, { 3, .ip = 3, .build = PATCHED, .no_time = true }, { 6000, .ip = 1, .build = PATCHED },
        { 9, .ip = 1, .build = PATCHED },
    };
    struct daily_counts c;

    (void)state;
    w.where = ":memory:";
    struct outcome o = straight(step, COUNT_OF(step), &c);
    CHECK(c.observations == 7 && c.nobody == 1 && c.online == 1 && c.no_time == 1 && c.servers == 2);
    CHECK_WHY(c.wrong_time == 3, "one in the future, two after the last day that was asked for");
    CHECK(c.counted == 2 && c.last_day == DAY_0 + 4 && c.first_day == DAY_0 + 3);
    /* The same said in two files counts once. */
    CHECK_STR(str_c(o.text), STR("[1] 3-3:patched 4-4:not_self_hosted/moved"));
}

/* ---- many, in any order, by any number of threads, on any engine ---- */

enum { MANY = 6000 };

static size_t draw(unsigned *seed, size_t n)
{
    *seed = *seed * 1103515245 + 12345;
    return (*seed >> 16) % n;
}

static void random_steps(struct step *s, unsigned seed)
{
    static const char *const build[] = { NULL, UNPATCHED, PATCHED, "15.1.2176", "15.1.2106", "15.1.2106.13", "15.1.2242.4", "15.2.792.3", "15.2", "14.3.513.0", "15.1.2176.5" };
    static const char *const node[] = { NULL, NULL, "EX01", "EX02", "ex01" }, *const domain[] = { NULL, "ad.example.org", "ad.example.net" };
    static const char *const name[] = { NULL, "mail.example.org", "owa.example.org", "mail.example.net", "a.b.example", "x.local" };
    static const char *const about[] = { NULL, NULL, NULL, NULL, "ProxyLogon", "CVE-2021-34473", "" };
    static const enum obs_reach reach[] = { 0, 0, 0, 0, 0, OBS_REFUSED, OBS_TIMED_OUT };
    static const uint32_t flags[] = { 0, 0, 0, OBS_EXCHANGE, OBS_EXCHANGE | OBS_VERSION_HIDDEN, OBS_NOT_EXCHANGE, OBS_TWO_BUILDS, OBS_ODD };
    static const char *const country[] = { NULL, "AT", "DE" }, *const sector[] = { NULL, "Education Services", "Manufacturing" }, *const detector[] = { "a 1", "b 2", NULL };

    for (size_t i = 0; i < MANY; i++) {
#define ANY(list) list[draw(&seed, COUNT_OF(list))]
#define NUM(n) (int)draw(&seed, n)
        s[i] = (struct step){ .day = 1 + NUM(80) };
        s[i].minute = NUM(5), s[i].source = (enum obs_source)NUM(OBS_SOURCES), s[i].ip = NUM(300), s[i].build = ANY(build), s[i].reach = ANY(reach);
        if (s[i].reach) {
            s[i].build = NULL;
            continue;
        }
        s[i].node = ANY(node), s[i].domain = ANY(domain), s[i].flags = ANY(flags), s[i].about = ANY(about), s[i].claim = (enum claim_kind)NUM(4);
        /* Most certificates and names belong to a few addresses; what joins all would leave one server. */
        s[i].cert = NUM(8) ? 0 : 1 + s[i].ip / 3, s[i].name = NUM(200) ? NULL : ANY(name);
        s[i].country = ANY(country), s[i].sector = ANY(sector), s[i].detector = ANY(detector), s[i].asn = (uint32_t)NUM(3);
        if (s[i].name && NUM(10) == 0)
            s[i].flags |= OBS_ONLINE;
    }
}

static bool hash_span(void *ctx, const struct server_span *s, struct err *e)
{
    struct { struct hash *h; uint64_t n; } *x = ctx;
    const uint64_t v[] = {
        s->server, s->group, (uint64_t)s->from, (uint64_t)s->to, s->verdict, s->state, s->flags, s->parts, s->reached, s->build[0], s->build[1], s->build[2], s->build[3],
        s->addresses, s->nodes, s->detector, (uint64_t)s->country[0], (uint64_t)s->country[1], s->asn, s->sector,
    };

    (void)e;
    x->n++;
    hash_push(x->h, (struct str){ (const uint8_t *)v, sizeof v });
    return true;
}

static bool spans_hash(struct store *s, const char *where, uint32_t jobs, size_t memory, struct os *os, uint8_t ret[32], uint64_t *ret_n, struct err *e)
{
    struct daily_options o = { .builds = &w.builds, .os = os, .where = str_or(where), .jobs = jobs, .memory_bytes = memory };
    struct { struct hash *h; uint64_t n; } x = { hash_open(HASH_SHA256), 0 };
    struct span_sink sink = { &x, hash_span };
    struct daily *d = NULL;
    bool ok = daily_open(&d, s, &o, e) && daily_spans(d, &sink, NULL, e);

    daily_close(d);
    hash_done(x.h, ret);
    hash_close(x.h);
    *ret_n = x.n;
    return ok;
}

static struct step many[MANY];
static size_t many_order[MANY];

static void same_spans(const char *where, bool reversed, const uint8_t want[32], uint8_t ret[32])
{
    uint64_t n;

    w.where = where;
    for (size_t i = 0; i < MANY; i++)
        many_order[i] = reversed ? MANY - 1 - i : i;
    if (reversed)
        shuffle(many_order, MANY, 7);
    struct store *s = imported(many, many_order, MANY);
    bool again = strcmp(where, ":memory:") != 0;
    if (again) {
        struct err e = { 0 };

        store_close(s);
        CHECK(store_open(&s, str_c(where), STORE_READ, &e));
    }
    for (uint32_t jobs = 1; jobs <= (again ? 3 : 1); jobs += 2)
        for (size_t memory = 1 << 10; memory <= 1 << 26; memory <<= 16) {
            struct err e = { 0 };

            if (!spans_hash(s, again ? where : NULL, jobs, memory, &w.os, ret, &n, &e))
                fail_msg("%s %s", e.where, e.what);
            CHECK(n > 20000);
            if (want && memcmp(ret, want, 32))
                fail_msg("%s, %s, %u threads, %zu bytes: other spans", where, reversed ? "in another order" : "in order", jobs, memory);
        }
    store_close(s);
    w.where = ":memory:";
}

static void order_changes_nothing(void **state)
{
    char file[64];
    uint8_t want[32], got[32];

    (void)state;
    random_steps(many, 20210302);
    same_spans(":memory:", false, NULL, want);
    same_spans(":memory:", true, want, got);
    snprintf(file, sizeof file, "/tmp/daily_test.%d.db", (int)getpid());
    same_spans(file, true, want, got);
    for (size_t i = 0; i < 4; i++) {
        char path[80];

        snprintf(path, sizeof path, "%s%s", file, (const char *[]){ "", "-lock", "-wal", "-shm" }[i]);
        unlink(path);
    }
    if (w.has_pg)
        same_spans(w.pg.where, true, want, got);
}

/* ---- when something fails ---- */

static void faults(void **state)
{
    struct test_arena t = test_arena(16 << 20);
    uint8_t want[32], got[32];
    uint64_t n;
    struct err e = { 0 };
    uint32_t left = 1;

    (void)state;
    w.where = ":memory:";
    random_steps(many, 5);
    for (size_t i = 0; i < MANY; i++)
        many_order[i] = i;
    struct store *s = imported(many, many_order, MANY);
    CHECK(spans_hash(s, NULL, 1, 0, &w.os, want, &n, &e));
    for (;; left++) {                                      /* the spool's first call fails, then its second ... */
        struct arena a = t.a;
        struct os_mem *m = os_mem_open(&a, (int64_t)RECORDED * TIME_DAY);

        CHECK(m->os.mkdir(&m->os, STR("/tmp"), &e));
        m->fault = (struct fault){ .left = left };
        e = (struct err){ 0 };
        bool ok = spans_hash(s, NULL, 1, 0, &m->os, got, &n, &e);
        bool fired = m->fault.fired;
        CHECK(m->open_now == 0);
        if (!fired) {
            if (!ok)
                fail_msg("%s %s", e.where, e.what);
            CHECK(!memcmp(want, got, 32));
            break;
        }
        CHECK(!ok && e.kind != ERR_NONE && e.what[0]);
    }
    CHECK_WHY(left > 5, "spools were written and read");
    /* A store whose tables do not fit together is told, not guessed at. */
    CHECK(store_exec(s, "DELETE FROM survey_target WHERE id IN (SELECT target FROM survey_observation LIMIT 1)", &e));
    e = (struct err){ 0 };
    CHECK(!spans_hash(s, NULL, 1, 0, &w.os, got, &n, &e) && e.kind == ERR_FORMAT && strstr(e.what, "do not fit together"));
    e = (struct err){ 0 };
    CHECK(store_exec(s, "DELETE FROM survey_node", &e) && !spans_hash(s, NULL, 1, 0, &w.os, got, &n, &e) && e.kind == ERR_FORMAT);
    store_close(s);
    test_arena_free(&t);
}

static void empty_store(void **state)
{
    struct daily_counts c;

    (void)state;
    w.where = ":memory:";
    struct outcome o = straight(NULL, 0, &c);
    CHECK(o.n == 0 && c.servers == 0 && c.spans == 0 && c.observations == 0);
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
    const struct CMUnitTest t[] = {
        cmocka_unit_test(each_rule), cmocka_unit_test(rules_on_postgresql), cmocka_unit_test(hubs), cmocka_unit_test(endless),
        cmocka_unit_test(places_and_sectors), cmocka_unit_test(counts), cmocka_unit_test(order_changes_nothing), cmocka_unit_test(faults),
        cmocka_unit_test(empty_store),
    };
    return cmocka_run_group_tests(t, setup, teardown);
}
