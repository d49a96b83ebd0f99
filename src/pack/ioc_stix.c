/*
 * STIX 2.1 bundles: what their indicators look for.
 *
 * A pattern becomes alternatives, each a set of comparisons that must hold of one file or one request. What cannot be evaluated makes its
 * alternative unusable, never wider: OR drops it and tells, AND drops the whole. Observations that must follow one another, and qualifiers
 * of time, are refused.
 * Source   STIX 2.1, section 9 "STIX Patterning"; observable types and properties: sections 6 and 9.7.
 */
#include "pack/ioc_parts.h"

#include "base/num.h"


enum { ALTERNATIVES_MAX = 64, NESTED_MAX = 16, PATTERN_MAX = 32 << 10, IDENTITIES_MAX = 64 };

struct all { struct ioc_term term[IOCS_ALSO_MAX]; size_t n; const char *why; };      /* why: cannot be used */
struct any { struct all *item; size_t n; };

/* `lists` is given back after each pattern: alternatives are copied while they grow. */
struct pattern_reader { struct ioc_reader *r; struct arena lists; struct str rest; const char *why; bool memory; };

static bool stop(struct pattern_reader *p, const char *why)
{
    if (!p->why)
        p->why = why;
    return false;
}

static bool full(struct pattern_reader *p)
{
    p->memory = true;
    return stop(p, "no room for indicators");
}

static bool too_large(struct pattern_reader *p) { return stop(p, "the pattern is too large"); }

static void blank(struct pattern_reader *p)
{
    while (p->rest.n && ch_space(p->rest.p[0]))
        p->rest = str_from(p->rest, 1);
}

static bool symbol(struct pattern_reader *p, const char *s)
{
    blank(p);
    if (!str_starts(p->rest, str_c(s)))
        return false;
    p->rest = str_from(p->rest, str_c(s).n);
    return true;
}

static bool word(struct pattern_reader *p, const char *w)
{
    blank(p);
    size_t n = str_c(w).n;
    if (!str_istarts(p->rest, str_c(w)) || (p->rest.n > n && (ch_alnum(p->rest.p[n]) || p->rest.p[n] == '_')))
        return false;
    p->rest = str_from(p->rest, n);
    return true;
}

/* 'it\'s' */
static bool quoted(struct pattern_reader *p, struct str *ret)
{
    blank(p);
    struct str s = p->rest;
    if (!s.n || s.p[0] != '\'')
        return false;
    uint8_t *q = NULL;
    size_t   i = 1, n = 0;
    for (; i < s.n && s.p[i] != '\''; i++)
        if (s.p[i] == '\\')
            i++;
    if (i >= s.n)
        return stop(p, "a text in the pattern does not end");
    q = NEW(p->r->a, uint8_t, i);
    if (!q)
        return full(p);
    for (size_t k = 1; k < i; k++) {
        k += s.p[k] == '\\';
        q[n++] = s.p[k];
    }
    *ret    = (struct str){ q, n };
    p->rest = str_from(s, i + 1);
    return true;
}

/* file:hashes.'SHA-256', quotes and all. */
static struct str path(struct pattern_reader *p)
{
    size_t i = 0;
    bool   in = false;

    blank(p);
    for (; i < p->rest.n; i++) {
        uint8_t c = p->rest.p[i];
        if (c == '\'')
            in = !in;
        else if (!in && !ch_alnum(c) && c != '-' && c != '_' && c != '.' && c != ':' && c != '[' && c != ']' && c != '*')
            break;
        else if (!in && c == ']')
            break;
    }
    struct str s = str_sub(p->rest, 0, i);
    p->rest = str_from(p->rest, i);
    return s;
}

