/*
 * WHOIS texts: what is read keeps to its bounds; each address is one; a registrar's desk is marked as such; objects are walked to their end, each a part of the text. The first line
 * says what was asked.
 */
#include "base/net.h"
#include "formats/mailaddr.h"
#include "formats/whois.h"

#include <stdlib.h>
#include <string.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static uint8_t  room[8 << 20];
    struct arena    a = { room, room + sizeof room, NULL };
    struct str      in = { data, n }, asked, rest;
    struct rdap     r;
    struct mailaddr m;
    struct err      e = { 0 };
    const char     *why;
    enum whois_says says;
    struct whois_object o;
    size_t          left;

    if (n > 65536 || !str_cut(&in, '\n', &asked))
        return 0;
    if (whois_read(in, str_trim(asked), &a, &says, &r, &e) && says == WHOIS_FOUND) {
        MUST(r.contact_n <= RDAP_CONTACTS_MAX && (!r.has_range || memcmp(r.first, r.last, 16) <= 0));
        uint8_t ip[16];
        if (r.has_range && net_ip_parse(str_trim(asked), ip))
            MUST(memcmp(r.first, ip, 16) <= 0 && memcmp(ip, r.last, 16) <= 0);
        for (size_t i = 0; i < r.contact_n; i++) {
            const struct rdap_contact *c = &r.contact[i];
            MUST(c->email_n <= RDAP_EACH_MAX && c->phone_n <= RDAP_EACH_MAX && c->roles);
            MUST(!(c->roles & RDAP_REGISTRAR) || c->registrars);
            for (size_t k = 0; k < c->email_n; k++)
                MUST(mailaddr_parse(c->email[k], &a, &m, &why));
            MUST(!str_ihas(c->name, STR("redacted")) && !str_ihas(c->org, STR("redacted for")));
        }
    }
    (void)whois_referral(in, &a);
    for (rest = in, left = rest.n + 1; whois_object_next(&rest, &o); left = rest.n) {
        MUST(rest.n < left && o.text.p >= in.p && o.text.p + o.text.n <= in.p + in.n && o.kind.n);
        (void)whois_object_get(&o, "abuse-c", 1);
    }
    return 0;
}
