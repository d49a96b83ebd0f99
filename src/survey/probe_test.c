/* The whole probe in a world of its own: a clock that only moves when somebody waits, servers by the last number of their address. */
#include "test.h"

#include "base/num.h"
#include "os/mem.h"
#include "survey/probe.h"

enum { SLOTS = 64, EVENTS_MAX = 40000, ROOM = 64 << 20 };

/* What address a.b.c.d does, by d % 20. */
enum kind { REFUSES, SILENT, FULL, PAGE, BUSY, NO_TLS, SHUT, OTHER, FULL_TOO, HANGS, KINDS = 20 };
static enum kind kind_of(const uint8_t ip[16]) { return ip[15] % KINDS <= HANGS ? (enum kind)(ip[15] % KINDS) : FULL; }

struct event { uint64_t tick; int64_t at; uint8_t ip[16]; uint8_t requests; };

struct fake {
    struct test_arena  t;
    struct os_mem     *m;
    struct fetch_rules rules;
    struct { bool busy, second, forbidden, sent; uint64_t due; struct fetch_ask a; enum fetch_end end; int status; const char *head, *body; char path[512]; } slot[SLOTS];
    struct event      *event; size_t event_n;               /* connections */
    char              *journal; size_t journal_n, journal_cap;
    uint32_t           kill_after;                          /* journal lines; 0: never */
    bool               stop, slow_disk;
    struct fault      *fault;                               /* of the run's memory */
    uint64_t           lot;
    struct probe_optout list[2]; int list_at;
    uint64_t           list_after_us;                       /* then the second list holds */
    size_t             taken, answered, timed_out, lines, samples, no_name;
    struct map         names;
    bool               cert_says_no;
};

static void fake_open_world(struct fake *f)
{
    struct err e = { 0 };
    int64_t    now;

    memset(f, 0, sizeof *f);
    f->t = test_arena(ROOM);
    CHECK(time_parse(STR("2026-11-23T05:00:00Z"), &now));
    f->m = os_mem_open(&f->t.a, now);
    f->m->tick_us = 1000000000;
    f->event = calloc(EVENTS_MAX, sizeof *f->event);
    f->journal_cap = 4 << 20;
    f->journal = malloc(f->journal_cap);
    CHECK(probe_optout_read(&f->list[0], &f->t.a, STR(""), &e));
}

static void fake_close_world(struct fake *f)
{
    free(f->event);
    free(f->journal);
    test_arena_free(&f->t);
}

static void advance(struct fake *f, uint64_t us)
{
    f->m->tick_us += us;
    f->m->now_us += (int64_t)us;
}

/* ---- the network ---- */

