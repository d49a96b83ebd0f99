/*
 * notify send: what is due and approved goes out: mail to the team's own mail server, letters and call sheets into a folder for the desk.
 *
 * Beside   several may run at once, each with a name of its own; the store is shared with them. What one of them dies over is settled (notify settle), never sent blindly again.
 * Signals  SIGINT and SIGTERM end it between two notices.
 */
#include "cli/notify.h"

#include "base/num.h"
#include "casework/ladder.h"
#include "cli/notify_data.h"
#include "emit/json.h"
#include "notify/paper.h"
#include "notify/send.h"
#include "store/bind.h"

enum { STORE, SETTINGS, CHANNEL, OUT, FOLLOW, MOST, AGAIN, DRY_RUN, WHO, JSON };
static const struct opt opts[] = {
    [STORE]    = CASE_OPT_STORE,
    [SETTINGS] = NOTIFY_OPT_SETTINGS,
    [CHANNEL]  = { "channel", "NAME", "by which way (email)", "email post phone" },
    [OUT]      = { "out", "DIR", "of post and phone: where letters and call sheets are written for the desk", NULL },
    [FOLLOW]   = { "follow", NULL, "of mail: wait for what comes due, until interrupted", NULL },
    [MOST]     = { "most", "N", "so many at most (all that are due)", NULL },
    [AGAIN]    = { "again", "NUMBER", "of post and phone: write this notice once more, as a copy", NULL },
    [DRY_RUN]  = { "dry-run", NULL, "say what would go, and change nothing", NULL },
    [WHO]      = CASE_OPT_WHO,
    [JSON]     = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};

#define WAIT_US (5 * TIME_SECOND)      /* without --follow: so long for a bucket that holds the next one back */
struct sending { struct case_data d; const struct args *args; struct settings set; enum contact_channel channel; uint64_t most; int64_t again; bool json, bad; };

static bool asked(struct sending *x, struct err *e)
{
    static const char *const names[] = { "email", "phone", "post" };
    const struct args *a = x->args;
    uint64_t           again = 0;

    for (size_t i = 0; a->given[CHANNEL] && i < sizeof names / sizeof *names; i++)
        if (str_eq(a->value[CHANNEL], str_c(names[i])))
            x->channel = (enum contact_channel)i;
    x->json = a->given[JSON];
    if (a->operand_n)
        return err_set(e, ERR_USAGE, "send takes no operand: what is due is in the store");
    if ((a->given[MOST] && (!num_u64(a->value[MOST], &x->most) || !x->most)) || (a->given[AGAIN] && (!num_u64(a->value[AGAIN], &again) || !again || again > INT64_MAX)))
        return err_set(e, ERR_USAGE, "a number of 1 or more is needed");
    x->again = (int64_t)again;
    if (x->channel == CONTACT_EMAIL && (a->given[OUT] || a->given[AGAIN])) {
        err_set(e, ERR_USAGE, "--out and --again are for letters and calls; mail is never sent again");
        return err_hint(e, "--channel post --out DIR");
    }
    if (x->channel != CONTACT_EMAIL && (a->given[FOLLOW] || (!a->given[OUT] && !a->given[DRY_RUN]))) {
        err_set(e, ERR_USAGE, a->given[FOLLOW] ? "only mail is followed" : "where do the letters or call sheets go?");
        return err_hint(e, "--out DIR");
    }
    return true;
}

/* --- what would go --- */

struct waiting { int64_t due, later, unapproved, stopped, unknown, handing, next_us; };

static bool wait_counts(struct store *s, enum contact_channel channel, int64_t now_us, struct waiting *ret, struct err *e)
{
    int64_t v[7] = { 0 };

#define STOPPED "EXISTS (SELECT 1 FROM notify_stop x LEFT JOIN case_campaign c ON c.slug = x.scope WHERE x.ended_us IS NULL AND (x.scope = '' OR c.id = n.campaign))"
    if (!bind_ask(s, "SELECT count(CASE WHEN q.state = ?1 AND q.stopped = 0 AND q.at_us <= ?6 THEN 1 END), count(CASE WHEN q.state = ?1 AND q.stopped = 0 AND q.at_us > ?6 THEN 1 END), "
                     "count(CASE WHEN q.state = ?2 THEN 1 END), count(CASE WHEN q.state = ?1 AND q.stopped = 1 THEN 1 END), count(CASE WHEN q.state = ?3 THEN 1 END), count(CASE WHEN q.state = ?4 THEN 1 END), "
                     "min(CASE WHEN q.state = ?1 AND q.stopped = 0 AND q.at_us > ?6 THEN q.at_us END) FROM "
                     "(SELECT n.state AS state, n.not_before_us AS at_us, CASE WHEN " STOPPED " THEN 1 ELSE 0 END AS stopped FROM notify_notice n WHERE n.channel = ?5) q",
                  BOUND(B_INT(NOTICE_QUEUED), B_INT(NOTICE_PLANNED), B_INT(NOTICE_UNKNOWN), B_INT(NOTICE_HANDING_OVER), B_INT(channel), B_INT(now_us)), v, 7, e))
        return false;
    *ret = (struct waiting){ v[0], v[1], v[2], v[3], v[4], v[5], v[6] };
    return true;
}

