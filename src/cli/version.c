/* version: which program, and which campaigns it knows without being given a folder. */
#include "cli/verbs.h"

#include "pack/pack.h"

static int run(struct cli *c, const struct verb *v, const struct args *args)
{
    struct err e = { 0 };

    (void)v;
    if (args->operand_n) {
        err_set(&e, ERR_USAGE, "version takes no operand");
        return cli_fail(c, "version", &e);
    }
    out_c(c->out, "afterpatch " AP_VERSION "\npacks:");
    for (size_t i = 0; pack_embedded_ids[i]; i++) {
        out_c(c->out, " ");
        out_c(c->out, pack_embedded_ids[i]);
    }
    out_c(c->out, "\n");
    return CLI_DONE;
}

const struct verb verb_version = {
    .name = "version", .about = "prints the version and the packs inside the program", .usage = "",
    .text = "The first line is the version, the second one names the embedded packs.", .words = "", .run = run,
};
