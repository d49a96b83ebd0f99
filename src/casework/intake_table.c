/* Tables, as CSV or as JSON objects with the names of the columns as keys; and JSON of its own shape. */
#include "casework/intake_inner.h"

#include "base/num.h"

#include <stdio.h>
#include <string.h>

static const char no_object[] = "no JSON object";

uint8_t intake_field(const struct intake_kind *k, struct str name)
{
    char   folded[CSV_NAME_MAX];
    size_t n;

    if (csv_name_fold(name, folded, &n))
        for (const struct intake_column *c = k->column; n && c->name; c++)
            if (strlen(c->name) == n && memcmp(c->name, folded, n) == 0)
                return c->field;
    return INTAKE_FIELDS;
}

/* ---- --map ---- */

/* The field that a map gives this column. INTAKE_FIELDS: none. */
static uint8_t mapped(const struct intake_kind *k, struct str map, struct str column)
{
    struct str field, name;

    while (csv_map_next(&map, &field, &name))
        if (str_ieq(name, column))
            return intake_field(k, field);
    return INTAKE_FIELDS;
}

bool intake_map_check(const struct intake_kind *k, struct str map, struct err *e)
{
    struct str field, column;

    while (csv_map_next(&map, &field, &column)) {
        bool   known = false;
        size_t at = 0;
        for (const struct intake_kind *x; !known && (x = k ? (at ? NULL : k) : intake_kind_at(at)); at++)
            known = x->column && intake_field(x, field) != INTAKE_FIELDS;
        if (!known)
            return err_set(e, ERR_USAGE, "--map: %.*s is no field%s%s", STR_ARG(str_sub(field, 0, 60)), k ? " of " : "", k ? k->name : "");
        if (!column.n)
            return err_set(e, ERR_USAGE, "--map: %.*s has no column: write %.*s=COLUMN", STR_ARG(str_sub(field, 0, 40)), STR_ARG(str_sub(field, 0, 40)));
    }
    return true;
}

/* ---- whose header is it ---- */

static bool fits(const struct intake_kind *k, uint64_t has)
{
    return k->column && (has & k->all) == k->all && (!k->any || has & k->any) && (!k->any2 || has & k->any2);
}

static const struct intake_kind *surest(const uint64_t *has)
{
    const struct intake_kind *best = NULL, *k;

    for (size_t i = 0; (k = intake_kind_at(i)); i++)
        if (fits(k, has[i]) && (!k->mine || k->mine(has[i])) && (!best || k->sure > best->sure))
            best = k;
    return best;
}

enum { KINDS_MAX = 32 };

static void add_name(uint64_t *has, struct str name, struct str map)
{
    const struct intake_kind *k;

    for (size_t i = 0; i < KINDS_MAX && (k = intake_kind_at(i)); i++) {
        if (!k->column)
            continue;
        uint8_t f = mapped(k, map, name);
        if (f == INTAKE_FIELDS)
            f = intake_field(k, name);
        if (f < INTAKE_FIELDS)
            has[i] |= HAS(f);
    }
}

const struct intake_kind *intake_kind_of_header(struct str line, struct str map, struct arena scratch)
{
    struct csv_cells c;
    struct csv_cell *cell = TAKE(&scratch, struct csv_cell, CSV_TABLE_CELLS);
    uint64_t         has[KINDS_MAX] = { 0 };

    if (!cell)
        return NULL;
    csv_begin(&c, cell, CSV_TABLE_CELLS, csv_separator(line));
    (void)csv_parse(&c, line, true);
    for (size_t i = 0; i < c.n && i < CSV_TABLE_CELLS; i++)
        add_name(has, str_trim(csv_text(&c, line, i, &scratch)), map);
    return surest(has);
}

const struct intake_kind *intake_kind_of_object(const struct jt *t, const struct jt_node *root)
{
    uint64_t has[KINDS_MAX] = { 0 };

    if (!root || root->kind != JT_OBJECT)
        return NULL;
    for (const struct jt_node *c = jt_child(t, root); c; c = jt_next(t, c))
        add_name(has, jt_key(c), STR_EMPTY);
    return surest(has);
}

