/*
 * contact look: contacts looked up (notify/lookup.h): in the operator's files and the cache; in the network only with --online.
 *
 * Cases    those named, or with --all those that are open and have no contact of grade C or better, most urgent first.
 * Stop     Ctrl-C ends after the question under way; what was found until then is there.
 */
#include "cli/contact.h"

#include <stdio.h>

#include "base/num.h"
#include "cli/case_screen.h"
#include "cli/notify_data.h"
#include "emit/json.h"
#include "notify/lookup.h"
#include "store/bind.h"

enum { STORE, CAMPAIGN, ALL, ONLINE, WHOIS, AGAIN, BOOTSTRAP, RDAP, DNS, CA, FROM, SETTINGS, LIMIT, WHO, JSON };
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

#define FILE_BYTES ((uint64_t)8 << 30)
enum { ROOM = 256 << 20, FILE_ROOM = 1 << 30, NOTE_COLUMNS = 76 };

struct look {
    struct case_data   d;
    const struct args *args;
    struct os_stop     stop;
    bool               json, in_case;
    struct js          j;
    struct lookup_counts sum;
    uint64_t           cases, skipped;
};

static void told(void *ctx, struct str what)
{
    struct look *l = ctx;

    if (l->json) {
        js_str(&l->j, what);
        return;
    }
    out_c(l->d.c->out, "    ");
    out_term(l->d.c->out, what, 400);
    out_c(l->d.c->out, "\n");
}

static void counts(struct js *j, const struct lookup_counts *n)
{
    js_key(j, "asked");    js_u64(j, n->asked);
    js_key(j, "cached");   js_u64(j, n->cached);
    js_key(j, "failed");   js_u64(j, n->failed);
    js_key(j, "contacts"); js_u64(j, n->contacts);
    js_key(j, "mx");       js_u64(j, n->mx);
}

static void add(struct lookup_counts *to, const struct lookup_counts *n)
{
    to->asked += n->asked;
    to->cached += n->cached;
    to->failed += n->failed;
    to->contacts += n->contacts;
    to->mx += n->mx;
}

/* --- files --- */

static bool one_file(struct look *l, struct str path, struct err *e)
{
    struct lookup_counts n;
    struct arena   whole, room;
    struct os_stat st;
    struct str     bytes, name = str_from(path, str_rchr(path, '/') == STR_NONE ? 0 : str_rchr(path, '/') + 1);

    if (!l->d.c->os->stat(l->d.c->os, path, &st, e))
        return false;
    if (st.size_bytes > FILE_BYTES) {
        err_set(e, ERR_LIMIT, "a file of %llu bytes; at most %llu are read", (unsigned long long)st.size_bytes, (unsigned long long)FILE_BYTES);
        err_where(e, "%.*s", STR_ARG(path));
        return err_hint(e, "split it by networks");
    }
    if (!os_arena_map(&whole, (size_t)st.size_bytes + FILE_ROOM, e))
        return false;
    room = whole;
    bool ok = os_slurp_path(l->d.c->os, path, (size_t)st.size_bytes, &room, &bytes, e);
    if (ok && !lookup_bulk(l->d.ledger, name, bytes, l->d.c->os->now_us(l->d.c->os), &room, &n, e))
        ok = err_where(e, "%.*s", STR_ARG(path));
    os_arena_unmap(&whole);
    if (!ok)
        return false;
    add(&l->sum, &n);
    if (l->json) {
        js_object(&l->j);
        js_key(&l->j, "name");    js_str(&l->j, name);
        js_key(&l->j, "objects"); js_u64(&l->j, n.asked);
        js_key(&l->j, "refused"); js_u64(&l->j, n.failed);
        js_key(&l->j, "contacts"); js_u64(&l->j, n.contacts);
        js_end(&l->j);
        return true;
    }
    out_term(l->d.c->out, name, 60);
    out_fmt(l->d.c->out, ": %llu contacts of %llu networks, domains and AS numbers that hold servers\n", (unsigned long long)n.contacts, (unsigned long long)n.asked);
    return true;
}

static bool files(struct look *l, struct err *e)
{
    struct str rest = l->args->value[FROM], one;

    if (l->json) {
        js_key(&l->j, "files");
        js_array(&l->j);
    }
    while (str_cut(&rest, ',', &one))
        if (one.n && !one_file(l, one, e))
            return false;
    if (l->json)
        js_end(&l->j);
    return true;
}

/* --- whom --- */

struct wanted { int64_t *case_; size_t n, cap; };

