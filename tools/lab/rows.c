/*
 * rows: one event, told by every log that would tell it.
 *
 * Shape    a sink per log; a sink has one file open and goes on to the next when the name for the time changes.
 * Source   file names and fields: Microsoft's documentation of IIS logging; names and heads of Exchange logs as seen in published
 *          captures of victims' servers.
 */
#include "lab/lab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- IIS ---- */

static const char *or_empty(const char *s) { return s ? s : ""; }

enum { IIS_PLAIN, IIS_LONG };
static int iis_layout(const struct lab *l, int64_t us)
{
    return l->gen == GEN_2019 || (l->fields_change_us != TIME_NONE && us >= l->fields_change_us) ? IIS_LONG : IIS_PLAIN;
}

void head_iis(struct lab *l, int64_t us, struct buf *b)
{
    struct civil c = civil_of(us);
    bool         wide = iis_layout(l, us) == IIS_LONG;

    buf_fmt(b, "#Software: Microsoft Internet Information Services %s\r\n#Version: 1.0\r\n#Date: %04d-%02d-%02d %02d:%02d:%02d\r\n#Fields: date time%s s-ip cs-method "
            "cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer)%s sc-status sc-substatus sc-win32-status%s time-taken%s\r\n",
            l->gen >= GEN_2016 ? "10.0" : l->gen == GEN_2013 ? "8.5" : "7.5", c.year, c.month, c.day, c.hour, c.minute, c.second,
            wide ? " s-sitename s-computername" : "", wide ? " cs-host" : "", wide ? " sc-bytes cs-bytes" : "", l->balanced ? " X-Forwarded-For" : "");
}

/* Blanks become '+', as IIS writes them. */
static void plussed(struct buf *b, const char *s)
{
    if (!s || !*s) {
        buf_chr(b, '-');
        return;
    }
    size_t n = strlen(s);
    buf_room(b, n + 1);
    for (size_t i = 0; i < n; i++)
        b->p[b->n++] = s[i] == ' ' ? '+' : s[i];
}

static void iis_row(struct lab *l, const struct event *e, struct buf *b, const char *site, const char *method, const char *stem, const char *query,
                    int port, const char *user, const char *client, const char *forwarded, int status)
{
    struct civil c = civil_of(e->at_us);
    bool         wide = iis_layout(l, e->at_us) == IIS_LONG;

    buf_iso(b, e->at_us);
    b->n -= 5;                              /* whole seconds, and a blank for the T */
    b->p[b->n - 9] = ' ';
    (void)c;
    if (wide)
        buf_fmt(b, " %s %s", site, l->server);
    buf_chr(b, ' ');
    buf_str(b, l->address);
    buf_chr(b, ' ');
    buf_str(b, method);
    buf_chr(b, ' ');
    plussed(b, stem);
    buf_chr(b, ' ');
    plussed(b, query);
    buf_chr(b, ' ');
    buf_num(b, (uint64_t)port);
    buf_chr(b, ' ');
    plussed(b, user);
    buf_chr(b, ' ');
    buf_str(b, client);
    buf_chr(b, ' ');
    plussed(b, e->ua);
    buf_chr(b, ' ');
    plussed(b, e->referer);
    if (wide) {
        buf_chr(b, ' ');
        buf_str(b, l->host);
    }
    buf_chr(b, ' ');
    buf_num(b, (uint64_t)status);
    buf_chr(b, ' ');
    buf_num(b, (uint64_t)e->substatus);
    buf_chr(b, ' ');
    buf_num(b, (uint64_t)e->win32);
    if (wide) {
        buf_chr(b, ' ');
        buf_num(b, e->response_bytes);
        buf_chr(b, ' ');
        buf_num(b, e->request_bytes);
    }
    buf_chr(b, ' ');
    buf_num(b, e->took_ms);
    if (l->balanced) {
        buf_chr(b, ' ');
        plussed(b, forwarded);
    }
    buf_str(b, "\r\n");
}

