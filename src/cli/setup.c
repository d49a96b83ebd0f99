#include "cli/setup.h"

#include "base/num.h"
#include "base/time.h"
#include "base/utf.h"

/* The marks are those of TLP 2.0. Source: FIRST, "Traffic Light Protocol", version 2.0. */
const struct opt hunt_opts[HUNT_OPTS + 1] = {
    [HUNT_OUT] = { "out", "DIR", "writes the report's files there; without it only the terminal gets the report", NULL },
    [HUNT_ORGANISATION] = { "organisation", "NAME", "whose server this is, for the report", NULL },
    [HUNT_CASE] = { "case", "ID[:NONCE]", "case number of a notice, so that the report finds its case", NULL },
    [HUNT_JOBS] = { "jobs", "N", "threads; without it one per core", NULL },
    [HUNT_SINCE] = { "since", "TIME", "looks at no log record before it: 2021-03-01 or 2021-03-01T06:00:00Z", NULL },
    [HUNT_UNTIL] = { "until", "TIME", "looks at no log record after it; a date means the end of that day", NULL },
    [HUNT_TLP] = { "tlp", "MARK", "Traffic Light Protocol mark of the report; without it AMBER",
                   "RED AMBER+STRICT AMBER GREEN CLEAR" },
    [HUNT_PACK] = { "pack", "DIR", "takes the campaign from this folder in place of the embedded pack", NULL },
    [HUNT_SERVER] = { "server", "NAME", "takes all paths as this one server; without it servers are told apart by their names", NULL },
    [HUNT_LIMITS] = { "limits", "LIST", "what hostile archives may cost, NAME=NUMBER,...: see `afterpatch help limits`", NULL },
    [HUNT_PASSWORD] = { "password-file", "FILE", "its first line opens encrypted archives", NULL },
    [HUNT_SANDBOX] = { "sandbox", "WORD", "off: reads evidence without giving up network and writing first", "auto off" },
    [HUNT_JSON] = { "json", "-", "prints report.json (of several servers, summary.json) to stdout, and nothing else there", "-" },
    [HUNT_QUIET] = { "quiet", NULL, "prints no report, no progress and no notes; the exit code tells", NULL },
    [HUNT_BASELINE] = { "baseline", "DIR", "compares the product's files with those of a clean installation; several parted by ','", NULL },
    [HUNT_RULES] = { "rules", "DIR", "looks with your own Sigma and YARA rules as well; several folders parted by ','", NULL },
    [HUNT_IOCS] = { "iocs", "FILE", "looks for these indicators as well: CSV, STIX, MISP or a list; several parted by ','", NULL },
    [HUNT_NO_CACHE] = { "no-rule-cache", NULL, "neither keeps your compiled YARA rules in your cache folder nor takes them from there", NULL },
};

static bool time_of(const struct args *args, enum hunt_opt k, bool end, int64_t *ret, struct err *e)
{
    struct str s = args->value[k];

    if (!args->given[k])
        return true;
    if (!time_parse(s, ret)) {
        err_set(e, ERR_USAGE, "--%s cannot read \"%.*s\" as a time", hunt_opts[k].name, STR_ARG(s));
        return err_hint(e, "write 2021-03-01 or 2021-03-01T06:00:00Z");
    }
    if (end && s.n == sizeof "2021-03-01" - 1)
        *ret += TIME_DAY - 1;
    return true;
}

static bool is_id(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] > '~')
            return false;
    return s.n > 0 && s.n <= SETUP_ID_MAX;
}

static bool case_of(struct str given, struct setup *out, struct err *e)
{
    size_t colon = str_chr(given, ':');

    out->case_id = str_sub(given, 0, colon);
    out->case_nonce = colon == STR_NONE ? STR_EMPTY : str_from(given, colon + 1);
    if (is_id(out->case_id) && (colon == STR_NONE || is_id(out->case_nonce)))
        return true;
    err_set(e, ERR_USAGE, "--case cannot be \"%.*s\"", STR_ARG(str_sub(given, 0, 80)));
    return err_hint(e, "write ID or ID:NONCE as the notice gives them, each of 1 to %d printable characters", SETUP_ID_MAX);
}

