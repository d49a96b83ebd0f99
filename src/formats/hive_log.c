/*
 * hive_log: transaction logs of hives.
 *
 * Rule 1   logs are used only for a hive whose two sequence numbers differ or whose base block is damaged.
 * Rule 2   of two new logs the one with the lower sequence number comes first, unless it is older than the hive; the other follows when its numbers go on
 *          where the first ended. With a damaged base block the younger one alone is used, as Windows does.
 * Rule 3   an old log counts when it was written no earlier than the hive.
 * Source   as hive.h.
 */
#include "formats/hive_inner.h"

#include <stdlib.h>
#include <string.h>

enum { ENTRY_HEAD = 40 };

static inline uint32_t rotl(uint32_t x, int n) { return x << n | x >> (32 - n); }

static void mix(uint32_t *lo, uint32_t *hi, uint32_t v)
{
    *lo += v;
    *hi ^= *lo;
    *lo = rotl(*lo, 20) + *hi;
    *hi = rotl(*hi, 9) ^ *lo;
    *lo = rotl(*lo, 27) + *hi;
    *hi = rotl(*hi, 19);
}

uint64_t hive_marvin(struct str s)
{
    uint32_t lo = 0x7A4E55C5, hi = 0x82EF4D88, last = 0x80;
    size_t   i = 0;

    for (; s.n - i >= 4; i += 4)
        mix(&lo, &hi, hive_u32(s.p + i));
    for (size_t k = s.n; k > i; k--)
        last = last << 8 | s.p[k - 1];
    mix(&lo, &hi, last);
    mix(&lo, &hi, 0);
    return (uint64_t)hi << 32 | lo;
}

static bool read_log(struct hive *h, int which, uint64_t off, uint8_t *buf, size_t n, bool *ret_whole)
{
    const struct hive_source *l = &h->log[which];
    size_t got = 0;

    if (!l->read(l->ctx, off, buf, n, &got, &h->why))
        return false;
    *ret_whole = got == n;
    return true;
}

struct pages { struct hive_page *item; size_t n, cap; };

/* `bytes` at `log_off` of the log lie over the hive's bins at `to`. */
static bool cover(struct hive *h, struct pages *p, int which, uint64_t log_off, uint32_t to, uint32_t bytes)
{
    for (uint32_t k = 0; k < bytes; k += HIVE_PAGE) {
        if (p->n >= HIVE_PAGES_MAX)
            return err_set(&h->why, ERR_LIMIT, "more than %d pages in the logs of a hive", HIVE_PAGES_MAX);
        struct hive_page *slot = GROW(h->a, p->item, p->n, &p->cap);
        if (!slot)
            return err_set(&h->why, ERR_MEMORY, "no room for the pages of the logs of a hive");
        *slot = (struct hive_page){ .page = (HIVE_BASE_BYTES + to + k) / HIVE_PAGE, .order = (uint32_t)p->n, .log_off = (uint32_t)(log_off + k), .log = (uint8_t)which };
        p->n++;
    }
    return true;
}

