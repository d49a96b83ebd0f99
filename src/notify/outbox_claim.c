/* See outbox.h: who takes a notice, what became of it, and what happens when he dies. */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "notify/outbox_inner.h"

/* Between attempts: sheet, 7. */
static const int64_t retry_us[] = { 15 * TIME_MINUTE, TIME_HOUR, 4 * TIME_HOUR, 12 * TIME_HOUR, 24 * TIME_HOUR, 48 * TIME_HOUR };

bool notice_read(struct store_stmt *st, struct arena *a, struct notice *ret, struct err *e)
{
    struct str *text[] = { &ret->contact, &ret->language, &ret->subject, &ret->bucket, &ret->domain };
    struct str  rev, id, token;

    *ret = (struct notice){ .id = store_int(st, 0), .campaign = store_int(st, 1), .case_ = store_int(st, 2), .org = store_int(st, 3), .wave = store_int(st, 4),
                            .contact_id = store_int(st, 5), .inherited_from = store_int(st, 6), .stage = (enum notice_stage)store_int(st, 7),
                            .channel = (enum contact_channel)store_int(st, 8), .audience = (enum notice_audience)store_int(st, 9), .finding = (enum notice_finding)store_int(st, 10),
                            .rev = (uint32_t)store_int(st, 17), .minimal = store_int(st, 18) != 0, .override_ = store_int(st, 19) != 0, .priority = (int32_t)store_int(st, 20),
                            .date_us = store_int(st, 21), .not_before_us = store_int(st, 22), .give_up_us = store_int(st, 23) };
    for (int i = 0; i < (int)COUNT_OF(text); i++) {
        *text[i] = str_dup(a, store_text(st, 11 + i));
        if (!text[i]->p)
            return err_set(e, ERR_MEMORY, "no room for a notice");
    }
    rev = store_bytes(st, 16);
    if (rev.n == sizeof ret->content_rev)
        memcpy(ret->content_rev, rev.p, sizeof ret->content_rev);
    id = str_sub(store_text(st, 24), 0, sizeof ret->message_id - 1);
    if (id.n)
        memcpy(ret->message_id, id.p, id.n);
    token = str_sub(store_text(st, 25), 0, sizeof ret->token - 1);
    if (token.n)
        memcpy(ret->token, token.p, token.n);
    return true;
}

/* --- claims --- */

/* The most urgent one that may go now. Stopped campaigns and buckets that rest hold nobody else up. No bucket rests longer than 1000 s, or is paused for longer than an hour (outbox_rates.c): what is
   further ahead was written by a clock that was wrong. */
#define ALLOWED "n.state = ?1 AND n.channel = ?2 AND NOT EXISTS (SELECT 1 FROM notify_stop x LEFT JOIN case_campaign c ON c.slug = x.scope WHERE x.ended_us IS NULL AND (x.scope = '' OR c.id = n.campaign))"
#define RESTING "SELECT 1 FROM notify_bucket b WHERE (b.kind = 0 OR (b.kind = 1 AND b.name = n.bucket) OR (b.kind = 2 AND b.name = n.domain)) AND " \
                "((b.next_us > ?3 AND b.next_us <= ?3 + 1000000000) OR (b.paused_until_us > ?3 AND b.paused_until_us <= ?3 + 3600000000))"

static bool due(struct store *s, enum contact_channel channel, int64_t now_us, struct arena *a, struct notice *ret, uint32_t *ret_attempt, int64_t *ret_fence, struct err *e)
{
    struct store_stmt *st;

    if (!bind_open(s, "SELECT " NOTICE_COLUMNS ", n.attempt, n.fence FROM notify_notice n WHERE " ALLOWED " AND n.not_before_us <= ?3 AND (n." ON_PAPER " OR NOT EXISTS (" RESTING ")) "
                      "ORDER BY n.priority DESC, n.not_before_us, n.id LIMIT 1", BOUND(B_INT(NOTICE_QUEUED), B_INT(channel), B_INT(now_us)), &st, e))
        return false;
    bool ok = store_step(st, e) == STORE_ROW;
    if (ok) {
        *ret_attempt = (uint32_t)store_int(st, 26);
        *ret_fence = store_int(st, 27);
        ok = notice_read(st, a, ret, e);
    }
    store_finish(st);
    return ok;
}

