#include "cli/case_pack.h"

#include "pack/pack.h"

#define OWN_CAMPAIGN STR("proxylogon")

bool case_pack_read(struct cli *c, struct str slug, struct case_campaign *ret, bool *ret_there, struct err *e)
{
    struct arena scratch = c->scratch;
    struct pack  p;
    bool         there = false;

    for (size_t i = 0; pack_embedded_ids[i]; i++)
        there |= str_eq(slug, str_c(pack_embedded_ids[i]));
    if (there && !pack_load_embedded(&p, &scratch, slug, e))
        return false;
    *ret_there = there && !p.rules_only && !p.survey_only;
    if (!*ret_there)
        return true;
    *ret = (struct case_campaign){ 0, str_dup(&c->keep, p.id), str_dup(&c->keep, p.title), str_dup(&c->keep, p.fix_token), p.exploited_from_us, p.disclosed_us, p.patched_us, p.public_code_us };
    return (ret->slug.p && ret->title.p) || err_set(e, ERR_MEMORY, "no room for a campaign");
}

bool case_pack_add(struct case_data *d, struct str slug, struct case_campaign *ret, struct err *e)
{
    struct case_campaign c;
    bool                 there;

    if (!case_pack_read(d->c, slug, &c, &there, e))
        return false;
    if (!there) {
        err_set(e, ERR_USAGE, "no campaign \"%.*s\" is in the store, and none comes with this program", STR_ARG(str_sub(slug, 0, 60)));
        return err_hint(e, "afterpatch case campaign adds one; the program's own is %.*s", STR_ARG(OWN_CAMPAIGN));
    }
    bool ok = ledger_begin(d->ledger, e) && ledger_campaign(d->ledger, &c, &c.id, e) && ledger_audit(d->ledger, "campaign", c.slug, c.title, e) && ledger_commit(d->ledger, e);
    if (ok)
        *ret = c;
    else
        ledger_rollback(d->ledger);
    return ok;
}

bool case_pack_need(struct case_data *d, struct str slug, struct case_campaign *ret, struct err *e)
{
    if (ledger_campaign_find(d->store, slug, &d->c->keep, ret, e))
        return true;
    return e->kind == ERR_NONE && case_pack_add(d, slug.n ? slug : OWN_CAMPAIGN, ret, e);
}
