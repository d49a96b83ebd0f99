/*
 * Answers of the DNS: whatever comes, each name that is kept is a host name, each count keeps to its bound, and exchangers come by preference. The first byte says what was asked.
 */
#include "formats/dnsmsg.h"
#include "formats/idna.h"

#include <stdlib.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static uint8_t room[1 << 20];
    static const enum dnsmsg_type types[] = { DNSMSG_A, DNSMSG_SOA, DNSMSG_PTR, DNSMSG_MX, DNSMSG_AAAA };
    struct arena  a = { room, room + sizeof room, NULL };
    struct dnsmsg m;
    struct err    e = { 0 };
    struct str    again;

    if (n < 1 || n > 65535)
        return 0;
    enum dnsmsg_type type = types[data[0] % 5];
    if (!dnsmsg_read((struct str){ data + 1, n - 1 }, STR("bakery.example"), type, &a, &m, &e)) {
        MUST(e.kind != ERR_NONE);
        return 0;
    }
    MUST(m.record_n <= DNSMSG_RECORDS_MAX);
    MUST(!m.alias.n || idna_host(m.alias, &a, &again));
    for (size_t i = 0; i < m.record_n; i++) {
        MUST(i == 0 || m.record[i - 1].preference <= m.record[i].preference);
        if (type == DNSMSG_MX || type == DNSMSG_PTR)
            MUST(m.record[i].host.n && m.record[i].host.n <= IDNA_NAME_MAX && idna_host(m.record[i].host, &a, &again));
    }
    return 0;
}
