#include <string.h>

#include "webshell/api_table.h"

/* Longer names belong to no class here. */
enum { API_NAME_MAX = 64, API_BASES_MAX = 8 };

struct api_name { const char *name; const struct api_class *cls; };
static const struct api_name names[] = {
#define NAMED(name, id) { name, &api_##id },
#include "webshell/api_names.h"
#undef NAMED
};

static const char *const sinks[SINK_KINDS] = {
    [SINK_NONE] = "does nothing", [SINK_CODE] = "runs text as code", [SINK_LOAD] = "loads code", [SINK_DESERIALISE] = "makes objects of bytes",
    [SINK_MEMORY] = "runs native code from memory", [SINK_PROCESS] = "starts a program", [SINK_WRITE] = "writes a file", [SINK_DELETE] = "deletes a file",
    [SINK_RENAME] = "moves or copies a file", [SINK_TOUCH] = "changes a file's times or attributes", [SINK_READ] = "reads a file", [SINK_LIST] = "lists a folder",
    [SINK_CONNECT] = "connects to another machine", [SINK_SEND] = "sends to another machine", [SINK_RECEIVE] = "receives from another machine",
    [SINK_SQL] = "sends a query to a database", [SINK_RESPOND] = "writes to the response", [SINK_REGISTRY] = "writes the registry",
    [SINK_ACCOUNT] = "changes accounts or the directory", [SINK_INCLUDE] = "runs another page", [SINK_STORE] = "stores for a later request",
};
const char *sink_name(enum sink s) { return s < SINK_KINDS ? sinks[s] : sinks[SINK_NONE]; }

static int name_cmp(struct str s, const char *row)
{
    for (size_t i = 0; i < s.n; i++) {
        int d = (int)ch_lower(s.p[i]) - (int)ch_lower((uint8_t)row[i]);
        if (d || !row[i])
            return d ? d : 1;
    }
    return row[s.n] ? -1 : 0;
}

static const struct api_class *class_named(struct str s)
{
    size_t lo = 0, hi = COUNT_OF(names);

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int    d   = name_cmp(s, names[mid].name);
        if (d == 0)
            return names[mid].cls;
        if (d < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return NULL;
}

/* Objects of a page, which bear plain words as names: "Excel.Application" is not the page's Application. */
static bool class_is_global(const struct api_class *c)
{
    return c == &api_request || c == &api_response || c == &api_server || c == &api_session || c == &api_application || c == &api_context || c == &api_cache
        || c == &api_page || c == &api_user;
}

static bool all_digits(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!ch_digit(s.p[i]))
            return false;
    return s.n > 0;
}

const struct api_class *api_class_find(struct str name)
{
    name = str_trim(name);
    if (str_istarts(name, STR("new:")))
        name = str_trim(str_from(name, 4));
    if (str_istarts(name, STR("clsid:")))
        name = str_trim(str_from(name, 6));
    if (!name.n)
        return NULL;
    /* Class ids stand in the list in braces and without them; "Type, Assembly" of .NET ends at its comma. */
    if (name.p[0] == '{' && name.p[name.n - 1] == '}')
        name = str_sub(name, 1, name.n - 1);
    struct str cut = name;
    for (size_t i = 1; i < name.n; i++)
        if (name.p[i] == '<' || name.p[i] == '`' || name.p[i] == ',' || (name.p[i] == '(' && name.p[i - 1] != '[')) {
            cut = str_trim(str_sub(name, 0, i));
            break;
        }
    if (cut.n >= 2 && cut.p[cut.n - 1] == ']')
        return &api_array;
    if (str_istarts(cut, STR("global::")))
        cut = str_from(cut, 8);
    while (cut.n && cut.p[cut.n - 1] == '?')
        cut.n--;

    const struct api_class *c = cut.n <= API_NAME_MAX ? class_named(cut) : NULL;
    size_t dot = str_rchr(cut, '.');
    struct str plain = cut;
    while (!c && dot != STR_NONE && all_digits(str_from(plain, dot + 1))) {     /* "Msxml2.ServerXMLHTTP.6.0" */
        plain = str_sub(plain, 0, dot);
        c = plain.n <= API_NAME_MAX ? class_named(plain) : NULL;
        dot = str_rchr(plain, '.');
    }
    if (c || dot == STR_NONE)
        return c;
    struct str last = str_from(plain, dot + 1);
    size_t plus = str_rchr(last, '+');
    if (plus != STR_NONE)
        last = str_from(last, plus + 1);
    c = last.n <= API_NAME_MAX ? class_named(last) : NULL;
    return c && class_is_global(c) && !str_istarts(plain, STR("system.")) && !str_istarts(plain, STR("my.")) ? NULL : c;
}

