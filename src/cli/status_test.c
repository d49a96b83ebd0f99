/* afterpatch status: forms, screens, days, hostile names, both engines, what is told to everybody. */
#include "cli/cli_fake.h"

#include "figures_board.h"
#include "pg_server.h"

#include <unistd.h>

static struct pg_server pg;
static bool has_pg;

struct room { char dir[40], file[64], page[64]; const char *where; };

static const char *const hostile_sectors[] = { "education", "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "retail", "\x1b]0;owned\x07", "" };

static void room_make(struct room *r, bool on_pg, size_t cases, int days, int64_t campaigns, bool rich)
{
    struct test_arena t = test_arena(64 << 20);
    struct store     *s = NULL;
    struct world      w;
    struct err        e = { 0 };

    snprintf(r->dir, sizeof r->dir, "/tmp/status-XXXXXX");
    CHECK(mkdtemp(r->dir) != NULL);
    snprintf(r->file, sizeof r->file, "%s/s.db", r->dir);
    snprintf(r->page, sizeof r->page, "%s/page.html", r->dir);
    r->where = on_pg ? pg.where : r->file;
    world_make(&w, cases, days, 11, campaigns);
    w.rich = rich;
    if (rich)
        w.sector = hostile_sectors;
    if (!store_open(&s, str_c(r->where), STORE_WRITE, &e) || !store_migrate(s, &casework_layer, &e))
        fail_msg("%s: %s", e.where, e.what);
    board_wipe(s);
    board_fill(s, &w, campaigns, t.a);
    store_close(s);
    world_free(&w);
    test_arena_free(&t);
}

static void room_clear(struct room *r)
{
    char command[80];

    snprintf(command, sizeof command, "rm -r %s", r->dir);
    CHECK(system(command) == 0);
}

/* Columns of the widest line, and how many lines: characters, not bytes. */
static size_t lines_of(struct str s, size_t *ret_wide)
{
    struct str line;
    size_t     n = 0;

    *ret_wide = 0;
    while (str_cut(&s, '\n', &line)) {
        size_t wide = 0;
        for (size_t i = 0; i < line.n; i++)
            wide += (line.p[i] & 0xC0) != 0x80;
        *ret_wide = wide > *ret_wide ? wide : *ret_wide;
        n += s.n > 0 || line.n > 0;
    }
    return n;
}

static void screens(void **state)
{
    static const struct { const char *word[6]; int64_t campaigns; size_t lines; const char *has[5]; } c[] = {
        { { "status" }, 1, 24, { "proxylogon as of 2021-06-29", "needs a person: ", "patched / verified", "TLP:AMBER", "seen by: " } },
        { { "status", "--campaign", "proxyshell" }, 2, 24, { "proxyshell as of", "2021-0", "notices:", "forced by a person: ", "first used, hunted servers: " } },
        { { "status" }, 2, 24, { "2 campaigns as of", "unit: organisations", "proxyshell", "need a person", "--campaign NAME" } },
        { { "status", "--by", "country", "--campaign", "proxylogon" }, 2, 24, { "country  ", "unknown ", "AT ", "unit: organisations", "verified" } },
        { { "status", "--at", "2021-03-20" }, 1, 24, { "as of 2021-03-20", "organisations on that day", "re-entered / ever back-doored", "median", "clean / verified" } },
        { { "status", "--public" }, 1, 24, { "TLP:CLEAR", "the five in which it lies", "organisations", "by country, verified:", "back-doored" } },
    };

    (void)state;
    for (int64_t campaigns = 1; campaigns <= 2; campaigns++)
        for (int rich = 0; rich < 2; rich++) {
            struct fake *f = fake_open();
            struct room  r;

            room_make(&r, false, 150, 130, campaigns, rich);
            for (size_t i = 0; i < COUNT_OF(c); i++) {
                const char *word[10] = { NULL };
                size_t      n = 0, wide, lines;

                if (c[i].campaigns != campaigns)
                    continue;
                for (; c[i].word[n] && n < 6; n++)
                    word[n] = c[i].word[n];
                word[n] = "--store";
                word[n + 1] = r.where;
                fake_run(f, word);
                if (f->code != CLI_DONE)
                    fail_msg("%zu: %.*s", i, STR_ARG(f->complained));
                lines = lines_of(f->said, &wide);
                if (lines > c[i].lines || wide > 80)
                    fail_msg("%zu: %zu lines of %zu columns\n%.*s", i, lines, wide, STR_ARG(f->said));
                for (size_t k = 0; k < 5 && !rich; k++)
                    if (!str_has(f->said, str_c(c[i].has[k])))
                        fail_msg("%zu: no \"%s\" in\n%.*s", i, c[i].has[k], STR_ARG(f->said));
                CHECK(!str_has(f->said, STR("\x1b")) && !str_has(f->said, STR("\xE2\x80\xAE")) && !str_has(f->said, STR("\x07")));
                if (i == 5)
                    CHECK(!str_has(f->said, STR("NAMED")));
            }
            room_clear(&r);
            fake_close(f);
        }
}

