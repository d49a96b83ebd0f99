/*
 * mft: one record of NTFS's master file table: names, times, streams.
 *
 * Shape    mft_record_parse mends the sector ends of a record (fixups) in place and gives views into it.
 * Times    $STANDARD_INFORMATION is what programs may set; $FILE_NAME is set by the kernel, when the name is made. Microseconds since 1970.
 * Units    sizes in bytes, runs in clusters. Records count from 0; a reference is the number and the sequence that the record had then.
 * Bounds   records of MFT_RECORD_MAX bytes, MFT_ATTRIBUTES_MAX attributes, MFT_NAMES_MAX names, MFT_STREAMS_MAX streams: beyond it `damaged`.
 * Errors   false with ERR_FORMAT: no record at all (a signature of another kind, zeros). What is damaged behind the header is said, and the rest kept.
 * Threads  nothing is shared.
 * Not done indexes ($I30), $LogFile, security descriptors, object ids.
 * Source   libyal, "New Technologies File System (NTFS)"; linux-ntfs, layout.h.
 */
#ifndef FORMATS_MFT_H
#define FORMATS_MFT_H

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

enum { MFT_RECORD_MIN = 512, MFT_RECORD_MAX = 4096, MFT_ATTRIBUTES_MAX = 256, MFT_NAMES_MAX = 32, MFT_STREAMS_MAX = 64, MFT_ROOT = 5 };

struct mft_ref { uint64_t record; uint16_t sequence; };

struct mft_times {
    int64_t created_us, modified_us, changed_us, accessed_us;   /* TIME_NONE: none */
    bool    whole_seconds;                                      /* of created, modified and accessed: no part of a second in any */
};

enum mft_space { MFT_POSIX, MFT_WIN32, MFT_DOS, MFT_WIN32_DOS };
struct mft_name {
    struct mft_ref   parent;
    struct mft_times times;
    struct str       raw;            /* UTF-16LE */
    enum mft_space   space;
    bool             is_dir;
    uint64_t         size_bytes;     /* as it was when the name was made; often 0 */
};

struct mft_stream {
    struct str raw;                  /* name, UTF-16LE; empty: the file's own bytes */
    bool       resident, compressed, encrypted, sparse;
    struct str data;                 /* resident: the bytes; else the runs */
    uint64_t   first_vcn, last_vcn;  /* of these runs */
    uint64_t   size_bytes, valid_bytes, stored_bytes;   /* where first_vcn is 0, else 0 */
    uint8_t    unit_log2;            /* clusters of a compression unit; 0: none */
};

enum { MFT_TAG_LINK = 0xA000000C, MFT_TAG_MOUNT = 0xA0000003, MFT_TAG_DEDUP = 0x80000013, MFT_TAG_WOF = 0x80000017 };

struct mft_record {
    uint64_t          number;        /* as it says itself where it does, else as given */
    uint16_t          sequence, links;
    bool              in_use, is_dir;
    struct mft_ref    base;          /* of an extension record: what it belongs to; record 0 and sequence 0: it is none */
    bool              has_standard;
    struct mft_times  standard;
    uint32_t          attributes;    /* of the file, as in $STANDARD_INFORMATION */
    struct mft_name   name[MFT_NAMES_MAX];     size_t name_n;
    struct mft_stream stream[MFT_STREAMS_MAX]; size_t stream_n;
    bool              has_list;
    struct mft_stream list;          /* $ATTRIBUTE_LIST */
    uint32_t          reparse_tag;   /* 0: none */
    struct str        reparse;       /* its data, when it lies in the record */
    struct mft_stream bitmap;        /* $BITMAP, of the table itself: which records are in use */
    bool              has_bitmap;
    const char       *damaged;       /* NULL: whole */
};

/* raw: n bytes, changed in place. */
bool mft_record_parse(struct mft_record *ret, uint8_t *raw, size_t n, uint64_t number, struct err *e);
/* The size of the records of a table, from its first MFT_RECORD_MIN bytes; 0: not the beginning of a table. */
size_t mft_record_size(struct str head);
/* Is it a base record: the beginning of a file? */
static inline bool mft_is_base(const struct mft_record *r) { return r->base.record == 0 && r->base.sequence == 0; }

/* Takes one run off *rest. False: the end, or damage (*ret_bad). lcn < 0: a hole. `lcn` carries over from run to run; begin with 0. */
struct mft_run { uint64_t clusters; int64_t lcn; };
bool mft_run_next(struct str *rest, int64_t *lcn, struct mft_run *ret, bool *ret_bad);

/* Entries of an attribute list: those of $DATA and others. False: the end, or damage. */
struct mft_list_entry { uint32_t type; struct str raw; uint64_t first_vcn; struct mft_ref at; };
bool mft_list_next(struct str *rest, struct mft_list_entry *ret);
enum { MFT_TYPE_STANDARD = 0x10, MFT_TYPE_LIST = 0x20, MFT_TYPE_NAME = 0x30, MFT_TYPE_DATA = 0x80, MFT_TYPE_BITMAP = 0xB0, MFT_TYPE_REPARSE = 0xC0 };

#endif
