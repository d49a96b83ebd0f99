/*
 * flow: any bytes as any kind of page, through container, front ends and walk: an answer for the page and for half of it; the same page gives the same
 * uses, gates and keys twice; counts keep to the header. First byte: the kind of page.
 */
#include "webshell/basic.h"
#include "webshell/clike.h"
#include "webshell/flow.h"

#include <stdlib.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)
enum { ROOM = 64 << 20, UNITS_MAX = CONTAINER_UNITS_MAX };

static bool chain(struct flow *ret, struct arena *a, struct str page, enum page_kind kind)
{
    struct container  c;
    struct ir_builder b = { .a = a };
    struct ir_unit    unit[UNITS_MAX];

    if (!container_read(&c, a, page, kind))
        return false;
    MUST(c.unit_n <= UNITS_MAX);
    for (size_t i = 0; i < c.unit_n; i++) {
        const struct unit *u = &c.unit[i];
        bool basic = u->language == IR_VBNET || u->language == IR_VBSCRIPT;
        if (!(basic ? basic_parse(&unit[i], &b, u->code, u->language, u->places) : clike_parse(&unit[i], &b, u->code, u->language, u->places)))
            return false;
    }
    return flow_walk(ret, a, &c, unit, c.unit_n);
}

static void check(const struct flow *f)
{
    MUST(f->use_n <= FLOW_USES_MAX && f->key_n <= 32);
    for (size_t i = 0; i < f->use_n; i++) {
        const struct use *u = &f->use[i];
        MUST(u->sink > SINK_NONE && u->sink < SINK_KINDS && u->role_n <= FLOW_ROLES && u->nest <= FLOW_NEST_MAX);
        for (size_t r = 0; r < u->role_n; r++) {
            uint32_t deep = 0;
            MUST(u->role[r].letter >= 'a' && u->role[r].letter <= 'z');
            for (const struct trail *t = u->role[r].v.trail; t; t = t->from)
                MUST(++deep <= 256);
        }
    }
}

static void same(const struct flow *x, const struct flow *y)
{
    MUST(x->use_n == y->use_n && x->gate_n == y->gate_n && x->key_n == y->key_n && x->sources == y->sources && x->decoded_code == y->decoded_code && x->cut == y->cut);
    for (size_t i = 0; i < x->use_n; i++) {
        const struct use *u = &x->use[i], *v = &y->use[i];
        MUST(u->sink == v->sink && u->line == v->line && u->role_n == v->role_n && u->reached == v->reached && str_eq(u->call, v->call));
        for (size_t r = 0; r < u->role_n; r++)
            MUST(u->role[r].letter == v->role[r].letter && u->role[r].v.marks == v->role[r].v.marks && u->role[r].v.kind == v->role[r].v.kind && str_eq(u->role[r].v.text, v->role[r].v.text));
    }
    for (size_t i = 0; i < x->key_n; i++)
        MUST(str_eq(x->key[i], y->key[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    uint8_t    *mem[2] = { malloc(ROOM), malloc(ROOM) };
    struct flow f[2];
    bool        ok[2];

    MUST(mem[0] && mem[1]);
    if (n) {
        enum page_kind kind = (enum page_kind)(data[0] % PAGE_KINDS);
        struct str     page = { data + 1, n - 1 };
        for (int i = 0; i < 2; i++) {
            struct arena a = { mem[i], mem[i] + ROOM, NULL };
            if ((ok[i] = chain(&f[i], &a, page, kind)))
                check(&f[i]);
        }
        MUST(ok[0] == ok[1]);
        if (ok[0])
            same(&f[0], &f[1]);
        struct arena a = { mem[0], mem[0] + ROOM, NULL };
        if (chain(&f[0], &a, str_sub(page, 0, page.n / 2), kind))
            check(&f[0]);
    }
    free(mem[0]);
    free(mem[1]);
    return 0;
}
