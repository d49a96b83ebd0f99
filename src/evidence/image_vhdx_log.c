/*
 * image_vhdx_log: what a VHDX that was not closed has in its log, laid over its file in memory; nothing is written.
 *
 * The log is a ring of entries of whole sectors of 4096 bytes. The one with the highest number that is whole names the oldest that still counts; from there to it, numbers
 * are consecutive. Each entry replaces sectors of the file or makes stretches of it zeros; later ones win.
 * Source: MS-VHDX 2.3.
 */
#include "evidence/image_inner.h"

#include "base/num.h"

#include <stdlib.h>
#include <string.h>

enum { SECTOR = 4096, ZEROS_MAX = 256, HEADS_MAX = 64, WORK_FACTOR = 16 };

static uint64_t le(const uint8_t *p, int n) { uint64_t v = 0; for (int i = n; i-- > 0;) v = v << 8 | p[i]; return v; }

uint32_t image_crc32c(uint32_t crc, const uint8_t *p, size_t n)
{
    crc = ~crc;
    while (n--) {
        crc ^= *p++;
        for (int k = 0; k < 8; k++)
            crc = crc >> 1 ^ (0x82F63B78u & -(crc & 1));
    }
    return ~crc;
}

struct entry { uint32_t at, bytes, tail; uint64_t number, flushed, last; uint32_t descriptors; };     /* at, tail: in the log */
struct ring { const struct image_file *f; uint64_t off; uint32_t bytes; const uint8_t *guid; };

/* n bytes of the ring, from `at` on, around its end. */
static bool ring_read(const struct ring *r, uint64_t at, uint8_t *buf, size_t n, struct err *e)
{
    at %= r->bytes;
    size_t first = r->bytes - at < n ? (size_t)(r->bytes - at) : n;
    return image_file_whole(r->f, r->off + at, buf, first, e) && (first == n || image_file_whole(r->f, r->off, buf + first, n - first, e));
}

/* Is there a whole entry at this sector? *io_left: bytes that may still be summed up. False: reading failed. */
static bool entry_read(const struct ring *r, uint32_t at, struct entry *ret, bool *ret_there, uint64_t *io_left, struct err *e)
{
    uint8_t s[SECTOR];

    *ret_there = false;
    if (!ring_read(r, at, s, sizeof s, e))
        return false;
    *ret = (struct entry){ .at = at, .bytes = (uint32_t)le(s + 8, 4), .tail = (uint32_t)le(s + 12, 4), .number = le(s + 16, 8), .descriptors = (uint32_t)le(s + 24, 4),
                           .flushed = le(s + 48, 8), .last = le(s + 56, 8) };
    if (memcmp(s, "loge", 4) != 0 || memcmp(s + 32, r->guid, 16) != 0 || ret->bytes == 0 || ret->bytes % SECTOR || ret->bytes > r->bytes || ret->tail % SECTOR ||
        ret->tail >= r->bytes || ret->number == 0 || ret->descriptors > (ret->bytes - 64) / 32 || ret->bytes > *io_left)
        return true;
    *io_left -= ret->bytes;
    uint32_t said = (uint32_t)le(s + 4, 4), sum = 0;
    memset(s + 4, 0, 4);
    for (uint32_t k = 0; k < ret->bytes; k += SECTOR) {
        if (k && !ring_read(r, (uint64_t)at + k, s, sizeof s, e))
            return false;
        sum = image_crc32c(sum, s, sizeof s);
    }
    *ret_there = sum == said;
    return true;
}

static int by_number(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return x->number < y->number ? -1 : x->number > y->number ? 1 : x->at < y->at ? -1 : x->at > y->at;
}

static size_t entry_at(const struct entry *list, size_t n, uint32_t at)
{
    for (size_t i = 0; i < n; i++)
        if (list[i].at == at)
            return i;
    return n;
}

/* From the tail that the head names to the head, in a row: sorted by number they stand side by side. *ret_first..head. */
static bool is_sequence(const struct ring *r, const struct entry *list, size_t head, size_t *ret_first)
{
    size_t i = entry_at(list, head + 1, list[head].tail);

    if (i > head)
        return false;
    *ret_first = i;
    for (; i < head; i++)
        if (list[i + 1].number != list[i].number + 1 || list[i + 1].at != (list[i].at + (uint64_t)list[i].bytes) % r->bytes)
            return false;
    return true;
}

