/* make_minidump: a memory dump with a list of modules and no memory at all. */
#ifndef MAKE_MINIDUMP_H
#define MAKE_MINIDUMP_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { MAKE_MINIDUMP_MAX = 8192 };

static inline void make_md_u32(uint8_t *p, size_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

/* `module`: NULL-ended paths. `wipe`: bytes of the header that are zero. */
static inline size_t make_minidump(uint8_t to[MAKE_MINIDUMP_MAX], const char *const *module, uint32_t seconds, size_t wipe)
{
    size_t n = 0, list = 32 + 3 * 12, at;

    memset(to, 0, MAKE_MINIDUMP_MAX);
    while (module[n])
        n++;
    memcpy(to, "MDMP\x93\xa7", 6);
    make_md_u32(to + 8, 3);
    make_md_u32(to + 12, 32);
    make_md_u32(to + 20, seconds);
    at = list + 4 + n * 108;
    make_md_u32(to + 32, 7), make_md_u32(to + 36, 56), make_md_u32(to + 40, 4096);
    make_md_u32(to + 44, 4), make_md_u32(to + 48, 4 + n * 108), make_md_u32(to + 52, list);
    make_md_u32(to + 56, 9), make_md_u32(to + 60, 16), make_md_u32(to + 64, 4200);
    make_md_u32(to + list, n);
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(module[i]);
        make_md_u32(to + list + 4 + i * 108 + 20, at);
        make_md_u32(to + at, 2 * len);
        for (size_t k = 0; k < len; k++)
            to[at + 4 + 2 * k] = (uint8_t)module[i][k];
        at += 4 + 2 * len + 2;
    }
    memset(to, 0, wipe);
    return at < 4300 ? 4300 : at;
}

#endif