/* When something will be due: TIME_NONE, nothing waits. */
static bool next_due(struct store *s, enum contact_channel channel, int64_t now_us, int64_t *ret, struct err *e)
{
    int64_t when[2] = { TIME_NONE, TIME_NONE };

    if (!bind_ask(s, "SELECT min(n.not_before_us) FROM notify_notice n WHERE " ALLOWED, BOUND(B_INT(NOTICE_QUEUED), B_INT(channel)), when, 1, e))
        return false;
    if (when[0] != TIME_NONE && when[0] <= now_us && !outbox_on_paper(channel)) {         /* due, but for its buckets: when the first of them that holds one back has rested */
        if (!bind_ask(s, "SELECT min(w.until_us) FROM (SELECT max(CASE WHEN b.next_us > b.paused_until_us THEN b.next_us ELSE b.paused_until_us END) AS until_us FROM notify_notice n "
                         "JOIN notify_bucket b ON (b.kind = 0 OR (b.kind = 1 AND b.name = n.bucket) OR (b.kind = 2 AND b.name = n.domain)) WHERE " ALLOWED " AND n.not_before_us <= ?3 GROUP BY n.id) w",
                      BOUND(B_INT(NOTICE_QUEUED), B_INT(channel), B_INT(now_us)), &when[1], 1, e))
            return false;
        when[0] = when[1] != TIME_NONE && when[1] > now_us ? when[1] : now_us;
    }
    *ret = when[0];
    return true;
}

/* Given up, or suppressed since it was decided: its last step. True: it goes nowhere. */
static bool over(struct ledger *l, const struct notice *n, int64_t now_us, bool *ret, struct err *e)
{
    bool no;

    *ret = false;
    if (!outbox_suppressed(ledger_store(l), n->campaign, n->channel, n->contact, &no, e))
        return false;
    if (!no && now_us <= n->give_up_us)
        return true;
    *ret = true;
    return outbox_step(l, n->id, &(struct step){ .to = no ? NOTICE_SUPPRESSED : NOTICE_REFUSED, .at_us = now_us, .detail = no ? STR("the contact point opted out") : STR("given up: too late for this channel") }, e);
}

bool outbox_claim(struct ledger *l, struct str owner, enum contact_channel channel, const struct outbox_rates *rates, int64_t now_us, struct arena *a, struct claim *ret,
                  struct notice *ret_notice, int64_t *ret_next_us, struct err *e)
{
    struct arena before = *a;
    const struct outbox_rates *pace = rates && rates->all ? rates : &outbox_rates;
    bool         gone = true, got = false;

    if (!ledger_begin(l, e))
        return false;
    while (gone) {
        struct claim  c = { 0 };
        struct notice n;

        *a = before;
        if (!due(ledger_store(l), channel, now_us, a, &n, &c.attempt, &c.fence, e))
            break;
        if (!over(l, &n, now_us, &gone, e))
            break;
        if (gone)
            continue;
        c = (struct claim){ n.id, c.fence + 1, pace->lease_us ? pace->lease_us : OUTBOX_LEASE_US, c.attempt + 1 };
        got = bind_run(ledger_store(l), "UPDATE notify_notice SET owner = ?2, fence = ?3, lease_us = ?4, attempt = ?5, written = 0, dot_us = NULL WHERE id = ?1",
                       BOUND(B_INT(n.id), B_TEXT(owner), B_INT(c.fence), B_INT(now_us + c.lease_us), B_INT(c.attempt)), e) &&
              (outbox_on_paper(channel) || outbox_spend(l, &n, pace, now_us, e)) && outbox_step(l, n.id, &(struct step){ .to = NOTICE_CLAIMED, .attempt = c.attempt, .at_us = now_us }, e);
        if (got) {
            *ret = c;
            *ret_notice = n;
        }
        break;
    }
    bool ok = e->kind == ERR_NONE && (got || next_due(ledger_store(l), channel, now_us, ret_next_us, e));
    if (!ok) {
        ledger_rollback(l);
        return false;
    }
    return ledger_commit(l, e) && got;
}

/* Is the claim still ours? In a transaction. */
static bool ours(struct ledger *l, const struct claim *c, enum notice_step a, enum notice_step b, bool *ret, struct err *e)
{
    int64_t n = 0;

    if (!bind_ask(ledger_store(l), "SELECT count(*) FROM notify_notice WHERE id = ?1 AND fence = ?2 AND (state = ?3 OR state = ?4)", BOUND(B_INT(c->notice), B_INT(c->fence), B_INT(a), B_INT(b)), &n, 1, e))
        return false;
    *ret = n == 1;
    return true;
}

