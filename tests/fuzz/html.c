/* html: no byte of evidence opens a tag, closes an attribute or hides from the reader; the terminal's door keeps its width. */
#include "base/utf.h"
#include "emit/html.h"
#include "emit/out_mem.h"
#include "emit/visible.h"

#include <stdio.h>
#include <stdlib.h>

#define MUST(x) do { if (!(x)) { fprintf(stderr, "must hold: %s\n", #x); abort(); } } while (0)

static uint8_t memory[1 << 22];

enum door { TEXT, LINES, SHORT, ATTR, ID, TERM, DOORS };

static void all_visible(struct str s, bool lines)
{
    struct visible v;

    for (; visible_step(s, &v); s = str_from(s, v.take))
        MUST(v.as_is || (lines && (v.cp == '\n' || v.cp == '\t')));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str in = { data, n < 65536 ? n : 65536 };

    for (int door = 0; door < DOORS; door++) {
        struct arena   a = { memory, memory + sizeof memory, NULL };
        struct out    *o = NEW(&a, struct out, 1);
        struct out_mem m = { .a = &a };
        size_t         width = in.n ? in.p[0] % 40u : 0;

        out_open(o, out_mem_put, &m);
        switch (door) {
        case TEXT:  html_text(o, in); break;
        case LINES: html_lines(o, in); break;
        case SHORT: html_short(o, in, 20); break;
        case ATTR:  html_attr(o, in); break;
        case ID:    html_id(o, in); break;
        case TERM:  out_term(o, in, width); break;
        }
        if (!out_done(o, NULL))
            continue;
        struct str s = out_mem_str(&m);
        MUST(utf8_valid(s));
        all_visible(s, door == LINES);
        if (door == TERM) {
            MUST(width == 0 || visible_columns(s) <= width);
            continue;
        }
        for (size_t i = 0; i < s.n; i++) {
            uint8_t c = s.p[i];
            MUST(c != '<' && c != '>' && c != '"' && c != '\'' && c != '`');
            if (door == ID)
                MUST(ch_alnum(c) || c == '.' || c == '-' || c == '_');
            if (c == '&') {                        /* always one of our five references */
                struct str r = str_from(s, i);
                MUST(str_starts(r, STR("&amp;")) || str_starts(r, STR("&lt;")) || str_starts(r, STR("&gt;")) ||
                     str_starts(r, STR("&quot;")) || str_starts(r, STR("&#39;")) || str_starts(r, STR("&#96;")));
            }
        }
        if (door == ID)
            MUST(s.n && ch_alpha(s.p[0]));
    }
    return 0;
}
