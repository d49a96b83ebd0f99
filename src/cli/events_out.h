/*
 * events_out: one record of an event log as a line of JSON.
 *
 * JSON     {"file", "record", "time", "channel", "provider", "event_id", "level", "computer", "user", "data": {name: value} or [value, ...]}; then, only where
 *          they apply, "slack": true, "checksum": false (of its chunk), "damaged": why. With `system`, "system": {...} with every field of System.
 *          Values are texts, or null where the record has none. Equal names become one array; values without a name stand under "Data" where others have
 *          names, and make `data` an array where none has.
 * Escaping through emit/json: everything in a record may be an intruder's.
 */
#ifndef CLI_EVENTS_OUT_H
#define CLI_EVENTS_OUT_H

#include "emit/out.h"
#include "formats/evtx.h"

struct events_said {
    struct str                file;
    const struct evtx_record *record;
    const struct evtx_event  *event;
    bool                      system, checksum_bad;
};

/* False: no room in the arena; nothing of the line is written then. */
bool events_out_json(struct out *o, struct arena a, const struct events_said *s);

#endif
