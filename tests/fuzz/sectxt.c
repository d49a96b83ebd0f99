/* security.txt: bounds; a mail contact is an address, a web contact an https one; what is named expired is; the first line says from where it came. */
#include "formats/mailaddr.h"
#include "formats/sectxt.h"

#include <stdlib.h>
#include <string.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)
#define NOW INT64_C(1615536000000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static uint8_t  room[4 << 20];
    struct arena    a = { room, room + sizeof room, NULL };
    struct str      in = { data, n }, from = STR_EMPTY;
    struct sectxt   s;
    struct mailaddr m;
    const char     *why;

    if (n > 2 * SECTXT_BYTES_MAX)
        return 0;
    str_cut(&in, '\n', &from);
    MUST(sectxt_read(in, from, NOW, &a, &s));
    MUST(s.contact_n <= SECTXT_CONTACTS_MAX && s.language_n <= SECTXT_LIST_MAX && s.encryption_n <= SECTXT_LIST_MAX && s.canonical_n <= SECTXT_LIST_MAX);
    MUST((s.state == SECTXT_NONE) == (s.contact_n == 0) && (s.state == SECTXT_VALID || s.why));
    MUST(s.state != SECTXT_VALID || s.expires_us > NOW);
    MUST(s.state != SECTXT_EXPIRED || s.expires_us <= NOW);
    for (size_t i = 0; i < s.contact_n; i++) {
        const struct sectxt_contact *c = &s.contact[i];
        MUST(c->value.n);
        for (size_t k = 0; k < c->value.n; k++)
            MUST((unsigned char)c->value.p[k] >= 0x20 && c->value.p[k] != 0x7f);
        MUST(c->way != SECTXT_MAIL || mailaddr_parse(c->value, &a, &m, &why));
        MUST(c->way != SECTXT_WEB || str_istarts(c->value, STR("https://")));
    }
    return 0;
}
