#include "evidence/zipdir.h"

#include "base/num.h"
#include "base/rd.h"
#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { RECORD = 46, FEED = 256 << 10, LINK_MAX = 4096, MARKER = 4 /* of an archive in volumes */, BEGINS_ASKED = 64 };
/* Members packed tighter than the limit ratio, each too small to be asked by itself: so many bytes of all of them. */
enum { TIGHT_MAX = 1 << 30 };

/* ---- records ---- */

/* A window that moves over the directory; a record is never larger. */
struct feed {
    struct reach *r;
    uint64_t      at, end;      /* of what was not yet read into buf */
    uint8_t      *buf;
    size_t        have, pos;
};

/* n bytes at pos, or as many as there are. False: the disk failed. */
static bool feed_need(struct feed *f, size_t n, struct err *e)
{
    if (f->have - f->pos >= n || f->at >= f->end)
        return true;
    memmove(f->buf, f->buf + f->pos, f->have - f->pos);
    f->have -= f->pos;
    f->pos   = 0;
    size_t want = FEED - f->have, got = 0;
    if (want > f->end - f->at)
        want = (size_t)(f->end - f->at);
    if (!reach_read(f->r, f->at, f->buf + f->have, want, &got, e))
        return false;
    f->have += got;
    f->at    = got < want ? f->end : f->at + got;
    return true;
}

struct record {
    struct zip_entry z;
    struct str  name, extra;
    uint16_t    made_by;
    uint32_t    attributes;
    int64_t     mtime_us;
    bool        utf8;
};

static int64_t dos_us(uint16_t date, uint16_t time)
{
    int64_t us;
    return time_civil(1980 + (date >> 9), date >> 5 & 15, date & 31, time >> 11, time >> 5 & 63, (time & 31) * 2, 0, &us) ? us : TIME_NONE;
}

static void read_extra(struct record *x)
{
    struct rd d = { .s = x->extra };
    int64_t   ntfs = TIME_NONE, unix_us = TIME_NONE;

    while (rd_left(&d) >= 4) {
        uint16_t  id = rd_u16le(&d), n = rd_u16le(&d);
        struct rd in = { .s = rd_take(&d, n) };
        if (d.bad)
            break;                  /* padding by some writers; what was whole counts */
        switch (id) {
        case 0x0001:
            if (x->z.size_bytes == UINT32_MAX && rd_left(&in) >= 8)
                x->z.size_bytes = rd_u64le(&in);
            if (x->z.packed_bytes == UINT32_MAX && rd_left(&in) >= 8)
                x->z.packed_bytes = rd_u64le(&in);
            if (x->z.local_off == UINT32_MAX && rd_left(&in) >= 8)
                x->z.local_off = rd_u64le(&in);
            break;
        case 0x5455:
            if (rd_u8(&in) & 1 && rd_left(&in) >= 4)
                unix_us = (int64_t)(int32_t)rd_u32le(&in) * TIME_SECOND;
            break;
        case 0x000a:
            rd_skip(&in, 4);
            if (rd_u16le(&in) == 1 && rd_u16le(&in) >= 8 && rd_left(&in) >= 8)
                ntfs = time_filetime(rd_u64le(&in));
            break;
        case 0x7075:
            if (rd_u8(&in) == 1 && rd_left(&in) > 4 && rd_u32le(&in) == (uint32_t)crc32(0, x->name.p, (uInt)x->name.n)) {
                x->name = rd_take(&in, rd_left(&in));
                x->utf8 = true;
            }
            break;
        case 0x9901:
            if (in.s.n >= sizeof x->z.aes)
                memcpy(x->z.aes, in.s.p, sizeof x->z.aes);
            break;
        default:
            break;
        }
    }
    x->mtime_us = unix_us != TIME_NONE ? unix_us : ntfs != TIME_NONE ? ntfs : dos_us(x->z.dos_date, x->z.dos_time);
}

/* To the next place that looks like a record; what lies between is damaged. False with ERR_NONE: there is none. */
static bool find_record(struct feed *f, struct err *e)
{
    for (;;) {
        if (!feed_need(f, RECORD, e) || f->have - f->pos < RECORD)
            return false;
        if (memcmp(f->buf + f->pos, "PK\1\2", 4) == 0)
            return true;
        const uint8_t *next = memchr(f->buf + f->pos + 1, 'P', f->have - f->pos - 1);
        f->pos = next ? (size_t)(next - f->buf) : f->have;
    }
}

