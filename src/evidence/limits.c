#include "evidence/limits.h"

#include "base/num.h"

#include <stdio.h>

#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define TIB (UINT64_C(1) << 40)

const struct ev_limit_info ev_limit_table[] = {
    { "members",      "entries of one container (default 500000)",                                    offsetof(struct ev_limits, members)      },
    { "depth",        "containers inside containers (default 4)",                                     offsetof(struct ev_limits, depth)        },
    { "ratio",        "unpacked to packed bytes of a member above 64 MiB (default 300)",              offsetof(struct ev_limits, ratio)        },
    { "unpacked",     "unpacked bytes of one container (default 1T)",                                 offsetof(struct ev_limits, unpacked)     },
    { "spool",        "bytes kept below --out for members that are read only once (default 16G)",     offsetof(struct ev_limits, spool)        },
    { "spool_memory", "the same in memory, without --out (default 64M)",                              offsetof(struct ev_limits, spool_memory) },
    { "dictionary",   "memory that unpacking one archive or member of a zip may take (default 256M)", offsetof(struct ev_limits, dictionary)   },
    { "side",         "bytes of one side file of a collector (default 64M)",                          offsetof(struct ev_limits, side)         },
    { NULL, NULL, 0 },
};

struct ev_limits ev_limits_default(void)
{
    return (struct ev_limits){ .members = 500000, .depth = 4, .ratio = 300, .unpacked = TIB, .spool = 16 * GIB, .spool_memory = 64 * MIB,
                               .dictionary = 256 * MIB, .side = 64 * MIB };
}

static uint64_t unit_of(uint8_t c)
{
    switch (c) {
    case 'k': return KIB;
    case 'm': return MIB;
    case 'g': return GIB;
    case 't': return TIB;
    default:  return 0;
    }
}

static bool number(struct str s, uint64_t *ret)
{
    uint64_t unit = s.n ? unit_of(ch_lower(s.p[s.n - 1])) : 0, n;

    return num_u64(unit ? str_sub(s, 0, s.n - 1) : s, &n) && n > 0 && !__builtin_mul_overflow(n, unit ? unit : 1, ret);
}

static bool refuse(struct err *e, const char *why, struct str word)
{
    size_t at = 0;

    err_set(e, ERR_USAGE, "%s: \"%.*s\"", why, word.n > 80 ? 80 : (int)word.n, word.n ? (const char *)word.p : "");
    char list[sizeof e->hint] = { 0 };
    for (size_t i = 0; ev_limit_table[i].name && at < sizeof list; i++)
        at += (size_t)snprintf(list + at, sizeof list - at, "%s %s", i ? "," : "", ev_limit_table[i].name);
    return err_hint(e, "Limits are%s. Write members=1000000,depth=6; K, M, G and T are understood.", list);
}

bool ev_limits_parse(struct str text, struct ev_limits *io, struct err *e)
{
    struct ev_limits out = *io;
    struct str       one;

    while (str_cut(&text, ',', &one)) {
        struct str name, value = one = str_trim(one);
        size_t     i = 0;
        if (one.n == 0)
            continue;
        if (str_chr(one, '=') == STR_NONE || !str_cut(&value, '=', &name))
            return refuse(e, "a limit is written name=number", one);
        while (ev_limit_table[i].name && !str_eq(str_trim(name), str_c(ev_limit_table[i].name)))
            i++;
        if (!ev_limit_table[i].name)
            return refuse(e, "no limit of that name", one);
        uint64_t n;
        if (!number(str_trim(value), &n))
            return refuse(e, "not a number of 1 and more", one);
        *(uint64_t *)(void *)((uint8_t *)&out + ev_limit_table[i].offset) = n;
    }
    *io = out;
    return true;
}
