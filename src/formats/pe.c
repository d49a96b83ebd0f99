#include "formats/pe.h"

#include "base/num.h"
#include "base/rd.h"
#include "base/time.h"
#include "base/utf.h"

struct str pe_at_rva(const struct pe_map *m, uint32_t rva)
{
    for (size_t i = 0; i < m->section_n; i++) {
        const struct pe_section *s = &m->section[i];
        if (rva < s->va || rva - s->va >= s->size)
            continue;
        uint64_t from = (uint64_t)s->off + (rva - s->va), to = (uint64_t)s->off + s->size;
        return from < m->in.n ? str_sub(m->in, (size_t)from, to < m->in.n ? (size_t)to : m->in.n) : STR_EMPTY;
    }
    return STR_EMPTY;
}

/* Bytes up to a NUL, at most `max`. */
static struct str zstr(struct str s, size_t max)
{
    s = str_sub(s, 0, max);
    size_t end = str_chr(s, 0);
    return end == STR_NONE ? s : str_sub(s, 0, end);
}

/* --- resources: a tree of three levels, type, name, language; the first leaf of RT_VERSION --- */

static bool res_entry(struct str root, uint32_t dir, bool want_id, uint32_t id, uint32_t *ret)
{
    struct rd r = { .s = root };

    rd_seek(&r, dir);
    rd_skip(&r, 12);
    uint32_t n = rd_u16le(&r);
    n += rd_u16le(&r);
    for (uint32_t i = 0; i < n && i < PE_RESOURCE_MAX; i++) {
        uint32_t name = rd_u32le(&r), off = rd_u32le(&r);
        if (r.bad)
            return false;
        if (!want_id || name == id) {
            *ret = off;
            return true;
        }
    }
    return false;
}

static struct str version_resource(const struct pe_map *m, uint32_t rva)
{
    enum { RT_VERSION = 16, SUBDIR_BIT = 31 };
    struct str root = pe_at_rva(m, rva);
    uint32_t   off = 0;

    for (int level = 0; level < 3; level++) {
        if (!res_entry(root, off, level == 0, RT_VERSION, &off))
            return STR_EMPTY;
        bool deeper = off >> SUBDIR_BIT;
        off &= (1u << SUBDIR_BIT) - 1;
        if (!deeper)
            break;
        if (level == 2)
            return STR_EMPTY;
    }
    struct rd r = { .s = root };
    rd_seek(&r, off);
    uint32_t data = rd_u32le(&r), size = rd_u32le(&r);
    return r.bad ? STR_EMPTY : str_sub(pe_at_rva(m, data), 0, size);
}

/* A key or value in UTF-16 up to its NUL, from r's place. */
static struct str wide_z(struct rd *r)
{
    size_t from = r->pos;

    while (!r->bad && rd_u16le(r))
        ;
    return str_sub(r->s, from, r->bad || r->pos < 2 ? from : r->pos - 2);
}

static bool wide_is(struct str wide, struct str ascii)
{
    if (wide.n != ascii.n * 2)
        return false;
    for (size_t i = 0; i < ascii.n; i++)
        if (wide.p[2 * i] != ascii.p[i] || wide.p[2 * i + 1])
            return false;
    return true;
}

static void align4(struct rd *r)
{
    while (r->pos & 3 && !r->bad && rd_left(r))
        rd_skip(r, 1);
}

/*
 * VS_VERSIONINFO is nested blocks: length, value length, type, key, padding, value, padding, children. Level 0 holds the fixed
 * version, level 1 StringFileInfo, level 2 a table for one language, level 3 the strings.
 */