/* False with ERR_NONE: there is no further record. */
static bool next_record(struct feed *f, struct record *ret, struct err *e)
{
again:
    if (!find_record(f, e))
        return false;
    struct rd     d = { .s = { f->buf + f->pos + 4, RECORD - 4 } };
    struct record x = { 0 };
    x.made_by = rd_u16le(&d);
    rd_skip(&d, 2);
    x.z.flags        = rd_u16le(&d);
    x.z.method       = rd_u16le(&d);
    x.z.dos_time     = rd_u16le(&d);
    x.z.dos_date     = rd_u16le(&d);
    x.z.crc          = rd_u32le(&d);
    x.z.packed_bytes = rd_u32le(&d);
    x.z.size_bytes   = rd_u32le(&d);
    uint16_t name_n = rd_u16le(&d), extra_n = rd_u16le(&d), comment_n = rd_u16le(&d);
    rd_skip(&d, 4);
    x.attributes  = rd_u32le(&d);
    x.z.local_off = rd_u32le(&d);
    x.z.name_n    = name_n;
    size_t n = RECORD + (size_t)name_n + extra_n + comment_n;
    if (!feed_need(f, n, e))
        return false;
    if (f->have - f->pos < n) {             /* its lengths lie: what it runs over may be others */
        f->pos += 4;
        goto again;
    }
    x.name  = (struct str){ f->buf + f->pos + RECORD, name_n };
    x.extra = (struct str){ f->buf + f->pos + RECORD + name_n, extra_n };
    x.utf8  = x.z.flags & ZIP_FLAG_UTF8;
    read_extra(&x);
    f->pos += n;
    *ret = x;
    return true;
}

/* ---- first pass ---- */

static int by_place(const void *a, const void *b, void *entries)
{
    const struct zip_entry *z = entries;
    uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;

    if (z[i].local_off != z[k].local_off)
        return z[i].local_off < z[k].local_off ? -1 : 1;
    return i < k ? -1 : i > k;
}

/* Does a member begin there? Only asked where two seem to share bytes: an entry that points into another member must not cost that one. */
static bool begins(struct reach *r, const struct zip_entry *z, bool *ret, struct err *e)
{
    uint8_t b[4];

    if (!reach_whole(r, z->local_off, b, sizeof b, ret, e))
        return false;
    *ret = *ret && memcmp(b, "PK\3\4", 4) == 0;
    return true;
}

/*
 * Where each member begins in the file. A directory that does not stand where it says has bytes in front, or missing there; or what it says of itself is
 * a lie, and what it says of its members is not. The first reading of these under which a member begins where it should is taken; none: *ret_fine false.
 */
static bool place_all(struct reach *r, struct zip_entry *z, size_t n, struct zip_directory *dir, bool *ret_fine, struct err *e)
{
    const struct { uint64_t base, lost; } way[] = { { dir->base, dir->lost }, { 0, 0 } };

    *ret_fine = false;
    for (size_t k = 0; k < COUNT_OF(way) && !*ret_fine; k++) {
        if (k && !dir->base && !dir->lost)
            break;
        dir->moved = k > 0;
        dir->base = way[k].base;
        dir->lost = way[k].lost;
        for (size_t i = 0, asked = 0; i < n && asked < BEGINS_ASKED && !*ret_fine; i++) {
            struct zip_entry at = { .local_off = z[i].local_off < dir->lost ? UINT64_MAX : num_add_sat(z[i].local_off - dir->lost, dir->base) };
            if (at.local_off >= r->size_bytes)
                continue;
            asked++;
            if (!begins(r, &at, ret_fine, e))
                return false;
        }
    }
    for (size_t i = 0; i < n; i++) {
        z[i].local_off = z[i].local_off < dir->lost ? UINT64_MAX : num_add_sat(z[i].local_off - dir->lost, dir->base);
        if (z[i].local_off >= r->size_bytes || r->size_bytes - z[i].local_off < ZIP_LOCAL)
            z[i].fault = ZIP_BEYOND;
        else
            z[i].clipped = z[i].packed_bytes > r->size_bytes - z[i].local_off - ZIP_LOCAL;
    }
    return true;
}

