/*
 * notify settle: what became of a notice that nobody can know of: from the mail server's own log, or in a person's word.
 *
 * Logs     oldest first by their time of change; packed by gzip or not. A log that does not reach over the time in question proves nothing by its silence.
 */
#include "cli/notify.h"

#include "base/num.h"
#include "cli/case_screen.h"
#include "cli/notify_data.h"
#include "emit/json.h"
#include "notify/inbox.h"
#include "notify/paper.h"
#include "notify/settle.h"
#include "store/bind.h"

#include <stdlib.h>

enum { STORE, SETTINGS, LOG, AT, WHO, REASON, JSON };
static const struct opt opts[] = {
    [STORE]    = CASE_OPT_STORE,
    [SETTINGS] = NOTIFY_OPT_SETTINGS,
    [LOG]      = { "log", "LIST", "logs of the mail server, parted by commas (those of the settings)", NULL },
    [AT]       = { "at", "TIME", "with a person's word: when it was, in UTC (now)", NULL },
    [WHO]      = CASE_OPT_WHO,
    [REASON]   = { "reason", "TEXT", "with a person's word: how he knows; of a letter its registered number", NULL },
    [JSON]     = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};
#define WORDS "taken, absent, acknowledged, wrong-recipient, declined; of letters posted, returned; of calls reached-technical, reached-other, voicemail, no-answer, wrong-number, refused"

enum { ROOM_BYTES = 64 << 20, ROOM_LINES = 8 << 20 };
struct settling { struct case_data d; const struct args *args; struct settings set; bool json, open; };

/* --- from the log --- */

struct log_file { struct str path; int64_t changed_us; };
static int older(const void *a, const void *b)
{
    const struct log_file *x = a, *y = b;
    return x->changed_us != y->changed_us ? (x->changed_us < y->changed_us ? -1 : 1) : -str_cmp(x->path, y->path);      /* mail.log.2 before mail.log.1 */
}

static bool logs(struct settling *x, struct log_file ret[SETTINGS_LOGS_MAX], size_t *ret_n, struct err *e)
{
    struct str rest = x->args->value[LOG], one;
    size_t     n = 0;

    if (!x->args->given[LOG])
        for (; n < x->set.log_n; n++)
            ret[n].path = x->set.log[n];
    while (x->args->given[LOG] && str_cut(&rest, ',', &one)) {
        if (n == SETTINGS_LOGS_MAX)
            return err_set(e, ERR_USAGE, "more than %d logs", SETTINGS_LOGS_MAX);
        ret[n++].path = str_trim(one);
    }
    for (size_t i = 0; i < n; i++) {
        struct os_stat st;
        if (!x->d.c->os->stat(x->d.c->os, ret[i].path, &st, e))
            return err_hint(e, "check the path and the permissions; without its log only a person can say what the mail server took");
        ret[i].changed_us = st.mtime_us;
    }
    qsort(ret, n, sizeof *ret, older);
    *ret_n = n;
    return true;
}

struct reading { struct os *os; struct os_file f; uint64_t at; };
static bool fill(void *ctx, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    struct reading *r = ctx;

    if (!r->os->read_at(r->os, r->f, r->at, buf, cap, got, e))
        return false;
    r->at += *got;
    return true;
}

static bool one_log(struct settling *x, struct settle *s, struct str path, struct arena room, struct err *e)
{
    struct os     *os = x->d.c->os;
    size_t         slash = str_rchr(path, '/');
    struct reading r = { os, OS_FILE_NONE, 0 };
    uint64_t       size;
    bool ok = os->open(os, slash == STR_NONE ? STR(".") : slash ? str_sub(path, 0, slash) : STR("/"), slash == STR_NONE ? path : str_from(path, slash + 1), &r.f, &size, e) &&
              settle_file(s, fill, &r, room, e);

    os->close(os, &r.f);
    return ok || err_where(e, "%.*s", STR_ARG(path));
}

static bool case_of(struct settling *x, int64_t notice, char name[CASE_NAME_TEXT], struct str *ret_contact, struct err *e)
{
    struct store_stmt *st;

    if (!bind_open(x->d.store, "SELECT case_id, campaign, contact FROM notify_notice WHERE id = ?1", BOUND(B_INT(notice)), &st, e))
        return false;
    if (case_row(&st, e)) {
        case_name_of(&x->d, store_int(st, 0), store_int(st, 1), name);
        *ret_contact = case_text(&x->d, st, 2);
        store_finish(st);
    }
    return e->kind == ERR_NONE;
}

