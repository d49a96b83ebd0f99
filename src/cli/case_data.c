#include "cli/case_data.h"

#include "casework/tables.h"
#include "cli/survey.h"

bool case_read(struct case_data *d, struct cli *c, struct str store, struct err *e)
{
    *d = (struct case_data){ .c = c };
    if (!store_open(&d->store, store.n ? store : SURVEY_STORE, STORE_READ, e))
        return e->hint[0] ? false : err_hint(e, "--store says where it lies; `afterpatch case import FILE...` makes one");
    /* One state from beginning to end: an update that ends meanwhile is not half seen. */
    return tables_there(d->store, e) && store_begin(d->store, e);
}

void case_close(struct case_data *d)
{
    if (d->ledger)
        d->ledger_end(d->ledger);
    store_close(d->store);
    *d = (struct case_data){ 0 };
}

bool case_row(struct store_stmt **st, struct err *e)
{
    if (store_step(*st, e) == STORE_ROW)
        return true;
    store_finish(*st);
    *st = NULL;
    return false;
}

struct str case_text(struct case_data *d, struct store_stmt *st, int column)
{
    return str_dup(&d->c->keep, str_sub(store_text(st, column), 0, LEDGER_TEXT_MAX));
}

int64_t case_time(struct store_stmt *st, int column)
{
    return store_null(st, column) ? TIME_NONE : store_int(st, column);
}
