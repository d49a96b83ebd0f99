#include "formats/ntfs.h"

#include "base/num.h"
#include "base/rd.h"
#include "formats/lznt1.h"

#include <stdlib.h>
#include <string.h>

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room to read a volume"); }

/* ---- extents ---- */

static bool add_runs(struct ntfs_file *f, const struct mft_stream *s, struct arena *a, struct err *e)
{
    struct str     rest = s->data;
    struct mft_run run;
    int64_t        lcn = 0;
    uint64_t       vcn = s->first_vcn;
    bool           bad = false;

    while (mft_run_next(&rest, &lcn, &run, &bad)) {
        struct ntfs_extent *x = f->n < NTFS_EXTENTS_MAX ? GROW(a, f->extent, f->n, &f->cap) : NULL;
        if (!x)
            return f->n < NTFS_EXTENTS_MAX ? no_room(e) : err_set(e, ERR_LIMIT, "a file in more than %d pieces", NTFS_EXTENTS_MAX);
        if (run.lcn >= 0 && ((uint64_t)run.lcn >= f->v->clusters || run.clusters > f->v->clusters - (uint64_t)run.lcn))
            return err_set(e, ERR_FORMAT, "a piece of the file lies beyond the end of the volume");
        if (run.clusters > (UINT64_MAX >> 22) - vcn)
            return err_set(e, ERR_FORMAT, "a file larger than any volume");
        *x = (struct ntfs_extent){ vcn, run.clusters, run.lcn };
        vcn += run.clusters;
        f->n++;
    }
    return !bad || err_set(e, ERR_FORMAT, "the list of the file's pieces is damaged");
}

static int by_vcn(const void *a, const void *b)
{
    const struct ntfs_extent *x = a, *y = b;
    return x->vcn < y->vcn ? -1 : x->vcn > y->vcn;
}

static bool settle(struct ntfs_file *f, struct err *e)
{
    if (f->n)
        qsort(f->extent, f->n, sizeof *f->extent, by_vcn);
    for (size_t i = 1; i < f->n; i++)
        if (f->extent[i].vcn < f->extent[i - 1].vcn + f->extent[i - 1].clusters)
            return err_set(e, ERR_FORMAT, "pieces of the file overlap");
    return true;
}

static const struct ntfs_extent *extent_at(const struct ntfs_file *f, uint64_t vcn)
{
    size_t lo = 0, hi = f->n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (f->extent[mid].vcn + f->extent[mid].clusters <= vcn)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < f->n && f->extent[lo].vcn <= vcn ? &f->extent[lo] : NULL;
}

/* As stored: holes, and what no piece covers, are zeros. */
static bool read_stored(const struct ntfs_file *f, uint64_t off, uint8_t *buf, size_t n, struct err *e)
{
    uint32_t cluster = f->v->cluster_bytes;

    while (n) {
        const struct ntfs_extent *x = extent_at(f, off / cluster);
        uint64_t in = x ? off - x->vcn * cluster : off % cluster, left = x ? x->clusters * cluster - in : cluster - in;
        size_t   now = left < n ? (size_t)left : n;
        if (!x || x->lcn < 0)
            memset(buf, 0, now);
        else if (!block_whole(&f->v->b, (uint64_t)x->lcn * cluster + in, buf, now, e))
            return false;
        off += now, buf += now, n -= now;
    }
    return true;
}

/* ---- compressed units ---- */

/* Stored whole, not at all, or packed in the clusters before a hole. */
static bool read_unit(struct ntfs_file *f, uint64_t at, struct err *e)
{
    uint32_t cluster = f->v->cluster_bytes, clusters = f->unit_bytes / cluster, there = 0;

    if (f->unit_at == at)
        return true;
    f->unit_at = UINT64_MAX;
    for (uint32_t i = 0; i < clusters; i++) {
        const struct ntfs_extent *x = extent_at(f, at / cluster + i);
        if (!x || x->lcn < 0)
            break;
        there++;
    }
    if (there == 0) {
        memset(f->unit, 0, f->unit_bytes);
    } else if (there == clusters) {
        if (!read_stored(f, at, f->unit, f->unit_bytes, e))
            return false;
    } else {
        uint8_t *packed = f->unit + f->unit_bytes;
        size_t   got = 0;
        if (!read_stored(f, at, packed, (size_t)there * cluster, e))
            return false;
        if (!lznt1_unpack((struct str){ packed, (size_t)there * cluster }, f->unit, f->unit_bytes, &got))
            return err_set(e, ERR_FORMAT, "compressed bytes are damaged at %llu", (unsigned long long)(at + got));
        memset(f->unit + got, 0, f->unit_bytes - got);
    }
    f->unit_at = at;
    return true;
}