static int by_place(const void *a, const void *b)
{
    const struct vhdx_patch *x = a, *y = b;
    return x->off < y->off ? -1 : x->off > y->off ? 1 : x->order < y->order ? -1 : x->order > y->order;
}

/* Adds what one entry says. False: it makes no sense. */
static bool entry_apply(struct vhdx_log *l, const struct ring *r, const struct entry *x, uint32_t *order, size_t cap, struct err *e)
{
    uint64_t data = (64 + 32 * (uint64_t)x->descriptors + SECTOR - 1) / SECTOR * SECTOR;
    uint8_t  d[32], head[8], tail[4];

    for (uint32_t i = 0; i < x->descriptors; i++) {
        if (!ring_read(r, x->at + 64 + 32 * (uint64_t)i, d, sizeof d, e))
            return false;
        uint64_t off = le(d + 16, 8), bytes = le(d + 8, 8);
        if (le(d + 24, 8) != x->number || off % SECTOR || off > INT64_MAX)
            return err_set(e, ERR_FORMAT, "an entry of its log is damaged");
        ++*order;
        if (memcmp(d, "zero", 4) == 0) {
            if (l->zero_n == ZEROS_MAX || bytes % SECTOR || bytes > INT64_MAX)
                return err_set(e, ERR_LIMIT, "its log holds more than this build replays");
            l->zero[l->zero_n++] = (struct vhdx_zero){ off, off + bytes, *order };
            continue;
        }
        if (memcmp(d, "desc", 4) != 0 || data + SECTOR > x->bytes || l->patch_n == cap || !ring_read(r, x->at + data, head, sizeof head, e) ||
            !ring_read(r, x->at + data + SECTOR - 4, tail, sizeof tail, e) || memcmp(head, "data", 4) != 0 || le(head + 4, 4) != x->number >> 32 || le(tail, 4) != (uint32_t)x->number)
            return e->kind != ERR_NONE ? false : err_set(e, ERR_FORMAT, "an entry of its log is damaged");
        struct vhdx_patch *p = &l->patch[l->patch_n++];
        *p = (struct vhdx_patch){ .off = off, .at = (x->at + data) % r->bytes + r->off, .order = *order };
        memcpy(p->edge, d + 8, 8);
        memcpy(p->edge + 8, d + 4, 4);
        data += SECTOR;
    }
    return true;
}

static void settle(struct vhdx_log *l)
{
    size_t n = 0;

    if (l->patch_n)
        qsort(l->patch, l->patch_n, sizeof *l->patch, by_place);
    for (size_t i = 0; i < l->patch_n; i++)
        if (i + 1 == l->patch_n || l->patch[i + 1].off != l->patch[i].off)
            l->patch[n++] = l->patch[i];
    l->patch_n = n;
    l->from = UINT64_MAX;
    for (size_t i = 0; i < l->patch_n; i++) {
        l->from = l->patch[i].off < l->from ? l->patch[i].off : l->from;
        l->to   = l->patch[i].off + SECTOR > l->to ? l->patch[i].off + SECTOR : l->to;
    }
    for (size_t i = 0; i < l->zero_n; i++) {
        l->from = l->zero[i].from < l->from ? l->zero[i].from : l->from;
        l->to   = l->zero[i].to > l->to ? l->zero[i].to : l->to;
    }
}

