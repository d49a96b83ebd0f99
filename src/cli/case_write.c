/* Opening the ledger for the verbs that record what a person does. See case_data.h. */
#include "cli/case_data.h"

#include "cli/survey.h"

#include <stdlib.h>

enum { WHO_MAX = 120 };

static bool who_is(struct str given, struct str *ret, struct err *e)
{
    struct str who = str_trim(given);

    if (!who.n)
        who = str_trim(str_c(getenv("USER")));
    if (!who.n)
        who = str_trim(str_c(getenv("LOGNAME")));
    if (!who.n) {
        err_set(e, ERR_USAGE, "nobody is known to do this");
        return err_hint(e, "--who NAME: the audit names a person for each decision");
    }
    if (who.n > WHO_MAX)
        return err_set(e, ERR_USAGE, "a name of %zu bytes, at most %d", who.n, WHO_MAX);
    *ret = who;
    return true;
}

bool case_write(struct case_data *d, struct cli *c, struct str store, struct str who, struct err *e)
{
    *d = (struct case_data){ .c = c, .ledger_end = ledger_close };
    return who_is(who, &d->who, e) && store_open(&d->store, store.n ? store : SURVEY_STORE, STORE_WRITE, e) && ledger_open(&d->ledger, d->store, c->os, d->who, e);
}
