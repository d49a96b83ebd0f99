/*
 * intake_cases: what each kind makes of a text. Each case says why it is there; `has` must stand in what came of it (intake_fixture.h), `not` must not.
 * All are fed whole, in pieces and byte by byte.
 */
#ifndef CASEWORK_INTAKE_CASES_H
#define CASEWORK_INTAKE_CASES_H

#include "casework/intake_fixture.h"
#include "test.h"

enum { CASES_HAS = 8 };
struct intake_case { const char *why, *kind, *map, *in, *has[CASES_HAS], *not[3]; };

static inline void intake_cases(const struct intake_case *c, size_t n)
{
    struct arena room;
    struct err   e = { 0 };

    CHECK(os_arena_map(&room, INTAKE_ROOM, &e));
    for (size_t i = 0; i < n; i++) {
        struct str first = STR_EMPTY;
        static const size_t step[] = { 0, 1, 7 };
        struct test_arena t = test_arena(4 << 20);
        for (size_t k = 0; k < 3; k++) {
            struct str            in = test_heap(c[i].in, strlen(c[i].in)), out;
            struct intake_options o = { .kind = c[i].kind ? intake_kind_find(str_c(c[i].kind)) : NULL, .vouched = c[i].kind != NULL, .map = str_c(c[i].map), .name = STR("a.txt"), .slug = STR("proxylogon"), .group = STR("ProxyLogon"), .now_us = intake_now };
            struct intake_result  r;
            e = (struct err){ 0 };
            (void)intake_text(&out, &r, &t.a, room, o, in, step[k], &e);
            if (e.kind != ERR_NONE)
                out = str_fmt(&t.a, "%.*serror: %s; %s\n", STR_ARG(out), e.what, e.hint);
            for (size_t h = 0; h < CASES_HAS && c[i].has[h]; h++)
                if (!str_has(out, str_c(c[i].has[h])))
                    fail_msg("%s: no \"%s\" in:\n%.*s", c[i].why, c[i].has[h], STR_ARG(out));
            for (size_t h = 0; h < 3 && c[i].not[h]; h++)
                if (str_has(out, str_c(c[i].not[h])))
                    fail_msg("%s: \"%s\" in:\n%.*s", c[i].why, c[i].not[h], STR_ARG(out));
            CHECK_WHY(r.sums.rows == r.sums.taken + r.sums.other + r.sums.broken, c[i].why);
            if (k == 0)
                first = out;
            else
                CHECK_WHY(str_eq(first, out), c[i].why);
            test_free(in);
        }
        test_arena_free(&t);
    }
    os_arena_unmap(&room);
}
#define INTAKE_CASES(c) intake_cases(c, sizeof(c) / sizeof *(c))

#endif
