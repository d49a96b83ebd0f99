/*
 * JSON: lines, arrays, objects laid out over lines. The first record that a format knows as its own decides for the file.
 */
#include "survey/import_inner.h"

#include "base/num.h"

#include <string.h>

static const struct import_json *const kinds[] = { &import_shodan, &import_censys, &import_zgrab, &import_masscan, &import_httpx, &import_binaryedge, &import_statement_json };

enum { SURE = 20, NAMES_LOOKED_AT = 1000 };

struct str import_str(const struct import_object *x, const struct jt_node *at) { return jt_str(at, x->a); }

static struct str header_value(const struct import_object *x, const struct jt_node *v)
{
    if (v && v->kind == JT_OBJECT)
        v = jt_get(x->t, v, "headers");
    if (v && v->kind == JT_ARRAY)
        v = jt_child(x->t, v);
    return import_str(x, v);
}

size_t import_headers(const struct import_object *x, const struct jt_node *object, struct http_header *h, size_t n, size_t cap)
{
    if (!object || object->kind != JT_OBJECT)
        return n;
    for (const struct jt_node *c = jt_child(x->t, object); c && n < cap; c = jt_next(x->t, c)) {
        struct str name = jt_key(c);
        if (str_eq(name, STR("unknown")) && c->kind == JT_ARRAY) {
            for (const struct jt_node *u = jt_child(x->t, c); u && n < cap; u = jt_next(x->t, u)) {
                struct str key = import_str(x, jt_get(x->t, u, "key"));
                if (key.n)
                    h[n++] = (struct http_header){ key, header_value(x, jt_get(x->t, u, "value")) };
            }
            continue;
        }
        /* Several cookies are several headers; of all others the first value is enough. */
        const struct jt_node *list = c->kind == JT_OBJECT ? jt_get(x->t, c, "headers") : c;
        if (list && list->kind == JT_ARRAY && str_istarts(name, STR("set")))
            for (const struct jt_node *v = jt_child(x->t, list); v && n < cap; v = jt_next(x->t, v))
                h[n++] = (struct http_header){ name, import_str(x, v) };
        else
            h[n++] = (struct http_header){ name, header_value(x, c) };
    }
    return n;
}

void import_names(struct import *m, const struct import_object *x, const struct jt_node *list)
{
    uint32_t n = 0;

    if (list && list->kind == JT_ARRAY)
        for (const struct jt_node *c = jt_child(x->t, list); c && n < NAMES_LOOKED_AT; c = jt_next(x->t, c), n++)
            announce_name(&m->o, x->a, import_str(x, c));
    else if (list)
        announce_name(&m->o, x->a, import_str(x, list));
}

void import_names_from(struct import *m, const struct import_object *x, const struct jt_node *list, enum obs_naming from)
{
    m->o.naming = from;
    import_names(m, x, list);
    m->o.naming = OBS_NAME_SAID;
}

void import_cert_name(struct import *m, const struct import_object *x, struct str name)
{
    m->o.naming = OBS_NAME_OF_CERT;
    announce_name(&m->o, x->a, name);
    m->o.naming = OBS_NAME_SAID;
}

void import_self_signed(struct import *m)
{
    m->o.flags |= OBS_SELF_SIGNED;
    m->o.cert_org = STR_EMPTY;
}

bool import_sha256(const struct import_object *x, const struct jt_node *at, uint8_t ret[32])
{
    struct str s = import_str(x, at);

    if (str_istarts(s, STR("sha256:")))
        s = str_from(s, 7);
    return s.n == 64 && num_unhex(s, ret, 32);
}

/* ---- the file ---- */

static const struct import_json *kind_of(const struct import *m, const struct jt *t, const struct jt_node *root)
{
    const struct import_json *best = NULL;
    int                       most = SURE;

    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (m->ret->format != OBS_SOURCES) {
            if (kinds[i]->source == m->ret->format || (m->ret->format == OBS_HEALTHCHECKER && kinds[i]->source == OBS_STATEMENT))
                return kinds[i];
            continue;
        }
        int fit = kinds[i]->fits(t, root);
        if (fit > most) {
            most = fit;
            best = kinds[i];
        }
    }
    return best;
}

/* Answers of an interface wrap their records: {"total": 2, "matches": [{...}]}. */
static const struct jt_node *wrapped(const struct jt *t, const struct jt_node *root)
{
    static const char *const path[] = { "matches", "events", "hits", "result.hits", "results" };

    for (size_t i = 0; i < COUNT_OF(path); i++) {
        const struct jt_node *list = jt_at(t, root, path[i]);
        if (list && list->kind == JT_ARRAY && jt_child(t, list) && jt_child(t, list)->kind == JT_OBJECT)
            return list;
    }
    return NULL;
}

struct family { struct import *m; const struct import_json *kind; };

static bool one(struct family *f, const struct import_object *x)
{
    if (!f->kind) {
        f->kind = kind_of(f->m, x->t, x->root);
        if (!f->kind)
            return import_broken(f->m, &x->row, import_not_this);
        f->m->ret->format = f->kind->source;
        f->m->ret->report = str_c(obs_source_name(f->kind->source));
    }
    return f->kind->read(f->m, x);
}

static bool record(struct family *f, const struct rows_row *r)
{
    struct import_row row = { r->line, r->text };
    struct arena      a = f->m->row;
    const char       *why = NULL;
    struct jt         t;

    if (r->broken)
        return import_broken(f->m, &row, r->broken);
    if (!jt_parse(&t, &a, r->text, &why))
        return import_broken(f->m, &row, why);
    const struct jt_node *root = jt_root(&t), *list = wrapped(&t, root);
    if (root->kind == JT_ARRAY)                             /* a line that is an array */
        list = root;
    if (!list)
        return one(f, &(struct import_object){ &t, root, &a, row });
    bool go = true;
    f->m->ret->rows--;
    for (const struct jt_node *c = jt_child(&t, list); c && go; c = jt_next(&t, c)) {
        struct arena each = a;
        f->m->ret->rows++;
        go = one(f, &(struct import_object){ &t, c, &each, row });
    }
    return go;
}

/* One object a line? The first line says: it is an object by itself, or too long to see its end. */
static enum rows_kind layout_of(struct import *m, struct str head)
{
    struct arena a = m->row;
    const char  *why;
    struct jt    t;
    struct str   line = STR_EMPTY, rest = head;
    bool         whole = false;

    while (!str_trim(line).n) {
        whole = str_chr(rest, '\n') != STR_NONE;
        if (!str_cut(&rest, '\n', &line))
            return ROWS_LINES;
    }
    line = str_trim(line);
    if (line.n == 0 || line.p[0] != '{')
        return ROWS_OBJECTS;
    return !whole || jt_parse(&t, &a, line, &why) || line.p[line.n - 1] == '}' ? ROWS_LINES : ROWS_OBJECTS;
}

bool import_json(struct import *m, struct str head)
{
    struct family   f = { .m = m };
    enum rows_kind  kind = layout_of(m, head);
    struct rows_row r;

    while (!m->stopped && rows_next(m->rows, kind, &r)) {
        if (kind == ROWS_LINES && !r.broken && str_trim(r.text).n == 0)
            continue;
        m->ret->rows++;
        (void)record(&f, &r);
    }
    if (!f.kind && !m->stopped) {
        if (rows_why(m->rows)->kind != ERR_NONE) {
            *m->e = *rows_why(m->rows);
            return false;
        }
        err_set(m->e, ERR_FORMAT, m->ret->rows ? "JSON, but no scan that is known" : "no JSON object in it");
        return err_hint(m->e, "say what it is with --format");
    }
    return true;
}
