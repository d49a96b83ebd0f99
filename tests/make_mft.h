/* make_mft: records of a file table and of a change journal, written for tests. */
#ifndef MAKE_MFT_H
#define MAKE_MFT_H

#include <stdint.h>
#include <string.h>

enum { MK_RECORD = 1024 };

static inline void mk_le(uint8_t *p, uint64_t v, int n) { for (int i = 0; i < n; i++) p[i] = (uint8_t)(v >> (8 * i)); }
static inline size_t mk_wide(uint8_t *p, const char *s) { size_t n = 0; for (; *s; s++) p[n++] = (uint8_t)*s, p[n++] = 0; return n; }
/* Microseconds since 1970 to FILETIME. */
static inline uint64_t mk_ticks(int64_t us) { return (uint64_t)(us + INT64_C(11644473600000000)) * 10; }

struct mk_mft { uint8_t *p; size_t at; };

static inline struct mk_mft mkf_begin(uint8_t *p, uint64_t number, uint16_t sequence, int in_use, int is_dir)
{
    memset(p, 0, MK_RECORD);
    memcpy(p, "FILE", 4);
    mk_le(p + 4, 0x30, 2), mk_le(p + 6, 3, 2);
    mk_le(p + 0x10, sequence, 2), mk_le(p + 0x12, 1, 2), mk_le(p + 0x14, 0x38, 2), mk_le(p + 0x16, (uint64_t)(in_use | is_dir << 1), 2);
    mk_le(p + 0x1C, MK_RECORD, 4), mk_le(p + 0x2C, number, 4);
    return (struct mk_mft){ p, 0x38 };
}
static inline uint8_t *mkf_resident(struct mk_mft *m, uint32_t type, const char *name, const void *data, size_t n, uint16_t flags)
{
    uint8_t *a = m->p + m->at;
    size_t   wide = mk_wide(a + 0x18, name), at = (0x18 + wide + 7) & ~(size_t)7, all = (at + n + 7) & ~(size_t)7;
    mk_le(a, type, 4), mk_le(a + 4, all, 4), a[9] = (uint8_t)(wide / 2), mk_le(a + 10, 0x18, 2), mk_le(a + 12, flags, 2);
    mk_le(a + 16, n, 4), mk_le(a + 20, at, 2);
    if (data)
        memcpy(a + at, data, n);
    m->at += all;
    return a + at;
}
static inline void mkf_standard(struct mk_mft *m, int64_t created, int64_t modified)
{
    uint8_t v[72] = { 0 };
    mk_le(v, mk_ticks(created), 8), mk_le(v + 8, mk_ticks(modified), 8), mk_le(v + 16, mk_ticks(modified), 8), mk_le(v + 24, mk_ticks(modified), 8);
    mk_le(v + 32, 0x20, 4);
    mkf_resident(m, 0x10, "", v, sizeof v, 0);
}
static inline void mkf_name(struct mk_mft *m, uint64_t parent, uint16_t parent_sequence, const char *name, int64_t created, int space)
{
    uint8_t v[0x42 + 512] = { 0 };
    mk_le(v, parent | (uint64_t)parent_sequence << 48, 8);
    for (int i = 0; i < 4; i++)
        mk_le(v + 8 + 8 * i, mk_ticks(created), 8);
    v[0x40] = (uint8_t)strlen(name), v[0x41] = (uint8_t)space;
    size_t n = mk_wide(v + 0x42, name);
    mkf_resident(m, 0x30, "", v, 0x42 + n, 0);
}
static inline void mkf_data(struct mk_mft *m, const char *stream, const char *text) { mkf_resident(m, 0x80, stream, text, strlen(text), 0); }
static inline void mkf_runs(struct mk_mft *m, const char *stream, const uint8_t *runs, size_t n, uint64_t clusters, uint64_t size, uint16_t flags)
{
    uint8_t *a = m->p + m->at;
    size_t   wide = mk_wide(a + 0x40, stream), at = (0x40 + wide + 7) & ~(size_t)7, all = (at + n + 7) & ~(size_t)7;
    mk_le(a, 0x80, 4), mk_le(a + 4, all, 4), a[8] = 1, a[9] = (uint8_t)(wide / 2), mk_le(a + 10, 0x40, 2), mk_le(a + 12, flags, 2);
    mk_le(a + 24, clusters - 1, 8), mk_le(a + 32, at, 2), a[34] = flags & 1 ? 4 : 0;
    mk_le(a + 40, clusters * 4096, 8), mk_le(a + 48, size, 8), mk_le(a + 56, size, 8);
    memcpy(a + at, runs, n);
    m->at += all;
}
/* Ends the record and takes the last bytes of its sectors away. */
static inline void mkf_end(struct mk_mft *m)
{
    mk_le(m->p + m->at, 0xFFFFFFFF, 4);
    mk_le(m->p + 0x18, m->at + 8, 4);
    mk_le(m->p + 0x30, 7, 2);
    for (size_t i = 0; i < 2; i++) {
        memcpy(m->p + 0x32 + 2 * i, m->p + 512 * (i + 1) - 2, 2);
        mk_le(m->p + 512 * (i + 1) - 2, 7, 2);
    }
}
/* A plain file or folder with one name. */
static inline void mkf_file(uint8_t *p, uint64_t number, uint16_t sequence, int in_use, int is_dir, uint64_t parent, uint16_t parent_sequence, const char *name, int64_t born,
                            int64_t created, const char *text)
{
    struct mk_mft m = mkf_begin(p, number, sequence, in_use, is_dir);
    mkf_standard(&m, created, created);
    mkf_name(&m, parent, parent_sequence, name, born, 1);
    if (text)
        mkf_data(&m, "", text);
    mkf_end(&m);
}

/* A record of the journal, version 2 or 3; its size. */
static inline size_t mku_record(uint8_t *p, int major, uint64_t file, uint64_t parent, uint64_t usn, int64_t us, uint32_t reason, uint32_t attributes, const char *name)
{
    size_t   at = major == 2 ? 60 : 76, n = mk_wide(p + at, name), all = (at + n + 7) & ~(size_t)7;
    uint8_t *q = p + 8;
    mk_le(p, all, 4), mk_le(p + 4, (uint64_t)major, 2), mk_le(p + 6, 0, 2);
    mk_le(q, file, 8), q += 8;
    if (major == 3) mk_le(q, 0, 8), q += 8;
    mk_le(q, parent, 8), q += 8;
    if (major == 3) mk_le(q, 0, 8), q += 8;
    mk_le(q, usn, 8), mk_le(q + 8, mk_ticks(us), 8), mk_le(q + 16, reason, 4), mk_le(q + 20, 0, 4), mk_le(q + 24, 0, 4), mk_le(q + 28, attributes, 4);
    mk_le(q + 32, n, 2), mk_le(q + 34, at, 2);
    memset(p + at + n, 0, all - at - n);
    return all;
}
#define MKU_REF(record, sequence) ((uint64_t)(record) | (uint64_t)(sequence) << 48)

#endif
