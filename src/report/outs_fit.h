/* outs_fit: which values are fit for a form of other tools. Apart from outs.h, for those who have no report. */
#ifndef REPORT_OUTS_FIT_H
#define REPORT_OUTS_FIT_H

#include "base/str.h"

bool outs_sha256(struct str s);          /* 64 hex digits */
bool outs_host(struct str s);            /* a host name as it may stand in a URL */

#endif
