#include "detect/event_inner.h"

#include "base/num.h"
#include "base/winpath.h"

static struct str extra(const struct record *r, struct str name)
{
    for (size_t i = 0; i < r->extra_n; i++)
        if (str_ieq(r->extra_name[i], name))
            return r->extra_value[i];
    return STR_EMPTY;
}

struct str event_plain_agent(struct arena *a, struct str s, bool plus)
{
    uint8_t *p = NEW(a, uint8_t, s.n ? s.n : 1);
    size_t   n = 0;

    if (!p)
        return s;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if ((plus && c == '+') || c == ',')
            c = ' ';
        if (c == ' ' && (n == 0 || p[n - 1] == ' '))
            continue;
        p[n++] = c;
    }
    while (n && p[n - 1] == ' ')
        n--;
    return (struct str){ p, n };
}

struct str event_without_port(struct str ip)
{
    size_t colon = str_chr(ip, ':');

    ip = str_trim(ip);
    if (ip.n && ip.p[0] == '[') {                        /* "[2001:db8::1]:443" */
        size_t end = str_chr(ip, ']');
        return end == STR_NONE ? ip : str_sub(ip, 1, end);
    }
    if (colon != STR_NONE && colon == str_rchr(ip, ':') && str_chr(ip, '.') != STR_NONE)
        return str_sub(ip, 0, colon);                    /* "198.51.100.1:50123" */
    size_t zone = str_chr(ip, '%');                      /* "fe80::1%12" */
    return zone == STR_NONE ? ip : str_sub(ip, 0, zone);
}

static bool is_proxy(const struct proxies *p, struct str ip)
{
    for (size_t i = 0; i < p->n; i++)
        if (str_eq(p->ip[i], ip))
            return true;
    return false;
}

struct str event_client(struct str peer, struct str forwarded, struct proxies *seen)
{
    struct str last = STR_EMPTY;

    if (!forwarded.n)
        return peer;
    if (peer.n && seen->keep && seen->n < EVENT_PROXIES_MAX && !is_proxy(seen, peer)) {
        struct str copy = str_dup(seen->keep, peer);
        if (copy.p)
            seen->ip[seen->n++] = copy;
    }
    for (struct str rest = forwarded, one; rest.n && str_cut(&rest, ',', &one);) {
        while (one.n && (one.p[0] == '+' || one.p[0] == ' '))
            one = str_from(one, 1);
        one = event_without_port(one);
        if (one.n && !str_eq(one, peer) && !is_proxy(seen, one))
            last = one;
    }
    return last.n ? last : peer;
}

/* The value of `name=` in a query, up to '&', ';' or the end. */
struct str event_query_value(struct str query, struct str name)
{
    for (struct str rest = query; rest.n;) {
        size_t at = str_ifind(rest, name);
        if (at == STR_NONE)
            return STR_EMPTY;
        bool       starts = at == 0 || rest.p[at - 1] == '&' || rest.p[at - 1] == ';' || rest.p[at - 1] == '?';
        struct str value  = str_from(rest, at + name.n);
        if (starts && value.n && value.p[0] == '=') {
            size_t end = 1;
            while (end < value.n && value.p[end] != '&' && value.p[end] != ';' && value.p[end] != '#' && value.p[end] != ' ')
                end++;
            return str_sub(value, 1, end);
        }
        rest = value;
    }
    return STR_EMPTY;
}

/* Report contract, "used": these are what Exchange itself appends; everything else is the client's. */
static bool appended_by_exchange(struct str part)
{
    static const struct str own[] = { STR_INIT("CorrelationID="), STR_INIT("ClientId="), STR_INIT("cafeReqId="),
                                      STR_INIT("RequestId="), STR_INIT("encoding=") };

    part = str_trim(part);
    for (size_t i = 0; i < COUNT_OF(own); i++)
        if (str_istarts(part, own[i]))
            return true;
    return part.n == 0;
}

static struct str query_left(struct arena *a, struct str query)
{
    struct str out = STR_EMPTY;
    bool       own = false;

    for (struct str r = query, amp; r.n && str_cut(&r, '&', &amp);)
        for (struct str s = amp, part; s.n && str_cut(&s, ';', &part);)
            own = own || appended_by_exchange(part);
    if (!own)
        return query;                                    /* untouched, the usual case */
    for (struct str r = query, amp; r.n && str_cut(&r, '&', &amp);)
        for (struct str s = amp, part; s.n && str_cut(&s, ';', &part);)
            if (!appended_by_exchange(part)) {
                struct str joined = out.n ? str_cat(a, out, STR("&")) : STR("");
                out = str_cat(a, joined, part);
            }
    return out;
}

static uint64_t number(struct str s)
{
    uint64_t v = 0;
    return num_u64(str_trim(s), &v) ? v : 0;
}

static bool machine_or_probe(struct str account)
{
    return account.n == 0 || account.p[account.n - 1] == '$' || str_ihas(account, STR("HealthMailbox")) ||
           str_ihas(account, STR("NT AUTHORITY")) || str_ihas(account, STR("SystemMailbox"));
}

