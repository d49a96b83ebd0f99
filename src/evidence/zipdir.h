/*
 * zipdir: the central directory of a zip, read by ourselves: 64 bytes for each entry instead of libzip's 350 for each entry and handle, one bad
 * record does not cost the others, and members that lie upon each other are noticed.
 *
 * Found    the last end record whose directory is where it says; else one whose directory stands right before it (bytes were put in front of the
 *          zip, or are missing there, and that is told); ZIP64. Further end records that are as good are told: what one reader sees, another does not.
 * Bounds   limits.members entries. Two passes over the directory, both in sequence.
 * Overlap  of two members that share bytes, the one that runs over the other's beginning is refused ("overlapping"), unless nothing begins there:
 *          then the other is. Of two with one beginning, the later one ("listed twice" when they agree in everything).
 * Not done archives in several volumes.
 * Source   APPNOTE 6.3.10, 4.3.7, 4.3.12 to 4.3.16, 4.4, 4.5.3, 4.5.5; extra field 0x5455: Info-ZIP extrafld.txt; 0x9901: WinZip "AES encryption information".
 */
#ifndef EVIDENCE_ZIPDIR_H
#define EVIDENCE_ZIPDIR_H

#include "evidence/archive_inner.h"

enum { ZIP_AES = 99, ZIP_LOCAL = 30, ZIP_FLAG_CRYPT = 1, ZIP_CRYPT_HEAD = 12 /* bytes */, ZIP_FLAG_LATER = 8, ZIP_FLAG_STRONG = 0x40, ZIP_FLAG_UTF8 = 0x800 };
enum zip_fault { ZIP_FINE, ZIP_OVERLAP, ZIP_TWICE, ZIP_BEYOND, ZIP_NOWHERE };

struct zip_entry {
    uint64_t local_off;              /* of the local header in the file */
    uint64_t packed_bytes, size_bytes;
    uint32_t crc;
    uint16_t method, flags, dos_time, dos_date;
    uint16_t name_n;
    uint8_t  fault;                  /* enum zip_fault */
    bool     begins;                 /* a local header was seen there; only asked where it matters */
    bool     clipped;                /* its bytes run over the end of the file */
    uint8_t  aes[7];                 /* body of extra field 0x9901 */
};

/* Where the directory is, and what the end record says of it. */
struct zip_directory {
    uint64_t off, end;          /* in the file; at the end stands its end record */
    uint64_t base;              /* bytes that were put before the zip */
    uint64_t lost;              /* bytes of its beginning that are missing */
    uint64_t count;             /* as stated */
    bool     whole_count;       /* not cut to 16 bits */
    bool     moved;             /* it is not where the end record says, and nothing in front or missing explains that */
    bool     exact;             /* the end record and its comment reach to the end of the file */
    uint32_t rivals;            /* further end records that are as good */
};
/* zipend.c. *ret_broken, and false: there is none. */
bool zipdir_end(struct reach *r, struct zip_directory *ret, bool *ret_broken, struct err *e);

/* malloc'ed; the caller frees. *ret_broken, and false: there is no directory. */
bool zipdir_scan(struct reach *r, struct zip_entry **ret, size_t *ret_n, uint64_t ret_dir[2], bool *ret_broken, struct err *e);
/* Text of a link's target. False: it cannot be read. */
typedef bool zip_link(void *ctx, size_t i, struct arena *a, struct str *ret);
/* Second pass: names, times, kinds, limits; adds to r->members. */
bool zipdir_list(struct reach *r, const struct zip_entry *entry, size_t n, const uint64_t dir[2], zip_link *link, void *ctx, struct err *e);

#endif