static bool fake_ask(struct fetch *t, uint32_t at, const struct fetch_ask *a, struct err *e)
{
    struct fake *f = t->ctx;
    enum kind    kind = kind_of(a->ip);

    CHECK(at < f->rules.slots && !f->slot[at].busy);
    (void)e;
    bool second = f->slot[at].second;
    f->slot[at].busy = true;
    f->slot[at].a = *a;
    snprintf(f->slot[at].path, sizeof f->slot[at].path, "%s", a->path);
    f->slot[at].forbidden = f->slot[at].sent = false;
    f->slot[at].status = 0;
    f->slot[at].head = f->slot[at].body = "";
    f->slot[at].due = f->m->tick_us + 30000;
    if (!second) {
        if (!f->rules.may(f->rules.ctx, at, a->ip, a->port)) {
            f->slot[at].forbidden = true;
            f->slot[at].end = FETCH_FORBIDDEN;
            return true;
        }
        CHECK(f->event_n < EVENTS_MAX);
        struct event *x = &f->event[f->event_n++];
        *x = (struct event){ .tick = f->m->tick_us, .at = f->m->now_us };
        memcpy(x->ip, a->ip, 16);
    }
    if (kind == REFUSES) {
        f->slot[at].end = FETCH_REFUSED;
        return true;
    }
    if (kind == SILENT) {
        f->slot[at].end = FETCH_NO_CONNECT;
        f->slot[at].due = f->m->tick_us + f->rules.connect_ms * 1000;
        return true;
    }
    if (kind == NO_TLS) {
        f->slot[at].end = FETCH_TLS_FAILED;
        return true;
    }
    if (f->cert_says_no || !f->rules.may_ask(f->rules.ctx, at, STR_EMPTY)) {
        f->slot[at].end = FETCH_FORBIDDEN;
        return true;
    }
    f->slot[at].sent = true;
    for (size_t i = f->event_n; i-- > 0;)
        if (memcmp(f->event[i].ip, a->ip, 16) == 0) {
            f->event[i].requests++;
            break;
        }
    f->slot[at].end = FETCH_ANSWERED;
    switch (kind) {
    case FULL: case FULL_TOO:
        f->slot[at].status = 302;
        f->slot[at].head = "HTTP/1.1 302 Found\r\nX-OWA-Version: 15.1.2176.9\r\nX-FEServer: EX01\r\n\r\n";
        break;
    case PAGE:
        f->slot[at].status = second ? 404 : 200;
        f->slot[at].head = second ? "HTTP/1.1 404 Not Found\r\n\r\n" : "HTTP/1.1 200 OK\r\n\r\n";
        f->slot[at].body = second ? "" : "<link href=\"/owa/auth/15.1.2176/themes/resources/favicon.ico\">";
        break;
    case BUSY:
        f->slot[at].status = 429;
        f->slot[at].head = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 300000\r\n\r\n";
        break;
    case SHUT:
        f->slot[at].status = 403;
        f->slot[at].head = "HTTP/1.1 403 Forbidden\r\n\r\n";
        f->slot[at].body = "<h1>no</h1>";
        break;
    case HANGS:
        f->slot[at].end = FETCH_NO_ANSWER;
        f->slot[at].due = f->m->tick_us + f->rules.whole_ms * 1000;
        break;
    default:
        f->slot[at].status = 200;
        f->slot[at].head = "HTTP/1.1 200 OK\r\nServer: nginx\r\n\r\n";
        f->slot[at].body = "<title>Welcome</title>";
    }
    return true;
}

static bool fake_resolve(struct fetch *t, uint32_t at, const char *name, uint16_t port, struct err *e)
{
    struct fake *f = t->ctx;

    (void)port, (void)e;
    CHECK(!f->slot[at].busy);
    f->slot[at].busy = true;
    f->slot[at].due = f->m->tick_us + 2000;
    f->slot[at].end = strcmp(name, "gone.example.org") == 0 ? FETCH_NO_NAME : FETCH_RESOLVED;
    snprintf(f->slot[at].path, sizeof f->slot[at].path, "%s", name);
    return true;
}

static bool fake_next(struct fetch *t, uint64_t wait, struct fetch_answer *ret)
{
    struct fake   *f = t->ctx;
    uint64_t       best = UINT64_MAX, now = f->m->tick_us;
    uint32_t       who = 0;
    static const uint8_t ips[3][16] = { { [10] = 255, 255, 8, 8, 8, 2 }, { [10] = 255, 255, 9, 9, 9, 2 }, { [10] = 255, 255, 10, 0, 0, 2 } };

    for (uint32_t i = 0; i < f->rules.slots; i++)
        if (f->slot[i].busy && f->slot[i].due < best) {
            best = f->slot[i].due;
            who = i;
        }
    if (best > now + wait) {
        advance(f, wait + 1);
        return false;
    }
    if (best > now)
        advance(f, best - now);
    f->slot[who].busy = false;
    *ret = (struct fetch_answer){ .slot = who, .end = f->slot[who].end, .sent = f->slot[who].sent, .status = f->slot[who].status, .head = str_c(f->slot[who].head),
                                  .body = str_c(f->slot[who].body), .open = f->slot[who].end == FETCH_ANSWERED, .why = "" };
    if (ret->end == FETCH_RESOLVED) {
        ret->ip = ips;
        ret->ip_n = strcmp(f->slot[who].path, "two.example.org") == 0 ? 3 : 1;
    } else {
        f->slot[who].second = true;
    }
    return true;
}

