/*
 * Real mail: notices rendered and signed by us, sent by `afterpatch notify send` to a real Postfix, relayed by it to a second one, delivered there; what both mail servers report comes back into a
 * Maildir, and `afterpatch notify read` moves what it is about. What arrived is checked by others than us: GnuPG, and Python's own reader of mail (mail_check.py).
 *
 * mail AFTERPATCH SOURCE_DIR [ROUNDS]     a round: one notice to each kind of recipient below. Exit code 77: no Postfix, or not root.
 */
#include "gpg_keys.h"
#include "mta.h"

#include <dirent.h>
#include <pthread.h>
#include <time.h>

#include "base/num.h"
#include "casework/tables.h"
#include "notify/compose_facts.h"
#include "notify/inbox.h"
#include "notify/mime.h"
#include "notify/send.h"
#include "notify/settings.h"
#include "notify/tables.h"
#include "store/bind.h"

enum { ROOM = 256 << 20 };

/* Recipients, and what must become of a notice to them. `arrives`: at the second mail server. */
static const struct { const char *local, *domain; bool arrives; enum notice_step step; const char *contact; } kinds[] = {
    { "it",     "bakery.example", true,  NOTICE_DELIVERED,    NULL },
    { "gone",   "smith.example",  false, NOTICE_BOUNCED_HARD, "5.1.1%" },
    { "full",   "mill.example",   false, NOTICE_BOUNCED_HARD, "rests:%" },
    { "policy", "inn.example",    false, NOTICE_BOUNCED_SOFT, NULL },
    { "it",     "nodsn.example",  true,  NOTICE_ACCEPTED,     NULL },              /* relayed to one that reports nothing */
    { "answer", "forge.example",  true,  NOTICE_ACKNOWLEDGED, NULL },              /* delivered, and a person answers */
};
enum { KINDS = COUNT_OF(kinds), ANSWERS = 5 };

struct world { struct mta ours, theirs; struct keys keys; char dir[64], store[96], settings[96]; uint8_t *room; struct arena a; const char *afterpatch, *source; int rounds; struct notice *n; struct pack pack; };
static struct world w;

static void stop_all(void)
{
    mta_stop(&w.ours);
    mta_stop(&w.theirs);
    if (w.dir[0])
        nftw(w.dir, keys_wipe, 8, FTW_DEPTH | FTW_PHYS);
}

static _Noreturn void die(const char *what, const char *why)
{
    fprintf(stderr, "mail: %s: %s\n", what, why);
    if (getenv("MAIL_KEEP")) {
        mta_down(&w.ours, true);
        mta_down(&w.theirs, true);
        fprintf(stderr, "kept: %s %s %s\n", w.dir, w.ours.dir, w.theirs.dir);
    } else
        stop_all();
    keys_drop(&w.keys);
    exit(1);
}

/* Theirs delivers to anybody but three, and knows where our reports go. Both take seconds to start: at once. */
struct starting { struct mta *m; int port; char more[1024]; const char *services, *why; bool ok; };
static void *start_one(void *ctx)
{
    struct starting *x = ctx;

    x->ok = mta_start_at(x->m, x->port, x->more, x->services, &x->why);
    return NULL;
}

static void start(void)
{
    struct starting theirs = { .m = &w.theirs, .port = mta_free_port(), .why = "" },
                    ours = { .m = &w.ours, .port = mta_free_port(), .services = "nodsn unix - - n - - smtp -o smtp_discard_ehlo_keywords=dsn\n", .why = "" };
    pthread_t       t;

    snprintf(theirs.more, sizeof theirs.more, "transport_maps = inline:{{bounce.cert.example = smtp:[127.0.0.1]:%d}}\n"
             "smtpd_recipient_restrictions = check_recipient_access inline:{{gone@ = 550 5.1.1 no such user} {full@ = 552 5.2.2 mailbox full} {policy@ = 550 5.7.26 DMARC says no}}, permit_mynetworks, reject\n"
             "myhostname = mx.victims.example\n", ours.port);
    snprintf(ours.more, sizeof ours.more, "virtual_mailbox_domains = bounce.cert.example reply.cert.example\nrelayhost = [127.0.0.1]:%d\ntransport_maps = inline:{{nodsn.example = nodsn:[127.0.0.1]:%d}}\n"
             "smtpd_relay_restrictions = permit_mynetworks, reject\nqueue_run_delay = 1s\n", theirs.port, theirs.port);
    if (pthread_create(&t, NULL, start_one, &theirs) != 0)
        die("begin", "no thread");
    start_one(&ours);
    pthread_join(t, NULL);
    if (!theirs.ok || !ours.ok)
        die("a mail server", theirs.ok ? ours.why : theirs.why);
}

