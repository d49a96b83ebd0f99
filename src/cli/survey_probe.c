/*
 * survey probe: asks the servers of a scope, politely, for what they announce.
 *
 * Everything that may be asked, how often and how fast, is decided in survey/probe*.c; here is what the operator says, and where results go.
 */
#include "cli/survey.h"

#include "cli/probe_state.h"
#include "base/num.h"
#include "survey/probe_asn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum opt_at { SCOPE, OPT_OUT, URL, MAIL, STORE, OUT, STATE, SEED, RATE, RATE_NET, RATE_ASN, AS_TABLE, AGAIN, STOP_FILE, LAB, PORT };
static const struct opt opts[] = {
    [SCOPE]     = { "scope", "FILE", "whom to ask, by whose authority, until when", NULL },
    [OPT_OUT]   = { "opt-out", "FILE", "whom not to ask: networks, addresses and names", NULL },
    [URL]       = { "contact-url", "URL", "a page that says who asks and why; sent with each request", NULL },
    [MAIL]      = { "contact-mail", "ADDRESS", "who answers to those that are asked; sent with each request", NULL },
    [STORE]     = { "store", "PATH", "the survey's store: a file, or postgresql://... (afterpatch.db)", NULL },
    [OUT]       = { "out", "FILE", "observations as lines of JSON into this file, and not into the store", NULL },
    [STATE]     = { "state", "DIR", "where it remembers who was asked (survey-probe)", NULL },
    [SEED]      = { "seed", "NUMBER", "of the order; else one is drawn and noted in the journal", NULL },
    [RATE]      = { "rate", "NUMBER", "new connections a second, in all (20; at most 200)", NULL },
    [RATE_NET]  = { "rate-net", "NUMBER", "of one /24 or IPv6 /48 (1; at most 2)", NULL },
    [RATE_ASN]  = { "rate-asn", "NUMBER", "of one AS (5; at most 20)", NULL },
    [AS_TABLE]  = { "asn", "FILE", "lines CIDR,ASN: which address belongs to which AS", NULL },
    [AGAIN]     = { "again-after", "HOURS", "before the same address is asked again (24; at least 6)", NULL },
    [STOP_FILE] = { "stop-file", "FILE", "ends when this file is there (DIR/stop)", NULL },
    [LAB]       = { "lab", NULL, "special-purpose addresses may be asked, if the scope names them", NULL },
    [PORT]      = { "port", "NUMBER", "with --lab: another port than 443, of special-purpose addresses", NULL },
    { NULL, NULL, NULL, NULL }
};

static const uint64_t room_bytes = UINT64_C(6) << 30;      /* address space: pages cost when they are used */

struct asked {
    const struct args *args;
    struct probe_scope scope;
    struct net_set     asn;
    struct probe_setup setup;
    char               agent[512];
};

static bool decimal(const struct args *a, enum opt_at at, double standard, double *ret, struct err *e)
{
    char       text[32], *end;
    struct str s = a->value[at];

    *ret = standard;
    if (!a->given[at])
        return true;
    if (s.n < sizeof text) {
        memcpy(text, s.p, s.n);
        text[s.n] = 0;
        *ret = strtod(text, &end);
        if (*end == 0 && ch_digit(s.p[0]))
            return true;
    }
    return err_set(e, ERR_USAGE, "--%s: \"%.*s\" is no number", opts[at].name, STR_ARG(str_sub(s, 0, 40)));
}

/* What goes into a header line: printable ASCII without blanks and brackets. */
static bool plain(struct str s, size_t max)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] >= 0x7f || strchr("()<>\"\\;", s.p[i]))
            return false;
    return s.n && s.n <= max;
}

static bool contact(struct asked *x, struct arena *a, struct err *e)
{
    struct str url = x->args->value[URL], mail = x->args->value[MAIL];
    size_t     at = str_chr(mail, '@');

    if (!x->args->given[URL] || !x->args->given[MAIL]) {
        err_set(e, ERR_USAGE, "--contact-url and --contact-mail are not given");
        return err_hint(e, "Who is asked must be able to find out by whom, and to say no.");
    }
    if (!plain(url, 200) || !(str_istarts(url, STR("https://")) || str_istarts(url, STR("http://"))) || url.n < 12 || !str_has(str_from(url, 8), STR(".")))
        return err_set(e, ERR_USAGE, "--contact-url: \"%.*s\" is no address of a page", STR_ARG(str_sub(url, 0, 80)));
    if (!plain(mail, 200) || at == STR_NONE || at == 0 || !str_has(str_from(mail, at), STR(".")) || str_chr(str_from(mail, at + 1), '@') != STR_NONE)
        return err_set(e, ERR_USAGE, "--contact-mail: \"%.*s\" is no mail address", STR_ARG(str_sub(mail, 0, 80)));
    snprintf(x->agent, sizeof x->agent, "afterpatch/%s (+%.*s; %.*s)", AP_VERSION, STR_ARG(url), STR_ARG(mail));
    x->setup.user_agent = x->agent;
    x->setup.from = str_cstr(a, mail);
    return x->setup.from || err_set(e, ERR_MEMORY, "no room for the probe");
}

