/* What came back, on the screen and as JSON: nothing of it acts there; mail moves to cur when the store has it, and only then; a person's word. */
#include "cli/cli_fake.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/num.h"
#include "casework/tables.h"
#include "notify/inbox.h"
#include "notify/outbox_inner.h"
#include "notify/tables.h"

static int wipe(const char *path, const struct stat *st, int kind, struct FTW *at) { (void)st; (void)kind; (void)at; return remove(path); }

struct desk { struct fake *f; char dir[64], store[96], maildir[96], number[32]; struct notice n; };

static struct str below(struct desk *d, const char *name) { return str_fmt(&d->f->text.a, "%s/%s", d->maildir, name); }
static void put(struct desk *d, const char *name, const char *text)
{
    FILE *f = fopen(str_cstr(&d->f->text.a, below(d, name)), "w");
    CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0);
}
static bool there(struct desk *d, const char *name) { return access(str_cstr(&d->f->text.a, below(d, name)), F_OK) == 0; }

static struct desk begin(void)
{
    struct desk    d = { .f = fake_open(), .dir = "/tmp/ap_read.XXXXXX" };
    struct os      os = os_posix();
    struct err     e = { 0 };
    struct store  *s;
    struct ledger *l;
    struct case_campaign c = { .slug = STR("proxylogon"), .begun_us = TIME_NONE, .report_us = INT64_C(1614729600000000), .patch_us = TIME_NONE, .code_us = TIME_NONE };
    int64_t        campaign, now = os.now_us(&os);
    enum decided   r;

    CHECK(mkdtemp(d.dir));
    snprintf(d.store, sizeof d.store, "%s/a.db", d.dir);
    snprintf(d.maildir, sizeof d.maildir, "%s/mail", d.dir);
    CHECK(mkdir(d.maildir, 0755) == 0);
    for (int i = 0; i < 3; i++)
        CHECK(mkdir(str_cstr(&d.f->text.a, below(&d, i == 0 ? "new" : i == 1 ? "cur" : "tmp")), 0755) == 0);
    CHECK(store_open(&s, str_c(d.store), STORE_WRITE, &e) && ledger_open(&l, s, &os, STR("ada"), &e) && store_migrate(s, &notify_layer, &e) && ledger_begin(l, &e) && ledger_campaign(l, &c, &campaign, &e));
    d.n = (struct notice){ .campaign = campaign, .case_ = 7, .org = 7, .channel = CONTACT_EMAIL, .contact = STR("it@bakery.example"), .domain = STR("bakery.example"), .date_us = now, .give_up_us = now + TIME_DAY };
    CHECK(outbox_decide(l, &d.n, STR("cert.example"), &r, &e) && outbox_step(l, d.n.id, &(struct step){ .to = NOTICE_ACCEPTED, .attempt = 1, .at_us = now }, &e) && ledger_commit(l, &e));
    ledger_close(l);
    store_close(s);
    snprintf(d.number, sizeof d.number, "%lld", (long long)d.n.id);
    return d;
}

static void end(struct desk *d)
{
    nftw(d->dir, wipe, 8, FTW_DEPTH | FTW_PHYS);
    fake_close(d->f);
}

#define RUN(d, ...) fake_run((d)->f, (const char *const[]){ "notify", __VA_ARGS__, "--store", (d)->store, "--who", "ada", NULL })

static int64_t ask(struct desk *d, const char *sql)
{
    struct store *s;
    struct err    e = { 0 };
    int64_t       n = -1;

    CHECK(store_open(&s, str_c(d->store), STORE_READ, &e) && store_one_int(s, sql, &n, &e));
    store_close(s);
    return n;
}

static bool clean(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((s.p[i] < ' ' && s.p[i] != '\n') || s.p[i] == 0x7f)
            return false;
    return true;
}

static void reads(void **state)
{
    struct desk d = begin();
    char        mail[1024], id[32];

    (void)state;
    snprintf(mail, sizeof mail, "From: \"\x1b]0;x\x07\" <ann@bakery.example>\nTo: case+%s@reply.cert.example\nSubject: \x1b[2J Re: '); DROP TABLE notify_inbox; -- <b>\n\n\x1b[31mred\n", d.n.token);
    put(&d, "new/1.person", mail);
    put(&d, "new/2.other", "From: x@y.example\nTo: notify@cert.example\nSubject: watches\n\nbuy\n");
    put(&d, "new/3.empty", "");
    CHECK(symlink("/etc/hostname", str_cstr(&d.f->text.a, below(&d, "new/4.link"))) == 0);
    RUN(&d, "read", d.maildir);
    CHECK_WHY(d.f->code == CLI_FAILED, "one cannot be read");
    CHECK(clean(d.f->said) && str_starts(d.f->said, STR("1 message for a person\n")) && str_has(d.f->said, STR("2021-000007 answer from")) && str_has(d.f->said, STR("1 could not be read and is left: 3.empty")));
    CHECK(there(&d, "cur/1.person:2,") && there(&d, "cur/2.other:2,S") && there(&d, "new/3.empty") && !there(&d, "new/1.person"));
    CHECK(ask(&d, "SELECT state FROM notify_notice") == NOTICE_ACKNOWLEDGED && ask(&d, "SELECT count(*) FROM notify_inbox") == 2);
    RUN(&d, "read", "--unread", "--json");
    CHECK(d.f->code == CLI_DONE && clean(d.f->said) && str_has(d.f->said, STR("\\u001b[2J Re: '); DROP TABLE notify_inbox; -- <b>")));
    snprintf(id, sizeof id, "%lld", (long long)ask(&d, "SELECT id FROM notify_inbox WHERE state = 1"));
    RUN(&d, "read", "--done", id);
    CHECK(d.f->code == CLI_DONE && ask(&d, "SELECT count(*) FROM notify_inbox WHERE state = 1") == 0);
    RUN(&d, "read", "--done", id);
    CHECK(d.f->code == CLI_USAGE);
    end(&d);
}