static void at(const char *what)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    if (getenv("MAIL_KEEP"))
        fprintf(stderr, "%ld.%02ld %s\n", (long)t.tv_sec % 1000, t.tv_nsec / 10000000, what);
}

static void text_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    if (!f || fputs(text, f) < 0 || fclose(f) != 0)
        die("file", path);
}

static void settings(void)
{
    char text[2048];

    snprintf(w.settings, sizeof w.settings, "%s/notify.yaml", w.dir);
    snprintf(text, sizeof text, "team:\n  name: National CERT Example\n  address: notify@cert.example\n  domain: cert.example\n  bounce: bounce.cert.example\n  reply: reply.cert.example\n"
             "  prefix: CERT-EX\n  official: https://cert.example/\n  phone_page: https://cert.example/contact\n  privacy: https://cert.example/privacy\n  postal: [National CERT Example, 1 Sample Street]\n"
             "mta:\n  host: %s\n  hello: mx.cert.example\n  log: %s\nrates:\n  all: 1000000\n  provider: 1000000\n  domain: 1000000\ninbox:\n  maildir: %s/mail/sink\n",
             w.ours.host_port, w.ours.log, w.ours.dir);
    text_file(w.settings, text);
}

/* --- the notices --- */

/* What mail servers are known to change: blanks at a line's end, "From " at its beginning, a lone dot, dots, tabs, eight bits, a line without an end. */
static struct str told_text(int k)
{
    return str_fmt(&w.a, "Notice %d.\n\nFrom the team, a line that begins so.\nFrom \nblanks at the end:   \na tab at the end:\t\n.\n..\n.dot\n\xc3\x84\xc3\xb6\xc3\xbc\xc3\x9f \xe2\x82\xac \xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82 \xe6\x97\xa5\xe6\x9c\xac\n"
                         "=3D is not decoded twice; --=_s is no boundary\n%0900d\n\nlast line without an end", k, k);
}

static void put_bytes(struct ledger *l, struct notice *n, int k, struct err *e)
{
    static const char csv[] = "time,ip,host,finding\r\n2021-03-06T14:02:11Z,192.0.2.7,mail.bakery.example,'=cmd\r\n";
    struct mime_part part[] = { { STR("text/csv; charset=utf-8; header=present"), STR("2021-000123.csv"), str_c(csv) }, { STR("application/json"), STR("2021-000123.json"), STR("{\"ip\":\"192.0.2.7\"}\n") } };
    struct mime_field extra[] = { { "X-CERT-Case", STR("2021-000123") }, { "X-CERT-TLP", STR("TLP:AMBER") } };
    struct mime_mail m = { .from_name = STR("National CERT Ex\xc3\xa4mple"), .from = STR("notify@cert.example"), .to = n->contact, .reply_to = str_fmt(&w.a, "case+%s@reply.cert.example", n->token),
                           .subject = STR("[CERT-EX 2021-000123] Back door found on m\xc3\xa4il.bakery.example"), .message_id = str_c(n->message_id), .date_us = n->date_us, .auto_submitted = true,
                           .extra = extra, .extra_n = 2, .text = told_text(k), .part = part, .part_n = 2 };
    struct signer key = { .home = str_c(w.keys.home), .key = STR("one@responders.example") };
    struct arena  before = w.a;
    struct facts  facts;
    struct str    bytes;
    char          path[200];
    bool          ok;

    /* One of a round is what a plan writes, from the pack's texts; the others hold what mail servers are known to change. */
    if (k % (int)KINDS == ANSWERS) {
        facts_make(&facts, k / (int)KINDS % 2 ? STR("de") : STR("en"), AUDIENCE_TECHNICAL, FINDING_BACKDOORED, STAGE_FIRST);
        n->language = facts.notice.language;
        n->finding = FINDING_BACKDOORED;
        facts.told.notice = n;
        ok = compose_mail(&facts.told, &facts.from, &w.pack, &key, &w.a, &bytes, e);
    } else
        ok = mime_build(&m, &key, &w.a, &bytes, e);
    if (!ok || !outbox_bytes_put(l, n->id, bytes, n->date_us + 30 * TIME_DAY, e))
        die("render", e->what);
    snprintf(path, sizeof path, "%s/sent/%s", w.dir, n->message_id);
    FILE *f = fopen(path, "w");
    if (!f || fwrite(bytes.p, 1, bytes.n, f) != bytes.n || fclose(f) != 0)
        die("file", path);
    w.a = before;
}

