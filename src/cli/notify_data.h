/*
 * notify_data: what the verbs of `afterpatch notify` share: the store with notices in it, and the team's settings.
 *
 * Shape    as case_data.h, whose struct and case_close they use. notify_read: for views. notify_write: alone, tables are made. notify_share: beside others (send, read, settle, stop).
 * Settings --settings FILE, else notify.yaml in the working folder. notify_settings also binds them to the store (settings.h): a test instance stays one.
 * Errors   of the store and of settings.h; in words with a hint.
 */
#ifndef CLI_NOTIFY_DATA_H
#define CLI_NOTIFY_DATA_H

#include "cli/case_data.h"
#include "notify/settings.h"

#define NOTIFY_OPT_SETTINGS { "settings", "FILE", "who the team is, and how it sends (notify.yaml)", NULL }

bool notify_read(struct case_data *d, struct cli *c, struct str store, struct err *e);
bool notify_write(struct case_data *d, struct cli *c, struct str store, struct str who, struct err *e);
bool notify_share(struct case_data *d, struct cli *c, struct str store, struct str who, struct err *e);
/* d: open for writing or sharing. path: as given on the command line, may be empty. */
bool notify_settings(struct case_data *d, struct str path, struct settings *ret, struct err *e);

#endif
