/* See inbox.h: where a message belongs, and what it moves. */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/num.h"
#include "casework/ladder.h"
#include "casework/report_in.h"
#include "casework/suppress.h"
#include "notify/inbox.h"
#include "notify/outbox_inner.h"

_Static_assert((int)INBOX_WHY == (int)REPORT_WHY_TEXT, "inbox.h says it without report_in.h");

struct of { struct notice n; enum notice_step state; uint32_t attempt; };

/* --- whose it is --- */

static bool notice_of(struct store *s, int64_t id, struct str message_id, struct arena *a, struct of *ret, struct err *e)
{
    struct store_stmt *st;

    if (!bind_open(s, "SELECT " NOTICE_COLUMNS ", n.state, n.attempt FROM notify_notice n WHERE n.id = ?1 OR (?2 <> '' AND n.message_id = ?2)", BOUND(B_INT(id), B_TEXT(message_id)), &st, e))
        return false;
    bool ok = store_step(st, e) == STORE_ROW && notice_read(st, a, &ret->n, e);
    if (ok) {
        ret->state   = (enum notice_step)store_int(st, 26);
        ret->attempt = (uint32_t)store_int(st, 27);
    }
    store_finish(st);
    return ok;
}

/* A token that holds is proof enough; a Message-ID is one only for what people write, for anybody who got the notice knows it. *ret_forged: tokens were there, and none held. */
static bool find(struct store *s, const struct inbox_mail *r, struct arena *a, struct of *ret, bool *ret_forged, struct err *e)
{
    int64_t id;

    *ret_forged = false;
    for (size_t i = 0; i < r->token_n; i++) {
        if (outbox_token_check(s, r->token[i], &id, e) && notice_of(s, id, STR_EMPTY, a, ret, e))
            return true;
        if (e->kind != ERR_NONE)
            return false;
    }
    *ret_forged = r->token_n > 0;
    bool person = r->kind == INBOX_HUMAN || r->kind == INBOX_AUTO_REPLY || r->kind == INBOX_TICKET_ROBOT;
    if (person && r->answers.n && notice_of(s, 0, r->answers, a, ret, e)) {
        *ret_forged = false;
        return true;
    }
    return false;
}

/* --- what it moves --- */

/* Recorded whatever came before; the row moves to what is truer. What a person decided stays, and a second word of the same kind says nothing new. */
static bool heard(struct ledger *l, const struct of *x, enum notice_step to, int code, struct str detail, int64_t now_us, struct err *e)
{
    const struct step s = { .to = to, .attempt = x->attempt, .code = code, .detail = detail, .at_us = now_us };
    uint8_t           person = notice_truth(NOTICE_DECLINED);

    if (x->state == to || (notice_truth(to) == person && notice_truth(x->state) == person))
        return true;
    return notice_truth(to) >= notice_truth(x->state) ? outbox_step(l, x->n.id, &s, e) : outbox_tell(l, x->n.id, &s, e);
}

static bool case_fact(struct ledger *l, const struct notice *n, enum fact_kind kind, int32_t value, uint64_t subject, struct str reason, int64_t now_us, struct err *e)
{
    const struct ledger_from hand = { 0 };
    struct fact f = { .kind = kind, .value = value, .subject = subject, .observed_us = now_us, .own_us = TIME_NONE, .reason = str_sub(reason, 0, LEDGER_TEXT_MAX) };

    return ledger_fact(l, n->campaign, FACT_OF_CASE, n->case_, &f, &hand, NULL, e);
}

