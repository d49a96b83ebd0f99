/*
 * limits: how much hostile evidence may cost, by name. Every one is adjustable (`hunt --limits members=...,depth=...`), and what goes beyond
 * one is refused with the limit's name, never dropped in silence.
 */
#ifndef EVIDENCE_LIMITS_H
#define EVIDENCE_LIMITS_H

#include "base/err.h"
#include "base/str.h"

struct ev_limits {
    uint64_t members;          /* entries of one container; default 500,000 */
    uint64_t depth;            /* containers inside containers: 1 is a zip, 2 a zip in a zip; default 4 */
    uint64_t ratio;            /* unpacked to packed bytes of one member, asked above 64 MiB unpacked; default 300 */
    uint64_t unpacked;         /* bytes of all kept members of one container, by their own statement and as read; default 1 TiB */
    uint64_t spool;            /* bytes (as written, compressed) below --out for members that can be read only once; default 16 GiB */
    uint64_t spool_memory;     /* the same without --out, in memory; default 64 MiB */
    uint64_t dictionary;       /* bytes that unpacking one archive, or one member of a zip, may take in memory; default 256 MiB */
    uint64_t side;             /* bytes of one side file of a collector (uploads.json, GetThis.csv ...); default 64 MiB */
};

struct ev_limits ev_limits_default(void);
/* "members=1000000,depth=6": numbers may end in K, M, G, T (powers of 1024). ERR_USAGE names the word that was refused and lists those there are. */
bool ev_limits_parse(struct str text, struct ev_limits *io, struct err *e);
/* Name and one line of help for each, NULL-ended. */
struct ev_limit_info { const char *name, *about; size_t offset; };
extern const struct ev_limit_info ev_limit_table[];

#endif
