/* zipend: where the directory of a zip is. */
#include "evidence/zipdir.h"

#include "base/num.h"
#include "base/rd.h"

#include <stdlib.h>
#include <string.h>

enum { END = 22, LOCATOR = 20, END64 = 56, TAIL_MAX = 65535 + END, TRIES = 64 };
enum { SIG_RECORD = 0x02014b50, SIG_END64 = 0x06064b50, SIG_LOCATOR = 0x07064b50 };

static bool is_record_at(struct reach *r, uint64_t off, bool *ret, struct err *e)
{
    uint8_t   b[4];
    struct rd d = { .s = { b, 4 } };

    if (!reach_whole(r, off, b, sizeof b, ret, e))
        return false;
    *ret = *ret && rd_u32le(&d) == SIG_RECORD;
    return true;
}

/* The ZIP64 form of the end record, when there is one: it stands where the locator says, or right before it. */
static bool end64(struct reach *r, uint64_t end_at, struct zip_directory *io, uint64_t *ret_size, uint64_t *ret_stated, struct err *e)
{
    uint8_t b[END64];
    bool    all;

    if (end_at < LOCATOR)
        return true;
    if (!reach_whole(r, end_at - LOCATOR, b, LOCATOR, &all, e))
        return false;
    struct rd d = { .s = { b, LOCATOR } };
    if (!all || rd_u32le(&d) != SIG_LOCATOR)
        return true;
    rd_skip(&d, 4);
    uint64_t stated = rd_u64le(&d), places[2] = { stated, end_at >= LOCATOR + END64 ? end_at - LOCATOR - END64 : UINT64_MAX };
    for (int i = 0; i < 2; i++) {
        if (places[i] > end_at - LOCATOR)
            continue;
        if (!reach_whole(r, places[i], b, END64, &all, e))
            return false;
        d = (struct rd){ .s = { b, END64 } };
        if (!all || rd_u32le(&d) != SIG_END64)
            continue;
        rd_skip(&d, 8 + 2 + 2 + 4 + 4 + 8);
        io->count       = rd_u64le(&d);
        *ret_size       = rd_u64le(&d);
        *ret_stated     = rd_u64le(&d);
        io->end         = places[i];
        io->whole_count = true;
        return true;
    }
    return true;
}

/* Is the end record at `at` one whose directory can be found? */
static bool try_end(struct reach *r, uint64_t at, struct str rest, struct zip_directory *ret, bool *ret_fine, struct err *e)
{
    struct rd        d = { .s = rest };
    struct zip_directory out = { .end = at };
    bool             here = false;

    *ret_fine = false;
    rd_skip(&d, 4);
    uint16_t disk = rd_u16le(&d), disk_dir = rd_u16le(&d);
    rd_skip(&d, 2);
    out.count = rd_u16le(&d);
    uint64_t size = rd_u32le(&d), stated = rd_u32le(&d);
    uint16_t comment = rd_u16le(&d);
    if (d.bad || comment > rd_left(&d) || !end64(r, at, &out, &size, &stated, e))
        return e->kind == ERR_NONE;
    out.exact = comment == rd_left(&d);
    if (size > out.end)
        return true;
    if (out.count == 0 && size == 0) {
        out.off = out.end;
        *ret_fine = true;
        *ret = out;
        return true;
    }
    if (stated <= out.end && size <= out.end - stated) {
        out.off = stated;
        if (!is_record_at(r, out.off, &here, e))
            return false;
    }
    if (!here && out.end - size >= stated) {
        out.off  = out.end - size;
        out.base = out.off - stated;
        if (!is_record_at(r, out.off, &here, e))
            return false;
    }
    if (!here && out.end - size < stated && stated != UINT32_MAX) {
        out.off  = out.end - size;
        out.lost = stated - out.off;
        if (!is_record_at(r, out.off, &here, e))
            return false;
    }
    if (!here && disk != disk_dir && disk != 0xffff) {
        err_set(e, ERR_FORMAT, "part of a zip in several volumes");
        return err_hint(e, "Join the volumes first (zip -s 0 joins them), or unpack them and hunt the folder.");
    }
    *ret_fine = here;
    *ret = out;
    return true;
}

/*
 * The last end record counts, as for everybody; but one whose directory is where it says goes before one that needs bytes in front to fit: the
 * comment of a zip may hold another zip, and so may the last member. Two of them are told.
 */
bool zipdir_end(struct reach *r, struct zip_directory *ret, bool *ret_broken, struct err *e)
{
    size_t   n = r->size_bytes < TAIL_MAX ? (size_t)r->size_bytes : TAIL_MAX;
    uint64_t from = r->size_bytes - n;
    uint8_t *buf = malloc(n ? n : 1);
    size_t   got = 0;
    bool     ok = false, fine = false;
    uint32_t tries = 0;

    if (!buf)
        return err_set(e, ERR_MEMORY, "no room to read a zip");
    if (!reach_read(r, from, buf, n, &got, e))
        goto out;
    /* A hostile tail may hold thousands of end records; each try costs a few reads. */
    for (size_t i = got < END ? 0 : got - END + 1; i-- > 0 && tries < TRIES;) {
        struct zip_directory one = { 0 };
        if (memcmp(buf + i, "PK\5\6", 4) != 0)
            continue;
        tries++;
        if (!try_end(r, from + i, (struct str){ buf + i, got - i }, &one, &fine, e))
            goto out;
        if (!fine || (ok && !one.exact))
            continue;
        one.rivals = ok ? ret->rivals + 1 : 0;
        if (!ok || ((ret->base || ret->lost) && !one.base && !one.lost))
            *ret = one;
        else
            ret->rivals = one.rivals;
        ok = true;
    }
    *ret_broken = !ok;
    if (!ok)
        err_set(e, ERR_FORMAT, "a zip without its directory");
out:
    free(buf);
    return ok;
}
