/*
 * servers: which of the trees belong to which server, by its computer name (contract: one report speaks of one server).
 *
 * Name      what the collector states (client_info.json, GetThis.csv ...); else what most rows at the heads of the text logs say
 *           (s-computername, ServerHostName, ServerName: the first label, in capitals); else a collector's name of the archive.
 * Groups    trees of one name are one server, unless their logs cannot be (servers_marks.h) or collectors state full names of two domains: then each of the
 *           computers has a group of that name. Trees without a name, if anything was recognised in them, join it when there is only one name, unless their logs
 *           are another's, or the archives are called after their servers and theirs is not; where there are several names, they join the one whose evidence
 *           lies nearest (the same folder or archive), when that is one; else each path's nameless trees stay together as "unnamed-1" ...
 *           Without any name, everything is one server, but for trees whose logs cannot be.
 * Split     a loose folder (no drive in it) whose sub-folders hold logs of different servers becomes one tree for each of them.
 * Bounds    SERVERS_LOGS logs a tree, SERVERS_HEAD bytes of each.
 */
#ifndef DETECT_SERVERS_H
#define DETECT_SERVERS_H

#include "evidence/ev.h"

enum { SERVERS_MAX = 4096, SERVERS_LOGS = 24, SERVERS_HEAD = 256 << 10, SERVERS_SPLIT_MAX = 256 };

struct server_group {
    struct str name;             /* "EXCH01"; empty: unknown */
    const struct layout_server *stated;   /* what a collector says about it; NULL: nothing */
    uint32_t  *tree; size_t n;   /* in the order of the trees */
};
/* name: from the operator, everything is that one server; empty: find out. May add trees (splits). */
bool servers_group(struct trees *t, struct str name, struct arena *keep, struct server_group **ret, size_t *ret_n, struct err *e);

#endif