static void fake_end(struct fetch *t, uint32_t at)
{
    struct fake *f = t->ctx;

    f->slot[at].busy = f->slot[at].second = false;
}

static void fake_close(struct fetch *t) { (void)t; }

static struct fake *the_fake(void *ctx) { return ctx; }

/* ---- the rest of the world ---- */

static bool fake_journal(void *ctx, struct str s, bool sync, struct err *e)
{
    struct fake *f = the_fake(ctx);

    CHECK(sync || !str_starts(s, STR("ask")));
    if (sync && f->slow_disk)
        advance(f, (f->lot = f->lot * UINT64_C(6364136223846793005) + 1) >> 49);       /* up to 33 ms */
    if (f->kill_after && --f->kill_after == 0) {             /* killed while it wrote: half a line */
        s.n /= 2;
        memcpy(f->journal + f->journal_n, s.p, s.n);
        f->journal_n += s.n;
        return err_set(e, ERR_IO, "killed");
    }
    CHECK(f->journal_n + s.n < f->journal_cap);
    memcpy(f->journal + f->journal_n, s.p, s.n);
    f->journal_n += s.n;
    return true;
}

static void fake_log(void *ctx, const struct probe_line *x)
{
    the_fake(ctx)->lines++;
    CHECK(x->came && x->came[0] && x->verdict && x->port == PROBE_PORT);
}

static bool fake_stop(void *ctx) { return the_fake(ctx)->stop; }

static const struct probe_optout *fake_optout(void *ctx)
{
    struct fake *f = the_fake(ctx);

    if (f->list_after_us && f->m->tick_us > f->list_after_us)
        f->list_at = 1;
    return &f->list[f->list_at];
}

static void fake_sample(void *ctx, const uint8_t hash[32], struct str body)
{
    (void)hash;
    CHECK(body.n);
    the_fake(ctx)->samples++;
}

static bool fake_take(void *ctx, const struct observation *o, struct err *e)
{
    struct fake *f = the_fake(ctx);

    (void)e;
    CHECK(o->source == OBS_PROBE && o->reach != OBS_REACH_UNKNOWN && o->observed_us != TIME_NONE);
    CHECK(o->has_ip == (o->reach != OBS_NO_NAME));
    if (o->has_ip && (kind_of(o->ip) == FULL || kind_of(o->ip) == FULL_TOO)) {
        CHECK(o->parts == 4 && o->means == OBS_HEADER && o->build[3] == 9);
        CHECK_STR(o->node, STR("EX01"));
    }
    if (o->has_ip && kind_of(o->ip) == PAGE)
        CHECK(o->parts == 3 && o->means == OBS_PAGE_PATH && o->has_body);
    f->taken++;
    f->answered += o->reach == OBS_ANSWERED;
    f->timed_out += o->reach == OBS_TIMED_OUT;
    f->no_name += o->reach == OBS_NO_NAME;
    return true;
}

static struct fake *opening;             /* whose world the next fetcher belongs to: tests only */
static bool fake_open(struct fetch *ret, const struct fetch_rules *rules, int wake, struct err *e)
{
    (void)wake, (void)e;
    opening->rules = *rules;
    memset(opening->slot, 0, sizeof opening->slot);
    *ret = (struct fetch){ .ctx = opening, .ask = fake_ask, .resolve = fake_resolve, .next = fake_next, .end = fake_end, .close = fake_close };
    return true;
}

#define HEAD "authority: CERT Example, order 17/2026\nvalid-from: 2026-01-01\nvalid-until: 2026-12-31\n"

