/*
 * campaign: a pack and its rules, ready for a hunt.
 *
 * Shape    the embedded pack of this name, or the one in a folder; every rules/NAME.yml of it compiled. Beside it the rules of every embedded pack
 *          of kind `rules` (windows): they belong to no campaign.
 * Errors   as pack_load_*; a rule that cannot be used is in sigma->refused, and no error.
 * Owner    everything lives in the arena but compiled expressions: sigma_close when the rules have done their work.
 */
#ifndef CLI_CAMPAIGN_H
#define CLI_CAMPAIGN_H

#include "detect/sigma.h"
#include "pack/pack.h"

/* dir: empty for the embedded pack `id`. */
bool campaign_load(struct os *os, struct str id, struct str dir, struct arena *keep, struct pack *ret_pack, struct sigma *ret_sigma,
                   struct err *e);

#endif
