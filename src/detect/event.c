#include "detect/event.h"
#include "base/num.h"
#include "base/winpath.h"

#include <string.h>

/* Column names per fact, first match wins; builds and families spell them differently. */
static const struct { enum column col; struct str name; } names[] = {
    { COL_STEM, STR_INIT("cs-uri-stem") },      { COL_STEM, STR_INIT("UrlStem") },          { COL_STEM, STR_INIT("cs-uri") },
    { COL_QUERY, STR_INIT("cs-uri-query") },    { COL_QUERY, STR_INIT("UrlQuery") },
    { COL_METHOD, STR_INIT("cs-method") },      { COL_METHOD, STR_INIT("Method") },         { COL_METHOD, STR_INIT("SoapAction") },
    { COL_STATUS, STR_INIT("sc-status") },      { COL_STATUS, STR_INIT("HttpStatus") },
    { COL_CLIENT, STR_INIT("c-ip") },           { COL_CLIENT, STR_INIT("ClientIpAddress") },
    { COL_FORWARDED, STR_INIT("X-Forwarded-For") }, { COL_FORWARDED, STR_INIT("cs(X-Forwarded-For)") }, { COL_FORWARDED, STR_INIT("OriginalIP") },
    { COL_AGENT, STR_INIT("cs(User-Agent)") },  { COL_AGENT, STR_INIT("UserAgent") },
    { COL_REFERER, STR_INIT("cs(Referer)") },
    { COL_ACCOUNT, STR_INIT("cs-username") },   { COL_ACCOUNT, STR_INIT("AuthenticatedUser") },
    { COL_SENT, STR_INIT("sc-bytes") },         { COL_SENT, STR_INIT("ResponseBytes") },    { COL_SENT, STR_INIT("ResponseSize") },
    { COL_SERVER, STR_INIT("s-computername") }, { COL_SERVER, STR_INIT("ServerHostName") }, { COL_SERVER, STR_INIT("ServerName") },
    { COL_SERVER_IP, STR_INIT("s-ip") },        { COL_PORT, STR_INIT("s-port") },
    { COL_REQUEST_ID, STR_INIT("RequestId") },  { COL_ANCHOR, STR_INIT("AnchorMailbox") },  { COL_COOKIE, STR_INIT("BackEndCookie") },
    { COL_HINT, STR_INIT("RoutingHint") },      { COL_HOST, STR_INIT("UrlHost") },          { COL_HOST, STR_INIT("cs-host") },
    { COL_MAJOR, STR_INIT("MajorVersion") },    { COL_MINOR, STR_INIT("MinorVersion") },    { COL_BUILD, STR_INIT("BuildVersion") }, { COL_REVISION, STR_INIT("RevisionVersion") },
    { COL_AUTHENTICATED, STR_INIT("IsAuthenticated") }, { COL_TARGET, STR_INIT("TargetServer") }, { COL_WEB_COOKIE, STR_INIT("cs(Cookie)") },
};

static bool of_iis(enum family f) { return f == FAM_IIS_FRONT || f == FAM_IIS_BACK || f == FAM_HTTPERR; }

/* The columns of a header by length and ends of their names: each field of each rule is looked for in each file. */
enum { CHAINS = 64 };
struct column_chains { int16_t first[CHAINS], next[RECORD_COLUMNS_MAX]; };

static size_t chain_of(struct str name)
{
    return name.n ? (name.n * 31 + ch_lower(name.p[0]) * 7u + ch_lower(name.p[name.n - 1]) * 3u + ch_lower(name.p[name.n / 2])) % CHAINS : 0;
}

static void chain(struct column_chains *ret, const struct columns *cols)
{
    for (size_t i = 0; i < CHAINS; i++)
        ret->first[i] = -1;
    for (size_t i = cols->n < RECORD_COLUMNS_MAX ? cols->n : RECORD_COLUMNS_MAX; i-- > 0;) {      /* from the end: of equal names the first is found first */
        size_t at = chain_of(cols->name[i]);
        ret->next[i]   = ret->first[at];
        ret->first[at] = (int16_t)i;
    }
}

static int16_t column_of(const struct column_chains *c, const struct columns *cols, struct str name)
{
    int16_t i = c->first[chain_of(name)];

    while (i >= 0 && !str_ieq(cols->name[i], name))
        i = c->next[i];
    return i;
}