static const char *kind_of(struct str path, enum ioc_kind *ret)
{
    static const struct { const char *path; enum ioc_kind kind; } table[] = {
        { "file:hashes.sha256", IOC_SHA256 }, { "file:hashes.sha1", IOC_SHA1 }, { "file:hashes.md5", IOC_MD5 }, { "file:name", IOC_FILE_NAME },
        { "file:parentdirectoryref.path", IOC_PATH_PART }, { "ipv4addr:value", IOC_IP }, { "ipv6addr:value", IOC_IP }, { "networktraffic:srcref.value", IOC_IP },
        { "domainname:value", IOC_DOMAIN }, { "url:value", IOC_URL }, { "networktraffic:extensions.httprequestext.requestvalue", IOC_URI },
        { "networktraffic:extensions.httprequestext.requestheader.useragent", IOC_USER_AGENT },
    };
    static const struct { const char *head, *why; } not_here[] = {
        { "process:", "processes are not in this evidence" }, { "windows-registry-key:", "the registry is not read for indicators" },
        { "email", "mail is not read for indicators" }, { "directory:", "a folder alone is not looked for" }, { "mutex:", "memory is not in this evidence" },
        { "x509-certificate:", "certificates are not read for indicators" }, { "software:", "installed software is not read for indicators" },
        { "user-account:", "accounts are not read for indicators" }, { "network-traffic:", "of network traffic, clients and their requests are in this evidence" },
        { "file:hashes", "of hashes, SHA-256, SHA-1 and MD5 are compared" }, { "file:", "of files, hashes, names and folders are compared" },
    };
    char   flat[96];
    size_t n = 0;

    for (size_t i = 0; i < path.n && n < sizeof flat; i++)
        if (path.p[i] != '\'' && path.p[i] != '-' && path.p[i] != '_')
            flat[n++] = (char)ch_lower(path.p[i]);
    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (str_eq((struct str){ (const uint8_t *)flat, n }, str_c(table[i].path))) {
            *ret = table[i].kind;
            return NULL;
        }
    for (size_t i = 0; i < COUNT_OF(not_here); i++)
        if (str_istarts(path, str_c(not_here[i].head)))
            return not_here[i].why;
    return "a kind of object that this evidence does not hold";
}

static bool one_value(struct pattern_reader *p, struct str obj, enum ioc_kind kind, struct all *ret)
{
    struct str  v = STR_EMPTY;
    const char *why = NULL;

    (void)obj;
    if (!quoted(p, &v)) {
        if (p->why)
            return false;
        /* A number, a time t'...', true: nothing that we compare. */
        if (str_starts(p->rest, STR("t'")) || str_starts(p->rest, STR("h'")) || str_starts(p->rest, STR("b'"))) {
            p->rest = str_from(p->rest, 1);
            if (!quoted(p, &v))
                return stop(p, "a value in the pattern is broken");
        } else if (!path(p).n) {
            return stop(p, "a value is missing in the pattern");
        }
        *ret = (struct all){ .why = ret->why ? ret->why : "a value that is no text" };
        return true;
    }
    if (ret->why)
        return true;
    if (kind == IOC_PATH_PART) {                           /* a folder, beside the name it is joined to */
        ret->term[0] = (struct ioc_term){ IOC_PATH_PART, v };
        ret->n = 1;
        return true;
    }
    if (ioc_normal(p->r, kind, v, &ret->term[0], &why)) {
        ret->n = 1;
        return true;
    }
    if (!why)
        return full(p);
    ret->why = why;
    return true;
}

/* path = 'x', path IN ('x', 'y'), path ISSUBSET 'x'; the other operators are read and refused. */
static bool test(struct pattern_reader *p, struct any *ret)
{
    struct all    now = { .why = NULL };
    enum ioc_kind kind = IOC_KINDS;
    struct str    obj = path(p);
    static const char *const refused[] = { "!=", "<=", ">=", "<", ">" };
    static const char *const words[] = { "LIKE", "MATCHES", "ISSUPERSET" };

    if (!obj.n || str_chr(obj, ':') == STR_NONE)
        return stop(p, "the pattern is broken: an object path is expected");
    now.why = kind_of(obj, &kind);
    if (word(p, "NOT"))
        now.why = "what must not be there is not looked for";
    bool in = word(p, "IN");
    if (!in && !word(p, "ISSUBSET")) {
        bool known = false;
        for (size_t i = 0; i < COUNT_OF(refused) && !known; i++)
            if ((known = symbol(p, refused[i])))
                now.why = "of operators, =, IN and ISSUBSET are evaluated";
        for (size_t i = 0; i < COUNT_OF(words) && !known; i++)
            if ((known = word(p, words[i])))
                now.why = "of operators, =, IN and ISSUBSET are evaluated";
        if (!known && !symbol(p, "==") && !symbol(p, "="))
            return stop(p, "the pattern is broken: an operator is expected");
    }
    ret->item = NEW(&p->lists, struct all, in ? ALTERNATIVES_MAX : 1);
    if (!ret->item)
        return too_large(p);
    ret->n = 0;
    if (in && !symbol(p, "("))
        return stop(p, "the pattern is broken: IN takes a list");
    do {
        if (ret->n == ALTERNATIVES_MAX)
            return stop(p, "more than 64 alternatives");
        ret->item[ret->n] = now;
        if (!one_value(p, obj, kind, &ret->item[ret->n]))
            return false;
        ret->n++;
    } while (in && symbol(p, ","));
    return !in || symbol(p, ")") || stop(p, "the pattern is broken: a list does not end");
}

