/*
 * hunt_one: the pipeline for one server. Evidence, files, logs, pivot, verdict; each step is a function of the layer that owns it.
 */
#ifndef CLI_HUNT_ONE_H
#define CLI_HUNT_ONE_H

#include "cli/campaign.h"
#include "cli/cli.h"
#include "cli/iocs_load.h"
#include "cli/setup.h"
#include "cli/yara_load.h"

#include "detect/hunt.h"
#include "detect/servers.h"
#include "os/guard.h"
#include "os/term.h"
#include "verdict/verdict.h"

/* What all servers of one run share. */
struct hunt_run {
    struct setup  setup;
    struct pack   pack;
    struct sigma  sigma;
    struct baseline baseline;
    struct yara_loaded yara;
    struct rules_dir rules;              /* what --rules lists */
    size_t        pack_refused_n;        /* of sigma.refused: the pack's */
    struct arena  rules_room;            /* of the user's compiled rules; unmapped at the end */
    struct iocs   iocs;
    struct arena  iocs_room;
    struct guard *guard;                 /* NULL: none */
    const char   *sandbox;
    int64_t       started_us;
    uint64_t      from_us;
};

/* One server; zeroed before. Texts of the report live in c->keep and in `ev`, until hunt_one_close. */
struct hunt_one {
    struct ev            ev;
    struct detected      found;
    struct hunt         *hunt;
    struct term_progress progress;
    struct cli          *cli;
    _Atomic bool         told;               /* somebody at a terminal has read of the first finding */
    struct report        report;
};
bool hunt_one(struct cli *c, const struct hunt_run *run, struct trees *trees, const struct server_group *group, struct hunt_one *ret, struct err *e);
void hunt_one_close(struct hunt_one *w);

#endif