static bool version_block(struct pe *p, struct arena *a, struct str s, int level)
{
    struct rd r = { .s = s };

    while (!r.bad && rd_left(&r) >= 6) {
        size_t   from = r.pos;
        uint32_t len = rd_u16le(&r), value_len = rd_u16le(&r);
        rd_u16le(&r);
        if (len < 6 || len > s.n - from)
            return true;
        struct rd b = { .s = str_sub(s, 0, from + len), .pos = r.pos };
        struct str key = wide_z(&b);
        align4(&b);
        if (b.bad)
            return true;
        if (level == 0) {
            struct rd f = b;
            if (wide_is(key, STR("VS_VERSION_INFO")) && value_len >= 16 && rd_u32le(&f) == 0xFEEF04BD) {
                rd_u32le(&f);
                uint32_t hi = rd_u32le(&f), lo = rd_u32le(&f);
                if (!f.bad) {
                    p->has_version = true;
                    p->version[0] = (uint16_t)(hi >> 16), p->version[1] = (uint16_t)hi;
                    p->version[2] = (uint16_t)(lo >> 16), p->version[3] = (uint16_t)lo;
                }
            }
            rd_skip(&b, value_len);
            align4(&b);
        }
        bool inner = level == 0 || (level == 1 && wide_is(key, STR("StringFileInfo"))) || level == 2;
        struct str *to = level != 3 ? NULL : wide_is(key, STR("ProductName")) ? &p->product_name : wide_is(key, STR("FileVersion")) ? &p->file_version
                       : wide_is(key, STR("OriginalFilename")) ? &p->original_name : NULL;
        if (to) {
            struct str v = wide_z(&b);
            if (to->n == 0 && v.n && !(*to = utf_to8(a, str_sub(v, 0, 512), UTF_16LE)).p)
                return false;
        }
        if (inner && !b.bad && !version_block(p, a, str_from(b.s, b.pos), level + 1))
            return false;
        if (level == 0)
            return true;
        rd_seek(&r, from + len);
        align4(&r);
    }
    return true;
}

static void exports(struct pe *p, const struct pe_map *m, uint32_t rva)
{
    struct rd r = { .s = pe_at_rva(m, rva) };

    rd_skip(&r, 24);
    p->export_total = rd_u32le(&r);
    rd_skip(&r, 4);
    uint32_t names = rd_u32le(&r);
    if (r.bad) {
        p->damaged = true;
        return;
    }
    struct rd n = { .s = pe_at_rva(m, names) };
    for (uint32_t i = 0; i < p->export_total && p->export_n < PE_EXPORTS_MAX; i++) {
        uint32_t at = rd_u32le(&n);
        if (n.bad) {
            p->damaged = true;
            return;
        }
        p->export_name[p->export_n++] = zstr(pe_at_rva(m, at), 256);
    }
}

static void metadata(struct pe *p, const struct pe_map *m, uint32_t clr_rva)
{
    struct rd c = { .s = pe_at_rva(m, clr_rva) };

    rd_skip(&c, 8);
    uint32_t   rva = rd_u32le(&c), size = rd_u32le(&c);
    struct str root = c.bad ? STR_EMPTY : str_sub(pe_at_rva(m, rva), 0, size);
    struct rd  r = { .s = root };
    bool       sign = rd_u32le(&r) == 0x424A5342;      /* "BSJB" */

    rd_skip(&r, 8);
    rd_skip(&r, rd_u32le(&r));                         /* version text, padded to 4 */
    rd_skip(&r, 2);
    uint32_t n = rd_u16le(&r);
    if (r.bad || !sign) {
        p->damaged = true;
        return;
    }
    p->metadata = root;
    for (uint32_t i = 0; i < n && i < PE_STREAMS_MAX; i++) {
        uint32_t   off = rd_u32le(&r), len = rd_u32le(&r);
        struct str name = zstr(str_from(root, r.pos), 32);
        rd_skip(&r, (name.n + 4) & ~(size_t)3);
        if (r.bad) {
            p->damaged = true;
            return;
        }
        struct str heap = str_sub(root, off, (size_t)off + len);
        if (heap.n < len)
            p->damaged = true;
        if (str_eq(name, STR("#US")))
            p->us_heap = heap;
        if (str_eq(name, STR("#Strings")))
            p->name_heap = heap;
    }
}

