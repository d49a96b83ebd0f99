/*
 * Each source with each sink, each way with each sink: pages out of tables (tests/matrix_*.h), and none may be anything less than a back door.
 * MATRIX=1 in the environment tells every page that was missed, with its text on one line (vertical tabs for its ends of lines).
 */
#include "test.h"

#include <stdlib.h>

#include "base/num.h"
#include "matrix_asp.h"
#include "matrix_cs.h"
#include "matrix_kinds.h"
#include "matrix_net.h"
#include "shape_text.h"
#include "webshell/analyse.h"

enum { ROOM = 48 << 20, PAGE = 8192 };

struct matrix {
    const char *name, *page;                 /* @B: the code of the way */
    enum page_kind kind;
    const char *const *source; size_t source_n;
    const struct way *way; size_t way_n;
    const struct reach *sink; size_t sink_n;
};

#define TABLES(s, w, k) s, COUNT_OF(s), w, COUNT_OF(w), k, COUNT_OF(k)

static const struct matrix matrices[] = {
    { "C#", "{o}@ Page {l}=\"C#\" {c}<{s} {a}>@B</{s}>", PAGE_ASPX, TABLES(cs_sources, cs_ways, cs_sinks) },
    { "handlers", "@B", PAGE_ASHX, TABLES(kind_sources, ashx_ways, kind_sinks) },
    { "services", "@B", PAGE_ASMX, TABLES(kind_sources, asmx_ways, kind_sinks) },
    { "contracts", "@B", PAGE_SVC, TABLES(kind_sources, svc_ways, kind_sinks) },
    { "applications", "@B", PAGE_ASAX, TABLES(kind_sources, asax_ways, kind_sinks) },
    { "parts", "@B", PAGE_ASCX, TABLES(kind_sources, part_ways, kind_sinks) },
    { "pages", "@B", PAGE_ASPX, TABLES(kind_sources, page_ways, kind_sinks) },
    { "Razor", "@B", PAGE_RAZOR_CS, TABLES(kind_sources, razor_ways, kind_sinks) },
    { "VBScript", "{o}@B{c}", PAGE_ASP, TABLES(vbs_sources, vbs_ways, vbs_sinks) },
    { "JScript", "{o}@ {l}=\"{j}\" {c}{o} @B {c}", PAGE_ASP, TABLES(js_sources, js_ways, js_sinks) },
    { "JScript by an element", "<{s} {l}=\"{j}\" {a}>@B</{s}>", PAGE_ASP, TABLES(js_sources, js_ways, js_sinks) },
    { "VB.NET", "{o}@ Page {l}=\"VB\" {c}<{s} {a}>\n@B\n</{s}>", PAGE_ASPX, TABLES(vb_sources, vb_ways, vb_sinks) },
    { "JScript.NET", "{o}@ Page {l}=\"{j}\" {c}{o} @B {c}", PAGE_ASPX, TABLES(jsn_sources, jsn_ways, jsn_sinks) },
};

/* `to` becomes `plan` with each mark replaced by its text. */
static void put(char *to, const char *plan, char mark, const char *text)
{
    size_t n = 0;

    for (const char *p = plan; *p && n + 1 < PAGE; p++)
        if (p[0] == '@' && p[1] == mark && !(p[2] >= '0' && p[2] <= '9')) {
            for (const char *t = text; *t && n + 1 < PAGE; t++)
                to[n++] = *t;
            p++;
        } else {
            to[n++] = *p;
        }
    to[n] = 0;
}

static bool accused(const struct matrix *m, const char *source, const struct way *w, const struct reach *k, struct test_arena *t, struct test_arena *keep)
{
    char a[PAGE], b[PAGE], page[PAGE];
    struct analysis r = { 0 };
    struct err      e = { 0 };
    struct arena    scratch = t->a, own = keep->a;

    put(a, m->page, 'B', w->code);
    put(b, a, 'K', k->code);
    put(a, b, 'V', w->value);
    put(b, a, 'S', source);
    struct str in = test_heap(page, shape_text(page, sizeof page, b));
    bool ok = analyse_page(&r, &own, scratch, &(const struct analyse_input){ .bytes = in, .kind = m->kind }, &e) && r.verdict == PAGE_BACK_DOOR;
    for (char *c = page; *c && !ok; c++)
        *c = *c == '\n' ? '\v' : *c;
    if (!ok && getenv("MATRIX"))
        print_message("MISS\t%s\t%s\t%s\t%s\t%s\t%s\n", m->name, source, w->why, k->why, analyse_verdict_name(r.verdict), page);
    test_free(in);
    return ok;
}

static void test_matrix(void **state)
{
    size_t missed = 0, all = 0;
    struct test_arena t = test_arena(ROOM), keep = test_arena(1 << 20);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(matrices); i++) {
        const struct matrix *m = &matrices[i];
        for (size_t k = 0; k < m->sink_n; k++) {
            for (size_t s = 0; s < m->source_n; s++, all++)
                missed += !accused(m, m->source[s], &m->way[1], &m->sink[k], &t, &keep);
            for (size_t w = 0; w < m->way_n; w++, all++)
                missed += !accused(m, m->source[0], &m->way[w], &m->sink[k], &t, &keep);
        }
    }
    test_arena_free(&t);
    test_arena_free(&keep);
    if (missed)
        print_message("%zu of %zu pages missed\n", missed, all);
    CHECK(missed == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_matrix) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
