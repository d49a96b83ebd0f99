/*
 * RDAP: objects of class "ip network", one, an array of them, or one a line. Of a small network the registrant is the organisation; of a large one it is the
 * provider, who is nobody's owner here.
 * Source: RFC 9083, section 5.4; RFC 7095 (jCard).
 */
#include "survey/where_inner.h"

#include "base/num.h"
#include "formats/jsontree.h"

enum { SMALL_BITS_4 = NET_BITS_4 + 24, SMALL_BITS_6 = 48, DEPTH_MAX = 4 };

/* ["vcard", [["fn", {}, "text", "Example Org"], ...]] */
static struct str full_name(const struct jt *t, const struct jt_node *card, struct arena *a)
{
    const struct jt_node *list = jt_next(t, jt_child(t, card));

    for (const struct jt_node *p = jt_child(t, list); p; p = jt_next(t, p)) {
        const struct jt_node *name = jt_child(t, p), *value = jt_next(t, jt_next(t, jt_next(t, name)));
        if (name && name->kind == JT_STRING && str_eq(jt_str(name, a), STR("fn")) && value && value->kind == JT_STRING)
            return str_trim(jt_str(value, a));
    }
    return STR_EMPTY;
}

static bool has_role(const struct jt *t, const struct jt_node *entity, const char *role, struct arena *a)
{
    for (const struct jt_node *r = jt_child(t, jt_get(t, entity, "roles")); r; r = jt_next(t, r))
        if (r->kind == JT_STRING && str_eq(jt_str(r, a), str_c(role)))
            return true;
    return false;
}

static struct str registrant(const struct jt *t, const struct jt_node *object, struct arena *a, int depth)
{
    struct str name = STR_EMPTY;

    for (const struct jt_node *x = jt_child(t, jt_get(t, object, "entities")); x && !name.n && depth < DEPTH_MAX; x = jt_next(t, x)) {
        if (has_role(t, x, "registrant", a))
            name = full_name(t, jt_get(t, x, "vcardArray"), a);
        if (!name.n)
            name = registrant(t, x, a, depth + 1);
    }
    return name;
}

static bool network(struct where *w, const struct jt *t, const struct jt_node *o, struct arena scratch, uint64_t *rows, uint64_t *bad, struct err *e)
{
    struct str start = jt_str(jt_get(t, o, "startAddress"), &scratch), end = jt_str(jt_get(t, o, "endAddress"), &scratch);
    struct str country = jt_str(jt_get(t, o, "country"), &scratch), name;
    uint8_t    a[16], b[16], at[16];
    struct net n;
    bool       done = false;

    if (!str_eq(jt_str(jt_get(t, o, "objectClassName"), &scratch), STR("ip network")) || !net_ip_parse(start, a) || !net_ip_parse(end, b) || net_is4(a) != net_is4(b)) {
        *bad += 1;
        return true;
    }
    for (size_t i = 0; i < sizeof at; i++)
        at[i] = a[i];
    if (!net_range(at, b, &done, &n)) {
        *bad += 1;
        return true;
    }
    *rows += 1;
    /* The first network of the range is never larger than the range, and a range that is no network is judged by its largest. */
    bool small = n.bits >= (net_is4(a) ? SMALL_BITS_4 : SMALL_BITS_6);
    while (small && net_range(at, b, &done, &n))
        small = n.bits >= (net_is4(a) ? SMALL_BITS_4 : SMALL_BITS_6);
    name = registrant(t, o, &scratch, 0);
    if (small && name.n && !nets_add_range(w, &w->small, a, b, where_owner(w, name, STR_EMPTY), e))
        return false;
    if (country.n == 2 && w->file_n < WHERE_FILES_MAX && w->file[w->file_n].kind == WHERE_RDAP)
        return nets_add_range(w, &w->file[w->file_n].nets, a, b, where_place(w, country, 0), e);
    return true;
}

static bool value(struct where *w, struct str text, uint64_t *rows, uint64_t *bad, const char **ret_why, struct err *e)
{
    struct arena scratch = *w->a;
    uint8_t     *end = w->a->end;
    struct jt    t;
    bool         ok = true;

    /* The tree lies in the upper half of what is free, lists grow in the lower one. */
    scratch.beg += arena_room(&scratch) / 2;
    w->a->end = scratch.beg;
    *ret_why = NULL;
    if (jt_parse(&t, &scratch, text, ret_why)) {
        const struct jt_node *root = jt_root(&t);
        if (root && root->kind == JT_OBJECT)
            ok = network(w, &t, root, scratch, rows, bad, e);
        else
            for (const struct jt_node *x = jt_child(&t, root); x && ok; x = jt_next(&t, x))
                ok = network(w, &t, x, scratch, rows, bad, e);
    }
    w->a->end = end;
    if (*ret_why && str_starts(str_c(*ret_why), STR("no room")))
        return err_set(e, ERR_MEMORY, "%s", *ret_why);
    return ok;
}

bool where_rdap(struct where *w, struct str text, uint64_t *rows, uint64_t *bad, struct err *e)
{
    const char *why = NULL;
    struct str  line;

    if (w->file_n == WHERE_FILES_MAX)
        return err_set(e, ERR_LIMIT, "more than %d files", WHERE_FILES_MAX);
    w->file[w->file_n].kind = WHERE_RDAP;
    if (!value(w, text, rows, bad, &why, e))
        return false;
    for (bool lines = why != NULL; lines && str_cut(&text, '\n', &line);) {
        if (!str_trim(line).n)
            continue;
        if (!value(w, line, rows, bad, &why, e))
            return false;
        *bad += why != NULL;
    }
    if (*rows == 0)
        return err_set(e, ERR_FORMAT, "no RDAP object \"ip network\" in it%s%s", why ? ": " : "", why ? why : "");
    w->file_n++;
    return true;
}