static bool mark_overlaps(struct reach *r, struct zip_entry *z, size_t n, struct err *e)
{
    uint32_t *order = malloc((n ? n : 1) * sizeof *order);
    size_t    near = n;                     /* order[near ..]: beginnings to the right, the nearest first */
    bool      ok = false, here;

    if (!order)
        return err_set(e, ERR_MEMORY, "no room to sort %zu entries of a zip", n);
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    qsort_r(order, n, sizeof *order, by_place, z);
    for (size_t i = 0, next; i < n; i = next) {
        struct zip_entry *at = &z[order[i]];
        for (next = i + 1; next < n && z[order[next]].local_off == at->local_off; next++) {
            struct zip_entry *o = &z[order[next]];
            bool same = o->size_bytes == at->size_bytes && o->packed_bytes == at->packed_bytes && o->crc == at->crc && o->method == at->method && o->name_n == at->name_n;
            if (o->fault == ZIP_FINE)
                o->fault = same ? ZIP_TWICE : ZIP_OVERLAP;
        }
    }
    /* From the right, so that each entry is asked about at most once. */
    for (size_t i = n; i-- > 0;) {
        struct zip_entry *at = &z[order[i]];
        if (at->fault == ZIP_BEYOND || (i && z[order[i - 1]].local_off == at->local_off))
            continue;
        while (at->fault == ZIP_FINE && near < n && num_add_sat(at->packed_bytes, ZIP_LOCAL + at->name_n) > z[order[near]].local_off - at->local_off) {
            struct zip_entry *o = &z[order[near]];
            here = o->begins;
            if (!here && !begins(r, o, &here, e))
                goto out;
            o->begins = here;
            if (here)
                at->fault = ZIP_OVERLAP;
            else
                near++, o->fault = ZIP_NOWHERE;
        }
        order[--near] = order[i];
    }
    ok = true;
out:
    free(order);
    return ok;
}

bool zipdir_scan(struct reach *r, struct zip_entry **ret, size_t *ret_n, uint64_t ret_dir[2], bool *ret_broken, struct err *e)
{
    struct zip_directory  dir = { 0 };
    struct zip_entry *list = NULL;
    struct record     x;
    size_t            n = 0, cap = 0;
    bool              ok = false, cut = false, here = false;

    *ret_broken = false;
    if (!zipdir_end(r, &dir, ret_broken, e))
        return false;
    struct feed f = { .r = r, .at = dir.off, .end = dir.end, .buf = malloc(FEED) };
    if (!f.buf)
        return err_set(e, ERR_MEMORY, "no room to read a zip");
    while (next_record(&f, &x, e)) {
        if (n >= r->limits.members || n >= UINT32_MAX) {
            cut = true;
            break;
        }
        if (n == cap) {
            cap = cap ? cap * 2 : 256;
            struct zip_entry *more = realloc(list, cap * sizeof *list);
            if (!more) {
                err_set(e, ERR_MEMORY, "no room for %zu entries of a zip", cap);
                goto out;
            }
            list = more;
        }
        list[n++] = x.z;
    }
    if (e->kind != ERR_NONE)
        goto out;
    if (n == 0 && dir.count) {
        *ret_broken = true;
        err_set(e, ERR_FORMAT, "a zip without its directory");
        goto out;
    }
    if (!place_all(r, list, n, &dir, &here, e))
        goto out;
    if (n && !here) {
        *ret_broken = true;
        err_set(e, ERR_FORMAT, "a zip without its directory");
        goto out;
    }
    char text[120];
    if (dir.moved)
        reach_tell(r, STR_EMPTY, "damaged directory: it is not where the end of the archive says", "It was found and read all the same. Copy the archive again, and compare.");
    if (dir.lost) {
        snprintf(text, sizeof text, "truncated: %llu bytes of its beginning are missing", (unsigned long long)dir.lost);
        reach_tell(r, STR_EMPTY, text, "Copy the archive again. The members that are whole were read.");
    }
    if (cut) {
        snprintf(text, sizeof text, "too many: %llu entries, the limit members is %llu", (unsigned long long)dir.count, (unsigned long long)r->limits.members);
        reach_tell(r, STR_EMPTY, text, "Raise --limits members, or hunt the parts one by one.");
    } else if (dir.whole_count ? dir.count != n : dir.count != (n & 0xffff)) {
        snprintf(text, sizeof text, "damaged directory: %zu entries can be read, %llu are stated", n, (unsigned long long)dir.count);
        reach_tell(r, STR_EMPTY, text, "Copy the archive again. What its directory still names was read.");
    }
    if (dir.rivals)
        reach_tell(r, STR_EMPTY, "more than one directory: it can be read as another archive as well", "The entries of one were read. Look at this archive by hand: no collector writes such a thing.");
    uint64_t first = UINT64_MAX;
    for (size_t i = 0; i < n; i++)
        first = list[i].local_off < first ? list[i].local_off : first;
    if (n && !dir.lost && first > MARKER && first < r->size_bytes) {
        snprintf(text, sizeof text, "in front: %llu bytes before the first member", (unsigned long long)first);
        reach_tell(r, STR_EMPTY, text, "A program that unpacks itself begins like this; another archive may lie there as well. Look at them by hand.");
    }
    if (!mark_overlaps(r, list, n, e))
        goto out;
    *ret         = list;
    *ret_n       = n;
    ret_dir[0]   = dir.off;
    ret_dir[1]   = dir.end;
    list = NULL;
    ok   = true;
out:
    free(f.buf);
    free(list);
    return ok;
}

