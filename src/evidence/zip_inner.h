/*
 * zip_inner: one open member of a zip, as the two files share it that know libzip. Not for others: zipdir.h is the door.
 */
#ifndef EVIDENCE_ZIP_INNER_H
#define EVIDENCE_ZIP_INNER_H

#include "evidence/zipdir.h"

#include <zip.h>

struct inflate64;

enum { ZIP_AHEAD = 64 << 10, ZIP_HEAD_MAX = 46 + 1 + 20 + 11 + ZIP_LOCAL, ZIP_END_BYTES = 22 };

struct zipfile {
    struct reach      *r;
    struct zip_entry  *entry;
    size_t             n;
    char              *password;
    struct archive_stock *stock, *own; /* own: nobody gave one */
};

struct zip_stream {
    struct zipfile      *of;
    const struct member *member;
    struct zip_entry    *entry;
    uint64_t             pos;          /* of the unpacked bytes */
    bool                 ended;        /* at pos, whatever was stated */
    bool                 careful;      /* small steps from here on */
    uint64_t             used;         /* when it was put into the stock */
    zip_t               *archive;
    zip_file_t          *file;
    struct inflate64    *wide;         /* Deflate64, which libzip does not have: then archive and file stay NULL */
    uint32_t             crc;          /* of what wide gave so far */
    /* what libzip is shown */
    struct zip_place     place;
    uint8_t              head[ZIP_HEAD_MAX], end[ZIP_END_BYTES];
    size_t               head_n;
    uint64_t             at;           /* libzip's position */
    uint8_t             *ahead;        /* bytes of the container from ahead_off on */
    uint64_t             ahead_off;
    size_t               ahead_n;
    struct err           io;
    zip_error_t          error;
};

/* The zip of one member that libzip is shown: its directory record, local header and end are made; the member's bytes stay where they lie. */
void zip_frame_make(struct zip_stream *s);
/* A zip_source_callback over it. */
zip_int64_t zip_frame_source(void *ctx, void *data, zip_uint64_t n, zip_source_cmd_t what);

#endif
