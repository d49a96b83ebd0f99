/*
 * MISP events, one or many: attributes with to_ids, of the event and of its objects. What is deleted, or not meant to be looked for, is told.
 * Source   MISP core format (draft-dulaunoy-misp-core-format); interchange sheet, 3.5.
 */
#include "pack/ioc_parts.h"

static bool text_of(struct ioc_reader *r, struct str object, const char *key, struct str *ret, struct err *e)
{
    struct str raw = ioc_cut_get(object, key);

    *ret = ioc_json_text(r->a, raw);
    return ret->p || !raw.n ? true : err_set(e, ERR_MEMORY, "no room for indicators");
}

static bool is_on(struct str raw) { return str_eq(raw, STR("true")) || str_eq(raw, STR("1")) || str_eq(raw, STR("\"1\"")) || str_eq(raw, STR("\"true\"")); }

static bool take_attribute(struct ioc_reader *r, struct str o, struct str info, struct err *e)
{
    struct arena mark = *r->a;
    struct str   type, value;

    if (!text_of(r, o, "type", &type, e) || !text_of(r, o, "uuid", &r->id, e) || !text_of(r, o, "comment", &r->name, e) || !text_of(r, o, "value", &value, e))
        return false;
    if (!r->name.n)
        r->name = info;
    if (is_on(ioc_cut_get(o, "deleted")))
        return ioc_refuse(r, STR("deleted by its publisher"), e);
    if (!is_on(ioc_cut_get(o, "to_ids"))) {
        size_t had = r->s->refused_n;
        if (!ioc_refuse(r, STR("to_ids is off: its publisher does not want it looked for"), e))
            return false;
        if (r->s->refused_n == had)
            *r->a = mark;
        return true;
    }
    return ioc_take(r, type, value, e);
}

static bool take_list(struct ioc_reader *r, struct str list, struct str info, struct err *e)
{
    struct ioc_cut c;
    struct str     key, o;

    if (!list.n || !ioc_cut_open(&c, list) || c.end != ']')
        return true;
    while (ioc_cut_next(&c, &key, &o) && !c.cut) {
        r->line++;
        if (!take_attribute(r, o, info, e))
            return false;
    }
    return true;
}

static bool take_event(struct ioc_reader *r, struct str event, struct err *e)
{
    struct ioc_cut c;
    struct str     key, o, info, who = STR("");
    struct str     org = ioc_cut_get(event, "Orgc");

    if (!text_of(r, event, "info", &info, e) || (org.n && !text_of(r, org, "name", &who, e)))
        return false;
    if (!r->s->file[r->file].publisher.n)
        r->s->file[r->file].publisher = who;
    if (!take_list(r, ioc_cut_get(event, "Attribute"), info, e))
        return false;
    if (!ioc_cut_open(&c, ioc_cut_get(event, "Object")) || c.end != ']')
        return true;
    while (ioc_cut_next(&c, &key, &o)) {
        if (is_on(ioc_cut_get(o, "deleted"))) {
            r->line++;
            if (!ioc_refuse(r, STR("an object deleted by its publisher"), e))
                return false;
        } else if (!take_list(r, ioc_cut_get(o, "Attribute"), info, e)) {
            return false;
        }
    }
    return true;
}

/* {"Event": ...}, {"response": [...]} or {"response": {"Attribute": [...]}}, a list of events, an event without its wrapping. */
static bool take_any(struct ioc_reader *r, struct str v, int depth, struct err *e)
{
    struct ioc_cut c;
    struct str     key, o, inner;

    if (depth > 3 || !ioc_cut_open(&c, v))
        return true;
    if (c.end == ']') {
        while (ioc_cut_next(&c, &key, &o))
            if (!take_any(r, o, depth + 1, e))
                return false;
        return true;
    }
    if ((inner = ioc_cut_get(v, "Event")).n)
        return take_event(r, inner, e);
    if ((inner = ioc_cut_get(v, "response")).n)
        return take_any(r, inner, depth + 1, e);
    if (ioc_cut_get(v, "to_ids").n) {
        r->line++;
        return take_attribute(r, v, STR(""), e);
    }
    return take_event(r, v, e);
}

/* Does the text hold together to its end? */
static bool whole(struct str text)
{
    struct ioc_cut c;
    struct str     key, v;

    if (!ioc_cut_open(&c, text))
        return false;
    while (ioc_cut_next(&c, &key, &v))
        ;
    return !c.bad;
}

bool ioc_read_misp(struct ioc_reader *r, struct str text, struct err *e)
{
    if (!take_any(r, text, 0, e))
        return false;
    r->line++;
    r->id = r->name = STR("");
    return whole(text) || ioc_refuse(r, STR("the file is damaged from here on"), e);
}
