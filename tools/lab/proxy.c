/*
 * proxy: rows of the HttpProxy logs in three layouts, and the head that all Exchange logs share.
 *
 * Source   the 74 columns are those of build 15.1.2375, seen in a published capture; the 2013 layout leaves out what that
 *          generation lacks; the 2019 layout is a guess (reordered, with more columns), there because readers must map by name.
 */
#include "lab/lab.h"

#include <string.h>

const char *const proto_name[P_COUNT] = {
    [P_AUTODISCOVER] = "Autodiscover", [P_EAS] = "Eas", [P_ECP] = "Ecp", [P_EWS] = "Ews", [P_MAPI] = "Mapi", [P_OAB] = "Oab",
    [P_OWA] = "Owa", [P_OWACALENDAR] = "OwaCalendar", [P_POWERSHELL] = "PowerShell", [P_RPCHTTP] = "RpcHttp",
};

#define COLUMNS(X) \
    X(DateTime) X(RequestId) X(MajorVersion) X(MinorVersion) X(BuildVersion) X(RevisionVersion) X(ClientRequestId) X(Protocol) X(UrlHost) \
    X(UrlStem) X(ProtocolAction) X(AuthenticationType) X(IsAuthenticated) X(AuthenticatedUser) X(Organization) X(AnchorMailbox) X(UserAgent) \
    X(ClientIpAddress) X(ServerHostName) X(HttpStatus) X(BackEndStatus) X(ErrorCode) X(Method) X(ProxyAction) X(TargetServer) \
    X(TargetServerVersion) X(RoutingType) X(RoutingHint) X(BackEndCookie) X(ServerLocatorHost) X(ServerLocatorLatency) X(RequestBytes) \
    X(ResponseBytes) X(TargetOutstandingRequests) X(AuthModulePerfContext) X(HttpPipelineLatency) X(CalculateTargetBackEndLatency) \
    X(GlsLatencyBreakup) X(TotalGlsLatency) X(AccountForestLatencyBreakup) X(TotalAccountForestLatency) X(ResourceForestLatencyBreakup) \
    X(TotalResourceForestLatency) X(ADLatency) X(SharedCacheLatencyBreakup) X(TotalSharedCacheLatency) X(ActivityContextLifeTime) \
    X(ModuleToHandlerSwitchingLatency) X(ClientReqStreamLatency) X(BackendReqInitLatency) X(BackendReqStreamLatency) \
    X(BackendProcessingLatency) X(BackendRespInitLatency) X(BackendRespStreamLatency) X(ClientRespStreamLatency) \
    X(KerberosAuthHeaderLatency) X(HandlerCompletionLatency) X(RequestHandlerLatency) X(HandlerToModuleSwitchingLatency) X(ProxyTime) \
    X(CoreLatency) X(RoutingLatency) X(HttpProxyOverhead) X(TotalRequestTime) X(RouteRefresherLatency) X(UrlQuery) X(BackEndGenericInfo) \
    X(GenericInfo) X(GenericErrors) X(EdgeTraceId) X(DatabaseGuid) X(UserADObjectGuid) X(PartitionEndpointLookupLatency) X(RoutingStatus)

#define AS_ENUM(c) C_##c,
#define AS_NAME(c) #c,
enum column { COLUMNS(AS_ENUM) C_COUNT };
static const char *const column_name[C_COUNT] = { COLUMNS(AS_NAME) };

enum { LAYOUT_MAX = C_COUNT + 4 };
struct layout { size_t n; int col[LAYOUT_MAX]; };        /* col >= C_COUNT: a column that we have no value for */
static const char *const more_name[] = { "ProxyStateFlags", "RequestHeadersBytes" };

static struct layout layout_of(enum generation gen)
{
    struct layout y = { 0 };