static bool join_or(struct pattern_reader *p, struct any *into, const struct any *more)
{
    if (into->n + more->n > ALTERNATIVES_MAX)
        return stop(p, "more than 64 alternatives");
    struct all *list = NEW(&p->lists, struct all, into->n + more->n);
    if (!list)
        return too_large(p);
    for (size_t i = 0; i < into->n; i++)
        list[i] = into->item[i];
    for (size_t i = 0; i < more->n; i++)
        list[into->n + i] = more->item[i];
    *into = (struct any){ list, into->n + more->n };
    return true;
}

static bool join_and(struct pattern_reader *p, struct any *into, const struct any *more)
{
    if (into->n * more->n > ALTERNATIVES_MAX)
        return stop(p, "more than 64 alternatives");
    struct all *list = NEW(&p->lists, struct all, into->n * more->n), *at = list;
    if (!list)
        return too_large(p);
    for (size_t i = 0; i < into->n; i++)
        for (size_t k = 0; k < more->n; k++, at++) {
            *at = into->item[i];
            if (more->item[k].why && !at->why)
                at->why = more->item[k].why;
            if (at->n + more->item[k].n > IOCS_ALSO_MAX)
                return stop(p, "too many conditions at once");
            for (size_t m = 0; m < more->item[k].n; m++)
                at->term[at->n++] = more->item[k].term[m];
        }
    *into = (struct any){ list, into->n * more->n };
    return true;
}

static bool either(struct pattern_reader *p, struct any *ret, int depth);

static bool factor(struct pattern_reader *p, struct any *ret, int depth)
{
    if (!symbol(p, "("))
        return test(p, ret);
    if (depth == NESTED_MAX)
        return stop(p, "more than 16 parentheses in one another");
    return either(p, ret, depth + 1) && (symbol(p, ")") || stop(p, "the pattern is broken: a parenthesis does not end"));
}

static bool both(struct pattern_reader *p, struct any *ret, int depth)
{
    struct any more;

    if (!factor(p, ret, depth))
        return false;
    while (word(p, "AND"))
        if (!factor(p, &more, depth) || !join_and(p, ret, &more))
            return false;
    return true;
}

static bool either(struct pattern_reader *p, struct any *ret, int depth)
{
    struct any more;

    if (!both(p, ret, depth))
        return false;
    while (word(p, "OR"))
        if (!both(p, &more, depth) || !join_or(p, ret, &more))
            return false;
    return true;
}

/* [a] OR [b], also in parentheses. */
static bool observations(struct pattern_reader *p, struct any *ret, int depth)
{
    *ret = (struct any){ NULL, 0 };
    do {
        struct any one;
        if (symbol(p, "[")) {
            if (!either(p, &one, 0) || !(symbol(p, "]") || stop(p, "the pattern is broken: an observation does not end")))
                return false;
        } else if (symbol(p, "(")) {
            if (depth == NESTED_MAX)
                return stop(p, "more than 16 parentheses in one another");
            if (!observations(p, &one, depth + 1) || !(symbol(p, ")") || stop(p, "the pattern is broken: a parenthesis does not end")))
                return false;
        } else {
            return stop(p, "the pattern is broken: an observation is expected");
        }
        if (word(p, "AND"))
            return stop(p, "observations that must both be there (AND between them) are not evaluated");
        if (word(p, "FOLLOWEDBY"))
            return stop(p, "observations that must follow one another (FOLLOWEDBY) are not evaluated");
        if (word(p, "WITHIN") || word(p, "REPEATS") || word(p, "START") || word(p, "STOP"))
            return stop(p, "qualifiers of time (WITHIN, REPEATS, START) are not evaluated");
        if (!join_or(p, ret, &one))
            return false;
    } while (word(p, "OR"));
    return true;
}

/* A name and its folder are one path; a folder without a name is nothing to look for. */
static bool join_path(struct pattern_reader *p, struct all *x, const char **why)
{
    size_t dir = SIZE_MAX, name = SIZE_MAX;

    for (size_t i = 0; i < x->n; i++) {
        dir  = x->term[i].kind == IOC_PATH_PART ? i : dir;
        name = x->term[i].kind == IOC_FILE_NAME ? i : name;
    }
    *why = NULL;
    if (dir == SIZE_MAX)
        return true;
    if (name == SIZE_MAX) {
        *why = "a folder without a name is not looked for";
        return false;
    }
    struct str both_of = str_cat(p->r->a, str_cat(p->r->a, x->term[dir].value, STR("\\")), x->term[name].value);
    if (!both_of.p || !ioc_normal(p->r, IOC_PATH_SUFFIX, both_of, &x->term[name], why))
        return *why ? false : full(p);
    x->term[dir] = x->term[--x->n];
    return true;
}

