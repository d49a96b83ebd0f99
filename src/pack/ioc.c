/*
 * Indicators and what each proves alone.
 *
 * Source   ProxyLogon evidence sheet, section 13, quality notes: addresses are of 2021 and partly scanners; user agents alone are never
 *          evidence; names need a web folder; rows whose only source is an unverified community list count one step less.
 */
#include "pack/parts.h"
#include "pack/table.h"

#include "base/num.h"
#include "base/winpath.h"

static const struct ioc_type {
    const char     *name;
    enum ioc_kind   kind;
    enum ioc_weight weight, most;      /* most: a weight column may not say more */
} types[] = {
    { "sha256",         IOC_SHA256,          IOC_ACCUSES,  IOC_ACCUSES },
    { "sha1",           IOC_SHA1,            IOC_ACCUSES,  IOC_ACCUSES },
    { "md5",            IOC_MD5,             IOC_ACCUSES,  IOC_ACCUSES },
    { "ip",             IOC_IP,              IOC_CONTEXT,  IOC_SUPPORTS },
    { "domain",         IOC_DOMAIN,          IOC_SUPPORTS, IOC_SUPPORTS },
    { "useragent",      IOC_USER_AGENT,      IOC_SUPPORTS, IOC_SUPPORTS },
    { "uri",            IOC_URI,             IOC_SUPPORTS, IOC_SUPPORTS },
    { "uripost",        IOC_URI_POST,        IOC_SUPPORTS, IOC_SUPPORTS },
    { "pathsuffix",     IOC_PATH_SUFFIX,     IOC_SUPPORTS, IOC_ACCUSES },
    { "pathpart",       IOC_PATH_PART,       IOC_SUPPORTS, IOC_SUPPORTS },
    { "filename",       IOC_FILE_NAME,       IOC_SUPPORTS, IOC_SUPPORTS },
    { "filename_regex", IOC_FILE_NAME_REGEX, IOC_SUPPORTS, IOC_SUPPORTS },
    { "extension",      IOC_EXTENSION,       IOC_SUPPORTS, IOC_SUPPORTS },
    { "filemarker",     IOC_FILE_MARKER,     IOC_SUPPORTS, IOC_ACCUSES },
    { "chopperkey",     IOC_CHOPPER_KEY,     IOC_SUPPORTS, IOC_SUPPORTS },
    { "taskname",       IOC_TASK_NAME,       IOC_SUPPORTS, IOC_SUPPORTS },
    { "servicename",    IOC_SERVICE_NAME,    IOC_SUPPORTS, IOC_SUPPORTS },
};

/* Words of a description that take weight away: the publisher's own doubt. */
static const char *const doubts[] = { "weak alone", "probed by scanners", "random eight-character" };

/* Sources stand between " | ". */
static bool only_community(struct str source)
{
    struct str one;

    if (!source.n)
        return false;
    while (str_cut(&source, '|', &one))
        if (!str_ihas(one, STR("community list")))
            return false;
    return true;
}

static enum ioc_weight weigh(const struct ioc_type *t, const struct ioc *i)
{
    enum ioc_weight w = t->weight;

    for (size_t k = 0; k < COUNT_OF(doubts); k++)
        if (str_ihas(i->description, str_c(doubts[k])))
            w = IOC_CONTEXT;
    if (w == IOC_ACCUSES && str_ihas(i->description, STR("dual-use")))
        w = IOC_SUPPORTS;
    if (w != IOC_CONTEXT && only_community(i->source))
        w--;
    return w;
}

static size_t hash_digits(enum ioc_kind k) { return k == IOC_SHA256 ? 64 : k == IOC_SHA1 ? 40 : k == IOC_MD5 ? 32 : 0; }

