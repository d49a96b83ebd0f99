/*
 * block: `struct blocks`, bytes that can be read at any place: an image of a disk, a partition of it, a shadow copy, later a device.
 *
 * Threads  read may be called from any thread.
 * Errors   read: false when the source failed. Beyond size_bytes nothing is got.
 */
#ifndef FORMATS_BLOCK_H
#define FORMATS_BLOCK_H

#include "base/err.h"
#include "base/str.h"

struct blocks {
    /* Fills buf as far as possible; *ret_got < cap only at the end. */
    bool   (*read)(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e);
    void    *ctx;
    uint64_t size_bytes;
};

/* A part of another: `self` is the context of the block that block_part gives, and lives as long. */
struct block_range { struct blocks of; uint64_t off; };
struct blocks block_part(struct block_range *self, struct blocks of, uint64_t off, uint64_t size_bytes);
/* n bytes or an error ("the image ends ..."). */
bool block_whole(const struct blocks *b, uint64_t off, uint8_t *buf, size_t n, struct err *e);

#endif