static bool numbers(struct asked *x, struct os *os, struct err *e)
{
    const struct args *a = x->args;
    struct probe_rates *r = &x->setup.rates;
    double             hours;
    uint32_t           port = PROBE_PORT;

    if (!decimal(a, RATE, PACE_ALL, &r->all, e) || !decimal(a, RATE_NET, PACE_NET, &r->net, e) || !decimal(a, RATE_ASN, PACE_ASN, &r->asn, e) ||
        !probe_rates_check(r, e) || !decimal(a, AGAIN, PROBE_AGAIN_HOURS, &hours, e))
        return false;
    if (!(hours >= PROBE_AGAIN_HOURS_MIN && hours <= 24 * PROBE_KEEP_DAYS))
        return err_set(e, ERR_USAGE, "--again-after: %g hours; at least %d, at most %d", hours, PROBE_AGAIN_HOURS_MIN, 24 * PROBE_KEEP_DAYS);
    x->setup.again_us = (int64_t)(hours * 3600) * TIME_SECOND;
    if (a->given[PORT] && (!num_u32(a->value[PORT], &port) || port == 0 || port > UINT16_MAX))
        return err_set(e, ERR_USAGE, "--port: \"%.*s\" is no port", STR_ARG(str_sub(a->value[PORT], 0, 20)));
    if (port != PROBE_PORT && !a->given[LAB])
        return err_set(e, ERR_USAGE, "--port: without --lab only %d is asked", PROBE_PORT);
    x->setup.port = (uint16_t)port;
    x->setup.begin_us = os->now_us(os);
    x->setup.seed = (uint64_t)os->now_us(os) * UINT64_C(0x9e3779b97f4a7c15) ^ os->tick_us(os);
    if (a->given[SEED] && !num_u64(a->value[SEED], &x->setup.seed))
        return err_set(e, ERR_USAGE, "--seed: \"%.*s\" is no number", STR_ARG(str_sub(a->value[SEED], 0, 40)));
    return true;
}

static bool files(struct asked *x, struct cli *c, struct arena *a, struct err *e)
{
    struct str text;

    if (!x->args->given[SCOPE] || !x->args->given[OPT_OUT]) {
        err_set(e, ERR_USAGE, "--%s is not given", opts[x->args->given[SCOPE] ? OPT_OUT : SCOPE].name);
        return err_hint(e, "Both files are needed; the opt-out list may be empty. See docs/survey-probe.md.");
    }
    if (!probe_slurp(c, x->args->value[SCOPE], a, &text, e) || !probe_scope_read(&x->scope, a, text, c->os->now_us(c->os), x->args->given[LAB], e)) {
        if (!e->where[0] || strncmp(e->where, "line", 4) == 0)
            err_where(e, "%.*s%s", STR_ARG(x->args->value[SCOPE]), e->where[0] ? ": " : "");
        return false;
    }
    x->setup.scope = &x->scope;
    if (!x->args->given[AS_TABLE])
        return true;
    if (!probe_slurp(c, x->args->value[AS_TABLE], a, &text, e) || !probe_asn_read(&x->asn, a, text, e)) {
        if (!e->where[0] || strncmp(e->where, "line", 4) == 0)
            err_where(e, "%.*s%s", STR_ARG(x->args->value[AS_TABLE]), e->where[0] ? ": " : "");
        return false;
    }
    x->setup.asn = &x->asn;
    return true;
}

static bool options(struct asked *x, struct cli *c, struct arena *a, struct err *e)
{
    if (x->args->operand_n)
        return err_set(e, ERR_USAGE, "\"%.*s\": targets stand in the scope file", STR_ARG(str_sub(x->args->operand[0], 0, 60)));
    if (x->args->given[STORE] && x->args->given[OUT])
        return err_set(e, ERR_USAGE, "--store and --out: one of them");
    if (!contact(x, a, e) || !numbers(x, c->os, e) || !files(x, c, a, e))
        return false;
    /* Silent addresses keep a slot for as long as connecting may take. */
    x->setup.slots = fetch_slots((uint32_t)(x->setup.rates.all * (PROBE_CONNECT_MS + PROBE_TLS_MS) / 1000) + 32);
    x->setup.detector = "afterpatch " AP_VERSION;
    return true;
}

static void line(struct out *o, const char *what, uint64_t n)
{
    if (n)
        out_fmt(o, "%10llu  %s\n", (unsigned long long)n, what);
}