bool outbox_intent(struct ledger *l, const struct claim *c, int64_t now_us, struct err *e)
{
    bool mine = false;

    if (!ledger_begin(l, e))
        return false;
    /* A stop that came after the claim counts, too: nothing is on the wire yet. */
    int64_t stopped = 0;
    bool    ok = ours(l, c, NOTICE_CLAIMED, NOTICE_CLAIMED, &mine, e) &&
              bind_ask(ledger_store(l), "SELECT count(*) FROM notify_notice n WHERE n.id = ?1 AND EXISTS (SELECT 1 FROM notify_stop x LEFT JOIN case_campaign c ON c.slug = x.scope "
                                        "WHERE x.ended_us IS NULL AND (x.scope = '' OR c.id = n.campaign))", BOUND(B_INT(c->notice)), &stopped, 1, e);
    if (ok && mine && stopped) {
        ok = outbox_step(l, c->notice, &(struct step){ .to = NOTICE_QUEUED, .attempt = c->attempt, .at_us = now_us, .detail = STR("stopped before it was handed over") }, e);
        mine = false;
    } else if (ok && mine)
        ok = bind_run(ledger_store(l), "UPDATE notify_notice SET lease_us = ?2 WHERE id = ?1", BOUND(B_INT(c->notice), B_INT(now_us + c->lease_us)), e) &&
             outbox_step(l, c->notice, &(struct step){ .to = NOTICE_HANDING_OVER, .attempt = c->attempt, .at_us = now_us }, e);
    if (!ok) {
        ledger_rollback(l);
        return false;
    }
    return ledger_commit(l, e) && mine;
}

bool outbox_dot(struct ledger *l, const struct claim *c, uint64_t bytes, int64_t now_us, struct err *e)
{
    bool mine = false;

    if (!ledger_begin(l, e))
        return false;
    if (!ours(l, c, NOTICE_HANDING_OVER, NOTICE_HANDING_OVER, &mine, e) ||
        (mine && !bind_run(ledger_store(l), "UPDATE notify_notice SET written = ?2, dot_us = ?3, lease_us = ?4 WHERE id = ?1",
                           BOUND(B_INT(c->notice), B_INT(bytes ? bytes : 1), B_INT(now_us), B_INT(now_us + c->lease_us)), e))) {
        ledger_rollback(l);
        return false;
    }
    return ledger_commit(l, e) && mine;
}

/* --- results --- */

static bool result(struct ledger *l, const struct claim *c, const struct handed *h, struct err *e)
{
    static const enum notice_step to[] = { [HANDED_ACCEPTED] = NOTICE_ACCEPTED, [HANDED_LATER] = NOTICE_QUEUED, [HANDED_REFUSED] = NOTICE_REFUSED, [HANDED_NOT] = NOTICE_QUEUED, [HANDED_UNKNOWN] = NOTICE_UNKNOWN };
    size_t  at = c->attempt && c->attempt <= COUNT_OF(retry_us) ? c->attempt - 1 : COUNT_OF(retry_us) - 1;
    int64_t again = h->retry_us != TIME_NONE ? h->retry_us : retry_us[at];
    bool    last = h->what == HANDED_LATER && c->attempt > COUNT_OF(retry_us);
    struct str answer = str_sub(h->answer, 0, LEDGER_TEXT_MAX);

    return bind_run(ledger_store(l), "UPDATE notify_notice SET code = ?2, answer = ?3, queue_id = ?4, owner = '', lease_us = NULL WHERE id = ?1",
                    BOUND(B_INT(c->notice), B_INT(h->code), B_TEXT(answer), B_TEXT(str_sub(h->queue_id, 0, 64))), e) &&
           (to[h->what] != NOTICE_QUEUED || bind_run(ledger_store(l), "UPDATE notify_notice SET not_before_us = ?2 WHERE id = ?1", BOUND(B_INT(c->notice), B_INT(h->at_us + again)), e)) &&
           outbox_step(l, c->notice, &(struct step){ .to = last ? NOTICE_REFUSED : to[h->what], .attempt = c->attempt, .code = h->code, .at_us = h->at_us, .detail = answer }, e);
}

bool outbox_result(struct ledger *l, const struct claim *c, const struct handed *h, struct err *e)
{
    struct store_stmt *st;
    uint8_t      room[16 << 10];
    struct arena a = { .beg = room, .end = room + sizeof room };
    struct notice n = { 0 };
    bool         mine = false;

    if (!ledger_begin(l, e))
        return false;
    bool ok = ours(l, c, NOTICE_CLAIMED, NOTICE_HANDING_OVER, &mine, e);
    if (ok && mine && bind_open(ledger_store(l), "SELECT " NOTICE_COLUMNS " FROM notify_notice n WHERE n.id = ?1", BOUND(B_INT(c->notice)), &st, e)) {
        ok = store_step(st, e) == STORE_ROW && notice_read(st, &a, &n, e);
        store_finish(st);
        ok = ok && result(l, c, h, e) && outbox_learn(l, &n, h, e);
    }
    if (!ok || e->kind != ERR_NONE) {
        ledger_rollback(l);
        return false;
    }
    return ledger_commit(l, e) && mine;
}

