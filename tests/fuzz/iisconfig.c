/* iisconfig: any bytes. Counts stay within their bounds, kinds have names, and no machine key is ever given out. */
#include "formats/iisconfig.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    enum { ROOM = 16 << 20 };
    uint8_t          *room = malloc(ROOM);
    struct arena      a = { room, room + ROOM, NULL };
    struct err        e = { 0 };
    struct iis_config c;

    if (iisconfig_parse(&c, &a, (struct str){ data, n }, &e)) {
        if (c.item_n > IISCONFIG_ITEMS_MAX || c.vdir_n > IISCONFIG_VDIRS_MAX || c.site_n > IISCONFIG_SITES_MAX || c.pool_n > IISCONFIG_POOLS_MAX || (c.damaged && !c.what[0]))
            abort();
        for (size_t i = 0; i < c.item_n; i++) {
            if (!iis_kind_name(c.item[i].kind)[0])
                abort();
            if (c.item[i].kind == IIS_MACHINE_KEY && c.item[i].extra.n != 64 && c.item[i].extra.n != 0)
                abort();
        }
    } else if (e.kind == ERR_NONE || !e.what[0]) {
        abort();
    }
    free(room);
    return 0;
}
