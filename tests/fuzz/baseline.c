/*
 * baseline: the first byte picks what is read, the rest is the text: a list, a pack.yaml with a list behind a NUL, or a text of builds.
 * Properties: a reader that fails names an error; every row stands below its root (no drive, no way up, no control character), is found again
 * under its path in either case, and chains end; a build is of a list that names it alone, and of no list less than of "all".
 */
#include "base/num.h"
#include "os/mem.h"
#include "pack/baseline.h"
#include "pack/pack.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void rows_hold(const struct baseline *b, struct arena *a)
{
    for (size_t i = 0; i < b->row_n; i++) {
        const struct baseline_row *r = &b->row[i];
        size_t steps = 0;
        if (!r->path.n || r->path.p[0] == '\\' || str_chr(r->path, ':') != STR_NONE || str_chr(r->path, '/') != STR_NONE || str_has(r->path, STR("\\..\\")) ||
            str_starts(r->path, STR("..\\")) || str_chr(r->path, 27) != STR_NONE || str_chr(r->path, 0) != STR_NONE || r->pack >= b->pack_n)
            abort();
        struct str lower = str_lower(a, r->path);
        bool       met = false;
        if (!lower.p)
            return;
        for (uint32_t k = baseline_first(b, r->root, lower); k != MAP_NONE; k = b->row[k].next) {
            if (k >= b->row_n || ++steps > b->row_n || !str_ieq(b->row[k].path, r->path))
                abort();
            met = met || k == i;
        }
        if (!met || !baseline_knows(b, r->root, r->path, r->sha256))
            abort();
    }
}

static void builds(struct str text)
{
    static const uint16_t v[4] = { 15, 1, 2106, 2 };
    uint16_t              own[4];
    int                   parts;

    if (baseline_fit(text, v, 4) > baseline_fit(STR("all"), v, 4))
        abort();
    if (build_parse(text, own, &parts) && parts == 4 && str_chr(text, ' ') == STR_NONE && baseline_fit(text, own, 4) != BASELINE_SAME)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0 || n > 8192)
        return 0;
    size_t          room = 4 << 20;
    uint8_t        *block = malloc(room);
    struct arena    a = { block, block + room, NULL };
    struct str      text = { data + 1, n - 1 };
    struct baseline b = { .pack_n = 0 };
    struct err      e = { 0 };

    if (data[0] % 3 == 0) {
        struct baseline_pack p = { .row_n = 0 };
        b.pack   = &p;
        b.pack_n = 1;
        if (!baseline_read(&b, &a, (enum baseline_root)(data[0] / 3 % BASELINE_ROOTS), text, &e) && (e.kind == ERR_NONE || !e.what[0]))
            abort();
        rows_hold(&b, &a);
    } else if (data[0] % 3 == 1) {
        struct os_mem *m   = os_mem_open(&a, 0);
        size_t         cut = str_chr(text, 0);
        if (m && os_mem_add(m, "/p/pack.yaml", str_sub(text, 0, cut)) && os_mem_add(m, "/p/clean/install.csv", cut == STR_NONE ? STR("") : str_from(text, cut + 1))) {
            if (!baseline_load(&b, &a, &m->os, STR("/p"), &e)) {
                if (e.kind == ERR_NONE || !e.what[0])
                    abort();
            } else if (b.pack_n != 1 || !b.pack[0].id.n || !baseline_is(&m->os, STR("/p"), a)) {
                abort();
            }
            rows_hold(&b, &a);
        }
    } else {
        builds(text);
    }
    free(block);
    return 0;
}
