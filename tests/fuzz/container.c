/* container: any bytes give an answer; code and places lie where the header says; the same page gives the same answer. First byte: the kind of page. */
#include "webshell/container.h"

#include <stdlib.h>
#include <string.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)
enum { ROOM = 48 << 20 };

static bool inside(struct str s, const uint8_t *beg, const uint8_t *end) { return s.n == 0 || (s.p >= beg && s.p + s.n <= end); }

static void check(const struct container *c, struct str page, const uint8_t *mem)
{
    uint32_t lines = 1;

    for (size_t i = 0; i < c->text.n; i++)
        lines += c->text.p[i] == '\n';
    MUST(c->unit_n <= CONTAINER_UNITS_MAX && c->control_n <= CONTAINER_ITEMS_MAX && c->ref_n <= CONTAINER_ITEMS_MAX);
    for (size_t i = 0; i < c->unit_n; i++) {
        const struct unit *u = &c->unit[i];
        MUST(inside(u->code, page.p, page.p + page.n) || inside(u->code, mem, mem + ROOM));
        for (size_t k = 0; k < u->places.n; k++) {
            const struct ir_place *p = &u->places.place[k];
            MUST(p->at <= u->code.n && p->line >= 1 && p->line <= lines && (k == 0 || p[-1].at < p->at));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    uint8_t         *mem[2] = { malloc(ROOM), malloc(ROOM) };
    struct container c[2];

    MUST(mem[0] && mem[1]);
    if (n) {
        enum page_kind kind = (enum page_kind)(data[0] % PAGE_KINDS);
        struct str     page = { data + 1, n - 1 };
        bool           ok[2];
        for (int i = 0; i < 2; i++) {
            struct arena a = { mem[i], mem[i] + ROOM, NULL };
            if ((ok[i] = container_read(&c[i], &a, page, kind)))
                check(&c[i], page, mem[i]);
        }
        MUST(ok[0] == ok[1]);
        MUST(!ok[0] || (c[0].unit_n == c[1].unit_n && c[0].language == c[1].language && c[0].control_n == c[1].control_n));
        for (size_t i = 0; ok[0] && i < c[0].unit_n; i++)
            MUST(str_eq(c[0].unit[i].code, c[1].unit[i].code) && c[0].unit[i].kind == c[1].unit[i].kind);
    }
    free(mem[0]);
    free(mem[1]);
    return 0;
}
