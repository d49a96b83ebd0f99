/*
 * figures_world: a made-up campaign of which everything is known: who was vulnerable, back-doored, told and cleaned on which day. Its truth is counted here in the
 * plainest way, day by day and server by server, to be compared with what the figures say; and it fills the board, so that verbs can be tried without an update.
 *
 * Days are counted from WORLD_DAY (2021-02-20). Everything follows from `seed`.
 */
#ifndef FIGURES_WORLD_H
#define FIGURES_WORLD_H

#include "test.h"

#include "base/num.h"
#include "casework/case_figures.h"
#include "casework/tables.h"

enum { WORLD_DAY = 18678, WORLD_SERVERS = 4, WORLD_NEVER = 1 << 20, WORLD_STEPS = 12 };

struct world_server {
    int  seen, patched, door, gone, hunted, clean, relapse, change;        /* days; WORLD_NEVER: not. change: another detector from then on */
    bool re_entered, beyond, stolen, not_mine, missed, retired;
    int  country, detector, other;
    int64_t asset;
};
struct world_case {
    int64_t id, campaign, org;
    int     seen, verified, notified, delivered, answered, bounced;        /* days */
    int     forced, forced_to;     /* day, stage */
    int     country, sector, size;
    uint32_t servers;
    struct world_server server[WORLD_SERVERS];
};
struct world {
    struct world_case *c; size_t n;
    int      days;
    uint32_t seed;
    const char *const *sector; int sectors;
    bool     rich;                 /* hostile words among names and sectors */
};

static const char *const world_countries[] = { "AT", "DE", "FR", "US", "CZ", "", "IT", "NO", "GB", "JP", "BR", "ZA", "IN", "AU", "CA", "ES" };
static const char *const world_sizes[] = { "small", "medium", "large", "", "micro" };
static const char *const world_sectors[] = { "education", "retail", "healthcare", "government-local", "financial-services", "" };
static const char *const world_detectors[] = { "afterpatch 0.1.0", "scan_exchange 1", "afterpatch 0.2.0" };
static const char *const world_hostile[] = { "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "\x1b]0;owned\x07", "\xE2\x80\xAEgnp.exe", "a\"b,c\r\nd", "\xff\xfe" };

static inline uint32_t world_rand(struct world *w, uint32_t below)
{
    w->seed = w->seed * 1664525 + 1013904223;
    return below ? (w->seed >> 9) % below : 0;
}
static inline int world_day(struct world *w, int from, int within, int percent)
{
    return from < WORLD_NEVER && (int)world_rand(w, 100) < percent ? from + (int)world_rand(w, (uint32_t)within) : WORLD_NEVER;
}

static inline void world_server_make(struct world *w, const struct world_case *c, struct world_server *s)
{
    s->seen = c->seen + (int)world_rand(w, 4);
    s->patched = world_day(w, s->seen, 30, 80);
    s->door = world_day(w, s->seen, 20, 50);
    s->hunted = world_day(w, s->seen, 40, 60);
    s->gone = s->hunted < WORLD_NEVER && s->door < s->hunted ? world_day(w, s->hunted, 6, 80) : WORLD_NEVER;
    s->clean = s->hunted < WORLD_NEVER && s->patched < WORLD_NEVER && (s->door == WORLD_NEVER || s->gone < WORLD_NEVER)
               ? (s->gone < WORLD_NEVER && s->gone > s->hunted ? s->gone : s->hunted) + 3 : WORLD_NEVER;
    if (s->clean < s->patched)
        s->clean = s->patched;
    if (s->door == WORLD_NEVER || s->gone == WORLD_NEVER || s->gone >= s->clean)
        s->gone = s->clean;
    s->relapse = world_day(w, s->clean, 20, 12);
    s->change = world_day(w, s->seen, 30, 40);
    s->re_entered = s->door < WORLD_NEVER && world_rand(w, 9) == 0;
    s->beyond = s->door < WORLD_NEVER && world_rand(w, 12) == 0;
    s->stolen = s->door < WORLD_NEVER && world_rand(w, 6) == 0;
    s->missed = world_rand(w, 15) == 0;
    s->not_mine = world_rand(w, 40) == 0;
    s->retired = s->patched == WORLD_NEVER && world_rand(w, 4) == 0;
    s->country = world_rand(w, 5) ? c->country : (int)world_rand(w, COUNT_OF(world_countries));
    s->detector = (int)world_rand(w, 2);
    s->other = (int)world_rand(w, COUNT_OF(world_detectors));
}

