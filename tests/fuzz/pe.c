/* pe: views stay inside the input; what the heaps give is found again by searching for it. */
#include "formats/pe.h"

#include <stdlib.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)
static bool inside(struct str s, struct str in) { return s.n == 0 || (s.p >= in.p && s.p + s.n <= in.p + in.n); }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    uint8_t      mem[8192];
    struct arena a = { mem, mem + sizeof mem, NULL };
    struct str   in = { data, n }, s;
    struct err   e = { 0 };
    struct pe    p;
    size_t       pos = 0;

    if (!pe_parse(&p, &a, in, &e)) {
        MUST(e.kind != ERR_NONE && e.what[0]);
        return 0;
    }
    MUST(inside(p.us_heap, in) && inside(p.name_heap, in) && p.export_n <= PE_EXPORTS_MAX);
    for (size_t i = 0; i < p.export_n; i++)
        MUST(inside(p.export_name[i], in) && p.export_name[i].n <= 256);
    for (int i = 0; i < 1000; i++) {
        size_t before = pos;
        if (!pe_user_string(p.us_heap, &pos, &s))
            break;
        MUST(pos > before && inside(s, p.us_heap) && s.n % 2 == 0);
    }
    pe_has_user_text(&p, STR("aspnet"));
    pe_has_name(&p, STR("Page"));
    return 0;
}
