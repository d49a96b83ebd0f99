/*
 * make_evtx: Windows event logs in memory, for tests and for the lab: chunks with templates, nested templates, elements without a template, every type of value.
 *
 * Shape    mk_chunk, then records, then mk_chunk_end; texts are ASCII. A name stands where it is first used, later uses point there, as Windows does it.
 * Source   as formats/evtx.h. All of it is made up: no record here comes from a machine.
 */
#ifndef MAKE_EVTX_H
#define MAKE_EVTX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <zlib.h>

enum { MK_CHUNK = 65536, MK_NAMES = 300, MK_NAME_MAX = 64, MK_DEEP = 80 };

struct mk {
    uint8_t *p;                                   /* MK_CHUNK bytes */
    size_t   n, record, open[MK_DEEP], def, values;
    size_t   attrs;                               /* where the size of the attributes of the element being opened stands; 0: it has none */
    uint32_t depth, value_n;
    bool     in_template;
    uint64_t first, last;
    struct { char text[MK_NAME_MAX]; uint32_t off; } name[MK_NAMES];
    size_t   name_n;
};

static inline void mk_set(struct mk *m, size_t at, uint64_t v, size_t bytes) { for (size_t i = 0; i < bytes; i++) m->p[at + i] = (uint8_t)(v >> 8 * i); }
static inline uint64_t mk_get(const struct mk *m, size_t at, size_t bytes) { uint64_t v = 0; for (size_t i = bytes; i-- > 0;) v = v << 8 | m->p[at + i]; return v; }
static inline void mk_put(struct mk *m, uint64_t v, size_t bytes) { mk_set(m, m->n, v, bytes); m->n += bytes; }
static inline void mk_raw(struct mk *m, const void *p, size_t n) { memcpy(m->p + m->n, p, n); m->n += n; }
static inline void mk_wide(struct mk *m, const char *s) { for (; *s; s++) mk_put(m, (uint8_t)*s, 2); }

static inline void mk_chunk(struct mk *m, uint8_t *p)
{
    memset(m, 0, sizeof *m);
    memset(p, 0, MK_CHUNK);
    m->p = p;
    m->n = 512;
}

static inline void mk_chunk_end(struct mk *m)
{
    memcpy(m->p, "ElfChnk\0", 8);
    mk_set(m, 8, m->first, 8), mk_set(m, 16, m->last, 8), mk_set(m, 24, m->first, 8), mk_set(m, 32, m->last, 8);
    mk_set(m, 40, 128, 4), mk_set(m, 44, m->record, 4), mk_set(m, 48, m->n, 4);
    mk_set(m, 52, crc32(0, m->p + 512, (uInt)(m->n - 512)), 4);
    mk_set(m, 124, crc32(crc32(0, m->p, 120), m->p + 128, 384), 4);
}

/* The header of a file: 4,096 bytes. */
static inline void mk_file(uint8_t *p, uint16_t chunks, uint32_t flags)
{
    struct mk m = { .p = p };

    memset(p, 0, 4096);
    memcpy(p, "ElfFile\0", 8);
    mk_set(&m, 16, chunks ? chunks - 1u : 0, 8), mk_set(&m, 24, 100, 8), mk_set(&m, 32, 128, 4), mk_set(&m, 36, 1, 2), mk_set(&m, 38, 3, 2), mk_set(&m, 40, 4096, 2);
    mk_set(&m, 42, chunks, 2), mk_set(&m, 120, flags, 4), mk_set(&m, 124, crc32(0, p, 120), 4);
}

static inline void mk_record(struct mk *m, uint64_t id, uint64_t filetime)
{
    m->record = m->n;
    if (!m->first)
        m->first = id;
    m->last = id;
    mk_raw(m, "**\0\0", 4), mk_put(m, 0, 4), mk_put(m, id, 8), mk_put(m, filetime, 8);
    mk_put(m, 0x0001010F, 4);
}

