/*
 * xpress: LZ77 with Huffman codes, as Windows packs prefetch files, hibernation and more ("LZXPRESS Huffman").
 *
 * Bounds   the output's size is known beforehand; never a byte more is written. Work is linear in it.
 * Errors   ERR_FORMAT: codes that cannot be, a match before the beginning, input that ends early. *ret_n says what was whole.
 * Owner    nothing is allocated.
 * Not done plain LZ77 without Huffman codes (MS-XCA 2.4), packing.
 * Source   MS-XCA, 2.2.
 */
#ifndef FORMATS_XPRESS_H
#define FORMATS_XPRESS_H

#include "base/err.h"
#include "base/str.h"

enum { XPRESS_TABLE = 1 << 15 };

/* `table`: room for XPRESS_TABLE entries, the caller's. Fills out[0..n). */
bool xpress_huffman(uint8_t *out, size_t n, struct str in, uint16_t table[XPRESS_TABLE], size_t *ret_n, struct err *e);

#endif
