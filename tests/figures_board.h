/* figures_board: puts a made-up campaign (figures_world.h) on the board of a store, as an update would leave it: figures, states, organisations, reports, the wave. */
#ifndef FIGURES_BOARD_H
#define FIGURES_BOARD_H

#include "figures_world.h"

#include "casework/update_inner.h"
#include "casework/urgency.h"

struct board_row { struct store_stmt *st; int at; };
static inline void board_sql(struct store *s, const char *sql)
{
    struct err e = { 0 };

    if (!store_exec(s, sql, &e))
        fail_msg("%s: %.200s", e.what, sql);
}
static inline struct board_row board_into(struct store *s, const char *table, const char *columns, int n)
{
    struct board_row r = { NULL, 0 };
    struct err       e = { 0 };
    char             sql[2048];
    size_t           at = (size_t)snprintf(sql, sizeof sql, "INSERT INTO %s (%s) VALUES (?1", table, columns);

    for (int i = 2; i <= n; i++)
        at += (size_t)snprintf(sql + at, sizeof sql - at, ", ?%d", i);
    snprintf(sql + at, sizeof sql - at, ")");
    if (!store_prepare(s, sql, &r.st, &e))
        fail_msg("%s: %s", e.what, sql);
    return r;
}
static inline void board_int(struct board_row *r, int64_t v)
{
    if (v == TIME_NONE)
        store_bind_null(r->st, ++r->at);
    else
        store_bind_int(r->st, ++r->at, v);
}
static inline void board_text(struct board_row *r, const char *v) { store_bind_text(r->st, ++r->at, str_c(v)); }
static inline void board_put(struct board_row *r)
{
    struct err e = { 0 };

    if (!store_run(r->st, &e))
        fail_msg("%s", e.what);
    r->at = 0;
}

static inline void board_campaigns(struct store *s, int64_t campaigns, bool hostile)
{
    static const char *const slug[] = { "proxylogon", "proxyshell", "third" };
    struct board_row r = board_into(s, "case_campaign", "id, slug, title, build_group, begun_us, report_us, patch_us, code_us", 8);

    for (int64_t i = 0; i < campaigns; i++) {
        board_int(&r, i + 1);
        board_text(&r, slug[i % 3]);
        board_text(&r, hostile ? world_hostile[i % 6] : "Exchange servers, made up");
        board_text(&r, "ProxyLogon");
        board_int(&r, world_us(0));
        board_int(&r, world_us(5));
        board_int(&r, world_us(10));
        board_int(&r, i == 1 ? TIME_NONE : world_us(18));
        board_put(&r);
    }
    store_finish(r.st);
}

static inline void board_states(struct store *s, const struct world *w)
{
    struct board_row r = board_into(s, "case_state", "case_id, campaign, org, stage, derived, forced, contradicted, reason, who, forced_us, needs, servers, vulnerable, patched, backdoored, patched_backdoored,"
                                    " hunted, clean, relapsed, missed, re_entered, beyond, stolen, suspicion, verified_us, notified_us, delivered_us, acknowledged_us, patched_us, hunted_us, clean_us,"
                                    " changed_us, urgency, why", 34);

    for (size_t i = 0; i < w->n; i++) {
        const struct world_case *c = &w->c[i];
        struct world_now         now;
        char                     why[80];

        world_on(w, c, w->days - 1, &now);
        const struct case_state *x = &now.s;
        const int64_t v[] = { c->id, c->campaign, c->org, x->stage, x->derived, x->forced, x->contradicted };
        for (size_t k = 0; k < COUNT_OF(v); k++)
            board_int(&r, v[k]);
        board_text(&r, !x->forced ? "" : w->rich ? world_hostile[i % 6] : "the owner called, and nobody could look");
        board_text(&r, !x->forced ? "" : w->rich ? world_hostile[(i + 1) % 6] : "ann");
        const int64_t t[] = { x->forced_us, 0, x->assets, x->vulnerable, x->patched, x->backdoored, x->patched_backdoored, x->hunted, x->clean, x->relapsed, x->missed, x->re_entered, 0, 0, 0,
                              x->verified_us, x->notified_us, x->delivered_us, x->acknowledged_us, x->patched_us, x->hunted_us, x->clean_us, TIME_NONE,
                              URGENCY_RANK * (int64_t)(x->stage == CASE_RELAPSED ? URGENT_RELAPSED : x->backdoored ? URGENT_DOOR_UNTOLD : x->stage >= CASE_VERIFIED && x->clean_us == TIME_NONE ? URGENT_HUNT
                                                          : x->stage == CASE_CANDIDATE ? URGENT_CANDIDATE : URGENT_WAITS) + x->patched_backdoored };
        for (size_t k = 0; k < COUNT_OF(t); k++)
            board_int(&r, t[k]);
        snprintf(why, sizeof why, "%s", w->rich ? world_hostile[(i + 2) % 6] : x->backdoored ? "phone now: a back door answers" : "write to somebody else");
        board_text(&r, why);
        board_put(&r);
    }
    store_finish(r.st);
}