/* Somebody is there: the same statement of the same source, with a newer proof; never as a person's, which would revive what is dead or dropped. A contact that no row states any more is left alone. */
static bool alive(struct ledger *l, const struct notice *n, int64_t now_us, struct arena scratch, struct err *e)
{
    struct case_contact x = { 0 };
    struct ledger_from  from = { 0 };
    struct store_stmt  *st;

    if (!bind_open(ledger_store(l), "SELECT channel, address, about, about_value, rung, role, name, language, pgp, until_us, source FROM case_contact c WHERE id = ?1 AND NOT EXISTS "
                                    "(SELECT 1 FROM case_contact o WHERE o.address = c.address AND o.channel = c.channel AND o.observed_us > ?2)",
                   BOUND(B_INT(n->contact_id), B_INT(now_us - INBOX_PROOF_US)), &st, e))
        return false;
    bool there = store_step(st, e) == STORE_ROW;
    if (there) {
        x = (struct case_contact){ .channel = (enum contact_channel)store_int(st, 0), .address = str_dup(&scratch, store_text(st, 1)), .about = (enum contact_about)store_int(st, 2),
                                   .about_value = str_dup(&scratch, store_text(st, 3)), .rung = (uint8_t)store_int(st, 4), .role = str_dup(&scratch, store_text(st, 5)),
                                   .name = str_dup(&scratch, store_text(st, 6)), .language = str_dup(&scratch, store_text(st, 7)), .pgp = str_dup(&scratch, store_text(st, 8)),
                                   .observed_us = now_us, .until_us = store_time(st, 9) };
        from.source = store_int(st, 10);
        there = x.address.n && x.about_value.n;
    }
    store_finish(st);
    return e->kind == ERR_NONE && (!there || ledger_contact(l, &x, &from, NULL, e));
}

/* More than one in a hundred of its wave came back for policy. */
#define POLICY "SELECT count(DISTINCT v.notice) FROM notify_event v JOIN notify_notice m ON m.id = v.notice WHERE m.wave = ?1 AND v.step = ?2 AND v.detail LIKE '5.7.%'"
static bool too_many(struct ledger *l, const struct notice *n, bool *ret, struct err *e)
{
    int64_t v[2] = { 0 };

    *ret = false;
    if (n->wave == 0)
        return true;
    if (!bind_ask(ledger_store(l), "SELECT (" POLICY "), (SELECT count(*) FROM notify_notice WHERE wave = ?1 AND channel = ?3)",
                  BOUND(B_INT(n->wave), B_INT(NOTICE_BOUNCED_SOFT), B_INT(CONTACT_EMAIL)), v, 2, e))
        return false;
    *ret = v[0] * 100 > v[1];
    return true;
}

/* Sheet, 5.4: no such user or domain is dead for all campaigns; 5.7.x is our own fault first; the rest rests. */
static bool failed(struct ledger *l, const struct of *x, const struct dsn_recipient *r, int64_t now_us, struct arena *a, struct err *e)
{
    const uint16_t *st = r->status;
    bool gone = st[0] == 5 && ((st[1] == 1 && (st[2] == 1 || st[2] == 2 || st[2] == 6 || st[2] == 10)) || (st[1] == 4 && st[2] == 4));
    bool ours = st[0] == 5 && st[1] == 7, many;
    struct str    why = str_fmt(a, "%u.%u.%u %.*s", st[0], st[1], st[2], STR_ARG(str_sub(r->diagnostic, 0, 400)));
    struct handed policy = { .what = HANDED_REFUSED, .code = 550, .answer = STR("5.7."), .at_us = now_us };

    if (!heard(l, x, ours ? NOTICE_BOUNCED_SOFT : NOTICE_BOUNCED_HARD, 550, why, now_us, e))
        return false;
    if (ours)
        return outbox_learn(l, &x->n, &policy, e) && too_many(l, &x->n, &many, e) && (!many || outbox_rest(l, &x->n, now_us, e));
    return case_fact(l, &x->n, FACT_CONTACT, 0, (uint64_t)x->n.contact_id, gone ? why : str_fmt(a, LADDER_RESTS " %.*s", STR_ARG(why)), now_us, e);
}

/* Of the recipients that are ours (an alias may have made several of one) the best: it failed only where it failed for all of them. */
static const struct dsn_recipient *ours(const struct inbox_mail *r, struct str contact, bool *ret_others)
{
    static const uint8_t good[] = { [DSN_FAILED] = 0, [DSN_DELAYED] = 1, [DSN_RELAYED] = 2, [DSN_EXPANDED] = 2, [DSN_DELIVERED] = 3 };
    const struct dsn_recipient *best = NULL;

    *ret_others = r->rcpt_n > 0;
    for (size_t i = 0; i < r->rcpt_n; i++) {
        const struct dsn_recipient *x = &r->rcpt[i];

        *ret_others &= x->action == DSN_FAILED;
        if ((r->rcpt_n == 1 || str_ieq(x->original, contact) || str_ieq(x->final, contact)) && (!best || good[x->action] > good[best->action]))
            best = x;
    }
    return best;
}