static inline void world_make(struct world *w, size_t n, int days, uint32_t seed, int64_t campaigns)
{
    static const int force[] = { CASE_DISMISSED, CASE_CLEAN, CASE_VERIFIED, CASE_CLOSED };
    int64_t asset = 1;

    *w = (struct world){ .c = calloc(n, sizeof *w->c), .n = n, .days = days, .seed = seed, .sector = world_sectors, .sectors = COUNT_OF(world_sectors) };
    for (size_t i = 0; i < n; i++) {
        struct world_case *c = &w->c[i];
        c->id = (int64_t)i + 1;
        c->org = (int64_t)i + 1;
        c->campaign = 1 + (int64_t)i % campaigns;
        c->seen = (int)world_rand(w, (uint32_t)days);
        c->verified = world_day(w, c->seen, 5, 85);
        c->notified = world_day(w, c->verified, 6, 80);
        c->delivered = world_day(w, c->notified, 3, 70);
        c->answered = world_day(w, world_rand(w, 10) ? c->notified : c->verified, 12, 50);
        c->bounced = world_day(w, c->notified, 3, 8);
        c->forced = world_day(w, c->seen, 20, 6);
        c->forced_to = force[world_rand(w, COUNT_OF(force))];
        /* A few countries and sectors have most of them, as everywhere. */
        c->country = (int)(world_rand(w, COUNT_OF(world_countries)) * world_rand(w, COUNT_OF(world_countries)) / COUNT_OF(world_countries));
        c->sector = (int)world_rand(w, (uint32_t)w->sectors);
        c->size = (int)world_rand(w, COUNT_OF(world_sizes));
        c->servers = 1 + world_rand(w, 3) + (world_rand(w, 20) == 0);
        for (uint32_t k = 0; k < c->servers; k++) {
            world_server_make(w, c, &c->server[k]);
            c->server[k].asset = asset++;
        }
    }
}

static inline int64_t world_us(int day) { return day >= WORLD_NEVER ? TIME_NONE : ((int64_t)WORLD_DAY + day) * TIME_DAY; }
static inline bool world_by(int day, int d) { return day < WORLD_NEVER && day <= d; }
static inline int64_t world_then(int day, int d) { return world_by(day, d) ? world_us(day) : TIME_NONE; }

/* --- the state as an update would fold it, on day d --- */

struct world_now { struct case_state s; struct asset_state asset[WORLD_SERVERS]; struct notice_state notice[2]; struct case_server_strata at[WORLD_SERVERS]; struct case_strata of; };

static inline void world_asset(const struct world_server *v, int d, struct asset_state *x)
{
    bool clean = world_by(v->clean, d) && !world_by(v->relapse, d), door = (world_by(v->door, d) && !world_by(v->gone, d)) || world_by(v->relapse, d);

    *x = (struct asset_state){ .asset = (uint64_t)v->asset, .exposure = world_by(v->patched, d) ? EXPOSURE_PATCHED : v->retired && d > v->seen + 9 ? EXPOSURE_RETIRED : EXPOSURE_VULNERABLE,
                               .exposure_grade = GRADE_B, .exposure_us = world_us(world_by(v->patched, d) ? v->patched : v->seen), .clean_us = world_then(v->clean, d),
                               .hunted_us = world_then(v->hunted, d) };
    x->compromise = world_by(v->relapse, d) ? COMPROMISE_RELAPSED : door ? COMPROMISE_BACKDOORED : clean ? COMPROMISE_NEGATIVE : world_by(v->gone, d) && v->door < WORLD_NEVER ? COMPROMISE_REMOVED : COMPROMISE_UNKNOWN;
    x->clean = clean;
    x->was_clean = world_by(v->clean, d) && !clean;
    x->hunted = world_by(v->hunted, d);
    x->backdoored_ever = world_by(v->door, d) || world_by(v->relapse, d);
    x->re_entered = v->re_entered && x->hunted;
    x->relapses = world_by(v->relapse, d);
    x->missed = v->missed && x->hunted;
    x->not_mine = v->not_mine;
}

