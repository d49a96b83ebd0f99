/* make_prefetch: a prefetch file of version 30, plain or packed. Packed: every symbol has a code of 9 bits, so that a byte is its own code. */
#ifndef MAKE_PREFETCH_H
#define MAKE_PREFETCH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { MAKE_PREFETCH_MAX = 16384 };

static inline void make_pf_u32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

static inline size_t make_pf_wide(uint8_t *to, const char *s)
{
    size_t n = strlen(s);

    for (size_t i = 0; i <= n; i++)
        to[2 * i] = (uint8_t)s[i], to[2 * i + 1] = 0;
    return 2 * n + 2;
}

/* `us`: of the last run, UTC. `file`: NULL-ended. */
static inline size_t make_prefetch(uint8_t to[MAKE_PREFETCH_MAX], const char *name, uint32_t count, int64_t us, const char *const *file)
{
    uint64_t ticks = (uint64_t)us * 10 + UINT64_C(116444736000000000);
    size_t   at = 0x130;

    memset(to, 0, MAKE_PREFETCH_MAX);
    make_pf_u32(to, 30);
    memcpy(to + 4, "SCCA", 4);
    make_pf_wide(to + 16, name);
    make_pf_u32(to + 0x4c, 0x4a81b364);
    make_pf_u32(to + 0x54, 0x130);
    make_pf_u32(to + 0x64, (uint32_t)at);
    make_pf_u32(to + 0x80, (uint32_t)ticks);
    make_pf_u32(to + 0x84, (uint32_t)(ticks >> 32));
    make_pf_u32(to + 0xd0, count);
    for (; *file; file++)
        at += make_pf_wide(to + at, *file);
    make_pf_u32(to + 0x68, (uint32_t)at - 0x130);
    make_pf_u32(to + 12, (uint32_t)at);
    return at;
}

static inline size_t make_packed(uint8_t *to, const uint8_t *in, size_t n)
{
    size_t   at = 8;
    uint32_t bits = 0, have = 0;

    memcpy(to, "MAM\4", 4);
    make_pf_u32(to + 4, (uint32_t)n);
    memset(to + at, 0x99, 256);
    at += 256;
    for (size_t i = 0; i < n || have; i++) {
        bits = bits << 9 | (i < n ? in[i] : 0);
        have += 9;
        if (have >= 16) {
            uint32_t w = bits >> (have - 16);
            to[at++] = (uint8_t)w;
            to[at++] = (uint8_t)(w >> 8);
            have -= 16;
        }
        if (i >= n + 4)
            break;
    }
    return at;
}

#endif