bool ntfs_file_read(struct ntfs_file *f, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    *ret_got = 0;
    if (off >= f->size_bytes)
        return true;
    if (cap > f->size_bytes - off)
        cap = (size_t)(f->size_bytes - off);
    if (f->resident) {
        memcpy(buf, f->data.p + off, cap);
        *ret_got = cap;
        return true;
    }
    size_t valid = off >= f->valid_bytes ? 0 : f->valid_bytes - off < cap ? (size_t)(f->valid_bytes - off) : cap, done = 0;
    if (!f->compressed) {
        if (!read_stored(f, off, buf, valid, e))
            return false;
        done = valid;
    }
    while (done < valid) {
        uint64_t at = (off + done) / f->unit_bytes * f->unit_bytes;
        size_t   in = (size_t)(off + done - at), now = f->unit_bytes - in < valid - done ? f->unit_bytes - in : valid - done;
        if (!read_unit(f, at, e))
            return false;
        memcpy(buf + done, f->unit + in, now);
        done += now;
    }
    memset(buf + valid, 0, cap - valid);
    *ret_got = cap;
    return true;
}

uint64_t ntfs_file_next_data(const struct ntfs_file *f, uint64_t off)
{
    if (f->resident || f->compressed)
        return off;
    for (size_t i = 0; i < f->n; i++) {
        const struct ntfs_extent *x = &f->extent[i];
        uint64_t end = (x->vcn + x->clusters) * f->v->cluster_bytes, from = x->vcn * f->v->cluster_bytes;
        if (x->lcn >= 0 && end > off)
            return from > off ? from : off;
    }
    return f->size_bytes > off ? f->size_bytes : off;
}

/* ---- records and files ---- */

bool ntfs_record(const struct ntfs *v, uint64_t number, uint8_t *raw, struct mft_record *ret, struct err *e)
{
    struct ntfs_file mft = v->mft;       /* its unit is not used: nothing of it changes */
    size_t got = 0;

    if (number > UINT64_MAX / v->record_bytes - 1)
        return err_set(e, ERR_FORMAT, "record %llu: no such record", (unsigned long long)number);
    if (!ntfs_file_read(&mft, number * v->record_bytes, raw, v->record_bytes, &got, e))
        return false;
    if (got < v->record_bytes)
        return err_set(e, ERR_FORMAT, "record %llu: beyond the end of the file table", (unsigned long long)number);
    return mft_record_parse(ret, raw, v->record_bytes, number, e);
}

static bool same_name(struct str a, struct str b) { return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0); }

static bool refuse(struct err *e, const char *what, const char *hint)
{
    err_set(e, ERR_FORMAT, "%s", what);
    return err_hint(e, "%s", hint);
}

/* What its first piece says of the whole. */
static bool begin(struct ntfs_file *f, const struct mft_stream *s, struct arena *a, struct err *e)
{
    f->resident    = s->resident;
    f->size_bytes  = s->size_bytes;
    f->valid_bytes = s->valid_bytes < s->size_bytes ? s->valid_bytes : s->size_bytes;
    f->compressed  = !s->resident && s->compressed;
    if (s->encrypted)
        return refuse(e, "encrypted by Windows (EFS)", "Collect it on the server, as the user who encrypted it.");
    if (f->resident) {
        f->data = str_dup(a, s->data);
        return f->data.p || no_room(e);
    }
    if (f->compressed) {
        if (s->unit_log2 == 0 || s->unit_log2 > 8 || (uint64_t)f->v->cluster_bytes << s->unit_log2 > 1 << 20)
            return err_set(e, ERR_FORMAT, "compressed in units of no known size");
        f->unit_bytes = f->v->cluster_bytes << s->unit_log2;
        f->unit_at    = UINT64_MAX;
        f->unit       = TAKE(a, uint8_t, 2 * (size_t)f->unit_bytes);
        if (!f->unit)
            return no_room(e);
    }
    return true;
}