void row_front(struct lab *l, const struct event *e, uint64_t hi, uint64_t lo, struct buf *b)
{
    char        id[37], query[3072];
    const char *ask = e->query, *client = e->client, *forwarded = NULL;

    if (e->proto != P_NONE && l->gen != GEN_2010) {
        guid_text(hi, lo, id);
        snprintf(query, sizeof query, "%s&CorrelationID=<empty>;&%s=%s;%s", or_empty(ask), l->gen == GEN_2013 && !(lo & 7) ? "RequestId" : "cafeReqId", id,
                 lo & 1 ? "&encoding=;" : "");
        ask = query;
    }
    /* Two balancers: traffic that entered by the second one passes through the first. */
    if (l->balanced) {
        bool two = l->balancer[1] && lo & 4;
        forwarded = pool_fmt(&l->today, "%s%s%s%s%s", or_empty(e->forwarded), e->forwarded ? ", " : "", e->client, two ? ", " : "", two ? l->balancer[1] : "");
        client = l->balancer[l->balancer[1] && !two && lo & 8 ? 1 : 0];
        if (e->client == l->address)
            forwarded = NULL, client = e->client;
    }
    iis_row(l, e, b, "W3SVC1", e->method, e->stem, ask, 443, e->user, client, forwarded, e->status);
}

void row_back(struct lab *l, const struct event *e, uint64_t hi, uint64_t lo, struct buf *b)
{
    char        query[2048];
    char        id[37];
    const char *ask = e->back_query;

    guid_text(lo, hi, id);
    if (!ask) {
        snprintf(query, sizeof query, "%s&ActID=%s&CorrelationID=<empty>;", e->query ? e->query : "", id);
        ask = query;
    }
    iis_row(l, e, b, "W3SVC2", e->back_method ? e->back_method : e->method, e->back_stem, ask, 444, e->back_user ? e->back_user : e->user, l->address, NULL,
            e->back_status ? e->back_status : e->status);
}

/* ---- sinks ---- */

enum family { F_FRONT, F_BACK, F_PROXY, F_ECP = F_PROXY + P_COUNT, F_ACTIVITY, F_OABGEN, F_EWS, F_AUTODISCOVER, F_CMDLET, F_HTTPERR, F_COUNT };

struct sink {
    FILE   *f;
    char    name[320];
    int64_t slot;              /* day or hour of the open file */
    int64_t restart_us;        /* the service restarts once in this file; TIME_NONE: no more */
    int     layout;
    int64_t last_us;           /* of the last row: the file's own time, as it would be */
};

struct csv { const char *folder, *stem, *software, *version, *type, *fields; bool bare; };
static const struct csv csv_table[F_COUNT] = {
    [F_ECP] = { "ECP/Server", "ECPServer", "Microsoft Exchange Server", "15.0.0.0", "ECP Server Log", "TimeStamp,ServerName,EventId,EventData", false },
    [F_ACTIVITY] = { "ECP/Activity", "ECPActivity_4812_", "Microsoft Exchange Server", "15.0.0.0", "ECP Activity Context Log", "TimeStamp,ServerName,EventId,EventData", false },
    [F_OABGEN] = { "OABGeneratorLog", "OABGeneratorLog_", "Microsoft Exchange Server", "15.0.0.0", "OABGenerator Log", "DateTime,ServerName,Component,Message", false },
    [F_EWS] = { "Ews", "Ews_", "Microsoft Exchange Server", "15.01.2106.002", "Ews Logs",
        "DateTime,RequestId,MajorVersion,MinorVersion,BuildVersion,RevisionVersion,ClientRequestId,AuthenticationType,IsAuthenticated,AuthenticatedUser,Organization,UserAgent,"
        "VersionInfo,ClientIpAddress,ServerHostName,FrontEndServer,SoapAction,HttpStatus,RequestSize,ResponseSize,ErrorCode,ImpersonatedUser,ProxyAsUser,ActAsUser,GenericErrors", true },
    [F_AUTODISCOVER] = { "Autodiscover", "Autodiscover_", "Microsoft Exchange Server", "15.01.2106.002", "Autodiscover Logs",
        "DateTime,RequestId,AuthenticationType,IsAuthenticated,AuthenticatedUser,UserAgent,ClientIpAddress,ServerHostName,FrontEndServer,SoapAction,HttpStatus,ErrorCode,UserEmail", true },
    [F_CMDLET] = { "CmdletInfra/Powershell-Proxy/Cmdlet", "Rps_Cmdlet_", "Microsoft Exchange Server", "15.01.2106.002", "Rps Cmdlet Logs",
        "DateTime,StartTime,RequestId,ServerHostName,ProcessId,ProcessName,AuthenticatedUser,ExecutingUserSid,ClientApplication,Cmdlet,Parameters,ExecutionResult,GenericInfo,GenericErrors", true },
};