static int64_t contact(struct ledger *l, struct str address, struct str domain, struct err *e)
{
    struct case_contact x = { .channel = CONTACT_EMAIL, .address = address, .about = ABOUT_DOMAIN, .about_value = domain, .rung = 3, .observed_us = TIME_NONE, .until_us = TIME_NONE };
    struct ledger_from  from = { 0 };
    int64_t id = 0;

    if (!ledger_contact(l, &x, &from, &id, e))
        die("contact", e->what);
    return id;
}

static void plan(void)
{
    struct os      os = os_posix();
    struct err     e = { 0 };
    struct store  *s;
    struct ledger *l;
    struct case_campaign c = { .slug = STR("proxylogon"), .begun_us = TIME_NONE, .report_us = TIME_NONE, .patch_us = TIME_NONE, .code_us = TIME_NONE };
    int64_t        campaign, wave, now = os.now_us(&os);
    uint64_t       count;
    uint8_t        hash[32];
    char           sent[96];

    snprintf(w.store, sizeof w.store, "%s/afterpatch.db", w.dir);
    snprintf(sent, sizeof sent, "%s/sent", w.dir);
    if (!pack_load_embedded(&w.pack, &w.a, STR("proxylogon"), &e))
        die("pack", e.what);
    if (mkdir(sent, 0755) != 0 || !store_open(&s, str_c(w.store), STORE_WRITE, &e) || !ledger_open(&l, s, &os, STR("ada"), &e) || !store_migrate(s, &notify_layer, &e) || !ledger_begin(l, &e) ||
        !ledger_campaign(l, &c, &campaign, &e) || !outbox_wave(l, campaign, STAGE_FIRST, STR_EMPTY, &wave, &e))
        die("plan", e.what);
    for (int i = 0; i < w.rounds * (int)KINDS; i++) {
        struct notice *n = &w.n[i];
        enum decided   d;
        const char    *local = kinds[i % (int)KINDS].local, *below = kinds[i % (int)KINDS].domain;
        bool           relayed = kinds[i % (int)KINDS].step == NOTICE_ACCEPTED;
        struct str     domain = relayed ? str_c(below) : str_fmt(&w.a, "r%d.%s", i, below), address = str_fmt(&w.a, "%s%s@%.*s", local, relayed ? str_cstr(&w.a, str_fmt(&w.a, "%d", i)) : "", STR_ARG(domain));

        *n = (struct notice){ .campaign = campaign, .case_ = i + 1, .org = i + 1, .wave = wave, .channel = CONTACT_EMAIL, .contact = address, .domain = domain, .bucket = domain, .date_us = now,
                              .not_before_us = 0, .give_up_us = now + TIME_DAY, .contact_id = contact(l, address, domain, &e) };
        if (!outbox_decide(l, n, STR("cert.example"), &d, &e) || d != DECIDED_NEW)
            die("decide", e.what);
        put_bytes(l, n, i, &e);
    }
    if (!outbox_wave_close(l, wave, &count, hash, &e) || !outbox_approve(l, wave, hash, STR("grace"), &count, &e) || !ledger_commit(l, &e))
        die("approve", e.what);
    ledger_close(l);
    store_close(s);
}