static bool report(struct ledger *l, const struct of *n, const struct inbox_mail *r, int64_t now_us, struct arena *a, struct inbox_done *ret, struct err *e)
{
    bool                        others;
    const struct dsn_recipient *x = ours(r, n->n.contact, &others);

    if (!x && r->cut) {
        ret->what = STR("a report for more recipients than are read");
        ret->open = true;
        return true;
    }
    if (!x) {                                        /* whoever it was passed on to, none of them got it */
        ret->what = others ? STR("failed for others than we wrote to") : STR("about nobody we wrote to");
        ret->open = others;
        return !others || heard(l, n, NOTICE_BOUNCED_SOFT, 0, ret->what, now_us, e);
    }
    switch (x->action) {
    case DSN_FAILED:
        ret->what = STR("failed");
        return failed(l, n, x, now_us, a, e);
    case DSN_DELIVERED:
        ret->what = STR("delivered");
        return heard(l, n, NOTICE_DELIVERED, 250, x->remote_mta, now_us, e) && alive(l, &n->n, now_us, *a, e);
    default:
        ret->what = x->action == DSN_DELAYED ? STR("delayed") : STR("relayed");         /* nothing to do until it failed */
        return true;
    }
}

/* The same domain as the contact's, at least: who writes from elsewhere may be anybody who has the number. */
static bool from_there(struct str sender, struct str contact)
{
    size_t a = str_rchr(sender, '@'), b = str_rchr(contact, '@');

    return a != STR_NONE && b != STR_NONE && str_ieq(str_from(sender, a), str_from(contact, b));
}

/* Of a notice whose mail path may be the intruder's, the answer may be his. A provider's answer is not the victim's. */
static bool answered(struct ledger *l, const struct of *n, const struct inbox_mail *r, int64_t now_us, struct inbox_done *ret, struct err *e)
{
    bool theirs = !n->n.minimal && n->n.audience < AUDIENCE_PROVIDER && from_there(r->sender, n->n.contact);

    ret->open = true;
    ret->what = n->n.minimal ? STR("somebody answered, by a path that may be the intruder's: call back by another") : STR("a person answered");
    return heard(l, n, n->n.minimal ? NOTICE_DELIVERED : NOTICE_ACKNOWLEDGED, 0, r->sender, now_us, e) && case_fact(l, &n->n, FACT_REPLY, theirs ? 1 : 0, 0, STR_EMPTY, now_us, e);
}

static bool complained(struct ledger *l, const struct of *n, const struct inbox_mail *r, int64_t now_us, struct err *e)
{
    uint8_t hash[32];

    return heard(l, n, NOTICE_COMPLAINT, 0, r->feedback_type, now_us, e) &&
           (!suppress_hash(n->n.contact, hash) || suppress_add(l, n->n.contact, STR("all"), STR("complained about a notice"), NULL, e));
}

static bool move(struct ledger *l, const struct of *n, const struct inbox_mail *r, int64_t now_us, struct arena *a, struct inbox_done *ret, struct err *e)
{
    switch (r->kind) {
    case INBOX_DSN:
        return report(l, n, r, now_us, a, ret, e);
    case INBOX_COMPLAINT:
        ret->what = STR("complained");
        return complained(l, n, r, now_us, e);
    case INBOX_AUTO_REPLY:
        ret->what = STR("an automatic answer");
        return heard(l, n, NOTICE_AUTO_REPLIED, 0, STR_EMPTY, now_us, e) && alive(l, &n->n, now_us, *a, e);
    case INBOX_TICKET_ROBOT:
        ret->what = r->ticket;
        return heard(l, n, NOTICE_DELIVERED, 0, r->ticket, now_us, e) && alive(l, &n->n, now_us, *a, e);
    case INBOX_BOUNCE_UNPARSED:
        ret->what = STR("a bounce in words");
        ret->open = true;
        return heard(l, n, NOTICE_BOUNCED_SOFT, 0, str_sub(r->subject, 0, 200), now_us, e);
    case INBOX_HUMAN:
        return answered(l, n, r, now_us, ret, e) && alive(l, &n->n, now_us, *a, e);
    default:
        ret->what = STR("noted");
        return true;
    }
}

