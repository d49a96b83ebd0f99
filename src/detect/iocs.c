#include "detect/iocs.h"

#include "base/num.h"
#include "base/winpath.h"

enum { LITERAL_MIN = 4, NETWORK_MIN = 16 };

static size_t addresses(const struct iocs *s) { return iocs_count(s, IOC_IP) + iocs_count(s, IOC_NETWORK); }

static size_t others(const struct iocs *s)
{
    return iocs_count(s, IOC_URL) + iocs_count(s, IOC_URI) + iocs_count(s, IOC_DOMAIN) + iocs_count(s, IOC_USER_AGENT);
}

bool iocs_fit(const struct iocs *s, struct err *e)
{
    if (others(s) <= IOCS_SEARCHED_MAX)
        return true;
    err_set(e, ERR_LIMIT, "%zu URLs, domains and user agents, at most %d are searched for in logs", others(s), IOCS_SEARCHED_MAX);
    return err_hint(e, "Hunt with a part of them at a time. Hashes, paths and addresses may be more.");
}

/* --- literals --- */

/* Logs may spell these in another way. */
static bool plain(uint8_t c) { return ch_alnum(c) || c == '-' || c == '.' || c == '_' || c == ':' || c == '/'; }

static struct str longest(struct str s)
{
    struct str best = STR_EMPTY;

    for (size_t i = 0; i < s.n;) {
        size_t from = i;
        while (i < s.n && plain(s.p[i]) && s.p[i] != '/')
            i++;
        if (i - from > best.n)
            best = str_sub(s, from, i);
        i += i == from || i < s.n;
    }
    return best;
}

/* "198.51.100." of a /24, "198.51." of a /16 to /23. */
static struct str network_literal(struct str v)
{
    size_t   slash = str_chr(v, '/'), dots = 0, i = 0;
    uint32_t n = 0;

    if (str_chr(v, ':') != STR_NONE || !num_u32(str_from(v, slash + 1), &n) || n < NETWORK_MIN)
        return STR_EMPTY;
    for (; i < slash && dots < (n >= 24 ? 3u : 2u); i++)
        dots += v.p[i] == '.';
    return str_sub(v, 0, i);
}

struct str iocs_literal(const struct iocs *s, const struct user_ioc *i)
{
    struct str lit = STR_EMPTY;

    switch (i->kind) {
    case IOC_IP:
        lit = i->value;
        break;
    case IOC_NETWORK:
        lit = network_literal(i->value);
        break;
    case IOC_DOMAIN:
        lit = i->value;
        break;
    case IOC_URL:
        lit = str_sub(i->value, 0, str_chr(i->value, '/'));
        break;
    case IOC_URI:
        /* The page's own name: folders may be spelled in many ways, which the prefilter knows of. */
        lit = longest(str_from(i->value, str_rchr(i->value, '/') + 1));
        break;
    case IOC_USER_AGENT:
        lit = longest(i->value);
        break;
    default:
        break;
    }
    if ((i->kind == IOC_IP || i->kind == IOC_NETWORK) && addresses(s) + others(s) > IOCS_SEARCHED_MAX)
        return STR_EMPTY;
    return lit.n >= LITERAL_MIN ? lit : STR_EMPTY;
}

/* --- one record --- */

/* What a record says, in the forms that indicators have. */
struct said { struct str host[3], url[3], agent, uri, client, peer; };

static struct str host_of(struct arena *a, struct str s)
{
    size_t at = str_find(s, STR("://"));
    s = at == STR_NONE ? s : str_from(s, at + 3);
    s = str_sub(s, 0, str_chr(s, '/'));
    s = str_sub(s, 0, str_chr(s, ':'));
    return s.n && s.n < 254 ? str_lower(a, s) : STR_EMPTY;
}

static void say(struct said *w, const struct event *ev, struct arena *a)
{
    struct str referer = ev->referer, path = STR_EMPTY;
    size_t     at = str_find(referer, STR("://"));

    w->host[0] = host_of(a, ev->host);
    w->host[1] = host_of(a, ev->target_host);
    w->host[2] = at == STR_NONE ? STR_EMPTY : host_of(a, referer);
    if (w->host[2].n) {
        struct str rest = str_from(referer, at + 3);
        size_t     slash = str_chr(rest, '/');
        path = slash == STR_NONE ? STR_EMPTY : urlpath_canon(a, str_sub(str_from(rest, slash), 0, str_chr(str_from(rest, slash), '?')));
    }
    struct str paths[3] = { ev->url, ev->target_path, path };
    for (size_t i = 0; i < 3; i++)
        w->url[i] = w->host[i].n && paths[i].n ? str_cat(a, w->host[i], str_lower(a, paths[i])) : STR_EMPTY;
    w->uri    = ev->url;
    w->agent  = ev->user_agent.n && ev->user_agent.n <= IOCS_VALUE_MAX ? ioc_agent_fold(a, ev->user_agent) : STR_EMPTY;
    w->client = ev->client;
    w->peer   = ev->peer;
}

