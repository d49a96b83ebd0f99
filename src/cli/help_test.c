#include "cli/cli_fake.h"

#include "report/render.h"

/* Whatever a table holds appears in every output that is made from it; so they cannot drift apart. */
static void every_verb_and_option_everywhere(void **state)
{
    struct fake *f = fake_open();

    (void)state;
    FAKE_RUN(f, "help");
    struct str overview = f->said;
    FAKE_RUN(f, "man");
    struct str man = f->said;
    FAKE_RUN(f, "completion");
    struct str completion = f->said;

    for (size_t i = 0; verb_table[i]; i++) {
        const struct verb *v = verb_table[i];
        char line[128];

        snprintf(line, sizeof line, "\n  %s ", v->name);
        CHECK_WHY(str_has(overview, str_c(line)) == !v->hidden, v->name);
        snprintf(line, sizeof line, "\n    '%s')", v->name);
        CHECK_WHY(str_has(completion, str_c(line)) == !v->hidden, v->name);
    }
    const struct verb *v;
    for (size_t i = 0; (v = verb_shown(i)); i++) {
        char line[128];

        snprintf(line, sizeof line, "\n.Cm %s\n", v->name);
        CHECK_WHY(str_has(man, str_c(line)) == !v->sub, v->name);
        snprintf(line, sizeof line, "\n.Ss afterpatch %s ", v->name);
        CHECK_WHY(str_has(man, str_c(line)), v->name);
        snprintf(line, sizeof line, "\n    '%s')", v->name);
        CHECK_WHY(str_has(completion, str_c(line)), v->name);
        for (size_t k = 0; v->sub && v->sub[k]; k++) {
            FAKE_RUN(f, "help", v->name);
            snprintf(line, sizeof line, "\n  %s ", verb_word(v->sub[k]));
            CHECK_WHY(f->code == CLI_DONE && str_has(f->said, str_c(line)), v->sub[k]->name);
            FAKE_RUN(f, "help", v->name, verb_word(v->sub[k]));
            CHECK_WHY(f->code == CLI_DONE && str_has(f->said, str_c(v->sub[k]->name)), v->sub[k]->name);
        }

        FAKE_RUN(f, "help", v->name);
        CHECK_WHY(f->code == CLI_DONE, v->name);
        for (size_t k = 0; v->opt && v->opt[k].name; k++) {
            snprintf(line, sizeof line, "\n  --%s", v->opt[k].name);
            CHECK_WHY(str_has(f->said, str_c(line)), v->opt[k].name);
            snprintf(line, sizeof line, "--%s ", v->opt[k].name);
            CHECK_WHY(str_has(completion, str_c(line)), v->opt[k].name);
            snprintf(line, sizeof line, "\n.It Fl \\-%s", v->opt[k].name);
            CHECK_WHY(str_has(man, str_c(line)), v->opt[k].name);
        }
        for (size_t k = 0; v->example && v->example[k].line; k++)
            CHECK_WHY(str_has(f->said, str_c(v->example[k].line)), v->example[k].line);
    }
    fake_close(f);
}

static void lines_fit(void **state)
{
    struct fake *f = fake_open();
    const char  *topic[] = { "", "hunt", "pack", "codes", "sources", "families", "detectors", "reports" };

    (void)state;
    for (size_t i = 0; i < sizeof topic / sizeof *topic; i++) {
        struct str rest, line;

        if (topic[i][0])
            FAKE_RUN(f, "help", topic[i]);
        else
            FAKE_RUN(f, "help");
        CHECK_WHY(f->code == CLI_DONE && f->said.n > 0, topic[i]);
        rest = f->said;
        while (str_cut(&rest, '\n', &line)) {
            if (line.n > 80)
                fail_msg("%s: %zu columns: %.*s", topic[i], line.n, STR_ARG(line));
            CHECK_WHY(line.n == 0 || line.p[line.n - 1] != ' ', "no blank ends a line");
        }
    }
    fake_close(f);
}

static void every_topic_of_the_table(void **state)
{
    struct fake *f = fake_open();

    (void)state;
    FAKE_RUN(f, "help", "reports");
    for (size_t i = 0; render_kinds[i]; i++)
        CHECK(str_has(f->said, str_c(render_kinds[i]->file)));
    FAKE_RUN(f, "help", "codes");
    for (size_t i = 0; exit_codes[i].about; i++)
        CHECK(str_has(f->said, str_sub(str_c(exit_codes[i].about), 0, 30)));
    FAKE_RUN(f, "help", "families");
    CHECK(str_has(f->said, STR("httpproxy")) && str_has(f->said, STR("web_roots")));

    /* The completion of `help` offers what help knows. */
    struct str rest = str_c(verb_help.words), word;
    while (str_cut(&rest, ' ', &word)) {
        char name[32];

        snprintf(name, sizeof name, "%.*s", STR_ARG(word));
        FAKE_RUN(f, "help", name);
        CHECK_WHY(f->code == CLI_DONE, name);
    }
    fake_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_verb_and_option_everywhere), cmocka_unit_test(lines_fit), cmocka_unit_test(every_topic_of_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