/* --- the program --- */

static int run(const char *words)
{
    char cmd[1024];

    snprintf(cmd, sizeof cmd, "'%s' %s --store '%s' --settings '%s' --who ada >>'%s/said' 2>&1", w.afterpatch, words, w.store, w.settings, w.dir);
    int status = system(cmd);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int64_t ask(const char *sql)
{
    struct store *s;
    struct err    e = { 0 };
    int64_t       n = -1;

    if (!store_open(&s, str_c(w.store), STORE_READ, &e) || !store_one_int(s, sql, &n, &e))
        die(sql, e.what);
    store_close(s);
    return n;
}

static int files(const char *dir)
{
    DIR *d = opendir(dir);
    int  n = 0;

    for (struct dirent *x; d && (x = readdir(d)); )
        n += x->d_name[0] != '.';
    if (d)
        closedir(d);
    return n;
}

static void wait_for(const char *dir, int n, const char *what)
{
    for (int i = 0; i < 200 + w.rounds * 20; i++) {
        if (files(dir) >= n)
            return;
        usleep(50000);
    }
    die(what, "did not arrive");
}

static bool go_on(void *ctx) { return ctx == NULL; }

/* A person answers, by the second mail server's own way. */
static void answers(void)
{
    struct smtp_mta mta = { w.theirs.host_port, "mx.victims.example", false };
    struct smtp_watch none = { NULL, go_on };

    for (int i = 0; i < w.rounds; i++) {
        struct notice *n = &w.n[i * (int)KINDS + ANSWERS];
        struct arena   a = w.a;
        struct handed  h = { 0 };
        struct str     to = str_fmt(&a, "b+%s@bounce.cert.example", n->token);
        struct smtp_mail m = { .from = "ann@forge.example", .rcpt = str_cstr(&a, to), .envid = "x" };

        m.bytes = str_fmt(&a, "From: Ann Smith <ann@%.*s>\r\nTo: <%.*s>\r\nSubject: Re: [CERT-EX 2021-000123]\r\nIn-Reply-To: <%s>\r\nMessage-ID: <a%d@forge.example>\r\n\r\nWe are on it.\r\n",
                          STR_ARG(n->domain), STR_ARG(to), n->message_id, i);
        smtp_send(&mta, &m, &none, &a, &h);
        if (h.what != HANDED_ACCEPTED)
            die("an answer", "was not taken");
    }
}

static void became(void)
{
    struct store *s;
    struct err    e = { 0 };
    int64_t       state, dead;

    if (!store_open(&s, str_c(w.store), STORE_READ, &e))
        die("store", e.what);
    for (int i = 0; i < w.rounds * (int)KINDS; i++) {
        const struct notice *n = &w.n[i];
        const char          *want = kinds[i % (int)KINDS].contact;

        if (!bind_ask(s, "SELECT state FROM notify_notice WHERE id = ?1", BOUND(B_INT(n->id)), &state, 1, &e) ||
            !bind_ask(s, "SELECT count(*) FROM case_fact WHERE kind = ?1 AND value = 0 AND subject = ?2 AND reason LIKE ?3", BOUND(B_INT(FACT_CONTACT), B_INT(n->contact_id), B_TEXT(str_c(want ? want : "%"))), &dead, 1, &e))
            die("ask", e.what);
        if (state != (int64_t)kinds[i % (int)KINDS].step || (dead > 0) != (want != NULL)) {
            fprintf(stderr, "%.*s: %s, %lld facts against it\n", STR_ARG(n->contact), notice_step_name((enum notice_step)state), (long long)dead);
            die("a notice", "is not what the mail servers said");
        }
    }
    store_close(s);
}

int main(int argc, char **argv)
{
    const char *why = "";
    char        cmd[1024], path[160];
    time_t      begun = time(NULL);
    int         arrive = 0, reports = 0;

    if (argc < 3)
        return 2;
    w.afterpatch = argv[1];
    w.source = argv[2];
    w.rounds = argc > 3 ? atoi(argv[3]) : 2;
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!mta_can(&why)) {
        printf("skipped: %s\n", why);
        return 77;
    }
    snprintf(w.dir, sizeof w.dir, "/tmp/ap_mail.XXXXXX");
    w.room = malloc(ROOM);
    w.a = (struct arena){ .beg = w.room, .end = w.room + ROOM };
    w.n = calloc((size_t)w.rounds * KINDS, sizeof *w.n);
    if (!w.room || !w.n || !mkdtemp(w.dir))
        die("begin", "no room");
    w.keys = keys_make();
    at("keys");
    start();
    at("mail servers");
    settings();
    plan();
    at("planned");
    if (run("notify send --most 1") != 0 || run("notify send") != 0)
        die("notify send", "failed");
    at("sent");
    for (size_t k = 0; k < KINDS; k++) {
        arrive += kinds[k].arrives;
        reports += 1 + (kinds[k].step == NOTICE_ACKNOWLEDGED);
    }
    wait_for(w.theirs.inbox, arrive * w.rounds, "notices");
    answers();
    at("answered");
    wait_for(w.ours.inbox, reports * w.rounds, "reports");
    at("reported");

    /* A sender that died after the dot: the log of the real mail server knows. */
    snprintf(cmd, sizeof cmd, "UPDATE notify_notice SET state = %d, dot_us = %lld WHERE id = %lld", NOTICE_UNKNOWN, (long long)w.n[0].date_us, (long long)w.n[0].id);
    struct store *s;
    struct err    e = { 0 };
    if (!store_open(&s, str_c(w.store), STORE_SHARE, &e) || !store_exec(s, cmd, &e))
        die("doubt", e.what);
    store_close(s);
    if (run("notify settle") != 0 || ask("SELECT count(*) FROM notify_notice WHERE queue_id <> '' AND state = 6") < 1 || ask("SELECT count(*) FROM notify_notice WHERE state = 4") != 0)
        die("notify settle", "did not find it in the log");

    if (run("notify read") != 0 || files(w.ours.inbox) != 0)
        die("notify read", "left something in new");
    snprintf(path, sizeof path, "%s/mail/sink/cur", w.ours.dir);
    if (files(path) != reports * w.rounds)
        die("notify read", "cur has not what came");
    at("read");
    became();
    int64_t events = ask("SELECT count(*) FROM notify_event");
    /* Once more, all of it: nothing changes. */
    snprintf(cmd, sizeof cmd, "for f in '%s'/*; do mv \"$f\" '%s'/; done", path, w.ours.inbox);
    if (system(cmd) != 0 || run("notify read") != 0 || ask("SELECT count(*) FROM notify_event") != events || ask("SELECT count(*) FROM notify_inbox") != reports * w.rounds)
        die("notify read", "a second time changed something");
    at("read again");
    if (ask("SELECT count(*) FROM notify_inbox WHERE state = 1") != w.rounds)
        die("notify read", "answers of people wait for a person");

    /* By others than us: GnuPG, and Python's reader of mail. */
    snprintf(cmd, sizeof cmd, "/usr/bin/python3 -B '%s/tests/notify/mail_check.py' '%s/sent' '%s' '%s' %d", w.source, w.dir, w.theirs.inbox, w.keys.one, arrive * w.rounds);
    if (system(cmd) != 0)
        die("mail_check.py", "what arrived is not what was signed");
    printf("%d notices: %d arrived byte for byte through two mail servers, %d reports and answers came back, %ld s\n", w.rounds * (int)KINDS, arrive * w.rounds, reports * w.rounds, (long)(time(NULL) - begun));
    stop_all();
    keys_drop(&w.keys);
    free(w.n);
    free(w.room);
    return 0;
}
