/*
 * iocs: the operator's indicators against log records. Files: files_iocs.c.
 *
 * Rule 1   what a list names is a finding to review, and a sentence on findings that stand anyway. It moves no axis: an address alone accuses nobody.
 * Rule 2   what gives a literal is searched for in every record. Networks wider than /16 (IPv6: all), user agents without a longer word and, beyond
 *          IOCS_SEARCHED_MAX terms, all addresses are only compared with the clients of requests that are findings already.
 * Rule 3   a record later than the end of an indicator's validity does not count.
 */
#ifndef DETECT_IOCS_H
#define DETECT_IOCS_H

#include "detect/event.h"

#include "pack/ioc_read.h"

enum { IOCS_SEARCHED_MAX = 10000 };

/* Which indicator fits this record, the most telling first; UINT32_MAX: none. */
uint32_t iocs_of(const struct iocs *s, const struct event *ev, int64_t time_us, struct arena scratch);
/* What stands in the raw text of every record it fits; empty: nothing that can be searched for. Points into the indicator. */
struct str iocs_literal(const struct iocs *s, const struct user_ioc *i);
/* False: more URLs, domains and user agents than are searched for. */
bool iocs_fit(const struct iocs *s, struct err *e);

#endif