static const struct api_member *member_in(const struct api_class *c, struct str name)
{
    size_t lo = 0, hi = c->n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int    d   = name_cmp(name, c->member[mid].name);
        if (d == 0)
            return &c->member[mid];
        if (d < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return NULL;
}

const struct api_member *api_member_find(const struct api_class *cls, struct str name)
{
    size_t angle = str_chr(name, '<');

    if (angle != STR_NONE)
        name = str_sub(name, 0, angle);
    if (!name.n || name.n > API_NAME_MAX)
        return NULL;
    bool any = cls != NULL;
    for (int i = 0; cls && i < API_BASES_MAX; i++) {
        const struct api_member *m = cls->n ? member_in(cls, name) : NULL;
        if (m)
            return m;
        cls = cls->base ? class_named(str_c(cls->base)) : NULL;
    }
    return any ? member_in(&api_object, name) : NULL;
}

const struct api_member *api_function_find(enum ir_language l, struct str name)
{
    size_t lo = 0, hi = api_function_table_n;

    if (!name.n || name.n > API_NAME_MAX)
        return NULL;
    while (lo < hi) {                       /* the first row of that name: others, for other languages, follow */
        size_t mid = lo + (hi - lo) / 2;
        if (name_cmp(name, api_function_table[mid].m.name) <= 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    for (; lo < api_function_table_n && name_cmp(name, api_function_table[lo].m.name) == 0; lo++)
        if (api_function_table[lo].languages & 1u << l)
            return &api_function_table[lo].m;
    return NULL;
}

/*
 * Which server variables a visitor writes as he likes: HTTP_ headers and what follows the question mark. Names, addresses, own path and the like are facts
 * about the visit, and so are the two file names that the BITS extension of IIS hands over; the rest are facts about the server.
 * Source: IIS Server Variables; BITS upload server, notification by reference (Microsoft Learn).
 */
static const struct variable { const char *name; uint32_t marks; } variables[] = {
    { "ALL_HTTP", MARK_REQUEST }, { "ALL_RAW", MARK_REQUEST }, { "QUERY_STRING", MARK_REQUEST }, { "CONTENT_TYPE", MARK_REQUEST }, { "UNENCODED_URL", MARK_REQUEST },
    { "HTTP_URL", MARK_REQUEST }, { "HTTP_BITS-Request-DataFile-Name", MARK_IDENTITY }, { "HTTP_BITS-Response-DataFile-Name", MARK_IDENTITY }, { "HTTP_HOST", MARK_IDENTITY }, { "AUTH_PASSWORD", MARK_REQUEST }, { "APPL_MD_PATH", MARK_SYSTEM },
    { "APPL_PHYSICAL_PATH", MARK_SYSTEM }, { "SERVER_SOFTWARE", MARK_SYSTEM }, { "LOCAL_ADDR", MARK_SYSTEM }, { "INSTANCE_ID", MARK_SYSTEM },
    { "INSTANCE_META_PATH", MARK_SYSTEM }, { "GATEWAY_INTERFACE", MARK_SYSTEM }, { "SERVER_PORT", MARK_SYSTEM }, { "SERVER_PORT_SECURE", MARK_SYSTEM },
};

uint32_t api_variable_marks(struct str key)
{
    for (size_t i = 0; i < COUNT_OF(variables); i++)
        if (str_ieq_c(key, variables[i].name))
            return variables[i].marks;
    return str_istarts(key, STR("HTTP_")) || str_istarts(key, STR("HEADER_")) ? MARK_REQUEST : MARK_IDENTITY;
}
