#include "formats/ecp.h"
#include "formats/csvrow.h"

/* "S:CMD=x": the key between type and value. What has no "=" is all value. */
static void name_and_value(struct str item, struct str *ret_name, struct str *ret_value)
{
    size_t eq = str_chr(item, '=');

    if (eq == STR_NONE) {
        *ret_name  = str_sub(item, 0, 0);
        *ret_value = item;
        return;
    }
    struct str name  = str_sub(item, 0, eq);
    size_t     colon = str_chr(name, ':');
    *ret_name  = str_trim(colon == STR_NONE ? name : str_from(name, colon + 1));
    *ret_value = str_from(item, eq + 1);
}

/*
 * A wrapped item, from its first quote. A quote followed by a quote is one quote; followed by ";" or nothing it ends the
 * item; followed by anything else it was never escaped.
 */
static bool wrapped(struct arena *scratch, struct str *rest, struct str *ret, bool *damaged)
{
    struct str s = *rest;
    size_t     at = 1, doubled = 0;
    bool       closed = false;

    while (at < s.n) {
        size_t hit = str_chr(str_from(s, at), '\'');
        if (hit == STR_NONE) {
            at = s.n;
        } else if (at + hit + 1 < s.n && s.p[at + hit + 1] == '\'') {
            at += hit + 2;
            doubled++;
        } else if (at + hit + 1 == s.n || s.p[at + hit + 1] == ';') {
            at += hit;
            closed = true;
            break;
        } else {
            at += hit + 1;
            *damaged = true;
        }
    }
    struct str inner = str_sub(s, 1, at);
    if (!closed)
        *damaged = true;
    *rest = closed && at + 1 < s.n ? str_from(s, at + 2) : STR_EMPTY;
    *ret  = inner;
    if (!doubled)
        return true;

    uint8_t *p = NEW(scratch, uint8_t, inner.n - doubled);
    size_t   n = 0;
    if (!p)
        return false;
    for (size_t i = 0; i < inner.n; i++) {
        p[n++] = inner.p[i];
        if (inner.p[i] == '\'' && i + 1 < inner.n && inner.p[i + 1] == '\'')
            i++;
    }
    *ret = (struct str){ p, n };
    return true;
}

bool ecp_items(struct arena *scratch, struct str data, struct record *r, struct err *e)
{
    struct str rest = data, item;
    size_t     want = 1;

    for (size_t i = 0; i < data.n; i++)
        want += data.p[i] == ';';
    if (want > RECORD_EXTRA_MAX)
        want = RECORD_EXTRA_MAX;
    r->extra_name  = NEW(scratch, struct str, want);
    r->extra_value = NEW(scratch, struct str, want);
    if (!r->extra_name || !r->extra_value)
        return err_set(e, ERR_MEMORY, "no room for %zu items", want);
    while (rest.n) {
        if (rest.p[0] != '\'')
            str_cut(&rest, ';', &item);
        else if (!wrapped(scratch, &rest, &item, &r->damaged))
            return err_set(e, ERR_MEMORY, "no room for an item of %zu bytes", rest.n);
        if (item.n == 0)
            continue;
        if (r->extra_n == want) {
            r->damaged = true;
            break;
        }
        name_and_value(item, &r->extra_name[r->extra_n], &r->extra_value[r->extra_n]);
        r->extra_n++;
    }
    return true;
}

static bool parse(const struct log_state *s, struct arena *scratch, struct str raw, struct record *ret, struct err *e)
{
    struct record r;
    struct str    data;

    if (!csvrow_parse(s, scratch, raw, &r, e))
        return false;
    if (record_get(&r, STR("EventData"), &data) && !ecp_items(scratch, data, &r, e))
        return false;
    *ret = r;
    return true;
}

const struct log_kind log_ecp = {
    .name           = "ecp",
    .dated          = true,
    .header_literal = csvrow_header_literal,
    .header         = csvrow_header,
    .parse          = parse,
    .time           = csvrow_time,
};
