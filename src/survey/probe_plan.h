/*
 * probe_plan: what is asked. The only paths there are, and which of them comes second.
 *
 * Shape    first GET /owa/. If that gave a build of four numbers, or nothing speaks of Exchange, or the server said that it has too much to do: no more. Else one of
 *            /owa/auth/logon.aspx?url=...   where /owa/ sent us, on the same host: the query is ours, not the server's
 *            /ecp/Current/exporttool/...    the click-once manifest, when the page told three numbers
 *            /ews/exchange.asmx             Exchange without any build
 *            /autodiscover/autodiscover.xml  a proxy or a filter stands before /owa/
 * Cannot   take a path, a query or a host from the server or from the operator.
 * Source   survey sheet, section 4 (rows 1 to 3) and "Default polite probe"; section 5 for the uneven protection of paths.
 */
#ifndef SURVEY_PROBE_PLAN_H
#define SURVEY_PROBE_PLAN_H

#include "survey/observation.h"

enum { PLAN_REQUESTS_MAX = 2, PLAN_PATH_MAX = 512 };

/* The path of the first request. */
const char *probe_plan_first(void);
/* The path of the second one after what the first gave; false: there is none. o: what announce.h read of the first answer. host: as it was asked for. */
bool probe_plan_second(const struct observation *o, int status, struct str head, const char *host, char ret[PLAN_PATH_MAX]);
/* From the headers alone: is it certain already that no second request follows? */
bool probe_plan_last(int status, struct str head);

/* 429 or 503: it has too much to do. ret_wait_us: what Retry-After says, 0: nothing; at most 30 days. now_us: for a date there. */
bool probe_plan_busy(int status, struct str head, int64_t now_us, int64_t *ret_wait_us);

/* The first header of that name in a head as it came; empty: there is none. */
struct str probe_plan_header(struct str head, struct str name);

#endif