static inline void board_orgs(struct store *s, const struct world *w)
{
    struct board_row r = board_into(s, "case_org", "org, name, name_from, sector, sector_source, size, country, confidence, servers, provider", 10);

    for (size_t i = 0; i < w->n; i++) {
        const struct world_case *c = &w->c[i];
        char name[120];

        snprintf(name, sizeof name, w->rich ? "NAMED-VICTIM-%d %s" : "NAMED-VICTIM-%d Bakery%s", (int)c->org, w->rich ? world_hostile[i % 6] : "");
        board_int(&r, c->org);
        board_text(&r, name);
        board_int(&r, 1);
        board_text(&r, w->sector[c->sector]);
        board_int(&r, 1);
        board_text(&r, world_sizes[c->size]);
        board_text(&r, world_countries[c->country]);
        board_int(&r, 90);
        board_int(&r, c->servers);
        board_int(&r, 0);
        board_put(&r);
    }
    store_finish(r.st);
}

/* One report for each hunted server that had a back door; the subject's number is the server's. */
static inline void board_reports(struct store *s, const struct world *w)
{
    struct board_row r = board_into(s, "case_report", "file, campaign, subject, verdict, door_open, theft, tool, packs, grade, why, placed_us, used_us, entered_us, re_entered, beyond, nonce_ok, back_doors,"
                                    " ways_back, mail_bytes, recorded_us, hunted_us", 21);
    struct board_row a = board_into(s, "case_asset", "subject, asset", 2);

    for (size_t i = 0; i < w->n; i++)
        for (uint32_t k = 0; k < w->c[i].servers; k++) {
            const struct world_server *v = &w->c[i].server[k];
            board_int(&a, v->asset);
            board_int(&a, v->asset);
            board_put(&a);
            if (!world_by(v->hunted, w->days - 1) || v->door >= WORLD_NEVER)
                continue;
            board_int(&r, v->asset);
            board_int(&r, w->c[i].campaign);
            board_int(&r, v->asset);
            board_text(&r, "backdoored");
            board_text(&r, "no");
            board_text(&r, "none");
            board_text(&r, w->rich ? world_hostile[i % 6] : "afterpatch 0.1.0");
            board_text(&r, w->rich ? world_hostile[(i + 3) % 6] : "proxylogon 1");
            board_int(&r, GRADE_B);
            board_text(&r, "");
            board_int(&r, world_us(v->door));
            board_int(&r, v->stolen ? world_us(v->door) + TIME_HOUR : TIME_NONE);
            board_int(&r, world_us(v->door) - 2 * TIME_HOUR);
            for (int z = 0; z < 6; z++)
                board_int(&r, 0);
            board_int(&r, world_us(v->hunted));
            board_int(&r, world_us(v->hunted));
            board_put(&r);
        }
    store_finish(r.st);
    store_finish(a.st);
}

/* Of the servers what update_public asks: whose they are. */
static inline void board_servers(struct store *s, const struct world *w)
{
    static const char columns[] = "campaign, asset, org, case_id, not_mine, name, product, build, country, port, asn, exposure, exposure_grade, compromise, compromise_grade, clean, was_clean, suspicion, hunted,"
                                  " re_entered, still_there, backdoored_ever, beyond, theft, relapses, missed, confidence, shared";
    enum { OWN = 5, WORDS = 9, COLUMNS = 28 };
    struct board_row r = board_into(s, "case_server", columns, COLUMNS);

    for (size_t i = 0; i < w->n; i++)
        for (uint32_t k = 0; k < w->c[i].servers; k++) {
            const struct world_case *c = &w->c[i];
            const int64_t own[OWN] = { c->campaign, c->server[k].asset, c->org, c->id, c->server[k].not_mine };
            for (int x = 0; x < COLUMNS; x++)
                if (x >= OWN && x < WORDS)
                    board_text(&r, "");
                else
                    board_int(&r, x < OWN ? own[x] : 0);
            board_put(&r);
        }
    store_finish(r.st);
}

/* s: empty, its tables made. arena: for the figures. */
static inline void board_fill(struct store *s, struct world *w, int64_t campaigns, struct arena a)
{
    struct update_options o = { .known_us = TIME_NONE, .now_us = world_us(w->days) - 1 };
    struct update         u = { .s = s, .o = &o, .scratch = a };
    struct err            e = { 0 };
    char                  sql[200];

    a.end = u.scratch.beg = a.beg + arena_room(&a) / 32 * 16;
    CHECK(store_begin(s, &e));
    board_campaigns(s, campaigns, w->rich);
    board_states(s, w);
    board_orgs(s, w);
    board_reports(s, w);
    board_servers(s, w);
    CHECK(case_figures_open(&u.figures, &a, &e));
    world_take(w, u.figures, false, false);
    if (!update_figures(&u, &e))
        fail_msg("%s", e.what);
    snprintf(sql, sizeof sql, "INSERT INTO case_board (id, made_us, known_us, survey_id, day, generation) VALUES (1, %lld, NULL, 0, %d, 1)", (long long)(world_us(w->days) + 6 * TIME_HOUR), WORLD_DAY + w->days - 1);
    board_sql(s, sql);
    if (!store_commit(s, &e))
        fail_msg("%s", e.what);
}

static inline void board_wipe(struct store *s)
{
    static const char *const table[] = { "case_campaign", "case_state", "case_org", "case_report", "case_asset", "case_figure", "case_first", "case_wait", "case_wave", "case_server", "case_board" };
    char sql[80];

    for (size_t i = 0; i < COUNT_OF(table); i++) {
        snprintf(sql, sizeof sql, "DELETE FROM %s", table[i]);
        board_sql(s, sql);
    }
}

#endif