static inline void world_on(const struct world *w, const struct world_case *c, int d, struct world_now *ret)
{
    struct case_state *s = &ret->s;
    bool hunted = true, clean = true, any = false;

    *s = (struct case_state){ .asset = ret->asset, .notice = ret->notice, .forced_us = TIME_NONE, .verified_us = world_then(c->verified, d), .notified_us = world_then(c->notified, d),
                              .delivered_us = world_then(c->delivered, d), .acknowledged_us = world_then(c->answered, d), .patched_us = TIME_NONE, .hunted_us = TIME_NONE, .clean_us = TIME_NONE };
    for (uint32_t i = 0; i < c->servers; i++) {
        const struct world_server *v = &c->server[i];
        if (v->seen > d)
            continue;
        struct asset_state *x = &ret->asset[s->asset_n];
        world_asset(v, d, x);
        ret->at[s->asset_n++] = (struct case_server_strata){ str_c(world_countries[v->country]), str_c(world_detectors[world_by(v->change, d) ? v->other : v->detector]),
                                                            v->beyond && x->hunted, v->stolen && x->hunted };
        if (x->not_mine)
            continue;
        any = true;
        s->assets++;
        hunted &= x->hunted;
        clean &= x->clean;
        s->vulnerable += x->exposure == EXPOSURE_VULNERABLE;
        s->patched += x->exposure == EXPOSURE_PATCHED;
        s->backdoored += x->compromise == COMPROMISE_BACKDOORED || x->compromise == COMPROMISE_RELAPSED;
        s->patched_backdoored += (x->compromise == COMPROMISE_BACKDOORED || x->compromise == COMPROMISE_RELAPSED) && x->exposure == EXPOSURE_PATCHED;
        s->hunted += x->hunted;
        s->clean += x->clean;
        s->relapsed += x->relapses > 0;
        s->missed += x->missed > 0;
        s->re_entered += x->re_entered;
    }
    for (uint32_t i = 0; i < c->servers && any; i++) {
        const struct world_server *v = &c->server[i];
        if (v->not_mine || v->seen > d)
            continue;
        s->patched_us = s->patched_us == TIME_NONE || world_us(v->patched) > s->patched_us ? world_then(v->patched, d) : s->patched_us;
        if (hunted && (s->hunted_us == TIME_NONE || world_us(v->hunted) > s->hunted_us))
            s->hunted_us = world_us(v->hunted);
        if (clean && (s->clean_us == TIME_NONE || world_us(v->clean) > s->clean_us))
            s->clean_us = world_us(v->clean);
    }
    if (s->patched < s->assets)
        s->patched_us = TIME_NONE;
    if (world_by(c->notified, d))
        ret->notice[s->notice_n++] = (struct notice_state){ .notice = (uint64_t)c->id * 2, .step = world_by(c->bounced, d) ? NOTICE_BOUNCED_HARD : world_by(c->answered, d) ? NOTICE_ACKNOWLEDGED : NOTICE_ACCEPTED,
                                                            .accepted_us = world_us(c->notified), .delivered_us = world_then(c->delivered, d),
                                                            .answered_us = world_by(c->bounced, d) ? TIME_NONE : world_then(c->answered, d) };
    if (world_by(c->bounced, d))
        ret->notice[s->notice_n++] = (struct notice_state){ .notice = (uint64_t)c->id * 2 + 1, .step = NOTICE_QUEUED, .accepted_us = TIME_NONE, .delivered_us = TIME_NONE, .answered_us = TIME_NONE };
    s->derived = !s->asset_n ? CASE_NONE : !s->assets || s->verified_us == TIME_NONE ? CASE_CANDIDATE : s->relapsed && s->backdoored ? CASE_RELAPSED : s->backdoored ? CASE_BACKDOORED
               : s->clean_us != TIME_NONE ? (d > 120 && world_by(c->verified, d - 90) ? CASE_CLOSED : CASE_CLEAN) : c->verified % 7 == 3 && d > c->verified + 60 ? CASE_DORMANT
               : s->acknowledged_us != TIME_NONE ? CASE_ACKNOWLEDGED : s->notified_us != TIME_NONE ? CASE_NOTIFIED : CASE_VERIFIED;
    s->stage = s->derived;
    if (world_by(c->forced, d)) {
        s->forced = true;
        s->contradicted = c->id % 5 == 0;
        s->forced_us = world_us(c->forced);
        s->reason = STR("a reason");
        s->who = STR("ann");
        if (!s->contradicted)
            s->stage = (enum case_stage)c->forced_to;
    }
    ret->of = (struct case_strata){ str_c(world_countries[c->country]), str_c(w->sector[c->sector]), str_c(world_sizes[c->size]) };
}

/* --- the plainest count --- */

