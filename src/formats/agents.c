#include "formats/agents.h"

#include "formats/xml.h"

bool agents_parse(struct agents *ret, struct arena *a, struct str in, struct err *e)
{
    struct xml_doc         doc;
    struct agents          out = { 0 };
    const struct xml_node *list = NULL;

    if (!xml_parse(&doc, a, in, e))
        return false;
    for (const struct xml_node *n = doc.root; n && !list; n = xml_walk(doc.root, n))
        if (str_ieq(n->name, STR("agentList")))
            list = n;
    if (!list)
        return err_set(e, ERR_FORMAT, "no agentList below \"%.*s\"", STR_ARG(str_sub(doc.root->name, 0, 40)));
    out.damaged = doc.damaged;

    size_t n = 0;
    for (const struct xml_node *g = xml_child(list, STR("agent")); g; g = xml_child_next(g, STR("agent")))
        n++;
    if (n > AGENTS_MAX) {
        n = AGENTS_MAX;
        out.damaged = true;
    }
    if (n && !(out.agent = NEW(a, struct agent, n)))
        return err_set(e, ERR_MEMORY, "no room for %zu transport agents", n);
    for (const struct xml_node *g = xml_child(list, STR("agent")); g && out.n < n; g = xml_child_next(g, STR("agent")))
        out.agent[out.n++] = (struct agent){
            .name = xml_get(g, STR("name")), .base_type = xml_get(g, STR("baseType")), .class_factory = xml_get(g, STR("classFactory")),
            .assembly_path = xml_get(g, STR("assemblyPath")), .enabled = !str_ieq(xml_get(g, STR("enabled")), STR("false")), .line = g->line,
        };
    *ret = out;
    return true;
}
