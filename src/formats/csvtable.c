#include "formats/csvtable.h"

static const char wrong_cells[] = "it has not as many cells as the header", open_quote[] = "a quote in it is out of place";

bool csv_table_open(struct csv_table *t, struct rows *rows, struct arena *a, struct rows_row *ret)
{
    *t = (struct csv_table){ .rows = rows };
    *ret = (struct rows_row){ 0 };
    do {
        if (!rows_next(rows, ROWS_LINES, ret))
            return false;
    } while (!ret->broken && (str_trim(ret->text).n == 0 || (str_istarts(ret->text, STR("sep=")) && ret->text.n == 5)));
    if (ret->broken)
        return false;
    csv_begin(&t->cells, t->cell, CSV_TABLE_CELLS, csv_separator(ret->text));
    (void)csv_parse(&t->cells, ret->text, true);
    t->width  = t->cells.n < CSV_TABLE_CELLS ? t->cells.n : CSV_TABLE_CELLS;
    t->header = str_dup(a, ret->text);
    return t->header.p != NULL;
}

/* The cells of a row, over as many lines as they take. False: broken, and only its first line is used up. */
static bool row_cells(struct csv_table *t, struct rows_row *r)
{
    csv_begin(&t->cells, t->cell, CSV_TABLE_CELLS, t->cells.sep);
    if (csv_parse(&t->cells, r->text, false))
        return !t->cells.odd || t->cells.n == t->width;     /* odd, but whole: its cells are where they belong */
    while (rows_extend(t->rows, r))
        if (csv_parse(&t->cells, r->text, false)) {
            if (!t->cells.odd)
                return true;
            break;
        }
    rows_back(t->rows, r);
    return false;
}

static bool only_empty_beyond(const struct csv_table *t)
{
    if (t->cells.n < t->width || t->cells.n > CSV_TABLE_CELLS)
        return false;
    for (size_t i = t->width; i < t->cells.n; i++)
        if (t->cell[i].from != (t->cell[i].to & ~CSV_DOUBLED))
            return false;
    return true;
}

bool csv_table_next(struct csv_table *t, struct rows_row *ret, const char **ret_why)
{
    do {
        if (!rows_next(t->rows, ROWS_LINES, ret))
            return false;
    } while (!ret->broken && (ret->text.n == 0 || str_eq(ret->text, t->header)));
    *ret_why = ret->broken;
    if (!ret->broken && !row_cells(t, ret))
        *ret_why = open_quote;
    else if (!ret->broken && t->cells.n != t->width && !only_empty_beyond(t))
        *ret_why = wrong_cells;
    return true;
}

bool csv_name_fold(struct str name, char ret[CSV_NAME_MAX], size_t *ret_n)
{
    size_t n = 0;

    for (size_t i = 0; i < name.n; i++)
        if (ch_alnum(name.p[i])) {
            if (n == CSV_NAME_MAX)
                return false;
            ret[n++] = (char)ch_lower(name.p[i]);
        }
    *ret_n = n;
    return true;
}

bool csv_map_next(struct str *rest, struct str *ret_field, struct str *ret_column)
{
    struct str item;

    while (str_cut(rest, ',', &item)) {
        item = str_trim(item);
        if (!item.n)
            continue;
        size_t eq = str_chr(item, '=');
        *ret_field  = str_trim(str_sub(item, 0, eq == STR_NONE ? item.n : eq));
        *ret_column = eq == STR_NONE ? STR_EMPTY : str_trim(str_from(item, eq + 1));
        return true;
    }
    return false;
}