static bool keep(struct ledger *l, int64_t id, const uint8_t hash[32], const struct inbox_mail *r, const struct inbox_done *done, int64_t now_us, struct err *e)
{
    return bind_run(ledger_store(l), "INSERT INTO notify_inbox (id, sha256, received_us, kind, notice, case_id, sender, subject, excerpt, ticket, state, who, done_us) "
                                     "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, '', NULL)",
                    BOUND(B_INT(id), B_BYTES(((struct str){ hash, 32 })), B_INT(now_us), B_INT(r->kind), B_INT(done->notice), B_INT(done->case_), B_TEXT(str_sub(r->sender, 0, 300)),
                          B_TEXT(str_sub(r->subject, 0, 500)), B_TEXT(r->excerpt), B_TEXT(r->ticket), B_INT(done->open)), e);
}

/* --- one message --- */

/* "2021-000123" somewhere: who writes so means a case of ours, whatever it proves. */
static bool names_case(struct str s)
{
    for (size_t i = 0; i + 11 <= s.n; i++) {
        size_t k = 0;
        while (k < 11 && (k == 4 ? s.p[i + k] == '-' : ch_digit(s.p[i + k])))
            k++;
        if (k == 11)
            return true;
    }
    return false;
}

struct reading { struct inbox_mail r; struct of of; bool found, forged; int64_t id; uint8_t hash[HASH_SHA256_BYTES]; };

static bool number(struct str bytes, uint8_t hash[HASH_SHA256_BYTES], int64_t *ret, struct err *e)
{
    if (!hash_sha256(bytes, hash))
        return err_set(e, ERR_MEMORY, "no SHA-256");
    const struct str part[] = { STR("inbox"), { hash, HASH_SHA256_BYTES } };
    *ret = ledger_number(part, COUNT_OF(part));
    return true;
}

bool inbox_known(struct store *s, struct str bytes, bool *ret_known, bool *ret_open, struct err *e)
{
    uint8_t hash[HASH_SHA256_BYTES];
    int64_t id = 0, state = 0;

    *ret_known = number(bytes, hash, &id, e) && bind_ask(s, "SELECT state FROM notify_inbox WHERE id = ?1", BOUND(B_INT(id)), &state, 1, e);
    *ret_open = *ret_known && state == 1;
    return e->kind == ERR_NONE;
}

static bool look(struct store *s, struct reading *x, struct arena *a, struct err *e)
{
    x->found = find(s, &x->r, a, &x->of, &x->forged, e);
    if (!x->found && e->kind != ERR_NONE)
        return false;
    if (!x->found)
        x->r.kind = x->forged || x->r.kind == INBOX_DSN || x->r.kind == INBOX_COMPLAINT || x->r.kind == INBOX_BOUNCE_UNPARSED ? INBOX_BACKSCATTER : INBOX_FOREIGN;
    return true;
}

/* In transactions of its own, before the message is taken: who dies between the two reads the message again, and the report is known. */
static bool take_report(struct ledger *l, struct reading *x, struct arena a, struct inbox_done *ret, struct err *e)
{
    struct report_ask    ask = { .campaign = x->of.n.campaign, .case_ = x->of.n.case_, .name = STR("report.json") };
    struct case_source   source = { .name = STR("answers to notices"), .tlp = STR("AMBER") };
    struct ledger_counts n = { 0 };
    struct report_told  *told = NEW(&a, struct report_told, 1);

    ret->has_report = ret->open = true;
    if (!told)
        return err_set(e, ERR_MEMORY, "no room for a report");
    if (!ledger_begin(l, e) || !ledger_source(l, &source, &ask.source, e) || !ledger_commit(l, e)) {
        ledger_rollback(l);
        return false;
    }
    if (report_import(l, &a, &ask, x->r.report, &n, told, e)) {
        memcpy(ret->report_refused, told->refused, sizeof ret->report_refused);
        return true;
    }
    if (e->kind != ERR_MEMORY && e->kind != ERR_LIMIT && e->kind != ERR_FORMAT)
        return false;
    snprintf(ret->report_refused, sizeof ret->report_refused, "%s", e->what);
    *e = (struct err){ 0 };
    return true;
}