static uint8_t derived_of(struct str name);

void binding_derive(uint8_t *ret, const struct sigma *sigma)
{
    for (size_t i = 0; i < sigma->field_n; i++)
        ret[i] = derived_of(sigma->field[i]);
}

void binding_make(struct binding *b, const struct columns *cols, const struct sigma *sigma)
{
    struct column_chains chains;

    chain(&chains, cols);
    b->made       = true;
    b->generation = cols->generation;
    for (size_t i = 0; i < COL_COUNT; i++)
        b->col[i] = -1;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (b->col[names[i].col] < 0)
            b->col[names[i].col] = column_of(&chains, cols, names[i].name);
    if (b->field && !b->named)
        binding_derive(b->derived, sigma);
    for (size_t i = 0; b->field && i < sigma->field_n; i++)
        b->field[i] = b->derived[i] ? -1 : column_of(&chains, cols, sigma->field[i]);      /* a derived field never asks for a column of its own name */
    b->last = 0;
    for (size_t i = 0; i < COL_COUNT; i++)
        b->last = b->col[i] >= (int)b->last ? (size_t)b->col[i] + 1 : b->last;
    for (size_t i = 0; b->field && i < sigma->field_n; i++)
        b->last = b->field[i] >= (int)b->last ? (size_t)b->field[i] + 1 : b->last;
}

static struct str cell(const struct record *r, const struct binding *b, enum column c)
{
    int16_t at = b->col[c];
    return at >= 0 && (size_t)at < r->n ? r->value[at] : STR_EMPTY;
}

static struct str extra(const struct record *r, struct str name)
{
    for (size_t i = 0; i < r->extra_n; i++)
        if (str_ieq(r->extra_name[i], name))
            return r->extra_value[i];
    return STR_EMPTY;
}

/* "a,b+c" -> text with blanks: IIS writes '+' for a blank, HttpProxy drops commas and leaves two blanks (sheet 2). */
static struct str plain_agent(struct arena *a, struct str s, bool plus)
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

static struct str without_port(struct str ip)
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

/* As it was sent, as far as the log tells: IIS writes '+' for a blank, HttpProxy a blank for a comma (before another blank, as a rule). */
static struct str sent_agent(struct arena *a, struct str s, bool plus)
{
    uint8_t *p = NEW(a, uint8_t, s.n ? s.n : 1);