static bool hot(const struct lab *l, int64_t us)
{
    for (uint32_t i = 0; i < l->hot_n; i++)
        if (us / TIME_DAY == l->hot_day[i] / TIME_DAY)
            return true;
    return false;
}

static void head_of(struct lab *l, int fam, int64_t us, bool again, struct buf *b)
{
    if (fam <= F_BACK)
        head_iis(l, us, b);
    else if (fam == F_HTTPERR) {
        struct civil c = civil_of(us);
        buf_fmt(b, "#Software: Microsoft HTTP API 2.0\r\n#Version: 1.0\r\n#Date: %04d-%02d-%02d %02d:%02d:%02d\r\n#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri "
                "streamid sc-status s-siteid s-reason s-queuename\r\n", c.year, c.month, c.day, c.hour, c.minute, c.second);
    } else if (fam >= F_PROXY && fam < F_PROXY + P_COUNT) {
        if (!again)
            buf_str(b, "\xef\xbb\xbf");
        head_proxy(l, us, b);
    } else {
        const struct csv *k = &csv_table[fam];
        if (!again && k->bare)
            buf_str(b, "\xef\xbb\xbf");
        head_csv(k->software, k->version, k->type, k->fields, us, k->bare, b);
    }
}

static void sink_end(struct lab *l, struct sink *k)
{
    if (!k->f)
        return;
    file_close(k->f, k->name);
    file_touch(l, k->name, k->last_us);
    k->f = NULL;
}

static void sink_next(struct lab *l, int fam, int64_t us)
{
    struct sink *k = &l->sink[fam];
    struct civil c = civil_of(us);
    bool         hourly = fam <= F_BACK ? l->iis_hourly : fam >= F_PROXY && fam < F_ECP && hot(l, us);
    int64_t      slot = hourly ? us / TIME_HOUR : fam == F_HTTPERR ? c.year * 12 + c.month - 1000000 : us / TIME_DAY * 24;

    if (k->f && slot == k->slot)
        return;
    sink_end(l, k);
    k->slot = slot;
    char day[16], hour[8];
    snprintf(day, sizeof day, "%04d%02d%02d", c.year, c.month, c.day);
    snprintf(hour, sizeof hour, "%02d", hourly ? c.hour : 0);
    if (fam <= F_BACK)
        snprintf(k->name, sizeof k->name, "%s/W3SVC%d/u_ex%s%s%s.log", l->at.logs, fam + 1, day + 2, hourly ? hour : "", l->balanced ? "_x" : "");
    else if (fam == F_HTTPERR)
        snprintf(k->name, sizeof k->name, "C/Windows/System32/LogFiles/HTTPERR/httperr%d.log", c.month);
    else if (fam >= F_PROXY && fam < F_ECP)
        snprintf(k->name, sizeof k->name, "%s/Logging/HttpProxy/%s/HttpProxy_%s%s-1.LOG", l->at.install, proto_name[fam - F_PROXY], day, hour);
    else
        snprintf(k->name, sizeof k->name, "%s/Logging/%s/%s%s%s-1.LOG", l->at.install, csv_table[fam].folder, csv_table[fam].stem, day,
                 fam == F_EWS || fam == F_AUTODISCOVER || fam == F_CMDLET ? hour : "");
    k->f = file_create(l, k->name);

    struct buf b = { 0 };
    head_of(l, fam, us, false, &b);
    if (fwrite(b.p, 1, b.n, k->f) != b.n)
        lab_die("%s: %s", k->name, strerror(errno));
    buf_free(&b);
    k->layout = fam <= F_BACK ? iis_layout(l, us) : 0;
    struct rng r = rng_for(l->seed ^ (uint64_t)fam << 32, (uint64_t)slot);
    k->restart_us = rng_chance(&r, 40) ? us + rng_between(&r, 1, 18) * TIME_HOUR : TIME_NONE;
}

static void sink_put(struct lab *l, int fam, int64_t us, const struct buf *row)
{
    if (us < l->logs_from_us || (us >= l->hole_from_us && us < l->hole_to_us) || (us < l->exchange_from_us && fam >= F_PROXY && fam != F_HTTPERR))
        return;
    sink_next(l, fam, us);
    struct sink *k = &l->sink[fam];
    bool         restart = k->restart_us != TIME_NONE && us >= k->restart_us, wider = fam <= F_BACK && iis_layout(l, us) != k->layout;
    if (restart || wider) {
        struct buf b = { 0 };
        head_of(l, fam, us, true, &b);
        if (fwrite(b.p, 1, b.n, k->f) != b.n)
            lab_die("%s: %s", k->name, strerror(errno));
        buf_free(&b);
        k->layout = fam <= F_BACK ? iis_layout(l, us) : 0;
        k->restart_us = TIME_NONE;
    }
    if (fwrite(row->p, 1, row->n, k->f) != row->n)
        lab_die("%s: %s", k->name, strerror(errno));
    l->bytes += row->n;
    k->last_us = us;
    if (us > l->newest_us)
        l->newest_us = us;
}