/* One entry, whole and valid; else *ret_size is 0. */
static bool entry(struct hive *h, struct pages *p, int which, uint64_t at, uint32_t expected, uint32_t *ret_size, uint32_t *ret_bins)
{
    uint8_t      head[ENTRY_HEAD];
    bool         whole;
    struct arena scratch;

    *ret_size = 0;
    if (!read_log(h, which, at, head, sizeof head, &whole))
        return false;
    if (!whole || memcmp(head, "HvLE", 4) != 0 || hive_marvin((struct str){ head, 32 }) != hive_u64(head + 32))
        return true;
    uint32_t size = hive_u32(head + 4), sequence = hive_u32(head + 12), bins = hive_u32(head + 16), count = hive_u32(head + 20);
    if (size < HIVE_PAGE || size % HIVE_PAGE || size > HIVE_ENTRY_MAX || sequence != expected || bins < 4096 || bins % 4096 || bins > HIVE_SIZE_MAX || count == 0 ||
        count > (size - ENTRY_HEAD) / 8)
        return true;
    scratch = *h->a;
    uint8_t *body = TAKE(&scratch, uint8_t, size - ENTRY_HEAD);
    if (!body)
        return err_set(&h->why, ERR_MEMORY, "no room for an entry of the log of a hive");
    if (!read_log(h, which, at + ENTRY_HEAD, body, size - ENTRY_HEAD, &whole))
        return false;
    if (!whole || hive_marvin((struct str){ body, size - ENTRY_HEAD }) != hive_u64(head + 24))
        return true;
    /* All references first: an entry counts whole or not at all. Then again from the log, since the list of pages grows over `body`. */
    uint64_t data = ENTRY_HEAD + (uint64_t)count * 8;
    bool     fits = true, ok = true;
    for (uint32_t i = 0; i < count && fits; i++) {
        uint32_t to = hive_u32(body + 8 * (size_t)i), bytes = hive_u32(body + 8 * (size_t)i + 4);
        fits = to % HIVE_PAGE == 0 && bytes % HIVE_PAGE == 0 && bytes && (uint64_t)to + bytes <= bins && data <= size && bytes <= size - data;
        data += fits ? bytes : 0;
    }
    data = ENTRY_HEAD + (uint64_t)count * 8;
    for (uint32_t i = 0; i < count && fits && ok; i++) {
        uint8_t ref[8];
        ok = read_log(h, which, at + ENTRY_HEAD + 8 * (uint64_t)i, ref, sizeof ref, &whole) && whole;
        ok = ok && cover(h, p, which, at + data, hive_u32(ref), hive_u32(ref + 4));
        data += hive_u32(ref + 4);
    }
    if (fits && ok) {
        *ret_size = size;
        *ret_bins = bins;
    }
    return ok;
}

static bool new_log(struct hive *h, struct pages *p, int which, const struct hive_base *b)
{
    struct hive_log_said *s = &h->said[which];
    uint32_t sequence = b->primary, size, bins = 0;
    uint64_t at = HIVE_HEAD;

    for (;; at += size, sequence++) {
        if (at >= h->log[which].size_bytes)
            break;
        if (!entry(h, p, which, at, sequence, &size, &bins))
            return false;
        if (size == 0)
            break;
        h->end = HIVE_BASE_BYTES + (uint64_t)bins;
        s->first = s->entries++ ? s->first : sequence;
        s->last  = sequence;
    }
    s->applied = s->entries > 0;
    if (s->applied)
        h->root = b->root;
    else
        s->what = "no entry of it is whole";
    return true;
}

static bool old_log(struct hive *h, struct pages *p, int which, const struct hive_base *b)
{
    struct hive_log_said *s = &h->said[which];
    uint32_t bits = b->bins / HIVE_PAGE, bytes = b->bins / 4096;
    uint64_t data = (HIVE_HEAD + 4 + (uint64_t)bytes + HIVE_PAGE - 1) / HIVE_PAGE * HIVE_PAGE;
    size_t   before = p->n;
    uint8_t  part[HIVE_PAGE];
    bool     whole;

    if (!read_log(h, which, HIVE_HEAD, part, 4, &whole))
        return false;
    if (!whole || memcmp(part, "DIRT", 4) != 0) {
        s->what = "it holds no pages";
        return true;
    }
    for (uint32_t i = 0; i < bits; i++) {
        uint32_t byte = i / 8;
        if (i % (8 * HIVE_PAGE) == 0) {
            uint32_t n = bytes - byte < HIVE_PAGE ? bytes - byte : HIVE_PAGE;
            if (!read_log(h, which, HIVE_HEAD + 4 + (uint64_t)byte, part, n, &whole))
                return false;
            if (!whole)
                break;
        }
        if (!(part[byte % HIVE_PAGE] >> i % 8 & 1))
            continue;
        if (data + HIVE_PAGE > h->log[which].size_bytes) {
            s->what = "it ends before its last page";
            break;
        }
        if (!cover(h, p, which, data, i * HIVE_PAGE, HIVE_PAGE))
            return false;
        data += HIVE_PAGE;
    }
    s->applied = p->n > before;
    if (s->applied) {
        s->entries = 1;
        s->first = s->last = b->primary;
        h->root  = b->root;
        h->end   = HIVE_BASE_BYTES + (uint64_t)b->bins;
    } else if (!s->what) {
        s->what = "it holds no pages";
    }
    return true;
}