static bool tell(struct settling *x, const struct settle *s, const struct doubt *d, size_t n, const struct settled *done, size_t log_n, struct err *e)
{
    struct out *o = x->d.c->out;
    struct js   j;
    struct str  contact = STR_EMPTY, id;
    char        name[CASE_NAME_TEXT] = "", when[TIME_TEXT];

    x->open = done->unseen > 0;
    if (x->json) {
        js_open(&j, o, false);
        js_object(&j);
        js_key(&j, "view"); js_c(&j, "settled");
        js_key(&j, "unknown");
        js_array(&j);
    } else if (done->unseen)
        out_fmt(o, "%llu may have gone or not%s; a person says what became of them:\n", (unsigned long long)done->unseen,
                log_n ? ": the logs do not reach over their time" : ": no log is named (--log, or mta: log in the settings)");
    for (size_t i = 0; i < n; i++) {
        struct arena keep = x->d.c->keep;

        if (s && settle_answer(s, i, &id) != SETTLE_UNSEEN)
            continue;
        if (!case_of(x, d[i].notice, name, &contact, e))
            return false;
        if (x->json) {
            js_object(&j);
            js_key(&j, "notice");     js_i64(&j, d[i].notice);
            js_key(&j, "case");       js_c(&j, name);
            js_key(&j, "contact");    js_str(&j, contact);
            js_key(&j, "message_id"); js_str(&j, d[i].message_id);
            js_key(&j, "at");         js_time(&j, d[i].dot_us);
            js_end(&j);
        } else {
            if (d[i].dot_us != TIME_NONE)
                time_text(d[i].dot_us, when);
            out_fmt(o, "  %s, %s, ", name, d[i].dot_us != TIME_NONE ? when : "-");
            out_term(o, contact, 100);
            out_fmt(o, "\n    afterpatch notify settle %lld taken|absent --reason TEXT\n", (long long)d[i].notice);
        }
        x->d.c->keep = keep;
    }
    if (!x->json) {
        out_fmt(o, "%llu had been taken, %llu had not and %s queued again\n", (unsigned long long)done->taken, (unsigned long long)done->absent, done->absent == 1 ? "is" : "are");
        return true;
    }
    js_end(&j);
    js_key(&j, "taken");  js_u64(&j, done->taken);
    js_key(&j, "absent"); js_u64(&j, done->absent);
    js_end(&j);
    out_c(o, "\n");
    return true;
}

static bool by_log(struct settling *x, struct arena a, struct err *e)
{
    struct log_file     log[SETTINGS_LOGS_MAX];
    struct doubt       *d;
    struct settle      *s = NULL;
    struct settled      done = { 0 };
    struct settle_rules rules = { .now_us = x->d.c->os->now_us(x->d.c->os), .absent_us = OUTBOX_ABSENT_US, .spare_us = TIME_HOUR };
    size_t              n, log_n = 0;
    uint8_t            *lines = NEW(&a, uint8_t, ROOM_LINES);

    if (!lines)
        return err_set(e, ERR_MEMORY, "no room to settle");
    if (!x->args->given[LOG] || x->args->given[SETTINGS]) {
        if (!notify_settings(&x->d, x->args->value[SETTINGS], &x->set, e))
            return false;
    }
    rules.zone_s = x->set.log_zone_s;
    if (!logs(x, log, &log_n, e) || !settle_doubts(x->d.store, &a, &d, &n, e) || !settle_open(&s, &a, d, n, &rules, e))
        return false;
    for (size_t i = 0; n && i < log_n; i++)
        if (!one_log(x, s, log[i].path, (struct arena){ .beg = lines, .end = lines + ROOM_LINES }, e))
            return false;
    return settle_apply(x->d.ledger, s, d, n, rules.now_us, &done, e) && tell(x, s, d, n, &done, log_n, e);
}

/* --- a person's word --- */

static bool taken_or_not(struct settling *x, int64_t notice, bool taken, struct err *e)
{
    struct ledger *l = x->d.ledger;
    struct str     why = x->args->value[REASON];

    if (ledger_begin(l, e) && outbox_settle(l, notice, taken, STR_EMPTY, why, ledger_now(l), e) &&
        ledger_audit(l, taken ? "settle taken" : "settle absent", str_fmt(&x->d.c->keep, "notice %lld", (long long)notice), why, e) && ledger_commit(l, e))
        return true;
    ledger_rollback(l);
    return false;
}

