/*
 * make_hive: registry hives in memory, for tests and for the lab: a tree of keys and values, laid out as Windows does it, and logs of both formats.
 *
 * Shape    mh_key makes the path that is missing; mh_value adds to it; mh_write gives the bytes (malloc), mh_free the tree back. Names are ASCII.
 * Source   as formats/hive.h. All of it is made up: no key here comes from a machine.
 */
#ifndef MAKE_HIVE_H
#define MAKE_HIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MH_SZ = 1, MH_EXPAND = 2, MH_BINARY = 3, MH_DWORD = 4, MH_MULTI = 7, MH_QWORD = 11, MH_SEGMENT = 16344 };

struct mh_value { char *name; uint32_t type; uint8_t *data; size_t n; struct mh_value *next; };
struct mh_key { char *name; int64_t us; struct mh_key *child, *next; struct mh_value *value; uint32_t at; };
struct mh { struct mh_key *root; uint8_t *p; size_t n, cap; uint32_t security; };

static inline void *mh_copy(const void *p, size_t n)
{
    uint8_t *to = malloc(n + 1);

    if (n)
        memcpy(to, p, n);
    to[n] = 0;
    return to;
}

static inline struct mh_key *mh_key_new(const char *name, size_t n, int64_t us)
{
    struct mh_key *k = calloc(1, sizeof *k);

    k->name = mh_copy(name, n);
    k->us   = us;
    return k;
}

static inline struct mh *mh_open(const char *root, int64_t us)
{
    struct mh *m = calloc(1, sizeof *m);

    m->root = mh_key_new(root, strlen(root), us);
    return m;
}

/* "A\\B": made where it is missing; the last part gets the time. */
static inline struct mh_key *mh_key(struct mh *m, const char *path, int64_t us)
{
    struct mh_key *at = m->root;

    while (*path) {
        size_t          n = strcspn(path, "\\");
        struct mh_key **to = &at->child;
        /* Sorted, as Windows keeps them. */
        while (*to && (strncasecmp((*to)->name, path, n) < 0 || (strncasecmp((*to)->name, path, n) == 0 && strlen((*to)->name) < n)))
            to = &(*to)->next;
        if (!*to || strncasecmp((*to)->name, path, n) != 0 || strlen((*to)->name) != n) {
            struct mh_key *k = mh_key_new(path, n, us);
            k->next = *to;
            *to = k;
        }
        at = *to;
        path += n + (path[n] == '\\');
    }
    if (at != m->root)
        at->us = us;
    return at;
}

static inline void mh_value(struct mh_key *k, const char *name, uint32_t type, const void *data, size_t n)
{
    struct mh_value *v = calloc(1, sizeof *v), **to = &k->value;

    v->name = mh_copy(name, strlen(name));
    v->type = type;
    v->data = mh_copy(data, n);
    v->n    = n;
    while (*to)
        to = &(*to)->next;
    *to = v;
}

/* '\n' parts the items of MH_MULTI. */
static inline void mh_text(struct mh_key *k, const char *name, uint32_t type, const char *text)
{
    size_t   n = strlen(text), wide = 2 * n + (type == MH_MULTI ? 4 : 2);
    uint8_t *p = calloc(1, wide);

    for (size_t i = 0; i < n; i++)
        p[2 * i] = type == MH_MULTI && text[i] == '\n' ? 0 : (uint8_t)text[i];
    mh_value(k, name, type, p, wide);
    free(p);
}

static inline void mh_number(struct mh_key *k, const char *name, uint32_t number)
{
    uint8_t p[4] = { (uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16), (uint8_t)(number >> 24) };

    mh_value(k, name, MH_DWORD, p, 4);
}

static inline void mh_u16(uint8_t *p, uint32_t v) { p[0] = (uint8_t)v; p[1] = (uint8_t)(v >> 8); }
static inline void mh_u32(uint8_t *p, uint32_t v) { mh_u16(p, v); mh_u16(p + 2, v >> 16); }
static inline void mh_u64(uint8_t *p, uint64_t v) { mh_u32(p, (uint32_t)v); mh_u32(p + 4, (uint32_t)(v >> 32)); }
static inline uint64_t mh_ticks(int64_t us) { return (uint64_t)(us * 10 + INT64_C(116444736000000000)); }

