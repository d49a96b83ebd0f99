#include "formats/quarantine.h"

#include "base/rd.h"
#include "base/utf.h"
#include "formats/mplog.h"
#include "formats/runs.h"

static const uint8_t key[256] = {
    0x1e, 0x87, 0x78, 0x1b, 0x8d, 0xba, 0xa8, 0x44, 0xce, 0x69, 0x70, 0x2c, 0x0c, 0x78, 0xb7, 0x86, 0xa3, 0xf6, 0x23, 0xb7, 0x38, 0xf5, 0xed, 0xf9,
    0xaf, 0x83, 0x53, 0x0f, 0xb3, 0xfc, 0x54, 0xfa, 0xa2, 0x1e, 0xb9, 0xcf, 0x13, 0x31, 0xfd, 0x0f, 0x0d, 0xa9, 0x54, 0xf6, 0x87, 0xcb, 0x9e, 0x18,
    0x27, 0x96, 0x97, 0x90, 0x0e, 0x53, 0xfb, 0x31, 0x7c, 0x9c, 0xbc, 0xe4, 0x8e, 0x23, 0xd0, 0x53, 0x71, 0xec, 0xc1, 0x59, 0x51, 0xb8, 0xf3, 0x64,
    0x9d, 0x7c, 0xa3, 0x3e, 0xd6, 0x8d, 0xc9, 0x04, 0x7e, 0x82, 0xc9, 0xba, 0xad, 0x97, 0x99, 0xd0, 0xd4, 0x58, 0xcb, 0x84, 0x7c, 0xa9, 0xff, 0xbe,
    0x3c, 0x8a, 0x77, 0x52, 0x33, 0x55, 0x7d, 0xde, 0x13, 0xa8, 0xb1, 0x40, 0x87, 0xcc, 0x1b, 0xc8, 0xf1, 0x0f, 0x6e, 0xcd, 0xd0, 0x83, 0xa9, 0x59,
    0xcf, 0xf8, 0x4a, 0x9d, 0x1d, 0x50, 0x75, 0x5e, 0x3e, 0x19, 0x18, 0x18, 0xaf, 0x23, 0xe2, 0x29, 0x35, 0x58, 0x76, 0x6d, 0x2c, 0x07, 0xe2, 0x57,
    0x12, 0xb2, 0xca, 0x0b, 0x53, 0x5e, 0xd8, 0xf6, 0xc5, 0x6c, 0xe7, 0x3d, 0x24, 0xbd, 0xd0, 0x29, 0x17, 0x71, 0x86, 0x1a, 0x54, 0xb4, 0xc2, 0x85,
    0xa9, 0xa3, 0xdb, 0x7a, 0xca, 0x6d, 0x22, 0x4a, 0xea, 0xcd, 0x62, 0x1d, 0xb9, 0xf2, 0xa2, 0x2e, 0xd1, 0xe9, 0xe1, 0x1d, 0x75, 0xbe, 0xd7, 0xdc,
    0x0e, 0xcb, 0x0a, 0x8e, 0x68, 0xa2, 0xff, 0x12, 0x63, 0x40, 0x8d, 0xc8, 0x08, 0xdf, 0xfd, 0x16, 0x4b, 0x11, 0x67, 0x74, 0xcd, 0x0b, 0x9b, 0x8d,
    0x05, 0x41, 0x1e, 0xd6, 0x26, 0x2e, 0x42, 0x9b, 0xa4, 0x95, 0x67, 0x6b, 0x83, 0x98, 0xdb, 0x2f, 0x35, 0xd3, 0xc1, 0xb9, 0xce, 0xd5, 0x26, 0x36,
    0xf2, 0x76, 0x5e, 0x1a, 0x95, 0xcb, 0x7c, 0xa4, 0xc3, 0xdd, 0xab, 0xdd, 0xbf, 0xf3, 0x82, 0x53,
};

void quarantine_rc4(uint8_t *out, struct str in)
{
    uint8_t box[256], i = 0, j = 0;

    for (int k = 0; k < 256; k++)
        box[k] = (uint8_t)k;
    for (int k = 0; k < 256; k++) {
        j = (uint8_t)(j + box[k] + key[k]);
        uint8_t t = box[k];
        box[k] = box[j];
        box[j] = t;
    }
    j = 0;
    for (size_t k = 0; k < in.n; k++) {
        i = (uint8_t)(i + 1);
        j = (uint8_t)(j + box[i]);
        uint8_t t = box[i];
        box[i] = box[j];
        box[j] = t;
        out[k] = (uint8_t)(in.p[k] ^ box[(uint8_t)(box[i] + box[j])]);
    }
}

