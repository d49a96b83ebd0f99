/*
 * stix_mark: what every STIX bundle of ours has, a hunt's or casework's: the TLP 2.0 marking, and times as the standard wants them.
 *
 * Source   STIX 2.1, section 3.2; FIRST's TLP 2.0 markings in cti-stix-common-objects.
 */
#ifndef REPORT_STIX_MARK_H
#define REPORT_STIX_MARK_H

#include "emit/json.h"

/* Of "TLP:GREEN"; of anything unknown that of TLP:AMBER. */
const char *stix_tlp_uuid(struct str mark);
/* The marking as an object. */
void stix_tlp_write(struct js *j, struct str mark);
/* Milliseconds, always three digits: created and modified want them, and nothing else minds. */
void stix_ms(struct js *j, const char *key, int64_t us);

#endif