    for (size_t i = 0; p && i < s.n; i++)
        p[i] = plus && s.p[i] == '+' ? ' ' : !plus && s.p[i] == ' ' && i > 0 && i + 1 < s.n && s.p[i + 1] == ' ' ? ',' : s.p[i];
    return p ? (struct str){ p, s.n } : s;
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
        one = without_port(one);
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

/* "ServerInfo~a]@exch01.example.com:444/ecp/x?y#": host, path and query of what a forged request reached (sheet 3.1). */
static void read_target(struct event *e, struct arena *a, struct str anchor, struct str cookie)
{
    struct str s;

    if (str_istarts(anchor, STR("ServerInfo~")) && str_chr(anchor, '/') != STR_NONE) {
        s = str_from(anchor, 11);
    } else if (str_istarts(cookie, STR("Server~"))) {
        s = str_from(cookie, 7);
        size_t end = str_chr(s, '~');                    /* "Server~host/path~version[~date]"; the date may hold slashes */
        if (end == STR_NONE || str_chr(str_sub(s, 0, end), '/') == STR_NONE)
            return;
        s = str_sub(s, 0, end);
    } else {
        return;
    }
    e->forged       = true;
    size_t     cut  = str_chr(s, '/');
    struct str host = str_sub(s, 0, cut);
    struct str rest = str_from(s, cut);
    size_t     at   = str_rchr(host, '@');
    if (at != STR_NONE)
        host = str_from(host, at + 1);
    size_t bracket = str_rchr(host, ']');
    if (bracket != STR_NONE && bracket + 1 < host.n && host.p[bracket + 1] != ':')
        host = str_from(host, bracket + 1);
    e->target_host = without_port(host);
    size_t colon   = str_chr(e->target_host, ':');
    if (colon != STR_NONE && colon == str_rchr(e->target_host, ':'))
        e->target_host = str_sub(e->target_host, 0, colon);
    size_t end = 0;
    while (end < rest.n && rest.p[end] != '?' && rest.p[end] != '#')
        end++;
    e->target_path  = urlpath_fold(a, str_sub(rest, 0, end));
    e->target_query = end < rest.n && rest.p[end] == '?' ? str_from(rest, end + 1) : STR_EMPTY;
    e->canary       = event_query_value(e->target_query, STR("msExchEcpCanary"));
    e->mailbox      = event_query_value(e->target_query, STR("Email"));
}

/* An absolute address as an administrator types one. Anything above ASCII is a name of the administrator's language. */
static bool plain_url(struct str v)
{
    v = str_trim(v);
    if (str_ieq(v, STR("$null")) || v.n == 0)
        return true;
    if (!str_istarts(v, STR("http://")) && !str_istarts(v, STR("https://")))
        return false;
    for (size_t i = 0; i < v.n; i++)
        if (v.p[i] <= ' ' || v.p[i] == 0x7F || v.p[i] == '<' || v.p[i] == '>' || v.p[i] == '"' || v.p[i] == '(' || v.p[i] == '{')
            return false;
    /* No name of one letter: published drops use http://f/, http://g/, http://o/# (sheet 8.2). A real one has a dot or is a server's name. */
    struct str host  = str_from(v, str_find(v, STR("//")) + 2);
    size_t     slash = str_chr(host, '/');
    return (slash == STR_NONE ? host.n : slash) >= 2;
}

/* The value that starts here, without its quotes. */
static struct str set_value(struct str v)
{
    if (v.n && (v.p[0] == '\'' || v.p[0] == '"')) {
        /* A quote inside a planted script ends the value early; what decides stands before it or in the whole command. */
        size_t end = str_chr(str_from(v, 1), v.p[0]);
        return str_sub(v, 1, end == STR_NONE ? v.n : end + 1);
    }
    size_t end = 0;
    while (end < v.n && v.p[end] != '.' && !ch_space(v.p[end]))
        end++;
    return str_istarts(v, STR("$null")) ? str_sub(v, 0, end) : v;
}

/* ".ExternalUrl='http://...'" in an ECP command. Of several the telling one: what is no address before an address, an address before nothing. */
static void read_set_url(struct event *e)
{
    static const struct str name[] = { STR_INIT("ExternalUrl="), STR_INIT("InternalUrl=") };
    int best = -1;

    for (size_t i = 0; i < COUNT_OF(name); i++) {
        struct str rest = e->command;
        for (int tries = 0; tries < 8; tries++) {
            size_t at = str_ifind(rest, name[i]);
            if (at == STR_NONE)
                break;
            rest = str_from(rest, at + name[i].n);
            struct str v    = set_value(rest);
            bool       none = v.n == 0 || str_ieq(v, STR("$null")), plain = plain_url(v);
            int        tell = !plain ? 2 : !none ? 1 : 0;
            if (tell <= best)
                continue;
            best         = tell;
            e->has_set   = true;
            e->set_url   = v;
            e->set_plain = plain;
        }
    }
}

struct str event_script_key(struct str text)
{
    static const struct str word = STR_INIT("request");
    struct str rest = text;