static bool run(struct fake *f, const char *scope_text, const struct net_set *asn, struct probe_counts *n, enum probe_ended *ended, struct err *e)
{
    struct test_arena    t = test_arena(ROOM);
    struct probe_scope   scope;
    struct probe_journal j;
    struct probe_setup   s = { .asn = asn, .rates = { 200, 2, 20 }, .seed = 5, .begin_us = f->m->now_us, .again_us = 24 * TIME_HOUR, .port = PROBE_PORT, .user_agent = "x", .from = "y", .detector = "test", .slots = SLOTS };
    struct probe_world   w = { .os = &f->m->os, .ctx = f, .open = fake_open, .wake_fd = -1, .journal = fake_journal, .log = fake_log, .stop = fake_stop,
                               .optout = fake_optout, .sample = fake_sample, .sink = { f, fake_take, NULL } };

    CHECK(probe_scope_read(&scope, &t.a, str_c(scope_text), f->m->now_us, false, e));
    s.scope = &scope;
    probe_journal_begin(&j, &t.a);
    CHECK(probe_journal_feed(&j, (struct str){ (const uint8_t *)f->journal, f->journal_n }, e));
    f->journal_n -= probe_journal_torn(&j);
    opening = f;
    t.a.fault = f->fault;
    bool ok = probe_run(&s, &w, &j, &t.a, n, ended, e);
    test_arena_free(&t);
    return ok;
}

/* Every connection that was ever made: in scope, spaced, never twice within a day but a retry after ten minutes, never more than two requests. */
static void check_events(const struct fake *f, size_t from)
{
    for (size_t i = from; i < f->event_n; i++) {
        const struct event *x = &f->event[i];
        uint32_t            requests = x->requests, again = 0;
        CHECK(x->ip[12] == 8 || x->ip[12] == 9);
        for (size_t k = i + 1; k < f->event_n; k++) {
            const struct event *y = &f->event[k];
            if (y->tick - x->tick < 1000000) {
                CHECK(y->tick - x->tick >= 5000);                                        /* 200 a second */
                CHECK(memcmp(x->ip, y->ip, 15) != 0 || y->tick - x->tick >= 500000);     /* 2 a second and /24 */
            }
            if (memcmp(x->ip, y->ip, 16) == 0 && y->at - x->at < 24 * TIME_HOUR) {
                CHECK(y->at - x->at >= PROBE_RETRY_US && ++again == 1);
                CHECK(kind_of(x->ip) == SILENT || kind_of(x->ip) == HANGS);
                requests += y->requests;
            }
        }
        CHECK(requests <= 2);
    }
}

static void whole(void **state)
{
    (void)state;
    struct fake         f;
    struct probe_counts n;
    enum probe_ended    ended;
    struct err          e = { 0 };
    static const char   scope[] = HEAD "8.8.0.0/22\n9.9.9.0/24\n";

    fake_open_world(&f);
    f.slow_disk = true;
    CHECK(run(&f, scope, NULL, &n, &ended, &e));
    check_events(&f, 0);
    CHECK(ended == PROBE_DONE && n.targets == 1280 && n.considered == 1280 && n.asked == 1280 && n.left == 0);
    CHECK(f.taken == 1280 && n.retries == 130 && f.event_n == 1410 && f.timed_out == 130 && f.samples > 0);
    CHECK(n.answered == f.answered && n.answered + n.refused + n.timed_out + n.tls_failed + n.broken + n.no_name == f.taken);
    CHECK(n.busy == 65 && f.lines >= f.event_n);
    /* The same again at once, and an hour before the day is over: nobody. */
    size_t before = f.event_n;
    CHECK(run(&f, scope, NULL, &n, &ended, &e) && n.asked == 0 && n.too_soon == 1280);
    f.m->now_us += 22 * TIME_HOUR;
    CHECK(run(&f, scope, NULL, &n, &ended, &e) && n.asked == 0 && f.event_n == before);
    /* After the day all, but those that asked for more time (300,000 s). */
    f.m->now_us += 3 * TIME_HOUR;
    CHECK(run(&f, scope, NULL, &n, &ended, &e));
    CHECK(n.asked == 1280 - n.too_soon && n.too_soon == 65);
    check_events(&f, 0);
    fake_close_world(&f);
}

