/*
 * notify: the verbs of `afterpatch notify`, one file each (notify_NAME.c). A new one is a line here and a line of the table in notify.c.
 */
#ifndef CLI_NOTIFY_H
#define CLI_NOTIFY_H

#include "cli/verbs.h"

extern const struct verb verb_notify_plan, verb_notify_show, verb_notify_approve, verb_notify_stop, verb_notify_send, verb_notify_settle, verb_notify_read;

#endif