/* ---- second pass ---- */

enum { MODE_KIND = 0170000, MODE_DIR = 0040000, MODE_LINK = 0120000, MODE_FILE = 0100000, DOS_DIR = 0x10 };

/* False: not a thing that is read. */
static bool kind_of(const struct record *x, enum member_kind *ret)
{
    uint8_t  host = (uint8_t)(x->made_by >> 8), last = x->name.n ? x->name.p[x->name.n - 1] : 0;
    uint32_t mode = host == 3 || host == 19 ? x->attributes >> 16 & MODE_KIND : 0;

    *ret = MEMBER_FILE;
    /* A folder with bytes in it is a file that hides. */
    if (x->z.size_bytes == 0 && (last == '/' || last == '\\' || x->attributes & DOS_DIR || mode == MODE_DIR))
        *ret = MEMBER_DIR;
    else if (mode == MODE_LINK)
        *ret = MEMBER_LINK;
    return mode == 0 || mode == MODE_DIR || mode == MODE_LINK || mode == MODE_FILE;
}

/* What was let through so far. */
struct sums { uint64_t all, tight; };

static const char *refusal(struct reach *r, const struct zip_entry *z, struct sums *sum, const char **ret_hint)
{
    bool tight = z->size_bytes / r->limits.ratio > z->packed_bytes;

    *ret_hint = "Its bytes cannot be those of a member of its own. Look at this archive by hand: no collector writes such a thing.";
    if (z->fault == ZIP_OVERLAP)
        return "overlapping: it shares bytes with another member";
    if (z->fault == ZIP_TWICE) {
        *ret_hint = "Nothing is lost: it is read once.";
        return "listed twice: the same bytes under one entry more";
    }
    *ret_hint = "The archive broke off, or its directory lies. Copy it again.";
    if (z->fault == ZIP_NOWHERE)
        return "damaged: no member begins where the directory says";
    if (z->fault == ZIP_BEYOND)
        return "truncated: it lies beyond the end of the archive";
    *ret_hint = "Raise --limits ratio if this archive is yours, and hunt again.";
    if (reach_bomb(r, z->size_bytes, z->packed_bytes) || (tight && z->size_bytes > TIGHT_MAX - sum->tight))
        return "too large: beyond the limit ratio";
    *ret_hint = "Raise --limits unpacked if this archive is yours, and hunt again.";
    if (z->size_bytes > r->limits.unpacked - sum->all)
        return "too large: beyond the limit unpacked";
    sum->all   += z->size_bytes;
    sum->tight += tight ? z->size_bytes : 0;
    return NULL;
}

bool zipdir_list(struct reach *r, const struct zip_entry *entry, size_t n, const uint64_t dir[2], zip_link *link, void *ctx, struct err *e)
{
    struct feed   f = { .r = r, .at = dir[0], .end = dir[1], .buf = malloc(FEED) };
    struct record x;
    struct sums   sum = { 0 };
    uint8_t       text[LINK_MAX];
    bool          ok = false;

    if (!f.buf)
        return err_set(e, ERR_MEMORY, "no room to read a zip");
    for (size_t i = 0; i < n; i++) {
        struct member one = { .where = i };
        const char   *hint;
        if (!next_record(&f, &x, e)) {
            if (e->kind == ERR_NONE)
                err_set(e, ERR_IO, "the archive changed while it was read");
            goto out;
        }
        /* The same bytes, read again: a record that is another one now would give its name to a stranger. */
        if (x.z.size_bytes != entry[i].size_bytes || x.z.name_n != entry[i].name_n) {
            err_set(e, ERR_IO, "the archive changed while it was read");
            goto out;
        }
        bool        known = kind_of(&x, &one.kind);
        const char *why   = refusal(r, &entry[i], &sum, &hint);
        if (!why && !known) {
            why  = "not a plain file: not opened";
            hint = "A pipe, device or socket does not come from Windows. Look at how this archive was made.";
        }
        if (why) {
            reach_tell(r, x.name, why, hint);
            continue;
        }
        one.raw          = x.name;
        one.size_bytes   = one.kind == MEMBER_FILE ? x.z.size_bytes : 0;
        one.packed_bytes = x.z.packed_bytes;
        one.mtime_us     = x.mtime_us;
        struct arena room = { text, text + sizeof text, NULL };
        if (one.kind == MEMBER_LINK && (x.z.size_bytes > LINK_MAX || !link(ctx, i, &room, &one.link))) {
            reach_tell(r, x.name, "link: its target cannot be read", "Nothing is lost: a link has no bytes of its own.");
            continue;
        }
        if (!members_add(r->members, &one, x.utf8, e))
            goto out;
    }
    ok = true;
out:
    free(f.buf);
    return ok;
}
