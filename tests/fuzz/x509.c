/* x509: texts lie inside the certificate or the arena, within their bounds, and the same bytes give the same. */
#include "formats/x509.h"

#include <stdlib.h>
#include <string.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)

static void bounded(struct str s, struct str der, const uint8_t *room, size_t cap)
{
    MUST(s.n <= X509_TEXT_MAX);
    MUST(s.n == 0 || (s.p >= der.p && s.p + s.n <= der.p + der.n) || (s.p >= room && s.p + s.n <= room + cap));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    enum { ROOM = 1 << 16 };
    uint8_t     *room = malloc(ROOM);
    struct arena a = { .beg = room, .end = room + ROOM };
    struct str   der = { data, n };
    struct x509  x, y;
    struct err   e = { 0 };
    bool         ok = x509_read(&x, &a, der, &e);

    MUST(ok || (e.kind == ERR_FORMAT && e.what[0]));
    MUST(x.dns_n <= X509_NAMES_MAX);
    bounded(x.org, der, room, ROOM);
    bounded(x.name, der, room, ROOM);
    for (size_t i = 0; i < x.dns_n; i++)
        bounded(x.dns[i], der, room, ROOM);
    MUST(x.key.n == 0 || (x.key.p > der.p && x.key.p + x.key.n <= der.p + der.n && x.key.p[0] == 0x30));
    MUST(x509_read(&y, &a, der, &e) == ok && y.dns_n == x.dns_n && y.own_issuer == x.own_issuer);
    free(room);
    return 0;
}
