/* update_links: what update_links.c and update_entries.c share. Nobody else includes it. */
#ifndef CASEWORK_UPDATE_LINKS_H
#define CASEWORK_UPDATE_LINKS_H

#include "casework/update_inner.h"

/* How sure a link is that nobody stated, but that follows from what was seen. The grouping counts from group_defaults.confidence_min on; less is shown only. */
enum {
    SURE_CERTIFICATE = 90, SURE_OWN_NAME = 90, SURE_REVERSE = 80, SURE_MX = 90, SURE_NETWORK = 80, SURE_DIRECTORY = 90,
    SURE_ENTRY_CERT = 95, SURE_ENTRY_OWN = 90, SURE_ENTRY_NETWORK = 95, SURE_ENTRY_DIRECTORY = 60, SURE_ENTRY_STATED = 75,
    SURE_ENTRY_REVERSE = 45,       /* a reverse name is weak, and so is what follows from it */
    SURE_ENTRY_ASN = 45,           /* in an operator's AS stand its customers' servers */
    SURE_UNPROVEN = 45,            /* what a report says that is worth less than B */
    SURE_OVERRULED = 40,           /* a network's entry where the same list knows the server's own domain */
    SURE_STALE = 30                /* an entry that had ended before the server was seen */
};

struct seen_times { int64_t first_us, last_us; };      /* TIME_NONE: nobody knows */

/* One more link into the grouping. l: without asset and source. */
bool update_give(struct update *u, uint32_t server, const struct group_link *l, enum why_by by, int64_t source, int64_t row, struct str detail, struct err *e);

/* The rows of registers and lists; seen: of each server. */
bool update_entries(struct update *u, const struct seen_times *seen, struct err *e);

#endif
