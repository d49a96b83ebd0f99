#include "formats/mft.h"

#include "base/num.h"
#include "base/rd.h"

#include <string.h>

/* 48 bits of number, 16 of sequence. */
static struct mft_ref ref_of(uint64_t v) { return (struct mft_ref){ v & UINT64_C(0xFFFFFFFFFFFF), (uint16_t)(v >> 48) }; }

static uint16_t le16(const uint8_t *p) { return (uint16_t)(p[0] | p[1] << 8); }

static bool is_record(struct str s) { return str_starts(s, STR("FILE")) || str_starts(s, STR("BAAD")); }

size_t mft_record_size(struct str head)
{
    struct rd r = { .s = head };

    if (!is_record(head))
        return 0;
    rd_seek(&r, 0x1C);
    uint32_t size = rd_u32le(&r);
    if (r.bad || size < MFT_RECORD_MIN || size > MFT_RECORD_MAX || (size & (size - 1)))
        return 0;
    return size;
}

/* The last two bytes of each sector are kept in the header; in their place stands a number that tells torn writes. */
static bool mend(uint8_t *raw, size_t n, size_t at, size_t count)
{
    bool whole = true;

    if (count < 2 || at < 0x28 || at > n || count > (n - at) / 2 || (count - 1) * 512 > n)
        return false;
    for (size_t i = 1; i < count; i++) {
        uint8_t *end = raw + i * 512 - 2;
        if (end < raw + at + 2 * count && end + 2 > raw + at)
            return false;
        whole = whole && end[0] == raw[at] && end[1] == raw[at + 1];
        end[0] = raw[at + 2 * i];
        end[1] = raw[at + 2 * i + 1];
    }
    return whole;
}

static struct mft_times times_of(struct rd *r)
{
    uint64_t t[4];

    for (int i = 0; i < 4; i++)
        t[i] = rd_u64le(r);
    return (struct mft_times){ .created_us = time_filetime(t[0]), .modified_us = time_filetime(t[1]), .changed_us = time_filetime(t[2]), .accessed_us = time_filetime(t[3]),
                               .whole_seconds = t[0] && t[1] && t[3] && t[0] % 10000000 == 0 && t[1] % 10000000 == 0 && t[3] % 10000000 == 0 };
}

static bool name_of(struct str value, struct mft_name *ret)
{
    struct rd r = { .s = value };

    ret->parent = ref_of(rd_u64le(&r));
    ret->times  = times_of(&r);
    rd_skip(&r, 8);
    ret->size_bytes = rd_u64le(&r);
    ret->is_dir     = (rd_u32le(&r) & 0x10000000) != 0;
    rd_skip(&r, 4);
    size_t n    = rd_u8(&r);
    ret->space  = (enum mft_space)(rd_u8(&r) & 3);
    ret->raw    = rd_take(&r, 2 * n);
    return !r.bad && n > 0;
}

struct attribute { uint32_t type; struct str value, raw_name; bool resident; uint16_t flags; struct mft_stream s; };

/* `in`: from the beginning of the attribute to its end. */
static bool attribute_of(struct str in, struct attribute *ret)
{
    struct rd r = { .s = in };

    *ret = (struct attribute){ .type = rd_u32le(&r) };
    rd_skip(&r, 4);
    ret->resident   = rd_u8(&r) == 0;
    size_t name_n   = rd_u8(&r), name_at = rd_u16le(&r);
    ret->flags      = rd_u16le(&r);
    rd_skip(&r, 2);
    struct mft_stream *s = &ret->s;
    s->resident   = ret->resident;
    s->compressed = (ret->flags & 0x00FF) != 0;
    s->encrypted  = (ret->flags & 0x4000) != 0;
    s->sparse     = (ret->flags & 0x8000) != 0;
    if (ret->resident) {
        size_t n = rd_u32le(&r), at = rd_u16le(&r);
        rd_seek(&r, at);
        s->data = ret->value = rd_take(&r, n);
        s->size_bytes = s->valid_bytes = s->stored_bytes = n;
    } else {
        s->first_vcn    = rd_u64le(&r);
        s->last_vcn     = rd_u64le(&r);
        size_t at       = rd_u16le(&r);
        s->unit_log2    = rd_u8(&r);
        rd_skip(&r, 5);
        s->stored_bytes = rd_u64le(&r);
        s->size_bytes   = rd_u64le(&r);
        s->valid_bytes  = rd_u64le(&r);
        rd_skip(&r, rd_has(&r, 1) ? 0 : 1);
        if (s->first_vcn)
            s->stored_bytes = s->size_bytes = s->valid_bytes = 0;
        if (s->unit_log2 > 16)
            return false;
        rd_seek(&r, at);
        s->data = rd_take(&r, rd_left(&r));
    }
    if (r.bad)
        return false;
    rd_seek(&r, name_at);
    ret->raw_name = s->raw = name_n ? rd_take(&r, 2 * name_n) : STR_EMPTY;
    return !r.bad && (s->size_bytes <= INT64_MAX);
}

static void say(struct mft_record *m, const char *what)
{
    if (!m->damaged)
        m->damaged = what;
}

