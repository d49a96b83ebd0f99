#include "formats/minidump.h"

#include "base/num.h"
#include "base/rd.h"
#include "base/utf.h"
#include "base/winpath.h"

enum { HEADER = 32, ENTRY = 12, MODULE = 108, STREAM_MODULES = 4, STREAM_MEMORY = 5, STREAM_MEMORY64 = 9, STREAM_LAST = 24 };

static bool at(minidump_read *read, void *ctx, uint64_t off, uint8_t *buf, size_t n, struct err *e)
{
    size_t got = 0;

    return read(ctx, off, buf, n, &got, e) && (got == n || err_set(e, ERR_FORMAT, "memory dump cut at %llu", (unsigned long long)(off + got)));
}

/* A name that cannot be read costs that name. */
static bool name_of(struct minidump *m, struct arena *a, minidump_read *read, void *ctx, uint32_t rva, struct err *e)
{
    uint8_t    buf[4 + MINIDUMP_NAME_MAX];
    struct err why = { 0 };
    size_t     got = 0;

    if (!read(ctx, rva, buf, sizeof buf, &got, &why) || got < 6) {
        m->damaged = true;
        return true;
    }
    struct rd r = { .s = { buf, got } };
    uint32_t  n = rd_u32le(&r);
    if (n > got - 4 || n > MINIDUMP_NAME_MAX || n % 2) {
        m->damaged = true;
        return true;
    }
    struct str s = utf_to8(a, rd_take(&r, n), UTF_16LE);
    if (n && !s.p)
        return err_set(e, ERR_MEMORY, "no room for the modules of a memory dump");
    m->module[m->module_n++] = s;
    return true;
}

static bool modules(struct minidump *m, struct arena *a, minidump_read *read, void *ctx, uint32_t rva, struct err *e)
{
    uint8_t    buf[MODULE];
    struct err why = { 0 };

    if (!at(read, ctx, rva, buf, 4, &why)) {
        m->damaged = true;
        return true;
    }
    struct rd r = { .s = { buf, 4 } };
    uint32_t  n = rd_u32le(&r);
    m->damaged = m->damaged || n > MINIDUMP_MODULES_MAX;
    for (uint32_t i = 0; i < n && m->module_n < MINIDUMP_MODULES_MAX; i++) {
        if (!at(read, ctx, (uint64_t)rva + 4 + (uint64_t)i * MODULE, buf, MODULE, &why)) {
            m->damaged = true;
            return true;
        }
        r = (struct rd){ .s = { buf, MODULE }, .pos = 20 };
        if (!name_of(m, a, read, ctx, rd_u32le(&r), e))
            return false;
    }
    return true;
}

bool minidump_open(struct minidump *ret, struct arena *a, minidump_read *read, void *ctx, struct err *e)
{
    struct minidump *m = ret;
    uint8_t          buf[HEADER];

    *m = (struct minidump){ .time_us = TIME_NONE };
    if (!at(read, ctx, 0, buf, HEADER, e))
        return false;
    struct rd r = { .s = { buf, HEADER } };
    m->bent = !str_eq(rd_take(&r, 4), STR("MDMP"));
    m->bent = rd_u16le(&r) != 0xa793 || m->bent;
    rd_skip(&r, 2);
    uint32_t streams = rd_u32le(&r), dir = rd_u32le(&r);
    rd_skip(&r, 4);
    uint32_t seconds = rd_u32le(&r);
    if (m->bent && streams == 0 && (dir == 0 || dir == HEADER))            /* wiped: the directory stands where it always does */
        streams = 16, dir = HEADER;
    if (streams == 0 || streams > MINIDUMP_STREAMS_MAX || dir < HEADER || (m->bent && dir != HEADER))
        return err_set(e, ERR_FORMAT, "no memory dump");
    m->time_us = seconds ? (int64_t)seconds * TIME_SECOND : TIME_NONE;
    bool known = false;
    for (uint32_t i = 0; i < streams; i++) {
        uint8_t    entry[ENTRY];
        struct err why = { 0 };
        if (!at(read, ctx, (uint64_t)dir + (uint64_t)i * ENTRY, entry, ENTRY, &why)) {
            m->damaged = true;
            break;
        }
        r = (struct rd){ .s = { entry, ENTRY } };
        uint32_t type = rd_u32le(&r), size = rd_u32le(&r), rva = rd_u32le(&r);
        if (m->bent && (type < 3 || type > STREAM_LAST || size < 4 || rva < HEADER)) {
            if (type || size || rva)
                break;                                  /* behind the last entry of a header that does not say how many there are */
            continue;
        }
        known = true;
        m->has_memory = m->has_memory || type == STREAM_MEMORY || type == STREAM_MEMORY64;
        if (type == STREAM_MODULES && m->module_n == 0 && !modules(m, a, read, ctx, rva, e))
            return false;
    }
    if (m->bent && (!known || m->module_n == 0))
        return err_set(e, ERR_FORMAT, "no memory dump");
    return true;
}

bool minidump_has(const struct minidump *m, struct str name)
{
    for (size_t i = 0; i < m->module_n; i++)
        if (str_ieq(winpath_name(m->module[i]), name))
            return true;
    return false;
}
