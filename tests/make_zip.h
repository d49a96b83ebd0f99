/* make_zip: a zip of stored members, for tests. Source: APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12, 4.3.16. */
#ifndef MAKE_ZIP_H
#define MAKE_ZIP_H

#include "base/arena.h"
#include "base/str.h"

#include <string.h>
#include <zlib.h>

struct zip_file { const char *name; struct str body; };

static inline uint8_t *zip_le(uint8_t *p, uint32_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        *p++ = (uint8_t)(v >> (8 * i));
    return p;
}

/* .p == NULL: no room. Times are 2021-03-02 04:00:00. */
static inline struct str make_zip(struct arena *a, const struct zip_file *f, size_t n)
{
    size_t   room = 22;
    uint32_t at[64];

    for (size_t i = 0; i < n; i++)
        room += 30 + 46 + 2 * strlen(f[i].name) + f[i].body.n;
    uint8_t *zip = NEW(a, uint8_t, room), *p = zip;
    if (!zip || n > 64)
        return STR_EMPTY;
    for (int dir = 0; dir < 2; dir++) {
        uint8_t *from = p;
        for (size_t i = 0; i < n; i++) {
            uint32_t crc = (uint32_t)crc32(0, f[i].body.p, (uInt)f[i].body.n), name = (uint32_t)strlen(f[i].name);
            if (!dir)
                at[i] = (uint32_t)(p - zip);
            p = zip_le(p, dir ? 0x02014b50 : 0x04034b50, 4);
            p = dir ? zip_le(p, 20, 2) : p;
            p = zip_le(p, 20, 2);
            p = zip_le(p, 0x800, 2);                        /* names are UTF-8 */
            p = zip_le(p, 0, 2);
            p = zip_le(p, 4 << 11, 2);
            p = zip_le(p, (41 << 9) | (3 << 5) | 2, 2);
            p = zip_le(p, crc, 4);
            p = zip_le(p, (uint32_t)f[i].body.n, 4);
            p = zip_le(p, (uint32_t)f[i].body.n, 4);
            p = zip_le(p, name, 2);
            p = zip_le(p, 0, 2);
            p = dir ? zip_le(zip_le(zip_le(zip_le(p, 0, 4), 0, 2), 0, 4), at[i], 4) : p;
            memcpy(p, f[i].name, name);
            p += name;
            if (!dir && f[i].body.n)
                memcpy(p, f[i].body.p, f[i].body.n);
            p += dir ? 0 : f[i].body.n;
        }
        if (dir) {
            uint32_t size = (uint32_t)(p - from), where = (uint32_t)(from - zip);
            p = zip_le(zip_le(p, 0x06054b50, 4), 0, 4);
            p = zip_le(zip_le(p, (uint32_t)n, 2), (uint32_t)n, 2);
            p = zip_le(zip_le(zip_le(p, size, 4), where, 4), 0, 2);
        }
    }
    return (struct str){ zip, (size_t)(p - zip) };
}

#endif
