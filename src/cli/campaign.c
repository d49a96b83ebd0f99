#include "cli/campaign.h"

bool campaign_load(struct os *os, struct str id, struct str dir, struct arena *keep, struct pack *ret_pack, struct sigma *ret_sigma,
                   struct err *e)
{
    struct pack  pack = { 0 };
    struct sigma sigma = { 0 };

    if (!(dir.n ? pack_load_dir(&pack, keep, os, dir, e) : pack_load_embedded(&pack, keep, id, e)))
        return false;
    for (size_t i = 0; i < pack.file_n; i++) {
        const struct pack_file *f = &pack.file[i];

        if (str_starts(f->name, STR("rules/")) && str_ends(f->name, STR(".yml")) && !sigma_add(&sigma, keep, f->name, f->text, true, e)) {
            sigma_close(&sigma);
            return err_where(e, "%.*s", STR_ARG(f->name));
        }
    }
    *ret_pack = pack;
    *ret_sigma = sigma;
    return true;
}
