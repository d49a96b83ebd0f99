#include "formats/logkind.h"
#include "base/num.h"
#include "formats/columns.h"
#include "formats/csvrow.h"
#include "formats/lines.h"

const struct log_kind *const log_kinds[] = { &log_w3c, &log_exchange, &log_ecp, &log_oab, NULL };

/* What the header lines at the top of a file say. */
struct head {
    struct str software, type;
    struct str fields;              /* the names, as one text           */
    uint8_t    sep;                 /* ' ' or ','; 0: no field list yet */
    struct str first_row;
};

enum { COLUMNS_MAX = 4 };

/*
 * One kind of head. A row fits when its separator is that of the field list (or there is none) and either its software and
 * log type are both named by the file, or the file has all of its columns.
 */
struct sign {
    const char *type;
    const struct log_kind *kind;
    uint8_t     sep;
    const char *software;                   /* part of "#Software:"; NULL: any                        */
    const char *log_type;                   /* part of "#Log-type:"; NULL: any                        */
    const char *column[COLUMNS_MAX];        /* names that together are proof; first NULL: no such proof */
};

static const struct sign sign[] = {
    { "httperr", &log_w3c, ' ', "Microsoft HTTP API", NULL, { "s-reason" } },
    { "httperr", &log_w3c, ' ', NULL, NULL, { "s-queuename" } },
    { "iis", &log_w3c, ' ', "Internet Information Services", NULL, { "date", "time", "cs-uri-stem" } },
    { "iis", &log_w3c, ' ', NULL, NULL, { "time", "cs-uri-stem", "cs-method" } },
    { "w3c-other", &log_w3c, ' ', NULL, NULL, { "date", "time" } },
    { "ecp-activity", &log_ecp, ',', NULL, "ECP Activity", { NULL } },
    { "ecp-server", &log_ecp, ',', NULL, "ECP Server", { "TimeStamp", "ServerName", "EventId", "EventData" } },
    { "oab-generator", &log_oab, ',', NULL, "OABGenerator", { NULL } },                  /* a guess */
    { "oab-generator", &log_oab, ',', NULL, "OAB Generator", { NULL } },                 /* a guess */
    { "httpproxy", &log_exchange, ',', NULL, "HttpProxy", { "AnchorMailbox", "BackEndCookie" } },
    { "httpproxy", &log_exchange, ',', NULL, NULL, { "AnchorMailbox", "ProxyAction", "TargetServer" } },
    { "cmdlet", &log_exchange, ',', NULL, "Rps Cmdlet", { "Cmdlet", "Parameters", "ExecutionResult" } },
    { "cmdlet", &log_exchange, ',', NULL, "Rps_Cmdlet", { "ProcessName", "Cmdlet", "Parameters" } },
    { "ews", &log_exchange, ',', NULL, "EWS", { "SoapAction", "ClientIpAddress" } },
    { "autodiscover", &log_exchange, ',', NULL, "Autodiscover", { NULL } },
    { "exchange-other", &log_exchange, ',', "Microsoft Exchange", NULL, { "DateTime" } },
    { "exchange-other", &log_exchange, ',', NULL, NULL, { "TimeStamp" } },
    { "exchange-other", &log_exchange, ',', NULL, NULL, { "date-time" } },
};

static bool has_field(const struct head *h, const char *name)
{
    struct str rest = h->fields, field;

    while (h->sep && str_cut(&rest, h->sep, &field))
        if (str_ieq(str_trim(field), str_c(name)))
            return true;
    return false;
}

static bool fits(const struct sign *s, const struct head *h)
{
    if (h->sep && h->sep != s->sep)
        return false;
    if ((s->software || s->log_type) && (!s->software || str_ihas(h->software, str_c(s->software))) &&
        (!s->log_type || str_ihas(h->type, str_c(s->log_type))))
        return true;
    for (size_t i = 0; i < COLUMNS_MAX && s->column[i]; i++)
        if (!has_field(h, s->column[i]))
            return false;
    return s->column[0] != NULL;
}

static void look_at(struct head *h, struct str line)
{
    struct str text, cell, rest = line;

    if (columns_directive(line, STR("Software"), &text)) {
        h->software = text;
    } else if (columns_directive(line, STR("Log-type"), &text)) {
        h->type = text;
    } else if (columns_directive(line, STR("Fields"), &text)) {
        h->fields = text;
        h->sep    = str_chr(text, ',') != STR_NONE ? ',' : ' ';
    } else if (line.n && line.p[0] != '#') {
        str_cut(&rest, ',', &cell);
        if (csvrow_time_name(str_trim(cell)) && rest.p && !h->sep) {
            h->fields = line;
            h->sep    = ',';
        } else if (!csvrow_time_name(str_trim(cell)) && !h->first_row.p) {
            h->first_row = line;
        }
    }
}

const struct log_kind *log_sniff(struct str text, struct str *ret_type)
{
    struct head h = { .sep = 0 };
    struct str  line;
    size_t      pos = 0, at;

    text = str_sub(text, 0, LOGKIND_HEAD);
    if (str_starts(text, STR("\xEF\xBB\xBF")))
        text = str_from(text, 3);
    for (int i = 0; i < LOGKIND_LINES_MAX && lines_step(text, &pos, &line, &at); i++)
        look_at(&h, line);

    for (size_t i = 0; i < COUNT_OF(sign); i++)
        if (fits(&sign[i], &h)) {
            const char *type = sign[i].type;
            /* Both ECP logs have the same columns; only the server's has requests. Without a log type the first row tells. */
            if (sign[i].kind == &log_ecp && !h.type.n && h.first_row.n && !str_ihas(h.first_row, STR("ECP.Request")))
                type = "ecp-activity";
            *ret_type = str_c(type);
            return sign[i].kind;
        }
    /* An OAB log whose header is unknown or lost still has its sentence. */
    if (str_ihas(text, STR("Download failed and temporary file"))) {
        *ret_type = STR("oab-generator");
        return &log_oab;
    }
    return NULL;
}
