#include "test.h"

#include "emit/out_mem.h"
#include "formats/yaml.h"
#include "report/collect.h"

enum { TEXT_BYTES = 1 << 20, SCRATCH_BYTES = 1 << 16 };

static const struct collect everything = { .families = GATHER_BIT(FAM_COUNT) - 1, .campaign = STR_INIT("proxylogon"), .version = STR_INIT("7") };

static struct str drawn(const struct collect_kind *kind, const struct collect *c, struct arena *a)
{
    struct test_arena scratch = test_arena(SCRATCH_BYTES);
    struct out_mem    text = { .a = a };
    struct out       *o = calloc(1, sizeof *o);
    struct err        e = { 0 };

    out_open(o, out_mem_put, &text);
    CHECK(kind->write(o, c, scratch.a, &e) && out_done(o, &e));
    free(o);
    test_arena_free(&scratch);
    return out_mem_str(&text);
}

/* Every place of the table is in every form that can take it. */
static void test_all_places_are_there(void **state)
{
    (void)state;
    for (size_t k = 0; collect_kinds[k]; k++) {
        struct test_arena t = test_arena(TEXT_BYTES), s = test_arena(4096);
        bool       forward = collect_kinds[k] == &collect_velociraptor || collect_kinds[k] == &collect_acquire;
        struct str text = drawn(collect_kinds[k], &everything, &t.a);
        for (size_t i = 0; i < gather_n; i++) {
            const struct gather_row *row = &gather_table[i];
            char path[256];
            snprintf(path, sizeof path, "%s", row->path);
            for (char *p = path; forward && *p && row->kind != GATHER_CHANNEL; p++)
                if (*p == '\\')
                    *p = '/';
            if ((collect_kinds[k] == &collect_acquire && (row->kind == GATHER_RAW || row->base == GATHER_SITE_LOGS)) ||
                (row->kind == GATHER_RAW && collect_kinds[k] == &collect_kape))
                continue;          /* acquire's own profile; KAPE parts folder and file */
            struct str want = str_c(path), rest = str_c(row->masks ? row->masks : ""), mask;
            if (row->kind == GATHER_CHANNEL && collect_kinds[k] != &collect_batch) {
                struct arena a = s.a;
                want = gather_channel_file(want, &a);
                if (collect_kinds[k] == &collect_acquire && str_has(want, STR("%4")))
                    continue;
            }
            CHECK_WHY(str_has(text, want), path);
            while (gather_mask(&rest, &mask))
                CHECK_WHY(str_has(text, mask), path);
        }
        CHECK_WHY(str_has(text, STR("proxylogon")), collect_kinds[k]->name);
        test_arena_free(&t);
        test_arena_free(&s);
    }
}

static void test_only_what_was_asked(void **state)
{
    struct collect few = everything;

    (void)state;
    few.families = GATHER_BIT(FAM_HTTPPROXY) | GATHER_BIT(FAM_EVTX_SECURITY);
    for (size_t k = 0; collect_kinds[k]; k++) {
        struct test_arena t = test_arena(TEXT_BYTES);
        struct str text = drawn(collect_kinds[k], &few, &t.a);
        CHECK_WHY(str_has(text, STR("HttpProxy")) && str_has(text, STR("Security")), collect_kinds[k]->name);
        CHECK_WHY(!str_has(text, STR("OABGeneratorLog")) && !str_has(text, STR("PerfLogs")), collect_kinds[k]->name);
        test_arena_free(&t);
    }
}

static void test_batch_is_a_batch_file(void **state)
{
    static const char *const never[] = { "/MIR", "/MOV", "/PURGE", "powershell", "wmic", "EnableDelayedExpansion", "@ROWS@", "@RAW@", "@TITLE@", "@FILE@" };
    struct test_arena t = test_arena(TEXT_BYTES);
    struct str text = drawn(&collect_batch, &everything, &t.a), rest = text, line, label;

    (void)state;
    CHECK(str_starts(text, STR("@echo off\r\n")) && str_ends(text, STR("\r\n")));
    for (size_t i = 0; i < text.n; i++)
        CHECK((text.p[i] >= ' ' && text.p[i] < 127) || text.p[i] == '\r' || text.p[i] == '\n');
    while (rest.n && str_cut(&rest, '\n', &line))
        CHECK(str_ends(line, STR("\r")) && line.n < 1000);
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (!str_eq(str_c(never[i]), STR("powershell")))
            CHECK_WHY(!str_ihas(text, str_c(never[i])), never[i]);
    CHECK(str_has(text, STR("set \"FILE=Microsoft-Windows-PowerShell%%4Operational.evtx\"\r\n")));
    CHECK(str_has(text, STR("Not copied: $MFT")));

    /* Each label that is called or jumped to is there, and once. */
    static const struct str jump[] = { STR_INIT("call :"), STR_INIT("goto :") };
    for (size_t i = 0; i < 2; i++)
        for (rest = text;;) {
            size_t at = str_find(rest, jump[i]);
            if (at == STR_NONE)
                break;
            rest = str_from(rest, at + jump[i].n);
            label = rest;
            label.n = 0;
            while (label.n < rest.n && (ch_alnum(rest.p[label.n]) || rest.p[label.n] == '_'))
                label.n++;
            char want[80];
            snprintf(want, sizeof want, "\n:%.*s\r\n", STR_ARG(label));
            size_t first = str_find(text, str_c(want));
            CHECK_WHY(first != STR_NONE, want);
            CHECK_WHY(!str_has(str_from(text, first + 2), str_c(want)), want);
        }
    test_arena_free(&t);
}

