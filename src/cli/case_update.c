/* case update: works everything out anew from what is recorded. */
#include "cli/case.h"

#include "base/num.h"
#include "casework/update.h"
#include "cli/case_data.h"
#include "cli/survey.h"
#include "cli/survey_data.h"
#include "emit/json.h"
#include "report/numbers.h"

#include <stdio.h>

enum { STORE, WHERE, BUILDS, AT, KNOWN, JOBS, WHO, JSON };
static const struct opt opts[] = {
    [STORE]  = CASE_OPT_STORE,
    [WHERE]  = { "where", "FILES", "country, network, organisation, sector: files parted by commas", NULL },
    [BUILDS] = { "builds", "FILE", "build table, in place of the program's own", NULL },
    [AT]     = { "at", "TIME", "as it stands at this moment (now)", NULL },
    [KNOWN]  = { "known", "TIME", "by what had been recorded until then (all)", NULL },
    [JOBS]   = { "jobs", "NUMBER", "threads that read (as many as cores)", NULL },
    [WHO]    = CASE_OPT_WHO,
    [JSON]   = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};

#define ROOM_BYTES ((size_t)4 << 30)              /* address space */

struct knowledge { struct builds builds; struct pack pack; struct where *where; struct arena room, whole; };

static bool moment(const struct args *args, int opt, int64_t *ret, struct err *e)
{
    if (!args->given[opt] || time_parse(args->value[opt], ret))
        return true;
    err_set(e, ERR_USAGE, "\"%.*s\" is no time", STR_ARG(str_sub(args->value[opt], 0, 60)));
    return err_hint(e, "write 2021-03-14 or 2021-03-14T02:11:30Z");
}

static bool learn(struct knowledge *k, struct cli *c, const struct args *args, struct err *e)
{
    if (!os_arena_map(&k->whole, ROOM_BYTES, e))
        return false;
    k->room = k->whole;
    return builds_load(&k->builds, &k->room, c->os, args->value[BUILDS], e) && pack_load_embedded(&k->pack, &k->room, STR("survey"), e) &&
           (!args->given[WHERE] || survey_where(&k->where, &k->room, &k->pack, c, args->value[WHERE], e));
}

static void forget(struct knowledge *k)
{
    where_close(k->where);
    if (k->whole.beg)
        os_arena_unmap(&k->whole);
}

static void tell_json(struct out *o, const struct update_counts *n)
{
    struct js j;

    js_open(&j, o, true);
    js_object(&j);
    js_key(&j, "observations");  js_u64(&j, n->observations);
    js_key(&j, "subjects");      js_u64(&j, n->subjects);
    js_key(&j, "servers");       js_u64(&j, n->servers);
    js_key(&j, "organisations"); js_u64(&j, n->organisations);
    js_key(&j, "cases");         js_u64(&j, n->cases);
    js_key(&j, "links");         js_u64(&j, n->links);
    js_key(&j, "facts");         js_u64(&j, n->facts);
    js_key(&j, "reviews");       js_u64(&j, n->reviews);
    js_key(&j, "providers");     js_u64(&j, n->providers);
    js_key(&j, "intruders");     js_u64(&j, n->intruders);
    js_key(&j, "milliseconds");
    js_object(&j);
    for (size_t i = 0; i < 8; i++) {
        js_key(&j, update_step_names[i]);
        js_u64(&j, n->us[i] / 1000);
    }
    js_end(&j);
    js_end(&j);
    out_c(o, "\n");
}

static void tell(struct out *o, const struct update_counts *n)
{
    const struct { const char *what; uint64_t n; } line[] = {
        { "servers", n->servers }, { "organisations", n->organisations }, { "cases", n->cases }, { "facts", n->facts }, { "intruder groups", n->intruders },
        { "questions for a person", n->reviews },
    };
    char     text[WORDS_TEXT];
    uint64_t us = 0;

    for (size_t i = 0; i < COUNT_OF(line); i++) {
        words_count(line[i].n, text);
        out_fmt(o, "%12s %s\n", text, line[i].what);
    }
    for (size_t i = 0; i < 8; i++)
        us += n->us[i];
    out_fmt(o, "worked out in %.1f s; next: afterpatch case list, afterpatch case review, afterpatch status\n", (double)us / 1e6);
}

static int run(struct cli *c, const struct verb *verb, const struct args *args)
{
    struct update_options how = { .os = c->os, .now_us = c->os->now_us(c->os), .known_us = TIME_NONE, .intruders = true };
    struct update_counts  n;
    struct knowledge      k = { 0 };
    struct case_data      d = { 0 };
    struct err            e = { 0 };
    uint32_t              jobs = 0;

    bool ok = (args->operand_n == 0 || err_set(&e, ERR_USAGE, "update takes no operand")) && moment(args, AT, &how.now_us, &e) && moment(args, KNOWN, &how.known_us, &e) &&
              (!args->given[JOBS] || (num_u32(args->value[JOBS], &jobs) && jobs >= 1 && jobs <= 64) || err_set(&e, ERR_USAGE, "--jobs takes a number from 1 to 64")) &&
              learn(&k, c, args, &e) && case_write(&d, c, args->value[STORE], args->value[WHO], &e);
    if (ok) {
        struct str store = args->given[STORE] ? args->value[STORE] : SURVEY_STORE;

        how.jobs = jobs;
        how.builds = &k.builds;
        how.places = k.where;
        how.where_store = str_eq(store, STR(":memory:")) ? STR_EMPTY : store;
        ok = update_run(d.ledger, &how, &n, &e);
    }
    case_close(&d);
    forget(&k);
    if (!ok)
        return cli_fail(c, verb->name, &e);
    if (args->given[JSON])
        tell_json(c->out, &n);
    else
        tell(c->out, &n);
    return CLI_DONE;
}

static const struct example examples[] = {
    { "afterpatch case update", "After every import, and after every decision" },
    { "afterpatch case update --where geo.mmdb,delegated-ripencc-latest", "With country and network of each address from the operator's own databases" },
    { NULL, NULL },
};

const struct verb verb_case_update = {
    .name = "case update", .about = "works out servers, organisations, cases, figures and intruder groups anew", .usage = "[OPTION]...",
    .text = "Everything that the views show is worked out from what was recorded, in one piece: until it is done they show what was there before, and a run that is cut off changes nothing. "
            "So a wrong link or a wrong ruling is taken back, and the next update is as if it had never been. Servers, organisations and cases keep their numbers.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