static void line(struct out *o, int64_t n, const char *what)
{
    if (n)
        out_fmt(o, "%lld %s\n", (long long)n, what);
}

static bool dry(struct sending *x, struct err *e)
{
    struct out    *o = x->d.c->out;
    struct waiting w;
    struct js      j;
    char           when[TIME_TEXT];

    if (!wait_counts(x->d.store, x->channel, x->d.c->os->now_us(x->d.c->os), &w, e))
        return false;
    if (x->json) {
        js_open(&j, o, false);
        js_object(&j);
        js_key(&j, "view");         js_c(&j, "send_dry_run");
        js_key(&j, "channel");      js_c(&j, contact_channel_name(x->channel));
        js_key(&j, "unknown");      js_i64(&j, w.unknown);
        js_key(&j, "stopped");      js_i64(&j, w.stopped);
        js_key(&j, "unapproved");   js_i64(&j, w.unapproved);
        js_key(&j, "due");          js_i64(&j, w.due);
        js_key(&j, "later");        js_i64(&j, w.later);
        js_key(&j, "next");         js_time(&j, w.next_us);
        js_key(&j, "handing_over"); js_i64(&j, w.handing);
        js_end(&j);
        out_c(o, "\n");
        return true;
    }
    line(o, w.unknown, "may have gone or not: `afterpatch notify settle` asks the mail server's log");
    line(o, w.stopped, "are held by a stop");
    line(o, w.unapproved, "wait for a second person: `afterpatch notify show`");
    out_fmt(o, "%lld would go now by %s\n", (long long)w.due, contact_channel_name(x->channel));
    if (w.later) {
        time_text(w.next_us, when);
        out_fmt(o, "%lld later, the first at %s\n", (long long)w.later, when);
    }
    line(o, w.handing, x->channel == CONTACT_EMAIL ? "are being handed over" : "lie on the desk");
    return true;
}

/* --- mail --- */

/* What a person must see at once; the rest is in the sums. */
static void told(void *ctx, const struct notice *n, const struct handed *h)
{
    struct sending *x = ctx;
    struct out     *o = x->d.c->err;
    struct err      none = { 0 };
    char            name[CASE_NAME_TEXT];

    if ((h->what != HANDED_REFUSED && h->what != HANDED_UNKNOWN) || x->d.c->silent)
        return;
    case_name_of(&x->d, n->case_, n->campaign, name);
    out_fmt(o, "afterpatch: notify send: %s, notice %lld to ", name, (long long)n->id);
    out_term(o, n->contact, 100);
    out_c(o, h->what == HANDED_UNKNOWN ? ": nobody knows whether it was taken" : ": refused");
    if (h->answer.n) {
        out_c(o, ": ");
        out_term(o, h->answer, 200);
    }
    out_c(o, "\n");
    (void)out_done(o, &none);
}

static void mail_sums(struct sending *x, const struct send_counts *n)
{
    struct out *o = x->d.c->out;
    struct js   j;

    x->bad = n->unknown + n->in_doubt + n->refused > 0;
    if (x->json) {
        js_open(&j, o, false);
        js_object(&j);
        js_key(&j, "view");         js_c(&j, "sent");
        js_key(&j, "channel");      js_c(&j, "email");
        js_key(&j, "unknown");      js_u64(&j, n->unknown + n->in_doubt);
        js_key(&j, "refused");      js_u64(&j, n->refused);
        js_key(&j, "accepted");     js_u64(&j, n->accepted);
        js_key(&j, "later");        js_u64(&j, n->later);
        js_key(&j, "not_sent");     js_u64(&j, n->not_sent);
        js_key(&j, "lost");         js_u64(&j, n->lost);
        js_key(&j, "queued_again"); js_u64(&j, n->queued_again);
        js_end(&j);
        out_c(o, "\n");
        return;
    }
    line(o, (int64_t)(n->unknown + n->in_doubt), "may have gone or not: `afterpatch notify settle` asks the mail server's log");
    line(o, (int64_t)n->refused, "refused for good: the next plan takes another contact");
    out_fmt(o, "%llu accepted by the mail server\n", (unsigned long long)n->accepted);
    line(o, (int64_t)n->later, "not now: tried again later");
    line(o, (int64_t)n->not_sent, "did not reach the mail server: tried again later");
    line(o, (int64_t)n->queued_again, "of a sender that died, provably not sent: queued again");
    line(o, (int64_t)n->lost, "given to another sender meanwhile");
}

