/*
 * move: a plain file from one folder of a root into another, under a name that is free: as mail is moved on when it was read.
 *
 * Shape    root: a folder that the operator gave. from_dir, to_dir: folders right below it; links to them, and in place of the file, are refused.
 * Once     in one step of the kernel: the file is in one of the two folders whenever the process ends, and what is there under the new name stays.
 * Errors   ERR_IO with the path. ERR_USAGE: a name with '/', NUL, or more than 255 bytes.
 * Source   renameat2(2), RENAME_NOREPLACE; linkat(2) where the file system has it not.
 */
#ifndef OS_MOVE_H
#define OS_MOVE_H

#include "base/err.h"
#include "base/str.h"

bool os_move(struct str root, struct str from_dir, struct str from, struct str to_dir, struct str to, struct err *e);

#endif