    if (gen == GEN_2013) {       /* neither UrlHost nor RoutingType, no shared cache, nothing after GenericErrors */
        for (int c = 0; c <= C_GenericErrors; c++)
            if (c != C_UrlHost && c != C_RoutingType && c != C_SharedCacheLatencyBreakup && c != C_TotalSharedCacheLatency && c != C_RouteRefresherLatency)
                y.col[y.n++] = c;
        return y;
    }
    for (int c = 0; c < C_COUNT; c++) {
        if (gen == GEN_2019 && (c == C_AnchorMailbox || c == C_BackEndCookie))
            continue;
        y.col[y.n++] = c;
        if (gen == GEN_2019 && c == C_Method)
            y.col[y.n++] = C_COUNT;
        if (gen == GEN_2019 && c == C_ResponseBytes) {
            y.col[y.n++] = C_BackEndCookie;
            y.col[y.n++] = C_AnchorMailbox;
            y.col[y.n++] = C_COUNT + 1;
        }
    }
    return y;
}

static const char *spelled(enum generation gen, int col)
{
    if (col >= C_COUNT)
        return more_name[col - C_COUNT];
    if (gen == GEN_2013 && col == C_ClientIpAddress)
        return "ClientIPAddress";
    if (gen == GEN_2013 && col == C_BackEndStatus)
        return "BackendStatus";
    return column_name[col];
}

static void fields_proxy(const struct lab *l, struct buf *b)
{
    struct layout y = layout_of(l->gen);

    for (size_t i = 0; i < y.n; i++) {
        if (i)
            buf_chr(b, ',');
        buf_str(b, spelled(l->gen, y.col[i]));
    }
}

void build_parts(const char *build, int v[4])
{
    if (sscanf(build, "%d.%d.%d.%d", &v[0], &v[1], &v[2], &v[3]) != 4)
        lab_die("not a build: %s", build);
}

const char *build_at(const struct lab *l, int64_t us)
{
    return l->patch_us != TIME_NONE && us >= l->patch_us ? l->build_new : l->build_old;
}

/* A cell: quoted when it holds a comma, quote or line break, inner quotes doubled. */
void buf_cell(struct buf *b, const char *s)
{
    if (!s)
        return;
    if (!strpbrk(s, ",\"\r\n")) {
        buf_str(b, s);
        return;
    }
    buf_chr(b, '"');
    for (; *s; s++) {
        if (*s == '"')
            buf_chr(b, '"');
        buf_chr(b, *s);
    }
    buf_chr(b, '"');
}

/* HttpProxy puts blanks where a value holds commas. */
void buf_blanked(struct buf *b, const char *s)
{
    for (; s && *s; s++)
        buf_chr(b, *s == ',' ? ' ' : *s);
}

static const char *or_empty(const char *s) { return s ? s : ""; }

