/*
 * contact_form: the address of a contact point, as it is written and as it is kept.
 *
 * Shape    e-mail: as formats/mailaddr.h gives it; telephone: digits, with the '+' of the whole world where it stood; portal: https:// and nothing that a shell or a page obeys;
 *          post: its lines, parted by line ends.
 * Guess    of what kind a person's word is: "https://..." a portal, what has an '@' a mail address, what is digits a telephone. A postal address says so itself.
 * Bounds   4 to 15 digits (E.164); 1000 bytes of a portal; POST_LINES_MAX lines.
 * Errors   false, with a constant reason.
 */
#ifndef CASEWORK_CONTACT_FORM_H
#define CASEWORK_CONTACT_FORM_H

#include "casework/ledger.h"

enum { POST_LINES_MAX = 10 };
bool contact_phone(struct str s, struct arena *a, struct str *ret);
bool contact_portal(struct str s);
bool contact_form_guess(struct str s, enum contact_channel *ret);
bool contact_form(struct str s, enum contact_channel c, struct arena *a, struct str *ret, const char **ret_why);

#endif
