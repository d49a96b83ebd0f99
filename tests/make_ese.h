/*
 * make_ese: an ESE database with one table, as user access logging has it, written for tests: catalogue in page 4, the table in page 5 and, where it does not fit, in leaves
 * behind it. Enough for who reads trees and records; there are no indexes, no space trees and no checksums.
 */
#ifndef MAKE_ESE_H
#define MAKE_ESE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MKE_PAGE = 4096, MKE_LEAVES = 5, MKE_PAGES = 2 + 5 + MKE_LEAVES };
struct mke { uint8_t *p; };

static inline void mke_le(uint8_t *p, uint64_t v, int n) { for (int i = 0; i < n; i++) p[i] = (uint8_t)(v >> (8 * i)); }
static inline uint8_t *mke_page(struct mke *m, uint32_t number) { return m->p + (size_t)(number + 1) * MKE_PAGE; }
static inline uint32_t mke_u16(const uint8_t *p) { return (uint32_t)p[0] | (uint32_t)p[1] << 8; }

static inline void mke_begin(struct mke *m, uint32_t number, uint32_t flags)
{
    uint8_t *g = mke_page(m, number);
    memset(g, 0, MKE_PAGE);
    mke_le(g + 36, flags, 4);
    mke_le(g + 34, 1, 2), mke_le(g + 32, 16, 2);               /* tag 0: the head of a root, 16 bytes */
    mke_le(g + MKE_PAGE - 4, 16, 2);
}
/* An entry with a key of four bytes. False: the page is full. */
static inline int mke_entry(struct mke *m, uint32_t number, uint32_t key, const uint8_t *data, size_t n, uint32_t flags)
{
    uint8_t *g = mke_page(m, number);
    uint32_t tags = mke_u16(g + 34), at = mke_u16(g + 32);
    if (40 + at + 6 + n + 4 * (tags + 1) > MKE_PAGE)
        return 0;
    uint8_t *e = g + 40 + at, *t = g + MKE_PAGE - 4 * (tags + 1);
    mke_le(e, 4, 2), e[2] = (uint8_t)(key >> 24), e[3] = (uint8_t)(key >> 16), e[4] = (uint8_t)(key >> 8), e[5] = (uint8_t)key;
    memcpy(e + 6, data, n);
    mke_le(t, 6 + n, 2), mke_le(t + 2, at | flags << 13, 2);
    mke_le(g + 34, tags + 1, 2), mke_le(g + 32, at + 6 + n, 2);
    return 1;
}

static inline void mke_catalogue(struct mke *m, uint32_t key, uint32_t object, uint32_t type, uint32_t id, uint32_t what, uint32_t codepage, const char *name)
{
    uint8_t r[200] = { 8, 128 };
    size_t  n = 4;
    mke_le(r + n, object, 4), mke_le(r + n + 4, type, 2), mke_le(r + n + 6, id, 4), mke_le(r + n + 10, what, 4), mke_le(r + n + 14, 0, 4), mke_le(r + n + 18, 0, 4), mke_le(r + n + 22, codepage, 4), n += 27;
    r[n++] = 0;                                                /* each of them has a value */
    mke_le(r + 2, n, 2);
    mke_le(r + n, strlen(name), 2), n += 2;
    memcpy(r + n, name, strlen(name)), n += strlen(name);
    mke_entry(m, 4, key, r, n, 0);
}

static inline struct mke mke_open(const char *table)
{
    struct mke m = { calloc(1, (size_t)MKE_PAGES * MKE_PAGE) };
    for (int i = 0; i < 2; i++) {
        uint8_t *h = m.p + i * MKE_PAGE;
        mke_le(h + 4, 0x89ABCDEF, 4), mke_le(h + 8, 0x620, 4), mke_le(h + 52, 3, 4), mke_le(h + 232, 20, 4), mke_le(h + 236, MKE_PAGE, 4);
    }
    mke_begin(&m, 4, 3), mke_begin(&m, 5, 5);
    for (uint32_t i = 0; i < MKE_LEAVES; i++) {
        uint8_t child[4];
        mke_begin(&m, 6 + i, 2);
        mke_le(child, 6 + i, 4);
        mke_entry(&m, 5, i, child, 4, 0);
    }
    mke_catalogue(&m, 1, 10, 1, 10, 5, 1252, table);
    mke_catalogue(&m, 2, 10, 2, 1, 16, 0, "RoleGuid"), mke_catalogue(&m, 3, 10, 2, 2, 16, 0, "TenantId"), mke_catalogue(&m, 4, 10, 2, 3, 14, 0, "TotalAccesses");
    mke_catalogue(&m, 5, 10, 2, 4, 8, 0, "InsertDate"), mke_catalogue(&m, 6, 10, 2, 5, 8, 0, "LastAccess"), mke_catalogue(&m, 7, 10, 2, 128, 9, 0, "Address");
    mke_catalogue(&m, 8, 10, 2, 256, 12, 1200, "AuthenticatedUserName"), mke_catalogue(&m, 9, 11, 2, 1, 4, 0, "OfAnotherTable");
    return m;
}

/* packed: the name in seven bits. */
static inline int mke_client(struct mke *m, uint32_t leaf, uint32_t key, const uint8_t role[16], uint32_t total, uint64_t first, uint64_t last, const uint8_t *address, size_t address_n, const char *user,
                             int packed, uint32_t flags)
{
    uint8_t r[400] = { 5, 128 };
    size_t  n = 4, len = strlen(user);

    memcpy(r + n, role, 16), mke_le(r + n + 32, total, 4), mke_le(r + n + 36, first, 8), mke_le(r + n + 44, last, 8), n += 52;
    r[n++] = 0x02;                                             /* no tenant */
    mke_le(r + 2, n, 2);
    mke_le(r + n, address_n, 2), n += 2;
    memcpy(r + n, address, address_n), n += address_n;
    mke_le(r + n, 256, 2), mke_le(r + n + 2, 4 | 0x4000, 2), n += 4;
    if (packed) {
        size_t bits = 7 * len;
        r[n++] = 3, r[n++] = (uint8_t)(2 << 3 | ((bits - 1) % 8));
        for (size_t i = 0; i < len; i++)
            for (int b = 0; b < 7; b++)
                r[n + (7 * i + b) / 8] |= (uint8_t)((user[i] >> b & 1) << ((7 * i + b) % 8));
        n += (bits + 7) / 8;
    } else {
        r[n++] = 1;
        for (size_t i = 0; i < len && n + 2 <= sizeof r; i++)
            r[n++] = (uint8_t)user[i], r[n++] = 0;
    }
    return mke_entry(m, leaf, key, r, n, flags);
}

#endif