/* Killed at any moment, and begun again until it ends: nobody twice, everybody once but for those whose outcome died. */
static void killed(void **state)
{
    (void)state;
    struct fake         f;
    struct probe_counts n;
    enum probe_ended    ended;
    struct err          e;
    uint64_t            r = 3;
    uint32_t            kills = 0;

    fake_open_world(&f);
    for (;;) {
        e = (struct err){ 0 };
        f.kill_after = 1 + (uint32_t)((r = r * UINT64_C(6364136223846793005) + 1) >> 33) % 150;
        if (run(&f, HEAD "8.8.0.0/23\nb.example.org\ntwo.example.org\n", NULL, &n, &ended, &e))
            break;
        CHECK(e.kind == ERR_IO && ++kills < 200);
        advance(&f, (r >> 20) % 400000);          /* soon again: kill -9 and a new start are no way around a limit */
    }
    CHECK(kills > 5);
    /* A retry needs the outcome of the first try: after a kill there is none. */
    check_events(&f, 0);
    bool seen[512] = { false };
    for (size_t i = 0; i < f.event_n; i++)
        if (f.event[i].ip[12] == 8)
            seen[(f.event[i].ip[14] & 1) << 8 | f.event[i].ip[15]] = true;
    uint32_t missing = 0;
    for (int i = 0; i < 512; i++)
        missing += !seen[i];
    CHECK(missing <= kills);                    /* one intent at most dies with each kill */
    fake_close_world(&f);
}

static void names(void **state)
{
    (void)state;
    struct fake         f;
    struct probe_counts n;
    enum probe_ended    ended;
    struct err          e = { 0 };

    fake_open_world(&f);
    CHECK(probe_optout_read(&f.list[0], &f.t.a, STR("no.example.org 2026-01-01 T1\n"), &e));
    CHECK(run(&f, HEAD "a.example.org\nb.example.org\ntwo.example.org\ngone.example.org\nx.no.example.org\n", NULL, &n, &ended, &e));
    /* Three names lead to 8.8.8.2, one of them to 9.9.9.2 and a private address too: each address once, the private one never. */
    CHECK(f.event_n == 2 && n.asked == 2 && n.known + n.special == 3 && n.opted_out == 1 && n.no_name == 1 && f.no_name == 1);
    check_events(&f, 0);
    fake_close_world(&f);
}

static void optout(void **state)
{
    (void)state;
    struct fake         f;
    struct probe_counts n;
    enum probe_ended    ended;
    struct err          e = { 0 };

    /* Who opts out in the middle of a run is not asked from the next second on. */
    fake_open_world(&f);
    CHECK(probe_optout_read(&f.list[0], &f.t.a, STR("8.8.8.64/26 2026-01-01 T1\n"), &e));
    CHECK(probe_optout_read(&f.list[1], &f.t.a, STR("8.8.8.0/24 2026-11-23 T2\n"), &e));
    f.list_after_us = f.m->tick_us + 20000000;
    CHECK(run(&f, HEAD "8.8.8.0/24\n", NULL, &n, &ended, &e));
    CHECK(n.opted_out > 150 && n.asked > 20 && n.asked <= 44 && n.asked + n.opted_out >= 256 && n.asked + n.opted_out < 262);      /* some before their retry */
    for (size_t i = 0; i < f.event_n; i++)
        CHECK((f.event[i].ip[15] & 0xc0) != 64 && f.event[i].tick <= f.list_after_us + 1100000);
    fake_close_world(&f);

    /* Whose certificate names somebody who opted out gets no request, and no observation. */
    fake_open_world(&f);
    f.cert_says_no = true;
    CHECK(run(&f, HEAD "8.8.8.2\n", NULL, &n, &ended, &e));
    CHECK(f.event_n == 1 && f.event[0].requests == 0 && f.taken == 0 && n.opted_out == 1);
    fake_close_world(&f);
}