static bool one_read(struct pack_building *b, const struct table *t, struct ioc *ret, struct err *e)
{
    struct str             type = table_cell(t, "type"), weight = table_cell(t, "weight");
    const struct ioc_type *k = NULL;
    struct ioc             i = { .value = table_cell(t, "value"), .description = table_cell(t, "description"), .source = table_cell(t, "source") };

    for (size_t n = 0; n < COUNT_OF(types) && !k; n++)
        if (str_ieq(type, str_c(types[n].name)))
            k = &types[n];
    if (!k)
        return err_set(e, ERR_FORMAT, "line %u: unknown type \"%.*s\"", t->line, STR_ARG(str_sub(type, 0, 40)));
    if (i.value.n == 0 || i.value.n > 1024)
        return err_set(e, ERR_FORMAT, "line %u: a value of %zu bytes, 1 to 1024 accepted", t->line, i.value.n);
    i.kind = k->kind;
    size_t digits = hash_digits(i.kind);
    if (digits) {
        uint8_t bytes[32];
        if (!num_unhex(i.value, bytes, digits / 2))
            return err_set(e, ERR_FORMAT, "line %u: not %zu hex digits", t->line, digits);
        i.value = str_lower(b->a, i.value);
        if (!i.value.p)
            return err_set(e, ERR_MEMORY, "no room for indicators");
    }
    i.weight = weigh(k, &i);
    if (weight.n) {
        i.weight = str_ieq(weight, STR("accuses")) ? IOC_ACCUSES : str_ieq(weight, STR("supports")) ? IOC_SUPPORTS : IOC_CONTEXT;
        if (i.weight == IOC_CONTEXT && !str_ieq(weight, STR("context")))
            return err_set(e, ERR_FORMAT, "line %u: weight is context, supports or accuses", t->line);
        if (i.weight > k->most)
            return err_set(e, ERR_FORMAT, "line %u: a %s alone never accuses", t->line, k->name);
    }
    *ret = i;
    return true;
}

bool pack_iocs_read(struct pack_building *b, struct str text, struct err *e)
{
    struct pack *p = b->p;
    struct table t;
    struct err   mine = { 0 };

    if (!table_open(&t, b->a, text, e))
        return false;
    if (!table_has(&t, "type") || !table_has(&t, "value"))
        return err_set(e, ERR_FORMAT, "line 1: the header needs type and value");
    while (table_next(&t, &mine)) {
        struct ioc i;
        if (!one_read(b, &t, &i, e))
            return false;
        if (p->ioc_n >= PACK_ROWS_MAX)
            return err_set(e, ERR_LIMIT, "more than %d indicators", PACK_ROWS_MAX);
        struct ioc *at = GROW(b->a, p->ioc, p->ioc_n, &b->ioc_cap);
        if (!at)
            return err_set(e, ERR_MEMORY, "no room for indicators");
        *at = i;
        if (hash_digits(i.kind)) {
            uint32_t had = map_get(&p->ioc_hash, i.value);       /* the same hash twice: the heavier row speaks */
            if ((had == MAP_NONE || p->ioc[had].weight < i.weight) && !map_put(&p->ioc_hash, b->a, i.value, (uint32_t)p->ioc_n))
                return err_set(e, ERR_MEMORY, "no room for indicators");
        }
        p->ioc_n++;
    }
    if (mine.kind != ERR_NONE) {
        *e = mine;
        return false;
    }
    return true;
}

/* "\inetpub\wwwroot\aspnet_client\x.aspx" is served as "/aspnet_client/x.aspx", "\FrontEnd\HttpProxy\owa\auth\x.aspx" as "/owa/auth/x.aspx". */
static struct str served_part(struct str suffix)
{
    static const struct str root[] = { STR_INIT("\\inetpub\\wwwroot"), STR_INIT("\\FrontEnd\\HttpProxy") };

    for (size_t i = 0; i < COUNT_OF(root); i++)
        if (str_istarts(suffix, root[i]))
            return str_from(suffix, root[i].n);
    return STR_EMPTY;
}

static bool same_place(struct str windows, struct str url)
{
    if (windows.n != url.n || !url.n)
        return false;
    for (size_t i = 0; i < url.n; i++)
        if (ch_lower(windows.p[i] == '\\' ? '/' : windows.p[i]) != ch_lower(url.p[i]))
            return false;
    return true;
}

bool pack_page_published(const struct pack *p, struct str url)
{
    for (size_t i = 0; i < p->ioc_n; i++) {
        const struct ioc *ioc = &p->ioc[i];
        if ((ioc->kind == IOC_URI && str_ieq(ioc->value, url)) ||
            (ioc->kind == IOC_PATH_SUFFIX && winpath_is_page(ioc->value) && same_place(served_part(ioc->value), url)))
            return true;
    }
    return false;
}