/* The same bytes by another way say nothing new; an mbox holds several. */
static void mbox(void **state)
{
    struct desk d = begin();
    char        mail[1024];
    char        path[128];

    (void)state;
    snprintf(mail, sizeof mail, "From a Sat Mar  6 14:02:11 2021\nFrom: ann@bakery.example\nTo: case+%s@reply.cert.example\nSubject: away\nAuto-Submitted: auto-replied\n\nx\n\n"
             "From b Sat Mar  6 14:02:12 2021\nFrom: x@y.example\nTo: a@b.example\n\nFrom here it is text\n", d.n.token);
    put(&d, "box", mail);
    snprintf(path, sizeof path, "%s/box", d.maildir);
    for (int i = 0; i < 2; i++) {
        RUN(&d, "read", path, "--json");
        CHECK(d.f->code == CLI_DONE && str_has(d.f->said, i ? STR("\"known\": 2") : STR("\"auto_reply\": 1")));
    }
    CHECK(ask(&d, "SELECT state FROM notify_notice") == NOTICE_AUTO_REPLIED && ask(&d, "SELECT count(*) FROM notify_inbox") == 2 && there(&d, "box"));
    end(&d);
}

static void words(void **state)
{
    struct desk d = begin();

    (void)state;
    RUN(&d, "settle", d.number, "wrong-recipient");
    CHECK_WHY(d.f->code == CLI_USAGE, "no reason");
    RUN(&d, "settle", d.number, "wrong-recipent", "--reason", "x");
    CHECK(d.f->code == CLI_USAGE && str_has(d.f->complained, STR("did you mean wrong-recipient")));
    RUN(&d, "settle", d.number, "taken", "--reason", "x");
    CHECK_WHY(d.f->code == CLI_USAGE, "it is not in doubt");
    RUN(&d, "settle", d.number, "posted", "--reason", "x");
    CHECK_WHY(d.f->code == CLI_USAGE, "it is no letter");
    RUN(&d, "settle", "99", "declined", "--reason", "x");
    CHECK(d.f->code == CLI_USAGE && str_has(d.f->complained, STR("no notice has the number 99")));
    RUN(&d, "settle", d.number, "wrong-recipient", "--reason", "they sold the domain");
    CHECK(d.f->code == CLI_DONE && ask(&d, "SELECT state FROM notify_notice") == NOTICE_WRONG_RECIPIENT);
    RUN(&d, "send", "--dry-run");
    CHECK(d.f->code == CLI_DONE && str_has(d.f->said, STR("0 would go now by email")));
    RUN(&d, "send", "--channel", "post");
    CHECK_WHY(d.f->code == CLI_USAGE, "where to?");
    RUN(&d, "send", "--again", "1");
    CHECK_WHY(d.f->code == CLI_USAGE, "mail is never sent again");
    end(&d);
}

/* In doubt: found in a log, absent from one that reaches over it, or neither. */
static void logs(void **state)
{
    static const struct { const char *log; int code; enum notice_step then; const char *why; } c[] = {
        { "%1$s mx postfix/cleanup[2]: 4F0A1B2C3D: message-id=<%2$s>\n%1$s mx postfix/qmgr[3]: 4F0A1B2C3D: from=<x>, size=1, nrcpt=1 (queue active)\n", CLI_DONE, NOTICE_ACCEPTED, "found" },
        { "2001-01-01T00:00:00+00:00 mx postfix/qmgr[3]: AAAAAAAAAA: removed\n%1$s mx postfix/qmgr[3]: 4F0A1B2C3D: removed\n", CLI_DONE, NOTICE_QUEUED, "absent" },
        { "%1$s mx postfix/qmgr[3]: 4F0A1B2C3D: removed\n", CLI_FAILED, NOTICE_UNKNOWN, "the log begins too late" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct desk   d = begin();
        struct store *s;
        struct err    e = { 0 };
        char          sql[200], when[TIME_TEXT], text[600], path[128];
        int64_t       now = d.f->os.now_us(&d.f->os);

        snprintf(sql, sizeof sql, "UPDATE notify_notice SET state = %d, dot_us = %lld", NOTICE_UNKNOWN, (long long)(now - TIME_HOUR));
        CHECK(store_open(&s, str_c(d.store), STORE_SHARE, &e) && store_exec(s, sql, &e));
        store_close(s);
        time_text(now - TIME_MINUTE, when);
        snprintf(text, sizeof text, c[i].log, when, d.n.message_id);
        put(&d, "mail.log", text);
        snprintf(path, sizeof path, "%s/mail.log", d.maildir);
        RUN(&d, "settle", "--log", path);
        if (d.f->code != c[i].code || ask(&d, "SELECT state FROM notify_notice") != (int64_t)c[i].then)
            fail_msg("%s: %d, %.*s%.*s", c[i].why, d.f->code, STR_ARG(d.f->said), STR_ARG(d.f->complained));
        if (c[i].code == CLI_FAILED)
            CHECK(str_has(d.f->said, STR("1 may have gone or not")) && str_has(d.f->said, str_c(d.number)));
        end(&d);
    }
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(reads), cmocka_unit_test(mbox), cmocka_unit_test(words), cmocka_unit_test(logs) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
