#include "survey/probe_plan.h"

#include "base/num.h"
#include "pack/pack.h"

#include <stdio.h>
#include <string.h>

static const char owa[] = "/owa/", ews[] = "/ews/exchange.asmx", autodiscover[] = "/autodiscover/autodiscover.xml",
                  manifest[] = "/ecp/Current/exporttool/microsoft.exchange.ediscovery.exporttool.application", logon[] = "/owa/auth/logon.aspx";

const char *probe_plan_first(void) { return owa; }

struct str probe_plan_header(struct str head, struct str name)
{
    struct str line;

    (void)str_cut(&head, '\n', &line);                   /* the status line */
    while (str_cut(&head, '\n', &line)) {
        size_t colon = str_chr(line, ':');
        if (colon != STR_NONE && str_ieq(str_sub(line, 0, colon), name))
            return str_trim(str_from(line, colon + 1));
    }
    return STR_EMPTY;
}

/* Does a Location lead to the logon page of this very host? */
static bool to_logon(struct str where, struct str host)
{
    if (str_istarts(where, STR("https://"))) {
        where = str_from(where, 8);
        size_t     slash = str_chr(where, '/');
        struct str there = str_sub(where, 0, slash == STR_NONE ? where.n : slash);
        size_t     colon = str_rchr(there, ':');
        /* A port is compared by nobody: the connection is the one that stands. But [::1] has colons of its own. */
        if (colon != STR_NONE && str_chr(str_from(there, colon), ']') == STR_NONE && str_chr(there, ':') == colon)
            there = str_sub(there, 0, colon);
        if (there.n > 2 && there.p[0] == '[')
            there = str_sub(there, 1, str_chr(there, ']') == STR_NONE ? there.n : str_chr(there, ']'));
        if (!str_ieq(there, host) || slash == STR_NONE)
            return false;
        where = str_from(where, slash);
    }
    struct str path = str_sub(where, 0, sizeof logon - 1), rest = str_from(where, sizeof logon - 1);
    return str_ieq(path, str_c(logon)) && (rest.n == 0 || rest.p[0] == '?' || rest.p[0] == '#');
}

static bool is_redirect(int status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

bool probe_plan_busy(int status, struct str head, int64_t now_us, int64_t *ret_wait_us)
{
    static const int64_t most = 30 * TIME_DAY;
    uint64_t             seconds;

    *ret_wait_us = 0;
    if (status != 429 && status != 503)
        return false;
    struct str said = probe_plan_header(head, STR("Retry-After"));
    if (num_u64(said, &seconds)) {
        *ret_wait_us = seconds > (uint64_t)(most / TIME_SECOND) ? most : (int64_t)seconds * TIME_SECOND;
        return true;
    }
    /* "Wed, 21 Oct 2026 07:28:00 GMT" (RFC 9110, section 5.6.7) as "2026-10-21 07:28:00". */
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char     text[40];
    int64_t  at;
    if (said.n != 29)
        return true;
    size_t month = str_find(str_c(months), str_sub(said, 8, 11));
    if (month == STR_NONE || month % 3)
        return true;
    snprintf(text, sizeof text, "%.4s-%02d-%.2s %.8s", (const char *)said.p + 12, (int)(month / 3) + 1, (const char *)said.p + 5, (const char *)said.p + 17);
    if (time_parse(str_c(text), &at) && at > now_us)
        *ret_wait_us = at - now_us > most ? most : at - now_us;
    return true;
}

bool probe_plan_last(int status, struct str head)
{
    uint16_t build[4];
    int      parts;
    int64_t  wait;

    if (probe_plan_busy(status, head, 0, &wait) || status >= 500 || status == 404 || status == 410)
        return true;
    return build_parse(probe_plan_header(head, STR("X-OWA-Version")), build, &parts) && parts == 4;
}

bool probe_plan_second(const struct observation *o, int status, struct str head, const char *host, char ret[PLAN_PATH_MAX])
{
    const char *path = NULL;

    if (o->parts == 4 || probe_plan_last(status, head))
        return false;
    if (is_redirect(status) && to_logon(probe_plan_header(head, STR("Location")), str_c(host))) {
        bool six = strchr(host, ':') != NULL;
        int  n = snprintf(ret, PLAN_PATH_MAX, "%s?url=https%%3a%%2f%%2f%s%s%s%%2fowa%%2f&reason=0", logon, six ? "%5b" : "", host, six ? "%5d" : "");
        return n > 0 && n < PLAN_PATH_MAX;
    }
    if (!(o->flags & (OBS_EXCHANGE | OBS_VERSION_HIDDEN)) || o->flags & OBS_ONLINE)
        return false;
    if (o->parts == 3)
        path = manifest;
    else
        path = o->flags & OBS_EXCHANGE ? ews : autodiscover;
    memcpy(ret, path, strlen(path) + 1);
    return true;
}
