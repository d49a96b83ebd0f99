/*
 * contact look: contacts looked up (notify/lookup.h): in the operator's files and the cache; in the network only with --online.
 *
 * Cases    those named, or with --all those that are open and have no contact of grade C or better, most urgent first.
 * Courier  a process of its own, begun before a store is opened, asks the network (notify/lookup_courier.h). It holds no store and starts no program.
 * Worker   another reads what it brings, and the files, into the store (guard.h, sandbox.h): no network but the courier and a connection to PostgreSQL, no programs, no files but those named and the
 *          store's folder. A case or file whose answers bring it down twice is left out and told; it goes on behind what was done.
 * Stop     Ctrl-C ends after the question under way; what was found until then is there. A second one ends at once.
 */
#include "cli/contact_look.h"

#include "cli/infiles.h"
#include "cli/survey.h"
#include "notify/lookup_courier.h"
#include "store/bind.h"

#define BULK_HANG_MS ((uint64_t)30 * 60 * 1000)       /* a registry's file is one step */

static const struct opt opts[] = {
    [STORE]     = CASE_OPT_STORE,
    [CAMPAIGN]  = CASE_OPT_CAMPAIGN,
    [ALL]       = { "all", NULL, "every open case without a contact of grade C or better", NULL },
    [ONLINE]    = { "online", NULL, "ask registries, the DNS and victims' web sites; without it nothing leaves this machine", NULL },
    [WHOIS]     = { "whois", NULL, "WHOIS where RDAP gives nothing", NULL },
    [AGAIN]     = { "again", NULL, "ask again, whatever the cache holds", NULL },
    [BOOTSTRAP] = { "bootstrap", "DIR", "IANA's files: ipv4.json, ipv6.json, asn.json, dns.json (fetched)", NULL },
    [RDAP]      = { "rdap", "URL", "ask this RDAP server for all, a mirror of one's own", NULL },
    [DNS]       = { "dns", "ADDRESS", "ask this DNS server (the system's)", NULL },
    [CA]        = { "ca", "FILE", "authorities whose certificates are trusted (the system's)", NULL },
    [FROM]      = { "from", "FILES", "RDAP answers, a registry's split file or a WHOIS answer, parted by commas", NULL },
    [SETTINGS]  = { "settings", "FILE", "who the team is, which --online tells those whom it asks (notify.yaml)", NULL },
    [LIMIT]     = { "limit", "N", "of --all at most so many cases (all)", NULL },
    [WHO]       = CASE_OPT_WHO,
    [JSON]      = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};

static void told(void *ctx, struct str what)
{
    struct look *l = ctx;

    if (l->json) {
        js_str(&l->j, what);
        return;
    }
    out_c(l->c->out, "    ");
    out_term(l->c->out, what, 400);
    out_c(l->c->out, "\n");
}

static void counts(struct js *j, const struct lookup_counts *n)
{
    js_key(j, "asked");    js_u64(j, n->asked);
    js_key(j, "cached");   js_u64(j, n->cached);
    js_key(j, "failed");   js_u64(j, n->failed);
    js_key(j, "contacts"); js_u64(j, n->contacts);
    js_key(j, "mx");       js_u64(j, n->mx);
}

static void beat(void *ctx)
{
    struct look *l = ctx;

    guard_beat(l->g, 0);
}

/* --- looking --- */

static bool asked(struct look *l, struct lookup *k, int64_t case_, struct str name, struct lookup_counts *n, struct err *e)
{
    struct arena a = l->c->scratch;

    if (guard_barred(l->g, (uint64_t)case_)) {
        told(l, STR("what was answered brought its reader down twice: it is left out"));
        look_left_out(l, name);
        return true;
    }
    guard_enter(l->g, 0, (uint64_t)case_, name);
    bool ok = lookup_next(k, case_, &a, n, e);
    guard_leave(l->g, 0);
    l->p->cases += ok;
    return ok;
}

static bool one_case(struct look *l, struct lookup *k, int64_t case_, struct err *e)
{
    struct lookup_counts n = { 0 };
    int64_t campaign = 0;
    char    name[CASE_NAME_TEXT];

    if (!bind_ask(l->d.store, "SELECT campaign FROM case_case WHERE id = ?1", BOUND(B_INT(case_)), &campaign, 1, e) && e->kind != ERR_NONE)
        return false;
    case_name_of(&l->d, case_, campaign, name);
    if (l->json) {
        js_object(&l->j);
        js_key(&l->j, "case");  js_c(&l->j, name);
        js_key(&l->j, "notes");
        js_array(&l->j);
    } else
        out_fmt(l->c->out, "%s\n", name);
    if (!asked(l, k, case_, str_c(name), &n, e))
        return false;
    look_add(&l->p->sum, &n);
    if (l->json) {
        js_end(&l->j);
        counts(&l->j, &n);
        js_end(&l->j);
        return true;
    }
    out_fmt(l->c->out, "    %llu contacts, %llu mail exchangers; %llu questions, %llu answers from the cache, %llu failed\n", (unsigned long long)n.contacts, (unsigned long long)n.mx,
            (unsigned long long)n.asked, (unsigned long long)n.cached, (unsigned long long)n.failed);
    return out_done(l->c->out, e);                 /* it may take hours: each case is seen when it is done */
}

