/* event_field: a record's values by the names that rules use. */
#include "detect/event_inner.h"

#include "base/num.h"

#include <string.h>

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

uint8_t event_derived_of(struct str name)
{
    for (size_t i = 0; i < COUNT_OF(derived); i++)
        if (str_ieq(name, str_c(derived[i].name)))
            return (uint8_t)derived[i].d;
    return D_NONE;
}

/* As it was sent, as far as the log tells: IIS writes '+' for a blank, HttpProxy a blank for a comma (before another blank, as a rule). */
static struct str sent_agent(struct arena *a, struct str s, bool plus)
{
    uint8_t *p = NEW(a, uint8_t, s.n ? s.n : 1);

    for (size_t i = 0; p && i < s.n; i++)
        p[i] = plus && s.p[i] == '+' ? ' ' : !plus && s.p[i] == ' ' && i > 0 && i + 1 < s.n && s.p[i + 1] == ' ' ? ',' : s.p[i];
    return p ? (struct str){ p, s.n } : s;
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
    return event_of_iis(v->event->family) ? put(ret, n, str_unpercent(v->scratch, s)) : n;
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
        ret[0] = col == COL_STEM ? e->stem : col == COL_METHOD ? e->method : event_cell(v->record, v->binding, col);
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
        s = event_cell(v->record, v->binding, COL_AGENT);
        n = put(ret, n, e->user_agent);
        n = put(ret, n, s);
        return s.n ? put(ret, n, sent_agent(v->scratch, s, event_of_iis(e->family))) : n;
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
        s = event_cell(v->record, v->binding, COL_WEB_COOKIE);
        n = put(ret, n, s.p ? s : STR(""));
        return s.n ? put(ret, n, event_plain_agent(v->scratch, s, true)) : n;
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

size_t event_field_early(void *ctx, uint32_t field, struct str *ret)
{
    struct event_early *y = ctx;
    struct event       *e = &y->event;
    uint8_t             d = y->view.binding->derived[field];

    if (d == D_PAGE && !y->has_url) {
        event_put_url(e, y->view.scratch);
        y->has_url = true;
    } else if ((d == D_QUERY || d == D_ACTIVE) && !y->has_query) {
        event_put_query(e, y->view.scratch);
        y->has_query = true;
    } else if (d == D_AGENT && !e->user_agent.p) {
        e->user_agent = event_plain_agent(y->view.scratch, event_cell(y->view.record, y->view.binding, COL_AGENT), true);
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