    for (int tries = 0; tries < 64; tries++) {
        size_t at = str_ifind(rest, word);
        if (at == STR_NONE)
            return STR_EMPTY;
        rest = str_from(rest, at + word.n);
        /* Up to the opening quote only the characters of an index or call may stand, with comments cut by length. */
        size_t q = 0;
        while (q < rest.n && q < 80 && rest.p[q] != '"' && rest.p[q] != '\'' && rest.p[q] != ';' && rest.p[q] != '>')
            q++;
        if (q >= rest.n || (rest.p[q] != '"' && rest.p[q] != '\''))
            continue;
        if (str_chr(str_sub(rest, 0, q), '[') == STR_NONE && str_chr(str_sub(rest, 0, q), '(') == STR_NONE)
            continue;
        size_t     from = q + 1, end = from;
        while (end < rest.n && end - from < 64 && (ch_alnum(rest.p[end]) || rest.p[end] == '_' || rest.p[end] == '-'))
            end++;
        if (end > from && end < rest.n && rest.p[end] == rest.p[q])
            return str_sub(rest, from, end);
    }
    return STR_EMPTY;
}

static bool same_name(struct str name, struct str full) { return str_ieq(name, full) || winpath_short_fits(name, full); }

/* Below a folder, each part as it is or as its short name: the service may write "C:\\PROGRA~1\\...". */
static bool below(struct str path, struct str dir)
{
    struct str want, have;

    while (str_cut(&dir, '\\', &want))
        if (!str_cut(&path, '\\', &have) || !same_name(have, want))
            return false;
    return path.n > 0;
}

/* What the service never downloads. Evidence sheet, section 5. */
static bool script_name(struct str path)
{
    static const char *const more[] = { ".js", ".cfm", ".shtml" };

    for (size_t i = 0; i < COUNT_OF(more); i++)
        if (str_ieq(winpath_ext(path), str_c(more[i])))
            return true;
    return winpath_is_page(path);
}

/* Sheet 5: legitimate only below <install>\ClientAccess\OAB\. */
static bool foreign_path(const struct ev *ev, struct arena *a, struct str path)
{
    struct str canon = winpath_canon(a, path, ev ? ev->system_drive : 'C');

    for (size_t i = 0; ev && i < ev->install_n; i++)
        if (below(canon, str_cat(a, ev->install[i].path, STR("\\ClientAccess\\OAB"))))
            return script_name(canon);
    if (ev && ev->install_n)
        return true;
    for (struct str rest = canon, part; str_cut(&rest, '\\', &part);)   /* install folder not in the evidence: by its shape */
        if (same_name(part, STR("ClientAccess")) && below(rest, STR("OAB")))
            return script_name(canon);
    return true;
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

    e.stem       = cell(r, b, COL_STEM);
    e.query_raw  = cell(r, b, COL_QUERY);
    e.method     = cell(r, b, COL_METHOD);
    e.account    = cell(r, b, COL_ACCOUNT);
    e.server     = cell(r, b, COL_SERVER);
    e.server_ip  = cell(r, b, COL_SERVER_IP);
    e.host       = cell(r, b, COL_HOST);
    e.referer    = cell(r, b, COL_REFERER);
    e.no_referer = e.referer.n == 0;
    e.peer       = without_port(cell(r, b, COL_CLIENT));
    e.forwarded  = cell(r, b, COL_FORWARDED);
    e.client     = event_client(e.peer, e.forwarded, seen);
    e.status     = (uint16_t)(number(cell(r, b, COL_STATUS)) & 0xFFFF);
    e.sent_bytes = number(cell(r, b, COL_SENT));
    if (family == FAM_IIS_FRONT && str_eq(cell(r, b, COL_PORT), STR("444")))
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

static void put_url(struct event *e, struct arena *scratch) { e->url = e->stem.n ? urlpath_canon(scratch, e->stem) : STR_EMPTY; }

static void put_query(struct event *e, struct arena *scratch)
{
    e->query  = query_left(scratch, e->query_raw);
    e->active = str_ieq(e->method, STR("POST")) || e->query.n > 0;
}

bool event_read(struct event *ret, enum family family, const struct record *r, const struct binding *b, struct proxies *seen,
                const struct ev *ev, struct arena *scratch)
{
    struct event e   = event_begin(family, r, b, seen);
    bool         iis = of_iis(family);

    e.user_agent = plain_agent(scratch, cell(r, b, COL_AGENT), iis);
    e.request_id = cell(r, b, COL_REQUEST_ID);
    e.version[0] = (uint16_t)number(cell(r, b, COL_MAJOR));
    e.version[1] = (uint16_t)number(cell(r, b, COL_MINOR));
    e.version[2] = (uint16_t)number(cell(r, b, COL_BUILD));
    e.version[3] = (uint16_t)number(cell(r, b, COL_REVISION));
    put_url(&e, scratch);
    put_query(&e, scratch);
    if (iis) {
        e.request_id = event_query_value(e.query_raw, STR("cafeReqId"));
        if (!e.request_id.n)
            e.request_id = event_query_value(e.query_raw, STR("RequestId"));
        e.canary = event_query_value(e.query_raw, STR("msExchEcpCanary"));
    }
    if (family == FAM_HTTPPROXY)
        read_target(&e, scratch, cell(r, b, COL_ANCHOR), cell(r, b, COL_COOKIE));
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
        read_set_url(&e);
        if (e.has_set && !e.set_plain)
            e.key = event_script_key(e.command);
    }
    if (family == FAM_OAB_GENERATOR) {
        e.path    = extra(r, STR("Path"));
        e.foreign = e.path.n && foreign_path(ev, scratch, e.path);
    }
    struct str auth  = cell(r, b, COL_AUTHENTICATED);
    e.authenticated  = !machine_or_probe(e.account) && !e.forged && e.status >= 200 && e.status < 400 &&
                       (!auth.n || str_ieq(auth, STR("true")));
    *ret = e;
    return true;
}

/* Derived fields, by name. Sigma's own names for web and proxy logs stand beside ours. */
enum derived {
    D_NONE, D_URI, D_URI_QUERY, D_AGENT, D_REFERER, D_PAGE, D_CLIENT, D_SIDE, D_QUERY, D_ACTIVE, D_FORGED, D_TARGET_HOST,
    D_TARGET_PATH, D_TARGET_QUERY, D_CANARY, D_COMMAND, D_SET_URL, D_SET_PLAIN, D_PATH, D_FOREIGN, D_ACCOUNT, D_STATUS, D_NO_REFERER,
    D_EXTENSION, D_ADDRESS, D_COOKIE, D_CELL         /* D_CELL + COL_...: a column under another name */
};
static const struct { const char *name; int d; } derived[] = {
    { "cs-uri-query", D_URI_QUERY }, { "c-uri-query", D_URI_QUERY }, { "c-uri", D_URI },     { "cs-uri", D_URI },
    { "cs-user-agent", D_AGENT },    { "c-useragent", D_AGENT },     { "cs(User-Agent)", D_AGENT }, { "UserAgent", D_AGENT },
    { "cs-referer", D_REFERER },     { "Page", D_PAGE },             { "Client", D_CLIENT }, { "Side", D_SIDE },
    { "Query", D_QUERY },            { "Active", D_ACTIVE },         { "Forged", D_FORGED }, { "TargetHost", D_TARGET_HOST },
    { "TargetPath", D_TARGET_PATH }, { "TargetQuery", D_TARGET_QUERY }, { "Canary", D_CANARY }, { "Command", D_COMMAND },
    { "SetUrl", D_SET_URL },         { "SetUrlPlain", D_SET_PLAIN }, { "Path", D_PATH },     { "PathForeign", D_FOREIGN },
    { "Account", D_ACCOUNT },        { "Status", D_STATUS },         { "NoReferer", D_NO_REFERER },
    { "cs-uri-stem", D_CELL + COL_STEM }, { "c-uri-stem", D_CELL + COL_STEM }, { "c-uri-path", D_CELL + COL_STEM }, { "c-uri-extension", D_EXTENSION },
    { "cs-method", D_CELL + COL_METHOD }, { "sc-status", D_CELL + COL_STATUS }, { "cs-username", D_CELL + COL_ACCOUNT },
    { "c-ip", D_ADDRESS },           { "src_ip", D_ADDRESS },        { "src-ip", D_ADDRESS },
    { "cs-host", D_CELL + COL_HOST }, { "r-dns", D_CELL + COL_HOST }, { "cs-cookie", D_COOKIE }, { "cs(Cookie)", D_COOKIE },
    { "s-ip", D_CELL + COL_SERVER_IP }, { "dst_ip", D_CELL + COL_SERVER_IP }, { "s-port", D_CELL + COL_PORT }, { "dst_port", D_CELL + COL_PORT },
    { "sc-bytes", D_CELL + COL_SENT }, { "s-computername", D_CELL + COL_SERVER },
};
const char *const event_field_names[] = {
    "c-uri", "cs-uri-query", "cs-user-agent", "cs-referer", "Page", "Client", "Side", "Query", "Active", "Forged", "TargetHost", "TargetPath",
    "TargetQuery", "Canary", "Command", "SetUrl", "SetUrlPlain", "Path", "PathForeign", "Account", "Status", "NoReferer", "cs-uri", "c-uri-query",
    "c-useragent", "cs-uri-stem", "c-uri-stem", "c-uri-path", "c-uri-extension", "cs-method", "sc-status", "cs-username", "c-ip", "src_ip", "src-ip",
    "cs-host", "r-dns", "cs-cookie", "s-ip", "dst_ip", "s-port", "dst_port", "sc-bytes", "s-computername", NULL
};

const char *const event_derived_names[] = { "Side", "Active", "Forged", "SetUrlPlain", "PathForeign", "NoReferer", "Status", NULL };
const char *const event_decoded_names[] = { "c-uri", "cs-uri", "cs-uri-query", "c-uri-query", "Query", NULL };

static uint8_t derived_of(struct str name)
{
    for (size_t i = 0; i < COUNT_OF(derived); i++)
        if (str_ieq(name, str_c(derived[i].name)))
            return (uint8_t)derived[i].d;
    return D_NONE;
}

static size_t put(struct str *ret, size_t n, struct str s)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(ret[i], s))
            return n;
    if (n < SIGMA_VALUES_MAX)
        ret[n++] = s;
    return n;
}

