/*
 * frontfuzz: what every front end promises, whatever the bytes: a tree, bounded in nodes and depth, lines within the piece, the same tree twice, an
 * answer for a prefix.
 */
#ifndef FRONTFUZZ_H
#define FRONTFUZZ_H

#include "webshell/ir.h"

#include <stdlib.h>
#include <string.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)
enum { ROOM = 4 << 20, PLACES = 4 };

static size_t check(const struct ir *n, unsigned depth, uint32_t lines, const uint8_t *lo, const uint8_t *hi, const uint8_t *arena_lo, const uint8_t *arena_hi)
{
    size_t count = 1;

    MUST(depth <= IR_DEPTH_MAX + 1 && n->op < IR_OPS && n->line <= lines);
    MUST(!n->text.n || (n->text.p >= lo && n->text.p + n->text.n <= hi) || (n->text.p >= arena_lo && n->text.p + n->text.n <= arena_hi) || n->text.n < 16);
    MUST(n->op != IR_BINARY || n->sign == SIGN_ADD || n->sign == SIGN_JOIN || !n->kid || !n->kid->next || !n->kid->next->next);
    for (const struct ir *k = n->kid; k; k = k->next)
        count += check(k, depth + 1, lines, lo, hi, arena_lo, arena_hi);
    return count;
}

typedef bool front_parse(struct ir_unit *ret, struct ir_builder *b, struct str code, enum ir_language language, struct ir_places places);

static int front_fuzz(front_parse *parse, const enum ir_language language[2], const uint8_t *data, size_t n)
{
    uint8_t        *mem = malloc(2 * (size_t)ROOM);
    struct ir_place place[PLACES];
    size_t          places = n ? data[0] % (PLACES + 1) : 0, at = 0;
    uint32_t        lines = 1;

    MUST(mem);
    for (size_t i = 0; i < places; i++) {
        place[i] = (struct ir_place){ .at = at, .line = 1 + data[i % n] };
        at += data[(i + 1) % n];
        lines = lines < place[i].line ? place[i].line : lines;
    }
    for (size_t i = 0; i < n; i++)
        lines += data[i] == '\r' || data[i] == '\n';
    for (int which = 0; which < 2; which++) {
        struct ir_unit u[2];
        struct str     print[2];
        for (int again = 0; again < 2; again++) {
            struct arena      a = { mem + (size_t)again * ROOM, mem + (size_t)again * ROOM + ROOM, NULL };
            struct ir_builder b = { .a = &a };
            uint8_t          *code = malloc(n ? n : 1);
            MUST(code);
            if (n)
                memcpy(code, data, n);
            bool ok = parse(&u[again], &b, (struct str){ code, n }, language[which], (struct ir_places){ place, places });
            MUST(ok || b.full);
            print[again] = STR_EMPTY;
            if (ok) {
                size_t count = check(u[again].top, 0, lines, code, code + n, mem + (size_t)again * ROOM, mem + (size_t)again * ROOM + ROOM);
                MUST(count <= b.nodes + 1 && b.nodes <= IR_NODES_MAX);
                print[again] = ir_print(&a, u[again].top);
            }
            free(code);
        }
        MUST(str_eq(print[0], print[1]) && u[0].unread == u[1].unread);
        /* A prefix. */
        struct arena      a = { mem, mem + ROOM, NULL };
        struct ir_builder b = { .a = &a };
        size_t            k = n / 2;
        uint8_t          *code = malloc(k ? k : 1);
        MUST(code);
        if (k)
            memcpy(code, data, k);
        MUST(parse(&u[0], &b, (struct str){ code, k }, language[which], (struct ir_places){ 0 }) || b.full);
        free(code);
    }
    free(mem);
    return 0;
}

#endif