/* A cell of n bytes; its offset. The bytes are at m->p + 4096 + offset + 4. */
static inline uint32_t mh_cell(struct mh *m, size_t n)
{
    size_t size = (n + 4 + 7) / 8 * 8, at = m->n;

    if (m->n + size > m->cap) {
        m->cap = 2 * (m->n + size) + 65536;
        m->p   = realloc(m->p, m->cap);
    }
    memset(m->p + at, 0, size);
    mh_u32(m->p + at, 0 - (uint32_t)size);
    m->n += size;
    return (uint32_t)(at - 4096);
}
static inline uint8_t *mh_at(struct mh *m, uint32_t cell) { return m->p + 4096 + cell + 4; }

static inline uint32_t mh_put_value(struct mh *m, const struct mh_value *v)
{
    size_t   name = strlen(v->name);
    uint32_t at = mh_cell(m, 20 + name), data = 0, size = (uint32_t)v->n;

    if (v->n <= 4) {
        uint8_t in[4] = { 0 };
        memcpy(in, v->data, v->n);
        data  = (uint32_t)in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 | (uint32_t)in[3] << 24;
        size |= 0x80000000;
    } else if (v->n <= MH_SEGMENT) {
        data = mh_cell(m, v->n);
        memcpy(mh_at(m, data), v->data, v->n);
    } else {
        uint32_t parts = (uint32_t)((v->n + MH_SEGMENT - 1) / MH_SEGMENT), list = mh_cell(m, 4 * (size_t)parts);
        data = mh_cell(m, 8);
        memcpy(mh_at(m, data), "db", 2);
        mh_u16(mh_at(m, data) + 2, parts);
        mh_u32(mh_at(m, data) + 4, list);
        for (uint32_t i = 0; i < parts; i++) {
            size_t   n = v->n - (size_t)i * MH_SEGMENT < MH_SEGMENT ? v->n - (size_t)i * MH_SEGMENT : MH_SEGMENT;
            uint32_t part = mh_cell(m, MH_SEGMENT + 4);
            memcpy(mh_at(m, part), v->data + (size_t)i * MH_SEGMENT, n);
            mh_u32(mh_at(m, list) + 4 * (size_t)i, part);
        }
    }
    uint8_t *p = mh_at(m, at);
    memcpy(p, "vk", 2);
    mh_u16(p + 2, (uint32_t)name);
    mh_u32(p + 4, size);
    mh_u32(p + 8, data);
    mh_u32(p + 12, v->type);
    mh_u16(p + 16, 1);
    memcpy(p + 20, v->name, name);
    return at;
}

static inline uint32_t mh_put_key(struct mh *m, struct mh_key *k, uint32_t parent, bool root)
{
    size_t   name = strlen(k->name);
    uint32_t at = mh_cell(m, 76 + name), subs = 0, values = 0, list = UINT32_MAX, value_list = UINT32_MAX, hash, i = 0;

    k->at = at;
    for (const struct mh_value *v = k->value; v; v = v->next)
        values++;
    for (const struct mh_key *c = k->child; c; c = c->next)
        subs++;
    if (values) {
        value_list = mh_cell(m, 4 * (size_t)values);
        for (const struct mh_value *v = k->value; v; v = v->next, i++) {
            uint32_t one = mh_put_value(m, v);
            mh_u32(mh_at(m, value_list) + 4 * (size_t)i, one);
        }
    }
    if (subs) {
        list = mh_cell(m, 4 + 8 * (size_t)subs);
        memcpy(mh_at(m, list), "lh", 2);
        mh_u16(mh_at(m, list) + 2, subs);
        i = 0;
        for (struct mh_key *c = k->child; c; c = c->next, i++) {
            uint32_t one = mh_put_key(m, c, at, false);
            hash = 0;
            for (const char *s = c->name; *s; s++)
                hash = 37 * hash + (uint32_t)(*s >= 'a' && *s <= 'z' ? *s - 32 : *s);
            mh_u32(mh_at(m, list) + 4 + 8 * (size_t)i, one);
            mh_u32(mh_at(m, list) + 8 + 8 * (size_t)i, hash);
        }
    }
    uint8_t *p = mh_at(m, at);
    memcpy(p, "nk", 2);
    mh_u16(p + 2, root ? 0x2c : 0x20);
    mh_u64(p + 4, mh_ticks(k->us));
    mh_u32(p + 16, parent);
    mh_u32(p + 20, subs);
    mh_u32(p + 28, list);
    mh_u32(p + 32, UINT32_MAX);
    mh_u32(p + 36, values);
    mh_u32(p + 40, value_list);
    mh_u32(p + 44, m->security);
    mh_u32(p + 48, UINT32_MAX);
    mh_u16(p + 72, (uint32_t)name);
    memcpy(p + 76, k->name, name);
    return at;
}