static void wide(void **state)
{
    struct fake *f = fake_open();
    struct room  r;
    size_t       columns;

    (void)state;
    room_make(&r, false, 150, 130, 1, true);
    const char *word[] = { "afterpatch", "status", "--store", r.where };
    f->out_text = (struct out_mem){ .a = &f->text.a };
    f->err_text = (struct out_mem){ .a = &f->text.a };
    out_open(&f->out, out_mem_put, &f->out_text);
    out_open(&f->err, out_mem_put, &f->err_text);
    f->cli = (struct cli){ .os = &f->os, .out = &f->out, .err = &f->err, .keep = f->keep.a, .scratch = f->scratch.a, .width = 140 };
    CHECK(cli_main(&f->cli, 4, (char *const *)(uintptr_t)word) == CLI_DONE);
    struct str s = out_mem_str(&f->out_text);
    if (lines_of(s, &columns) > 24 || columns > 140)
        fail_msg("%zu columns\n%.*s", columns, STR_ARG(s));
    CHECK(str_has(s, STR("from the step before")));
    room_clear(&r);
    fake_close(f);
}

/* What comes out is the same from both engines, byte for byte, and holds no hostile word as it is. */
static void forms(void **state)
{
    static const char *const form[][4] = { { "status", "--csv" }, { "status", "--json" }, { "status", "--html", "-" }, { "status", "--by", "sector" }, { "status", "--by", "day" },
                                           { "status", "--public", "--csv" }, { "status", "--public", "--json" }, { "status", "--public", "--html", "-" }, { "status", "--by", "detector" } };

    (void)state;
    struct room r[2];
    for (int k = 0; k < 1 + has_pg; k++)
        room_make(&r[k], k, 60, 60, 2, true);
    for (size_t i = 0; i < COUNT_OF(form); i++) {
        struct fake *f[2];

        for (int k = 0; k < 1 + has_pg; k++) {
            const char *word[8] = { NULL };
            size_t      n = 0;
            f[k] = fake_open();
            for (; n < 4 && form[i][n]; n++)
                word[n] = form[i][n];
            word[n] = "--store";
            word[n + 1] = r[k].where;
            fake_run(f[k], word);
            if (f[k]->code != CLI_DONE)
                fail_msg("%s %s: %.*s", form[i][0], form[i][1], STR_ARG(f[k]->complained));
            struct str s = f[k]->said;
            CHECK(s.n > 400);
            CHECK_WHY((!str_has(s, STR("<script")) || !str_has(s, STR("<!doctype"))) && !str_has(s, STR("\x1b")) && !str_has(s, STR("\xE2\x80\xAE")) && !str_has(s, STR("\x07")), form[i][1]);
            if (str_eq(str_c(form[i][1]), STR("--csv")) || (form[i][2] && str_eq(str_c(form[i][2]), STR("--csv"))))
                CHECK_WHY(!str_has(s, STR("\n=cmd")) && !str_has(s, STR(",=cmd")) && !str_has(s, STR("\"=cmd")), form[i][1]);
            if (strcmp(form[i][1], "--public") == 0)
                CHECK_WHY(!str_has(s, STR("NAMED")) && !str_has(s, STR("cmd|")) && !str_has(s, STR("alert")) && str_has(s, STR("TLP:CLEAR")), form[i][2]);
        }
        if (has_pg && i != 2 && i != 7)            /* pages tell when they were drawn */
            CHECK_STR(f[1]->said, f[0]->said);
        for (int k = 0; k < 1 + has_pg; k++)
            fake_close(f[k]);
    }
    for (int k = 0; k < 1 + has_pg; k++)
        room_clear(&r[k]);
}