void rows_open(struct lab *l)
{
    l->sink = calloc(F_COUNT, sizeof *l->sink);
    if (!l->sink)
        lab_die("out of memory");
    l->sink_n = F_COUNT;
    l->ids = rng_for(l->seed, 0x1d5);
}

void rows_close(struct lab *l)
{
    for (size_t i = 0; i < l->sink_n; i++)
        sink_end(l, &l->sink[i]);
    free(l->sink);
    l->sink = NULL;
    l->sink_n = 0;
}

static void row_ews(struct lab *l, const struct event *e, uint64_t hi, uint64_t lo, struct buf *b)
{
    char id[37];
    int  v[4];

    guid_text(hi, lo, id);
    build_parts(build_at(l, e->at_us), v);
    buf_iso(b, e->at_us);
    buf_fmt(b, ",%s,%d,%d,%d,%d,,Negotiate,true,%s,,", id, v[0], v[1], v[2], v[3], or_empty(e->back_user ? e->back_user : e->user));
    buf_blanked(b, e->ua);
    buf_fmt(b, ",Target=None;Req=Exchange2013/Exchange2013;,%s,%s,%s.%s,%s,%d,%llu,%llu,,,,,\r\n", e->client, l->server, l->server, l->domain,
            e->soap ? e->soap : "GetFolder", e->back_status ? e->back_status : e->status, (unsigned long long)e->request_bytes, (unsigned long long)e->response_bytes);
}

static void row_autodiscover(struct lab *l, const struct event *e, uint64_t hi, uint64_t lo, struct buf *b)
{
    char id[37];

    guid_text(hi, lo, id);
    buf_iso(b, e->at_us);
    buf_fmt(b, ",%s,Negotiate,true,%s,", id, or_empty(e->back_user ? e->back_user : e->user));
    buf_blanked(b, e->ua);
    buf_fmt(b, ",%s,%s,%s.%s,,%d,,\r\n", e->client, l->server, l->server, l->domain, e->back_status ? e->back_status : e->status);
}

void rows_write(struct lab *l, struct event *e)
{
    struct buf b = { 0 };
    uint64_t   hi = rng_next(&l->ids), lo = rng_next(&l->ids);

    if (e->what != E_WEB) {
        const int fam_of[] = { [E_ECP] = F_ECP, [E_ECP_ACTIVITY] = F_ACTIVITY, [E_OAB] = F_OABGEN, [E_CMDLET] = F_CMDLET, [E_HTTPERR] = F_HTTPERR };
        buf_iso(&b, e->at_us);
        if (e->what == E_HTTPERR) {
            b.n -= 5;
            b.p[b.n - 9] = ' ';
        }
        buf_str(&b, e->text);
        buf_str(&b, "\r\n");
        if (l->gen != GEN_2010 || e->what == E_HTTPERR)
            sink_put(l, fam_of[e->what], e->at_us, &b);
        buf_free(&b);
        return;
    }
    if (!e->no_front) {
        row_front(l, e, hi, lo, &b);
        sink_put(l, F_FRONT, e->at_us, &b);
    }
    if (e->proto != P_NONE && l->gen != GEN_2010) {
        if (!e->no_proxy) {
            b.n = 0;
            row_proxy(l, e, hi, lo, &b);
            sink_put(l, F_PROXY + (int)e->proto, e->at_us, &b);
        }
        if (e->back_stem) {
            b.n = 0;
            row_back(l, e, hi, lo, &b);
            sink_put(l, F_BACK, e->at_us, &b);
            b.n = 0;
            if (!strncasecmp(e->back_stem, "/EWS/", 5)) {
                row_ews(l, e, hi, lo, &b);
                sink_put(l, F_EWS, e->at_us, &b);
            } else if (!strncasecmp(e->back_stem, "/autodiscover/", 14)) {
                row_autodiscover(l, e, hi, lo, &b);
                sink_put(l, F_AUTODISCOVER, e->at_us, &b);
            }
        }
    }
    buf_free(&b);
}
