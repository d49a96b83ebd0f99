/*
 * append: a file that only grows, for what must not be forgotten when the process is killed or the power fails.
 *
 * Shape    what os_append_write said is written survives kill -9; what os_append_sync said is there survives a loss of power.
 * File     made with mode 0600 when it is not there; a link, a device or a pipe is refused.
 * Errors   ERR_IO with the path in `where`. A write that fails midway leaves a torn tail: the reader must know a whole record from a part of one.
 */
#ifndef OS_APPEND_H
#define OS_APPEND_H

#include "base/err.h"
#include "base/str.h"

struct os_append { int fd; };         /* -1: not open */

bool os_append_open(struct os_append *ret, struct str path, struct err *e);
bool os_append_write(struct os_append *a, struct str s, struct err *e);
/* Takes the last bytes off again: a torn tail that an earlier process left. */
bool os_append_cut(struct os_append *a, uint64_t tail_bytes, struct err *e);
bool os_append_sync(struct os_append *a, struct err *e);
void os_append_close(struct os_append *a);

#endif