static void test_yaml_is_whole(void **state)
{
    const struct collect_kind *kind[] = { &collect_kape, &collect_velociraptor };

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        struct test_arena t = test_arena(TEXT_BYTES), a = test_arena(4 << 20);
        struct yaml_tree  tree;
        struct err        e = { 0 };
        struct str        text = drawn(kind[k], &everything, &t.a);
        CHECK_WHY(yaml_read(&tree, &a.a, text, &e) && !tree.damaged && tree.count == 1, tree.why.what);
        if (kind[k] == &collect_kape) {
            /* The id is that of the campaign, in every version of this program. */
            CHECK_STR(yaml_text(tree.doc, STR("Id")), STR("732004ce-a4c4-5344-b8c6-9ccb060a4e26"));
            const struct yaml_item *list = yaml_get(tree.doc, STR("Targets"));
            CHECK(list && list->kind == YAML_LIST && list->count > gather_n);
            for (const struct yaml_item *i = list->first; i; i = i->next) {
                CHECK(str_ends(yaml_text(i, STR("Path")), STR("\\")) && yaml_text(i, STR("FileMask")).n && yaml_text(i, STR("Name")).n);
                CHECK(str_starts(yaml_text(i, STR("Path")), STR("C:\\")));
            }
        } else {
            CHECK(str_starts(yaml_text(tree.doc, STR("name")), STR("Custom.")));
            const struct yaml_item *list = yaml_get(tree.doc, STR("parameters")), *sources = yaml_get(tree.doc, STR("sources"));
            CHECK(list && list->first && sources && sources->first && yaml_text(sources->first, STR("query")).n);
            struct str rest = yaml_text(list->first, STR("default")), line;
            size_t n = 0;
            for (; rest.n && str_cut(&rest, '\n', &line); n++) {
                size_t commas = 0;
                for (size_t i = 0; i < line.n; i++)
                    commas += line.p[i] == ',';
                CHECK(commas == 3);
            }
            CHECK(n > gather_n);
        }
        CHECK_WHY(str_has(text, STR("nverified")), kind[k]->name);
        test_arena_free(&t);
        test_arena_free(&a);
    }
}

/* A pack's folder is somebody's work: its words stay words. */
static void test_a_packs_words_do_not_run(void **state)
{
    struct collect c = everything;

    (void)state;
    c.campaign = STR("x\r\ncalc.exe & rem ' %PATH%");
    c.version  = STR("1'\ny: 2");
    for (size_t k = 0; collect_kinds[k]; k++) {
        struct test_arena t = test_arena(TEXT_BYTES);
        struct str text = drawn(collect_kinds[k], &c, &t.a);
        CHECK_WHY(str_has(text, STR("x__calc.exe___rem____PATH_ (1__y__2)")) && !str_has(text, STR("\ncalc")), collect_kinds[k]->name);
        test_arena_free(&t);
    }
}

static void test_no_room_is_said(void **state)
{
    (void)state;
    for (size_t k = 0; collect_kinds[k]; k++) {
        struct test_arena t = test_arena(TEXT_BYTES);
        struct out_mem    text = { .a = &t.a };
        struct out       *o = calloc(1, sizeof *o);
        struct err        e = { 0 };
        uint8_t           none[8];
        out_open(o, out_mem_put, &text);
        CHECK_WHY(!collect_kinds[k]->write(o, &everything, (struct arena){ none, none + sizeof none, NULL }, &e) && e.kind == ERR_MEMORY, collect_kinds[k]->name);
        free(o);
        test_arena_free(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_places_are_there), cmocka_unit_test(test_only_what_was_asked), cmocka_unit_test(test_batch_is_a_batch_file),
        cmocka_unit_test(test_yaml_is_whole), cmocka_unit_test(test_a_packs_words_do_not_run), cmocka_unit_test(test_no_room_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
