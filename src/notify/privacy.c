#include "notify/privacy.h"

#include "base/num.h"
#include "store/bind.h"

#include <stdio.h>

/* Rows that a WHERE meets, then what becomes of them; set NULL: they go. */
struct act { const char *table, *set, *where; };

static bool act(struct store *s, const struct act *x, const struct bound *v, size_t n, uint64_t *rows, struct err *e)
{
    char    sql[1200];
    int64_t met;

    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE %s", x->table, x->where);
    if (!bind_ask(s, sql, v, n, &met, 1, e))
        return false;
    if (!met)
        return true;
    *rows += (uint64_t)met;
    if (x->set)
        snprintf(sql, sizeof sql, "UPDATE %s SET %s WHERE %s", x->table, x->set, x->where);
    else
        snprintf(sql, sizeof sql, "DELETE FROM %s WHERE %s", x->table, x->where);
    return bind_run(s, sql, v, n, e);
}

#define CASES "(SELECT id FROM case_case WHERE org = ?1)"
#define OURS  "(SELECT id FROM notify_notice WHERE case_id IN " CASES ")"
#define TELLS "(SELECT notice FROM notify_also WHERE case_id IN " CASES ")"

static bool erase(struct ledger *l, int64_t org, uint64_t *rows, struct err *e)
{
    /* What waits is cancelled first: afterwards nobody could tell whom it would go to. */
    static const struct act waits = { "notify_notice", "state = ?2, fence = fence + 1, owner = '', lease_us = NULL", "state <= ?3 AND state <> ?2 AND (case_id IN " CASES " OR id IN " TELLS ")" };
    static const struct act acts[] = {
        { "notify_bytes", "bytes = sha256", "notice IN " OURS " OR notice IN " TELLS },
        { "notify_event", "detail = ''", "notice IN " OURS },
        { "notify_notice", "contact = 'erased:' || CAST(id AS TEXT), subject = '', bucket = '', domain = '', answer = '', queue_id = ''", "case_id IN " CASES },
        { "notify_inbox", "sender = '', subject = '', excerpt = '', ticket = ''", "case_id IN " CASES },
    };
    struct store *s = ledger_store(l);

    if (!act(s, &waits, BOUND(B_INT(org), B_INT(NOTICE_CANCELLED), B_INT(NOTICE_CLAIMED)), rows, e))
        return false;
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        if (!act(s, &acts[i], BOUND(B_INT(org)), rows, e))
            return false;
    return act(s, &(struct act){ "notify_lookup", NULL, "?1 <> 0" }, BOUND(B_INT(org)), rows, e);
}

#define HELD "(SELECT c.id FROM case_case c JOIN case_hold h ON h.org = c.org AND h.ended_us IS NULL)"

static bool retain(struct ledger *l, uint64_t *rows, struct err *e)
{
    struct store *s = ledger_store(l);
    int64_t       now = ledger_now(l);

    return act(s, &(struct act){ "notify_bytes", "bytes = sha256", "kept_until_us < ?1 AND bytes <> sha256 AND notice NOT IN (SELECT id FROM notify_notice WHERE state <= ?2 OR case_id IN " HELD ")" },
               BOUND(B_INT(now), B_INT(NOTICE_UNKNOWN)), rows, e) &&
           act(s, &(struct act){ "notify_inbox", "sender = '', subject = '', excerpt = ''", "received_us < ?1 AND (sender <> '' OR subject <> '' OR excerpt <> '') AND case_id NOT IN " HELD },
               BOUND(B_INT(now - NOTIFY_MAIL_DAYS * TIME_DAY)), rows, e) &&
           act(s, &(struct act){ "notify_lookup", NULL, "until_us < ?1" }, BOUND(B_INT(now - NOTIFY_LOOKUP_DAYS * TIME_DAY)), rows, e);
}

const struct privacy_also notify_privacy = { erase, retain };