static bool take_all(struct ntfs_file *f, const struct mft_record *m, uint32_t type, struct str stream, bool *have, struct arena *a, struct err *e)
{
    const struct mft_stream *s = type == MFT_TYPE_BITMAP ? &m->bitmap : m->stream;
    size_t                   n = type == MFT_TYPE_BITMAP ? m->has_bitmap : m->stream_n;

    for (size_t i = 0; i < n; i++) {
        if (!same_name(s[i].raw, stream))
            continue;
        if (s[i].first_vcn == 0) {
            if (*have)
                return err_set(e, ERR_FORMAT, "two beginnings of one stream");
            if (!begin(f, &s[i], a, e))
                return false;
            *have = true;
        }
        if (!s[i].resident && !add_runs(f, &s[i], a, e))
            return false;
    }
    return true;
}

/* The bytes of an attribute list. */
static bool list_bytes(const struct ntfs *v, const struct mft_record *m, struct arena *a, struct str *ret, struct err *e)
{
    struct ntfs_file f = { .v = v };
    size_t           got = 0;

    if (m->list.resident) {
        *ret = str_dup(a, m->list.data);
        return ret->p || no_room(e);
    }
    if (m->list.size_bytes > NTFS_LIST_BYTES)
        return err_set(e, ERR_LIMIT, "an attribute list of %llu bytes, at most %d accepted", (unsigned long long)m->list.size_bytes, NTFS_LIST_BYTES);
    uint8_t *p = TAKE(a, uint8_t, (size_t)m->list.size_bytes + 1);
    f.size_bytes  = m->list.size_bytes;
    f.valid_bytes = m->list.valid_bytes < f.size_bytes ? m->list.valid_bytes : f.size_bytes;
    if (!p)
        return no_room(e);
    if (!add_runs(&f, &m->list, a, e) || !settle(&f, e) || !ntfs_file_read(&f, 0, p, (size_t)f.size_bytes, &got, e))
        return false;
    *ret = (struct str){ p, got };
    return true;
}

/* Through the attribute list, to the records that hold further pieces. `f` may be the file table itself, which is then read as far as it is known. */
static bool follow(struct ntfs_file *f, const struct ntfs *v, uint64_t number, struct str list, uint32_t type, struct str stream, bool *have, struct arena *a, struct err *e)
{
    uint8_t              *raw = TAKE(a, uint8_t, MFT_RECORD_MAX);
    struct mft_record    *m = TAKE(a, struct mft_record, 1);
    struct mft_list_entry x;
    uint64_t              last = UINT64_MAX;

    if (!raw || !m)
        return no_room(e);
    for (size_t i = 0; mft_list_next(&list, &x); i++) {
        if (i == NTFS_LIST_MAX)
            return err_set(e, ERR_LIMIT, "an attribute list of more than %d entries", NTFS_LIST_MAX);
        if (x.type != type || x.at.record == number || !same_name(x.raw, stream) || x.at.record == last)
            continue;
        last = x.at.record;
        if (!ntfs_record(v, x.at.record, raw, m, e))
            return false;
        if (m->base.record != number)
            return err_set(e, ERR_FORMAT, "record %llu belongs to another file", (unsigned long long)x.at.record);
        if (!take_all(f, m, type, stream, have, a, e))
            return false;
    }
    return true;
}

