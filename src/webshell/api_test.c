#include "test.h"

#include "webshell/api_table.h"

static const struct api_name { const char *name; const struct api_class *cls; } names[] = {
#define NAMED(name, id) { name, &api_##id },
#include "webshell/api_names.h"
#undef NAMED
};

static int lower_cmp(const char *a, const char *b)
{
    for (; *a && ch_lower((uint8_t)*a) == ch_lower((uint8_t)*b); a++, b++)
        ;
    return (int)ch_lower((uint8_t)*a) - (int)ch_lower((uint8_t)*b);
}

static void check_row(const char *cls, const struct api_member *m)
{
    char why[160];

    snprintf(why, sizeof why, "%s.%s", cls, m->name);
    CHECK_WHY(m->name && m->name[0] && m->roles, why);
    CHECK_WHY(strspn(m->roles, "cxapgdhqnkmtbosvufrw-*") == strlen(m->roles), why);
    CHECK_WHY(strchr(m->roles, '*') == NULL || strchr(m->roles, '*')[1] == 0, why);
    CHECK_WHY((m->effect == API_SINK) == (m->sink != SINK_NONE), why);
    CHECK_WHY(m->sink < SINK_KINDS && m->effect <= API_EVENT, why);
    CHECK_WHY(m->effect != API_MAKE || strpbrk(m->roles, "tv"), why);
    CHECK_WHY(m->effect != API_STORED || strchr(m->roles, 's'), why);
    CHECK_WHY(m->effect != API_EVENT || m->roles[0], why);
    CHECK_WHY(!m->gives || !m->gives[0] || api_class_find(str_c(m->gives)), why);
}

static void tables_are_sorted_and_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct api_class *c = names[i].cls;

        CHECK_WHY(i == 0 || lower_cmp(names[i - 1].name, names[i].name) < 0, names[i].name);
        CHECK_WHY(api_class_find(str_c(names[i].name)) == c, names[i].name);
        CHECK_WHY(api_class_find(str_c(c->name)) == c, c->name);
        CHECK_WHY(!c->base || api_class_find(str_c(c->base)), c->name);
        CHECK_WHY(!c->clsid || api_class_find(str_c(c->clsid)) == c, c->name);
        for (size_t k = 0; k < c->n; k++) {
            CHECK_WHY(k == 0 || lower_cmp(c->member[k - 1].name, c->member[k].name) < 0, c->member[k].name);
            CHECK_WHY(api_member_find(c, str_c(c->member[k].name)) == &c->member[k], c->member[k].name);
            check_row(c->name, &c->member[k]);
        }
    }
    for (size_t i = 0; i < api_function_table_n; i++) {
        CHECK_WHY(i == 0 || lower_cmp(api_function_table[i - 1].m.name, api_function_table[i].m.name) <= 0, api_function_table[i].m.name);
        check_row("", &api_function_table[i].m);
    }
    for (int s = 0; s < SINK_KINDS; s++)
        CHECK(sink_name((enum sink)s)[0]);
}

static const struct find { const char *name, *cls, *why; } finds[] = {
    { "File", "File", "plain" }, { "system.io.FILE", "File", "case and name space" }, { "global::System.IO.File", "File", "global" },
    { "WScript." "Shell.1", "WScript." "Shell", "a version" }, { "new:{72C24DD5-" "D70A-438B-8A42-98424B88AFB8}", "WScript." "Shell", "a moniker" },
    { "clsid:72c24dd5-" "d70a-438b-8a42-98424b88afb8", "WScript." "Shell", "an object tag" }, { "Shell.Application", "Shell.Application", "not the page's Application" },
    { "Some.Application", NULL, "not the page's Application either" }, { "System.Web.HttpRequest", "Request", "another name" }, { "Dictionary<string, int>", "Scripting.Dictionary", "generic" },
    { "List`1", NULL, "unknown generic" }, { "System.Diagnostics.Process, System, Version=4.0.0.0", "Process", "assembly name" }, { "byte[]", "Array", "array" }, { "", NULL, "nothing" }, { ".", NULL, "no name" },
    { "new:", NULL, "no name" }, { "Msxml2.ServerXMLHTTP.6.0", "Msxml2.XMLHTTP", "version of two parts" }, { "xmlhttp", NULL, "half a ProgID" },
};

static void names_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(finds); i++) {
        struct str in = test_heap(finds[i].name, strlen(finds[i].name));
        const struct api_class *c = api_class_find(in);

        CHECK_WHY((c == NULL) == (finds[i].cls == NULL) && (!c || strcmp(c->name, finds[i].cls) == 0), finds[i].why);
        test_free(in);
    }
    CHECK(!api_class_find((struct str){ (const uint8_t *)"File\0x", 6 }) && !api_member_find(api_class_find(STR("File")), (struct str){ (const uint8_t *)"Copy\0", 5 }));
    CHECK(api_member_find(NULL, STR("x")) == NULL);
    CHECK(api_member_find(api_class_find(STR("UserControl")), STR("FindControl")) != NULL);
}

static void functions_belong_to_languages(void **state)
{
    (void)state;
    CHECK(api_function_find(IR_JSCRIPT_NET, STR("eval"))->sink == SINK_CODE && api_function_find(IR_VBSCRIPT, STR("EVAL"))->sink == SINK_CODE);
    CHECK(!api_function_find(IR_CSHARP, STR("Eval")) && !api_function_find(IR_VBNET, STR("Eval")) && !api_function_find(IR_VBSCRIPT, STR("")));
    CHECK(api_function_find(IR_VBNET, STR("Shell"))->sink == SINK_PROCESS && !api_function_find(IR_VBSCRIPT, STR("Shell")));
}

static void variables_are_told_apart(void **state)
{
    (void)state;
    CHECK(api_variable_marks(STR("HTTP_X")) == MARK_REQUEST && api_variable_marks(STR("query_string")) == MARK_REQUEST);
    CHECK(api_variable_marks(STR("LOGON_USER")) == MARK_IDENTITY && api_variable_marks(STR("HTTP_HOST")) == MARK_IDENTITY && api_variable_marks(STR("")) == MARK_IDENTITY);
    CHECK(api_variable_marks(STR("SERVER_SOFTWARE")) == MARK_SYSTEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_sorted_and_whole), cmocka_unit_test(names_are_found), cmocka_unit_test(functions_belong_to_languages), cmocka_unit_test(variables_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
