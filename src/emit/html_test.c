#include "emit/html.h"
#include "base/num.h"
#include "emit/out_mem.h"
#include "test.h"

enum door { TEXT, SHORT4, LINES, ATTR, ID };

static void doors(void **state)
{
    static const struct { const char *why; enum door door; struct str in, want; } t[] = {
        { "a tag is text",             TEXT,   STR_INIT("<b>&\"'`"), STR_INIT("&lt;b&gt;&amp;&quot;&#39;&#96;") },
        { "control is seen",           TEXT,   STR_INIT("a\x08\n"), STR_INIT("a\\x08\\x0A") },
        { "direction is seen",         TEXT,   STR_INIT("\xE2\x80\xAEgpj.exe"), STR_INIT("\\u202Egpj.exe") },
        { "a bad byte is seen",        TEXT,   STR_INIT("\xC3<"), STR_INIT("\\xC3&lt;") },
        { "UTF-7 stays text",          TEXT,   STR_INIT("+ADw-script+AD4-"), STR_INIT("+ADw-script+AD4-") },
        { "lines stay when wanted",    LINES,  STR_INIT("a\n\tb\r<"), STR_INIT("a\n\tb\\x0D&lt;") },
        { "no way out of an attribute", ATTR,  STR_INIT("x\" onload=\"y"), STR_INIT("x&quot; onload=&quot;y") },
        { "short enough",              SHORT4, STR_INIT("abcd"), STR_INIT("abcd") },
        { "too long",                  SHORT4, STR_INIT("abcde"), STR_INIT("abcd\xE2\x80\xA6") },
        { "an id",                     ID,     STR_INIT("F0001"), STR_INIT("F0001") },
        { "an id from anything",       ID,     STR_INIT("a b\"<"), STR_INIT("a.20b.22.3C") },
        { "an id begins with a letter", ID,    STR_INIT("1"), STR_INIT("x1") },
        { "no id",                     ID,     STR_INIT(""), STR_INIT("x") },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        struct test_arena a = test_arena(4096);
        struct out_mem    m = { .a = &a.a };
        struct out       *o = malloc(sizeof *o);
        struct str        in = test_heap(t[i].in.p, t[i].in.n);

        out_open(o, out_mem_put, &m);
        switch (t[i].door) {
        case TEXT:   html_text(o, in); break;
        case SHORT4: html_short(o, in, 4); break;
        case LINES:  html_lines(o, in); break;
        case ATTR:   html_attr(o, in); break;
        case ID:     html_id(o, in); break;
        }
        CHECK_WHY(out_done(o, NULL) && str_eq(out_mem_str(&m), t[i].want), t[i].why);
        test_free(in);
        free(o);
        test_arena_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(doors) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