static bool each(struct look *l, const struct look_wanted *w, struct err *e)
{
    struct lookup *k = NULL;

    if (l->json) {
        js_key(&l->j, "cases");
        js_array(&l->j);
    }
    bool ok = w->n == 0 || lookup_open(&k, l->d.ledger, &l->o, &l->c->keep, e);
    for (size_t i = 0; ok && i < w->n && !lookup_stopped(k); i++) {
        ok = one_case(l, k, w->p[i].case_, e);
        l->p->at = w->p[i].at + ok;
        l->p->wanted += ok;
    }
    lookup_close(k);
    return ok;
}

static void head(struct look *l)
{
    if (!l->json)
        return;
    js_open(&l->j, l->c->out, false);
    js_object(&l->j);
    js_key(&l->j, "view");   js_c(&l->j, "contact-look");
    js_key(&l->j, "online"); js_bool(&l->j, l->args->given[ONLINE]);
}

static void tail(struct look *l, uint64_t wanted)
{
    const struct look_progress *p = l->p;
    struct out            *o = l->c->out;

    if (l->json) {
        js_end(&l->j);
        js_key(&l->j, "skipped"); js_u64(&l->j, p->skipped);
        js_key(&l->j, "left");    js_u64(&l->j, wanted - p->cases);
        js_key(&l->j, "sums");
        js_object(&l->j);
        counts(&l->j, &p->sum);
        js_end(&l->j);
        js_end(&l->j);
        out_c(o, "\n");
        return;
    }
    out_fmt(o, "%llu of %llu cases, %llu contacts, %llu mail exchangers", (unsigned long long)p->cases, (unsigned long long)wanted, (unsigned long long)p->sum.contacts, (unsigned long long)p->sum.mx);
    if (p->skipped)
        out_fmt(o, "; %llu have a contact of grade C or better", (unsigned long long)p->skipped);
    out_c(o, l->args->given[ONLINE] ? "\n" : "; nothing was asked in the network: --online does\n");
    if (p->sum.contacts)
        out_c(o, "next: afterpatch contact list --record, afterpatch case update\n");
}

static bool look(struct look *l, struct err *e)
{
    const struct args *a = l->args;
    struct look_wanted      w = { 0 };

    if (!(a->given[ALL] ? true : look_named(l, &w, e)))
        return false;
    head(l);
    if (!look_files(l, e) || (a->given[ALL] && !look_lacking(l, &w, e)))
        return false;
    uint64_t wanted = l->p->wanted + w.n;
    if (!each(l, &w, e))
        return false;
    tail(l, wanted);
    return ledger_begin(l->d.ledger, e) && ledger_audit(l->d.ledger, "contact look", a->given[ALL] ? STR("all") : STR("cases"),
                                                        str_fmt(&l->c->scratch, "%llu cases, %llu contacts, %llu MX%s", (unsigned long long)l->p->cases, (unsigned long long)l->p->sum.contacts,
                                                                (unsigned long long)l->p->sum.mx, a->given[ONLINE] ? ", online" : ""), e) && ledger_commit(l->d.ledger, e);
}

/* --- the worker --- */

static bool shut(struct look *l, struct err *e)
{
    struct str  read[LOOK_FILES_MAX + 1];
    size_t      n = 0;

    for (size_t i = 0; i < l->file_n; i++)
        read[n++] = l->file[i];
    if (l->args->given[BOOTSTRAP])
        read[n++] = l->args->value[BOOTSTRAP];
    return infiles_shut(l->c, l->args->given[STORE] ? l->args->value[STORE] : SURVEY_STORE, l->d.store, read, n, l->file_n ? l->largest_bytes + LOOK_FILE_ROOM : 0, e);
}

/* As text each case is printed when it is done, and not again. As JSON all is said at the end, by one worker: what another had found comes from the cache then. */
static int work(void *ctx, struct guard *g)
{
    struct look *l = ctx;
    struct err   e = { 0 };

    l->g = g;
    l->p = g ? guard_kept(g) : &l->own;
    if (l->json) {
        *l->p = (struct look_progress){ 0 };
        if (g)
            out_open(l->c->out, guard_put, g);
    }
    bool ok = notify_share(&l->d, l->c, l->args->value[STORE], l->args->value[WHO], &e) && os_stop_open(&l->stop, &e) && shut(l, &e) && look(l, &e);
    os_stop_close(&l->stop);
    case_close(&l->d);
    int code = !ok ? cli_fail(l->c, "contact look", &e) : l->p->bad ? CLI_FAILED : CLI_DONE;
    if (!out_done(l->c->out, &e))
        code = cli_fail(l->c, "contact look", &e);
    (void)out_done(l->c->err, &e);
    return code;
}

/* --- before it --- */

