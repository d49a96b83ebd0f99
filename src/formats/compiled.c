#include "formats/compiled.h"

#include "formats/xml.h"

bool compiled_parse(struct compiled *ret, struct arena *a, struct str in, struct err *e)
{
    struct xml_doc doc;

    if (!xml_parse(&doc, a, in, e))
        return false;
    const struct xml_node *root = doc.root;
    if (!str_ieq(root->name, STR("preserve")))
        return err_set(e, ERR_FORMAT, "root element is \"%.*s\", expected \"preserve\"", STR_ARG(str_sub(root->name, 0, 40)));
    struct compiled out = {
        .virtual_path = xml_get(root, STR("virtualPath")),
        .assembly     = xml_get(root, STR("assembly")),
        .type         = xml_get(root, STR("type")),
        .result_type  = xml_get(root, STR("resultType")),
        .hash         = xml_get(root, STR("hash")),
        .file_hash    = xml_get(root, STR("filehash")),
        .damaged      = doc.damaged,
    };
    if (out.virtual_path.n == 0)
        return err_set(e, ERR_FORMAT, "no virtualPath in a compiled-page file");

    const struct xml_node *deps = xml_child(root, STR("filedeps"));
    size_t n = 0;
    for (const struct xml_node *d = xml_child(deps, STR("filedep")); d; d = xml_child_next(d, STR("filedep")))
        n++;
    if (n > COMPILED_DEPS_MAX) {
        n = COMPILED_DEPS_MAX;
        out.damaged = true;
    }
    if (n && !(out.dep = NEW(a, struct str, n)))
        return err_set(e, ERR_MEMORY, "no room for %zu dependencies", n);
    for (const struct xml_node *d = xml_child(deps, STR("filedep")); d && out.dep_n < n; d = xml_child_next(d, STR("filedep")))
        out.dep[out.dep_n++] = xml_get(d, STR("name"));
    *ret = out;
    return true;
}