bool vhdx_log_open(struct vhdx_log *ret, const struct image_file *f, const uint8_t guid[16], uint64_t off, uint32_t bytes, struct arena *keep, struct err *e)
{
    struct ring  r = { f, off, bytes, guid };
    size_t       slots = bytes / SECTOR, n = 0, first = 0;
    uint64_t     left = (uint64_t)bytes * WORK_FACTOR;
    uint32_t     order = 0;
    bool         found = false;

    *ret = (struct vhdx_log){ .size_bytes = f->size_bytes };
    if (bytes == 0 || bytes % SECTOR || off % SECTOR)
        return err_set(e, ERR_FORMAT, "its log lies nowhere");
    if (bytes > VHDX_LOG_MAX)
        return err_set(e, ERR_LIMIT, "a log of %u bytes, at most %d accepted", bytes, VHDX_LOG_MAX);
    struct entry *list = malloc(slots * sizeof *list);
    if (!list)
        return err_set(e, ERR_MEMORY, "no room for the log of an image");
    bool ok = true;
    for (size_t i = 0; ok && i < slots; i++) {
        bool there;
        ok = entry_read(&r, (uint32_t)(i * SECTOR), &list[n], &there, &left, e);
        n += ok && there;
    }
    if (ok && n)
        qsort(list, n, sizeof *list, by_number);
    size_t head = n;
    for (size_t tries = 0; ok && !found && head > 0 && tries < HEADS_MAX; tries++)
        found = is_sequence(&r, list, --head, &first);
    if (ok && !found)
        ok = err_set(e, ERR_FORMAT, n ? "the entries of its log do not follow one another" : "its log holds no whole entry");
    if (ok && list[head].flushed > f->size_bytes)
        ok = err_set(e, ERR_FORMAT, "the file is shorter than its log knows it: it is cut");
    if (ok && (!(ret->patch = NEW(keep, struct vhdx_patch, slots)) || !(ret->zero = NEW(keep, struct vhdx_zero, ZEROS_MAX))))
        ok = err_set(e, ERR_MEMORY, "no room for the log of an image");
    for (size_t i = first; ok && i <= head; i++)
        ok = entry_apply(ret, &r, &list[i], &order, slots, e);
    if (ok) {
        if (list[head].last > ret->size_bytes && list[head].last < INT64_MAX)
            ret->size_bytes = list[head].last;
        settle(ret);
    } else {
        *ret = (struct vhdx_log){ .size_bytes = f->size_bytes };
    }
    free(list);
    return ok;
}

/* One sector or a part of it. */
static bool sector_bytes(const struct vhdx_log *l, const struct image_file *f, uint64_t off, uint8_t *buf, size_t n, struct err *e)
{
    uint64_t sector = off / SECTOR * SECTOR;
    size_t   lo = 0, hi = l->patch_n, in = (size_t)(off - sector);
    uint32_t order = 0;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (l->patch[mid].off < sector)
            lo = mid + 1;
        else
            hi = mid;
    }
    const struct vhdx_patch *p = lo < l->patch_n && l->patch[lo].off == sector ? &l->patch[lo] : NULL;
    for (size_t i = 0; i < l->zero_n; i++)
        if (sector >= l->zero[i].from && sector < l->zero[i].to && l->zero[i].order > order)
            order = l->zero[i].order;
    if (p && p->order > order) {
        /* The first 8 and the last 4 bytes stand in the descriptor: in the log their places are marks. */
        if (!image_file_whole(f, p->at + in, buf, n, e))
            return false;
        for (size_t i = 0; i < n; i++)
            if (in + i < 8)
                buf[i] = p->edge[in + i];
            else if (in + i >= SECTOR - 4)
                buf[i] = p->edge[in + i - (SECTOR - 4) + 8];
        return true;
    }
    if (order) {
        memset(buf, 0, n);
        return true;
    }
    /* Behind the end of the file the log has made it longer. */
    size_t there = off >= f->size_bytes ? 0 : f->size_bytes - off < n ? (size_t)(f->size_bytes - off) : n;
    memset(buf + there, 0, n - there);
    return there == 0 || image_file_whole(f, off, buf, there, e);
}

bool vhdx_log_bytes(const struct vhdx_log *l, const struct image_file *f, uint64_t off, uint8_t *buf, size_t n, struct err *e)
{
    if (off > l->size_bytes || n > l->size_bytes - off)
        return err_set(e, ERR_FORMAT, "the image's file ends at %llu, before %zu bytes at %llu", (unsigned long long)l->size_bytes, n, (unsigned long long)off);
    if ((off >= l->to || off + n <= l->from) && n <= f->size_bytes && off <= f->size_bytes - n)
        return image_file_whole(f, off, buf, n, e);
    while (n) {
        size_t now = SECTOR - (size_t)(off % SECTOR) < n ? SECTOR - (size_t)(off % SECTOR) : n;
        if (!sector_bytes(l, f, off, buf, now, e))
            return false;
        off += now, buf += now, n -= now;
    }
    return true;
}