static bool take(struct ledger *l, struct reading *x, int64_t now_us, struct arena *a, struct inbox_done *ret, struct err *e)
{
    int64_t count = 0;

    /* Asked again, and whose it is as well: another reader may have come first. */
    if (!bind_ask(ledger_store(l), "SELECT count(*) FROM notify_inbox WHERE id = ?1", BOUND(B_INT(x->id)), &count, 1, e))
        return false;
    if (count) {
        ret->known = true;
        return true;
    }
    if (x->found && !notice_of(ledger_store(l), x->of.n.id, STR_EMPTY, a, &x->of, e))
        return e->kind == ERR_NONE ? err_set(e, ERR_FORMAT, "the notice of a message went away") : false;
    return (!x->found || move(l, &x->of, &x->r, now_us, a, ret, e)) && keep(l, x->id, x->hash, &x->r, ret, now_us, e);
}

bool inbox_take(struct ledger *l, struct str bytes, int64_t now_us, struct arena *a, struct inbox_done *ret, struct err *e)
{
    struct reading x = { .found = false };

    *ret = (struct inbox_done){ 0 };
    if (!number(bytes, x.hash, &x.id, e) || !inbox_known(ledger_store(l), bytes, &ret->known, &ret->open, e) || !inbox_read(bytes, a, &x.r, e))
        return false;
    ret->kind = x.r.kind;
    if (ret->known)
        return true;
    bool person = x.r.kind == INBOX_HUMAN;
    if (!look(ledger_store(l), &x, a, e))
        return false;
    ret->kind = x.r.kind;
    ret->notice = x.of.n.id;
    ret->case_ = x.of.n.case_;
    ret->what = x.found ? STR_EMPTY : x.forged ? STR("its token is none of ours") : STR("about nothing that we wrote");
    if (x.r.report.n && x.found && !take_report(l, &x, *a, ret, e))
        return false;
    if (x.r.report.n && !x.found) {
        ret->open = true;
        ret->what = STR("a report is attached, and nobody knows for which case: save it, and `afterpatch case import` takes it");
    }
    if (!x.found && person && (names_case(x.r.subject) || names_case(x.r.excerpt))) {
        ret->open = true;
        ret->what = STR("a person names a case, and proves nothing");
    }
    if (!ledger_begin(l, e))
        return false;
    if (!take(l, &x, now_us, a, ret, e)) {
        ledger_rollback(l);
        return false;
    }
    return ledger_commit(l, e);
}

/* --- people --- */

static bool closed(struct ledger *l, int64_t id, struct str why, struct err *e)
{
    char    text[48];
    int64_t state = 0;

    if (!bind_ask(ledger_store(l), "SELECT state FROM notify_inbox WHERE id = ?1", BOUND(B_INT(id)), &state, 1, e))
        return e->kind != ERR_NONE ? false : err_set(e, ERR_USAGE, "no message has the number %lld", (long long)id);
    if (state != 1)
        return err_set(e, ERR_USAGE, "nobody has to look at this message any more");
    snprintf(text, sizeof text, "message %lld", (long long)id);
    return bind_run(ledger_store(l), "UPDATE notify_inbox SET state = 2, who = ?2, done_us = ?3 WHERE id = ?1", BOUND(B_INT(id), B_TEXT(ledger_who(l)), B_INT(ledger_now(l))), e) &&
           ledger_audit(l, "message", str_c(text), why, e);
}

