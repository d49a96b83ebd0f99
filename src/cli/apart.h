/*
 * apart: is the output folder apart from the evidence? Evidence is never written to, not even beside what was read.
 *
 * Shape    compares device and inode of each folder on the way up, so links, "." and ".." in a path do not deceive it.
 * Errors   ERR_USAGE: one lies inside the other. ERR_IO: a path of the evidence cannot be asked about.
 * Not done one folder mounted in two places; systems that give every file the same inode.
 */
#ifndef CLI_APART_H
#define CLI_APART_H

#include "os/os.h"

enum { APART_DEPTH_MAX = 256 };

/* `out` need not exist yet. scratch: by value. */
bool apart_check(struct os *os, struct str out, const struct str *evidence, size_t evidence_n, struct arena scratch, struct err *e);

#endif
