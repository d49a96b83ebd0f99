/* manifest.csv: every file that was read, so that each citation can be checked later. */
#include "base/num.h"
#include "emit/csv.h"
#include "report/parts.h"

/* A node of a family that this build reads was read, even if damage stopped it before its hash; any other only when it has one. */
static bool was_read(const struct ev_node *n)
{
    return n->hashed || (n->family > FAM_NONE && n->family < FAM_COUNT && family_table[n->family].examined);
}

bool report_manifest_write(struct out *o, const struct report *r, struct arena scratch, struct err *e)
{
    const struct ev *ev = r->found->ev;
    struct csv       c;

    (void)scratch;
    csv_open(&c, o, true);
    out_c(o, "path,entry,bytes,sha256,modified,family\r\n");
    for (size_t i = 0; ev && i < ev->node_n; i++) {
        const struct ev_node *n = &ev->node[i];
        char                  hex[65] = "", when[TIME_TEXT] = "";

        if (!was_read(n))
            continue;
        if (n->hashed)
            num_tohex(n->sha256, sizeof n->sha256, hex);
        if (n->mtime_us != TIME_NONE)
            time_text(n->mtime_us, when);
        csv_cell(&c, n->path);
        csv_cell(&c, n->entry);
        csv_u64(&c, n->size_bytes);
        csv_cell(&c, str_c(hex));
        csv_cell(&c, str_c(when));
        csv_cell(&c, n->family > FAM_NONE && n->family < FAM_COUNT ? str_c(family_table[n->family].name) : STR_EMPTY);
        csv_end(&c);
    }
    return out_done(o, e);
}
