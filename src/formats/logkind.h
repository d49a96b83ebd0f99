/*
 * logkind: which kind of text log is this?
 *
 * Shape    from the first 4 KiB of text (UTF-8, as lines.h gives it): the software, log type and field names of its header
 *          lines, compared with one table. The first row of the table that fits wins.
 * Types    iis httperr w3c-other httpproxy ecp-server ecp-activity oab-generator ews autodiscover cmdlet exchange-other
 * Result   NULL: no header of a known log; *ret_type is then untouched.
 * Not done names and folders of files: evidence/family knows those, and may know better when a head is damaged.
 * Source   the evidence sheet's sections 1, 2, 5 and 7; log types without a published sample are guesses and marked so.
 */
#ifndef FORMATS_LOGKIND_H
#define FORMATS_LOGKIND_H

#include "formats/record.h"

enum { LOGKIND_HEAD = 4096, LOGKIND_LINES_MAX = 64 };

const struct log_kind *log_sniff(struct str head, struct str *ret_type);

#endif