/* Decoded beside as logged. Only the prefilter of IIS logs looks for encoded spellings, so only there a decoded value may decide. */
static size_t put_decoded(const struct event_view *v, struct str *ret, size_t n, struct str s)
{
    return of_iis(v->event->family) ? put(ret, n, str_unpercent(v->scratch, s)) : n;
}

static size_t whole_url(const struct event_view *v, struct str *ret, size_t n)
{
    const struct event *e = v->event;

    if (!e->query_raw.n)
        return put_decoded(v, ret, put(ret, n, e->stem), e->stem);
    struct str both = str_cat(v->scratch, str_cat(v->scratch, e->stem, STR("?")), e->query_raw);
    return both.p ? put_decoded(v, ret, put(ret, n, both), both) : n;
}

/* "aspx" of "/owa/auth/x.aspx"; empty: none. */
static struct str extension(struct str stem)
{
    size_t slash = str_rchr(stem, '/'), dot = str_rchr(stem, '.');

    return dot == STR_NONE || (slash != STR_NONE && dot < slash) ? STR("") : str_from(stem, dot + 1);
}

static struct str yes_no(bool b) { return b ? STR("true") : STR("false"); }

size_t event_field(void *ctx, uint32_t field, struct str *ret)
{
    const struct event_view *v = ctx;
    const struct event      *e = v->event;
    int16_t                  c = v->binding->field[field];
    uint8_t                  d = v->binding->derived[field];
    struct str               s = STR_EMPTY;
    size_t                   n = 0;

    if (d >= D_CELL) {
        enum column col = (enum column)(d - D_CELL);
        /* What event_read takes apart or finds elsewhere is its own; a column that the log does not have is no field. */
        ret[0] = col == COL_STEM ? e->stem : col == COL_METHOD ? e->method : cell(v->record, v->binding, col);
        ret[0] = ret[0].p ? ret[0] : STR("");
        return v->binding->col[col] >= 0 || ret[0].n > 0;
    }
    switch ((enum derived)d) {
    case D_URI:          return whole_url(v, ret, 0);
    case D_URI_QUERY:                                     /* rule authors mean the whole URL: interchange-formats 4.3 */
        n = put(ret, n, e->query_raw);
        n = put_decoded(v, ret, n, e->query_raw);
        n = put(ret, n, e->stem);
        n = put_decoded(v, ret, n, e->stem);
        return whole_url(v, ret, n);
    case D_AGENT:                                         /* its blanks folded, as logged, and as it was sent */
        s = cell(v->record, v->binding, COL_AGENT);
        n = put(ret, n, e->user_agent);
        n = put(ret, n, s);
        return s.n ? put(ret, n, sent_agent(v->scratch, s, of_iis(e->family))) : n;
    case D_REFERER:      s = e->referer; break;
    case D_PAGE:         s = e->url; break;
    case D_CLIENT:       s = e->client; break;
    case D_SIDE:         s = e->family == FAM_IIS_BACK ? STR("back") : e->family == FAM_IIS_FRONT ? STR("front") : STR_EMPTY; break;
    case D_QUERY:
        n = put(ret, n, e->query);
        return put_decoded(v, ret, n, e->query);
    case D_ACTIVE:       s = yes_no(e->active); break;
    case D_FORGED:       s = yes_no(e->forged); break;
    case D_TARGET_HOST:  s = e->target_host; break;
    case D_TARGET_PATH:  s = e->target_path; break;
    case D_TARGET_QUERY: s = e->target_query; break;
    case D_CANARY:       s = e->canary; break;
    case D_COMMAND:      s = e->command; break;
    case D_SET_URL:
        if (!e->has_set)
            return 0;
        s = e->set_url;
        break;
    case D_SET_PLAIN:
        if (!e->has_set)
            return 0;
        s = yes_no(e->set_plain);
        break;
    case D_PATH:         s = e->path; break;
    case D_FOREIGN:      s = yes_no(e->foreign); break;
    case D_ACCOUNT:      s = e->account; break;
    case D_STATUS:       s = str_fmt(v->scratch, "%u", (unsigned)e->status); break;
    case D_NO_REFERER:   s = yes_no(e->no_referer); break;
    case D_EXTENSION:    s = extension(e->stem); break;
    case D_ADDRESS:
        n = put(ret, n, e->peer.p ? e->peer : STR(""));
        return e->client.n ? put(ret, n, e->client) : n;
    case D_COOKIE:
        if (v->binding->col[COL_WEB_COOKIE] < 0)
            return 0;
        s = cell(v->record, v->binding, COL_WEB_COOKIE);
        n = put(ret, n, s.p ? s : STR(""));
        return s.n ? put(ret, n, plain_agent(v->scratch, s, true)) : n;
    case D_CELL:
    case D_NONE:
        if (c >= 0 && (size_t)c < v->record->n) {
            ret[0] = v->record->value[c];
            return 1;
        }
        for (size_t i = 0; i < v->record->extra_n; i++)
            if (str_ieq(v->record->extra_name[i], v->sigma->field[field])) {
                ret[0] = v->record->extra_value[i];
                return 1;
            }
        return 0;
    }
    ret[0] = s.p ? s : STR("");
    return 1;
}

