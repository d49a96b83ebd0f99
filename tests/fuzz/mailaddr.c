/*
 * Mail addresses: what is taken keeps to RFC 5321, is taken again as it came out, and holds nothing that a header or a terminal would obey; lists are walked to
 * their end, each piece a part of what was given.
 */
#include "formats/idna.h"
#include "formats/mailaddr.h"

#include <stdlib.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static uint8_t  room[1 << 16];
    struct arena    a = { room, room + sizeof room, NULL };
    struct str      in = { data, n }, rest = in, one;
    struct mailaddr m, again;
    const char     *why = NULL;
    size_t          left = n + 1;

    if (n > 8192)
        return 0;
    if (mailaddr_parse(in, &a, &m, &why)) {
        MUST(m.all.n <= MAILADDR_MAX && m.local.n >= 1 && m.local.n <= MAILADDR_LOCAL_MAX && m.domain.n <= IDNA_NAME_MAX && m.all.n == m.local.n + 1 + m.domain.n);
        for (size_t i = 0; i < m.all.n; i++)
            MUST(m.all.p[i] >= ' ' && m.all.p[i] < 0x7F);
        MUST(mailaddr_parse(m.all, &a, &again, &why) && str_eq(again.all, m.all));
    } else {
        MUST(why && why[0]);
    }
    while (mailaddr_next(&rest, &one)) {
        MUST(rest.n < left && one.n <= n && (!one.n || (one.p >= data && one.p + one.n <= data + n)));
        left = rest.n;
        (void)mailaddr_parse(one, &a, &m, &why);
        a = (struct arena){ room, room + sizeof room, NULL };
    }
    return 0;
}
