/*
 * evttell: from a record of an event log that a rule fits to a statement: a hit, or a fact about the thing that was made or found.
 *
 * Client   an address that the record names as the other side (IpAddress, ClientAddress ...), when it is not of this machine.
 * Excerpt  the fields that decide, in the record's order; bodies of scripts and tasks only by their length.
 */
#ifndef DETECT_EVTTELL_H
#define DETECT_EVTTELL_H

#include "detect/evtfield.h"
#include "detect/finding.h"

struct evt_said {
    struct evt_view         *view;
    const struct sigma_rule *rule;
    uint32_t                 index, node, id;
    enum family              family;
    const struct evtx_record *record;
    uint64_t                 at;             /* of the record in its file */
    struct str               raw;
    uint8_t                  system_drive;
    bool                     pivot;          /* a hit says in `method` what kind of event it is */
};

/* FILETIME to microseconds since 1970. */
int64_t evt_filetime_us(uint64_t ticks);
/* When it happened: TimeCreated, else when it was written. */
int64_t evt_time(struct evt_view *v, const struct evtx_record *r);

/*
 * Texts of a hit live in `a`; of a fact all are copied to it. False: no room. The fact's detector is the rule's name and its `bytes` the rule's index, for
 * whoever takes it over; url and reach are not set.
 */
bool evt_tell_hit(const struct evt_said *s, struct arena *a, struct hit *ret);
bool evt_tell_fact(const struct evt_said *s, struct arena *a, struct file_fact *ret);

#endif
