#include "cli/notify_data.h"

#include "casework/tables.h"
#include "notify/tables.h"

static bool there(struct case_data *d, struct err *e)
{
    struct err also = { 0 };
    int64_t    n;

    if (store_one_int(d->store, "SELECT count(*) FROM notify_instance", &n, &also))
        return true;
    err_set(e, ERR_FORMAT, "this store holds no notices");
    return err_hint(e, "afterpatch notify plan makes the first ones");
}

bool notify_read(struct case_data *d, struct cli *c, struct str store, struct err *e) { return case_read(d, c, store, e) && there(d, e); }
bool notify_share(struct case_data *d, struct cli *c, struct str store, struct str who, struct err *e) { return case_share(d, c, store, who, e) && there(d, e); }

bool notify_write(struct case_data *d, struct cli *c, struct str store, struct str who, struct err *e)
{
    return case_write(d, c, store, who, e) && tables_there(d->store, e) && store_migrate(d->store, &notify_layer, e);
}

bool notify_settings(struct case_data *d, struct str path, struct settings *ret, struct err *e)
{
    return settings_load(d->c->os, path.n ? path : STR("notify.yaml"), &d->c->keep, ret, e) && settings_bind(d->ledger, ret, e);
}
