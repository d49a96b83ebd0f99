/*
 * make_pe: a small PE file in memory, for tests: version resource, exports, .NET strings. It has no code in it.
 *
 * Parts are left out when their texts are NULL. Returns the length; `to` needs MAKE_PE_MAX bytes.
 */
#ifndef MAKE_PE_H
#define MAKE_PE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { MAKE_PE_MAX = 8192 };

struct make_pe {
    const uint16_t    *version;        /* four numbers, or NULL */
    const char        *product, *file_version;
    const char *const *exports;        /* NULL-ended, or NULL */
    const char *const *user_strings;   /* NULL-ended, or NULL: not a .NET file */
    const char *const *names;
    const char        *original;       /* OriginalFilename */
};

struct make_at { uint8_t *p; size_t n; };
static inline void make_u16(struct make_at *m, uint32_t v) { m->p[m->n++] = (uint8_t)v, m->p[m->n++] = (uint8_t)(v >> 8); }
static inline void make_u32(struct make_at *m, uint32_t v) { make_u16(m, v & 0xFFFF), make_u16(m, v >> 16); }
static inline void make_set32(struct make_at *m, size_t at, uint32_t v) { struct make_at q = { m->p, at }; make_u32(&q, v); }
static inline void make_wide(struct make_at *m, const char *s) { for (; *s; s++) make_u16(m, (uint8_t)*s); make_u16(m, 0); }
static inline void make_text(struct make_at *m, const char *s) { size_t n = strlen(s) + 1; memcpy(m->p + m->n, s, n); m->n += n; }
static inline void make_align(struct make_at *m) { while (m->n & 3) m->p[m->n++] = 0; }

/* One block of a version resource; the caller closes it by patching its length. */
static inline size_t make_block(struct make_at *m, const char *key, uint32_t value_len, uint32_t type)
{
    make_align(m);
    size_t at = m->n;
    make_u16(m, 0), make_u16(m, value_len), make_u16(m, type);
    make_wide(m, key);
    make_align(m);
    return at;
}
static inline void make_close(struct make_at *m, size_t at) { struct make_at q = { m->p, at }; make_u16(&q, (uint32_t)(m->n - at)); }

static inline void make_string(struct make_at *m, const char *key, const char *value)
{
    size_t at = make_block(m, key, (uint32_t)strlen(value) + 1, 1);
    make_wide(m, value);
    make_close(m, at);
}

