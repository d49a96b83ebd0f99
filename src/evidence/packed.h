/*
 * packed: one file as plain bytes, front to back: as it is, or out of a zst, xz or bz2 stream, or a member of a zip, tar or 7z. For files too large to hold.
 *
 * Shape    packed_open looks at the first bytes; packed_fill then gives what is inside, again and again until nothing comes. gz passes as it is: formats/source
 *          inflates it. A zip, tar or 7z has packed_n members, in the order of its directory, folders left out; packed_member goes to one.
 *          A plain tar is read in place; of a packed one, or a 7z, limits.spool_memory bytes are kept, and what is beyond them is refused by its name.
 * Hash     of the bytes as they lie there: packed_hash, over the whole file, before or after. For a member, over the member's bytes.
 * Bounds   memory of the unpackers: limits.dictionary; unpacked to packed bytes: limits.ratio.
 * Errors   packed_fill false: ERR_FORMAT the stream is damaged or cut, ERR_LIMIT a bomb, ERR_IO. What came before stands. A zip that was cut and lost its
 *          directory gives what is whole of it, up to limits.spool_memory.
 * Owner    the arena given, and packed_close for what libraries hold.
 * Not done RAR, encryption: refused by name, with a hint.
 */
#ifndef EVIDENCE_PACKED_H
#define EVIDENCE_PACKED_H

#include "evidence/limits.h"
#include "os/os.h"

struct packed;
bool packed_open(struct packed **ret, struct os *os, struct str path, const struct ev_limits *limits, struct arena *keep, struct err *e);
const char *packed_form(const struct packed *p);            /* "plain", "gz", "zst", "xz", "bz2", "zip", "tar" */
size_t packed_n(const struct packed *p);                    /* 1, or members of the archive */
const char *packed_damage(const struct packed *p);          /* a zip that was cut, in words; NULL: nothing is known of any */
bool packed_member(struct packed *p, size_t i, struct str *ret_name, struct err *e);   /* from its beginning; name empty: in no archive */
bool packed_fill(void *packed, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e);   /* a lines_fill */
/* Of the present member; its size with it. */
bool packed_hash(struct packed *p, uint8_t ret[32], uint64_t *ret_size, struct err *e);
void packed_close(struct packed *p);                        /* accepts NULL */

#endif