static int by_page(const void *x, const void *y)
{
    const struct hive_page *a = x, *b = y;

    if (a->page != b->page)
        return a->page < b->page ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

static bool log_head(struct hive *h, int which, struct hive_base *ret, bool *ret_ok)
{
    struct hive_log_said *s = &h->said[which];
    uint8_t head[HIVE_HEAD];
    bool    whole = false;

    *ret_ok = false;
    if (!h->log[which].read)
        return true;
    s->given = true;
    if (h->log[which].size_bytes < HIVE_HEAD + HIVE_PAGE) {
        s->what = "it is empty";
        return true;
    }
    if (h->log[which].size_bytes > HIVE_LOG_MAX) {
        s->what = "it is larger than this build reads";
        return true;
    }
    if (!read_log(h, which, 0, head, sizeof head, &whole))
        return false;
    if (!whole || !hive_base_read(ret, head) || !(ret->type == HIVE_TYPE_LOG_1 || ret->type == HIVE_TYPE_LOG_2 || ret->type == HIVE_TYPE_LOG_NEW))
        s->what = "it is no log of a hive";
    else if (!ret->sum_ok || ret->primary != ret->secondary || ret->bins < 4096 || ret->bins % 4096 || ret->bins > HIVE_SIZE_MAX)
        s->what = "its header is damaged";
    else
        *ret_ok = s->valid = true;
    return true;
}

bool hive_replay(struct hive *h)
{
    struct hive_base b[2] = { { 0 } };
    bool             ok[2];
    struct pages     p = { 0 };

    for (int i = 0; i < 2; i++)
        if (!log_head(h, i, &b[i], &ok[i]))
            return false;
    bool new[2] = { ok[0] && b[0].type == HIVE_TYPE_LOG_NEW, ok[1] && b[1].type == HIVE_TYPE_LOG_NEW };
    if (new[0] || new[1]) {
        int first = !new[0] || (new[1] && (int32_t)(b[1].primary - b[0].primary) < 0);
        int then  = !first;
        for (int i = 0; i < 2; i++)
            if (new[i] && !h->header_bad && (int32_t)(b[i].primary - h->secondary) < 0)
                new[i] = false, h->said[i].what = "it is older than the hive";
        if (new[then] && (h->header_bad || !new[first])) {
            first = then;
            new[!then] = false;
        }
        if (new[first]) {
            if (!new_log(h, &p, first, &b[first]))
                return false;
            if (first != then && new[then] && h->said[first].applied && b[then].primary == h->said[first].last + 1 && !new_log(h, &p, then, &b[then]))
                return false;
        }
    } else if (ok[0] || ok[1]) {
        for (int i = 0; i < 2; i++)
            if (ok[i] && !h->header_bad && b[i].written < h->written)
                ok[i] = false, h->said[i].what = "it is older than the hive";
        /* Both: the younger one; Windows of the old format used one and kept the other for a disk that failed. */
        int first = ok[0] && (!ok[1] || b[0].written >= b[1].written) ? 0 : 1;
        if (ok[first] && !old_log(h, &p, first, &b[first]))
            return false;
    }
    if (p.n) {
        size_t n = 0;
        qsort(p.item, p.n, sizeof *p.item, by_page);
        for (size_t i = 0; i < p.n; i++)
            if (i + 1 == p.n || p.item[i + 1].page != p.item[i].page)
                p.item[n++] = p.item[i];
        h->page  = p.item;
        h->pages = (uint32_t)n;
    }
    return true;
}