static inline bool world_value_is(const struct world *w, const struct world_case *c, enum case_by by, struct str value, const char *country, const char *detector)
{
    switch (by) {
    case CASE_BY_COUNTRY: return str_eq(value, str_c(world_countries[c->country]));
    case CASE_BY_SECTOR:  return str_eq(value, str_c(w->sector[c->sector]));
    case CASE_BY_SIZE:    return str_eq(value, str_c(world_sizes[c->size]));
    case CASE_BY_ADDRESS_COUNTRY: return country && str_eq(value, str_c(country));
    case CASE_BY_DETECTOR: return detector && str_eq(value, str_c(detector));
    default: return true;
    }
}

/* What one server has on day d, from its days alone. */
static inline void world_server_counts(const struct world_case *c, const struct world_server *v, int d, int64_t n[CASE_COUNTS])
{
    bool doored = (world_by(v->door, d) && !world_by(v->gone, d)) || world_by(v->relapse, d), patched = world_by(v->patched, d), hunted = world_by(v->hunted, d);
    bool told = world_by(c->notified, d), ever = world_by(v->clean, d), had = world_by(v->door, d) || world_by(v->relapse, d);

    n[COUNT_VERIFIED]++;
    n[COUNT_EXPOSED] += !patched && !(v->retired && d > v->seen + 9);
    n[COUNT_PATCHED] += patched;
    n[COUNT_BACKDOORED] += doored;
    n[COUNT_PATCHED_BACKDOORED] += doored && patched;
    n[COUNT_BACKDOORED_EVER] += had;
    n[COUNT_REENTERED] += v->re_entered && hunted;
    n[COUNT_MOVED_ON] += v->beyond && hunted;
    n[COUNT_MAIL_STOLEN] += v->stolen && hunted;
    n[COUNT_NOTIFIED] += told;
    n[COUNT_ANSWERED] += world_by(c->answered, d);
    n[COUNT_DELIVERED] += world_by(c->delivered, d);
    n[COUNT_BOUNCED] += world_by(c->bounced, d);
    n[COUNT_HUNTED] += hunted;
    n[COUNT_CLEAN] += ever && !world_by(v->relapse, d);
    n[COUNT_EVER_CLEAN] += ever;
    n[COUNT_RELAPSED] += world_by(v->relapse, d);
    n[COUNT_MISSED] += v->missed && hunted;
    n[COUNT_REENTERED_OF_BACKDOORED] += v->re_entered && hunted && had;
    n[COUNT_RELAPSED_OF_CLEAN] += world_by(v->relapse, d) && ever;
    n[COUNT_MISSED_OF_HUNTED] += v->missed && hunted;
    n[COUNT_HUNTED_OF_NOTIFIED] += hunted && told;
    n[COUNT_ANSWERED_OF_NOTIFIED] += told && world_by(c->answered, d);
}