static bool push(struct look *l, struct wanted *w, int64_t case_, struct err *e)
{
    int64_t *p = GROW(&l->d.c->keep, w->case_, w->n, &w->cap);

    if (!p)
        return err_set(e, ERR_MEMORY, "no room for cases");
    *p = case_;
    w->n++;
    return true;
}

static bool lacking(struct look *l, struct wanted *w, struct err *e)
{
    const struct case_campaign *campaign;
    struct wanted   open = { 0 };
    struct store_stmt *st = NULL;
    struct ladder  *ladder = NULL;
    uint32_t        most = UINT32_MAX;
    struct arena    memory;

    if (l->args->given[LIMIT] && (!num_u32(l->args->value[LIMIT], &most) || most == 0))
        return err_set(e, ERR_USAGE, "--limit takes a number from 1");
    if (!case_campaign_named(&l->d, l->args->value[CAMPAIGN], &campaign, e) || !case_board(&l->d, e) ||
        !store_prepare(l->d.store, "SELECT case_id FROM case_state WHERE campaign = ?1 AND stage NOT IN (?2, ?3, ?4, ?5) ORDER BY urgency DESC, case_id", &st, e))
        return false;
    store_bind_int(st, 1, campaign->id);
    store_bind_int(st, 2, CASE_NONE);
    store_bind_int(st, 3, CASE_DISMISSED);
    store_bind_int(st, 4, CASE_CLEAN);
    store_bind_int(st, 5, CASE_CLOSED);
    while (case_row(&st, e))
        if (!push(l, &open, store_int(st, 0), e)) {
            store_finish(st);
            return false;
        }
    if (e->kind != ERR_NONE || !os_arena_map(&memory, ROOM, e))
        return false;
    struct arena room = memory;
    bool ok = ladder_open(&ladder, l->d.store, l->d.c->os->now_us(l->d.c->os), &room, e);
    struct arena set = l->d.c->scratch;
    for (size_t i = 0; ok && i < open.n && w->n < most; i++) {
        if (i % LADDER_SET == 0) {
            set = l->d.c->scratch;
            ok = ladder_ahead(ladder, open.case_ + i, open.n - i < LADDER_SET ? open.n - i : LADDER_SET, &set, e);
        }
        struct arena    a = set;
        struct contact *c;
        size_t          n;
        ok = ok && ladder_next(ladder, open.case_[i], &a, &c, &n, e);
        bool has = ok && n && contact_usable(&c[0]) && c[0].grade >= GRADE_C;
        l->skipped += has;
        ok = ok && (has || push(l, w, open.case_[i], e));
    }
    os_arena_unmap(&memory);
    return ok;
}

static bool named(struct look *l, struct wanted *w, struct err *e)
{
    for (size_t i = 0; i < l->args->operand_n; i++) {
        struct case_found f;
        if (!case_find(&l->d, l->args->operand[i], l->args->value[CAMPAIGN], &f, e))
            return false;
        if (!f.case_) {
            err_set(e, ERR_USAGE, "this server is in no case: nobody has said that it is affected");
            return err_where(e, "%.*s", STR_ARG(str_sub(l->args->operand[i], 0, 100)));
        }
        if (!push(l, w, f.case_, e))
            return false;
    }
    return true;
}

/* --- looking --- */

static bool one_case(struct look *l, struct lookup *k, int64_t case_, struct err *e)
{
    struct arena a = l->d.c->scratch;
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
        out_fmt(l->d.c->out, "%s\n", name);
    if (!lookup_next(k, case_, &a, &n, e))
        return false;
    add(&l->sum, &n);
    l->cases++;
    if (l->json) {
        js_end(&l->j);
        counts(&l->j, &n);
        js_end(&l->j);
        return true;
    }
    out_fmt(l->d.c->out, "    %llu contacts, %llu mail exchangers; %llu questions, %llu answers from the cache, %llu failed\n", (unsigned long long)n.contacts, (unsigned long long)n.mx,
            (unsigned long long)n.asked, (unsigned long long)n.cached, (unsigned long long)n.failed);
    return out_done(l->d.c->out, e);               /* it may take hours: each case is seen when it is done */
}

/* Whom they ask learns who asks. */
static bool introduce(struct look *l, struct lookup_options *o, struct err *e)
{
    struct settings s;
    struct str      path = l->args->given[SETTINGS] ? l->args->value[SETTINGS] : STR("notify.yaml");

    if (!o->online)
        return true;
    if (!settings_load(l->d.c->os, path, &l->d.c->keep, &s, e))
        return e->hint[0] ? false : err_hint(e, "--online names the team to those whom it asks: --settings FILE");
    o->from = s.from.address;
    o->user_agent = str_fmt(&l->d.c->keep, "afterpatch/%s (%.*s)", AP_VERSION, STR_ARG(str_sub(s.from.name, 0, 100)));
    return o->user_agent.p != NULL || err_set(e, ERR_MEMORY, "no room for a name");
}