static void ends(void **state)
{
    (void)state;
    struct fake         f;
    struct probe_counts n;
    enum probe_ended    ended;
    struct err          e = { 0 };

    fake_open_world(&f);
    f.stop = true;
    CHECK(run(&f, HEAD "8.8.8.0/24\n", NULL, &n, &ended, &e) && ended == PROBE_STOPPED && f.event_n <= 3);
    f.stop = false;
    CHECK(run(&f, HEAD "8.8.8.0/24\n", NULL, &n, &ended, &e) && ended == PROBE_DONE);
    check_events(&f, 0);
    fake_close_world(&f);

    /* A scope that runs out meanwhile. */
    fake_open_world(&f);
    CHECK(run(&f, "authority: CERT\nvalid-from: 2026-11-23\nvalid-until: 2026-11-23T05:00:20Z\n8.8.8.0/24\n", NULL, &n, &ended, &e));
    CHECK(ended == PROBE_EXPIRED && f.event_n > 20 && f.event_n < 45);
    fake_close_world(&f);

    /* A network that refuses is left alone: two rests, then no more. */
    fake_open_world(&f);
    char scope[8192] = HEAD;
    for (int i = 0; i < 250; i += 10)
        snprintf(scope + strlen(scope), sizeof scope - strlen(scope), "8.8.8.%d\n9.9.9.%d\n9.9.8.%d\n", i, i + 2, i + 2);
    CHECK(run(&f, scope, NULL, &n, &ended, &e));
    uint32_t refused = 0, pause = 0;
    for (size_t i = 0; i < f.event_n; i++)
        refused += f.event[i].ip[12] == 8;
    for (size_t i = 1; i < f.event_n; i++)
        pause += f.event[i].tick - f.event[i - 1].tick > 500 * UINT64_C(1000000);
    CHECK(refused >= 25 - n.left && refused <= 25 && n.asked + n.left == 75 && pause >= 1);
    check_events(&f, 0);
    fake_close_world(&f);
}

static void asns(void **state)
{
    (void)state;
    struct fake         f;
    struct probe_counts n;
    enum probe_ended    ended;
    struct err          e = { 0 };
    struct net_entry    entry[2] = { { .value = 64500 }, { .value = 64501 } };
    struct net_set      set;

    CHECK(net_parse(STR("8.0.0.0/8"), &entry[0].net, NULL) && net_parse(STR("9.0.0.0/8"), &entry[1].net, NULL));
    net_set_build(&set, entry, 2);
    fake_open_world(&f);
    CHECK(run(&f, HEAD "8.8.0.0/21\n9.9.9.0/24\n", &set, &n, &ended, &e) && n.asked == 2304);
    for (size_t i = 0; i < f.event_n; i++)
        for (size_t k = i + 1; k < f.event_n && f.event[k].tick - f.event[i].tick < 50000; k++)
            CHECK(f.event[i].ip[12] != f.event[k].ip[12]);                   /* 20 a second and AS */
    check_events(&f, 0);
    fake_close_world(&f);
}

/* Memory that ends at any step: said so, and nobody was asked without the journal knowing it. */
static void faults(void **state)
{
    (void)state;
    for (uint32_t left = 1;; left++) {
        struct fake         f;
        struct fault        fault = { .left = left };
        struct probe_counts n;
        enum probe_ended    ended;
        struct err          e = { 0 };
        fake_open_world(&f);
        f.fault = &fault;
        bool ok = run(&f, HEAD "8.8.8.0/27\n9.9.9.9\ngone.example.org\n", NULL, &n, &ended, &e);
        size_t asks = 0;
        f.journal[f.journal_n] = 0;
        for (const char *p = f.journal; (p = strstr(p, "ask ")); p++)
            asks++;
        CHECK(asks >= f.event_n);
        CHECK(fault.fired ? !ok && e.kind == ERR_MEMORY && e.what[0] : ok);
        fake_close_world(&f);
        if (!fault.fired)
            return;
    }
}

int main(void)
{
    const struct CMUnitTest t[] = {
        cmocka_unit_test(whole), cmocka_unit_test(killed), cmocka_unit_test(names), cmocka_unit_test(optout), cmocka_unit_test(ends), cmocka_unit_test(asns), cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests(t, NULL, NULL);
}
