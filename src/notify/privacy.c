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
    static const struct act files = { "notify_file", "gone_us = ?2", "coalesce(gone_us, ?2) = ?2 AND (notice IN " OURS " OR notice IN " TELLS ")" };
    struct store *s = ledger_store(l);

    if (!act(s, &waits, BOUND(B_INT(org), B_INT(NOTICE_CANCELLED), B_INT(NOTICE_CLAIMED)), rows, e) || !act(s, &files, BOUND(B_INT(org), B_INT(ledger_now(l))), rows, e))
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

bool notify_privacy_elsewhere(struct store *s, int64_t org, struct privacy_elsewhere *ret, struct err *e)
{
    static const char sql[] = "SELECT coalesce(sum(CASE WHEN channel = 0 THEN 1 ELSE 0 END), 0), coalesce(sum(CASE WHEN channel = 1 THEN 1 ELSE 0 END), 0), coalesce(sum(CASE WHEN channel = 2 THEN 1 ELSE 0 END), 0)"
                              " FROM notify_notice n WHERE (n.case_id IN " CASES " OR n.id IN " TELLS ") AND EXISTS (SELECT 1 FROM notify_event v WHERE v.notice = n.id AND v.step BETWEEN ?2 AND ?3 AND v.step <> ?4)";
    int64_t out[3], in;

    if (!bind_ask(s, sql, BOUND(B_INT(org), B_INT(NOTICE_HANDING_OVER), B_INT(NOTICE_DECLINED), B_INT(NOTICE_REFUSED)), out, 3, e) ||
        !bind_ask(s, "SELECT count(*) FROM notify_inbox WHERE case_id IN " CASES, BOUND(B_INT(org)), &in, 1, e))
        return false;
    *ret = (struct privacy_elsewhere){ (uint64_t)out[CONTACT_EMAIL], (uint64_t)out[CONTACT_POST], (uint64_t)out[CONTACT_PHONE], (uint64_t)in };
    return true;
}
