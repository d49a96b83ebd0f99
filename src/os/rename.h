/*
 * rename: a file gets its name in a folder, goes on into the next one, or goes: for what must appear at most once, and whole.
 *
 * Shape    dir: a folder that the operator gave, links on the way to it are followed. from, to, name: names in it, without '/'; nothing below is followed.
 * Own      a folder's own path begins at / and goes over no link; os_folder tells it. Where it is wanted, a link anywhere on the way is refused.
 * Once     os_rename_new gives the name only where it is free, in one step of the kernel: of two who try, one is told ERR_IO "... exists". Safe against a loss of power when it returns.
 * Move     os_move takes a plain file from one folder below `root` into another, as mail is moved on when it was read; links in place of the folders or the file are refused. Whenever the
 *          process ends it is in one of the two, and what is there under the new name stays.
 * Errors   ERR_IO with the path in `where`. ERR_USAGE: a name with '/', NUL or more than 255 bytes.
 * Source   renameat2(2), RENAME_NOREPLACE; linkat(2) where the file system has it not.
 */
#ifndef OS_RENAME_H
#define OS_RENAME_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

bool os_rename_new(struct str dir, struct str from, struct str to, struct err *e);
bool os_move(struct str root, struct str from_dir, struct str from, struct str to_dir, struct str to, struct err *e);
/* A plain file or a link, never a folder. One that is not there is fine. */
bool os_remove(struct str dir, struct str name, struct err *e);
/* The own path of a folder that is there, into the arena. */
bool os_folder(struct str dir, struct arena *a, struct str *ret, struct err *e);
/* A plain file, and nothing else, in a folder that is named by its own path. One that is not there is fine. */
bool os_remove_own(struct str dir, struct str name, struct err *e);

#endif
