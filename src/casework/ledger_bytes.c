/* See ledger_bytes.h. */
#include "casework/ledger_bytes.h"

#include <stdlib.h>
#include <zlib.h>

#include "casework/ledger.h"

bool ledger_bytes_deflate(struct str s, struct str *ret, struct err *e)
{
    uLongf   n = compressBound((uLong)s.n);
    uint8_t *p = malloc(n);

    if (!p || compress2(p, &n, s.p, (uLong)s.n, 6) != Z_OK) {
        free(p);
        return err_set(e, ERR_MEMORY, "no room to keep %zu bytes", s.n);
    }
    *ret = (struct str){ p, n };
    return true;
}

bool ledger_bytes_inflate(struct str packed, int64_t size_bytes, struct arena *a, struct str *ret, struct err *e)
{
    if (size_bytes < 0 || size_bytes > LEDGER_BYTES_MAX)
        return err_set(e, ERR_FORMAT, "evidence of %lld bytes", (long long)size_bytes);
    uLongf   n = (uLongf)size_bytes;
    uint8_t *p = NEW(a, uint8_t, (size_t)size_bytes + 1);
    if (!p)
        return err_set(e, ERR_MEMORY, "no room for %lld bytes of evidence", (long long)size_bytes);
    if (uncompress(p, &n, packed.p, (uLong)packed.n) != Z_OK || (int64_t)n != size_bytes)
        return err_set(e, ERR_FORMAT, "evidence in the store is damaged");
    *ret = (struct str){ p, n };
    return true;
}