static bool path_add(struct quarantine *q, struct arena *a, struct str s, struct err *e)
{
    struct str path = mplog_path(s);

    if (!path.n)
        return true;
    for (size_t i = 0; i < q->path_n; i++)
        if (str_ieq(q->path[i], path))
            return true;
    if (q->path_n == QUARANTINE_PATHS_MAX) {
        q->damaged = true;
        return true;
    }
    path = str_dup(a, path);
    if (!path.p)
        return err_set(e, ERR_MEMORY, "no room for the paths of a detection");
    q->path[q->path_n++] = path;
    return true;
}

static bool plain(struct str *ret, struct arena *a, struct str in, struct err *e)
{
    uint8_t *p = TAKE(a, uint8_t, in.n + 1);

    if (!p)
        return err_set(e, ERR_MEMORY, "no room for a quarantine entry");
    quarantine_rc4(p, in);
    *ret = (struct str){ p, in.n };
    return true;
}

bool quarantine_entry(struct quarantine *ret, struct arena *a, struct str in, struct err *e)
{
    enum { HEAD = 60, RESOURCES_MAX = 256 };
    struct quarantine q = { .time_us = TIME_NONE };
    struct str        head, one, two;

    if (in.n > QUARANTINE_BYTES_MAX)
        return err_set(e, ERR_LIMIT, "quarantine entry of %zu bytes, at most %d accepted", in.n, QUARANTINE_BYTES_MAX);
    if (in.n < HEAD)
        return err_set(e, ERR_FORMAT, "quarantine entry cut at %zu bytes", in.n);
    if (!plain(&head, a, str_sub(in, 0, HEAD), e))
        return false;
    struct rd r = { .s = head, .pos = 40 };
    uint32_t  one_n = rd_u32le(&r), two_n = rd_u32le(&r);
    if (!str_starts(head, STR("\xdb\xe8\xc5\x01")) && (one_n > in.n || two_n > in.n))
        return err_set(e, ERR_FORMAT, "no quarantine entry");
    in = str_from(in, HEAD);
    q.damaged = one_n > in.n || two_n > in.n - one_n;
    if (!plain(&one, a, str_sub(in, 0, one_n), e) || !plain(&two, a, one_n < in.n ? str_sub(in, one_n, two_n > in.n - one_n ? in.n : one_n + two_n) : STR_EMPTY, e))
        return false;
    r = (struct rd){ .s = one, .pos = 0 };
    rd_skip(&r, 32);
    q.time_us = time_filetime(rd_u64le(&r));
    rd_skip(&r, 12);
    struct str name = r.bad ? STR_EMPTY : str_from(one, r.pos);
    size_t     end  = str_chr(name, 0);
    q.threat = str_dup(a, str_sub(name, 0, end == STR_NONE || end > 256 ? name.n < 256 ? name.n : 256 : end));
    if (!q.threat.p)
        return err_set(e, ERR_MEMORY, "no room for a quarantine entry");
    r = (struct rd){ .s = two };
    uint32_t n = rd_u32le(&r);
    for (uint32_t i = 0; i < n && i < RESOURCES_MAX && !r.bad; i++) {
        struct str res = str_from(two, rd_u32le(&r));
        size_t     w = 0;
        while (w + 1 < res.n && (res.p[w] || res.p[w + 1]))
            w += 2;
        if (r.bad || w > 4096)
            continue;
        struct str path = utf_to8(a, str_sub(res, 0, w), UTF_16LE);
        if (w && !path.p)
            return err_set(e, ERR_MEMORY, "no room for the paths of a detection");
        if (!path_add(&q, a, path, e))
            return false;
    }
    *ret = q;
    return true;
}

bool quarantine_history(struct quarantine *ret, struct arena *a, struct str in, struct err *e)
{
    struct quarantine q = { .time_us = TIME_NONE };
    struct run        r;

    if (in.n > QUARANTINE_BYTES_MAX)
        return err_set(e, ERR_LIMIT, "detection history of %zu bytes, at most %d accepted", in.n, QUARANTINE_BYTES_MAX);
    for (size_t pos = 0; runs_next(in, &pos, 4, &r);) {
        if (!r.wide)
            continue;
        struct str s = runs_text(a, in, r);
        if (!s.p)
            return err_set(e, ERR_MEMORY, "no room for a detection history");
        if (!q.threat.n && mplog_is_threat(s))
            q.threat = s;
        else if (!path_add(&q, a, s, e))
            return false;
    }
    if (!q.threat.n)
        return err_set(e, ERR_FORMAT, "no threat is named");
    *ret = q;
    return true;
}
