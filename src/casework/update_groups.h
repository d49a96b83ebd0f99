/* update_groups: what update_groups.c and update_keys.c share. Nobody else includes it. */
#ifndef CASEWORK_UPDATE_GROUPS_H
#define CASEWORK_UPDATE_GROUPS_H

#include "casework/update_inner.h"

/* The server that the grouping knows by this number. */
uint32_t update_server_of(const struct update *u, const uint32_t *by_content, uint64_t content);
/* Keys, who has them, what they join, providers, and what a person has to decide. While the grouping still knows servers by their content. */
bool update_keys(struct update *u, const uint32_t *by_content, struct err *e);

#endif
