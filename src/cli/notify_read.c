/*
 * notify read: what comes back from a Maildir, an mbox, a file or a pipe; told apart, and moved to where it belongs.
 *
 * Worker   messages are read by a process of its own that opened the store and shut everything else (guard.h, sandbox.h). A message that brings it down twice is left where it is, and told.
 * Moved    a message goes from new/ to cur/ when the store says that it holds these very bytes, and by this process, not by the worker: after the commit only, however the worker ended.
 * Order    what needs a person comes first.
 */
#include "cli/notify.h"

#include "base/num.h"
#include "casework/report_in.h"
#include "cli/case_screen.h"
#include "cli/infiles.h"
#include "cli/notify_data.h"
#include "cli/survey.h"
#include "emit/json.h"
#include "notify/inbox.h"
#include "notify/mailbox.h"
#include "os/guard.h"
#include "store/bind.h"

#include <stdio.h>

enum { STORE, SETTINGS, DONE, UNREAD, LIMIT, PAGE, ALL, WHO, REASON, JSON };
static const struct opt opts[] = {
    [STORE]    = CASE_OPT_STORE,
    [SETTINGS] = NOTIFY_OPT_SETTINGS,
    [DONE]     = { "done", "NUMBER", "a person looked at this message", NULL },
    [UNREAD]   = { "unread", NULL, "read nothing: list what a person must look at", NULL },
    [LIMIT]    = CASE_OPT_LIMIT,
    [PAGE]     = CASE_OPT_PAGE,
    [ALL]      = CASE_OPT_ALL,
    [WHO]      = CASE_OPT_WHO,
    [REASON]   = { "reason", "TEXT", "with --done: what came of it", NULL },
    [JSON]     = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};

enum { BOXES_MAX = 64, ALARMS_MAX = 8, OTHER_LINES = 6, LINES_EACH = 3 };
#define ROOM_BYTES (REPORT_ROOM + ((size_t)MAILBOX_BYTES_MAX) + ((size_t)128 << 20))

struct box { struct mailbox m; struct str path, *name; size_t n; uint64_t left; struct str bytes; bool piped; };
struct reading {
    struct cli        *c;
    const struct args *args;
    struct str         store, who;
    struct box         box[BOXES_MAX]; size_t box_n;
    struct arena       room;
    bool               json;
    /* In the worker. */
    struct case_data   d;
    struct guard      *g;
    uint64_t           kind[INBOX_KINDS], known, reports, failed;
    struct err         first;          /* why the first that failed did */
    struct str         first_at;
};

/* --- what a person must look at --- */

static const char from_open[] = "FROM notify_inbox i LEFT JOIN notify_notice n ON n.id = i.notice WHERE i.state = 1";

static bool alarms(struct case_data *d, struct js *j, struct err *e)
{
    struct inbox_alarm alarm[ALARMS_MAX];
    size_t             n;

    if (!inbox_alarms(d->store, &d->c->keep, alarm, ALARMS_MAX, &n, e))
        return false;
    if (j) {
        js_key(j, "alarms");
        js_array(j);
    }
    for (size_t i = 0; i < n; i++) {
        if (j) {
            js_object(j);
            js_key(j, "wave");    js_i64(j, alarm[i].wave);
            js_key(j, "policy");  js_i64(j, alarm[i].policy);
            js_key(j, "notices"); js_i64(j, alarm[i].notices);
            js_key(j, "last");    js_str(j, alarm[i].last);
            js_end(j);
            continue;
        }
        out_fmt(d->c->out, "our own fault first: %lld of %lld of wave %lld came back for policy: ", (long long)alarm[i].policy, (long long)alarm[i].notices, (long long)alarm[i].wave);
        out_term(d->c->out, alarm[i].last, 120);
        out_c(d->c->out, "\n  look at SPF, DKIM, DMARC and the name of the sending address, before more goes out; its provider hears nothing for an hour\n");
    }
    if (j)
        js_end(j);
    return true;
}

