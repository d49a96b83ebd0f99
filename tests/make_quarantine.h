/* make_quarantine: an entry of Defender's quarantine with one path, and a record of its detection history. */
#ifndef MAKE_QUARANTINE_H
#define MAKE_QUARANTINE_H

#include "formats/quarantine.h"

#include <string.h>

enum { MAKE_QUARANTINE_MAX = 4096 };

static inline size_t make_q_wide(uint8_t *to, const char *s)
{
    size_t n = strlen(s);

    for (size_t i = 0; i <= n; i++)
        to[2 * i] = (uint8_t)s[i], to[2 * i + 1] = 0;
    return 2 * n + 2;
}

static inline size_t make_quarantine(uint8_t to[MAKE_QUARANTINE_MAX], const char *threat, const char *path, int64_t us)
{
    uint64_t ticks = (uint64_t)us * 10 + UINT64_C(116444736000000000);
    uint8_t *one = to + 60, *two;
    size_t   one_n = 52 + strlen(threat) + 1, two_n;

    memset(to, 0, MAKE_QUARANTINE_MAX);
    memcpy(to, "\xdb\xe8\xc5\x01\1\0\0\0", 8);
    for (int i = 0; i < 8; i++)
        one[32 + i] = (uint8_t)(ticks >> (8 * i));
    one[48] = 1;
    memcpy(one + 52, threat, strlen(threat) + 1);
    two = one + one_n;
    two[0] = 1;
    two[4] = 8;
    two_n = 8 + make_q_wide(two + 8, path);
    two_n += 2 + 5;                                     /* no fields, then "file" */
    memcpy(two + two_n - 5, "file", 5);
    to[40] = (uint8_t)one_n, to[41] = (uint8_t)(one_n >> 8);
    to[44] = (uint8_t)two_n, to[45] = (uint8_t)(two_n >> 8);
    quarantine_rc4(to, (struct str){ to, 60 });
    quarantine_rc4(one, (struct str){ one, one_n });
    quarantine_rc4(two, (struct str){ two, two_n });
    return 60 + one_n + two_n;
}

static inline size_t make_history(uint8_t to[MAKE_QUARANTINE_MAX], const char *threat, const char *path)
{
    size_t n = 24;

    memset(to, 0, MAKE_QUARANTINE_MAX);
    n += make_q_wide(to + n, "Magic.Version:1.2");
    n += 6 + make_q_wide(to + n + 6, threat);
    n += 8 + make_q_wide(to + n + 8, "file");
    n += 4 + make_q_wide(to + n + 4, path);
    return n;
}

#endif