static bool file_open(struct ntfs_file *f, const struct ntfs *v, uint64_t number, uint16_t sequence, uint32_t type, struct str stream, struct arena *a, struct err *e)
{
    uint8_t           *raw = TAKE(a, uint8_t, MFT_RECORD_MAX);
    struct mft_record *m = TAKE(a, struct mft_record, 1);
    struct str         list;
    bool               have = false;

    *f = (struct ntfs_file){ .v = v };
    if (!raw || !m)
        return no_room(e);
    if (!ntfs_record(v, number, raw, m, e))
        return false;
    if (sequence && m->sequence != sequence)
        return err_set(e, ERR_FORMAT, "record %llu is of another file now", (unsigned long long)number);
    if (m->reparse_tag == MFT_TAG_WOF && !stream.n)
        return refuse(e, "packed by Windows (compact OS)", "Copy it from the running server, or from the image mounted on Windows.");
    if (m->reparse_tag == MFT_TAG_DEDUP && !stream.n)
        return refuse(e, "deduplicated: its bytes lie in the volume's chunk store", "Copy it from the running server, or from the image mounted on Windows Server with deduplication.");
    if (!take_all(f, m, type, stream, &have, a, e))
        return false;
    if (m->has_list && !(have && f->resident))
        if (!list_bytes(v, m, a, &list, e) || !follow(f, v, number, list, type, stream, &have, a, e))
            return false;
    if (!have)
        return err_set(e, ERR_FORMAT, "no such stream");
    return settle(f, e);
}

bool ntfs_file_open(struct ntfs_file *ret, const struct ntfs *v, uint64_t number, uint16_t sequence, struct str stream, struct arena *a, struct err *e)
{
    return file_open(ret, v, number, sequence, MFT_TYPE_DATA, stream, a, e);
}

/* ---- the volume ---- */

static bool boot_parse(struct ntfs *v, struct str s, uint64_t *ret_mft, uint64_t *ret_mirror, struct err *e)
{
    struct rd r = { .s = s };

    if (s.n < 512 || !str_eq(str_sub(s, 3, 11), STR("NTFS    ")))
        return err_set(e, ERR_FORMAT, "no boot sector of NTFS");
    rd_seek(&r, 0x0B);
    v->sector_bytes = rd_u16le(&r);
    uint32_t per = rd_u8(&r);
    rd_seek(&r, 0x28);
    uint64_t sectors = rd_u64le(&r);
    *ret_mft = rd_u64le(&r);
    *ret_mirror = rd_u64le(&r);
    rd_seek(&r, 0x40);
    int record = (int8_t)rd_u8(&r);
    rd_seek(&r, 0x48);
    v->serial = rd_u64le(&r);
    if (v->sector_bytes < 256 || v->sector_bytes > 4096 || (v->sector_bytes & (v->sector_bytes - 1)))
        return err_set(e, ERR_FORMAT, "sectors of %u bytes", v->sector_bytes);
    if (per > 0x80)
        per = per > 0xE0 ? 1u << (256 - per) : 0;
    uint64_t cluster = (uint64_t)per * v->sector_bytes;
    if (cluster == 0 || cluster > NTFS_CLUSTER_MAX || (cluster & (cluster - 1)))
        return err_set(e, ERR_FORMAT, "clusters of %llu bytes", (unsigned long long)cluster);
    v->cluster_bytes = (uint32_t)cluster;
    uint64_t size = record > 0 ? (uint64_t)record * cluster : record < 0 && record > -32 ? UINT64_C(1) << -record : 0;
    if (size < MFT_RECORD_MIN || size > MFT_RECORD_MAX || (size & (size - 1)))
        return err_set(e, ERR_FORMAT, "records of %llu bytes", (unsigned long long)size);
    v->record_bytes = (uint32_t)size;
    if (sectors == 0 || sectors > INT64_MAX / v->sector_bytes)
        return err_set(e, ERR_FORMAT, "a volume of %llu sectors", (unsigned long long)sectors);
    v->clusters = sectors / per + 1;                  /* the rest behind the last whole one never holds a file */
    if (*ret_mft >= v->clusters)
        return err_set(e, ERR_FORMAT, "the file table lies beyond the volume's end");
    return true;
}

