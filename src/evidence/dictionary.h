/*
 * dictionary: how much memory an archive wants for being unpacked, asked of its headers before a library is: they hold what they state, up to
 * 4 GiB for one stream, whatever the bytes behind it come to.
 *
 * Shape    the largest dictionary (LZMA, LZMA2) or model (PPMd) of any folder of a 7z, and its list where that is larger, since it is kept whole;
 *          the first block of an xz; the head of a zip member that is packed by LZMA.
 * Errors   0 for what is not understood or damaged: the library then judges it. False: the bytes cannot be read, or there is no memory.
 *          ERR_LIMIT: beyond limits.dictionary, or a list so large that its folders lie beyond DICTIONARY_LIST bytes of it.
 * Bounds   DICTIONARY_LIST bytes of a list, DICTIONARY_NEST lists that are packed in lists.
 * Not done later blocks of an xz, members of a zip that are encrypted: there the limit on the worker's memory holds (os_memory_limit).
 * Source   7-Zip's own 7zFormat.txt and Methods.txt; the .xz file format 1.1.0, 2 and 3.1; APPNOTE 6.3.10, 5.8.
 */
#ifndef EVIDENCE_DICTIONARY_H
#define EVIDENCE_DICTIONARY_H

#include "evidence/archive_inner.h"

enum { DICTIONARY_LIST = 32 << 20, DICTIONARY_NEST = 4, DICTIONARY_XZ_HEAD = 12 + 1024, DICTIONARY_ZIP_HEAD = 9 };

/* r: a 7z. */
bool dictionary_of_seven(struct reach *r, uint64_t *ret, struct err *e);
/* head: the first DICTIONARY_XZ_HEAD bytes, or as many as there are. */
uint64_t dictionary_of_xz(struct str head);
/* head: the first DICTIONARY_ZIP_HEAD bytes of a member of method 14. */
uint64_t dictionary_of_zip_lzma(struct str head);
/* Is it within the limit? Else ERR_LIMIT says how much is wanted. */
bool dictionary_fits(const struct reach *r, uint64_t bytes, struct err *e);

#endif
