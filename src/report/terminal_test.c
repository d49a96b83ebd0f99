#include "emit/visible.h"
#include "report/support_test.h"

static struct drawn screen(enum fixture_kind kind, uint32_t width, bool colour)
{
    struct drawn   d = { .a = test_arena(48u << 20) };
    struct out_mem m = { 0 };
    struct out    *o = malloc(sizeof *o);
    struct err     e = { 0 };

    d.x = fixture_make(&d.a.a, kind);
    m.a = &d.a.a;
    out_open(o, out_mem_put, &m);
    CHECK(render_terminal(o, &d.x->r, d.a.a, colour, width, &e));
    d.text = out_mem_str(&m);
    free(o);
    return d;
}

/* Columns of a line without our colour codes. */
static size_t columns(struct str line)
{
    size_t n = 0;

    while (line.n) {
        size_t esc = str_find(line, STR("\x1B["));
        n += visible_columns(str_sub(line, 0, esc));
        if (esc == STR_NONE)
            break;
        size_t end = str_chr(str_from(line, esc), 'm');
        CHECK(end != STR_NONE && end < 8);
        line = str_from(line, esc + end + 1);
    }
    return n;
}

static void no_line_is_too_wide(void **state)
{
    static const uint32_t width[] = { 0, 40, 59, 60, 80, 100, 1000 };

    (void)state;
    for (int k = 0; k < FIX_KINDS; k++)
        for (size_t w = 0; w < sizeof width / sizeof *width; w++)
            for (int colour = 0; colour < 2; colour++) {
                struct drawn d = screen((enum fixture_kind)k, width[w], colour);
                size_t       most = width[w] < 40 ? 40 : width[w] > 120 ? 120 : width[w], lines = 0;
                struct str   rest = d.text, line;

                while (str_cut(&rest, '\n', &line)) {
                    if (columns(line) > most)
                        fail_msg("%s at %u: %zu columns: %.*s", fixture_name[k], width[w], columns(line), STR_ARG(line));
                    lines += rest.p != NULL;
                }
                CHECK_WHY(most < 80 || lines <= 44, "one screen");
                CHECK_WHY(colour || !str_has(d.text, STR("\x1B")), "no colour, no code");
                drawn_free(&d);
            }
}

static void evidence_cannot_steer_the_terminal(void **state)
{
    struct drawn d = screen(FIX_HOSTILE, 100, true);

    (void)state;
    CHECK(!str_has(d.text, STR("\x1B]")) && !str_has(d.text, STR("\x1B[2J")) && !str_has(d.text, STR("\x07")) && !str_has(d.text, STR("\xE2\x80\xAE")));
    CHECK(utf8_valid(d.text));
    drawn_free(&d);
}

static void what_it_says(void **state)
{
    struct drawn d = screen(FIX_FULL, 80, false);

    (void)state;
    CHECK(str_starts(d.text, STR("exch01.bakery.example, Exchange Server 2016 15.1.2106.2\n\nBack door, used\n")));
    CHECK(str_has(d.text, STR("\nWay in today: open\n")));
    CHECK(str_has(d.text, STR("\n  Use           Used again later    3 Mar 2021   fully covered\n")));
    CHECK(str_has(d.text, STR("\n  present  used          C:\\inetpub\\wwwroot\\aspnet_client\\discover.aspx\n")));
    CHECK(str_has(d.text, STR("\n  exposed  exposed secret    C:\\ProgramData\\dump\\lsass.zip\n")));
    CHECK(str_has(d.text, STR("\n  1. Take the server off the internet, but leave it switched on\n")));
    drawn_free(&d);
    d = screen(FIX_FULL, 60, false);
    CHECK_WHY(str_has(d.text, STR("...C:") ) == false && str_has(d.text, STR("owa\\auth\\logg.aspx\n")), "a path that is cut keeps its end");
    drawn_free(&d);
    d = screen(FIX_CLEAN, 80, false);
    CHECK(str_has(d.text, STR("\nNo trace\n")) && str_has(d.text, STR("Way in today: closed")) && !str_has(d.text, STR("Back doors")));
    drawn_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_line_is_too_wide),
        cmocka_unit_test(evidence_cannot_steer_the_terminal),
        cmocka_unit_test(what_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
