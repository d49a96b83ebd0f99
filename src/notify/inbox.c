/* See inbox.h: where a message belongs, and what it moves. */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/num.h"
#include "casework/suppress.h"
#include "notify/inbox.h"
#include "notify/outbox_inner.h"

struct of { int64_t notice, case_, campaign, contact_id; enum notice_step state; uint32_t attempt; struct str contact; };

/* --- whose it is --- */

static bool notice_of(struct store *s, int64_t id, struct str message_id, struct arena *a, struct of *ret, struct err *e)
{
    struct store_stmt *st;

    if (!bind_open(s, "SELECT id, case_id, campaign, contact_id, state, attempt, contact FROM notify_notice WHERE id = ?1 OR (?2 <> '' AND message_id = ?2)", BOUND(B_INT(id), B_TEXT(message_id)), &st, e))
        return false;
    bool ok = store_step(st, e) == STORE_ROW;
    if (ok)
        *ret = (struct of){ store_int(st, 0), store_int(st, 1), store_int(st, 2), store_int(st, 3), (enum notice_step)store_int(st, 4), (uint32_t)store_int(st, 5), str_dup(a, store_text(st, 6)) };
    store_finish(st);
    return ok;
}

/* A token that holds is proof enough; a Message-ID is one only for what people write, for anybody who got the notice knows it. *ret_forged: tokens were there, and none held. */
static bool find(struct ledger *l, const struct inbox_mail *r, struct arena *a, struct of *ret, bool *ret_forged, struct err *e)
{
    struct store *s = ledger_store(l);
    int64_t       id;

    *ret_forged = false;
    for (size_t i = 0; i < r->token_n; i++) {
        if (outbox_token_check(s, r->token[i], &id, e) && notice_of(s, id, STR_EMPTY, a, ret, e))
            return true;
        if (e->kind != ERR_NONE)
            return false;
    }
    *ret_forged = r->token_n > 0;
    bool person = r->kind == INBOX_HUMAN || r->kind == INBOX_AUTO_REPLY || r->kind == INBOX_TICKET;
    if (person && r->answers.n && notice_of(s, 0, r->answers, a, ret, e)) {
        *ret_forged = false;
        return true;
    }
    return false;
}

/* --- what it moves --- */

static bool step(struct ledger *l, const struct of *n, enum notice_step to, int code, struct str detail, int64_t now_us, struct err *e)
{
    return outbox_step(l, n->notice, &(struct step){ .to = to, .attempt = n->attempt, .code = code, .detail = detail, .at_us = now_us }, e);
}

static bool case_fact(struct ledger *l, const struct of *n, enum fact_kind kind, int32_t value, uint64_t subject, struct str reason, int64_t now_us, struct err *e)
{
    const struct ledger_from hand = { 0 };
    struct fact f = { .kind = kind, .value = value, .subject = subject, .observed_us = now_us, .own_us = TIME_NONE, .reason = reason };

    return ledger_fact(l, n->campaign, FACT_OF_CASE, n->case_, &f, &hand, NULL, e);
}

/* What came before in the order of truth stays: a reply is not undone by a late receipt. */
static bool moves(enum notice_step from, enum notice_step to)
{
    static const uint8_t truth[NOTICE_STEPS] = { [NOTICE_ACCEPTED] = 1, [NOTICE_UNKNOWN] = 1, [NOTICE_AUTO_REPLIED] = 2, [NOTICE_DELIVERED] = 3, [NOTICE_BOUNCED_SOFT] = 3, [NOTICE_BOUNCED_HARD] = 4,
                                                 [NOTICE_COMPLAINT] = 4, [NOTICE_ACKNOWLEDGED] = 5, [NOTICE_WRONG_RECIPIENT] = 5, [NOTICE_DECLINED] = 5 };
    if (from == NOTICE_SUPPRESSED || from == NOTICE_CANCELLED || from == NOTICE_PLANNED || from == NOTICE_QUEUED)
        return to == NOTICE_ACKNOWLEDGED || to == NOTICE_DECLINED || to == NOTICE_WRONG_RECIPIENT;
    return truth[to] >= truth[from];
}

