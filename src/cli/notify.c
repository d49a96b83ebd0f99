/*
 * notify: every victim told once: planned by the schedule, approved by a second person, handed over, and followed. One file for each of its verbs: notify_NAME.c.
 */
#include "cli/notify.h"

static const struct verb *const verbs[] = {
    &verb_notify_plan, &verb_notify_show, &verb_notify_approve, &verb_notify_send, &verb_notify_settle, &verb_notify_read, &verb_notify_stop,
    NULL
};

const struct verb verb_notify = {
    .name = "notify", .about = "tells victims, each once, by a path the intruder does not own", .usage = "VERB [OPTION]... [OPERAND]...",
    .text = "Nothing is sent that a second person did not approve. What was decided is in the store before it is sent, so a sender that dies never sends twice; what nobody can know "
            "is said to be unknown, and settled from the mail server's own log.",
    .sub = verbs,
};
