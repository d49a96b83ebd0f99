/*
 * collect: instructions for the tools that people have, which take from a server what a hunt of this campaign needs.
 *
 * Shape    one table of forms, each drawn from the same list (evidence/gather.h). Pure text: nothing here reads a disk or knows the time.
 * Errors   ERR_MEMORY: the scratch arena is too small (64 KiB is enough). A form that serves none of the families asked for is still whole.
 * Source   each form's file names what its syntax was taken from, and its text says where it was not tried with the tool itself.
 */
#ifndef REPORT_COLLECT_H
#define REPORT_COLLECT_H

#include "emit/out.h"
#include "evidence/gather.h"

struct collect {
    uint64_t   families;         /* GATHER_BIT of each wanted; GATHER_BIT(FAM_NONE): the staging places as well */
    struct str campaign;         /* "proxylogon": the pack's id and version, for the heading */
    struct str version;
};

struct collect_kind {
    const char *name;            /* "batch": a value of --form */
    const char *file;            /* "collect.cmd": what to call it */
    const char *about;           /* one line for help */
    bool (*write)(struct out *o, const struct collect *c, struct arena scratch, struct err *e);
};
extern const struct collect_kind *const collect_kinds[];   /* NULL-ended; the first is the default */
extern const struct collect_kind collect_batch, collect_kape, collect_velociraptor, collect_acquire;

/* The next row that is wanted, from *at on; NULL: none left. */
const struct gather_row *collect_next(const struct collect *c, size_t *at);

/* "Afterpatch 0.1.0, campaign proxylogon (2021.3)": ours and the pack's words, with everything but plain characters replaced by '_'. */
struct str collect_title(const struct collect *c, struct arena *a);

#endif
