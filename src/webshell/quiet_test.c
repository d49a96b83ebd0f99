#include "test.h"

#include "webshell/api_table.h"
#include "webshell/quiet.h"

static const struct { const char *code; enum ir_language language; bool quiet; const char *why; } cases[] = {
    { "", IR_VBSCRIPT, true, "nothing" },
    { "Dim a, evaluation, interval\na = Request(\"b\") : Response.Write a & my_eval & Medieval(1)", IR_VBSCRIPT, true, "words around a word" },
    { "a = 1", IR_JSCRIPT, false, "another language" },
    { "a=EvaL(b)", IR_VBSCRIPT, false, "any case" },
    { "eval b", IR_VBSCRIPT, false, "at the beginning" },
    { "a = [eval]", IR_VBSCRIPT, false, "at the end, in brackets" },
    { "my_execUTE b", IR_VBSCRIPT, false, "in doubt not" },
    { "Set a = Server.CreateObject(b)", IR_VBSCRIPT, false, "an object" },
    { "Set a = GetObject(b)", IR_VBSCRIPT, false, "another way" },
    { "evaeval(b)", IR_VBSCRIPT, true, "a name that ends so" },
    { "eveval=1:evaeobject", IR_VBSCRIPT, false, "one that begins again" },
};

static void words(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        CHECK_WHY(quiet_code(str_c(cases[i].code), cases[i].language) == cases[i].quiet, cases[i].why);
    CHECK(!quiet_code(STR("a\0b"), IR_VBSCRIPT));
}

static bool acts(const struct api_member *m)
{
    return (m->effect == API_SINK && m->sink != SINK_RESPOND && m->sink != SINK_STORE) || m->effect == API_MAKE || m->effect == API_INVOKE || m->effect == API_EVENT ||
           (m->marks & (MARK_SECRET | MARK_FILE | MARK_LISTING | MARK_PROCESS | MARK_DATABASE | MARK_NETWORK));
}

/* Nothing that VBScript reaches without another object acts, but under a word that is looked for. */
static void nothing_else_acts(void **state)
{
    static const char *const own[] = { "Request", "RequestItems", "RequestItem", "ServerVariables", "RequestCookies", "HttpCookie", "Response", "ResponseStream", "ResponseItems", "Server",
                                       "Session", "Application" };
    (void)state;
    for (size_t i = 0; i < api_function_table_n; i++)
        if ((api_function_table[i].languages & LANG_VBS) && acts(&api_function_table[i].m))
            CHECK_WHY(!quiet_code(str_c(api_function_table[i].m.name), IR_VBSCRIPT), api_function_table[i].m.name);
    for (size_t i = 0; i < COUNT_OF(own); i++)
        for (const struct api_class *c = api_class_find(str_c(own[i])); c; c = c->base ? api_class_find(str_c(c->base)) : NULL)
            for (size_t k = 0; k < c->n; k++)
                if (acts(&c->member[k]))
                    CHECK_WHY(!quiet_code(str_c(c->member[k].name), IR_VBSCRIPT), c->member[k].name);
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(words), cmocka_unit_test(nothing_else_acts) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