static bool recover(struct ledger *l, int64_t now_us, uint64_t *ret_queued, uint64_t *ret_unknown, struct err *e)
{
    struct store_stmt *st;
    enum store_got     got;

    for (;;) {
        struct { int64_t id; uint32_t attempt; bool out; } some[256];
        size_t n = 0;

        if (!bind_open(ledger_store(l), "SELECT id, state, attempt, written FROM notify_notice WHERE (state = ?1 OR state = ?2) AND lease_us < ?3 AND NOT (written > 0 AND " ON_PAPER ") ORDER BY id LIMIT 256",
                       BOUND(B_INT(NOTICE_CLAIMED), B_INT(NOTICE_HANDING_OVER), B_INT(now_us)), &st, e))
            return false;
        for (; (got = store_step(st, e)) == STORE_ROW; n++) {
            some[n].id = store_int(st, 0);
            some[n].attempt = (uint32_t)store_int(st, 2);
            some[n].out = store_int(st, 1) == NOTICE_HANDING_OVER && store_int(st, 3) > 0;
        }
        store_finish(st);
        if (got == STORE_FAILED || n == 0)
            return got != STORE_FAILED;
        for (size_t i = 0; i < n; i++) {
            bool       out = some[i].out;
            struct str why = out ? STR("the sender died after the end of the message may have been written") : STR("the sender died before the end of the message was written");

            *(out ? ret_unknown : ret_queued) += 1;
            /* The fence moves: a sender that was only slow cannot write its result over this. */
            if (!bind_run(ledger_store(l), "UPDATE notify_notice SET owner = '', lease_us = NULL, fence = fence + 1 WHERE id = ?1", BOUND(B_INT(some[i].id)), e) ||
                !outbox_step(l, some[i].id, &(struct step){ .to = out ? NOTICE_UNKNOWN : NOTICE_QUEUED, .attempt = some[i].attempt, .at_us = now_us, .detail = why }, e))
                return false;
        }
    }
}

bool outbox_recover(struct ledger *l, int64_t now_us, uint64_t *ret_queued, uint64_t *ret_unknown, struct err *e)
{
    *ret_queued = *ret_unknown = 0;
    if (!ledger_begin(l, e))
        return false;
    if (!recover(l, now_us, ret_queued, ret_unknown, e)) {
        ledger_rollback(l);
        return false;
    }
    return ledger_commit(l, e);
}

bool outbox_settle(struct ledger *l, int64_t notice, bool taken, struct str queue_id, struct str why, int64_t now_us, struct err *e)
{
    int64_t v[2] = { 0 };

    if (!bind_ask(ledger_store(l), "SELECT state, attempt FROM notify_notice WHERE id = ?1", BOUND(B_INT(notice)), v, 2, e))
        return e->kind != ERR_NONE ? false : err_set(e, ERR_USAGE, "no notice has the number %lld", (long long)notice);
    if (v[0] != NOTICE_UNKNOWN)
        return err_set(e, ERR_USAGE, "this notice is %s: there is nothing to settle", notice_step_name((enum notice_step)v[0]));
    return bind_run(ledger_store(l), taken ? "UPDATE notify_notice SET queue_id = ?2 WHERE id = ?1" : "UPDATE notify_notice SET queue_id = ?2, not_before_us = ?3 WHERE id = ?1",
                    taken ? (const struct bound[]){ B_INT(notice), B_TEXT(queue_id) } : (const struct bound[]){ B_INT(notice), B_TEXT(queue_id), B_INT(now_us) }, taken ? 2 : 3, e) &&
           outbox_step(l, notice, &(struct step){ .to = taken ? NOTICE_ACCEPTED : NOTICE_QUEUED, .attempt = (uint32_t)v[1], .at_us = now_us, .detail = why }, e);
}

/* --- the stop --- */

bool outbox_stop(struct ledger *l, struct str scope, struct str why, struct err *e)
{
    return bind_run(ledger_store(l), "INSERT INTO notify_stop (scope, at_us, who, why) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                    BOUND(B_TEXT(scope), B_INT(ledger_now(l)), B_TEXT(ledger_who(l)), B_TEXT(why)), e) && ledger_audit(l, "stop", scope, why, e);
}

bool outbox_go(struct ledger *l, struct str scope, struct str why, struct err *e)
{
    int64_t n = 0;

    if (str_trim(why).n == 0 || ledger_who(l).n == 0)
        return err_set(e, ERR_USAGE, "going on needs a name and a reason");
    if (!bind_ask(ledger_store(l), "SELECT count(*) FROM notify_stop WHERE scope = ?1 AND ended_us IS NULL", BOUND(B_TEXT(scope)), &n, 1, e))
        return false;
    if (n == 0)
        return err_set(e, ERR_USAGE, "nothing is stopped%s%.*s", scope.n ? " of " : "", STR_ARG(scope));
    return bind_run(ledger_store(l), "UPDATE notify_stop SET ended_us = ?2 WHERE scope = ?1 AND ended_us IS NULL", BOUND(B_TEXT(scope), B_INT(ledger_now(l))), e) &&
           ledger_audit(l, "go", scope, why, e);
}