bool pe_parse(struct pe *ret, struct arena *a, struct str in, struct err *e)
{
    struct pe    out = { .link_us = TIME_NONE, .map = { .in = in } };
    struct pe_map *m = &out.map;
    struct rd    r = { .s = in };
    uint32_t     dir[16][2] = { { 0 } };

    if (rd_u16le(&r) != 0x5A4D)                        /* "MZ" */
        return err_set(e, ERR_FORMAT, "not a program file: no MZ at its start");
    rd_seek(&r, 0x3C);
    rd_seek(&r, rd_u32le(&r));
    if (rd_u32le(&r) != 0x00004550)                    /* "PE\0\0" */
        return err_set(e, ERR_FORMAT, "not a program file: no PE header");
    out.machine = rd_u16le(&r);
    uint32_t section_n = rd_u16le(&r), link = rd_u32le(&r);
    rd_skip(&r, 8);
    uint32_t opt_size = rd_u16le(&r), flags = rd_u16le(&r);
    size_t   opt = r.pos;
    uint32_t magic = rd_u16le(&r);
    if (r.bad || (magic != 0x10B && magic != 0x20B))
        return err_set(e, ERR_FORMAT, "the PE header is cut or of an unknown kind at %zu bytes", in.n);
    out.is_64   = magic == 0x20B;
    out.is_dll  = flags & 0x2000;
    out.link_us = link ? (int64_t)link * TIME_SECOND : TIME_NONE;
    rd_seek(&r, opt + (out.is_64 ? 108u : 92u));
    uint32_t dir_n = rd_u32le(&r);
    for (uint32_t i = 0; i < dir_n && i < 16 && !r.bad; i++) {
        dir[i][0] = rd_u32le(&r);
        dir[i][1] = rd_u32le(&r);
    }
    rd_seek(&r, opt + opt_size);
    if (section_n > PE_SECTIONS_MAX) {
        section_n = PE_SECTIONS_MAX;
        out.damaged = true;
    }
    for (uint32_t i = 0; i < section_n; i++) {
        struct pe_section s;
        rd_skip(&r, 8);
        s.vsize = rd_u32le(&r), s.va = rd_u32le(&r), s.size = rd_u32le(&r), s.off = rd_u32le(&r);
        rd_skip(&r, 16);
        if (r.bad)
            break;
        m->section[m->section_n++] = s;
    }
    out.damaged |= r.bad;

    enum { DIR_EXPORT = 0, DIR_RESOURCE = 2, DIR_CLR = 14 };
    if (dir[DIR_RESOURCE][0]) {
        struct str v = version_resource(m, dir[DIR_RESOURCE][0]);
        if (v.n && !version_block(&out, a, v, 0))
            return err_set(e, ERR_MEMORY, "no room for version texts");
    }
    if (dir[DIR_EXPORT][0])
        exports(&out, m, dir[DIR_EXPORT][0]);
    if (dir[DIR_CLR][0]) {
        out.has_clr = true;
        metadata(&out, m, dir[DIR_CLR][0]);
    }
    *ret = out;
    return true;
}

/* A blob's length takes 1, 2 or 4 bytes (ECMA-335 II.24.2.4). */
bool pe_user_string(struct str heap, size_t *pos, struct str *ret)
{
    struct rd r = { .s = heap, .pos = *pos < heap.n ? *pos : heap.n };

    while (rd_left(&r)) {
        uint32_t b = rd_u8(&r), n;
        if (b < 0x80)
            n = b;
        else if (b < 0xC0)
            n = (b & 0x3F) << 8 | rd_u8(&r);
        else {
            n = (b & 0x1F) << 24;
            n |= (uint32_t)rd_u8(&r) << 16;
            n |= (uint32_t)rd_u8(&r) << 8;
            n |= rd_u8(&r);
        }
        struct str s = rd_take(&r, n);
        if (r.bad)
            return false;
        if (n <= 1)                                    /* empty strings and padding */
            continue;
        *ret = str_sub(s, 0, (n - 1) & ~(size_t)1);
        *pos = r.pos;
        return true;
    }
    return false;
}

static bool wide_ihas(struct str wide, struct str ascii)
{
    size_t n = wide.n / 2;

    for (size_t i = 0; ascii.n && ascii.n <= n && i <= n - ascii.n; i++) {
        size_t k = 0;
        while (k < ascii.n && wide.p[2 * (i + k) + 1] == 0 && ch_lower(wide.p[2 * (i + k)]) == ch_lower(ascii.p[k]))
            k++;
        if (k == ascii.n)
            return true;
    }
    return false;
}

bool pe_has_user_text(const struct pe *p, struct str ascii)
{
    size_t     pos = 0;
    struct str s;

    for (size_t i = 0; i < PE_STRINGS_MAX && pe_user_string(p->us_heap, &pos, &s); i++)
        if (wide_ihas(s, ascii))
            return true;
    return false;
}

bool pe_has_name(const struct pe *p, struct str ascii)
{
    struct str rest = p->name_heap, name;

    for (size_t i = 0; i < PE_STRINGS_MAX && str_cut(&rest, 0, &name); i++)
        if (str_eq(name, ascii))
            return true;
    return false;
}