static inline size_t make_pe(uint8_t to[MAKE_PE_MAX], const struct make_pe *pe)
{
    enum { PE = 0x80, OPT = PE + 24, DIRS = OPT + 96, SECT = OPT + 224, RAW = 0x200, VA = 0x1000, RVA = VA - RAW };
    struct make_at m = { to, 0 };

    memset(to, 0, MAKE_PE_MAX);
    memcpy(to, "MZ", 2);
    m.n = 0x3C, make_u32(&m, PE);
    m.n = PE, make_u32(&m, 0x00004550);
    make_u16(&m, 0x14C), make_u16(&m, 1), make_u32(&m, 1600000000), make_u32(&m, 0), make_u32(&m, 0);
    make_u16(&m, 224), make_u16(&m, 0x2102);
    make_u16(&m, 0x10B);
    make_set32(&m, OPT + 92, 16);
    m.n = RAW;
    if (pe->version) {
        make_set32(&m, DIRS + 2 * 8, VA), make_set32(&m, DIRS + 2 * 8 + 4, 0x800);
        static const uint32_t next[3] = { 0x80000018u, 0x80000030u, 0x48 }, id[3] = { 16, 1, 0x409 };
        for (int i = 0; i < 3; i++) {
            make_u32(&m, 0), make_u32(&m, 0), make_u32(&m, 0), make_u16(&m, 0), make_u16(&m, 1);
            make_u32(&m, id[i]), make_u32(&m, next[i]);
        }
        size_t data = m.n;
        make_u32(&m, VA + 0x58), make_u32(&m, 0), make_u32(&m, 0), make_u32(&m, 0);
        size_t start = make_block(&m, "VS_VERSION_INFO", 52, 0);
        make_u32(&m, 0xFEEF04BDu), make_u32(&m, 0x10000);
        make_u32(&m, (uint32_t)pe->version[0] << 16 | pe->version[1]), make_u32(&m, (uint32_t)pe->version[2] << 16 | pe->version[3]);
        m.n += 36;
        size_t info = make_block(&m, "StringFileInfo", 0, 1), table = make_block(&m, "040904B0", 0, 1);
        if (pe->product)
            make_string(&m, "ProductName", pe->product);
        if (pe->file_version)
            make_string(&m, "FileVersion", pe->file_version);
        if (pe->original)
            make_string(&m, "OriginalFilename", pe->original);
        make_close(&m, table), make_close(&m, info), make_close(&m, start);
        make_set32(&m, data + 4, (uint32_t)(m.n - start));
    }
    if (pe->exports) {
        make_align(&m);
        make_set32(&m, DIRS, (uint32_t)m.n + RVA), make_set32(&m, DIRS + 4, 40);
        size_t dir = m.n, n = 0;
        while (pe->exports[n])
            n++;
        m.n += 40;
        make_set32(&m, dir + 24, (uint32_t)n), make_set32(&m, dir + 32, (uint32_t)m.n + RVA);
        size_t list = m.n;
        m.n += 4 * n;
        for (size_t i = 0; i < n; i++) {
            make_set32(&m, list + 4 * i, (uint32_t)m.n + RVA);
            make_text(&m, pe->exports[i]);
        }
    }
    if (pe->user_strings) {
        make_align(&m);
        make_set32(&m, DIRS + 14 * 8, (uint32_t)m.n + RVA), make_set32(&m, DIRS + 14 * 8 + 4, 72);
        size_t clr = m.n;
        m.n += 72;
        size_t root = m.n;
        make_u32(&m, 0x424A5342u), make_u16(&m, 1), make_u16(&m, 1), make_u32(&m, 0), make_u32(&m, 12);
        memcpy(m.p + m.n, "v4.0.30319", 10), m.n += 12;
        make_u16(&m, 0), make_u16(&m, 2);
        size_t us = m.n;
        make_u32(&m, 0), make_u32(&m, 0), make_text(&m, "#US"), make_align(&m);
        size_t names = m.n;
        make_u32(&m, 0), make_u32(&m, 0), make_text(&m, "#Strings"), make_align(&m);
        make_set32(&m, us, (uint32_t)(m.n - root));
        size_t from = m.n;
        m.p[m.n++] = 0;
        for (size_t i = 0; pe->user_strings[i]; i++) {
            size_t n = strlen(pe->user_strings[i]) * 2 + 1;
            if (n < 0x80)
                m.p[m.n++] = (uint8_t)n;
            else
                m.p[m.n++] = (uint8_t)(0x80 | n >> 8), m.p[m.n++] = (uint8_t)n;
            make_wide(&m, pe->user_strings[i]);
            m.n--;                                      /* the trailing flag byte takes the place of half the NUL */
        }
        make_set32(&m, us + 4, (uint32_t)(m.n - from));
        make_set32(&m, names, (uint32_t)(m.n - root));
        from = m.n;
        m.p[m.n++] = 0;
        for (size_t i = 0; pe->names && pe->names[i]; i++)
            make_text(&m, pe->names[i]);
        make_set32(&m, names + 4, (uint32_t)(m.n - from));
        make_set32(&m, clr + 8, (uint32_t)root + RVA), make_set32(&m, clr + 12, (uint32_t)(m.n - root));
    }
    make_align(&m);
    struct make_at s = { to, SECT };
    memcpy(to + s.n, ".text", 5), s.n += 8;
    make_u32(&s, (uint32_t)(m.n - RAW)), make_u32(&s, VA), make_u32(&s, (uint32_t)(m.n - RAW)), make_u32(&s, RAW);
    return m.n;
}

#endif
