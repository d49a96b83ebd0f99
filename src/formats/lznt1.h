/*
 * lznt1: the compression of NTFS.
 *
 * Shape    one unit (usually 64 KiB): chunks of at most 4096 bytes.
 * Errors   false: damaged; *ret_n bytes came out before.
 * Source   MS-XCA 2.5, "LZNT1 Algorithm Details".
 */
#ifndef FORMATS_LZNT1_H
#define FORMATS_LZNT1_H

#include "base/str.h"

bool lznt1_unpack(struct str in, uint8_t *out, size_t cap, size_t *ret_n);

#endif
