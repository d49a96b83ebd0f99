/* A signature beside a report: see report_in.h. */
#include "casework/report_in.h"

#include "os/openpgp.h"

#include <stdio.h>
#include <string.h>

bool report_signature(struct str bytes, struct str signature, struct str keys, struct report_signed *ret, struct err *e)
{
    struct report_signed  out = { .given = signature.n > 0 };
    struct openpgp_answer a;

    if (!out.given)
        snprintf(out.why, sizeof out.why, "no known responder signed the report");
    else if (!keys.n)
        snprintf(out.why, sizeof out.why, "it is signed, but no keys of known responders were given");
    else if (!openpgp_verify(bytes, signature, keys, &a, e))
        return false;
    else if (a.good) {
        out.known = true;
        memcpy(out.fingerprint, a.fingerprint, sizeof out.fingerprint);
    } else
        snprintf(out.why, sizeof out.why, "its signature proves nothing: %s", a.why);
    *ret = out;
    return true;
}
