/* See paper.h: what became of a letter or a call, in a person's word. */
#include <stdio.h>

#include "base/num.h"
#include "notify/outbox_inner.h"
#include "notify/paper.h"

/* Sheet, 5.3 and 8.5. `reply`: the identity level of who answered (casework/state.h), -1: nobody did. The number was taken from an independent source. */
static const struct outcome { const char *name; enum contact_channel channel; enum notice_step to; bool dead; int8_t reply; } outcome[PAPER_OUTCOMES] = {
    [PAPER_POSTED]            = { "posted",            CONTACT_POST,  NOTICE_ACCEPTED,     false, -1 },
    [PAPER_RETURNED]          = { "returned",          CONTACT_POST,  NOTICE_BOUNCED_HARD, true,  -1 },
    [PAPER_ACKNOWLEDGED]      = { "acknowledged",      CONTACT_POST,  NOTICE_ACKNOWLEDGED, false, 0 },
    [PAPER_REACHED_TECHNICAL] = { "reached-technical", CONTACT_PHONE, NOTICE_ACKNOWLEDGED, false, 1 },
    [PAPER_REACHED_OTHER]     = { "reached-other",     CONTACT_PHONE, NOTICE_DELIVERED,    false, -1 },
    [PAPER_VOICEMAIL]         = { "voicemail",         CONTACT_PHONE, NOTICE_ACCEPTED,     false, -1 },
    [PAPER_NO_ANSWER]         = { "no-answer",         CONTACT_PHONE, NOTICE_QUEUED,       false, -1 },
    [PAPER_WRONG_NUMBER]      = { "wrong-number",      CONTACT_PHONE, NOTICE_BOUNCED_HARD, true,  -1 },
    [PAPER_REFUSED]           = { "refused",           CONTACT_PHONE, NOTICE_DECLINED,     false, -1 },
};
/* Between two calls that nobody answered. */
static const int64_t again_us[PAPER_CALLS] = { 2 * TIME_HOUR, 4 * TIME_HOUR, 20 * TIME_HOUR, 0 };
#define CODE(o) ((int)(o) + 1)               /* in notify_event and notify_notice: 0 is none */

const char *paper_outcome_name(enum paper_outcome o) { return (unsigned)o < PAPER_OUTCOMES ? outcome[o].name : "unknown"; }

bool paper_outcome_find(struct str word, enum paper_outcome *ret)
{
    for (int i = 0; i < PAPER_OUTCOMES; i++)
        if (str_ieq_c(word, outcome[i].name)) {
            *ret = (enum paper_outcome)i;
            return true;
        }
    return false;
}

struct of { int64_t id, state, attempt, written, channel, case_, campaign, contact, date; };

static bool row(struct store *s, int64_t notice, struct of *ret, struct err *e)
{
    int64_t v[8];

    if (!bind_ask(s, "SELECT state, attempt, written, channel, case_id, campaign, contact_id, date_us FROM notify_notice WHERE id = ?1", BOUND(B_INT(notice)), v, 8, e))
        return e->kind != ERR_NONE ? false : err_set(e, ERR_USAGE, "no notice has the number %lld", (long long)notice);
    *ret = (struct of){ notice, v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7] };
    return true;
}

/* A letter can come back, and a call be returned, after it was noted; what was noted once is not noted again. */
static bool fits(const struct of *n, enum paper_outcome what, struct err *e)
{
    enum notice_step s = (enum notice_step)n->state;
    bool desk = s == NOTICE_HANDING_OVER && n->written > 0, out = s == NOTICE_ACCEPTED || s == NOTICE_DELIVERED;

    if (!outbox_on_paper((enum contact_channel)n->channel))
        return err_set(e, ERR_USAGE, "notice %lld is neither a letter nor a call", (long long)n->id);
    if ((int64_t)outcome[what].channel != n->channel) {
        err_set(e, ERR_USAGE, "\"%s\" is nothing that happens to a %s", outcome[what].name, n->channel == CONTACT_POST ? "letter" : "call");
        return err_hint(e, n->channel == CONTACT_POST ? "posted, returned or acknowledged" : "reached-technical, reached-other, voicemail, no-answer, wrong-number or refused");
    }
    if (desk || (out && outcome[what].to != NOTICE_QUEUED && outcome[what].to != s && !(s == NOTICE_DELIVERED && outcome[what].to == NOTICE_ACCEPTED)))
        return true;
    err_set(e, ERR_USAGE, "notice %lld is %s%s: \"%s\" does not fit", (long long)n->id, notice_step_name(s), s == NOTICE_HANDING_OVER ? " and not written yet" : "", outcome[what].name);
    return err_hint(e, "its history: afterpatch notify show %lld", (long long)n->id);
}

static bool case_fact(struct ledger *l, const struct of *n, enum fact_kind kind, int32_t value, int64_t subject, struct str why, int64_t at_us, struct err *e)
{
    const struct ledger_from hand = { 0 };
    struct fact f = { .kind = kind, .value = value, .subject = (uint64_t)subject, .observed_us = at_us, .own_us = TIME_NONE, .reason = str_sub(why, 0, LEDGER_TEXT_MAX) };

    return ledger_fact(l, n->campaign, FACT_OF_CASE, n->case_, &f, &hand, NULL, e);
}