static void one_open(struct case_data *d, struct js *j, struct store_stmt *st)
{
    struct out *o = d->c->out;
    enum inbox_kind kind = (enum inbox_kind)store_int(st, 1);
    int64_t     case_ = store_int(st, 3);
    bool        minimal = store_int(st, 9) != 0;
    char        name[CASE_NAME_TEXT] = "", when[CASE_TIME_TEXT];

    if (case_)
        case_name_of(d, case_, store_int(st, 8), name);
    if (j) {
        js_object(j);
        js_key(j, "message");  js_i64(j, store_int(st, 0));
        js_key(j, "kind");     js_c(j, inbox_kind_name(kind));
        js_key(j, "case");     js_c(j, case_ ? name : NULL);
        js_key(j, "notice");   store_int(st, 2) ? js_i64(j, store_int(st, 2)) : js_null(j);
        js_key(j, "received"); js_time(j, store_int(st, 4));
        js_key(j, "sender");   js_str(j, store_text(st, 5));
        js_key(j, "subject");  js_str(j, store_text(st, 6));
        js_key(j, "excerpt");  js_str(j, store_text(st, 7));
        js_key(j, "path_may_be_the_intruders"); js_bool(j, minimal);
        js_end(j);
        return;
    }
    case_minute_text(store_int(st, 4), when);
    out_fmt(o, "%s %s %s ", when, case_ ? name : "no case", kind == INBOX_HUMAN ? "answer from" : kind == INBOX_BOUNCE_UNPARSED ? "bounce in words from" : "from");
    out_term(o, store_text(st, 5), 80);
    out_c(o, minimal ? " (the path may be the intruder's: call back by another)\n  " : "\n  ");
    out_term(o, store_text(st, 6), 100);
    out_fmt(o, "\n  -> afterpatch notify read --done %lld\n", (long long)store_int(st, 0));
}

static bool open_list(struct case_data *d, const struct case_page *p, struct js *j, struct err *e)
{
    struct store_stmt *st;
    int64_t            total = 0;
    uint64_t           shown = 0;
    char               sql[512];

    snprintf(sql, sizeof sql, "SELECT count(*) %s", from_open);
    if (!store_one_int(d->store, sql, &total, e))
        return false;
    snprintf(sql, sizeof sql, "SELECT i.id, i.kind, i.notice, i.case_id, i.received_us, i.sender, i.subject, i.excerpt, COALESCE(n.campaign, 0), COALESCE(n.minimal, 0) %s "
             "ORDER BY i.received_us, i.id LIMIT ?1 OFFSET ?2", from_open);
    if (!bind_open(d->store, sql, BOUND(B_INT(p->n), B_INT(p->first)), &st, e))
        return false;
    if (j) {
        js_key(j, "open");     js_i64(j, total);
        js_key(j, "messages");
        js_array(j);
    } else if (total)
        out_fmt(d->c->out, "%lld message%s for a person\n", (long long)total, total == 1 ? "" : "s");
    while (case_row(&st, e)) {
        one_open(d, j, st);
        shown++;
    }
    if (j)
        js_end(j);
    else if (total)
        case_page_more(d->c->out, p, shown, (uint64_t)total);
    return e->kind == ERR_NONE;
}

/* --- in the worker --- */

static void remember(struct reading *x, struct str at, const struct err *e)
{
    if (x->failed++ == 0) {
        x->first = *e;
        x->first_at = at;
    }
}

static bool one(struct reading *x, struct str bytes, struct arena a, struct str at, struct err *e)
{
    struct inbox_done done;
    uint64_t          key = str_hash(bytes);

    if (guard_barred(x->g, key)) {
        err_set(e, ERR_FORMAT, "the message brought its reader down twice and was left out");
        remember(x, at, e);
        *e = (struct err){ 0 };
        return true;
    }
    guard_enter(x->g, 0, key, at);
    bool ok = inbox_take(x->d.ledger, bytes, x->c->os->now_us(x->c->os), &a, &done, e);
    guard_leave(x->g, 0);
    if (!ok) {
        if (e->kind != ERR_FORMAT && e->kind != ERR_LIMIT && e->kind != ERR_MEMORY)
            return false;                                        /* the store, not the message */
        remember(x, at, e);
        *e = (struct err){ 0 };
        return true;
    }
    x->known += done.known;
    x->kind[done.kind] += !done.known;
    x->reports += done.has_report && !done.report_refused[0];
    return true;
}

