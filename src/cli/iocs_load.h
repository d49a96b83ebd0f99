/*
 * iocs_load: indicators of the operator's, from the files and folders given (parted by ',').
 *
 * Shape    a folder is taken whole, with what lies in it to a depth of IOCS_DEPTH; names that begin with '.' are passed over. In a folder, a file
 *          that is none of the formats is told among the refused; given by itself it is an error.
 * Memory   in a range of its own, sized by the files: IOCS_ROOM_MIN to IOCS_ROOM_MAX bytes.
 * Errors   ERR_LIMIT beyond the bounds of ioc_read.h and detect/iocs.h, with the file.
 */
#ifndef CLI_IOCS_LOAD_H
#define CLI_IOCS_LOAD_H

#include "os/os.h"
#include "pack/ioc_read.h"

enum { IOCS_DEPTH = 6, IOCS_ROOM_MIN = 16 << 20, IOCS_ROOM_MAX = 512 << 20 };

/* *ret_room: to be given back with os_arena_unmap when the indicators have done their work. scratch by value. */
bool iocs_load(struct os *os, struct str list, struct arena scratch, struct iocs *ret, struct arena *ret_room, struct err *e);

#endif
