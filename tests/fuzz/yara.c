/*
 * yara: input is the text of a rule file; it is compiled alone, and beside a good one.
 * Property: it is refused with a reason, or used; the good file beside it works either way and its rule is the only thing it hits on an empty
 * buffer when the other was refused. What does compile is run on a small buffer.
 */
#include "detect/yara.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
const char *__lsan_default_suppressions(void);

/* The library's own: what its parser holds when it leaves an error by a long jump is lost. */
const char *__lsan_default_suppressions(void) { return "leak:yr_compiler_add_string\nleak:yr_lex_parse_rules_string\nleak:yara_yyparse\n"; }

static void check(struct yara_file *file, size_t n, struct arena a)
{
    struct yara          y = { 0 };
    struct yara_scanner *s = NULL;
    struct yara_about    about = { 0 };
    struct yara_result   r;
    struct err           e = { 0 };
    size_t               refused = 0;
    bool                 good = n == 1;

    if (!yara_compile(&y, &a, file, n, &e)) {
        if (e.kind != ERR_MEMORY || !e.what[0])
            abort();
        return;
    }
    for (size_t i = 0; i < y.refused_n; i++) {
        if (!y.refused[i].why.n || !y.refused[i].file.n)
            abort();
        refused += !y.refused[i].told_only;
    }
    if (refused + y.file_n != n || (n == 2 && !y.file_n))
        abort();
    if (y.code && yara_scanner_open(&s, &y, 1, &e) && yara_scan(s, &a, STR("MZ a page of words"), &about, &r, &e)) {
        for (size_t i = 0; i < r.hit_n; i++)
            good |= str_eq(r.hit[i].file, STR("good.yar")) && str_eq(r.hit[i].rule, STR("good"));
        if (!good && !r.limit.n)
            abort();
    }
    yara_scanner_close(s);
    yara_close(&y);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    size_t           room = 2 << 20;
    uint8_t         *block = malloc(room);
    struct arena     a = { block, block + room, NULL };
    struct yara_file file[] = { { STR("good.yar"), STR("rule good { strings: $w = \"words\" condition: $w }"), false }, { STR("x.yar"), { data, n }, false } };

    if (n <= 4096 && block) {
        check(&file[1], 1, a);
        check(file, 2, a);
    }
    free(block);
    return 0;
}