static bool box_read(struct reading *x, struct box *b, struct err *e)
{
    struct str rest = b->bytes, m, bytes;

    if (b->m.kind == MAILBOX_DIR && !b->piped) {
        for (size_t i = 0; i < b->n; i++) {
            struct arena a = x->room;
            if (!mailbox_take(&b->m, b->name[i], &a, &bytes, e)) {
                if (e->kind == ERR_MEMORY)
                    return false;
                remember(x, b->name[i], e);
                *e = (struct err){ 0 };
            } else if (!one(x, bytes, a, b->name[i], e))
                return false;
        }
        return true;
    }
    struct arena a = x->room;
    if (!b->piped && !mailbox_bytes(&b->m, &a, &rest, e))
        return false;
    if (!mbox_is(rest))
        return one(x, rest, a, b->path, e);
    while (mbox_next(&rest, &m))
        if (m.n && !one(x, m, a, b->path, e))
            return false;
    return true;
}

static void sums_json(struct reading *x, struct js *j)
{
    for (int k = 0; k < INBOX_KINDS; k++) {
        js_key(j, inbox_kind_name((enum inbox_kind)k));
        js_u64(j, x->kind[k]);
    }
    js_key(j, "reports");   js_u64(j, x->reports);
    js_key(j, "known");     js_u64(j, x->known);
    js_key(j, "unread");    js_u64(j, x->failed);
    js_key(j, "first_why"); js_c(j, x->failed ? x->first.what : NULL);
}

static void sums(struct reading *x)
{
    static const char *const word[INBOX_KINDS] = { "reports of mail servers", "receipts", "complaints", "automatic answers", "tickets", "bounces in words", "forged or about nothing of ours", "answers of people",
                                                   "about something else" };
    struct out *o = x->c->out;
    uint64_t    all = 0;

    for (int k = 0; k < INBOX_KINDS; k++)
        all += x->kind[k];
    out_fmt(o, "%llu message%s read", (unsigned long long)all, all == 1 ? "" : "s");
    for (int k = 0; k < INBOX_KINDS; k++)
        if (x->kind[k])
            out_fmt(o, ", %llu %s", (unsigned long long)x->kind[k], word[k]);
    if (x->reports)
        out_fmt(o, "; %llu hunt report%s taken", (unsigned long long)x->reports, x->reports == 1 ? "" : "s");
    if (x->known)
        out_fmt(o, "; %llu known already", (unsigned long long)x->known);
    out_c(o, "\n");
    if (!x->failed)
        return;
    out_fmt(o, "%llu could not be read and %s left: ", (unsigned long long)x->failed, x->failed == 1 ? "is" : "are");
    out_term(o, x->first_at, 120);
    out_c(o, ": ");
    out_term(o, str_c(x->first.what), 160);
    out_c(o, "\n");
}

static bool told(struct reading *x, const struct case_page *p, struct err *e)
{
    struct js j;

    if (x->json) {
        js_open(&j, x->c->out, false);
        js_object(&j);
        js_key(&j, "view"); js_c(&j, "inbox");
    }
    if (!alarms(&x->d, x->json ? &j : NULL, e) || !open_list(&x->d, p, x->json ? &j : NULL, e))
        return false;
    if (!x->json) {
        sums(x);
        return true;
    }
    js_key(&j, "read");
    js_object(&j);
    sums_json(x, &j);
    js_end(&j);
    js_end(&j);
    out_c(x->c->out, "\n");
    return true;
}

static int work(void *ctx, struct guard *g)
{
    struct reading  *x = ctx;
    struct mail_charsets sets = { 0 };
    struct str       read[BOXES_MAX];
    struct case_page page;
    struct err       e = { 0 };
    size_t           n = 0;

    x->g = g;
    if (g)
        out_open(x->c->out, guard_put, g);
    for (size_t i = 0; i < x->box_n; i++)
        if (!x->box[i].piped)
            read[n++] = x->box[i].path;
    mail_ready(&sets);
    bool ok = case_page_asked(x->args, LIMIT, PAGE, ALL, OTHER_LINES, LINES_EACH, &page, &e) && notify_share(&x->d, x->c, x->store, x->who, &e) &&
              infiles_shut(x->c, x->store.n ? x->store : SURVEY_STORE, x->d.store, read, n, 0, &e) && os_arena_map(&x->room, ROOM_BYTES, &e);
    for (size_t i = 0; ok && i < x->box_n; i++)
        ok = box_read(x, &x->box[i], &e);
    ok = ok && told(x, &page, &e);
    case_close(&x->d);
    os_arena_unmap(&x->room);
    mail_ready_end(&sets);
    int code = !ok ? cli_fail(x->c, "notify read", &e) : x->failed ? CLI_FAILED : CLI_DONE;
    if (!out_done(x->c->out, &e))
        code = CLI_FAILED;
    (void)out_done(x->c->err, &e);
    return code;
}