static bool mail(struct sending *x, struct err *e)
{
    struct arena      *keep = &x->d.c->keep;
    struct os_stop     stop = { -1 };
    struct send_counts n;
    uint64_t           name = 0;

    if (!os_random((uint8_t *)&name, sizeof name, e))
        return false;
    struct send_options o = { .os = x->d.c->os, .owner = str_fmt(keep, "%.*s/%016llx", STR_ARG(x->d.who), (unsigned long long)name), .bounce_domain = x->set.from.bounce_domain,
                              .only_to = x->set.test_recipient, .rates = x->set.rates, .wait_us = WAIT_US, .follow = x->args->given[FOLLOW], .most = x->most, .told = told, .told_ctx = x };
    o.mta = (struct smtp_mta){ str_cstr(keep, x->set.mta_host), str_cstr(keep, x->set.mta_hello), x->set.mta_tls };
    if (!o.mta.host_port || !o.mta.hello || !o.owner.p)
        return err_set(e, ERR_MEMORY, "no room to send");
    if (!os_stop_open(&stop, e))
        return false;
    o.stop = &stop;
    bool ok = send_run(x->d.ledger, &o, &n, e);
    os_stop_close(&stop);
    mail_sums(x, &n);
    return ok;
}

/* --- paper --- */

static void paper_list(struct sending *x, const struct paper_row *row, size_t n, uint64_t written)
{
    struct out *o = x->d.c->out;
    struct js   j;
    size_t      late = 0;

    for (size_t i = 0; i < n; i++)
        late += row[i].channel == x->channel && row[i].overdue;
    if (!x->json) {
        line(o, (int64_t)late, "were written a day ago or more, and nobody said what became of them:");
        for (size_t i = 0; i < n && late; i++)
            if (row[i].channel == x->channel && row[i].overdue) {
                out_c(o, "  ");
                out_term(o, row[i].name, 120);
                out_fmt(o, ": afterpatch notify settle %lld OUTCOME --reason TEXT\n", (long long)row[i].notice);
            }
        out_fmt(o, "%llu written to ", (unsigned long long)written);
        out_term(o, x->args->value[OUT], 200);
        out_c(o, "\n");
        return;
    }
    js_open(&j, o, false);
    js_object(&j);
    js_key(&j, "view");    js_c(&j, "written");
    js_key(&j, "channel"); js_c(&j, contact_channel_name(x->channel));
    js_key(&j, "overdue");
    js_array(&j);
    for (size_t i = 0; i < n; i++)
        if (row[i].channel == x->channel && row[i].overdue) {
            js_object(&j);
            js_key(&j, "notice"); js_i64(&j, row[i].notice);
            js_key(&j, "file");   js_str(&j, row[i].name);
            js_key(&j, "since");  js_time(&j, row[i].since_us);
            js_end(&j);
        }
    js_end(&j);
    js_key(&j, "written"); js_u64(&j, written);
    js_end(&j);
    out_c(o, "\n");
}

static bool paper(struct sending *x, struct err *e)
{
    struct os           *os = x->d.c->os;
    int64_t              now = os->now_us(os);
    struct paper_options o = { .os = os, .owner = x->d.who, .dir = x->args->value[OUT], .channel = x->channel, .most = x->most, .again = x->again, .only_to = x->set.test_recipient };
    struct paper_row    *row = NULL;
    size_t               n = 0;
    uint64_t             written = 0;
    bool                 ok = paper_write(x->d.ledger, &o, now, &written, e);
    struct err           none = { 0 };

    if (!paper_under_way(x->d.store, now, &x->d.c->keep, &row, &n, ok ? e : &none))
        return false;
    paper_list(x, row, n, written);
    return ok;
}

static int run(struct cli *c, const struct verb *v, const struct args *a)
{
    struct sending *x = NEW(&c->keep, struct sending, 1);
    struct err      e = { 0 };

    if (!x) {
        err_set(&e, ERR_MEMORY, "no room to begin");
        return cli_fail(c, v->name, &e);
    }
    x->args = a;
    x->d.c = c;
    bool ok = asked(x, &e);
    if (ok && a->given[DRY_RUN])
        ok = notify_read(&x->d, c, a->value[STORE], &e) && dry(x, &e);
    else
        ok = ok && notify_share(&x->d, c, a->value[STORE], a->value[WHO], &e) && notify_settings(&x->d, a->value[SETTINGS], &x->set, &e) && (x->channel == CONTACT_EMAIL ? mail : paper)(x, &e);
    case_close(&x->d);
    return !ok ? cli_fail(c, v->name, &e) : x->bad ? CLI_FAILED : CLI_DONE;
}

static const struct example examples[] = {
    { "afterpatch notify send --dry-run", "What is due, and what holds the rest" },
    { "afterpatch notify send --follow", "Mail, until interrupted; several may run at once" },
    { "afterpatch notify send --channel post --out letters/", "Letters for the desk; `notify settle NUMBER posted` when they went" },
    { NULL, NULL },
};

const struct verb verb_notify_send = {
    .name = "notify send", .about = "sends what is due and approved: mail, letters for the desk, sheets for calls", .usage = "[OPTION]...",
    .text = "Mail goes to the mail server of the settings, one recipient a message, as fast as the receiving side takes it, the most urgent first. What is about to go is in the store before it "
            "goes: whoever is killed leaves it provably not sent, or unknown, and nothing is ever sent twice on a guess. A stop holds before the next notice.\n\n"
            "Letters and call sheets are written to a folder, each once; `notify settle` says what became of them.\n\n"
            "Exit code 1: something was refused for good, or nobody knows whether it was taken.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