static bool take_alternatives(struct pattern_reader *p, struct err *e)
{
    struct ioc_reader *r = p->r;
    struct any         any;

    bool ok = observations(p, &any, 0);
    blank(p);
    if (ok && p->rest.n)
        ok = stop(p, "the pattern is broken: something follows its end");
    if (p->memory)
        return err_set(e, ERR_MEMORY, "%s", p->why);
    if (!ok)
        return ioc_refuse(r, str_c(p->why), e);
    for (size_t i = 0; i < any.n; i++) {
        struct all *x = &any.item[i];
        const char *why = x->why;
        if (!why && !join_path(p, x, &why) && p->memory)
            return err_set(e, ERR_MEMORY, "%s", p->why);
        if (!(why ? ioc_refuse(r, str_c(why), e) : ioc_take_all(r, x->term, x->n, e)))
            return false;
    }
    return true;
}

/* The lists of one pattern stand at the far end of the room, and go when it is read. No fault is injected there: to run out is a refusal. */
static bool take_pattern(struct ioc_reader *r, struct str text, struct err *e)
{
    size_t                lists = arena_room(r->a) / 2 / 64 * 64;
    uint8_t              *end = r->a->end;
    struct pattern_reader p = { .r = r, .lists = { end - lists, end, NULL }, .rest = text };

    r->a->end = end - lists;
    bool ok = take_alternatives(&p, e);
    r->a->end = end;
    return ok;
}

static bool text_of(struct ioc_reader *r, struct str object, const char *key, struct str *ret, struct err *e)
{
    struct str raw = ioc_cut_get(object, key);

    *ret = ioc_json_text(r->a, raw);
    return ret->p || !raw.n ? true : err_set(e, ERR_MEMORY, "no room for indicators");
}

static bool take_object(struct ioc_reader *r, struct str o, struct err *e)
{
    struct str type, kind, pattern, until;

    if (!text_of(r, o, "type", &type, e))
        return false;
    if (!str_eq(type, STR("indicator")))
        return true;                                       /* what an indicator speaks of, who wrote it ... */
    if (!text_of(r, o, "id", &r->id, e) || !text_of(r, o, "name", &r->name, e) || !text_of(r, o, "pattern_type", &kind, e) ||
        !text_of(r, o, "pattern", &pattern, e) || !text_of(r, o, "valid_until", &until, e))
        return false;
    r->until_us = TIME_NONE;
    if (str_eq(ioc_cut_get(o, "revoked"), STR("true")))
        return ioc_refuse(r, STR("revoked by its publisher"), e);
    if (kind.n && !str_eq(kind, STR("stix"))) {
        struct str why = str_fmt(r->a, "a pattern of type %.*s: rules are given with --rules", STR_ARG(str_sub(kind, 0, 40)));
        return why.p ? ioc_refuse(r, why, e) : err_set(e, ERR_MEMORY, "no room for indicators");
    }
    if (until.n && !time_parse(until, &r->until_us))
        return ioc_refuse(r, STR("valid_until is no time"), e);
    if (!pattern.n || pattern.n > PATTERN_MAX)
        return ioc_refuse(r, pattern.n ? STR("the pattern is too long") : STR("no pattern"), e);
    return take_pattern(r, pattern, e);
}

/* Who wrote it: the identity that the first indicator names as its creator. */
static bool publisher(struct ioc_reader *r, struct str list, struct err *e)
{
    struct ioc_cut c;
    struct str     key, o, by = STR_EMPTY;

    for (int pass = 0; pass < 2; pass++) {
        if (!ioc_cut_open(&c, list))
            return true;
        while (ioc_cut_next(&c, &key, &o)) {
            struct str type = ioc_cut_get(o, "type");
            if (!pass && str_eq(type, STR("\"indicator\"")) && (by = ioc_cut_get(o, "created_by_ref")).n)
                break;
            if (pass && by.n && str_eq(type, STR("\"identity\"")) && str_eq(ioc_cut_get(o, "id"), by))
                return text_of(r, o, "name", &r->s->file[r->file].publisher, e);
        }
        if (!by.n)
            return true;
    }
    return true;
}

bool ioc_read_stix(struct ioc_reader *r, struct str text, struct err *e)
{
    struct ioc_cut c;
    struct str     key, o, list = ioc_cut_get(text, "objects");

    if (!list.n)
        list = text;                                       /* one object, or a bare list of them */
    if (!ioc_cut_open(&c, list))
        return err_set(e, ERR_FORMAT, "the bundle holds no objects");
    if (c.end == '}')
        return take_object(r, list, e);
    if (!publisher(r, list, e))
        return false;
    while (ioc_cut_next(&c, &key, &o)) {
        r->line++;
        r->id = r->name = STR("");
        if (c.cut)
            break;
        if (!take_object(r, o, e))
            return false;
    }
    r->line += !c.cut;
    r->id = r->name = STR("");
    return (!c.bad && !c.cut) || ioc_refuse(r, STR("the file is damaged from here on"), e);
}
