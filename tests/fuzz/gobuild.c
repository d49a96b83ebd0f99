/* gobuild: any bytes; what is found lies inside them and is made of the characters of a module's name. */
#include "formats/gobuild.h"

#include <stdlib.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)
static bool inside(struct str s, struct str in) { return s.n == 0 || (s.p >= in.p && s.p + s.n <= in.p + in.n); }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str     in = { data, n };
    struct gobuild g;

    (void)gobuild_likely(in);
    if (gobuild_find(&g, in)) {
        MUST(g.path.n && g.module.n && g.path.n <= GOBUILD_TEXT_MAX && g.module.n <= GOBUILD_TEXT_MAX && g.version.n <= GOBUILD_TEXT_MAX);
        MUST(inside(g.path, in) && inside(g.module, in) && inside(g.version, in));
        for (size_t i = 0; i < g.module.n; i++)
            MUST(g.module.p[i] > ' ' && g.module.p[i] < 127);
    }
    return 0;
}