/* --- before and after it --- */

static bool pipe_in(struct reading *x, struct box *b, struct err *e)
{
    size_t   n = 0, cap = (size_t)MAIL_BYTES_MAX + 1;
    uint8_t *p = TAKE(&x->c->keep, uint8_t, cap);

    if (!p)
        return err_set(e, ERR_MEMORY, "no room for a message");
    for (size_t got; n < cap && (got = fread(p + n, 1, cap - n, stdin)) > 0; n += got) { }
    if (n == cap)
        return err_set(e, ERR_LIMIT, "more than %d MiB on a pipe", MAIL_BYTES_MAX >> 20);
    *b = (struct box){ .path = STR("-"), .bytes = { p, n }, .piped = true };
    return true;
}

static bool boxes(struct reading *x, struct err *e)
{
    const struct args *a = x->args;
    struct settings    set = { 0 };
    struct str         maildir;

    if (a->operand_n > BOXES_MAX)
        return err_set(e, ERR_USAGE, "more than %d mailboxes", BOXES_MAX);
    if (!a->operand_n) {
        if (!settings_load(x->c->os, a->given[SETTINGS] ? a->value[SETTINGS] : STR("notify.yaml"), &x->c->keep, &set, e))
            return false;
        if (!set.maildir.n) {
            err_set(e, ERR_USAGE, "no mailbox is named");
            return err_hint(e, "inbox: maildir: in the settings, or afterpatch notify read PATH");
        }
    }
    maildir = set.maildir;
    x->box_n = a->operand_n ? a->operand_n : 1;
    for (size_t i = 0; i < x->box_n; i++) {
        struct box *b = &x->box[i];
        struct str  path = a->operand_n ? a->operand[i] : maildir;

        if (str_eq(path, STR("-"))) {
            if (!pipe_in(x, b, e))
                return false;
            continue;
        }
        b->path = path;
        if (!mailbox_open(x->c->os, path, &b->m, e))
            return err_hint(e, "a Maildir, an mbox, or a file with one message; - is a pipe");
        if (b->m.kind == MAILBOX_DIR && !mailbox_list(&b->m, &x->c->keep, &b->name, &b->n, &b->left, e))
            return false;
        if (b->left && !x->c->silent)
            cli_note(x->c, "what is no plain file in new was left", path);
    }
    return true;
}

/* What the store holds goes to cur/; what it does not stays in new/, whatever the worker said. */
static bool moved(struct reading *x, struct err *e)
{
    struct case_data d = { .c = x->c };
    struct arena     room = { 0 };
    uint64_t         stuck = 0;
    bool ok = notify_read(&d, x->c, x->store, e) && os_arena_map(&room, (size_t)MAIL_BYTES_MAX + (1 << 20), e);

    for (size_t i = 0; ok && i < x->box_n; i++)
        for (size_t k = 0; ok && x->box[i].m.kind == MAILBOX_DIR && k < x->box[i].n; k++) {
            struct arena a = room;
            struct err   why = { 0 };
            struct str   bytes;
            bool         known, open;

            if (!mailbox_take(&x->box[i].m, x->box[i].name[k], &a, &bytes, &why))
                continue;
            ok = inbox_known(d.store, bytes, &known, &open, e);
            if (ok && known && !mailbox_seen(&x->box[i].m, x->box[i].name[k], open, &why) && stuck++ == 0)
                cli_note(x->c, why.what, x->box[i].name[k]);
        }
    os_arena_unmap(&room);
    case_close(&d);
    return ok && (stuck == 0 || err_set(e, ERR_IO, "%llu messages are read and could not be moved to cur", (unsigned long long)stuck));
}

static void on_death(void *ctx, const char *what, struct str text)
{
    struct reading *x = ctx;
    struct err      e = { 0 };

    cli_note(x->c, what, text);
    (void)out_done(x->c->err, &e);
}

