/*
 * announce_inner: what the halves of announce share: answers of HTTP (announce.c), builds and names (announce_facts.c), mail (announce_mail.c).
 */
#ifndef SURVEY_ANNOUNCE_INNER_H
#define SURVEY_ANNOUNCE_INNER_H

#include "survey/announce.h"

/* A build that was read, by the rules of announce.h. */
void announce_take(struct observation *o, enum obs_means means, const uint16_t v[4], int parts);
/* Digits at *at as one number of a build; stands behind them then. */
bool announce_number(struct str s, size_t *at, uint16_t *ret);
/* Letters, digits, '-', '_' and dots, one "*." before them; a letter among them. No address. */
bool announce_is_host(struct str s);
/* A name of Exchange Online. */
bool announce_is_online(struct str host);

#endif
