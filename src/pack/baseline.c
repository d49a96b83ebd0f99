#include "pack/baseline.h"

#include "base/hash.h"
#include "base/num.h"
#include "base/winpath.h"
#include "formats/yaml.h"
#include "pack/pack.h"
#include "pack/table.h"

#include <string.h>

/* ---- what is compared ---- */

/* Source: ways back in, 1.1 and 1.2 (what IIS and ASP.NET run), 2 (modules beside pages). Scripts: those of the logon pages, which see passwords. */
enum baseline_kind baseline_kind_of(enum baseline_root root, struct str rest)
{
    struct str ext = winpath_ext(rest);

    if (winpath_is_page(rest))
        return BASELINE_PAGE;
    bool web = root == BASELINE_WEB || str_istarts(rest, STR("FrontEnd\\")) || str_istarts(rest, STR("ClientAccess\\"));
    if (!web)
        return BASELINE_NOTHING;
    if (str_ieq(ext, STR(".config")))
        return BASELINE_CONFIG;
    if (str_ieq(ext, STR(".dll")))
        return str_istarts(rest, STR("bin\\")) || str_ihas(rest, STR("\\bin\\")) ? BASELINE_PROGRAM : BASELINE_NOTHING;
    if (root == BASELINE_INSTALL && str_istarts(rest, STR("FrontEnd\\HttpProxy\\owa\\auth\\")) &&
        (str_ieq(ext, STR(".js")) || str_ieq(ext, STR(".htm")) || str_ieq(ext, STR(".html"))))
        return BASELINE_SCRIPT;
    return BASELINE_NOTHING;
}

/* ---- builds ---- */

static int cmp_parts(const uint16_t *a, const uint16_t *b, int parts)
{
    for (int i = 0; i < parts; i++)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return 0;
}

/* Only four numbers name the content: a security update changes the fourth alone. */
static enum baseline_fit fit_one(struct str one, const uint16_t v[4], int parts)
{
    uint16_t from[4], to[4];
    int      from_parts, to_parts;
    size_t   dash = str_chr(one, '-');

    if (str_ieq(one, STR("all")))
        return BASELINE_SAME;
    if (!build_parse(str_sub(one, 0, dash), from, &from_parts))
        return BASELINE_OTHER;
    if (dash == STR_NONE) {
        if (parts == 4 && from_parts == 4 && cmp_parts(v, from, 4) == 0)
            return BASELINE_SAME;
        return parts >= 3 && from_parts >= 3 && cmp_parts(v, from, 3) == 0 ? BASELINE_NEAR : BASELINE_OTHER;
    }
    if (!build_parse(str_from(one, dash + 1), to, &to_parts) || parts < from_parts || parts < to_parts || cmp_parts(v, from, from_parts) < 0 ||
        cmp_parts(v, to, to_parts) > 0)
        return BASELINE_OTHER;
    return from_parts == 4 && to_parts == 4 ? BASELINE_SAME : BASELINE_NEAR;
}

enum baseline_fit baseline_fit(struct str builds, const uint16_t v[4], int parts)
{
    enum baseline_fit best = BASELINE_OTHER;
    size_t            from = 0;

    for (size_t i = 0; i <= builds.n; i++) {
        if (i < builds.n && builds.p[i] != ';' && builds.p[i] != ' ')
            continue;
        if (i > from) {
            enum baseline_fit f = fit_one(str_sub(builds, from, i), v, parts);
            best = f > best ? f : best;
        }
        from = i + 1;
    }
    return best;
}

static bool builds_valid(struct str builds)
{
    struct str rest = builds, part;
    uint16_t   v[4];
    int        parts;
    size_t     n = 0;

    while (str_cut(&rest, ';', &part))
        for (struct str words = part, one; str_cut(&words, ' ', &one);) {
            if (!one.n)
                continue;
            n++;
            size_t dash = str_chr(one, '-');
            if (!str_ieq(one, STR("all")) && (!build_parse(str_sub(one, 0, dash), v, &parts) ||
                                              (dash != STR_NONE && !build_parse(str_from(one, dash + 1), v, &parts))))
                return false;
        }
    return n > 0;
}

/* ---- lists ---- */

/* Below a folder and nowhere else; nothing that a terminal would obey. */
static bool path_valid(struct str path)
{
    struct str rest = path, part;

    if (path.n == 0 || path.n > BASELINE_PATH_MAX || path.p[path.n - 1] == '\\')
        return false;
    for (size_t i = 0; i < path.n; i++)
        if (path.p[i] < ' ' || path.p[i] == 127 || path.p[i] == ':' || path.p[i] == '/')
            return false;
    while (str_cut(&rest, '\\', &part))
        if (part.n == 0 || str_eq(part, STR(".")) || str_eq(part, STR("..")))
            return false;
    return true;
}