static bool name_of(struct str given, struct setup *out, struct err *e)
{
    for (size_t i = 0; i < given.n; i++)
        if (given.p[i] < ' ' || given.p[i] == 127)
            return err_set(e, ERR_USAGE, "--organisation holds a control character at byte %zu", i);
    if (given.n > SETUP_NAME_MAX)
        return err_set(e, ERR_USAGE, "--organisation has %zu bytes, at most %d are taken", given.n, SETUP_NAME_MAX);
    if (!utf8_valid(given))
        return err_set(e, ERR_USAGE, "--organisation is not valid UTF-8");
    out->organisation = given;
    return true;
}

static bool server_of(struct str given, struct setup *out, struct err *e)
{
    bool good = given.n > 1 && given.n <= 63;

    for (size_t i = 0; i < given.n && good; i++)
        good = ch_alnum(given.p[i]) || given.p[i] == '-' || given.p[i] == '_';
    out->server = given;
    return good || err_set(e, ERR_USAGE, "--server cannot be \"%.*s\": a computer's name of 2 to 63 letters, digits, '-' and '_'", STR_ARG(str_sub(given, 0, 80)));
}

uint64_t setup_memory_bytes(uint32_t jobs, const struct ev_limits *limits)
{
    /* Arenas are mapped far larger than they are used; a thread has a stack, a scratch and a heap of its own. Two unpackers may be at work at a time. */
    const uint64_t ours = UINT64_C(2) << 30, each = UINT64_C(32) << 20;
    uint64_t       sum = num_add_sat(ours + jobs * each, limits->spool_memory);

    sum = num_add_sat(num_add_sat(sum, limits->dictionary), limits->dictionary);
    return num_add_sat(num_add_sat(sum, limits->side), limits->side);
}

bool setup_make(const struct args *args, uint32_t cores, struct arena *a, struct setup *ret, struct err *e)
{
    struct setup out = { .jobs = cores ? cores : 1, .since_us = TIME_NONE, .until_us = TIME_NONE, .tlp = STR("TLP:AMBER") };

    out.out = args->value[HUNT_OUT];
    out.pack_dir = args->value[HUNT_PACK];
    out.baseline = args->value[HUNT_BASELINE];
    out.rules = args->value[HUNT_RULES];
    out.iocs = args->value[HUNT_IOCS];
    out.quiet = args->given[HUNT_QUIET];
    out.json = args->given[HUNT_JSON];
    out.no_rule_cache = args->given[HUNT_NO_CACHE];
    out.password_file = args->value[HUNT_PASSWORD];
    out.no_sandbox = str_eq(args->value[HUNT_SANDBOX], STR("off"));
    out.limits = ev_limits_default();
    if (args->given[HUNT_LIMITS] && !ev_limits_parse(args->value[HUNT_LIMITS], &out.limits, e))
        return false;
    if (args->given[HUNT_SERVER] && !server_of(args->value[HUNT_SERVER], &out, e))
        return false;
    if (out.jobs > SETUP_JOBS_MAX)
        out.jobs = SETUP_JOBS_MAX;
    if (args->given[HUNT_JOBS] && (!num_u32(args->value[HUNT_JOBS], &out.jobs) || !out.jobs || out.jobs > SETUP_JOBS_MAX))
        return err_set(e, ERR_USAGE, "--jobs cannot be \"%.*s\": a number from 1 to %d", STR_ARG(str_sub(args->value[HUNT_JOBS], 0, 40)),
                       SETUP_JOBS_MAX);
    if (!time_of(args, HUNT_SINCE, false, &out.since_us, e) || !time_of(args, HUNT_UNTIL, true, &out.until_us, e))
        return false;
    if (out.since_us != TIME_NONE && out.until_us != TIME_NONE && out.since_us > out.until_us)
        return err_set(e, ERR_USAGE, "--since is later than --until");
    if (args->given[HUNT_CASE] && !case_of(args->value[HUNT_CASE], &out, e))
        return false;
    if (args->given[HUNT_ORGANISATION] && !name_of(args->value[HUNT_ORGANISATION], &out, e))
        return false;
    if (args->given[HUNT_TLP])
        out.tlp = str_cat(a, STR("TLP:"), args->value[HUNT_TLP]);
    if (!out.tlp.p)
        return err_set(e, ERR_MEMORY, "no room for the options");
    *ret = out;
    return true;
}