/* Nobody answered: the next call waits, until there were enough of them. */
static bool unanswered(struct ledger *l, const struct of *n, struct step *x, struct err *e)
{
    int64_t calls = 0;

    if (!bind_ask(ledger_store(l), "SELECT count(*) FROM notify_event WHERE notice = ?1 AND code = ?2", BOUND(B_INT(n->id), B_INT(CODE(PAPER_NO_ANSWER))), &calls, 1, e))
        return false;
    if (calls + 1 >= PAPER_CALLS) {
        x->to = NOTICE_REFUSED;
        return true;
    }
    x->attempt++;                            /* in the case's history it is the next attempt that waits */
    return bind_run(ledger_store(l), "UPDATE notify_notice SET not_before_us = ?2 WHERE id = ?1", BOUND(B_INT(n->id), B_INT(x->at_us + again_us[calls])), e);
}

static bool settle(struct ledger *l, int64_t notice, enum paper_outcome what, struct str detail, int64_t at_us, struct err *e)
{
    const struct outcome *o = &outcome[what];
    struct of   n = { 0 };
    char        about[48], text[LEDGER_TEXT_MAX];
    int64_t     now = ledger_now(l);
    struct str  word = str_trim(detail);

    if (!row(ledger_store(l), notice, &n, e) || !fits(&n, what, e))
        return false;
    if (at_us == TIME_NONE)
        at_us = now;
    if (at_us > now || at_us < n.date) {
        err_set(e, ERR_USAGE, at_us > now ? "the time given is in the future" : "the time given is before notice %lld was decided", (long long)notice);
        return err_hint(e, "times are UTC: 2021-03-09T14:30Z");
    }
    int k = snprintf(text, sizeof text, word.n ? "%s: %.*s" : "%s", o->name, STR_ARG(str_sub(word, 0, LEDGER_TEXT_MAX - 64)));
    struct str  said = { (const uint8_t *)text, (size_t)k };
    struct step x = { .to = o->to, .attempt = (uint32_t)n.attempt, .code = CODE(what), .detail = said, .at_us = at_us };
    snprintf(about, sizeof about, "notice %lld", (long long)notice);

    return (what != PAPER_NO_ANSWER || unanswered(l, &n, &x, e)) &&
           bind_run(ledger_store(l), "UPDATE notify_notice SET code = ?2, answer = ?3, owner = '', lease_us = NULL, fence = fence + 1 WHERE id = ?1", BOUND(B_INT(notice), B_INT(x.code), B_TEXT(said)), e) &&
           (what != PAPER_POSTED || bind_run(ledger_store(l), "UPDATE notify_notice SET queue_id = ?2 WHERE id = ?1", BOUND(B_INT(notice), B_TEXT(str_sub(word, 0, 64))), e)) &&
           outbox_step(l, notice, &x, e) && (!o->dead || case_fact(l, &n, FACT_CONTACT, 0, n.contact, said, at_us, e)) &&
           (o->reply < 0 || case_fact(l, &n, FACT_REPLY, o->reply, 0, STR_EMPTY, at_us, e)) && ledger_audit(l, "settle", str_c(about), said, e);
}

bool paper_settle(struct ledger *l, int64_t notice, enum paper_outcome what, struct str detail, int64_t at_us, struct err *e)
{
    if ((unsigned)what >= PAPER_OUTCOMES)
        return err_set(e, ERR_USAGE, "there is no such outcome");
    if (ledger_who(l).n == 0)
        return err_set(e, ERR_USAGE, "what became of a letter or call needs the name of who says so");
    if (!ledger_begin(l, e))
        return false;
    if (!settle(l, notice, what, detail, at_us, e)) {
        ledger_rollback(l);
        return false;
    }
    return ledger_commit(l, e);
}

bool paper_under_way(struct store *s, int64_t now_us, struct arena *a, struct paper_row **ret, size_t *ret_n, struct err *e)
{
    struct store_stmt *st;
    struct paper_row  *list = NULL;
    size_t             n = 0, cap = 0;
    enum store_got     got;

    if (!bind_open(s, "SELECT n.id, n.case_id, n.channel, p.at_us, n.lease_us, p.folder, p.name FROM notify_paper p JOIN notify_notice n ON n.id = p.notice "
                      "WHERE n.state = ?1 AND n.written > 0 ORDER BY p.at_us, n.id", BOUND(B_INT(NOTICE_HANDING_OVER)), &st, e))
        return false;
    while ((got = store_step(st, e)) == STORE_ROW) {
        struct paper_row *x = GROW(a, list, n, &cap);
        if (x)
            *x = (struct paper_row){ store_int(st, 0), store_int(st, 1), store_int(st, 3), (enum contact_channel)store_int(st, 2), str_dup(a, store_text(st, 5)), str_dup(a, store_text(st, 6)),
                                     !store_null(st, 4) && store_int(st, 4) < now_us };
        if (!x || !x->folder.p || !x->name.p) {
            err_set(e, ERR_MEMORY, "no room for what the desk has after %zu rows", n);
            got = STORE_FAILED;
            break;
        }
        list = x - n;
        n++;
    }
    store_finish(st);
    *ret = list;
    *ret_n = n;
    return got == STORE_DONE;
}