static bool row_read(struct baseline *b, struct arena *a, enum baseline_root root, const struct table *t, struct err *e)
{
    struct baseline_row r = { .path = table_cell(t, "path"), .builds = table_cell(t, "builds"), .root = root, .next = MAP_NONE };
    struct str          bytes = table_cell(t, "bytes");

    if (!path_valid(r.path))
        return err_set(e, ERR_FORMAT, "line %u: the path is no relative Windows path", t->line);
    if (!num_unhex(table_cell(t, "sha256"), r.sha256, sizeof r.sha256))
        return err_set(e, ERR_FORMAT, "line %u: sha256 is not 64 hex digits", t->line);
    if (!builds_valid(r.builds))
        return err_set(e, ERR_FORMAT, "line %u: builds names no build", t->line);
    if (bytes.n && !num_u64(bytes, &r.bytes))
        return err_set(e, ERR_FORMAT, "line %u: bytes is no number", t->line);
    if (b->row_n >= BASELINE_ROWS_MAX)
        return err_set(e, ERR_LIMIT, "more than %d rows in all baselines", BASELINE_ROWS_MAX);
    r.pack = (uint16_t)(b->pack_n - 1);
    r.next = baseline_first(b, root, r.path);
    struct baseline_row *at = GROW(a, b->row, b->row_n, &b->row_cap);
    if (!at || !map_put(&b->by_path[root], a, r.path, (uint32_t)b->row_n))
        return err_set(e, ERR_MEMORY, "no room for a baseline");
    *at = r;
    b->row_n++;
    b->pack[b->pack_n - 1].row_n++;
    return true;
}

bool baseline_read(struct baseline *b, struct arena *a, enum baseline_root root, struct str text, struct err *e)
{
    static const char *const needed[] = { "path", "sha256", "builds" };
    struct table t;
    struct err   mine = { 0 };

    for (size_t i = 0; i < BASELINE_ROOTS; i++)
        b->by_path[i].fold = true;
    if (!table_open(&t, a, text, e))
        return false;
    for (size_t i = 0; i < COUNT_OF(needed); i++)
        if (!table_has(&t, needed[i]))
            return err_set(e, ERR_FORMAT, "line 1: the header lacks %s", needed[i]);
    while (table_next(&t, &mine))
        if (!row_read(b, a, root, &t, e))
            return false;
    if (mine.kind != ERR_NONE) {
        *e = mine;
        return false;
    }
    return true;
}

/* ---- pack.yaml ---- */

static bool folders_read(struct baseline_pack *p, const struct yaml_item *list, struct err *e)
{
    if (list && list->kind != YAML_LIST)
        return err_set(e, ERR_FORMAT, "line %u: folders is not a list", list->line);
    for (const struct yaml_item *k = list ? list->first : NULL; k; k = k->next) {
        if (k->kind != YAML_TEXT || !path_valid(k->text))
            return err_set(e, ERR_FORMAT, "line %u: a folder is a relative Windows path", k->line);
        if (p->folder_n == BASELINE_FOLDERS_MAX)
            return err_set(e, ERR_LIMIT, "line %u: more than %d folders", k->line, BASELINE_FOLDERS_MAX);
        p->folder[p->folder_n++] = k->text;
    }
    return true;
}

static bool head_read(struct baseline_pack *ret, struct arena *a, struct str text, struct err *e)
{
    struct baseline_pack p = { .row_n = 0 };
    struct yaml_tree     tree;

    if (!yaml_read(&tree, a, text, e))
        return false;
    if (tree.damaged) {
        *e = tree.why;
        return false;
    }
    if (!str_eq(yaml_text(tree.doc, STR("kind")), STR("baseline"))) {
        err_set(e, ERR_FORMAT, "kind is not baseline");
        return err_hint(e, "make one from a clean installation: afterpatch baseline --out DIR CLEAN");
    }
    p.id        = yaml_text(tree.doc, STR("id"));
    p.title     = yaml_text(tree.doc, STR("title"));
    p.product   = yaml_text(tree.doc, STR("product"));
    p.builds    = yaml_text(tree.doc, STR("build"));
    p.made_from = yaml_text(tree.doc, STR("made_from"));
    if (!p.id.n || !p.title.n)
        return err_set(e, ERR_FORMAT, "id and title are needed");
    if (!builds_valid(p.builds))
        return err_set(e, ERR_FORMAT, "build names no build");
    const struct yaml_item *web = yaml_get(tree.doc, STR("web_root"));
    if (web && !yaml_bool(web, &p.web))
        return err_set(e, ERR_FORMAT, "line %u: web_root is neither true nor false", web->line);
    if (!folders_read(&p, yaml_get(tree.doc, STR("folders")), e))
        return false;
    *ret = p;
    return true;
}

bool baseline_is(struct os *os, struct str dir, struct arena scratch)
{
    struct str       text;
    struct yaml_tree tree;
    struct err       e = { 0 };

    return os_slurp(os, dir, STR("pack.yaml"), 1 << 20, &scratch, &text, &e) && yaml_read(&tree, &scratch, text, &e) &&
           str_eq(yaml_text(tree.doc, STR("kind")), STR("baseline"));
}

/* ---- folders ---- */

