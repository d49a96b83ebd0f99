/* What is told to everybody: no names within reach, and no arithmetic that gets more out of it than it says. */
#include "figures_board.h"
#include "pg_server.h"

#include "casework/picture.h"
#include "casework/public_figures.h"

static struct pg_server pg;
static bool has_pg;

static struct store *filled(const char *where, struct world *w)
{
    struct test_arena t = test_arena(64 << 20);
    struct store     *s = NULL;
    struct err        e = { 0 };

    if (!store_open(&s, str_c(where), STORE_WRITE, &e) || !store_migrate(s, &casework_layer, &e))
        fail_msg("%s: %s", e.where, e.what);
    board_wipe(s);
    board_fill(s, w, 2, t.a);
    test_arena_free(&t);
    return s;
}

/* As figures_board has them. */
static const struct wave_dates dates = { WORLD_DAY, WORLD_DAY + 5, WORLD_DAY + 10, WORLD_DAY + 18 };

static struct public_figures published(struct store *from, int32_t day, struct arena *a)
{
    struct store         *s = NULL;
    struct public_figures p = { 0 };
    struct err            e = { 0 };
    int64_t               n;

    if (!public_store(from, 1, day, *a, &s, &e) || !public_figures_read(s, 1, day, &dates, a, &p, &e))
        fail_msg("%s: %s", e.where, e.what);
    /* The three tables, and of them one campaign up to the day; no text but the values of strata. */
    CHECK(store_one_int(s, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'", &n, &e) && n == 3);
    CHECK(store_one_int(s, "SELECT (SELECT count(*) FROM case_figure WHERE campaign <> 1) + (SELECT count(*) FROM case_wait WHERE campaign <> 1) + (SELECT count(*) FROM case_wave WHERE campaign <> 1)", &n, &e) && n == 0);
    CHECK(store_one_int(s, "SELECT max(coalesce((SELECT max(day) FROM case_figure), 0), coalesce((SELECT max(day) FROM case_wait), 0), coalesce((SELECT max(known) FROM case_wave), 0))", &n, &e) && n <= day);
    CHECK(store_one_int(s, "SELECT count(*) FROM pragma_table_info('case_wait') AS c WHERE c.type <> 'INTEGER'", &n, &e) && n == 0);
    CHECK(store_one_int(s, "SELECT count(*) FROM pragma_table_info('case_wave') AS c WHERE c.type <> 'INTEGER'", &n, &e) && n == 0);
    store_close(s);
    return p;
}

/* Everything that is told, as text. */
static struct str told(const struct public_figures *p, struct arena *a)
{
    char  *text = NEW(a, char, 1 << 18);
    size_t n = 0;

    CHECK(text);
    for (int k = 0; k < PUBLIC_COUNTS; k++)
        n += (size_t)snprintf(text + n, 100, "%d %d/%d ", (int)p->organisations[k].low, p->servers[k].told, (int)p->servers[k].low);
    for (int t = 0; t < 3; t++)
        for (size_t i = 0; i < p->table[t].n; i++) {
            n += (size_t)snprintf(text + n, 100, "\n%d %.*s", p->table[t].by, STR_ARG(p->table[t].row[i].value));
            for (int k = 0; k < PUBLIC_STRATUM_COUNTS; k++)
                n += (size_t)snprintf(text + n, 100, " %d/%d", p->table[t].row[i].n[k].told, (int)p->table[t].row[i].n[k].low);
        }
    for (size_t i = 0; i < p->day_n; i++) {
        n += (size_t)snprintf(text + n, 100, "\n%d", p->days[i].day);
        for (int k = 0; k < PUBLIC_COUNTS; k++)
            n += (size_t)snprintf(text + n, 100, " %d", (int)p->days[i].n[k].low);
        CHECK(n < (1 << 18) - 4000);
    }
    for (size_t i = 0; i < p->detector_n; i++)
        n += (size_t)snprintf(text + n, 100, "\n%.*s", STR_ARG(p->detector[i]));
    for (int i = 0; i < WAIT_PAIRS; i++)
        n += (size_t)snprintf(text + n, 100, "\n%d %d %d %d", p->wait[i].told, p->wait[i].as_of, p->wait[i].low, p->wait[i].high);
    n += (size_t)snprintf(text + n, 100, "\n%d %d %d", p->wave.told, p->wave.as_of, p->wave.widespread ? p->wave.from : 0);
    for (size_t i = 0; i < p->wave.n; i++)
        n += (size_t)snprintf(text + n, 100, " %d:%d:%d", p->wave.bar[i].from, (int)p->wave.bar[i].n.low, p->wave.bar[i].spike);
    return (struct str){ (const uint8_t *)text, n };
}

/* The same words come out of a store that never had a name in it as of one that is full of them. */
static void no_names(void **state)
{
    struct test_arena t = test_arena(16 << 20);
    struct world      w;
    struct err        e = { 0 };

    (void)state;
    world_make(&w, 400, 60, 21, 2);
    w.rich = true;
    w.sector = (const char *const[]){ "education", "NAMED-VICTIM-7 Bakery", "retail", "=cmd|' /C calc'!A0", "healthcare", "" };
    for (int engine = 0; engine < 1 + has_pg; engine++) {
        struct store         *s = filled(engine ? pg.where : ":memory:", &w);
        struct arena          a = t.a;
        struct public_figures p = published(s, WORLD_DAY + 59, &a);
        struct str            with = told(&p, &a);
        static const char *const names[] = { "case_state", "case_org", "case_report", "case_campaign", "case_asset", "case_server", "case_first" };

        CHECK(p.wait[0].told && p.wave.told && p.wave.n > 2);
        CHECK(p.table[0].n > 3 && p.table[1].n >= 2 && p.table[2].n >= 2 && p.day_n > 5 && p.detector_n >= 2);
        CHECK(!str_has(with, STR("NAMED")) && !str_has(with, STR("cmd")) && !str_has(with, STR("(other)")));
        /* Nothing but the figures are there. */
        for (size_t i = 0; i < COUNT_OF(names); i++) {
            char sql[80];
            snprintf(sql, sizeof sql, "ALTER TABLE %s RENAME TO away_%s", names[i], names[i]);
            if (!store_exec(s, sql, &e))
                fail_msg("%s", e.what);
        }
        p = published(s, WORLD_DAY + 59, &a);
        CHECK_STR(told(&p, &a), with);
        for (size_t i = 0; i < COUNT_OF(names); i++) {
            char sql[80];
            snprintf(sql, sizeof sql, "ALTER TABLE away_%s RENAME TO %s", names[i], names[i]);
            CHECK(store_exec(s, sql, &e));
        }
        store_close(s);
    }
    world_free(&w);
    test_arena_free(&t);
}

/* Each number is the five in which the truth lies; small ones are not told; rows are named only when they may be. */
static void rules(void **state)
{
    struct test_arena t = test_arena(32 << 20);
    struct world      w;

    (void)state;
    world_make(&w, 300, 60, 4, 2);
    struct store *s = filled(":memory:", &w);
    for (int d = 0; d < 60; d += 7) {
        struct arena          a = t.a;
        struct public_figures p = published(s, WORLD_DAY + d, &a);
        int64_t               n[CASE_COUNTS], v[CASE_COUNTS];

        world_count(&w, 1, CASE_BY_ALL, STR(""), UNIT_ORGANISATIONS, d, n);
        for (int k = 0; k < PUBLIC_COUNTS; k++) {
            CHECK(p.organisations[k].low % 5 == 0 && p.organisations[k].low <= n[public_counts[k]] && n[public_counts[k]] < p.organisations[k].low + 5);
            if (p.servers[k].told) {
                CHECK(p.servers_as_of[k] % 7 == 3 && p.servers_as_of[k] <= WORLD_DAY + d);
                world_count(&w, 1, CASE_BY_ALL, STR(""), UNIT_SERVERS, p.servers_as_of[k] - WORLD_DAY, v);
                CHECK(p.servers[k].low == v[public_counts[k]] / 5 * 5);
                world_count(&w, 1, CASE_BY_ALL, STR(""), UNIT_ORGANISATIONS, p.servers_as_of[k] - WORLD_DAY, v);
                CHECK(v[public_counts[k]] >= 5);
            }
            CHECK(!p.day_n || p.days[p.day_n - 1].n[k].low == p.organisations[k].low);
        }
        for (int i = 0; i < 3; i++) {
            int64_t smallest = INT64_MAX;
            for (size_t r = 0; r < p.table[i].n; r++) {
                struct public_row *row = &p.table[i].row[r];
                world_count(&w, 1, p.table[i].by, row->value, UNIT_ORGANISATIONS, d, n);
                CHECK(n[COUNT_VERIFIED] >= 5);
                smallest = n[COUNT_VERIFIED] < smallest ? n[COUNT_VERIFIED] : smallest;
                for (int k = 0; k < PUBLIC_STRATUM_COUNTS; k++)
                    CHECK(!row->n[k].told || row->n[k].low == n[public_counts[k]] / 5 * 5);
            }
            /* There is one of 5 or more that is not told, and it is the smallest. */
            int hidden = 0;
            const char *const *value = i == 0 ? world_countries : i == 1 ? world_sectors : world_sizes;
            size_t values = i == 0 ? COUNT_OF(world_countries) : i == 1 ? COUNT_OF(world_sectors) : COUNT_OF(world_sizes);
            for (size_t x = 0; x < values; x++) {
                bool is = false;
                for (size_t r = 0; r < p.table[i].n; r++)
                    is |= str_eq(p.table[i].row[r].value, str_c(value[x]));
                world_count(&w, 1, p.table[i].by, str_c(value[x]), UNIT_ORGANISATIONS, d, n);
                if (!is && n[COUNT_VERIFIED] >= 5) {
                    hidden++;
                    CHECK(n[COUNT_VERIFIED] <= smallest);
                }
            }
            CHECK(hidden >= 1 || p.table[i].n == 0);
        }
    }
    store_close(s);
    world_free(&w);
    test_arena_free(&t);
}

/*
 * --- the attack: every assignment that agrees with what is told, by trying them all ---
 *
 * Three columns: verified; back-doored and clean, which lie within it and exclude each other. All that somebody outside can know of a table: each number's five, the whole's
 * five, that columns lie within each other in each row and in what is left out, how many values were left out and how large these may be.
 */
enum { ROWS = 3, COLUMNS = 3 };
static const int column[COLUMNS] = { 0, 3, 7 };
struct seen { size_t n; int columns; int64_t low[COLUMNS][ROWS], whole[COLUMNS], most; bool small; };

static bool in_order(const int64_t *n, int columns)
{
    return (columns < 2 || n[1] <= n[0]) && (columns < 3 || n[1] + n[2] <= n[0]);
}

/* Which values each row may have, and a value of fewer than 5 that is left out. */
static void attack(const struct seen *t, uint32_t row[COLUMNS][ROWS], uint32_t small[COLUMNS])
{
    int all = 1, box = t->columns == 3 ? 125 : t->columns == 2 ? 25 : 5;

    for (size_t i = 0; i <= t->n; i++)
        all *= box;
    memset(row, 0, COLUMNS * sizeof *row);
    memset(small, 0, COLUMNS * sizeof *small);
    for (int code = 0; code < all; code++) {
        int64_t v[ROWS + 1][COLUMNS], rest[COLUMNS];
        bool    ok = true;
        int     c = code;

        for (size_t i = 0; i <= t->n; i++)
            for (int k = 0; k < t->columns; k++, c /= 5)
                v[i][k] = (i < t->n ? t->low[k][i] : t->whole[k]) + c % 5;
        for (int k = 0; k < t->columns; k++)
            rest[k] = v[t->n][k];
        for (size_t i = 0; ok && i < t->n; i++) {
            ok = in_order(v[i], t->columns);
            for (int k = 0; k < t->columns; k++)
                rest[k] -= v[i][k];
        }
        for (int k = 0; ok && k < t->columns; k++)
            ok = rest[k] >= 0;
        if (!ok || !in_order(rest, t->columns) || rest[0] < 5 || rest[0] > t->most)
            continue;
        for (size_t i = 0; i < t->n; i++)
            for (int k = 0; k < t->columns; k++)
                row[k][i] |= 1u << (v[i][k] - t->low[k][i]);
        /* x organisations of the rest, with or without what the column says, are the small value; the others are one of 5 and more small ones. */
        for (int64_t x = 0; x < 5; x++)
            for (int k = 0; k < t->columns; k++)
                if (x <= rest[k] && rest[0] - x >= 5 && rest[0] - (k ? 0 : x) <= t->most - 4 + (k ? x : 0))
                    small[k] |= 1u << x;
    }
}

static uint32_t next(uint32_t *seed, uint32_t below)
{
    *seed = *seed * 1664525 + 1013904223;
    return (*seed >> 10) % below;
}

/* Random tables in which sums bite. Whatever public_columns lets through cannot be narrowed, and it holds back much that could. */
static void sums(void **state)
{
    uint32_t seed = 77;
    int      let_through = 0, held_back = 0, leaks = 0;

    (void)state;
    for (int turn = 0; turn < 600; turn++) {
        struct seen t = { .columns = 1 + (int)next(&seed, 3), .small = next(&seed, 2) };
        int64_t     sum[COLUMNS] = { 0 }, rest[COLUMNS], of[PUBLIC_STRATUM_COUNTS] = { 0 };
        uint32_t    row[COLUMNS][ROWS], small[COLUMNS];

        t.n = t.columns == 1 ? 1 + next(&seed, 3) : t.columns == 2 ? 1 + next(&seed, 2) : 1;
        for (size_t i = 0; i <= t.n; i++) {
            /* Often the worst: at an end of its five, and everybody or nobody in a column. The last is what is left out. */
            uint32_t ends = next(&seed, 3);
            int64_t  v[COLUMNS];
            v[0] = (i < t.n ? 5 : 6) + next(&seed, i < t.n ? 12 : 34);
            if (ends && i < t.n)
                v[0] = v[0] / 5 * 5 + (ends == 1 ? 4 : 0);
            v[1] = next(&seed, 3) ? next(&seed, (uint32_t)v[0] + 1) : v[0];
            v[2] = next(&seed, 3) ? next(&seed, (uint32_t)(v[0] - v[1]) + 1) : v[0] - v[1];
            for (int k = 0; k < COLUMNS; k++) {
                if (i < t.n)
                    t.low[k][i] = v[k] / 5 * 5;
                rest[k] = v[k];
                sum[k] += v[k];
            }
        }
        for (int k = 0; k < COLUMNS; k++)
            t.whole[k] = sum[k] / 5 * 5;
        t.most = rest[0] + next(&seed, 12);
        for (int k = 0; k < t.columns; k++)
            of[column[k]] = rest[k];
        uint32_t told = public_columns(of, t.most);
        bool     all = true, leak = false;
        for (int k = 0; k < t.columns; k++)
            all &= told >> column[k] & 1;
        attack(&t, row, small);
        for (int k = 0; k < t.columns; k++) {
            for (size_t i = 0; i < t.n; i++)
                leak |= row[k][i] != 31;
            leak |= t.small && small[k] != 31;
        }
        if (all && leak)
            fail_msg("turn %d: a row or a small value can be narrowed (%zu rows, %d columns)", turn, t.n, t.columns);
        let_through += all;
        held_back += !all;
        leaks += leak;
    }
    CHECK(let_through > 100 && held_back > 100 && leaks > 50);
}

/*
 * --- two worlds, one publication ---
 *
 * Whoever attacks the whole of what is told (every table, the whole, the days, whatever he computes from them) cannot find a number when another world, in which it is a
 * different one, tells the very same. Such worlds are made by giving two organisations each other's country.
 */
static struct str told_of(const struct world *w, int day, struct store *s, struct arena *a)
{
    struct case_figures  *f;
    struct public_figures p;
    struct world_now      now;
    struct err            e = { 0 };

    CHECK(case_figures_open(&f, a, &e));
    for (size_t i = 0; i < w->n; i++) {
        world_on(w, &w->c[i], day, &now);
        CHECK(case_figures_take(f, 1, WORLD_DAY + day, WORLD_DAY + day, &now.s, &now.of, now.at, &e));
    }
    if (!store_begin(s, &e) || !case_figures_write(f, s, &e) || !store_commit(s, &e))
        fail_msg("%s", e.what);
    p = published(s, WORLD_DAY + day, a);
    return told(&p, a);
}

/* What an organisation is counted in, as bits of the columns. */
static uint32_t columns_of(const struct world *w, const struct world_case *c, int day)
{
    struct world one = { .c = (struct world_case *)(uintptr_t)c, .n = 1, .days = w->days, .sector = w->sector, .sectors = w->sectors };
    int64_t      n[CASE_COUNTS];
    uint32_t     bits = 0;

    world_count(&one, c->campaign, CASE_BY_ALL, STR(""), UNIT_ORGANISATIONS, day, n);
    for (int k = 0; k < PUBLIC_STRATUM_COUNTS; k++)
        bits |= n[public_counts[k]] > 0 ? 1u << k : 0;
    return bits;
}

static bool named(const struct public_figures *p, const struct world_case *c)
{
    for (size_t x = 0; x < p->table[0].n; x++)
        if (str_eq(p->table[0].row[x].value, str_c(world_countries[c->country])))
            return true;
    return false;
}

static void swap_countries(struct world_case *x, struct world_case *y)
{
    int c = x->country;
    x->country = y->country;
    y->country = c;
}

static void two_worlds(void **state)
{
    enum { DAY = 55 };
    struct test_arena t = test_arena(48 << 20);
    struct world      w;
    struct err        e = { 0 };
    struct store     *s = NULL;
    int               cells = 0, doubtful = 0;

    (void)state;
    world_make(&w, 260, 60, 17, 1);
    CHECK(store_open(&s, STR(":memory:"), STORE_WRITE, &e) && store_migrate(s, &casework_layer, &e));
    struct arena          a = t.a;
    struct str            truth = told_of(&w, DAY, s, &a);
    struct public_figures p = published(s, WORLD_DAY + DAY, &a);

    uint32_t *of = NEW(&a, uint32_t, w.n);

    CHECK(of && p.table[0].n >= 3);
    for (size_t i = 0; i < w.n; i++)
        of[i] = columns_of(&w, &w.c[i], DAY);
    for (size_t r = 0; r < p.table[0].n; r++)
        for (int k = 1; k < PUBLIC_STRATUM_COUNTS; k++) {
            bool other = false;
            int  tries = 0;

            if (!p.table[0].row[r].n[k].told)
                continue;
            cells++;
            /* One of this country and one of another, of which one has it and the other has not; those first that differ in little else. */
            for (int differ = 1; differ <= PUBLIC_STRATUM_COUNTS && !other && tries < 300; differ++)
                for (size_t i = 0; i < w.n && !other; i++) {
                    int tried = 0;
                    if (!(of[i] & 1) || !str_eq(p.table[0].row[r].value, str_c(world_countries[w.c[i].country])))
                        continue;
                    for (size_t j = 0; j < w.n && !other && tried < 2; j++) {
                        struct arena mine = a;
                        if (!(of[j] & 1) || !((of[i] ^ of[j]) >> k & 1) || __builtin_popcount(of[i] ^ of[j]) != differ || w.c[i].country == w.c[j].country)
                            continue;
                        /* The first of those that are not told, and the first of those that are. */
                        if (tried == 0 ? named(&p, &w.c[j]) : !named(&p, &w.c[j]))
                            continue;
                        tried++;
                        tries++;
                        swap_countries(&w.c[i], &w.c[j]);
                        other = str_eq(told_of(&w, DAY, s, &mine), truth);
                        swap_countries(&w.c[i], &w.c[j]);
                    }
                }
            doubtful += other;

        }
    if (cells < 12 || doubtful < cells)
        fail_msg("%d numbers by country, of %d another world tells the same", cells, doubtful);
    store_close(s);
    world_free(&w);
    test_arena_free(&t);
}

/* Two days: a value that only grows, its two publications, and both equations. No day's number is narrowed, and no difference is known to less than nine values. */
static void days(void **state)
{
    uint32_t seed = 5;

    (void)state;
    for (int turn = 0; turn < 400; turn++) {
        int64_t now[2][2], whole[2], low[2][2], wl[2];
        uint32_t may[2][2] = { { 0 } };

        for (int d = 0; d < 2; d++) {
            for (int i = 0; i < 2; i++) {
                seed = seed * 1664525 + 1013904223;
                now[d][i] = d ? now[0][i] + (seed >> 20) % 3 : 5 + (seed >> 16) % 20;
                low[d][i] = now[d][i] / 5 * 5;
            }
            whole[d] = now[d][0] + now[d][1] + 5 + (seed >> 24) % 4;
            wl[d] = whole[d] / 5 * 5;
        }
        for (int code = 0; code < 15625; code++) {
            int c = code, v[6];
            for (int i = 0; i < 6; i++, c /= 5)
                v[i] = c % 5;
            int64_t a0 = low[0][0] + v[0], b0 = low[0][1] + v[1], a1 = low[1][0] + v[2], b1 = low[1][1] + v[3], r0 = wl[0] + v[4] - a0 - b0, r1 = wl[1] + v[5] - a1 - b1;
            if (a1 < a0 || b1 < b0 || r0 < 0 || r1 < 0)
                continue;
            may[0][0] |= 1u << v[0];
            may[0][1] |= 1u << v[1];
            may[1][0] |= 1u << v[2];
            may[1][1] |= 1u << v[3];
        }
        for (int d = 0; d < 2; d++)
            for (int i = 0; i < 2; i++)
                CHECK(may[d][i] == 31);
    }
}

/*
 * --- every day's publication, and four organisations of which everything is unknown ---
 *
 * The attacker collects what is told on each day, and knows all organisations but four. In a world in which the four did something else all of it would have been true as well, by
 * the exact medians of the team (picture.h): there is nothing of them that he can rule out.
 */
static void otherwise(struct world *w, uint32_t *seed)
{
    for (int i = 0; i < WAIT_FOUR; i++) {
        struct world_case *c = &w->c[next(seed, (uint32_t)w->n)];
        int               *day[] = { &c->verified, &c->notified, &c->answered, &c->server[0].patched, &c->server[0].hunted };

        for (size_t k = 0; k < COUNT_OF(day); k++)
            *day[k] = next(seed, 3) ? (int)next(seed, (uint32_t)w->days) : WORLD_NEVER;
        c->forced = WORLD_NEVER;
    }
}

static void true_there(struct store *other, const struct public_figures *p, int32_t day, struct arena a, int *ret_tried)
{
    const struct picture_ask ask = { .campaign = STR("proxylogon"), .day = day };
    struct picture           exact;
    struct err               e = { 0 };

    if (!picture_read(other, &ask, &a, &exact, &e))
        fail_msg("%s", e.what);
    for (int i = 0; i < WAIT_PAIRS; i++) {
        const struct public_wait   *t = &p->wait[i];
        const struct product_limit *x = i < PICTURE_STEPS ? &exact.campaign[0].wait[i].since_verified : &exact.campaign[0].wait[i - PICTURE_STEPS + 1].since_last;
        if (!t->told || t->as_of != day)
            continue;
        if (x->median < t->low || (t->high && x->median >= t->high))
            fail_msg("as of day %d, %s to %s: told %d to %d, and with four others it is %g", day - WORLD_DAY, wait_step_name(wait_pairs[i].from), wait_step_name(wait_pairs[i].to), t->low, t->high, x->median);
        ++*ret_tried;
    }
}

static void four_others(void **state)
{
    enum { DAYS = 80, WORLDS = 6 };
    struct test_arena t = test_arena(48 << 20);
    uint32_t          seed = 3;

    (void)state;
    for (int engine = 0; engine < 1 + has_pg; engine++) {
        int tried = 0;
        for (int turn = 0; turn < (engine ? 2 : WORLDS); turn++) {
            struct world   w;
            int32_t        as_of[DAYS];
            struct arena   a = t.a;
            struct public_figures *p = NEW(&a, struct public_figures, DAYS);
            size_t         n = 0;

            world_make(&w, 240, DAYS, 50 + (uint32_t)turn, 1);
            struct store  *s = filled(engine ? pg.where : ":memory:", &w);
            for (int d = 0; d < DAYS; d += 1) {
                p[n] = published(s, WORLD_DAY + d, &a);
                as_of[n++] = public_week_end(WORLD_DAY + d) - (public_week_end(WORLD_DAY + d) > WORLD_DAY + d ? 7 : 0);
            }
            store_close(s);
            otherwise(&w, &seed);
            s = filled(engine ? pg.where : ":memory:", &w);
            for (size_t i = 0; i < n; i++)
                if (i == 0 || as_of[i] != as_of[i - 1])
                    true_there(s, &p[i], as_of[i], a, &tried);
            store_close(s);
            world_free(&w);
        }
        CHECK(tried > (engine ? 10 : 40));
    }
    test_arena_free(&t);
}

static bool same_waits(const struct public_wait *x, const struct public_wait *y)
{
    for (int i = 0; i < WAIT_PAIRS; i++)
        if (x[i].told != y[i].told || x[i].as_of != y[i].as_of || x[i].low != y[i].low || x[i].high != y[i].high)
            return false;
    return true;
}

/* Day after day: what is told of medians and the wave changes with the end of a week only, and is the same from both engines. */
static void day_by_day(void **state)
{
    struct test_arena     t = test_arena(32 << 20);
    struct public_figures was = { 0 };
    struct world          w;
    int                   moved = 0;

    (void)state;
    world_make(&w, 240, 60, 9, 2);
    struct store *s = filled(":memory:", &w), *also = has_pg ? filled(pg.where, &w) : NULL;
    for (int d = 0; d < 60; d++) {
        struct arena          a = t.a;
        struct public_figures p = published(s, WORLD_DAY + d, &a);

        if (also) {
            struct public_figures other = published(also, WORLD_DAY + d, &a);
            CHECK_STR(told(&other, &a), told(&p, &a));
        }
        bool change = !same_waits(p.wait, was.wait) || p.wave.told != was.wave.told || (p.wave.told && p.wave.as_of != was.wave.as_of);
        CHECK(!change || (WORLD_DAY + d) % 7 == 3);
        moved += change;
        was = p;
    }
    CHECK(moved > 3);
    store_close(s);
    store_close(also);
    world_free(&w);
    test_arena_free(&t);
}

/*
 * One organisation with four servers among those with few: whoever compares the numbers of servers of one day and the next must not see it come. A number moves only when five organisations
 * came or went between; and what moves with fewer is none.
 */
static void one_comes(void **state)
{
    struct test_arena t = test_arena(32 << 20);
    struct world      w;
    int               moved = 0;

    (void)state;
    world_make(&w, 300, 60, 12, 1);
    for (int engine = 0; engine < 1 + has_pg; engine++) {
        struct store         *s = filled(engine ? pg.where : ":memory:", &w);
        struct public_figures was = { 0 };

        for (int d = 0; d < 60; d++) {
            struct arena          a = t.a;
            struct public_figures p = published(s, WORLD_DAY + d, &a);
            int64_t               now[CASE_COUNTS], then[CASE_COUNTS];

            for (int k = 0; k < PUBLIC_COUNTS; k++) {
                if (!p.servers[k].told || (was.servers[k].told && was.servers[k].low == p.servers[k].low && was.servers_as_of[k] == p.servers_as_of[k]))
                    continue;
                world_count(&w, 1, CASE_BY_ALL, STR(""), UNIT_ORGANISATIONS, p.servers_as_of[k] - WORLD_DAY, now);
                if (was.servers[k].told)
                    world_count(&w, 1, CASE_BY_ALL, STR(""), UNIT_ORGANISATIONS, was.servers_as_of[k] - WORLD_DAY, then);
                CHECK(llabs(now[public_counts[k]] - (was.servers[k].told ? then[public_counts[k]] : 0)) >= PUBLIC_FIVE);
                moved++;
            }
            was = p;
        }
        store_close(s);
    }
    CHECK(moved > 40);
    world_free(&w);
    test_arena_free(&t);
}

static void shares(void **state)
{
    struct public_share s = public_share((struct public_cell){ true, 50 }, (struct public_cell){ true, 100 });

    (void)state;
    CHECK(s.known && s.low > 0.48 && s.low < 0.481 && s.high == 0.54);
    CHECK(!public_share((struct public_cell){ true, 0 }, (struct public_cell){ true, 100 }).known);
    CHECK(!public_share((struct public_cell){ false, 0 }, (struct public_cell){ true, 100 }).known);
    s = public_share((struct public_cell){ true, 100 }, (struct public_cell){ true, 100 });
    CHECK(s.known && s.high == 1);
}

static void empty(void **state)
{
    struct test_arena     t = test_arena(1 << 20);
    struct store         *s = NULL;
    struct public_figures p;
    struct err            e = { 0 };

    (void)state;
    CHECK(store_open(&s, STR(":memory:"), STORE_WRITE, &e) && store_migrate(s, &casework_layer, &e));
    p = published(s, 100, &t.a);
    CHECK(p.organisations[0].low == 0 && p.organisations[0].told && !p.servers[0].told && p.day_n == 0 && p.table[0].n == 0);
    store_close(s);
    CHECK(store_open(&s, STR(":memory:"), STORE_WRITE, &e));
    struct store *none = NULL;
    CHECK(!public_store(s, 1, 100, t.a, &none, &e) && none == NULL && e.what[0]);
    store_close(s);
    test_arena_free(&t);
}

static struct store *faulty;
static bool work(struct arena *a, struct err *e)
{
    struct public_figures p;
    return public_figures_read(faulty, 1, WORLD_DAY + 59, &dates, a, &p, e);
}
static void faults(void **state)
{
    struct world w;

    (void)state;
    world_make(&w, 60, 60, 4, 2);
    faulty = filled(":memory:", &w);
    fault_sweep(work, 2 << 20);
    store_close(faulty);
    world_free(&w);
}

PG_GROUP_OF(pg, has_pg)

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(no_names), cmocka_unit_test(rules), cmocka_unit_test(sums), cmocka_unit_test(two_worlds), cmocka_unit_test(days), cmocka_unit_test(four_others), cmocka_unit_test(day_by_day), cmocka_unit_test(one_comes), cmocka_unit_test(shares), cmocka_unit_test(empty), cmocka_unit_test(faults) };
    return cmocka_run_group_tests(tests, setup, teardown);
}