/* CSV and JSON against the plainest count. */
static void truth(void **state)
{
    struct fake *f = fake_open();
    struct room  r;
    struct world w;
    int64_t      n[CASE_COUNTS];
    char         row[400];

    (void)state;
    room_make(&r, false, 90, 60, 1, false);
    world_make(&w, 90, 60, 11, 1);
    FAKE_RUN(f, "status", "--store", r.where, "--csv");
    for (int d = 1; d < 60; d += 9) {
        char day[TIME_TEXT];
        time_text(world_us(d), day);
        world_count(&w, 1, CASE_BY_COUNTRY, STR("AT"), UNIT_ORGANISATIONS, d, n);
        size_t at = (size_t)snprintf(row, sizeof row, "%.10s,proxylogon,country,AT,organisations", day);
        bool   any = false;
        for (int k = 0; k < CASE_COUNTS; k++) {
            at += (size_t)snprintf(row + at, sizeof row - at, ",%d", (int)n[k]);
            any |= n[k] != 0;
        }
        snprintf(row + at, sizeof row - at, ",2021-04-20,");
        if (any && !str_has(f->said, str_c(row)))
            fail_msg("no %s", row);
    }
    FAKE_RUN(f, "status", "--store", r.where, "--html", r.page);
    CHECK(f->code == CLI_DONE && f->said.n == 0 && access(r.page, R_OK) == 0);
    world_free(&w);
    room_clear(&r);
    fake_close(f);
}

static void refused(void **state)
{
    static const struct { const char *why, *word[6], *says; int code; } c[] = {
        { "no store", { "--store", "/nonexistent/s.db" }, "--store says where it lies", CLI_FAILED },
        { "an operand", { "x" }, "no operand", CLI_USAGE },
        { "two forms", { "--csv", "--json" }, "one of", CLI_USAGE },
        { "a table in a file", { "--by", "day", "--csv" }, "on the screen", CLI_USAGE },
        { "no day", { "--at", "soon" }, "is no day", CLI_USAGE },
    };
    struct fake *f = fake_open();
    struct room  r;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        const char *word[8] = { "status" };
        for (size_t k = 0; k < 6 && c[i].word[k]; k++)
            word[k + 1] = c[i].word[k];
        fake_run(f, word);
        if (f->code != c[i].code || !str_has(f->complained, str_c(c[i].says)))
            fail_msg("%s: %d %.*s", c[i].why, f->code, STR_ARG(f->complained));
    }
    room_make(&r, false, 9, 30, 1, false);
    FAKE_RUN(f, "status", "--store", r.where, "--campaign", "x");
    CHECK(f->code == CLI_USAGE && str_has(f->complained, STR("no campaign")));
    FAKE_RUN(f, "status", "--public", "--store", r.where, "--campaign", "x");
    CHECK(f->code == CLI_USAGE && str_has(f->complained, STR("no campaign")));
    FAKE_RUN(f, "status", "--store", r.where, "--at", "2021-12-01");
    CHECK(f->code == CLI_USAGE && str_has(f->complained, STR("2021-03-21")));
    FAKE_RUN(f, "status", "--public", "--store", r.where, "--at", "2021-12-01");
    CHECK(f->code == CLI_USAGE && str_has(f->complained, STR("do not reach")));
    FAKE_RUN(f, "status", "--store", r.where, "--html", "/nonexistent/dir/page.html");
    CHECK(f->code == CLI_FAILED && str_has(f->complained, STR("/nonexistent")));
    room_clear(&r);
    fake_close(f);
}

/* The document names each count, share and stratum. */
static void documented(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct os         os = os_posix();
    struct str        s = STR_EMPTY;
    struct err        e = { 0 };

    (void)state;
    if (!os_slurp(&os, STR(AP_SOURCE_DIR), STR("docs/status.md"), 1 << 18, &t.a, &s, &e))
        fail_msg("%s", e.what);
    for (int i = 0; i < COUNT_REENTERED_OF_BACKDOORED; i++)
        CHECK_WHY(str_has(s, str_fmt(&t.a, "`%s`", case_count_name((enum case_count)i))), case_count_name((enum case_count)i));
    for (int i = 1; i < CASE_BYS; i++)
        CHECK_WHY(str_has(s, str_c(case_by_name((enum case_by)i))), case_by_name((enum case_by)i));
    for (size_t i = 0; case_shares[i].name; i++)
        CHECK_WHY(str_ihas(s, str_c(case_shares[i].name)) && str_has(s, str_c(case_shares[i].of)), case_shares[i].name);
    test_arena_free(&t);
}

PG_GROUP_OF(pg, has_pg)

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(screens), cmocka_unit_test(wide), cmocka_unit_test(forms), cmocka_unit_test(truth), cmocka_unit_test(refused), cmocka_unit_test(documented) };
    return cmocka_run_group_tests(tests, setup, teardown);
}
