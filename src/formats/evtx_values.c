#include "formats/evtx_inner.h"

#include "base/num.h"
#include "base/time.h"
#include "base/utf.h"

#include <stdlib.h>

size_t evtx_type_bytes(uint8_t type)
{
    static const uint8_t size[] = {
        [EVTX_INT8] = 1, [EVTX_UINT8] = 1, [EVTX_INT16] = 2, [EVTX_UINT16] = 2, [EVTX_INT32] = 4, [EVTX_UINT32] = 4, [EVTX_INT64] = 8, [EVTX_UINT64] = 8,
        [EVTX_REAL32] = 4, [EVTX_REAL64] = 8, [EVTX_BOOL] = 4, [EVTX_GUID] = 16, [EVTX_FILETIME] = 8, [EVTX_SYSTEMTIME] = 16, [EVTX_HEX32] = 4, [EVTX_HEX64] = 8,
    };

    return type < COUNT_OF(size) ? size[type] : 0;
}

size_t evtx_sid_bytes(struct str s)
{
    enum { HEAD = 8, SUB_MAX = 15 };
    return s.n >= HEAD && s.p[0] == 1 && s.p[1] <= SUB_MAX && HEAD + 4 * (size_t)s.p[1] <= s.n ? HEAD + 4 * (size_t)s.p[1] : 0;
}

static uint64_t unsigned_of(struct str s)
{
    uint64_t v = 0;

    for (size_t i = s.n < 8 ? s.n : 8; i-- > 0;)
        v = v << 8 | s.p[i];
    return v;
}

static int64_t signed_of(struct str s)
{
    uint64_t v = unsigned_of(s), top = UINT64_C(1) << (8 * s.n - 1);
    return (int64_t)((v ^ top) - top);
}

static struct str hex(struct arena *a, struct str s)
{
    uint8_t *to = TAKE(a, uint8_t, 2 * s.n + 1);

    for (size_t i = 0; to && i < s.n; i++) {
        to[2 * i]     = (uint8_t)"0123456789ABCDEF"[s.p[i] >> 4];
        to[2 * i + 1] = (uint8_t)"0123456789ABCDEF"[s.p[i] & 15];
    }
    return to ? (struct str){ to, 2 * s.n } : STR_EMPTY;
}

static struct str real(struct arena *a, struct str s)
{
    double d;

    if (s.n == 4) {
        float f;
        memcpy(&f, s.p, 4);
        for (int digits = 6; digits < 9; digits++) {
            struct arena try = *a;
            struct str   t = str_fmt(&try, "%.*g", digits, (double)f);
            const char  *z = str_cstr(&try, t);
            if (z && strtof(z, NULL) == f)
                return str_fmt(a, "%.*g", digits, (double)f);
        }
        return str_fmt(a, "%.9g", (double)f);
    }
    memcpy(&d, s.p, 8);
    for (int digits = 15; digits < 17; digits++) {
        struct arena try = *a;
        struct str   t = str_fmt(&try, "%.*g", digits, d);
        const char  *z = str_cstr(&try, t);
        if (z && strtod(z, NULL) == d)
            return str_fmt(a, "%.*g", digits, d);
    }
    return str_fmt(a, "%.17g", d);
}

/* All seven digits: a FILETIME is finer than a microsecond, and tools that cut it are recognised by that. */
static struct str instant(struct arena *a, uint64_t ticks)
{
    static const uint64_t LAST = UINT64_C(2650467743999999999), EPOCH_US = UINT64_C(11644473600000000);   /* the end of 9999; 1970 */
    char text[TIME_TEXT];

    if (ticks > LAST)
        return str_fmt(a, "%llu", (unsigned long long)ticks);
    time_text((int64_t)(ticks / 10000000 * 1000000) - (int64_t)EPOCH_US, text);
    return str_fmt(a, "%.19s.%07lluZ", text, (unsigned long long)(ticks % 10000000));
}

static struct str system_time(struct arena *a, struct str s)
{
    uint16_t f[8];

    for (size_t i = 0; i < 8; i++)
        f[i] = evtx_u16(s.p + 2 * i);
    return str_fmt(a, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", f[0], f[1], f[3], f[4], f[5], f[6], f[7]);
}

static struct str guid(struct arena *a, const uint8_t *p)
{
    return str_fmt(a, "{%08X-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X}", evtx_u32(p), evtx_u16(p + 4), evtx_u16(p + 6), p[8], p[9], p[10], p[11], p[12],
                   p[13], p[14], p[15]);
}

static struct str sid(struct arena *a, struct str s)
{
    uint64_t authority = 0;

    for (size_t i = 2; i < 8; i++)
        authority = authority << 8 | s.p[i];
    struct str t = str_fmt(a, authority >> 32 ? "S-%u-0x%llX" : "S-%u-%llu", s.p[0], (unsigned long long)authority);
    for (size_t i = 0; t.p && i < s.p[1]; i++)
        t = str_cat(a, t, str_fmt(a, "-%u", evtx_u32(s.p + 8 + 4 * i)));
    return t;
}

/* A terminator is no part of a text. */
static struct str text(struct arena *a, struct str s, bool is_wide)
{
    if (is_wide)
        while (s.n >= 2 && s.p[s.n - 1] == 0 && s.p[s.n - 2] == 0 && s.n % 2 == 0)
            s.n -= 2;
    else
        while (s.n && s.p[s.n - 1] == 0)
            s.n--;
    return s.n ? utf_to8(a, s, is_wide ? UTF_16LE : UTF_1252) : STR("");
}

static struct str items(struct arena *a, struct evtx_value v)
{
    struct str        all = STR(""), rest = v.raw;
    struct evtx_value item;
    size_t            n = 0, cap = 0;
    struct str       *list = NULL;
    size_t            bytes = 0;

