/*
 * lock: one process at a time. The system gives the lock back when its holder ends, however it ends.
 *
 * Shape    a file of its own beside what it guards; it stays there, empty.
 * Errors   os_lock: *ret_busy says that another process (or another lock of this one) holds it; that is no error.
 */
#ifndef OS_LOCK_H
#define OS_LOCK_H

#include "base/err.h"
#include "base/str.h"
#include "os/os.h"

/* False with ERR_NONE and *ret_busy: somebody has it. */
bool os_lock(struct str path, struct os_file *ret, bool *ret_busy, struct err *e);
void os_unlock(struct os_file *f);            /* accepts OS_FILE_NONE */

#endif
