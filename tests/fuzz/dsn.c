/* What a mail system reports, block by block: every value lies in its bounds, and nothing is found that is not there. */
#include <stdint.h>
#include <stdlib.h>

#include "formats/dsn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static uint8_t room[1 << 20];
    static const char *const field[] = { "Final-Recipient", "Original-Recipient", "Action", "Status", "Diagnostic-Code", "Remote-MTA", "Original-Envelope-Id", "Reporting-MTA", "Message-ID" };
    struct str rest = { data, n }, block;
    size_t     blocks = 0, used = 0;

    while (blocks++ < 200 && dsn_block(&rest, &block)) {
        struct arena a = { .beg = room, .end = room + sizeof room };

        if (!block.n || block.p < data || block.p + block.n > data + n || block.n > n - used)
            abort();
        used += block.n;
        for (size_t i = 0; i < sizeof field / sizeof *field; i++) {
            struct str v = dsn_field(block, field[i], &a), type, value = dsn_value(v, &type), address = dsn_address(v, &a);
            uint16_t   status[3];

            if (v.n > DSN_FIELD_MAX || value.n > v.n || type.n > v.n || address.n > 4 * v.n + 4 || (v.n && !str_ihas(block, str_c(field[i]))))
                abort();
            if (dsn_status(v, status) && ((status[0] != 2 && status[0] != 4 && status[0] != 5) || status[1] > 999 || status[2] > 999))
                abort();
        }
    }
    return 0;
}
