/*
 * Words of notices with their values: lines are no longer than they may be, nothing reaches a reader that a terminal would obey, and what is put in is never read as a template.
 * Input: the template, a NUL, a value.
 */
#include "emit/visible.h"
#include "notify/template.h"

#include <stdlib.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)

enum { COLUMNS = 40 };

static bool kept(struct str line) { return str_starts(line, STR("  ")); }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static uint8_t             room[1 << 20];
    static const struct template_word words[] = { { "audience", "technical" }, { "finding", "clean" } };
    struct arena               a = { room, room + sizeof room, NULL };
    struct str                 in = { data, n }, value = STR_EMPTY, text, out, line, name;
    struct err                 e = { 0 };
    size_t                     at = str_chr(in, 0);
    bool                       open;

    if (n > 8192)
        return 0;
    if (at != STR_NONE) {
        value = str_from(in, at + 1);
        in = str_sub(in, 0, at);
    }
    const struct template_value v[] = { { "v", value, false }, { "l", value, true }, { "e", STR_EMPTY, false } };
    if (!template_pick(in, words, 2, &text, &e)) {
        MUST(e.kind == ERR_FORMAT && e.what[0]);
        return 0;
    }
    MUST(text.n <= in.n && (!text.n || (text.p >= in.p && text.p + text.n <= in.p + in.n)));
    for (struct str rest = text; template_next(&rest, &name, &open);)
        MUST(name.n <= text.n);
    if (!template_fill(text, v, 3, COLUMNS, &a, &out, &e)) {
        MUST(e.kind == ERR_FORMAT || e.kind == ERR_MEMORY);
        return 0;
    }
    MUST(!out.n || out.p[out.n - 1] == '\n');
    /* With nothing of the template's own in the way. */
    a = (struct arena){ room, room + sizeof room, NULL };
    MUST(template_fill(STR("x {{v}}\n\n- {{v}} y\n"), v, 3, COLUMNS, &a, &out, &e));
    while (str_cut(&out, '\n', &line)) {
        struct visible s;
        MUST(visible_columns(line) <= COLUMNS && (!line.n || line.p[line.n - 1] != ' ' || kept(line)));
        for (struct str rest = line; visible_step(rest, &s); rest = str_from(rest, s.take))
            MUST(s.as_is);
    }
    return 0;
}
