/* markdown: guidance with evidence in it becomes a page. Only our own tags appear, they nest, and each is closed. */
#include "base/num.h"
#include "base/utf.h"
#include "emit/out_mem.h"
#include "report/page.h"

#include <stdio.h>
#include <stdlib.h>

#define MUST(x) do { if (!(x)) { fprintf(stderr, "must hold: %s\n", #x); abort(); } } while (0)

static uint8_t memory[1 << 22];

static const struct { const char *open, *close; } tag_table[] = {
    { "<p>", "</p>" }, { "<ul>", "</ul>" }, { "<ol>", "</ol>" }, { "<li>", "</li>" }, { "<pre tabindex=\"0\">", "</pre>" },
    { "<code>", "</code>" }, { "<strong>", "</strong>" }, { "<em>", "</em>" }, { "<a class=\"ref\" href=\"#F0001\">", "</a>" },
};

/* Walks tags with a stack; whatever begins with '<' must be one of ours. */
static void nested(struct str s)
{
    size_t open[8], depth = 0;

    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '<')
            continue;
        bool known = false;
        if (str_starts(str_from(s, i), STR("<ol start=\""))) {          /* the number is one of ours */
            size_t q = i + 11;
            while (q < s.n && ch_digit(s.p[q]))
                q++;
            MUST(q > i + 11 && str_starts(str_from(s, q), STR("\">")) && depth < COUNT_OF(open));
            open[depth++] = 2;
            continue;
        }
        for (size_t t = 0; t < COUNT_OF(tag_table) && !known; t++) {
            struct str r = str_from(s, i);
            if (str_starts(r, str_c(tag_table[t].open))) {
                MUST(depth < COUNT_OF(open));
                open[depth++] = t;
                known = true;
            } else if (str_starts(r, str_c(tag_table[t].close))) {
                MUST(depth > 0 && open[depth - 1] == t);
                depth--;
                known = true;
            }
        }
        MUST(known);
    }
    MUST(depth == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const uint8_t shown[1] = { 1 };
    struct finding       f = { .id = "F0001" };
    struct report        r = { .finding = &f, .finding_n = 1 };
    struct str           in = { data, n < 32768 ? n : 32768 };

    for (int whole = 0; whole < 2; whole++) {
        struct arena   a = { memory, memory + sizeof memory, NULL };
        struct out    *o = NEW(&a, struct out, 1);
        struct out_mem m = { .a = &a };
        struct page    p = { .o = o, .r = &r, .shown = shown };

        out_open(o, out_mem_put, &m);
        if (whole)
            page_markdown(&p, in);
        else
            page_sentence(&p, in);
        if (!out_done(o, NULL))
            continue;
        MUST(utf8_valid(out_mem_str(&m)));
        nested(out_mem_str(&m));
    }
    return 0;
}