    while (evtx_array_next(v.type, &rest, &item)) {
        if (!GROW(a, list, n, &cap))
            return STR_EMPTY;
        list[n] = evtx_value_text(a, item);
        if (!list[n].p)
            return STR_EMPTY;
        bytes += list[n++].n + 2;
    }
    uint8_t *to = TAKE(a, uint8_t, bytes + 1);
    if (!to)
        return STR_EMPTY;
    all = (struct str){ to, 0 };
    for (size_t i = 0; i < n; i++) {
        if (i)
            memcpy(to + all.n, ", ", 2), all.n += 2;
        if (list[i].n)
            memcpy(to + all.n, list[i].p, list[i].n);
        all.n += list[i].n;
    }
    return all;
}

struct str evtx_value_text(struct arena *a, struct evtx_value v)
{
    struct str s = v.raw;
    size_t     size = evtx_type_bytes(v.type);

    if (v.type == EVTX_TEXT)
        return s.p ? s : STR("");
    if (v.type == EVTX_NULL || s.n == 0)
        return STR("");
    if (v.type & EVTX_ARRAY)
        return items(a, v);
    if (size && s.n != size && v.type != EVTX_BOOL)
        return hex(a, s);
    switch (v.type) {
    case EVTX_STRING:
    case EVTX_XML:        return text(a, s, true);
    case EVTX_ANSI:       return text(a, s, false);
    case EVTX_INT8:
    case EVTX_INT16:
    case EVTX_INT32:
    case EVTX_INT64:      return str_fmt(a, "%lld", (long long)signed_of(s));
    case EVTX_UINT8:
    case EVTX_UINT16:
    case EVTX_UINT32:
    case EVTX_UINT64:     return str_fmt(a, "%llu", (unsigned long long)unsigned_of(s));
    case EVTX_REAL32:
    case EVTX_REAL64:     return real(a, s);
    case EVTX_BOOL:       return unsigned_of(s) ? STR("true") : STR("false");
    case EVTX_GUID:       return guid(a, s.p);
    case EVTX_FILETIME:   return instant(a, unsigned_of(s));
    case EVTX_SYSTEMTIME: return system_time(a, s);
    case EVTX_SID:        return evtx_sid_bytes(s) == s.n ? sid(a, s) : hex(a, s);
    case EVTX_HEX32:
    case EVTX_HEX64:      return str_fmt(a, "0x%llx", (unsigned long long)unsigned_of(s));
    case EVTX_SIZE:
    case EVTX_HANDLE:     return s.n == 4 || s.n == 8 ? str_fmt(a, "0x%llx", (unsigned long long)unsigned_of(s)) : hex(a, s);
    default:              return hex(a, s);
    }
}

bool evtx_value_number(struct evtx_value v, uint64_t *ret)
{
    if (v.type == EVTX_TEXT)
        return str_starts(v.raw, STR("0x")) ? num_hex(str_from(v.raw, 2), ret) : num_u64(v.raw, ret);
    if (v.type == EVTX_STRING) {
        uint8_t      mem[64];
        struct arena a = { mem, mem + sizeof mem, NULL };
        struct str   s = v.raw.n <= 40 ? text(&a, v.raw, true) : STR_EMPTY;
        return s.n && num_u64(s, ret);
    }
    bool number = (v.type >= EVTX_INT8 && v.type <= EVTX_UINT64) || v.type == EVTX_HEX32 || v.type == EVTX_HEX64 || v.type == EVTX_SIZE || v.type == EVTX_FILETIME;
    if (!number || v.raw.n == 0 || v.raw.n > 8)
        return false;
    *ret = unsigned_of(v.raw);
    return true;
}

bool evtx_array_next(uint8_t type, struct str *rest, struct evtx_value *ret)
{
    uint8_t    base = type & 0x7F;
    struct str s = *rest;
    size_t     n = evtx_type_bytes(base), skip = 0;

    if (s.n == 0)
        return false;
    if (base == EVTX_STRING) {
        for (n = 0; n + 2 <= s.n && (s.p[n] || s.p[n + 1]); n += 2)
            ;
        skip = n + 2 <= s.n ? 2 : s.n - n;
    } else if (base == EVTX_ANSI) {
        size_t end = str_chr(s, 0);
        n    = end == STR_NONE ? s.n : end;
        skip = end != STR_NONE;
    } else if (base == EVTX_SID) {
        n = evtx_sid_bytes(s);
    } else if (base == EVTX_SIZE || base == EVTX_HANDLE) {
        n = s.n % 8 == 0 ? 8 : 4;                               /* neither says which; of one event all are of one machine */
    }
    if (n > s.n || (n == 0 && skip == 0))
        n = s.n, skip = 0;
    *ret  = (struct evtx_value){ base, { s.p, n } };
    *rest = str_from(s, n + skip);
    return true;
}

const char *evtx_system_name(enum evtx_system which)
{
    static const char *const name[EVTX_SYSTEM_N] = {
        "provider", "provider_guid", "source_name", "event_id", "qualifiers", "version", "level", "task", "opcode", "keywords", "time", "record_id",
        "activity", "related_activity", "process", "thread", "channel", "computer", "user",
    };

    return which < EVTX_SYSTEM_N ? name[which] : "";
}
