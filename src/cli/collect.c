/* collect: what to take from a server that a hunt needs, written for the tools people have. */
#include "cli/campaign.h"
#include "cli/verbs.h"

#include "report/collect.h"

enum { FORM, OUT_FILE, FAMILIES, PACK_DIR };

static const struct opt opts[] = {
    { "form", "FORM", "batch, kape, velociraptor or acquire; without it: batch", "batch kape velociraptor acquire" },
    { "out", "FILE", "writes there, not to the terminal", NULL },
    { "families", "LIST", "only these families of evidence, parted by commas; `help families` names them", NULL },
    { "pack", "DIR", "takes the list of evidence from this pack, not from the one inside the program", NULL },
    { NULL, NULL, NULL, NULL },
};

/* Only words of the option's list arrive here. */
static const struct collect_kind *kind_of(struct str name)
{
    for (size_t i = 1; collect_kinds[i]; i++)
        if (str_eq(name, str_c(collect_kinds[i]->name)))
            return collect_kinds[i];
    return collect_kinds[0];
}

static bool families_of(struct str list, uint64_t *ret, struct err *e)
{
    uint64_t   bits = 0;
    struct str name;

    while (str_cut(&list, ',', &name)) {
        uint64_t bit = gather_bit_of(str_trim(name));
        if (!bit) {
            err_set(e, ERR_USAGE, "no family of evidence \"%.*s\"", STR_ARG(name));
            return err_hint(e, "`afterpatch help families` names them");
        }
        bits |= bit;
    }
    *ret = bits;
    return true;
}

struct target { struct os *os; struct os_file f; };

static bool put_file(void *ctx, struct str s, struct err *e)
{
    struct target *to = ctx;

    return to->os->write(to->os, to->f, s, e);
}

/* Whole or not at all: half a batch file would still run. */
static bool write_file(struct cli *c, struct str path, const struct collect_kind *kind, const struct collect *what, struct err *e)
{
    struct target to = { c->os, OS_FILE_NONE };
    struct out *o = NEW(&c->keep, struct out, 1);

    if (!o)
        return err_set(e, ERR_MEMORY, "no room for the output");
    if (!c->os->create(c->os, path, &to.f, e))
        return false;
    out_open(o, put_file, &to);
    bool ok = kind->write(o, what, c->scratch, e) && out_done(o, e) && c->os->commit(c->os, &to.f, e);
    c->os->close(c->os, &to.f);
    return ok || err_where(e, "%.*s", STR_ARG(path));
}

static int run(struct cli *c, const struct verb *v, const struct args *args)
{
    const struct collect_kind *kind = kind_of(args->value[FORM]);
    struct collect what = { 0 };
    struct pack    pack;
    struct sigma   sigma;
    struct err     e = { 0 };

    if (args->operand_n) {
        err_set(&e, ERR_USAGE, "collect takes no operand");
        return cli_fail(c, v->name, &e);
    }
    if (args->given[FAMILIES] && !families_of(args->value[FAMILIES], &what.families, &e))
        return cli_fail(c, v->name, &e);
    if (!campaign_load(c->os, str_c(pack_embedded_ids[0]), args->value[PACK_DIR], &c->keep, &pack, &sigma, &e))
        return cli_fail(c, v->name, &e);
    sigma_close(&sigma);
    what.campaign = pack.id;
    what.version  = pack.version;
    if (!args->given[FAMILIES]) {
        what.families = GATHER_BIT(FAM_NONE);
        for (size_t i = 0; i < pack.expected_n; i++)
            what.families |= gather_bit_of(pack.expected[i]);
    }
    if (args->given[OUT_FILE] ? !write_file(c, args->value[OUT_FILE], kind, &what, &e) : !kind->write(c->out, &what, c->scratch, &e))
        return cli_fail(c, v->name, &e);
    return CLI_DONE;
}

static const struct example examples[] = {
    { "afterpatch collect --out collect.cmd", "A batch file: run it on the server, as administrator" },
    { "afterpatch collect --form velociraptor --out Afterpatch.yaml", "An artifact for Velociraptor" },
    { "afterpatch collect --families httpproxy,iis_back", "Only what a report missed" },
    { NULL, NULL },
};

const struct verb verb_collect = {
    .name = "collect", .about = "writes what to take from a server, for the tools that are there", .usage = "[OPTION]...",
    .text = "The usual profiles of collectors take neither Exchange's HttpProxy logs nor the pages that IIS serves, and a verdict without "
            "them is blind. This writes a list of all that a hunt of the campaign looks for, as a file that a tool runs.\n\n"
            "The batch file needs nothing but Windows (Server 2008 R2 to 2025, no PowerShell). It copies and changes nothing, and what it "
            "makes is a folder that `afterpatch hunt` reads as it is.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
