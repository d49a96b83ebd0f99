/*
 * rename: one file of a folder gets its name, or goes: for what must appear at most once, and whole.
 *
 * Shape    dir: a folder that the operator gave, links on the way to it are followed. from, to, name: names in it, without '/'; nothing below is followed.
 * Once     os_rename_new gives the name only where it is free, in one step of the kernel: of two who try, one is told ERR_IO "... exists". Safe against a loss of power when it returns.
 * Errors   ERR_IO with the path in `where`. ERR_USAGE: a name with '/', NUL or more than 255 bytes.
 * Source   renameat2(2), RENAME_NOREPLACE; linkat(2) where the file system has it not.
 */
#ifndef OS_RENAME_H
#define OS_RENAME_H

#include "base/err.h"
#include "base/str.h"

bool os_rename_new(struct str dir, struct str from, struct str to, struct err *e);
/* A plain file or a link, never a folder. One that is not there is fine. */
bool os_remove(struct str dir, struct str name, struct err *e);

#endif
