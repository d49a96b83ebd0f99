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
    { "x.Execute \"a\" : Set r = db(1).execute(q)", IR_VBSCRIPT, true, "a member of what nobody made" },
    { "x.Execute \"a\" : y = Server.MapPath(\"/\") & Request.ServerVariables(\"a\")", IR_VBSCRIPT, true, "beside harmless uses of the server" },
    { "x. Execute q", IR_VBSCRIPT, false, "in doubt not" },
    { "If a = 1.Execute(q)", IR_VBSCRIPT, false, "the dot of a number" },
    { "x.Executed = 1", IR_VBSCRIPT, true, "another member" },
    { "Set x = Server : x.Execute q", IR_VBSCRIPT, false, "under another name" },
    { "Server.Execute q", IR_VBSCRIPT, false, "the server's own" },
    { "Server .MapPath(a) : x.Execute q", IR_VBSCRIPT, false, "in doubt not" },
    { "Server.MapPathx(a) : x.Execute q", IR_VBSCRIPT, false, "not that member" },
    { "With [Server]\n.Execute q", IR_VBSCRIPT, false, "as the object of a block" },
    { "x.Execute q : Set x = server", IR_VBSCRIPT, false, "at the end" },
};

static bool quiet(struct str code, enum ir_language language)
{
    return quiet_units(&(const struct unit){ .language = language, .code = code }, 1);
}

static void words(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        CHECK_WHY(quiet(str_c(cases[i].code), cases[i].language) == cases[i].quiet, cases[i].why);
    CHECK(!quiet(STR("a\0b"), IR_VBSCRIPT));
    /* Each by itself is quiet, and together they are not. */
    static const struct unit two[] = { { .language = IR_VBSCRIPT, .code = STR_INIT("x.Execute y") }, { .language = IR_VBSCRIPT, .code = STR_INIT("Set x = Server") } };
    CHECK(quiet_units(&two[0], 1) && quiet_units(&two[1], 1) && !quiet_units(two, 2) && quiet_units(two, 0));
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
            CHECK_WHY(!quiet(str_c(api_function_table[i].m.name), IR_VBSCRIPT), api_function_table[i].m.name);
    for (size_t i = 0; i < COUNT_OF(own); i++)
        for (const struct api_class *c = api_class_find(str_c(own[i])); c; c = c->base ? api_class_find(str_c(c->base)) : NULL)
            for (size_t k = 0; k < c->n; k++)
                if (acts(&c->member[k]))
                    CHECK_WHY(!quiet(str_c(c->member[k].name), IR_VBSCRIPT), c->member[k].name);
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(words), cmocka_unit_test(nothing_else_acts) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
