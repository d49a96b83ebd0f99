/* evtplan_ids: which event ids a rule may fit, by its source and by its condition. Private to evtplan. */
#ifndef DETECT_EVTPLAN_IDS_H
#define DETECT_EVTPLAN_IDS_H

#include "detect/evtplan.h"

/* any: whatever id, also when more than EVT_IDS_KEPT are named. Neither any nor one: none. */
enum { EVT_IDS_KEPT = 64 };
struct evt_ids { bool any; size_t n; uint32_t id[EVT_IDS_KEPT]; };

bool evt_ids_has(const struct evt_ids *s, uint32_t id);
void evt_ids_add(struct evt_ids *s, uint32_t id);
/* What a condition says of EventID. */
struct sigma_node;
struct evt_ids evt_ids_of(const struct sigma *s, const struct sigma_node *n);
/* Of this channel, what the rule's source says. */
struct evt_ids evt_source_ids(const struct sigma_rule *r, const struct evt_channel *c);
/* Has every match of it a character beyond ASCII in some text? The search has no literals for those. */
bool evt_is_foreign(const struct sigma_node *n);

#endif