/* ---- CSV ---- */

struct use { uint32_t at; uint8_t field; };

static bool take_header(struct intake *m, const struct csv_table *t, const struct rows_row *r, struct use *use, size_t *ret_n, uint64_t *ret_has)
{
    struct arena a = m->row;
    uint64_t     has = 0;
    size_t       n = 0, odd = 0;
    struct str   first_odd = STR_EMPTY, map = m->opt->map, field, column;

    /* What was said by --map goes before what names say; of two columns of one name the first counts. */
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < t->width; i++) {
            struct str name = str_trim(csv_table_text(t, r, i, &a));
            uint8_t    by_map = mapped(m->kind, m->opt->map, name), f = pass ? intake_field(m->kind, name) : by_map;
            if (pass && by_map != INTAKE_FIELDS)
                continue;
            if (f < INTAKE_FIELDS && !(has & HAS(f)) && n < INTAKE_FIELDS) {
                has |= HAS(f);
                use[n++] = (struct use){ (uint32_t)i, f };
            } else if (pass && f == INTAKE_FIELDS && name.n && !odd++) {
                first_odd = name;
            }
        }
    while (csv_map_next(&map, &field, &column)) {
        bool found = false;
        for (size_t i = 0; i < t->width; i++)
            found |= str_ieq(str_trim(csv_table_text(t, r, i, &a)), column);
        if (!found)
            intake_note(m, "--map names a column that the file does not have: %.*s", STR_ARG(str_sub(column, 0, 60)));
    }
    if (odd)
        intake_note(m, "%zu column%s that a %s does not have, left out: %.*s%s", odd, odd > 1 ? "s" : "", m->kind->name, STR_ARG(str_sub(first_odd, 0, 60)), odd > 1 ? ", ..." : "");
    *ret_n   = n;
    *ret_has = has;
    return fits(m->kind, has);
}

/* The fields that a kind cannot do without, for who said --kind and has not got them. */
static bool lacks(struct intake *m)
{
    char   text[120] = "";
    size_t at = 0;

    for (const struct intake_column *c = m->kind->column; c->name; c++) {
        bool first = true;
        for (const struct intake_column *b = m->kind->column; b < c; b++)
            first &= b->field != c->field;
        if (first && (m->kind->all | m->kind->any | m->kind->any2) & HAS(c->field) && at + strlen(c->name) + 2 < sizeof text)
            at += (size_t)snprintf(text + at, sizeof text - at, "%s%s", at ? " " : "", c->name);
    }
    err_set(m->e, ERR_FORMAT, "its first line has not the columns of a %s", m->kind->name);
    return err_hint(m->e, "columns: %s; or name yours: --map %s=COLUMN,...", text, m->kind->column->name);
}

bool intake_tables(struct intake *m)
{
    struct csv_table *t = NEW(&m->file, struct csv_table, 1);
    struct use        use[INTAKE_FIELDS];
    struct intake_row row = { 0 };
    struct rows_row   r;
    size_t            n = 0;
    const char       *broken;

    if (!m->kind->column) {
        err_set(m->e, ERR_FORMAT, "no JSON in it, as %s wants it", m->kind->name);
        return false;
    }
    if (!t || (!csv_table_open(t, m->rows, &m->file, &r) && r.text.n && !r.broken))
        return err_set(m->e, ERR_MEMORY, "no room for a table");
    if (r.broken || !r.text.n || !take_header(m, t, &r, use, &n, &row.has))
        return lacks(m);
    if (m->kind->header && !m->kind->header(m, row.has))
        return false;
    while (!m->stopped && csv_table_next(t, &r, &broken)) {
        intake_row_begin(m, r.line, r.text);
        bool go;
        if (broken) {
            go = intake_broken(m, broken);
        } else {
            for (size_t i = 0; i < n; i++)
                row.f[use[i].field] = str_trim(csv_table_text(t, &r, use[i].at, &m->a));
            go = m->kind->row(m, &row);
        }
        (void)intake_row_end(m, go);
    }
    return true;
}