static inline void mh_sum(uint8_t *head)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < 508; i += 4)
        sum ^= (uint32_t)head[i] | (uint32_t)head[i + 1] << 8 | (uint32_t)head[i + 2] << 16 | (uint32_t)head[i + 3] << 24;
    mh_u32(head + 508, sum == 0 ? 1 : sum == UINT32_MAX ? UINT32_MAX - 1 : sum);
}

/* The bytes: free them. `name`: what the base block remembers, at most 31 characters. */
static inline uint8_t *mh_write(struct mh *m, const char *name, int64_t us, size_t *ret_n)
{
    m->p = NULL;
    m->n = m->cap = 0;
    m->cap = 1 << 20;
    m->p   = calloc(1, m->cap);
    m->n   = 4096 + 32;
    /* One security descriptor for all: owner and group SYSTEM, everybody may read. */
    m->security = mh_cell(m, 20 + 48);
    uint8_t *s = mh_at(m, m->security);
    static const uint8_t sd[48] = { 1, 0, 4, 0x80, 20, 0, 0, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0 };
    memcpy(s, "sk", 2);
    mh_u32(s + 4, m->security);
    mh_u32(s + 8, m->security);
    mh_u32(s + 12, 1);
    mh_u32(s + 16, 48);
    memcpy(s + 20, sd, sizeof sd);
    uint32_t root = mh_put_key(m, m->root, UINT32_MAX, true);
    size_t bins = (m->n - 4096 + 4095) / 4096 * 4096, end = m->n;
    if (4096 + bins - end < 8 && 4096 + bins != end)
        bins += 4096;
    m->p = realloc(m->p, 4096 + bins);
    memset(m->p + end, 0, 4096 + bins - end);
    if (4096 + bins > end)
        mh_u32(m->p + end, (uint32_t)(4096 + bins - end));
    memset(m->p, 0, 4096);
    memcpy(m->p, "regf", 4);
    mh_u32(m->p + 4, 7);
    mh_u32(m->p + 8, 7);
    mh_u64(m->p + 12, mh_ticks(us));
    mh_u32(m->p + 20, 1);
    mh_u32(m->p + 24, 5);
    mh_u32(m->p + 32, 1);
    mh_u32(m->p + 36, root);
    mh_u32(m->p + 40, (uint32_t)bins);
    mh_u32(m->p + 44, 1);
    for (size_t i = 0; name[i] && i < 31; i++)
        m->p[48 + 2 * i] = (uint8_t)name[i];
    mh_sum(m->p);
    memcpy(m->p + 4096, "hbin", 4);
    mh_u32(m->p + 4096 + 8, (uint32_t)bins);
    *ret_n = 4096 + bins;
    return m->p;
}

static inline void mh_drop(struct mh_key *k)
{
    while (k) {
        struct mh_key *next = k->next;
        mh_drop(k->child);
        while (k->value) {
            struct mh_value *v = k->value;
            k->value = v->next;
            free(v->name);
            free(v->data);
            free(v);
        }
        free(k->name);
        free(k);
        k = next;
    }
}
static inline void mh_free(struct mh *m)
{
    mh_drop(m->root);
    free(m);
}

/* ---- deleting, as Windows does it: cells become free, their bytes stay, the parent's list loses the key ---- */

static inline uint32_t mh_get(const uint8_t *p) { return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24; }
static inline void mh_release(uint8_t *hive, uint32_t cell) { mh_u32(hive + 4096 + cell, 0 - mh_get(hive + 4096 + cell)); }
/* `k` of the tree from which mh_write made these bytes. */
static inline void mh_delete(uint8_t *hive, const struct mh_key *k)
{
    uint8_t *nk = hive + 4096 + k->at + 4, *up = hive + 4096 + mh_get(nk + 16) + 4, *list = hive + 4096 + mh_get(up + 28) + 4;
    uint32_t n = mh_get(nk + 36), values = mh_get(nk + 40), subs = mh_get(up + 20), kept = 0;

    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = mh_get(hive + 4096 + values + 4 + 4 * (size_t)i), size = mh_get(hive + 4096 + at + 4 + 4);
        if (!(size >> 31) && size)
            mh_release(hive, mh_get(hive + 4096 + at + 4 + 8));
        mh_release(hive, at);
    }
    if (n)
        mh_release(hive, values);
    mh_release(hive, k->at);
    for (uint32_t i = 0; i < subs; i++)
        if (mh_get(list + 4 + 8 * (size_t)i) != k->at)
            memmove(list + 4 + 8 * (size_t)kept++, list + 4 + 8 * (size_t)i, 8);
    mh_u16(list + 2, kept);
    mh_u32(up + 20, kept);
}

