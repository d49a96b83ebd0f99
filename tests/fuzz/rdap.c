/* RDAP answers and bootstrap files: what is read keeps to its bounds, each address is one, words of redaction are no data, a registrar's contact is marked. */
#include "base/net.h"
#include "formats/mailaddr.h"
#include "formats/rdap.h"

#include <stdlib.h>
#include <string.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static uint8_t  room[16 << 20];
    struct arena    a = { room, room + sizeof room, NULL };
    struct str      in = { data, n }, url;
    struct rdap     r;
    struct mailaddr m;
    struct err      e = { 0 };
    const char     *why;

    if (n > 65536)
        return 0;
    if (rdap_read(in, &a, &r, &e)) {
        MUST(r.contact_n <= RDAP_CONTACTS_MAX && (!r.has_range || memcmp(r.first, r.last, 16) <= 0));
        for (size_t i = 0; i < r.contact_n; i++) {
            const struct rdap_contact *c = &r.contact[i];
            MUST(c->email_n <= RDAP_EACH_MAX && c->phone_n <= RDAP_EACH_MAX && c->depth <= RDAP_DEPTH_MAX);
            for (size_t k = 0; k < c->email_n; k++)
                MUST(mailaddr_parse(c->email[k], &a, &m, &why));
            for (size_t k = 0; k < c->phone_n; k++)
                for (size_t j = 0; j < c->phone[k].n; j++)
                    MUST(strchr("+0123456789", c->phone[k].p[j]) && c->phone[k].p[j]);
            MUST(!str_ihas(c->name, STR("redacted")) && !str_ihas(c->post, STR("redacted for")));
        }
    } else
        MUST(e.kind != ERR_NONE);
    static const char *const asked[] = { "192.0.2.7", "2001:db8::1", "64500", "bakery.example" };
    for (size_t i = 0; i < 4; i++) {
        struct err of = { 0 };
        if (rdap_bootstrap(in, str_c(asked[i]), &a, &url, &of))
            MUST(url.n && url.p[url.n - 1] == '/' && (str_istarts(url, STR("https://")) || str_istarts(url, STR("http://"))));
    }
    return 0;
}
