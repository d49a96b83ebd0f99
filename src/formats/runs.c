#include "formats/runs.h"

#include "base/utf.h"

static bool plain(uint8_t c) { return (c >= 0x20 && c < 0x7f) || c == '\t' || c == '\r' || c == '\n'; }

static bool wide_at(struct str in, size_t i)
{
    if (in.n - i < 2)
        return false;
    uint32_t u = in.p[i] | (uint32_t)in.p[i + 1] << 8;
    return u < 0x80 ? plain((uint8_t)u) : u >= 0xA0 && (u < 0xD800 || u > 0xDFFF) && u < 0xFFFE;
}

bool runs_next(struct str in, size_t *pos, size_t min, struct run *ret)
{
    for (size_t i = *pos; i < in.n; i++) {
        if (!plain(in.p[i]))
            continue;
        size_t k = i;
        bool   wide = in.n - i >= 2 && in.p[i + 1] == 0;
        if (wide) {
            while (k < in.n && k - i < RUNS_TEXT_MAX && wide_at(in, k))
                k += 2;
        } else {
            while (k < in.n && k - i < RUNS_TEXT_MAX && plain(in.p[k]))
                k++;
            /* "ab\0c\0": the b belongs to what follows. */
            if (k - i > 1 && in.n - k >= 2 && in.p[k] == 0 && plain(in.p[k + 1]) && in.n - k >= 3 && in.p[k + 2] == 0)
                k--;
        }
        size_t units = wide ? (k - i) / 2 : k - i;
        if (units >= min) {
            *ret = (struct run){ i, k - i, wide };
            *pos = k;
            return true;
        }
        i = k > i ? k - 1 : i;
    }
    *pos = in.n;
    return false;
}

struct str runs_text(struct arena *a, struct str in, struct run r)
{
    struct str s = str_sub(in, r.off, r.off + r.n);

    return r.wide ? utf_to8(a, s, UTF_16LE) : s;
}