static bool decided(struct ledger *l, int64_t notice, enum notice_step what, struct str why, struct err *e)
{
    uint8_t      room[16 << 10];
    struct arena a = { .beg = room, .end = room + sizeof room };
    struct of    x = { 0 };
    char         text[48];

    if (what != NOTICE_ACKNOWLEDGED && what != NOTICE_WRONG_RECIPIENT && what != NOTICE_DECLINED)
        return err_set(e, ERR_USAGE, "a person says acknowledged, wrong-recipient or declined");
    if (!str_trim(why).n)
        return err_set(e, ERR_USAGE, "a person's word needs its reason");
    if (!notice_of(ledger_store(l), notice, STR_EMPTY, &a, &x, e))
        return e->kind != ERR_NONE ? false : err_set(e, ERR_USAGE, "no notice has the number %lld", (long long)notice);
    if (x.state < NOTICE_HANDING_OVER || x.state >= NOTICE_SUPPRESSED)
        return err_set(e, ERR_USAGE, "this notice is %s: nobody can have answered it", notice_step_name(x.state));
    snprintf(text, sizeof text, "notice %lld", (long long)notice);
    int64_t now = ledger_now(l);
    return outbox_step(l, notice, &(struct step){ .to = what, .attempt = x.attempt, .detail = why, .at_us = now }, e) && ledger_audit(l, notice_step_name(what), str_c(text), why, e) &&
           (what != NOTICE_WRONG_RECIPIENT || case_fact(l, &x.n, FACT_CONTACT, 0, (uint64_t)x.n.contact_id, str_fmt(&a, LADDER_WRONG " %.*s", STR_ARG(str_sub(why, 0, 400))), now, e)) &&
           (what != NOTICE_DECLINED || x.n.channel != CONTACT_EMAIL || suppress_add(l, x.n.contact, STR("all"), why, NULL, e));
}

static bool committed(struct ledger *l, bool ok, struct err *e)
{
    if (ok)
        return ledger_commit(l, e);
    ledger_rollback(l);
    return false;
}

bool inbox_close(struct ledger *l, int64_t id, struct str why, struct err *e) { return ledger_begin(l, e) && committed(l, closed(l, id, why, e), e); }
bool inbox_decide(struct ledger *l, int64_t notice, enum notice_step what, struct str why, struct err *e) { return ledger_begin(l, e) && committed(l, decided(l, notice, what, why, e), e); }

/* --- questions --- */

bool inbox_alarms(struct store *s, struct arena *a, struct inbox_alarm *ret, size_t cap, size_t *ret_n, struct err *e)
{
    struct store_stmt *st;
    size_t             n = 0;

    if (!bind_open(s, "SELECT q.wave, q.campaign, q.policy, q.notices, q.last FROM (SELECT m.wave AS wave, m.campaign AS campaign, count(DISTINCT v.notice) AS policy, max(v.detail) AS last, "
                      "(SELECT count(*) FROM notify_notice o WHERE o.wave = m.wave AND o.channel = ?2) AS notices FROM notify_event v JOIN notify_notice m ON m.id = v.notice "
                      "WHERE v.step = ?1 AND v.detail LIKE '5.7.%' AND m.wave <> 0 GROUP BY m.wave, m.campaign) q WHERE q.policy * 100 > q.notices ORDER BY q.wave DESC LIMIT ?3",
                   BOUND(B_INT(NOTICE_BOUNCED_SOFT), B_INT(CONTACT_EMAIL), B_INT(cap)), &st, e))
        return false;
    while (n < cap && store_step(st, e) == STORE_ROW) {
        ret[n] = (struct inbox_alarm){ store_int(st, 0), store_int(st, 1), store_int(st, 2), store_int(st, 3), str_dup(a, str_sub(store_text(st, 4), 0, 200)) };
        n++;
    }
    store_finish(st);
    *ret_n = n;
    return e->kind == ERR_NONE;
}

bool inbox_ticket(struct store *s, int64_t case_, struct str contact, struct arena *a, struct str *ret, struct err *e)
{
    struct store_stmt *st;

    *ret = STR_EMPTY;
    if (!bind_open(s, "SELECT i.ticket FROM notify_inbox i JOIN notify_notice n ON n.id = i.notice WHERE i.case_id = ?1 AND n.contact = ?2 AND i.ticket <> '' ORDER BY i.received_us DESC, i.id DESC LIMIT 1",
                   BOUND(B_INT(case_), B_TEXT(contact)), &st, e))
        return false;
    if (store_step(st, e) == STORE_ROW)
        *ret = str_dup(a, store_text(st, 0));
    store_finish(st);
    return e->kind == ERR_NONE;
}