void row_proxy(struct lab *l, const struct event *e, uint64_t hi, uint64_t lo, struct buf *b)
{
    struct layout y = layout_of(l->gen);
    int           v[4];
    char          id[37];
    bool          anon = !e->user || !e->user[0];
    int64_t       begin = e->at_us - (int64_t)e->took_ms * 1000;

    build_parts(build_at(l, e->at_us), v);
    guid_text(hi, lo, id);
    for (size_t i = 0; i < y.n; i++) {
        if (i)
            buf_chr(b, ',');
        switch (y.col[i]) {
        case C_DateTime: buf_iso(b, e->at_us); break;
        case C_RequestId: buf_add(b, id, 36); break;
        case C_MajorVersion: buf_num(b, (uint64_t)v[0]); break;
        case C_MinorVersion: buf_num(b, (uint64_t)v[1]); break;
        case C_BuildVersion: buf_num(b, (uint64_t)v[2]); break;
        case C_RevisionVersion: buf_num(b, (uint64_t)v[3]); break;
        case C_Protocol: buf_str(b, proto_name[e->proto]); break;
        case C_UrlHost: buf_str(b, l->host); break;
        case C_UrlStem: buf_blanked(b, e->stem); break;
        case C_ProtocolAction: buf_str(b, or_empty(e->action)); break;
        case C_AuthenticationType: buf_str(b, e->auth ? e->auth : e->proto == P_OWA || e->proto == P_ECP ? "FBA" : anon ? "" : "Negotiate"); break;
        case C_IsAuthenticated: buf_str(b, anon ? "false" : "true"); break;
        case C_AuthenticatedUser: buf_cell(b, e->user); break;
        case C_AnchorMailbox: buf_cell(b, e->anchor); break;
        case C_UserAgent: buf_blanked(b, e->ua); break;
        case C_ClientIpAddress: buf_str(b, e->client); break;
        case C_ServerHostName: buf_str(b, l->server); break;
        case C_HttpStatus: buf_num(b, (uint64_t)e->status); break;
        case C_BackEndStatus: if (e->back_status) buf_num(b, (uint64_t)e->back_status); break;
        case C_ErrorCode: buf_cell(b, e->error); break;
        case C_Method: buf_str(b, e->method); break;
        case C_ProxyAction: if (e->back_stem || e->anchor) buf_str(b, "Proxy"); break;
        case C_TargetServer: if (e->back_stem || e->target) buf_fmt(b, "%s", e->target ? e->target : pool_fmt(&l->today, "%s.%s", l->server, l->domain)); break;
        case C_TargetServerVersion: if (e->back_stem) buf_fmt(b, "%02d.%02d.%04d.%03d", v[0], v[1], v[2], v[3]); break;
        case C_RoutingType: buf_str(b, e->routing ? e->routing : e->back_stem ? "IntraForest" : ""); break;
        case C_RoutingHint: buf_cell(b, e->hint ? e->hint : e->back_stem && !e->anchor ? "WindowsIdentity" : ""); break;
        case C_BackEndCookie: buf_cell(b, e->cookie); break;
        case C_RequestBytes: buf_num(b, e->request_bytes); break;
        case C_ResponseBytes: buf_num(b, e->response_bytes); break;
        case C_TargetOutstandingRequests: buf_chr(b, e->back_stem ? '1' : '0'); break;
        case C_HttpPipelineLatency: case C_HandlerCompletionLatency: case C_RoutingLatency: buf_num(b, lo & 3); break;
        case C_CalculateTargetBackEndLatency: case C_CoreLatency: buf_num(b, lo >> 8 & 15); break;
        case C_ADLatency: buf_num(b, lo >> 16 & 7); break;
        case C_BackendProcessingLatency: case C_ProxyTime: if (e->back_stem) buf_num(b, e->took_ms > 5 ? e->took_ms - 5 : 0); break;
        case C_ActivityContextLifeTime: case C_RequestHandlerLatency: case C_TotalRequestTime: buf_num(b, e->took_ms); break;
        case C_UrlQuery:
            if (e->query)
                buf_cell(b, pool_fmt(&l->today, "?%s", e->query));
            break;
        case C_GenericInfo:
            buf_str(b, "BeginRequest=");
            buf_iso(b, begin);
            buf_str(b, ";CorrelationID=<empty>;ProxyState-Run=");
            buf_str(b, e->back_stem ? "CalculateBackEnd" : "None");
            buf_str(b, ";EndRequest=");
            buf_iso(b, e->at_us);
            buf_chr(b, ';');
            break;
        case C_GenericErrors: buf_cell(b, e->generic_error); break;
        default: break;
        }
    }
    buf_str(b, "\r\n");
}

/* Two spellings of the head are in the wild: a bare line of columns first, or "#Software" first. */
void head_csv(const char *software, const char *version, const char *type, const char *fields, int64_t us, bool bare, struct buf *b)
{
    if (bare)
        buf_fmt(b, "%s\r\n", fields);
    buf_fmt(b, "#Software: %s\r\n#Version: %s\r\n#Log-type: %s\r\n#Date: ", software, version, type);
    buf_iso(b, us);
    buf_fmt(b, "\r\n#Fields: %s\r\n", fields);
}

void head_proxy(struct lab *l, int64_t us, struct buf *b)
{
    struct buf  fields = { 0 };
    const char *build = build_at(l, us);
    int         v[4];

    build_parts(build, v);
    fields_proxy(l, &fields);
    buf_chr(&fields, 0);
    head_csv("Microsoft Exchange Server", pool_fmt(&l->today, "%02d.%02d.%04d.%03d", v[0], v[1], v[2], v[3]), "HttpProxy Logs", fields.p, us, us / TIME_HOUR % 3 != 0, b);
    buf_free(&fields);
}