void event_early(struct event_early *ret, enum family family, const struct record *r, const struct binding *b, const struct sigma *sigma, struct proxies *seen,
                 struct arena *scratch)
{
    ret->event = event_begin(family, r, b, seen);
    ret->view  = (struct event_view){ NULL, r, b, sigma, scratch };
    ret->has_url = ret->has_query = false;
    ret->told_n  = 0;                                     /* the places for values are not cleared: this is done for each row */
}

size_t event_field_early(void *ctx, uint32_t field, struct str *ret)
{
    struct event_early *y = ctx;
    struct event       *e = &y->event;
    uint8_t             d = y->view.binding->derived[field];

    if (d == D_PAGE && !y->has_url) {
        put_url(e, y->view.scratch);
        y->has_url = true;
    } else if ((d == D_QUERY || d == D_ACTIVE) && !y->has_query) {
        put_query(e, y->view.scratch);
        y->has_query = true;
    } else if (d == D_AGENT && !e->user_agent.p) {
        e->user_agent = plain_agent(y->view.scratch, cell(y->view.record, y->view.binding, COL_AGENT), true);
    } else if (d == D_CANARY && !e->canary.p) {
        e->canary = event_query_value(e->query_raw, STR("msExchEcpCanary"));
    }
    y->view.event = e;
    if (d != D_URI && d != D_URI_QUERY && d != D_QUERY && d != D_AGENT)
        return event_field(&y->view, field, ret);

    size_t i = 0, n;
    while (i < y->told_n && y->told[i].derived != d)
        i++;
    if (i == y->told_n) {
        y->told[i].derived = d;
        y->told[i].n       = (uint8_t)event_field(&y->view, field, y->told[i].value);
        y->told_n++;
    }
    n = y->told[i].n;
    memcpy(ret, y->told[i].value, n * sizeof *ret);
    return n;
}

bool event_of_stem(uint8_t d) { return d == D_PAGE || d == D_EXTENSION || d == D_CELL + COL_STEM; }

size_t event_field_of_stem(void *ctx, uint32_t field, struct str *ret)
{
    const struct event_early *y = ctx;

    return event_of_stem(y->view.binding->derived[field]) ? event_field_early(ctx, field, ret) : SIGMA_UNKNOWN;
}