static inline void mk_record_end(struct mk *m)
{
    mk_put(m, 0, 1);
    while (m->n % 8 != 4)
        mk_put(m, 0, 1);
    mk_set(m, m->record + 4, m->n + 4 - m->record, 4);
    mk_put(m, m->n + 4 - m->record, 4);
}

/* Puts `off` at the head of a chain of the chunk's header (names by hash, templates by id); what headed it before. */
static inline uint32_t mk_chain(struct mk *m, size_t bucket, uint32_t off)
{
    uint32_t before = (uint32_t)mk_get(m, bucket, 4);

    mk_set(m, bucket, off, 4);
    return before;
}

static inline void mk_name(struct mk *m, const char *s)
{
    uint32_t h = 0;

    for (size_t i = 0; i < m->name_n; i++)
        if (!strcmp(m->name[i].text, s)) {
            mk_put(m, m->name[i].off, 4);
            return;
        }
    for (const char *c = s; *c; c++)
        h = h * 65599 + (uint8_t)*c;
    if (m->name_n < MK_NAMES && strlen(s) < MK_NAME_MAX) {
        strcpy(m->name[m->name_n].text, s);
        m->name[m->name_n++].off = (uint32_t)m->n + 4;
    }
    mk_put(m, m->n + 4, 4);
    uint32_t before = mk_chain(m, 128 + 4 * (size_t)(h % 64), (uint32_t)m->n);
    mk_put(m, before, 4), mk_put(m, h & 0xFFFF, 2), mk_put(m, strlen(s), 2), mk_wide(m, s), mk_put(m, 0, 2);
}

/* An element; attributes follow where `attrs`, then mk_shut, or mk_end at once. */
static inline void mk_open(struct mk *m, const char *name, bool attrs)
{
    mk_put(m, attrs ? 0x41 : 0x01, 1);
    if (m->in_template)
        mk_put(m, 0xFFFF, 2);
    m->open[m->depth++] = m->n;
    mk_put(m, 0, 4);
    mk_name(m, name);
    m->attrs = attrs ? m->n : 0;
    if (attrs)
        mk_put(m, 0, 4);
}
/* _more: another attribute follows this one. */
static inline void mk_attr(struct mk *m, const char *name) { mk_put(m, 0x06, 1), mk_name(m, name); }
static inline void mk_attr_more(struct mk *m, const char *name) { mk_put(m, 0x46, 1), mk_name(m, name); }
static inline void mk_attrs_end(struct mk *m)
{
    if (m->attrs)
        mk_set(m, m->attrs, m->n - m->attrs - 4, 4);
    m->attrs = 0;
}
static inline void mk_shut(struct mk *m) { mk_attrs_end(m), mk_put(m, 0x02, 1); }
static inline void mk_close(struct mk *m, uint8_t token)
{
    size_t at = m->open[--m->depth];

    mk_put(m, token, 1);
    mk_set(m, at, m->n - at - 4, 4);
}
static inline void mk_end(struct mk *m) { mk_close(m, 0x04); }
static inline void mk_empty(struct mk *m) { mk_attrs_end(m), mk_close(m, 0x03); }
static inline void mk_text(struct mk *m, const char *s) { mk_put(m, 0x0105, 2), mk_put(m, strlen(s), 2), mk_wide(m, s); }
static inline void mk_sub(struct mk *m, uint16_t i, uint8_t type) { mk_put(m, 0x0E, 1), mk_put(m, i, 2), mk_put(m, type, 1); }

/* <Name>text</Name> and <Name attr=text/>; sub >= 0: a value stands for the text. */
static inline void mk_leaf(struct mk *m, const char *name, const char *text, int sub, uint8_t type)
{
    mk_open(m, name, false), mk_shut(m);
    if (sub >= 0)
        mk_sub(m, (uint16_t)sub, type);
    else if (text)
        mk_text(m, text);
    mk_end(m);
}
static inline void mk_tag(struct mk *m, const char *name, const char *attr, const char *text, int sub, uint8_t type)
{
    mk_open(m, name, true), mk_attr(m, attr);
    if (sub >= 0)
        mk_sub(m, (uint16_t)sub, type);
    else
        mk_text(m, text);
    mk_empty(m);
}
static inline void mk_data(struct mk *m, const char *name, int sub, uint8_t type)
{
    mk_open(m, "Data", name != NULL);
    if (name)
        mk_attr(m, "Name"), mk_text(m, name);
    mk_shut(m);
    mk_sub(m, (uint16_t)sub, type);
    mk_end(m);
}

