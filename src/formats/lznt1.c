#include "formats/lznt1.h"

#include <string.h>

enum { CHUNK = 4096 };

/* One packed chunk. */
static bool chunk(struct str in, uint8_t *out, size_t cap, size_t *ret_n)
{
    size_t at = 0, n = 0;

    while (at < in.n) {
        uint8_t flags = in.p[at++];
        for (int bit = 0; bit < 8 && at < in.n; bit++) {
            if (!(flags >> bit & 1)) {
                if (n >= cap)
                    return *ret_n = n, false;
                out[n++] = in.p[at++];
                continue;
            }
            if (in.n - at < 2 || n == 0)
                return *ret_n = n, false;
            unsigned pair = in.p[at] | (unsigned)in.p[at + 1] << 8, length_bits = 12;
            at += 2;
            /* The further into the chunk, the more bits the distance takes from the length. */
            for (size_t reach = n - 1; reach >= 16; reach >>= 1)
                length_bits--;
            size_t back = (pair >> length_bits) + 1, len = (pair & ((1u << length_bits) - 1)) + 3;
            if (back > n || len > cap - n)
                return *ret_n = n, false;
            for (size_t i = 0; i < len; i++, n++)
                out[n] = out[n - back];
        }
    }
    *ret_n = n;
    return true;
}

bool lznt1_unpack(struct str in, uint8_t *out, size_t cap, size_t *ret_n)
{
    size_t at = 0, n = 0;
    bool   ok = true;

    while (ok && in.n - at >= 2 && n < cap) {
        unsigned head = in.p[at] | (unsigned)in.p[at + 1] << 8;
        size_t   size = (head & 0xFFF) + 1, room = cap - n < CHUNK ? cap - n : CHUNK, got = 0;
        if (head == 0)
            break;
        at += 2;
        if (size > in.n - at) {
            ok = false;
            break;
        }
        if (head & 0x8000) {
            ok = chunk((struct str){ in.p + at, size }, out + n, room, &got);
        } else {
            got = size < room ? size : room;
            memcpy(out + n, in.p + at, got);
        }
        at += size;
        /* A chunk that gives less than it stands for is followed by zeros, but for the last. */
        if (ok && got < room && in.n - at >= 2 && (in.p[at] || in.p[at + 1])) {
            memset(out + n + got, 0, room - got);
            got = room;
        }
        n += got;
    }
    *ret_n = n;
    return ok;
}
