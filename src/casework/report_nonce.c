/* See report_nonce.h. */
#include "casework/report_nonce.h"

#include "casework/report_proof.h"
#include "casework/same.h"
#include "formats/idna.h"

/* The first column of the first row; -1: there is none. text empty: the statement takes one number. */
static bool one(struct store *s, const char *sql, int64_t number, struct str text, int64_t *ret, struct err *e)
{
    struct store_stmt *st;

    if (!store_prepare(s, sql, &st, e))
        return false;
    store_bind_int(st, 1, number);
    if (text.n)
        store_bind_text(st, 2, text);
    enum store_got got = store_step(st, e);
    *ret = got == STORE_ROW ? store_int(st, 0) : -1;
    store_finish(st);
    return got != STORE_FAILED;
}

static bool is_another_s(struct store *s, const struct hunt_report *r, int64_t case_, struct arena scratch, bool *ret, struct err *e)
{
    static const char *const sql[2] = {
        "SELECT count(*) FROM case_server_name n JOIN case_member m ON m.asset = n.asset WHERE m.org = ?1 AND n.name = ?2",
        "SELECT count(*) FROM case_server_name n JOIN case_member m ON m.asset = n.asset WHERE m.org <> ?1 AND m.org <> 0 AND n.name = ?2 "
        "AND NOT EXISTS (SELECT 1 FROM case_server s WHERE s.asset = n.asset AND s.shared <> 0)",
    };
    int64_t org;
    bool    is[2] = { false, false };          /* the case's own; another's */

    *ret = false;
    if (!one(s, "SELECT org FROM case_case WHERE id = ?1", case_, STR_EMPTY, &org, e))
        return false;
    for (uint32_t i = 0; org != -1 && i < r->server.fqdns.n && i < LEDGER_NAMES_MAX; i++) {
        struct arena a = scratch;
        struct str   name;
        if (!idna_domain(r->server.fqdns.item[i], &a, &name) || !same_name_tells(name))
            continue;
        for (int k = 0; k < 2; k++) {
            int64_t n;
            if (!one(s, sql[k], org, name, &n, e))
                return false;
            is[k] |= n > 0;
        }
    }
    *ret = is[1] && !is[0];
    return true;
}

bool report_nonce(struct store *s, const struct hunt_report *r, int64_t handed, int64_t now_us, struct arena scratch, int64_t *ret_case, const char **ret_why, struct err *e)
{
    int64_t case_ = handed, says = 0;
    bool    ok, then, another;

    *ret_case = 0;
    *ret_why  = "";
    if (!r->nonce.n)
        *ret_why = "it carries no nonce: it may be another server's, or an old one";
    else if (r->case_id.n && !case_name_parse(r->case_id, &says))
        *ret_why = "what it names is no number of a case";
    else if (handed && says && handed != says)
        *ret_why = "it speaks of another case than the one for which it was handed in";
    else if (!(case_ = handed ? handed : says))
        *ret_why = "it carries a nonce, but names no case";
    if ((*ret_why)[0])
        return true;

    /* A nonce cannot be older than itself; clocks differ. */
    int64_t ran = r->started_us == TIME_NONE ? now_us : r->started_us + REPORT_CLOCK_US;
    if (!ledger_nonce_check(s, case_, r->nonce, now_us, &ok, e) || !ledger_nonce_check(s, case_, r->nonce, ran < now_us ? ran : now_us, &then, e))
        return false;
    if (!ok)
        *ret_why = "its nonce is not one that this case has now";
    else if (!then)
        *ret_why = "it says that it ran before its nonce was given out";
    else if (!is_another_s(s, r, case_, scratch, &another, e))
        return false;
    else if (another)
        *ret_why = "its nonce is of a case of one organisation, and its server is known as another's";
    else
        *ret_case = case_;
    return true;
}