static void digest(struct hash *h, struct str name, struct str text)
{
    hash_push(h, name);
    hash_push(h, (struct str){ (const uint8_t *)"", 1 });
    hash_push(h, text);
    hash_push(h, (struct str){ (const uint8_t *)"", 1 });
}

static bool lists_load(struct baseline *b, struct arena *a, struct os *os, struct str dir, struct hash *h, struct err *e)
{
    struct os_entry *entry;
    size_t           n, lists = 0;
    struct str       text;

    if (!os->list(os, dir, STR("clean"), a, &entry, &n, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct str name = str_cat(a, STR("clean/"), entry[i].name);
        if (!name.p)
            return err_set(e, ERR_MEMORY, "no room for a baseline");
        if (entry[i].st.kind != OS_FILE || !str_ends(name, STR(".csv")) || str_starts(entry[i].name, STR(".")))
            continue;
        if (++lists > BASELINE_FILES_MAX)
            return err_set(e, ERR_LIMIT, "more than %d lists", BASELINE_FILES_MAX);
        enum baseline_root root = str_istarts(entry[i].name, STR("web")) ? BASELINE_WEB : BASELINE_INSTALL;
        if (!os_slurp(os, dir, name, BASELINE_FILE_MAX, a, &text, e) || !baseline_read(b, a, root, text, e))
            return err_where(e, "%.*s", STR_ARG(name));
        digest(h, name, text);
    }
    return true;
}

bool baseline_load(struct baseline *b, struct arena *a, struct os *os, struct str dir, struct err *e)
{
    struct str           text;
    struct baseline_pack p;

    if (b->pack_n >= BASELINE_PACKS_MAX)
        return err_set(e, ERR_LIMIT, "more than %d baselines", BASELINE_PACKS_MAX);
    if (!os_slurp(os, dir, STR("pack.yaml"), 1 << 20, a, &text, e) || !head_read(&p, a, text, e)) {
        if (!e->where[0])
            err_where(e, "%.*s/pack.yaml", STR_ARG(str_sub(dir, 0, 200)));
        return false;
    }
    struct baseline_pack *at = GROW(a, b->pack, b->pack_n, &b->pack_cap);
    struct hash          *h  = hash_open(HASH_SHA256);
    if (!at || !h) {
        hash_close(h);
        return err_set(e, ERR_MEMORY, "no room for a baseline");
    }
    *at = p;
    b->pack_n++;
    digest(h, STR("pack.yaml"), text);
    bool ok = lists_load(b, a, os, dir, h, e);
    if (ok)
        hash_done(h, b->pack[b->pack_n - 1].sha256);
    else
        err_where(e, "%.*s/", STR_ARG(str_sub(dir, 0, 200)));
    hash_close(h);
    return ok;
}

static bool folder_load(struct baseline *b, struct arena *a, struct os *os, struct str dir, struct err *e)
{
    struct os_entry *entry;
    size_t           n, before = b->pack_n;

    if (!os->list(os, dir, STR(""), a, &entry, &n, e))
        return false;
    for (size_t i = 0; i < n; i++)
        if (entry[i].st.kind == OS_FILE && str_eq(entry[i].name, STR("pack.yaml")))
            return baseline_load(b, a, os, dir, e);
    for (size_t i = 0; i < n; i++) {
        if (entry[i].st.kind != OS_DIR)
            continue;
        struct str sub = str_fmt(a, "%.*s/%.*s", STR_ARG(dir), STR_ARG(entry[i].name));
        if (!sub.p)
            return err_set(e, ERR_MEMORY, "no room for a baseline");
        if (baseline_is(os, sub, *a) && !baseline_load(b, a, os, sub, e))
            return false;
    }
    if (b->pack_n > before)
        return true;
    err_set(e, ERR_FORMAT, "neither a baseline nor a folder that holds one");
    err_where(e, "%.*s", STR_ARG(dir));
    return err_hint(e, "make one from a clean installation: afterpatch baseline --out DIR CLEAN");
}

bool baseline_load_list(struct baseline *b, struct arena *a, struct os *os, struct str list, struct err *e)
{
    struct str one;

    while (str_cut(&list, ',', &one))
        if (one.n && !folder_load(b, a, os, one, e))
            return false;
    return b->pack_n ? true : err_set(e, ERR_USAGE, "no baseline is named");
}

/* ---- asking ---- */

uint32_t baseline_first(const struct baseline *b, enum baseline_root root, struct str rest) { return map_get(&b->by_path[root], rest); }

bool baseline_knows(const struct baseline *b, enum baseline_root root, struct str rest, const uint8_t sha256[32])
{
    for (uint32_t i = baseline_first(b, root, rest); i != MAP_NONE; i = b->row[i].next)
        if (memcmp(b->row[i].sha256, sha256, sizeof b->row[i].sha256) == 0)
            return true;
    return false;
}

bool baseline_covers(const struct baseline_pack *p, enum baseline_root root, struct str rest)
{
    if (root == BASELINE_WEB)
        return p->web;
    for (size_t i = 0; i < p->folder_n; i++)
        if (winpath_below(rest, p->folder[i]))
            return true;
    return false;
}
