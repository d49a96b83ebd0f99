/*
 * CSV with a header: `type` and `value` are needed. `weight`, `description` or `comment`, `source`, `uuid`, `to_ids` and `event_info` are used
 * where they are: our own iocs.csv, the export of MISP, and the many that look like them. Without a header, TYPE,VALUE[,COMMENT] is understood.
 */
#include "pack/ioc_parts.h"
#include "pack/table.h"

#include "base/num.h"

static bool has_column(struct str line, const char *name)
{
    struct str cell;

    while (str_cut(&line, ',', &cell)) {
        cell = str_trim(cell);
        if (cell.n >= 2 && cell.p[0] == '"' && cell.p[cell.n - 1] == '"')
            cell = str_sub(cell, 1, cell.n - 1);
        if (str_ieq(cell, str_c(name)))
            return true;
    }
    return false;
}

static bool bare(struct str line)
{
    enum ioc_kind k;
    const char   *why = NULL;
    size_t        comma = str_chr(line, ',');

    return comma != STR_NONE && ioc_kind_of(str_trim(str_sub(line, 0, comma)), &k, &why);
}

static bool has_header(struct str line) { return has_column(line, "type") && has_column(line, "value"); }

bool ioc_csv_is(struct str line) { return has_header(line) || bare(line); }

static struct str either(const struct table *t, const char *a, const char *b)
{
    struct str s = table_cell(t, a);
    return s.n ? s : table_cell(t, b);
}

static bool row(struct ioc_reader *r, const struct table *t, struct err *e)
{
    struct str weight = table_cell(t, "weight"), to_ids = table_cell(t, "to_ids"), source = table_cell(t, "source");

    r->name    = either(t, "description", "comment");
    r->id      = either(t, "uuid", "id");
    r->weighed = weight.n > 0;
    if (!r->id.n)
        r->id = source;
    if (!r->name.n)
        r->name = table_cell(t, "event_info");
    if (weight.n) {
        r->weight = str_ieq(weight, STR("accuses")) ? IOC_ACCUSES : str_ieq(weight, STR("supports")) ? IOC_SUPPORTS : IOC_CONTEXT;
        if (r->weight == IOC_CONTEXT && !str_ieq(weight, STR("context")))
            return ioc_refuse(r, STR("weight is context, supports or accuses"), e);
    }
    if (str_eq(to_ids, STR("0")) || str_ieq(to_ids, STR("false")))
        return ioc_refuse(r, STR("to_ids is off: its publisher does not want it looked for"), e);
    return ioc_take(r, table_cell(t, "type"), table_cell(t, "value"), e);
}

/* Lines without quotes, and without names for the columns. */
static bool rows_bare(struct ioc_reader *r, struct str text, struct err *e)
{
    struct str line;

    while (str_cut(&text, '\n', &line)) {
        r->line++;
        line = str_trim(line);
        if (!line.n || line.p[0] == '#')
            continue;
        struct str type, value;
        if (!str_cut(&line, ',', &type) || !line.n) {
            if (!ioc_refuse(r, STR("TYPE,VALUE is expected"), e))
                return false;
            continue;
        }
        (void)str_cut(&line, ',', &value);
        r->name = str_trim(line);
        if (!ioc_take(r, str_trim(type), str_trim(value), e))
            return false;
    }
    return true;
}

bool ioc_read_csv(struct ioc_reader *r, struct str text, struct err *e)
{
    struct table t;
    struct str   ahead = text, line;
    uint32_t     before = 0;

    while (str_cut(&ahead, '\n', &line) && (!str_trim(line).n || str_starts(str_trim(line), STR("#")))) {
        text = ahead;
        before++;
    }
    r->line = before;
    if (!has_header(line))
        return rows_bare(r, text, e);
    if (!table_open(&t, r->a, text, e))
        return false;
    for (;;) {
        struct err mine = { 0 };
        struct str left = t.rest;
        bool       ok = table_next(&t, &mine);

        r->line = before + t.line;
        r->id = r->name = STR("");
        if (mine.kind == ERR_MEMORY) {
            *e = mine;
            return false;
        }
        if (ok) {
            if (!row(r, &t, e))
                return false;
        } else if (mine.kind == ERR_NONE) {
            return true;
        } else {
            struct str why = str_from(str_c(mine.what), 0);
            size_t     colon = str_find(why, STR(": "));
            if (!ioc_refuse(r, colon == STR_NONE ? why : str_from(why, colon + 2), e))
                return false;
            if (t.rest.n == left.n)                        /* a quote that never ends: the rest is lost */
                return true;
        }
    }
}