static void take(struct mft_record *m, const struct attribute *a)
{
    struct rd r = { .s = a->value };

    switch (a->type) {
    case MFT_TYPE_STANDARD:
        m->standard   = times_of(&r);
        m->attributes = rd_u32le(&r);
        m->has_standard = a->resident && !r.bad;
        if (!m->has_standard)
            say(m, "standard information is cut");
        break;
    case MFT_TYPE_LIST:
        m->has_list = true;
        m->list     = a->s;
        break;
    case MFT_TYPE_NAME:
        if (m->name_n == MFT_NAMES_MAX)
            say(m, "more names than this build keeps");
        else if (a->resident && name_of(a->value, &m->name[m->name_n]))
            m->name_n++;
        else
            say(m, "a name is cut");
        break;
    case MFT_TYPE_DATA:
        if (m->stream_n == MFT_STREAMS_MAX)
            say(m, "more streams than this build keeps");
        else
            m->stream[m->stream_n++] = a->s;
        break;
    case MFT_TYPE_BITMAP:
        if (a->raw_name.n == 0 && !m->has_bitmap) {
            m->bitmap     = a->s;
            m->has_bitmap = true;
        }
        break;
    case MFT_TYPE_REPARSE:
        m->reparse_tag = a->resident ? rd_u32le(&r) : 1;
        m->reparse     = r.bad ? STR_EMPTY : a->value;
        break;
    default:
        break;
    }
}

bool mft_record_parse(struct mft_record *ret, uint8_t *raw, size_t n, uint64_t number, struct err *e)
{
    struct str  in = { raw, n };
    struct rd   r  = { .s = in };
    /* The arrays are large and need no zeros. */
    ret->number = number;
    ret->sequence = ret->links = 0;
    ret->in_use = ret->is_dir = ret->has_standard = ret->has_list = ret->has_bitmap = false;
    ret->base = (struct mft_ref){ 0 };
    ret->standard = (struct mft_times){ TIME_NONE, TIME_NONE, TIME_NONE, TIME_NONE, false };
    ret->attributes = ret->reparse_tag = 0;
    ret->name_n = ret->stream_n = 0;
    ret->reparse = STR_EMPTY;
    ret->damaged = NULL;

    if (n < MFT_RECORD_MIN || n > MFT_RECORD_MAX || !is_record(in))
        return err_set(e, ERR_FORMAT, "record %llu: not a record of a file table", (unsigned long long)number);
    rd_seek(&r, 4);
    size_t   fix_at = rd_u16le(&r), fix_n = rd_u16le(&r);
    rd_skip(&r, 8);
    ret->sequence = rd_u16le(&r);
    ret->links    = rd_u16le(&r);
    size_t   at   = rd_u16le(&r);
    uint16_t flags = rd_u16le(&r);
    uint32_t used = rd_u32le(&r);
    rd_skip(&r, 4);
    ret->base     = ref_of(rd_u64le(&r));
    ret->in_use   = flags & 1;
    ret->is_dir   = (flags & 2) != 0;
    if (!mend(raw, n, fix_at, fix_n))
        say(ret, "torn: sectors of two writes");
    size_t end = used < n ? used : n;

    for (size_t i = 0; at + 8 <= end; i++) {
        uint32_t type = le16(raw + at) | (uint32_t)le16(raw + at + 2) << 16, size = le16(raw + at + 4) | (uint32_t)le16(raw + at + 6) << 16;
        if (type == 0xFFFFFFFF)
            return true;
        if (i == MFT_ATTRIBUTES_MAX) {
            say(ret, "more attributes than this build reads");
            return true;
        }
        struct attribute a;
        if (size < 16 || (size & 7) || size > end - at) {
            say(ret, "an attribute is cut");
            return true;
        }
        if (attribute_of(str_sub(in, at, at + size), &a))
            take(ret, &a);
        else
            say(ret, "an attribute is damaged");
        at += size;
    }
    say(ret, "attributes have no end");
    return true;
}

bool mft_run_next(struct str *rest, int64_t *lcn, struct mft_run *ret, bool *ret_bad)
{
    *ret_bad = false;
    if (rest->n == 0 || rest->p[0] == 0)
        return false;
    size_t   len_n = rest->p[0] & 15, off_n = rest->p[0] >> 4;
    uint64_t len = 0;
    int64_t  off = 0;

    *ret_bad = true;
    if (len_n == 0 || len_n > 8 || off_n > 8 || rest->n < 1 + len_n + off_n)
        return false;
    for (size_t i = 0; i < len_n; i++)
        len |= (uint64_t)rest->p[1 + i] << (8 * i);
    uint64_t u = 0;
    for (size_t i = 0; i < off_n; i++)
        u |= (uint64_t)rest->p[1 + len_n + i] << (8 * i);
    if (off_n && off_n < 8 && u >> (8 * off_n - 1) & 1)
        u |= UINT64_MAX << (8 * off_n);
    memcpy(&off, &u, sizeof off);
    if (len == 0 || len > INT64_MAX >> 9)
        return false;
    if (off_n) {
        if (__builtin_add_overflow(*lcn, off, lcn) || *lcn < 0 || *lcn > INT64_MAX >> 9)
            return false;
    }
    *ret     = (struct mft_run){ len, off_n ? *lcn : -1 };
    *rest    = str_from(*rest, 1 + len_n + off_n);
    *ret_bad = false;
    return true;
}

bool mft_list_next(struct str *rest, struct mft_list_entry *ret)
{
    struct rd r = { .s = *rest };

    ret->type     = rd_u32le(&r);
    size_t size   = rd_u16le(&r), name_n = rd_u8(&r), name_at = rd_u8(&r);
    ret->first_vcn = rd_u64le(&r);
    ret->at       = ref_of(rd_u64le(&r));
    if (r.bad || size < 26 || size > rest->n)
        return false;
    struct rd name = { .s = str_sub(*rest, 0, size) };
    rd_seek(&name, name_at);
    ret->raw = name_n ? rd_take(&name, 2 * name_n) : STR_EMPTY;
    *rest    = str_from(*rest, size);
    return !name.bad;
}