static inline void world_count(const struct world *w, int64_t campaign, enum case_by by, struct str value, enum case_unit unit, int d, int64_t n[CASE_COUNTS])
{
    memset(n, 0, CASE_COUNTS * sizeof *n);
    for (size_t i = 0; i < w->n; i++) {
        const struct world_case *c = &w->c[i];
        int64_t sum[CASE_COUNTS] = { 0 };
        int     mine = 0, here = 0, patched = 0, safe = 0, hunted = 0, clean = 0;
        struct world_now now;

        if (c->campaign != campaign || c->seen > d)
            continue;
        for (uint32_t k = 0; k < c->servers; k++) {
            const struct world_server *v = &c->server[k];
            const char *detector = world_detectors[world_by(v->change, d) ? v->other : v->detector];
            if (v->seen > d || v->not_mine)
                continue;
            mine++;
            patched += world_by(v->patched, d);
            safe += world_by(v->patched, d) || (v->retired && d > v->seen + 9);
            hunted += world_by(v->hunted, d);
            clean += world_by(v->clean, d) && !world_by(v->relapse, d);
            bool in = world_value_is(w, c, by, value, world_countries[v->country], detector);
            here += in;
            if (in || unit == UNIT_ORGANISATIONS)
                world_server_counts(c, v, d, sum);
        }
        world_on(w, c, d, &now);
        bool verified = now.s.stage >= CASE_VERIFIED, candidate = now.s.stage == CASE_CANDIDATE, own = by != CASE_BY_ADDRESS_COUNTRY && by != CASE_BY_DETECTOR;
        if (unit == UNIT_NOTICES) {
            if (!own || !verified || !world_value_is(w, c, by, value, NULL, NULL) || !world_by(c->notified, d))
                continue;
            bool back = world_by(c->answered, d) && !world_by(c->bounced, d);
            n[COUNT_VERIFIED] += 1 + world_by(c->bounced, d);
            n[COUNT_NOTIFIED]++;
            n[COUNT_DELIVERED] += world_by(c->delivered, d);
            n[COUNT_BOUNCED] += world_by(c->bounced, d);
            n[COUNT_ANSWERED] += back;
            n[COUNT_ANSWERED_OF_NOTIFIED] += back;
            continue;
        }
        if (unit == UNIT_SERVERS) {
            for (int k = 0; k < CASE_COUNTS && verified; k++)
                n[k] += sum[k];
            n[COUNT_CANDIDATES] += candidate ? here : 0;
            n[COUNT_FORCED] += now.s.forced ? here : 0;
            n[COUNT_DORMANT] += verified && now.s.stage == CASE_DORMANT ? here : 0;
            n[COUNT_CLOSED] += verified && now.s.derived == CASE_CLOSED ? here : 0;
            continue;
        }
        if (own ? !world_value_is(w, c, by, value, NULL, NULL) || !now.s.asset_n : !here)
            continue;
        n[COUNT_CANDIDATES] += candidate;
        n[COUNT_FORCED] += now.s.forced;
        if (!verified)
            continue;
        for (int k = 0; k < CASE_COUNTS; k++)
            sum[k] = sum[k] > 0;
        sum[COUNT_VERIFIED] = 1;
        sum[COUNT_NOTIFIED] = world_by(c->notified, d);
        sum[COUNT_ANSWERED] = world_by(c->answered, d);
        sum[COUNT_DELIVERED] = world_by(c->delivered, d);
        sum[COUNT_BOUNCED] = world_by(c->bounced, d);
        sum[COUNT_ANSWERED_OF_NOTIFIED] = sum[COUNT_ANSWERED] && sum[COUNT_NOTIFIED];
        sum[COUNT_PATCHED] = patched && safe == mine;
        sum[COUNT_HUNTED] = mine && hunted == mine;
        sum[COUNT_HUNTED_OF_NOTIFIED] = sum[COUNT_HUNTED] && sum[COUNT_NOTIFIED];
        sum[COUNT_MISSED_OF_HUNTED] = sum[COUNT_HUNTED] && sum[COUNT_MISSED];
        sum[COUNT_CLEAN] = mine && clean == mine;
        for (int k = 0; k < CASE_COUNTS; k++)
            if (k != COUNT_CANDIDATES && k != COUNT_FORCED)
                n[k] += sum[k];
        n[COUNT_DORMANT] += now.s.stage == CASE_DORMANT;
        n[COUNT_CLOSED] += now.s.derived == CASE_CLOSED;
    }
}

/* --- figures of it --- */

/* Days on which something of a case changes; others say what the day before said. */
static inline bool world_changes(const struct world_case *c, int d)
{
    const int of_case[] = { c->seen, c->verified, c->notified, c->delivered, c->answered, c->bounced, c->forced, c->verified + 61, c->verified + 90, 121 };

    for (size_t i = 0; i < COUNT_OF(of_case); i++)
        if (of_case[i] == d)
            return true;
    for (uint32_t k = 0; k < c->servers; k++) {
        const struct world_server *v = &c->server[k];
        const int of_server[] = { v->seen, v->patched, v->door, v->gone, v->hunted, v->clean, v->relapse, v->change, v->seen + 10 };
        for (size_t i = 0; i < COUNT_OF(of_server); i++)
            if (of_server[i] == d)
                return true;
    }
    return false;
}

/* Cases from the first to the last or back; spans whole, or cut at random as well. */
static inline void world_take(struct world *w, struct case_figures *f, bool back, bool cut)
{
    struct world_now now;
    struct err       e = { 0 };

    for (size_t i = 0; i < w->n; i++) {
        const struct world_case *c = &w->c[back ? w->n - 1 - i : i];
        int from = c->seen;
        for (int d = c->seen + 1; d <= w->days; d++) {
            if (d < w->days && !world_changes(c, d) && !(cut && world_rand(w, 5) == 0))
                continue;
            world_on(w, c, from, &now);
            if (!case_figures_take(f, c->campaign, WORLD_DAY + from, WORLD_DAY + d - 1, &now.s, &now.of, now.at, &e))
                fail_msg("%s", e.what);
            from = d;
        }
    }
}

static inline void world_free(struct world *w) { free(w->c); }

#endif