static void tell(struct out *o, const struct probe_counts *n, enum probe_ended ended)
{
    static const char *const how[] = { [PROBE_DONE] = "done", [PROBE_STOPPED] = "stopped; the same command goes on", [PROBE_EXPIRED] = "ended: the scope is no longer valid",
                                       [PROBE_NO_OPTOUT] = "ended: the opt-out list cannot be read" };

    out_fmt(o, "%s\n", how[ended]);
    line(o, "targets in the scope", n->targets);
    line(o, "of them considered", n->considered);
    line(o, "addresses asked", n->asked);
    line(o, "asked once more after a time-out", n->retries);
    line(o, "requests", n->requests);
    line(o, "answered", n->answered);
    line(o, "refused the connection", n->refused);
    line(o, "did not answer in time", n->timed_out);
    line(o, "failed in TLS", n->tls_failed);
    line(o, "answered with something else than HTTP", n->broken);
    line(o, "names without an address", n->no_name);
    line(o, "said that they have too much to do", n->busy);
    line(o, "not asked: opted out", n->opted_out);
    line(o, "not asked: special-purpose", n->special);
    line(o, "not asked: asked not long ago", n->too_soon);
    line(o, "not asked: asked in this run already", n->known);
    line(o, "not asked: their network refuses too often", n->left);
    line(o, "failures of our own", n->ours);
}

static void announce(struct cli *c, const struct asked *x, const struct probe_journal *j)
{
    char hex[2 * HASH_SHA256_BYTES + 1];

    if (c->silent)
        return;
    num_tohex(x->scope.hash, HASH_SHA256_BYTES, hex);
    out_c(c->err, "afterpatch: probe by the authority of \"");
    out_term(c->err, x->scope.authority, 200);
    out_fmt(c->err, "\": scope %.16s, %llu addresses, %zu names%s\n", hex, (unsigned long long)x->scope.addresses, x->scope.name_n,
            probe_resumes(&x->setup, j, c->os->now_us(c->os)) ? "; goes on where it was cut short" : "");
    out_done(c->err, &(struct err){ 0 });
}

static bool probe(struct asked *x, struct cli *c, struct arena *a, struct probe_counts *ret, enum probe_ended *ret_ended, struct err *e)
{
    struct probe_state   s;
    struct probe_journal j;
    struct probe_world   w = { .os = c->os, .open = fetch_open };
    const struct args   *args = x->args;

    probe_journal_begin(&j, a);
    bool ok = probe_state_open(&s, c, a, args->given[STATE] ? args->value[STATE] : STR("survey-probe"), args->value[STOP_FILE], args->value[OPT_OUT], &j, e);
    ok = ok && (args->given[OUT] ? probe_state_out(&s, args->value[OUT], e)
                                 : probe_state_store(&s, args->given[STORE] ? args->value[STORE] : SURVEY_STORE, &x->setup, &j, e));
    if (ok) {
        announce(c, x, &j);
        probe_state_world(&s, &w);
        ok = probe_run(&x->setup, &w, &j, a, ret, ret_ended, e);
        struct err also = { 0 };
        if (!probe_state_finish(&s, ok && *ret_ended == PROBE_DONE, ok ? e : &also))
            ok = false;
    }
    probe_state_close(&s);
    return ok;
}

static int run(struct cli *c, const struct verb *verb, const struct args *args)
{
    struct asked        x = { .args = args };
    struct probe_counts n = { 0 };
    enum probe_ended    ended = PROBE_DONE;
    struct arena        whole = { NULL, NULL, NULL }, a;
    struct err          e = { 0 };
    int                 code = CLI_DONE;

    if (!os_arena_map(&whole, room_bytes, &e))
        return cli_fail(c, verb->name, &e);
    a = whole;
    if (!options(&x, c, &a, &e) || !probe(&x, c, &a, &n, &ended, &e))
        code = cli_fail(c, verb->name, &e);
    else
        tell(c->out, &n, ended);
    os_arena_unmap(&whole);
    return code == CLI_DONE && ended == PROBE_NO_OPTOUT ? CLI_FAILED : code;
}

static const struct example examples[] = {
    { "afterpatch survey probe --scope scope.txt --opt-out opt-out.txt --contact-url https://scan.cert.example/ --contact-mail scan@cert.example",
      "Asks everybody in scope.txt who has not opted out, into afterpatch.db" },
    { "afterpatch survey probe --scope lab.txt --opt-out opt-out.txt --contact-url https://scan.cert.example/ --contact-mail scan@cert.example --lab --port 8443 --out seen.jsonl",
      "Against servers of one's own, on loopback" },
    { NULL, NULL },
};

const struct verb verb_survey_probe = {
    .name = "survey probe", .about = "asks servers of a scope, politely, for what they announce", .usage = "--scope FILE --opt-out FILE --contact-url URL --contact-mail ADDRESS [OPTION]...",
    .text = "Sends at most two GETs over TLS, on one connection, to each address: /owa/, and if that did not tell the version, one of four other fixed paths. It reads "
            "version headers, the logon page, the names of the certificate. It tests no flaw, logs in nowhere, and can be told no other path.\n\n"
            "The scope file begins with \"authority: ...\", \"valid-from: DATE\" and \"valid-until: DATE\", then has one network, address or host name a line. The opt-out file has "
            "one a line as well, then the date and the ticket; it is read again whenever it changes, and wins.\n\n"
            "The order is drawn by lot, so that loads spread. An address is asked again after 24 hours at the earliest. It can be stopped at any time, by a signal, by the "
            "stop file, even by kill -9: the same command goes on, and nobody is asked twice. Rates above the hard limits are refused.\n\n"
            "Before the first run read docs/survey-probe.md: how to announce yourself.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
