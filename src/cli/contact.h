/*
 * contact: the verbs of `afterpatch contact`, one file each (contact_NAME.c). A new one is a line here and a line of the table in contact.c.
 */
#ifndef CLI_CONTACT_H
#define CLI_CONTACT_H

#include "cli/verbs.h"

extern const struct verb verb_contact_list, verb_contact_show, verb_contact_add, verb_contact_drop, verb_contact_look;

#endif