/* Sheet, 5.4: 5.1.x and what has no domain are dead for all campaigns; 5.2.x rests; 5.7.x is our own fault first. */
static bool failed(struct ledger *l, const struct of *n, const struct dsn_recipient *x, int64_t now_us, struct arena *a, struct err *e)
{
    const uint16_t *st = x->status;
    bool gone = st[0] == 5 && ((st[1] == 1 && (st[2] == 1 || st[2] == 2 || st[2] == 6 || st[2] == 10)) || (st[1] == 4 && st[2] == 4));
    bool ours = st[0] == 5 && st[1] == 7;
    struct str why = str_fmt(a, "%u.%u.%u %.*s", st[0], st[1], st[2], STR_ARG(str_sub(x->diagnostic, 0, 400)));
    struct handed policy = { .what = HANDED_REFUSED, .code = 550, .answer = STR("5.7."), .at_us = now_us };
    struct notice whole = { 0 };
    struct store_stmt *row;

    if (!step(l, n, ours ? NOTICE_BOUNCED_SOFT : NOTICE_BOUNCED_HARD, st[0] * 100 + 50, why, now_us, e))
        return false;
    if (ours) {
        if (!bind_open(ledger_store(l), "SELECT " NOTICE_COLUMNS " FROM notify_notice n WHERE n.id = ?1", BOUND(B_INT(n->notice)), &row, e))
            return false;
        bool ok = store_step(row, e) == STORE_ROW && notice_read(row, a, &whole, e);
        store_finish(row);
        return ok && outbox_learn(l, &whole, &policy, e);
    }
    return case_fact(l, n, FACT_CONTACT, 0, (uint64_t)n->contact_id, gone ? why : str_fmt(a, "rests: %.*s", STR_ARG(why)), now_us, e);
}

static bool report(struct ledger *l, const struct of *n, const struct inbox_mail *r, int64_t now_us, struct arena *a, struct str *ret_what, struct err *e)
{
    for (size_t i = 0; i < r->rcpt_n; i++) {
        const struct dsn_recipient *x = &r->rcpt[i];
        bool ours = r->rcpt_n == 1 || str_ieq(x->original, n->contact) || str_ieq(x->final, n->contact);

        if (!ours)
            continue;
        if (x->action == DSN_FAILED) {
            *ret_what = STR("failed");
            return !moves(n->state, NOTICE_BOUNCED_HARD) || failed(l, n, x, now_us, a, e);
        }
        if (x->action == DSN_DELIVERED) {
            *ret_what = STR("delivered");
            return !moves(n->state, NOTICE_DELIVERED) || n->state == NOTICE_DELIVERED || step(l, n, NOTICE_DELIVERED, 250, x->remote_mta, now_us, e);
        }
        *ret_what = x->action == DSN_DELAYED ? STR("delayed") : STR("relayed");         /* nothing to do until it failed */
        return true;
    }
    *ret_what = STR("about nobody we wrote to");
    return true;
}

/* The same domain as the contact's, at least: who writes from elsewhere may be anybody who has the number. */
static bool from_there(struct str sender, struct str contact)
{
    size_t a = str_rchr(sender, '@'), b = str_rchr(contact, '@');

    return a != STR_NONE && b != STR_NONE && str_ieq(str_from(sender, a), str_from(contact, b));
}

