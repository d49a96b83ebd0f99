/*
 * baseline_list: what goes into a baseline, from an opened tree whose files were hunted.
 *
 * Shape    files_baseline_place says where a file belongs, baseline_kind_of whether it is listed. Rows in order of path.
 * Errors   ERR_FORMAT: no install folder, no build, two builds. ERR_IO: a part of the install folder cannot be read.
 * Owner    lists live in c->keep; paths point into the evidence.
 */
#ifndef CLI_BASELINE_LIST_H
#define CLI_BASELINE_LIST_H

#include "cli/cli.h"
#include "detect/hunt.h"
#include "pack/baseline.h"

struct baseline_entry { struct ev_node *node; enum baseline_root root; enum baseline_kind kind; struct str rest; };

struct baseline_work {
    struct str      out, build, build_from, date, product, tree;
    uint16_t        v[4];
    uint32_t        jobs;
    struct pack     pack;
    struct sigma    sigma;
    struct ev       ev;
    struct detected found;
    struct hunt    *hunt;
    struct trees   *trees;
    struct baseline_entry   *entry;  size_t entry_n, entry_cap;
    struct str     *folder; size_t folder_n, folder_cap;
    size_t          rows[BASELINE_ROOTS];
    bool            media;
};

bool baseline_list_make(struct cli *c, struct baseline_work *w, struct err *e);
/* pack.yaml and clean/NAME.csv in w->out. All are written before the first gets its name. */
bool baseline_list_write(struct cli *c, const struct baseline_work *w, struct err *e);

#endif
