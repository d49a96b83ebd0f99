/*
 * contact: whom to tell of a case, and by which path: the ladder of casework/ladder.h. One file for each of its verbs: contact_NAME.c.
 */
#include "cli/contact.h"

static const struct verb *const verbs[] = {
    &verb_contact_list,
    &verb_contact_show,
    &verb_contact_add,
    &verb_contact_drop,
    &verb_contact_look,
    NULL
};

const struct verb verb_contact = {
    .name = "contact", .about = "finds whom to tell, grades it, and says whether the intruder may read that mail", .usage = "VERB [OPTION]... [OPERAND]...",
    .text = "Contacts come from constituency lists, registers, look-ups and people; each carries who stated it and when. None is deleted: what bounced, ended or opted out stays, and is not used.",
    .sub = verbs,
};