/* What costs no more than to look it up. */
static struct event event_begin(enum family family, const struct record *r, const struct binding *b, struct proxies *seen)
{
    struct event e = { .family = family };

    e.stem       = event_cell(r, b, COL_STEM);
    e.query_raw  = event_cell(r, b, COL_QUERY);
    e.method     = event_cell(r, b, COL_METHOD);
    e.account    = event_cell(r, b, COL_ACCOUNT);
    e.server     = event_cell(r, b, COL_SERVER);
    e.server_ip  = event_cell(r, b, COL_SERVER_IP);
    e.host       = event_cell(r, b, COL_HOST);
    e.referer    = event_cell(r, b, COL_REFERER);
    e.no_referer = e.referer.n == 0;
    e.peer       = event_without_port(event_cell(r, b, COL_CLIENT));
    e.forwarded  = event_cell(r, b, COL_FORWARDED);
    e.client     = event_client(e.peer, e.forwarded, seen);
    e.status     = (uint16_t)(number(event_cell(r, b, COL_STATUS)) & 0xFFFF);
    e.sent_bytes = number(event_cell(r, b, COL_SENT));
    if (family == FAM_IIS_FRONT && str_eq(event_cell(r, b, COL_PORT), STR("444")))
        e.family = FAM_IIS_BACK;                          /* the back end's own port, whatever the folder is called (sheet 7.1, I3) */
    if (family == FAM_HTTPERR) {                          /* cs-uri holds both */
        size_t q = str_chr(e.stem, '?');
        if (q != STR_NONE) {
            e.query_raw = str_from(e.stem, q + 1);
            e.stem      = str_sub(e.stem, 0, q);
        }
    }
    return e;
}

void event_put_url(struct event *e, struct arena *scratch) { e->url = e->stem.n ? urlpath_canon(scratch, e->stem) : STR_EMPTY; }

void event_put_query(struct event *e, struct arena *scratch)
{
    e->query  = query_left(scratch, e->query_raw);
    e->active = str_ieq(e->method, STR("POST")) || e->query.n > 0;
}

bool event_read(struct event *ret, enum family family, const struct record *r, const struct binding *b, struct proxies *seen,
                const struct ev *ev, struct arena *scratch)
{
    struct event e   = event_begin(family, r, b, seen);
    bool         iis = event_of_iis(family);

    e.user_agent = event_plain_agent(scratch, event_cell(r, b, COL_AGENT), iis);
    e.request_id = event_cell(r, b, COL_REQUEST_ID);
    e.version[0] = (uint16_t)number(event_cell(r, b, COL_MAJOR));
    e.version[1] = (uint16_t)number(event_cell(r, b, COL_MINOR));
    e.version[2] = (uint16_t)number(event_cell(r, b, COL_BUILD));
    e.version[3] = (uint16_t)number(event_cell(r, b, COL_REVISION));
    event_put_url(&e, scratch);
    event_put_query(&e, scratch);
    if (iis) {
        e.request_id = event_query_value(e.query_raw, STR("cafeReqId"));
        if (!e.request_id.n)
            e.request_id = event_query_value(e.query_raw, STR("RequestId"));
        e.canary = event_query_value(e.query_raw, STR("msExchEcpCanary"));
    }
    if (family == FAM_HTTPPROXY)
        event_read_target(&e, scratch, event_cell(r, b, COL_ANCHOR), event_cell(r, b, COL_COOKIE));
    if (family == FAM_ECP_SERVER || family == FAM_ECP_ACTIVITY) {
        struct str url = extra(r, STR("URL"));
        size_t     q   = str_chr(url, '?');
        e.command    = extra(r, STR("CMD"));
        e.stem       = str_sub(url, 0, q == STR_NONE ? url.n : q);
        e.url        = e.stem.n ? urlpath_canon(scratch, e.stem) : STR_EMPTY;
        e.query_raw  = q == STR_NONE ? STR_EMPTY : str_from(url, q + 1);
        e.query      = e.query_raw;
        e.canary     = event_query_value(e.query_raw, STR("msExchEcpCanary"));
        e.request_id = extra(r, STR("ACTID"));
        event_read_set_url(&e);
        if (e.has_set && !e.set_plain)
            e.key = event_script_key(e.command);
    }
    if (family == FAM_OAB_GENERATOR) {
        e.path    = extra(r, STR("Path"));
        e.foreign = e.path.n && event_foreign_path(ev, scratch, e.path);
    }
    struct str auth  = event_cell(r, b, COL_AUTHENTICATED);
    e.authenticated  = !machine_or_probe(e.account) && !e.forged && e.status >= 200 && e.status < 400 &&
                       (!auth.n || str_ieq(auth, STR("true")));
    *ret = e;
    return true;
}

void event_early(struct event_early *ret, enum family family, const struct record *r, const struct binding *b, const struct sigma *sigma, struct proxies *seen,
                 struct arena *scratch)
{
    ret->event = event_begin(family, r, b, seen);
    ret->view  = (struct event_view){ NULL, r, b, sigma, scratch };
    ret->has_url = ret->has_query = false;
    ret->told_n  = 0;                                     /* the places for values are not cleared: this is done for each row */
}