static bool move(struct ledger *l, const struct of *n, const struct inbox_mail *r, int64_t now_us, struct arena *a, struct str *ret_what, struct err *e)
{
    switch (r->kind) {
    case INBOX_DSN:
        return report(l, n, r, now_us, a, ret_what, e);
    case INBOX_COMPLAINT:
        *ret_what = STR("complained");
        return (!moves(n->state, NOTICE_COMPLAINT) || step(l, n, NOTICE_COMPLAINT, 0, r->feedback_type, now_us, e)) && suppress_add(l, n->contact, STR("all"), STR("complained about a notice"), NULL, e);
    case INBOX_AUTO_REPLY:
    case INBOX_TICKET:
        *ret_what = r->ticket.n ? r->ticket : STR("an automatic answer");
        return !moves(n->state, NOTICE_AUTO_REPLIED) || step(l, n, NOTICE_AUTO_REPLIED, 0, r->ticket, now_us, e);
    case INBOX_BOUNCE_UNPARSED:
        *ret_what = STR("a bounce in words");
        return !moves(n->state, NOTICE_BOUNCED_SOFT) || step(l, n, NOTICE_BOUNCED_SOFT, 0, str_sub(r->subject, 0, 200), now_us, e);
    case INBOX_HUMAN:
        *ret_what = STR("a person answered");
        return (!moves(n->state, NOTICE_ACKNOWLEDGED) || step(l, n, NOTICE_ACKNOWLEDGED, 0, r->sender, now_us, e)) &&
               case_fact(l, n, FACT_REPLY, from_there(r->sender, n->contact) ? 1 : 0, 0, STR_EMPTY, now_us, e);
    default:
        *ret_what = STR("noted");
        return true;
    }
}

static bool keep(struct ledger *l, int64_t id, const uint8_t hash[32], const struct inbox_mail *r, const struct of *n, int64_t now_us, struct err *e)
{
    bool open = r->kind == INBOX_HUMAN || r->kind == INBOX_TICKET || r->kind == INBOX_BOUNCE_UNPARSED || r->report.n;

    return bind_run(ledger_store(l), "INSERT INTO notify_inbox (id, sha256, received_us, kind, notice, case_id, sender, subject, excerpt, ticket, state, who, done_us) "
                                     "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, '', NULL)",
                    BOUND(B_INT(id), B_BYTES(((struct str){ hash, 32 })), B_INT(now_us), B_INT(r->kind), B_INT(n->notice), B_INT(n->case_), B_TEXT(str_sub(r->sender, 0, 300)),
                          B_TEXT(str_sub(r->subject, 0, 500)), B_TEXT(r->excerpt), B_TEXT(r->ticket), B_INT(open)), e);
}

static bool take(struct ledger *l, struct str bytes, int64_t now_us, struct arena *a, struct inbox_done *ret, struct err *e)
{
    struct inbox_mail r;
    struct of         n = { 0 };
    uint8_t           hash[HASH_SHA256_BYTES];
    int64_t           count = 0;
    bool              forged;

    if (!hash_sha256(bytes, hash))
        return err_set(e, ERR_MEMORY, "no SHA-256");
    const struct str part[] = { STR("inbox"), { hash, sizeof hash } };
    int64_t id = ledger_number(part, COUNT_OF(part));
    if (!bind_ask(ledger_store(l), "SELECT count(*) FROM notify_inbox WHERE id = ?1", BOUND(B_INT(id)), &count, 1, e) || !inbox_read(bytes, a, &r, e))
        return false;
    *ret = (struct inbox_done){ .kind = r.kind, .known = count > 0 };
    if (ret->known)
        return true;
    bool found = find(l, &r, a, &n, &forged, e);
    if (!found && e->kind != ERR_NONE)
        return false;
    if (!found)
        r.kind = forged || r.kind == INBOX_DSN || r.kind == INBOX_COMPLAINT || r.kind == INBOX_BOUNCE_UNPARSED ? INBOX_BACKSCATTER : INBOX_FOREIGN;
    ret->kind = r.kind;
    ret->notice = n.notice;
    ret->case_ = n.case_;
    ret->what = found ? STR_EMPTY : forged ? STR("its token is none of ours") : STR("about nothing that we wrote");
    return (!found || move(l, &n, &r, now_us, a, &ret->what, e)) && keep(l, id, hash, &r, &n, now_us, e);
}

bool inbox_take(struct ledger *l, struct str bytes, int64_t now_us, struct arena *a, struct inbox_done *ret, struct err *e)
{
    if (!ledger_begin(l, e))
        return false;
    if (!take(l, bytes, now_us, a, ret, e)) {
        ledger_rollback(l);
        return false;
    }
    return ledger_commit(l, e);
}
