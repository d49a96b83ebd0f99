/* See case_updating.h. */
#include "cli/case_updating.h"

#include "base/num.h"
#include "cli/survey.h"
#include "report/numbers.h"

#include <stdio.h>

#define ROOM_BYTES ((size_t)4 << 30)              /* address space */

static bool learn(struct case_updating *u, struct cli *c, struct err *e)
{
    if (!os_arena_map(&u->whole, ROOM_BYTES, e))
        return false;
    u->room = u->whole;
    return builds_load(&u->builds, &u->room, c->os, u->ask.builds, e) && pack_load_embedded(&u->pack, &u->room, STR("survey"), e) &&
           (!u->ask.where.n || survey_where(&u->where, &u->room, &u->pack, c, u->ask.where, e));
}

bool case_updating_begin(struct case_updating *u, struct cli *c, const struct case_updating_ask *ask, struct err *e)
{
    *u = (struct case_updating){ .ask = *ask, .how = { .os = c->os, .now_us = TIME_NONE, .known_us = TIME_NONE, .intruders = true } };
    if (ask->update)
        return learn(u, c, e);
    return (!ask->where.n && !ask->builds.n) || err_set(e, ERR_USAGE, "--where and --builds go with --update");
}

bool case_updating_run(struct case_updating *u, struct case_data *d, struct update_counts *ret, struct err *e)
{
    struct str store = u->ask.store.n ? u->ask.store : SURVEY_STORE;

    /* Not before what was just recorded. */
    if (u->how.now_us == TIME_NONE)
        u->how.now_us = u->how.os->now_us(u->how.os);
    u->how.builds = &u->builds;
    u->how.places = u->where;
    u->how.where_store = str_eq(store, STR(":memory:")) ? STR_EMPTY : store;
    return update_run(d->ledger, &u->how, ret, e);
}

void case_updating_end(struct case_updating *u)
{
    where_close(u->where);
    if (u->whole.beg)
        os_arena_unmap(&u->whole);
    *u = (struct case_updating){ 0 };
}

/* --- what came of it --- */

void case_updating_json(struct js *j, const struct update_counts *n)
{
    js_object(j);
    js_key(j, "observations");  js_u64(j, n->observations);
    js_key(j, "subjects");      js_u64(j, n->subjects);
    js_key(j, "servers");       js_u64(j, n->servers);
    js_key(j, "organisations"); js_u64(j, n->organisations);
    js_key(j, "cases");         js_u64(j, n->cases);
    js_key(j, "links");         js_u64(j, n->links);
    js_key(j, "facts");         js_u64(j, n->facts);
    js_key(j, "reviews");       js_u64(j, n->reviews);
    js_key(j, "providers");     js_u64(j, n->providers);
    js_key(j, "intruders");     js_u64(j, n->intruders);
    js_key(j, "milliseconds");
    js_object(j);
    for (size_t i = 0; i < 8; i++) {
        js_key(j, update_step_names[i]);
        js_u64(j, n->us[i] / 1000);
    }
    js_end(j);
    js_end(j);
}

void case_updating_tell(struct out *o, const struct update_counts *n)
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

/* --- a verb's last word --- */

static void updated_json(struct case_data *d, struct str what, const char *about, uint64_t n, const struct update_counts *now)
{
    struct js j;

    js_open(&j, d->c->out, false);
    js_object(&j);
    case_recorded_json(&j, d, what, about, n);
    js_key(&j, "update");
    case_updating_json(&j, now);
    js_end(&j);
    out_c(d->c->out, "\n");
}

bool case_recorded_by(struct case_updating *u, struct case_data *d, bool json, struct str what, const char *about, uint64_t n, struct err *e)
{
    struct update_counts now;

    if (!u->ask.update) {
        case_recorded(d, json, what, about, n);
        return true;
    }
    if (!case_updating_run(u, d, &now, e))
        return err_hint(e, "it is recorded all the same; `afterpatch case update` makes it count");
    if (json)
        updated_json(d, what, about, n, &now);
    else {
        case_recorded_line(d, what, about);
        case_updating_tell(d->c->out, &now);
    }
    return true;
}
