/*
 * pe: the smallest Windows programs that say their version, or hold texts.
 *
 * Shape    DOS header, PE32+ headers, one section: .rsrc with one version resource (root/16/1/1033), or .text with UTF-16 texts.
 * Source   Microsoft PE/COFF specification, sections 3 to 6; VS_VERSIONINFO in winver.h.
 * Not done code: neither file can run, the entry point is 0.
 */
#include "lab/lab.h"

#include <string.h>

enum { FILE_ALIGN = 0x200, SECTION_ALIGN = 0x1000, PE_AT = 0x80, OPTIONAL_BYTES = 240 };

static void u16(struct buf *b, uint32_t v)
{
    buf_chr(b, (char)(v & 255));
    buf_chr(b, (char)(v >> 8 & 255));
}

static void u32(struct buf *b, uint32_t v)
{
    u16(b, v & 0xffff);
    u16(b, v >> 16);
}

static void zero_to(struct buf *b, size_t n)
{
    while (b->n < n)
        buf_chr(b, 0);
}

static void align(struct buf *b, size_t to)
{
    zero_to(b, (b->n + to - 1) / to * to);
}

static void wide(struct buf *b, const char *s)
{
    for (; *s; s++)
        u16(b, (uint8_t)*s);
    u16(b, 0);
}

/* A node of VS_VERSIONINFO: its length is known only at its end. */
static size_t node(struct buf *b, uint32_t value, uint32_t type, const char *key)
{
    align(b, 4);
    size_t from = b->n;
    u16(b, 0);
    u16(b, value);
    u16(b, type);
    wide(b, key);
    align(b, 4);
    return from;
}

static void node_end(struct buf *b, size_t from)
{
    size_t n = b->n - from;

    b->p[from] = (char)(n & 255);
    b->p[from + 1] = (char)(n >> 8);
}

static void pair(struct buf *b, const char *key, const char *value)
{
    size_t from = node(b, (uint32_t)strlen(value) + 1, 1, key);

    wide(b, value);
    node_end(b, from);
}

static void version_info(struct buf *b, const char *version, const char *name, const char *description)
{
    uint32_t v[4] = { 0 };
    size_t   root, info, table;
    char     padded[32];

    if (sscanf(version, "%u.%u.%u.%u", &v[0], &v[1], &v[2], &v[3]) != 4)
        lab_die("not a version: %s", version);
    snprintf(padded, sizeof padded, "%02u.%02u.%04u.%03u", v[0], v[1], v[2], v[3]);
    root = node(b, 52, 0, "VS_VERSION_INFO");
    u32(b, 0xfeef04bd);
    u32(b, 0x10000);
    for (int i = 0; i < 2; i++) {           /* file version, then product version */
        u32(b, v[0] << 16 | v[1]);
        u32(b, v[2] << 16 | v[3]);
    }
    u32(b, 0x3f);
    u32(b, 0);
    u32(b, 0x40004);                        /* NT, Windows */
    u32(b, 1);
    u32(b, 0);
    u32(b, 0);
    u32(b, 0);
    info = node(b, 0, 1, "StringFileInfo");
    table = node(b, 0, 1, "040904b0");
    pair(b, "CompanyName", "Afterpatch lab");
    pair(b, "FileDescription", description);
    pair(b, "FileVersion", padded);
    pair(b, "InternalName", name);
    pair(b, "OriginalFilename", name);
    pair(b, "ProductVersion", padded);
    node_end(b, table);
    node_end(b, info);
    info = node(b, 0, 1, "VarFileInfo");
    table = node(b, 4, 0, "Translation");
    u16(b, 0x409);
    u16(b, 0x4b0);
    node_end(b, table);
    node_end(b, info);
    node_end(b, root);
}

static void image(struct buf *b, const char *section, uint32_t flags, const struct buf *body, bool dll, bool resource)
{
    uint32_t raw = (uint32_t)(body->n + FILE_ALIGN - 1) / FILE_ALIGN * FILE_ALIGN;
    size_t   optional;

    buf_add(b, "MZ", 2);
    zero_to(b, 0x3c);
    u32(b, PE_AT);
    zero_to(b, PE_AT);
    buf_add(b, "PE\0\0", 4);
    u16(b, 0x8664);
    u16(b, 1);
    u32(b, 0);                              /* time stamp: none, so that bytes repeat */
    u32(b, 0);
    u32(b, 0);
    u16(b, OPTIONAL_BYTES);
    u16(b, dll ? 0x2022 : 0x22);
    optional = b->n;
    u16(b, 0x20b);
    u16(b, 0x0e);
    u32(b, 0);
    u32(b, raw);
    u32(b, 0);
    u32(b, 0);
    u32(b, SECTION_ALIGN);
    u32(b, 0x40000000);
    u32(b, 1);
    u32(b, SECTION_ALIGN);
    u32(b, FILE_ALIGN);
    u16(b, 6); u16(b, 0); u16(b, 0); u16(b, 0); u16(b, 6); u16(b, 0);
    u32(b, 0);
    u32(b, (uint32_t)(SECTION_ALIGN + (body->n + SECTION_ALIGN - 1) / SECTION_ALIGN * SECTION_ALIGN));
    u32(b, FILE_ALIGN);
    u32(b, 0);
    u16(b, 3);
    u16(b, 0x160);
    for (int i = 0; i < 4; i++) {           /* stack and heap, reserve and commit */
        u32(b, 0x100000);
        u32(b, 0);
    }
    u32(b, 0);
    u32(b, 16);
    for (int i = 0; i < 16; i++) {
        u32(b, resource && i == 2 ? SECTION_ALIGN : 0);
        u32(b, resource && i == 2 ? (uint32_t)body->n : 0);
    }
    zero_to(b, optional + OPTIONAL_BYTES);
    char name[8] = { 0 };
    memcpy(name, section, strlen(section));
    buf_add(b, name, 8);
    u32(b, (uint32_t)body->n);
    u32(b, SECTION_ALIGN);
    u32(b, raw);
    u32(b, FILE_ALIGN);
    u32(b, 0);
    u32(b, 0);
    u32(b, 0);
    u32(b, flags);
    zero_to(b, FILE_ALIGN);
    buf_add(b, body->p, body->n);
    align(b, FILE_ALIGN);
}

void pe_versioned(struct buf *ret, const char *version, const char *name, const char *description)
{
    struct buf info = { 0 }, body = { 0 };
    const uint32_t id[3] = { 16, 1, 0x409 };

    version_info(&info, version, name, description);
    for (uint32_t i = 0; i < 3; i++) {      /* three directories of one entry each; the last points at data */
        u32(&body, 0);
        u32(&body, 0);
        u32(&body, 0);
        u16(&body, 0);
        u16(&body, 1);
        u32(&body, id[i]);
        u32(&body, i < 2 ? 0x80000000u | (i + 1) * 24 : 72);
    }
    u32(&body, SECTION_ALIGN + 88);
    u32(&body, (uint32_t)info.n);
    u32(&body, 1200);
    u32(&body, 0);
    buf_add(&body, info.p, info.n);
    image(ret, ".rsrc", 0x40000040, &body, false, true);
    buf_free(&info);
    buf_free(&body);
}

void pe_strings(struct buf *ret, const char *const *text, size_t n)
{
    struct buf body = { 0 };

    for (size_t i = 0; i < n; i++)
        wide(&body, text[i]);
    zero_to(&body, 0x1400);                 /* such libraries have 5 to 40 KB */
    image(ret, ".text", 0x60000020, &body, true, false);
    buf_free(&body);
}