/* Before anything else is read: what this process does not know yet, the courier never learns. */
static bool send_courier(struct look *l, struct err *e)
{
    const struct args *a = l->args;

    l->net = (struct lookup_net_options){ .dns = a->value[DNS], .ca = a->value[CA] };
    return !l->c->guarded || !a->given[ONLINE] || courier_open(&l->courier, lookup_courier_work, &l->net, &a->value[STORE], 1, &l->c->keep, e);
}

/* Whom they ask learns who asks. */
static bool introduce(struct look *l, struct err *e)
{
    const struct args *a = l->args;
    struct settings    s;
    struct str         path = a->given[SETTINGS] ? a->value[SETTINGS] : STR("notify.yaml");

    l->o = (struct lookup_options){ .os = l->c->os, .stop = &l->stop, .online = a->given[ONLINE], .whois = a->given[WHOIS], .again = a->given[AGAIN], .bootstrap = a->value[BOOTSTRAP],
                                    .rdap_base = a->value[RDAP], .dns = a->value[DNS], .ca = a->value[CA], .now_us = l->c->os->now_us(l->c->os), .note = told, .note_ctx = l,
                                    .courier = l->courier, .beat = beat, .beat_ctx = l };
    if (!l->o.online)
        return true;
    if (!settings_load(l->c->os, path, &l->c->keep, &s, e))
        return e->hint[0] ? false : err_hint(e, "--online names the team to those whom it asks: --settings FILE");
    l->o.from = s.from.address;
    l->o.user_agent = str_fmt(&l->c->keep, "afterpatch/%s (%.*s)", AP_VERSION, STR_ARG(str_sub(s.from.name, 0, 100)));
    return l->o.user_agent.p != NULL || err_set(e, ERR_MEMORY, "no room for a name");
}

/* The tables are made alone; the look-ups, which take as long as the world does, are beside others. */
static bool tables(struct look *l, struct err *e)
{
    bool ok = notify_write(&l->d, l->c, l->args->value[STORE], l->args->value[WHO], e);

    case_close(&l->d);
    return ok;
}

static void on_death(void *ctx, const char *what, struct str text)
{
    struct look *l = ctx;
    struct err   e = { 0 };

    cli_note(l->c, what, text);
    (void)out_done(l->c->err, &e);
}

static int run(struct cli *c, const struct verb *v, const struct args *a)
{
    struct look *l = NEW(&c->keep, struct look, 1);
    struct err   e = { 0 };
    int          code = CLI_FAILED;
    bool         ok = a->given[ALL] ? a->operand_n == 0 : a->operand_n > 0 || a->given[FROM];

    if (!l) {
        err_set(&e, ERR_MEMORY, "no room to begin");
        return cli_fail(c, v->name, &e);
    }
    *l = (struct look){ .c = c, .args = a, .stop = { -1 }, .json = a->given[JSON] };
    struct guard_options opt = { .off = !c->guarded, .hang_ms = c->hang_ms ? c->hang_ms : a->given[FROM] ? BULK_HANG_MS : 0, .hands_on = true, .died = on_death, .died_ctx = l };
    if (!ok) {
        err_set(&e, ERR_USAGE, a->given[ALL] ? "--all, or cases: not both" : "which cases?");
        err_hint(&e, "usage: afterpatch %s %s", v->name, v->usage);
    }
    ok = ok && send_courier(l, &e) && introduce(l, &e) && look_list_files(l, &e) && tables(l, &e) && out_done(c->out, &e) && out_done(c->err, &e) && guard_run(&opt, work, l, &code, &e);
    courier_close(l->courier);
    return ok ? code : cli_fail(c, v->name, &e);
}

static const struct example examples[] = {
    { "afterpatch contact look --all --from ripe.db.inetnum,rdap.jsonl", "From registries' files alone; nothing leaves this machine" },
    { "afterpatch contact look 2021-000123 --online", "Registries, the DNS and the victim's own security.txt are asked for one case" },
    { "afterpatch contact look --all --online --whois --bootstrap iana/", "Every case that lacks somebody to tell, a question a second a host" },
    { NULL, NULL },
};

const struct verb verb_contact_look = {
    .name = "contact look", .about = "looks contacts up: in registries' files, by RDAP, WHOIS, DNS and security.txt", .usage = "[OPTION]... CASE|HOST...|--all|--from FILES",
    .text = "Without --online only files and what was answered before count, and nothing leaves this machine. With it registries are asked for networks, AS numbers and domains of the cases, "
            "the DNS for where their mail goes, and victims' own domains for a security.txt: over https with a valid certificate, and never a host that is a server of a campaign, by name or "
            "address, also where a redirect leads there. No mail server is ever asked. One question a second a host; answers are kept for a day.\n\n"
            "What is found stands on the ladder (`afterpatch contact show`): security.txt, the abuse desk of a network that is the organisation's own, its other roles, role addresses of a domain "
            "that takes mail, the desks of providers and registrars. Where its mail goes is recorded as well, for the question whether the intruder may read it.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
