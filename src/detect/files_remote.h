/* files_remote: the two halves of the detector of remote tools: programs (files_remote.c), settings and traces (files_remote_set.c). */
#ifndef DETECT_FILES_REMOTE_H
#define DETECT_FILES_REMOTE_H

#include "detect/files_inner.h"

/* What a name explains: settings of tunnels, traces of remote control, keys, the hosts file, ransom notes. True also when it is none of them. */
bool remote_settings(struct files_context *c, struct files_node *n, struct err *e);
/* An item of an autostart folder. */
bool remote_startup(struct files_context *c, struct files_node *n, struct err *e);

#endif