static int read_all(struct reading *x, const char *verb)
{
    struct err           e = { 0 };
    int                  code = CLI_FAILED;
    struct guard_options opt = { .off = !x->c->guarded, .hang_ms = x->c->hang_ms, .died = on_death, .died_ctx = x };

    if (!boxes(x, &e) || !out_done(x->c->out, &e) || !out_done(x->c->err, &e) || !guard_run(&opt, work, x, &code, &e))
        return cli_fail(x->c, verb, &e);
    if (code != CLI_USAGE && !moved(x, &e))
        code = cli_fail(x->c, verb, &e);
    return code;
}

static int done(struct reading *x, const char *verb)
{
    struct err e = { 0 };
    uint64_t   id;
    bool       ok = (num_u64(x->args->value[DONE], &id) && id && id <= INT64_MAX) || err_set(&e, ERR_USAGE, "--done takes the number of a message");

    ok = ok && notify_share(&x->d, x->c, x->store, x->who, &e) && inbox_close(x->d.ledger, (int64_t)id, x->args->value[REASON], &e);
    if (ok && x->json)
        case_recorded(&x->d, true, STR("message done"), "", 1);
    else if (ok)
        out_fmt(x->c->out, "message %llu is done\n", (unsigned long long)id);
    case_close(&x->d);
    return ok ? CLI_DONE : cli_fail(x->c, verb, &e);
}

static int unread(struct reading *x, const char *verb)
{
    struct case_page page;
    struct err       e = { 0 };
    struct js        j, *json = x->json ? &j : NULL;
    bool ok = case_page_asked(x->args, LIMIT, PAGE, ALL, OTHER_LINES, LINES_EACH, &page, &e) && notify_read(&x->d, x->c, x->store, &e);

    if (ok && json) {
        js_open(json, x->c->out, false);
        js_object(json);
        js_key(json, "view"); js_c(json, "unread");
    }
    ok = ok && alarms(&x->d, json, &e) && open_list(&x->d, &page, json, &e);
    if (ok && json) {
        js_end(json);
        out_c(x->c->out, "\n");
    }
    case_close(&x->d);
    return ok ? CLI_DONE : cli_fail(x->c, verb, &e);
}

static int run(struct cli *c, const struct verb *v, const struct args *a)
{
    struct reading *x = NEW(&c->keep, struct reading, 1);
    struct err      e = { 0 };

    if (!x) {
        err_set(&e, ERR_MEMORY, "no room to begin");
        return cli_fail(c, v->name, &e);
    }
    x->c = x->d.c = c;
    x->args = a;
    x->json = a->given[JSON];
    x->store = a->value[STORE];
    x->who = a->value[WHO];
    if ((a->given[DONE] || a->given[UNREAD]) && (a->operand_n || (a->given[DONE] && a->given[UNREAD]))) {
        err_set(&e, ERR_USAGE, "--done and --unread read nothing, and stand alone");
        return cli_fail(c, v->name, &e);
    }
    return a->given[DONE] ? done(x, v->name) : a->given[UNREAD] ? unread(x, v->name) : read_all(x, v->name);
}

static const struct example examples[] = {
    { "afterpatch notify read", "The Maildir of the settings; each message moves from new to cur when it is in the store" },
    { "afterpatch notify read - <message", "One message, as a mail server pipes it" },
    { "afterpatch notify read --unread", "What a person must look at" },
    { "afterpatch notify read --done 4711 --reason 'called them back'", "And somebody did" },
    { NULL, NULL },
};

const struct verb verb_notify_read = {
    .name = "notify read", .about = "reads what comes back: reports of mail servers, bounces, robots, complaints, answers", .usage = "[OPTION]... [PATH...|-]",
    .text = "A Maildir, an mbox, a file with one message, or - for a pipe. Each message is told apart by the standards' own marks and tied to its notice by the token in the address it came to, which nobody can "
            "forge; reading one twice changes nothing. A failed delivery opens the next contact at the next plan, and a dead address is dead for all campaigns; a complaint is never written to again; "
            "an automatic answer proves that somebody is there, and no more; an answer of a person waits for a case worker. A hunt report that is attached goes the way of `case import`.\n\n"
            "What needs a person is told first. That an answer means \"wrong recipient\" only a person decides: `notify settle NUMBER wrong-recipient`.\n\n"
            "Exit code 1: a message could not be read; it stays where it is.",
    .opt = opts, .example = examples, .run = run,
};
