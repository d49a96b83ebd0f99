/* il: whatever the bytes, the tree is bounded, and the same bytes give the same tree. */
#include "webshell/il.h"

#include <stdlib.h>
#include <string.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)

static struct str lifted(struct arena *a, struct str in, size_t *nodes)
{
    struct err        e = { 0 };
    struct pe         p;
    struct clr        c;
    struct ir_builder b = { .a = a };
    struct ir_unit    u;

    if (!pe_parse(&p, a, in, &e) || !clr_open(&c, &p, &e) || !il_read(&u, &b, &c))
        return STR_EMPTY;
    *nodes = b.nodes;
    (void)il_virtual_path(a, &c, 0);
    return ir_print(a, u.top);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    enum { ROOM = 16 << 20 };
    static uint8_t one[ROOM], two[ROOM];
    struct arena   a = { one, one + ROOM, NULL }, b = { two, two + ROOM, NULL };
    size_t         x = 0, y = 0;
    struct str     s = lifted(&a, (struct str){ data, n }, &x), t = lifted(&b, (struct str){ data, n }, &y);

    MUST(x == y && x <= IR_NODES_MAX && str_eq(s, t));
    return 0;
}
