/* xml: a tree that is whole (every node reached once, within the bounds), whatever the bytes. */
#include "formats/agents.h"
#include "formats/compiled.h"
#include "formats/iisconfig.h"
#include "formats/xml.h"

#include <stdlib.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)
enum { ROOM = 8 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    uint8_t        *mem = malloc(ROOM);
    struct arena    a = { mem, mem + ROOM, NULL };
    struct str      in = { data, n };
    struct err      e = { 0 };
    struct xml_doc  d;
    struct compiled c;
    struct agents   g;
    struct iis_config w;

    MUST(mem);
    if (xml_parse(&d, &a, in, &e)) {
        uint32_t seen = 0;
        for (const struct xml_node *x = d.root; x; x = xml_walk(d.root, x)) {
            size_t depth = 0;
            for (const struct xml_node *p = x; p; p = p->parent)
                depth++;
            MUST(depth <= XML_DEPTH_MAX && x->name.n && x->attr_n <= XML_ATTRS_MAX && x->text.n <= XML_TEXT_MAX);
            MUST(seen++ <= XML_NODES_MAX);
        }
        MUST(seen == d.node_n && d.damaged == (d.what[0] != 0));
    } else {
        MUST(e.kind != ERR_NONE && e.what[0]);
    }
    struct arena b = { mem, mem + ROOM, NULL };
    if (compiled_parse(&c, &b, in, &e))
        MUST(c.virtual_path.n && c.dep_n <= COMPILED_DEPS_MAX);
    b = (struct arena){ mem, mem + ROOM, NULL };
    if (agents_parse(&g, &b, in, &e))
        MUST(g.n <= AGENTS_MAX);
    b = (struct arena){ mem, mem + ROOM, NULL };
    if (iisconfig_parse(&w, &b, in, &e)) {
        MUST(w.item_n <= IISCONFIG_ITEMS_MAX && w.vdir_n <= IISCONFIG_VDIRS_MAX && w.site_n <= IISCONFIG_SITES_MAX);
        for (size_t i = 0; i < w.item_n; i++)
            MUST(w.item[i].kind < IIS_KINDS && !(w.only_redirect && w.item[i].kind != IIS_REDIRECT));
    }
    free(mem);
    return 0;
}