static bool by_word(struct settling *x, struct err *e)
{
    static const char *const names[] = { "taken", "absent", "acknowledged", "wrong-recipient", "declined", "posted", "returned", "reached-technical", "reached-other", "voicemail", "no-answer",
                                         "wrong-number", "refused" };
    const struct args *a = x->args;
    struct str         word = a->operand[1];
    uint64_t           id;
    int64_t            channel = -1, at = TIME_NONE;
    enum paper_outcome what;
    bool               ok;

    if (a->operand_n != 2 || !num_u64(a->operand[0], &id) || id == 0 || id > INT64_MAX) {
        err_set(e, ERR_USAGE, "a notice's number and what became of it are needed");
        return err_hint(e, "afterpatch notify settle 4711 taken --reason TEXT");
    }
    if (a->given[AT] && !case_moment(a->value[AT], &at, e))
        return false;
    if (!case_reason(a->value[REASON], "a person's word", e))
        return false;
    if (!bind_ask(x->d.store, "SELECT channel FROM notify_notice WHERE id = ?1", BOUND(B_INT((int64_t)id)), &channel, 1, e)) {
        if (e->kind == ERR_NONE)
            err_set(e, ERR_USAGE, "no notice has the number %llu", (unsigned long long)id);
        return false;
    }
    bool desk = channel == CONTACT_POST || channel == CONTACT_PHONE;
    if (str_eq(word, STR("taken")) || str_eq(word, STR("absent")))
        ok = taken_or_not(x, (int64_t)id, str_eq(word, STR("taken")), e);
    else if (str_eq(word, STR("wrong-recipient")))
        ok = inbox_decide(x->d.ledger, (int64_t)id, NOTICE_WRONG_RECIPIENT, a->value[REASON], e);
    else if (str_eq(word, STR("declined")))
        ok = inbox_decide(x->d.ledger, (int64_t)id, NOTICE_DECLINED, a->value[REASON], e);
    else if (str_eq(word, STR("acknowledged")) && !desk)
        ok = inbox_decide(x->d.ledger, (int64_t)id, NOTICE_ACKNOWLEDGED, a->value[REASON], e);
    else if (paper_outcome_find(word, &what))
        ok = paper_settle(x->d.ledger, (int64_t)id, what, a->value[REASON], at, e);
    else {
        const char *near = args_nearest(word, names, sizeof names / sizeof *names);
        err_set(e, ERR_USAGE, "nothing becomes of a notice that is called \"%.*s\"", STR_ARG(str_sub(word, 0, 60)));
        return err_hint(e, "%s%s", near ? "did you mean " : WORDS, near ? near : "");
    }
    if (ok)
        case_recorded(&x->d, x->json, str_fmt(&x->d.c->keep, "notice %llu is %.*s", (unsigned long long)id, STR_ARG(word)), "", 1);
    return ok;
}

static int run(struct cli *c, const struct verb *v, const struct args *a)
{
    struct settling *x = NEW(&c->keep, struct settling, 1);
    struct arena     room = { 0 };
    struct err       e = { 0 };
    bool             ok = x && os_arena_map(&room, ROOM_BYTES, &e);

    if (!ok) {
        err_set(&e, ERR_MEMORY, "no room to begin");
        return cli_fail(c, v->name, &e);
    }
    x->args = a;
    x->json = a->given[JSON];
    x->d.c = c;
    ok = notify_share(&x->d, c, a->value[STORE], a->value[WHO], &e) && (a->operand_n ? by_word(x, &e) : by_log(x, room, &e));
    case_close(&x->d);
    os_arena_unmap(&room);
    return !ok ? cli_fail(c, v->name, &e) : x->open ? CLI_FAILED : CLI_DONE;
}

static const struct example examples[] = {
    { "afterpatch notify settle", "Asks the logs of the settings what became of those in doubt" },
    { "afterpatch notify settle --log /var/log/mail.log.2.gz,/var/log/mail.log.1,/var/log/mail.log", "Other logs" },
    { "afterpatch notify settle 4711 posted --reason 'RR 123 456 789 AT'", "A letter went, with its registered number" },
    { "afterpatch notify settle 4712 wrong-recipient --reason 'they sold that domain in 2020'", "Only a person says so" },
    { NULL, NULL },
};

const struct verb verb_notify_settle = {
    .name = "notify settle", .about = "finds out what became of notices in doubt, letters and calls", .usage = "[OPTION]... [NUMBER OUTCOME]",
    .text = "Without an operand: notices of which nobody knows whether the mail server took them (a sender died, or the line broke, right after the end of the message) are looked for in its log by their "
            "Message-ID. Found: they were sent. Absent from a log that reaches over the time and a quarter of an hour more: they are queued again. Else they stay unknown, and are listed.\n\n"
            "With a notice's number and an outcome: a person's word, kept with name and reason. Of mail in doubt taken or absent; of any that was sent acknowledged, wrong-recipient or declined; of letters "
            "posted, returned or acknowledged; of calls reached-technical, reached-other, voicemail, no-answer, wrong-number or refused.\n\n"
            "Exit code 1: some stay unknown.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
