/*
 * builds: groups.csv, a NUL, builds.csv; then every build of the table is asked for every group.
 * Properties: what cannot be used names an error; both forms of an answer agree, and each has a sentence; within a line a later build is never less patched,
 * where the build alone decides; more numbers never turn patched into unpatched or back.
 */
#include "base/num.h"
#include "pack/builds.h"
#include "pack/parts.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void ask(const struct builds *b, struct arena a)
{
    for (size_t g = 0; g < b->group_n; g++)
        for (size_t i = 0; i < b->row_n && i < 64; i++) {
            const uint16_t    *v = b->row[i].v;
            enum build_verdict by[5];
            for (int parts = 2; parts <= 4; parts++) {
                struct arena        scratch = a;
                struct build_reason r;
                struct err          e = { 0 };
                uint32_t            flags;

                by[parts] = build_verdict(b, g, v, parts, TIME_NONE, &flags);
                if (!builds_answer(b, &scratch, g, v, parts, TIME_NONE, -1, &r, &e)) {
                    if (e.kind != ERR_MEMORY)
                        abort();
                    return;
                }
                if (r.answer.verdict != by[parts] || r.flags != flags || !r.answer.why.n)
                    abort();
            }
            bool opposite = (by[3] == BUILD_PATCHED && by[4] == BUILD_UNPATCHED) || (by[3] == BUILD_UNPATCHED && by[4] == BUILD_PATCHED);
            bool line = i && b->row[i - 1].v[0] == v[0] && b->row[i - 1].v[1] == v[1] && (v[0] == 14 || b->row[i - 1].v[2] == v[2]);
            if (opposite || (line && b->group[g].rule == BUILD_RULE_BUILD && by[4] == BUILD_UNPATCHED && build_verdict(b, g, b->row[i - 1].v, 4, TIME_NONE, NULL) == BUILD_PATCHED &&
                             builds_product_of(b, v, 4) == builds_product_of(b, b->row[i - 1].v, 4)))
                abort();
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const uint8_t       *nul = n ? memchr(data, 0, n) : NULL;
    size_t               head = nul ? (size_t)(nul - data) : 0, room = 4 << 20;
    uint8_t             *block;
    struct pack          p = { .id = STR("") };
    struct builds       *b;
    struct err           e = { 0 };

    if (!nul || n > 16384 || !(block = malloc(room)))
        return 0;
    struct arena         a = { block, block + room, NULL };
    struct pack_building made = { .p = &p, .a = &a };
    b = NEW(&a, struct builds, 1);
    bool ok = (head == 0 || pack_groups_read(&made, (struct str){ data, head }, &e)) && builds_make(b, &a, &p, (struct str){ nul + 1, n - head - 1 }, &e);

    if (ok)
        ask(b, a);
    else if (e.kind == ERR_NONE || !e.what[0])
        abort();
    free(block);
    return 0;
}
