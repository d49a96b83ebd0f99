#include "cli/case_line.h"

#include <stdio.h>

const char *const case_need_words[CASE_NEEDS] = { "patch", "patch-proof", "hunt", "hunt-proof", "hunt-again", "removal", "time", "rescans", "suspicion" };

const char case_line_columns[] =
    "s.case_id, s.campaign, s.org, o.name, o.country, o.sector, o.size, o.provider, s.stage, s.derived, s.forced, s.contradicted, s.suspicion, s.reason, s.who, s.forced_us,"
    " s.needs, s.servers, s.vulnerable, s.patched, s.backdoored, s.patched_backdoored, s.hunted, s.clean, s.relapsed, s.missed, s.re_entered, s.beyond, s.stolen,"
    " s.verified_us, s.notified_us, s.delivered_us, s.acknowledged_us, s.patched_us, s.hunted_us, s.clean_us, s.changed_us, s.urgency, s.why";

void case_line_read(struct case_data *d, struct store_stmt *st, struct case_line *ret)
{
    struct case_line l = {
        .case_ = store_int(st, 0), .campaign = store_int(st, 1), .org = store_int(st, 2),
        .organisation = case_text(d, st, 3), .country = case_text(d, st, 4), .sector = case_text(d, st, 5), .size = case_text(d, st, 6), .provider = store_int(st, 7) != 0,
        .stage = (enum case_stage)store_int(st, 8), .derived = (enum case_stage)store_int(st, 9),
        .forced = store_int(st, 10) != 0, .contradicted = store_int(st, 11) != 0, .suspicion = store_int(st, 12) != 0,
        .reason = case_text(d, st, 13), .who = case_text(d, st, 14), .forced_us = case_time(st, 15), .needs = (uint32_t)store_int(st, 16),
        .servers = store_int(st, 17), .vulnerable = store_int(st, 18), .patched = store_int(st, 19), .backdoored = store_int(st, 20), .patched_backdoored = store_int(st, 21),
        .hunted = store_int(st, 22), .clean = store_int(st, 23), .relapsed = store_int(st, 24), .missed = store_int(st, 25), .re_entered = store_int(st, 26),
        .beyond = store_int(st, 27), .stolen = store_int(st, 28),
        .verified_us = case_time(st, 29), .notified_us = case_time(st, 30), .delivered_us = case_time(st, 31), .acknowledged_us = case_time(st, 32),
        .patched_us = case_time(st, 33), .hunted_us = case_time(st, 34), .clean_us = case_time(st, 35), .changed_us = case_time(st, 36),
        .urgency = store_int(st, 37), .why = case_text(d, st, 38),
    };

    case_name_of(d, l.case_, l.campaign, l.name);
    *ret = l;
}

static void times_json(struct js *j, const struct case_line *l)
{
    js_key(j, "since");
    js_object(j);
    js_key(j, "verified");     js_time(j, l->verified_us);
    js_key(j, "notified");     js_time(j, l->notified_us);
    js_key(j, "delivered");    js_time(j, l->delivered_us);
    js_key(j, "acknowledged"); js_time(j, l->acknowledged_us);
    js_key(j, "patched");      js_time(j, l->patched_us);
    js_key(j, "hunted");       js_time(j, l->hunted_us);
    js_key(j, "clean");        js_time(j, l->clean_us);
    js_key(j, "changed");      js_time(j, l->changed_us);
    js_end(j);
}

static void servers_json(struct js *j, const struct case_line *l)
{
    js_key(j, "servers");
    js_object(j);
    js_key(j, "all");                js_i64(j, l->servers);
    js_key(j, "vulnerable");         js_i64(j, l->vulnerable);
    js_key(j, "patched");            js_i64(j, l->patched);
    js_key(j, "backdoored");         js_i64(j, l->backdoored);
    js_key(j, "patched_backdoored"); js_i64(j, l->patched_backdoored);
    js_key(j, "hunted");             js_i64(j, l->hunted);
    js_key(j, "clean");              js_i64(j, l->clean);
    js_key(j, "relapsed");           js_i64(j, l->relapsed);
    js_key(j, "missed");             js_i64(j, l->missed);
    js_key(j, "re_entered");         js_i64(j, l->re_entered);
    js_key(j, "moved_on");           js_i64(j, l->beyond);
    js_key(j, "mail_stolen");        js_i64(j, l->stolen);
    js_end(j);
}

void case_line_json(struct js *j, const struct case_line *l)
{
    js_key(j, "case");         js_c(j, l->name);
    js_key(j, "organisation");
    js_object(j);
    js_key(j, "org");          js_i64(j, l->org);
    js_key(j, "name");         js_str_or_null(j, l->organisation);
    js_key(j, "country");      js_str_or_null(j, l->country);
    js_key(j, "sector");       js_str_or_null(j, l->sector);
    js_key(j, "size");         js_str_or_null(j, l->size);
    js_key(j, "provider");     js_bool(j, l->provider);
    js_end(j);
    js_key(j, "stage");        js_c(j, case_stage_name(l->stage));
    js_key(j, "derived");      js_c(j, case_stage_name(l->derived));
    js_key(j, "forced");
    if (l->forced) {
        js_object(j);
        js_key(j, "who");          js_str(j, l->who);
        js_key(j, "reason");       js_str(j, l->reason);
        js_key(j, "at");           js_time(j, l->forced_us);
        js_key(j, "contradicted"); js_bool(j, l->contradicted);
        js_end(j);
    } else
        js_null(j);
    js_key(j, "suspicion");    js_bool(j, l->suspicion);
    js_key(j, "needs");
    js_array(j);
    for (uint32_t i = 0; i < CASE_NEEDS; i++)
        if (l->needs >> i & 1)
            js_c(j, case_need_words[i]);
    js_end(j);
    servers_json(j, l);
    times_json(j, l);
    js_key(j, "urgency");      js_i64(j, l->urgency);
    js_key(j, "why");          js_str_or_null(j, l->why);
}

void case_stage_text(const struct case_line *l, char ret[CASE_STAGE_TEXT])
{
    snprintf(ret, CASE_STAGE_TEXT, "%s%s", case_stage_name(l->stage), l->forced ? "!" : "");
}

struct str case_organisation(struct case_data *d, const struct case_line *l)
{
    return l->organisation.n ? l->organisation : str_fmt(&d->c->keep, "org:%lld", (long long)l->org);
}