/* ---- JSON ---- */

/* Texts of a list, with a blank between them: in such fields a blank parts values. */
static struct str joined(struct intake *m, const struct jt *t, const struct jt_node *list)
{
    size_t n = 0, want = 0, count = 0;

    for (const struct jt_node *c = jt_child(t, list); c && count < INTAKE_LIST_MAX; c = jt_next(t, c), count++)
        want += (size_t)c->text_n + 1;
    uint8_t *p = TAKE(&m->a, uint8_t, want);
    count = 0;
    for (const struct jt_node *c = jt_child(t, list); p && c && count < INTAKE_LIST_MAX; c = jt_next(t, c), count++) {
        struct str s = jt_str(c, &m->a);
        if (!s.n || s.n > want - n - 1)
            continue;
        memcpy(p + n, s.p, s.n);
        n += s.n;
        p[n++] = ' ';
    }
    return (struct str){ p, n };
}

static bool table_object(struct intake *m, const struct jt *t, const struct jt_node *root)
{
    struct intake_row r = { 0 };

    for (const struct jt_node *c = jt_child(t, root); c; c = jt_next(t, c)) {
        uint8_t f = mapped(m->kind, m->opt->map, jt_key(c));
        if (f == INTAKE_FIELDS)
            f = intake_field(m->kind, jt_key(c));
        if (f >= INTAKE_FIELDS || r.has & HAS(f))
            continue;
        r.has |= HAS(f);
        r.f[f] = str_trim(c->kind == JT_ARRAY ? joined(m, t, c) : c->kind == JT_TRUE ? STR("true") : c->kind == JT_FALSE ? STR("false") : jt_str(c, &m->a));
    }
    return m->kind->row(m, &r);
}

static bool one_object(struct intake *m, const struct rows_row *r)
{
    const char *why = NULL;
    struct jt   t;

    if (r->broken)
        return intake_broken(m, r->broken);
    if (!jt_parse(&t, &m->a, r->text, &why))
        return intake_broken(m, why);
    const struct jt_node *root = jt_root(&t);
    if (root->kind != JT_OBJECT)
        return intake_broken(m, no_object);
    return m->kind->object ? m->kind->object(m, &t, root) : table_object(m, &t, root);
}

/* The tree outlives the rows in it. False: it is none, and a broken row. */
static bool whole_object(struct intake *m, const struct rows_row *r)
{
    struct arena all = m->row;
    const char  *why;
    struct jt    t;
    bool         ok = !r->broken && jt_parse(&t, &m->row, r->text, &why) && jt_root(&t)->kind == JT_OBJECT;

    m->line = r->line;
    if (ok)
        (void)m->kind->object(m, &t, jt_root(&t));
    m->row = all;
    return ok;
}

/* One object a line? The first line says: it is an object by itself, or ends as one. */
static enum rows_kind layout_of(const struct intake *m, struct str head)
{
    struct arena a = m->row;
    struct str   s = str_trim(head), line;
    const char  *why;
    struct jt    t;

    if (m->kind->whole || !s.n || s.p[0] != '{' || !str_cut(&s, '\n', &line))
        return ROWS_OBJECTS;
    line = str_trim(line);
    return jt_parse(&t, &a, line, &why) || line.p[line.n - 1] == '}' ? ROWS_LINES : ROWS_OBJECTS;
}

bool intake_objects(struct intake *m, struct str head)
{
    enum rows_kind  kind = layout_of(m, head);
    struct rows_row r;

    if (m->kind->header && !m->kind->header(m, UINT64_MAX))
        return false;
    while (!m->stopped && rows_next(m->rows, kind, &r)) {
        if (kind == ROWS_LINES && !r.broken && str_trim(r.text).n == 0)
            continue;
        if (!m->kind->whole || !whole_object(m, &r)) {
            intake_row_begin(m, r.line, r.text);
            (void)intake_row_end(m, one_object(m, &r));
        }
    }
    return true;
}