/* The first record describes the table itself. whole: only when nothing of it is damaged. */
static bool find_table(struct ntfs *v, uint64_t lcn, bool whole, struct arena *keep, struct err *e)
{
    uint8_t           *raw = TAKE(keep, uint8_t, MFT_RECORD_MAX);
    struct mft_record *m = TAKE(keep, struct mft_record, 1);
    struct str         list;
    bool               have = false;

    if (!raw || !m)
        return no_room(e);
    v->mft = (struct ntfs_file){ .v = v };
    if (!block_whole(&v->b, lcn * v->cluster_bytes, raw, v->record_bytes, e) || !mft_record_parse(m, raw, v->record_bytes, 0, e))
        return false;
    if (whole && m->damaged)
        return err_set(e, ERR_FORMAT, "the first record of the file table is damaged: %s", m->damaged);
    if (!take_all(&v->mft, m, MFT_TYPE_DATA, STR_EMPTY, &have, keep, e) || !settle(&v->mft, e))
        return false;
    if (!have || v->mft.resident || v->mft.compressed)
        return err_set(e, ERR_FORMAT, "the file table does not say where it lies");
    /* Further pieces are described by records in those that are known: round after round. */
    if (m->has_list && (!list_bytes(v, m, keep, &list, e) || !follow(&v->mft, v, 0, list, MFT_TYPE_DATA, STR_EMPTY, &have, keep, e) || !settle(&v->mft, e)))
        return false;
    v->record_n = v->mft.size_bytes / v->record_bytes;
    return true;
}

bool ntfs_open(struct ntfs *ret, const struct blocks *b, struct arena *keep, struct err *e)
{
    uint8_t    boot[512];
    uint64_t   lcn = 0, mirror = 0;
    struct err copy = { 0 }, why = { 0 };

    *ret = (struct ntfs){ .b = *b };
    bool ok = block_whole(b, 0, boot, sizeof boot, e) && boot_parse(ret, (struct str){ boot, sizeof boot }, &lcn, &mirror, e);
    if (!ok && b->size_bytes >= 1024 && block_whole(b, b->size_bytes / 512 * 512 - 512, boot, sizeof boot, &copy) &&
        boot_parse(ret, (struct str){ boot, sizeof boot }, &lcn, &mirror, &copy)) {
        *e = (struct err){ 0 };
        ok = ret->from_copy = true;
    }
    if (!ok)
        return false;
    /* Where the first record is damaged, its copy in $MFTMirr stands in for it. */
    if (!find_table(ret, lcn, true, keep, e)) {
        if (e->kind == ERR_MEMORY)
            return false;
        ret->from_mirror = mirror != lcn && mirror < ret->clusters && find_table(ret, mirror, true, keep, &copy);
        if (!ret->from_mirror && !find_table(ret, lcn, false, keep, e))
            return false;
        *e = (struct err){ 0 };
    }
    /* Without its bitmap deleted files cannot be trusted; everything else can. */
    if (!file_open(&ret->bitmap, ret, 6, 0, MFT_TYPE_DATA, STR_EMPTY, keep, &why))
        ret->bitmap = (struct ntfs_file){ .v = NULL };
    return true;
}

bool ntfs_stream_spare(const struct ntfs *v, const struct mft_stream *s, uint8_t *buf, struct err *e)
{
    struct str       rest = s->data;
    struct mft_run   run;
    struct ntfs_file bitmap = v->bitmap;
    int64_t          lcn = 0;
    bool             bad = false;
    uint64_t         looked = 0;

    if (s->resident)
        return true;
    if (!v->bitmap.v || v->bitmap.compressed || s->encrypted)
        return false;
    while (mft_run_next(&rest, &lcn, &run, &bad)) {
        if (run.lcn < 0)
            continue;
        if ((uint64_t)run.lcn >= v->clusters || run.clusters > v->clusters - (uint64_t)run.lcn)
            return false;
        for (uint64_t c = (uint64_t)run.lcn, end = c + run.clusters; c < end;) {
            /* 4096 bytes tell of 32768 clusters. */
            size_t   got = 0;
            uint64_t at = c / 32768 * 4096, to = (c / 32768 + 1) * 32768;
            if (++looked > 4096 || !ntfs_file_read(&bitmap, at, buf, 4096, &got, e))
                return false;
            for (; c < end && c < to; c++) {
                size_t byte = (size_t)(c / 8 - at);
                if (byte >= got || (buf[byte] >> (c & 7) & 1))
                    return false;
            }
        }
    }
    return !bad;
}
