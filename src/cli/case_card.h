/*
 * case_card: what of an intruder group may go outside, from the board and from what names a victim. The one way to it, for the screen and for exports.
 *
 * Shape    case_cards_open reads what names a victim, once for all groups (victims.h: some hundred milliseconds).
 * Told     a trace counts by organisations: three servers of one house are one victim. A group of fewer than INTRUDER_SHARE_MIN organisations has no card.
 * Owner    cards lie in the run's arena.
 */
#ifndef CLI_CASE_CARD_H
#define CLI_CASE_CARD_H

#include "casework/victims.h"
#include "cli/case_data.h"

struct case_cards { struct case_data *d; struct victims *named; struct arena room, a; };
bool case_cards_open(struct case_cards *ret, struct case_data *d, struct err *e);
void case_cards_close(struct case_cards *c);
/* *ret_told false: there is no card of it. *ret_left_out: traces that are not on the card. */
bool case_card(struct case_cards *c, int64_t group, struct intruder_card *ret, uint32_t *ret_left_out, bool *ret_told, struct err *e);

#endif
