/*
 * report_try: what report_import would do with a report, and whose server it would be, with nothing written.
 *
 * Shape    the same checks, the same grade and reason, the same refusals as report_in.h gives. Besides, by the last update: the server that it fits, by the strongest of computer name with
 *          AD domain, certificate, address, host name; and whose that is. Where it fits none: the organisation that its own domains are of.
 * Store    only read; NULL: there is none yet, and no nonce can be known.
 * Not done what the next update finds out beyond that (same.h, group.h): it looks at all records together, and its word holds.
 * Owner    texts of the match in the arena; they are hostile. The arena holds the parsed report, as with report_import.
 * Errors   of the store; ERR_MEMORY. A refused report is no error: told->refused.
 */
#ifndef CASEWORK_REPORT_TRY_H
#define CASEWORK_REPORT_TRY_H

#include "casework/report_in.h"

enum { REPORT_FITS_MAX = 9 };

struct report_match {
    int64_t     nonce_case;        /* whose nonce it carries; 0: none that holds */
    uint32_t    servers;           /* that it fits, REPORT_FITS_MAX or more count as that; 0: it is a new one */
    const char *by;                /* "its host name"; of organisations, where it fits no server: "its domain". NULL: nothing fits */
    int64_t     asset, case_;      /* of the one server; 0: none, or in no case */
    int64_t     org;               /* whose: 0: nobody's that is known, or more than one's */
    struct str  server, owner;     /* their names; may be empty */
};

/* ask: source does not matter. fresh: a campaign that the import would bring into the store first; NULL: none. */
bool report_try(struct store *s, const struct report_ask *ask, const struct case_campaign *fresh, int64_t now_us, struct arena *a, struct str bytes, struct report_told *told, struct report_match *ret, struct err *e);

#endif
