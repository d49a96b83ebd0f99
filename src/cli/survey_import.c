/*
 * survey import: other people's scans, mail headers and statements into the store. Each file is hashed first: one that the store knows is not read again. A worker
 * that died is followed by one that goes on where the store stands (infiles.h, record.h).
 */
#include "cli/survey.h"

#include "cli/scan_in.h"

enum { STORE, FORMAT, MAP, BY, OBSERVED, AGAIN, DRY_RUN, JSON };
static const struct opt opts[] = {
    [STORE]    = { "store", "PATH", "the survey's store: a file, or postgresql://... (afterpatch.db)", NULL },
    [FORMAT]   = { "format", "NAME", "what the files are, where their content does not tell", "shadowserver shodan censys zgrab nmap masscan httpx binaryedge csv received healthchecker statement" },
    [MAP]      = { "map", "LIST", "columns of a table: ip=addr,build=ver,time=seen,name=host and so on", NULL },
    [BY]       = { "by", "DOMAINS", "of mail: hops of servers below these domains count, * for all", NULL },
    [OBSERVED] = { "observed", "DATE", "when it was seen, for rows that do not say", NULL },
    [AGAIN]    = { "again", NULL, "read files anew that are in the store: what they gave before no longer counts", NULL },
    [DRY_RUN]  = { "dry-run", NULL, "print the observations as lines of JSON, and record nothing", NULL },
    [JSON]     = { "json", NULL, "the sums of each file as a line of JSON", NULL },
    { NULL, NULL, NULL, NULL }
};

struct work { struct scan_in scan; struct infiles files; };

static bool open_store(void *ctx, struct store **ret, struct err *e)
{
    struct work *w = ctx;

    if (w->scan.dry)
        return true;
    if (!store_open(&w->scan.store, w->files.store, STORE_WRITE, e))
        return false;
    *ret = w->scan.store;
    return scan_in_open(&w->scan, e);
}

static void close_store(void *ctx)
{
    struct work *w = ctx;

    scan_in_close(&w->scan);
    store_close(w->scan.store);
}

static bool one(void *ctx, struct packed *p, size_t member, struct str name, struct err *e)
{
    struct work *w = ctx;
    uint8_t      sha256[32];
    uint64_t     size;

    (void)member;
    return packed_hash(p, sha256, &size, e) && scan_in_one(&w->scan, p, name, sha256, size, e);
}

static bool usable(void *ctx)
{
    const struct work *w = ctx;

    return w->scan.dry || w->scan.record;
}

static int run(struct cli *c, const struct verb *verb, const struct args *args)
{
    struct work *w = NEW(&c->keep, struct work, 1);
    struct err   e = { 0 };

    if (!w) {
        err_set(&e, ERR_MEMORY, "no room to begin");
        return cli_fail(c, verb->name, &e);
    }
    w->files = (struct infiles){ .c = c, .verb = verb->name, .path = args->operand, .path_n = args->operand_n, .store = args->given[STORE] ? args->value[STORE] : SURVEY_STORE,
                                 .room_bytes = IMPORT_ROOM, .ctx = w, .open = open_store, .one = one, .usable = usable, .close = close_store };
    w->scan.f     = &w->files;
    w->scan.dry   = args->given[DRY_RUN];
    w->scan.json  = args->given[JSON];
    w->scan.again = args->given[AGAIN];
    if (!infiles_given(args, "afterpatch survey import 2021-03-15-scan_exchange-*.csv", &e) || !import_map_check(args->value[MAP], &e) ||
        !scan_in_options(&w->scan, c, args->value[FORMAT], args->value[MAP], args->value[BY], args->value[OBSERVED], &e) || !infiles_check(c, args, &e))
        return cli_fail(c, verb->name, &e);
    return infiles_run(&w->files);
}

static const struct example examples[] = {
    { "afterpatch survey import 2021-03-*-scan_exchange-*.csv.gz", "Daily reports, into afterpatch.db" },
    { "afterpatch survey import --map ip=addr,build=ver,time=seen,name=host own-scan.csv", "A table of one's own" },
    { "afterpatch survey import --by example.org team.mbox", "Builds that mail went through" },
    { "afterpatch survey import --dry-run banners.json.zst | jq -r .build", "What would be taken" },
    { NULL, NULL },
};

const struct verb verb_survey_import = {
    .name = "survey import", .about = "takes scans, mail headers and statements into the store", .usage = "[OPTION]... FILE...",
    .text = "Reads Shadowserver's CSV reports, Shodan, Censys (both generations), zgrab2, httpx and BinaryEdge as JSON lines, masscan's JSON (also of a run that was "
            "killed), nmap's XML, any table with columns named or mapped, Received lines of mail, HealthChecker's output and feedback forms. The content tells which it is. Files "
            "may be packed (gz, zst, xz, bz2; zip, tar and 7z with one or several members) and of any size.\n\n"
            "What cannot be used is counted by reason, kept with its line, and ends nothing. A row whose time lies in the future or before 1997 is broken: no verdict can "
            "stand on it. Rows about something else than Exchange are counted and left. A file that the store knows by its SHA-256 is not read again; one that was cut "
            "short, by a kill or a full disk, goes on where it was.\n\n"
            "What operators say (patched, mitigated, compromised) and what reporters say (vulnerable) is kept as a claim, apart from builds.\n\n"
            "Exit code 1: a file could not be read, or not to its end.",
    .opt = opts, .example = examples, .run = run,
};