static void head(struct look *l)
{
    if (!l->json)
        return;
    js_open(&l->j, l->d.c->out, false);
    js_object(&l->j);
    js_key(&l->j, "view");   js_c(&l->j, "contact-look");
    js_key(&l->j, "online"); js_bool(&l->j, l->args->given[ONLINE]);
}

static void tail(struct look *l, size_t wanted)
{
    struct out *o = l->d.c->out;

    if (l->json) {
        js_end(&l->j);
        js_key(&l->j, "skipped"); js_u64(&l->j, l->skipped);
        js_key(&l->j, "left");    js_u64(&l->j, wanted - l->cases);
        js_key(&l->j, "sums");
        js_object(&l->j);
        counts(&l->j, &l->sum);
        js_end(&l->j);
        js_end(&l->j);
        out_c(o, "\n");
        return;
    }
    out_fmt(o, "%llu of %zu cases, %llu contacts, %llu mail exchangers", (unsigned long long)l->cases, wanted, (unsigned long long)l->sum.contacts, (unsigned long long)l->sum.mx);
    if (l->skipped)
        out_fmt(o, "; %llu have a contact of grade C or better", (unsigned long long)l->skipped);
    out_c(o, l->args->given[ONLINE] ? "\n" : "; nothing was asked in the network: --online does\n");
    if (l->sum.contacts)
        out_c(o, "next: afterpatch contact list --record, afterpatch case update\n");
}

static bool look(struct look *l, struct err *e)
{
    const struct args    *a = l->args;
    struct lookup_options o = { .os = l->d.c->os, .stop = &l->stop, .online = a->given[ONLINE], .whois = a->given[WHOIS], .again = a->given[AGAIN], .bootstrap = a->value[BOOTSTRAP],
                                .rdap_base = a->value[RDAP], .dns = a->value[DNS], .ca = a->value[CA], .now_us = l->d.c->os->now_us(l->d.c->os), .note = told, .note_ctx = l };
    struct wanted  w = { 0 };
    struct lookup *k = NULL;

    l->json = a->given[JSON];
    if (!introduce(l, &o, e) || !(a->given[ALL] ? true : named(l, &w, e)))
        return false;
    head(l);
    if (!files(l, e) || (a->given[ALL] && !lacking(l, &w, e)))
        return false;
    if (l->json) {
        js_key(&l->j, "cases");
        js_array(&l->j);
    }
    bool ok = w.n == 0 || lookup_open(&k, l->d.ledger, &o, &l->d.c->keep, e);
    for (size_t i = 0; ok && i < w.n && !os_stop_asked(&l->stop); i++)
        ok = one_case(l, k, w.case_[i], e);
    lookup_close(k);
    if (!ok)
        return false;
    tail(l, w.n);
    return ledger_begin(l->d.ledger, e) && ledger_audit(l->d.ledger, "contact look", a->given[ALL] ? STR("all") : STR("cases"),
                                                        str_fmt(&l->d.c->scratch, "%llu cases, %llu contacts, %llu MX%s", (unsigned long long)l->cases, (unsigned long long)l->sum.contacts,
                                                                (unsigned long long)l->sum.mx, a->given[ONLINE] ? ", online" : ""), e) && ledger_commit(l->d.ledger, e);
}

/* The tables are made alone; the look-ups, which take as long as the world does, are beside others. */
static bool open_store(struct look *l, struct cli *c, struct err *e)
{
    const struct args *a = l->args;

    if (!notify_write(&l->d, c, a->value[STORE], a->value[WHO], e))
        return false;
    case_close(&l->d);
    return notify_share(&l->d, c, a->value[STORE], a->value[WHO], e);
}

static int run(struct cli *c, const struct verb *v, const struct args *a)
{
    struct look l = { .args = a, .stop = { -1 } };
    struct err  e = { 0 };
    bool        ok = a->given[ALL] ? a->operand_n == 0 : a->operand_n > 0 || a->given[FROM];

    if (!ok) {
        err_set(&e, ERR_USAGE, a->given[ALL] ? "--all, or cases: not both" : "which cases?");
        err_hint(&e, "usage: afterpatch %s %s", v->name, v->usage);
    }
    ok = ok && open_store(&l, c, &e) && os_stop_open(&l.stop, &e) && look(&l, &e);
    os_stop_close(&l.stop);
    case_close(&l.d);
    return ok ? CLI_DONE : cli_fail(c, v->name, &e);
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