/* ---- logs: what turns `before` into `after` (same length), each page that differs ---- */

static inline uint64_t mh_marvin(const uint8_t *p, size_t n)
{
    uint32_t lo = 0x7A4E55C5, hi = 0x82EF4D88;

    for (size_t i = 0; i <= n + 4; i += 4) {
        uint32_t v = i + 4 <= n ? (uint32_t)p[i] | (uint32_t)p[i + 1] << 8 | (uint32_t)p[i + 2] << 16 | (uint32_t)p[i + 3] << 24 : i == n ? 0x80 : 0;
        lo += v, hi ^= lo;
        lo = (lo << 20 | lo >> 12) + hi;
        hi = (hi << 9 | hi >> 23) ^ lo;
        lo = (lo << 27 | lo >> 5) + hi;
        hi = hi << 19 | hi >> 13;
    }
    return (uint64_t)hi << 32 | lo;
}

/* One new log with one entry of number `sequence`, pages of 4096 bytes. free it. */
static inline uint8_t *mh_new_log(const uint8_t *before, const uint8_t *after, size_t n, uint32_t sequence, size_t *ret_n)
{
    uint32_t pages = 0;

    for (size_t at = 4096; at < n; at += 4096)
        pages += memcmp(before + at, after + at, 4096) != 0;
    size_t   size = (40 + 8 * (size_t)pages + 4096 * (size_t)pages + 511) / 512 * 512, i = 0;
    uint8_t *p = calloc(1, 512 + size), *e = p + 512;
    memcpy(p, after, 512);
    mh_u32(p + 4, sequence);
    mh_u32(p + 8, sequence);
    mh_u32(p + 28, 6);
    mh_sum(p);
    memcpy(e, "HvLE", 4);
    mh_u32(e + 4, (uint32_t)size);
    mh_u32(e + 12, sequence);
    mh_u32(e + 16, (uint32_t)(n - 4096));
    mh_u32(e + 20, pages);
    for (size_t at = 4096; at < n; at += 4096) {
        if (memcmp(before + at, after + at, 4096) == 0)
            continue;
        mh_u32(e + 40 + 8 * i, (uint32_t)(at - 4096));
        mh_u32(e + 44 + 8 * i, 4096);
        memcpy(e + 40 + 8 * (size_t)pages + 4096 * i++, after + at, 4096);
    }
    mh_u64(e + 24, mh_marvin(e + 40, size - 40));
    mh_u64(e + 32, mh_marvin(e, 32));
    *ret_n = 512 + size;
    return p;
}

/* A log of the old format. free it. */
static inline uint8_t *mh_old_log(const uint8_t *before, const uint8_t *after, size_t n, size_t *ret_n)
{
    size_t   bytes = (n - 4096) / 4096, data = (512 + 4 + bytes + 511) / 512 * 512, at = data;
    uint8_t *p = calloc(1, data + n);

    memcpy(p, after, 512);
    mh_u32(p + 8, (uint32_t)p[4] | (uint32_t)p[5] << 8);
    mh_u32(p + 28, 1);
    mh_sum(p);
    memcpy(p + 512, "DIRT", 4);
    for (size_t i = 0; i < (n - 4096) / 512; i++) {
        if (memcmp(before + 4096 + 512 * i, after + 4096 + 512 * i, 512) == 0)
            continue;
        p[516 + i / 8] |= (uint8_t)(1 << i % 8);
        memcpy(p + at, after + 4096 + 512 * i, 512);
        at += 512;
    }
    *ret_n = at;
    return p;
}

/* Marks a hive as not closed. */
static inline void mh_dirty(uint8_t *hive, uint32_t primary, uint32_t secondary)
{
    mh_u32(hive + 4, primary);
    mh_u32(hive + 8, secondary);
    mh_sum(hive);
}

#endif