/* The name itself, or one above it. */
static bool in_domain(struct str host, struct str domain)
{
    return str_eq(host, domain) || (host.n > domain.n && str_ends(host, domain) && host.p[host.n - domain.n - 1] == '.');
}

static bool is_in(const struct iocs *s, const struct ioc_term *t, struct str address)
{
    /* Rare, so the address is simply asked again. */
    size_t at = iocs_find_ip(s, address);
    return str_eq(t->value, address) || (at != SIZE_MAX && str_eq(s->item[at].value, t->value));
}

static bool holds(const struct iocs *s, const struct ioc_term *t, const struct said *w)
{
    bool yes = false;

    switch (t->kind) {
    case IOC_DOMAIN:
        for (size_t i = 0; i < 3; i++)
            yes = yes || in_domain(w->host[i], t->value);
        return yes;
    case IOC_URL:
        for (size_t i = 0; i < 3; i++)
            yes = yes || str_eq(w->url[i], t->value);
        return yes;
    case IOC_URI:
        return str_eq(w->uri, t->value);
    case IOC_USER_AGENT:
        return str_eq(w->agent, t->value);
    case IOC_IP: case IOC_NETWORK:
        return is_in(s, t, w->client) || is_in(s, t, w->peer);
    default:
        return false;
    }
}

/* Of equal ones, the first whose other conditions hold. */
static uint32_t fitting(const struct iocs *s, size_t at, const struct said *w, int64_t time_us)
{
    for (size_t i = at; i < s->n && s->item[i].kind == s->item[at].kind && str_eq(s->item[i].value, s->item[at].value); i++) {
        const struct user_ioc *x = &s->item[i];
        bool ok = x->until_us == TIME_NONE || time_us == TIME_NONE || time_us <= x->until_us;
        for (uint32_t k = 0; ok && k < x->also_n; k++)
            ok = holds(s, &s->term[x->also + k], w);
        if (ok)
            return (uint32_t)i;
    }
    return UINT32_MAX;
}

static uint32_t by_value(const struct iocs *s, enum ioc_kind kind, struct str value, const struct said *w, int64_t time_us)
{
    size_t at = value.n && iocs_count(s, kind) ? iocs_find(s, kind, value) : SIZE_MAX;
    return at == SIZE_MAX ? UINT32_MAX : fitting(s, at, w, time_us);
}

static uint32_t by_domain(const struct iocs *s, struct str host, const struct said *w, int64_t time_us)
{
    uint32_t at = UINT32_MAX;

    while (host.n && iocs_count(s, IOC_DOMAIN) && (at = by_value(s, IOC_DOMAIN, host, w, time_us)) == UINT32_MAX) {
        size_t dot = str_chr(host, '.');
        host = dot == STR_NONE ? STR_EMPTY : str_from(host, dot + 1);
    }
    return at;
}

static uint32_t by_address(const struct iocs *s, struct str address, const struct said *w, int64_t time_us)
{
    size_t at = iocs_find_ip(s, address);
    return at == SIZE_MAX ? UINT32_MAX : fitting(s, at, w, time_us);
}

uint32_t iocs_of(const struct iocs *s, const struct event *ev, int64_t time_us, struct arena scratch)
{
    struct said w;
    uint32_t    at = UINT32_MAX;

    if (s->first[IOC_KINDS] == 0)
        return UINT32_MAX;
    say(&w, ev, &scratch);
    for (size_t i = 0; i < 3 && at == UINT32_MAX; i++)
        at = by_value(s, IOC_URL, w.url[i], &w, time_us);
    if (at == UINT32_MAX)
        at = by_value(s, IOC_URI, w.uri, &w, time_us);
    for (size_t i = 0; i < 3 && at == UINT32_MAX; i++)
        at = by_domain(s, w.host[i], &w, time_us);
    if (at == UINT32_MAX)
        at = by_address(s, w.client, &w, time_us);
    /* A referer's or a target's host may be an address as well. */
    for (size_t i = 0; i < 3 && at == UINT32_MAX; i++)
        at = i ? by_address(s, w.host[i], &w, time_us) : by_address(s, w.peer, &w, time_us);
    if (at == UINT32_MAX)
        at = by_value(s, IOC_USER_AGENT, w.agent, &w, time_us);
    return at;
}