/* An instance with its definition here (def 0), or one that stands elsewhere. Gives where the definition is. */
static inline uint32_t mk_template(struct mk *m, uint32_t id, uint32_t def)
{
    mk_put(m, 0x010C, 2), mk_put(m, id, 4), mk_put(m, def ? def : m->n + 4, 4);
    if (def)
        return def;
    m->def = m->n;
    mk_put(m, mk_chain(m, 384 + 4 * (size_t)(id % 32), (uint32_t)m->n), 4), mk_put(m, id, 4), mk_put(m, 0, 8), mk_put(m, 0, 4), mk_put(m, 0, 4);
    mk_put(m, 0x0001010F, 4);
    m->in_template = true;
    return (uint32_t)m->def;
}
static inline void mk_template_end(struct mk *m)
{
    mk_put(m, 0, 1);
    mk_set(m, m->def + 20, m->n - m->def - 24, 4);
    m->in_template = false;
}

/* So many values: descriptors first, then mk_value in order. */
static inline void mk_values(struct mk *m, uint32_t n)
{
    mk_put(m, n, 4);
    m->values  = m->n;
    m->value_n = 0;
    m->n += 4 * (size_t)n;
    memset(m->p + m->values, 0, 4 * (size_t)n);
}
static inline void mk_value(struct mk *m, uint8_t type, const void *p, size_t n)
{
    size_t at = m->values + 4 * (size_t)m->value_n++;

    mk_set(m, at, n, 2), mk_set(m, at + 2, type, 1);
    if (n)
        mk_raw(m, p, n);
}
static inline void mk_value_text(struct mk *m, const char *s)
{
    size_t at = m->values + 4 * (size_t)m->value_n++;

    mk_set(m, at, 2 * strlen(s), 2), mk_set(m, at + 2, 1, 1);
    mk_wide(m, s);
}
static inline void mk_value_number(struct mk *m, uint8_t type, uint64_t v, size_t bytes)
{
    size_t at = m->values + 4 * (size_t)m->value_n++;

    mk_set(m, at, bytes, 2), mk_set(m, at + 2, type, 1);
    mk_put(m, v, bytes);
}

/* The System that every template of the tests has: values 0 id, 1 level, 2 time, 3 number, 4 user. */
enum { MK_SYSTEM_VALUES = 5 };
static inline void mk_system(struct mk *m, const char *provider, const char *channel)
{
    mk_open(m, "System", false), mk_shut(m);
    mk_tag(m, "Provider", "Name", provider, -1, 0);
    mk_leaf(m, "EventID", NULL, 0, 6), mk_leaf(m, "Level", NULL, 1, 4);
    mk_tag(m, "TimeCreated", "SystemTime", NULL, 2, 17);
    mk_leaf(m, "EventRecordID", NULL, 3, 10);
    mk_leaf(m, "Channel", channel, -1, 0), mk_leaf(m, "Computer", "mail01", -1, 0);
    mk_tag(m, "Security", "UserID", NULL, 4, 19);
    mk_end(m);
}
static inline void mk_system_values(struct mk *m, uint16_t id, uint64_t number, uint64_t time)
{
    static const uint8_t local_system[] = { 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0 };

    mk_value_number(m, 6, id, 2), mk_value_number(m, 4, 4, 1), mk_value_number(m, 17, time, 8), mk_value_number(m, 10, number, 8);
    mk_value(m, 19, local_system, sizeof local_system);
}

#endif
