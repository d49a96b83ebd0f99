#include "formats/prefetch.h"

#include "base/num.h"
#include "base/rd.h"
#include "base/utf.h"
#include "base/winpath.h"
#include "formats/xpress.h"

#include <string.h>

static bool unpack(struct str *io, struct arena *a, bool *damaged, struct err *e)
{
    struct rd r = { .s = *io };
    uint32_t  head = rd_u32le(&r), size = rd_u32le(&r);

    if (r.bad || (head & 0x7fffffff) != 0x044d414d)        /* "MAM\4"; the highest bit: a checksum follows */
        return true;
    if (head >> 31)
        rd_skip(&r, 4);
    if (r.bad)
        return err_set(e, ERR_FORMAT, "packed prefetch file of %zu bytes", io->n);
    if (size > PREFETCH_BYTES_MAX)
        return err_set(e, ERR_LIMIT, "%u bytes unpacked, at most %d accepted", size, PREFETCH_BYTES_MAX);
    uint16_t  *table = TAKE(a, uint16_t, XPRESS_TABLE);
    uint8_t   *out = TAKE(a, uint8_t, size + 1);
    size_t     got = 0;
    struct err why = { 0 };
    if (!table || !out)
        return err_set(e, ERR_MEMORY, "no room to unpack %u bytes", size);
    if (!xpress_huffman(out, size, str_from(*io, r.pos), table, &got, &why))
        *damaged = true;
    *io = (struct str){ out, got };
    return true;
}

static struct str text16(struct arena *a, struct str s)
{
    size_t n = 0;

    while (n + 1 < s.n && (s.p[n] || s.p[n + 1]))
        n += 2;
    return n ? utf_to8(a, str_sub(s, 0, n), UTF_16LE) : STR("");
}

static bool files(struct prefetch *p, struct arena *a, struct str list, struct err *e)
{
    size_t cap = 0;

    for (size_t at = 0; at + 1 < list.n; ) {
        size_t end = at;
        while (end + 1 < list.n && (list.p[end] || list.p[end + 1]))
            end += 2;
        if (end > at) {
            if (p->file_n >= PREFETCH_FILES_MAX) {
                p->damaged = true;
                break;
            }
            struct str *to = GROW(a, p->file, p->file_n, &cap), s = utf_to8(a, str_sub(list, at, end), UTF_16LE);
            if (!to || !s.p)
                return err_set(e, ERR_MEMORY, "no room for the files of a prefetch file");
            *to = s;
            p->file_n++;
            if (!p->path.n && p->name.n && str_istarts(winpath_name(s), p->name))
                p->path = s;
        }
        at = end + 2;
    }
    return true;
}

bool prefetch_parse(struct prefetch *ret, struct arena *a, struct str in, struct err *e)
{
    struct prefetch p = { 0 };

    if (!unpack(&in, a, &p.damaged, e))
        return false;
    struct rd r = { .s = in };
    p.version = rd_u32le(&r);
    if (!str_eq(rd_take(&r, 4), STR("SCCA")) || p.version < 17 || p.version > 31)
        return err_set(e, ERR_FORMAT, "no prefetch file");
    rd_seek(&r, 16);
    p.name = text16(a, rd_take(&r, 60));
    p.hash = rd_u32le(&r);
    rd_seek(&r, 0x54);
    uint32_t metrics = rd_u32le(&r);
    rd_seek(&r, 0x64);
    uint32_t names = rd_u32le(&r), names_n = rd_u32le(&r);
    if (r.bad)
        return err_set(e, ERR_FORMAT, "prefetch file cut at %zu bytes", in.n);
    if (!p.name.p)
        return err_set(e, ERR_MEMORY, "no room for a prefetch file");
    /* Where time and count stand differs by version; in version 30 of later builds the header is 8 bytes shorter. */
    size_t time_at = p.version == 17 ? 0x78 : 0x80, times = p.version < 26 ? 1 : PREFETCH_TIMES;
    size_t count_at = p.version == 17 ? 0x90 : p.version < 26 ? 0x98 : p.version >= 30 && metrics < 0x130 ? 0xc8 : 0xd0;
    rd_seek(&r, time_at);
    for (size_t i = 0; i < times && !r.bad; i++) {
        int64_t us = time_filetime(rd_u64le(&r));
        if (us != TIME_NONE)
            p.run_us[p.run_n++] = us;
    }
    rd_seek(&r, count_at);
    p.count   = rd_u32le(&r);
    p.damaged = p.damaged || r.bad || names > in.n || names_n > in.n - names;
    if (!files(&p, a, names < in.n ? str_sub(in, names, names_n > in.n - names ? in.n : (size_t)names + names_n) : STR_EMPTY, e))
        return false;
    *ret = p;
    return true;
}

struct str prefetch_below_drive(struct str path)
{
    if (str_istarts(path, STR("\\VOLUME{")) || str_istarts(path, STR("\\DEVICE\\HARDDISKVOLUME"))) {
        size_t skip = str_istarts(path, STR("\\DEVICE\\")) ? 8 : 1, at = str_chr(str_from(path, skip), '\\');
        return at == STR_NONE ? path : str_from(path, skip + at);
    }
    return path;
}
