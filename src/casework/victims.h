/*
 * victims: does a text name a victim? Asked before anything about intruders goes to anybody else.
 *
 * Shape    victims_open reads every name and address that the store knows of anybody's server: of records, registers, certificates, the survey, with what came in since the last
 *          update. victims_named is the callback of intruders_card.
 * Rules    of an address: it is a server's own, or lies in a network that a list gives to an organisation. Of a hash: it is 64 hex digits, and hides nothing. Of any other text:
 *          a. an address stands in it that is a victim's;
 *          b. one of its words is a name's word: a label of a host name, a computer name, a word of an organisation's name;
 *          c. or, without its punctuation and blanks, it holds a label, a domain or a whole name of VICTIM_INSIDE letters or more.
 *          Both sides are compared in lower case, percent-decoded, with umlauts and accents of Latin letters as they are and without. Words of the trade ("owa", "mozilla",
 *          "server") point at nobody, even when somebody is called so. In doubt a text names a victim: a card says less then, never too much.
 * Not done names that are written in other ways (base64, reversed, punycode for letters, capitals beyond Latin-1), names that the store does not know. A person reads a card before it goes out.
 * Time     reads all of the store's names: some hundred milliseconds at 60,000 servers.
 * Errors   of the store; ERR_MEMORY.
 */
#ifndef CASEWORK_VICTIMS_H
#define CASEWORK_VICTIMS_H

#include "casework/intruders.h"
#include "store/store.h"

enum { VICTIM_INSIDE = 5, VICTIM_WORD = 3 };

struct victims;
bool victims_open(struct victims **ret, struct store *s, struct arena *a, struct err *e);
/* ctx: struct victims. */
bool victims_named(void *ctx, enum intruder_feature kind, struct str value);

/* --- for tests --- */
bool victims_add_name(struct victims *v, struct str name, struct err *e);
bool victims_empty(struct victims **ret, struct arena *a, struct err *e);

#endif
