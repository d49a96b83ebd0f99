#include "cli/campaign.h"

static bool rules_add(struct sigma *s, const struct pack *p, struct str id, struct arena *keep, struct err *e)
{
    size_t from = s->rule_n;

    for (size_t i = 0; i < p->file_n; i++) {
        const struct pack_file *f = &p->file[i];
        if (str_starts(f->name, STR("rules/")) && str_ends(f->name, STR(".yml")) && !sigma_add(s, keep, f->name, f->text, true, e))
            return err_where(e, "%.*s", STR_ARG(f->name));
    }
    for (size_t i = from; i < s->rule_n; i++)
        s->rule[i].pack = id;
    return true;
}

/* The embedded packs that are rules and no campaign. */
static bool common_add(struct pack *to, struct sigma *s, struct arena *keep, struct err *e)
{
    for (size_t i = 0; pack_embedded_ids[i]; i++) {
        struct str   id = str_c(pack_embedded_ids[i]);
        struct pack *p;
        struct arena before = *keep;

        if (str_eq(id, to->id))
            continue;
        p = NEW(keep, struct pack, 1);
        if (!p)
            return err_set(e, ERR_MEMORY, "no room for the pack");
        if (!pack_load_embedded(p, keep, id, e))
            return false;
        if (!p->rules_only || to->with_n == PACK_WITH_MAX) {
            *keep = before;                              /* another campaign */
            continue;
        }
        to->with[to->with_n++] = p;
        if (!rules_add(s, p, p->id, keep, e))
            return false;
    }
    return true;
}

bool campaign_load(struct os *os, struct str id, struct str dir, struct arena *keep, struct pack *ret_pack, struct sigma *ret_sigma,
                   struct err *e)
{
    struct pack  pack = { 0 };
    struct sigma sigma = { 0 };

    if (!(dir.n ? pack_load_dir(&pack, keep, os, dir, e) : pack_load_embedded(&pack, keep, id, e)))
        return false;
    bool campaign = !pack.rules_only && !pack.survey_only;
    if (!campaign && dir.n) {
        err_set(e, ERR_FORMAT, "the pack %.*s is %s, a campaign is wanted here", STR_ARG(str_sub(pack.id, 0, 40)),
                pack.rules_only ? "rules that every hunt takes" : "builds that all campaigns share");
        return err_hint(e, pack.rules_only ? "give its rules/ to afterpatch hunt --rules" : "give its builds.csv to afterpatch survey --builds");
    }
    if (!rules_add(&sigma, &pack, STR_EMPTY, keep, e) || (campaign && !common_add(&pack, &sigma, keep, e))) {
        sigma_close(&sigma);
        return false;
    }
    *ret_pack = pack;
    *ret_sigma = sigma;
    return true;
}
