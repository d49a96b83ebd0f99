/*
 * ntfs: an NTFS volume, read from its blocks without anybody's help: what is locked, hidden or deleted is read as well.
 *
 * Shape    ntfs_open reads the boot sector (or its copy at the end) and finds the file table; ntfs_record gives a record of it; ntfs_file_open gathers the places of a
 *          stream, from the record and those that its attribute list names; ntfs_file_read reads them.
 * Streams  resident, sparse and compressed (LZNT1) ones are read; beyond their valid length they give zeros. Those encrypted by EFS, packed by WOF or deduplicated are
 *          refused by name (ERR_FORMAT with a hint).
 * Bounds   clusters up to 2 MiB, records up to MFT_RECORD_MAX, NTFS_EXTENTS_MAX places a stream, NTFS_LIST_MAX entries of an attribute list.
 * Errors   ERR_FORMAT for what is damaged, ERR_MEMORY when the arena is full, or the block's own.
 * Owner    arenas of the caller.
 * Threads  after ntfs_open a volume may be read by any thread; a file belongs to one at a time.
 * Not done writing, $LogFile replay, checking.
 * Source   as mft.h.
 */
#ifndef FORMATS_NTFS_H
#define FORMATS_NTFS_H

#include "base/arena.h"
#include "formats/block.h"
#include "formats/mft.h"

enum { NTFS_EXTENTS_MAX = 1 << 20, NTFS_LIST_MAX = 16384, NTFS_LIST_BYTES = 1 << 20, NTFS_CLUSTER_MAX = 2 << 20 };

struct ntfs_extent { uint64_t vcn, clusters; int64_t lcn; };    /* lcn -1: a hole */

struct ntfs_file {
    const struct ntfs  *v;
    bool                resident, compressed;
    struct str          data;                  /* resident */
    struct ntfs_extent *extent; size_t n, cap;
    uint64_t            size_bytes, valid_bytes;
    uint32_t            unit_bytes;            /* compressed */
    uint8_t            *unit; uint64_t unit_at; /* the last one that was unpacked; UINT64_MAX: none */
};

struct ntfs {
    struct blocks     b;
    uint32_t         sector_bytes, cluster_bytes, record_bytes;
    uint64_t         clusters, serial;
    struct ntfs_file mft, bitmap;
    uint64_t         record_n;
    bool             from_copy;                /* the boot sector is the one at the end */
    bool             from_mirror;              /* the first record of the table is that of $MFTMirr */
};

bool ntfs_open(struct ntfs *ret, const struct blocks *b, struct arena *keep, struct err *e);
/* raw: record_bytes of the caller's; the record's views lie in it. */
bool ntfs_record(const struct ntfs *v, uint64_t number, uint8_t *raw, struct mft_record *ret, struct err *e);
/* stream: its name as UTF-16LE, empty: the file's own bytes. sequence: as it must be; 0: any. */
bool ntfs_file_open(struct ntfs_file *ret, const struct ntfs *v, uint64_t number, uint16_t sequence, struct str stream, struct arena *a, struct err *e);
bool ntfs_file_read(struct ntfs_file *f, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e);
/* The first offset from `off` on that lies in no hole. */
uint64_t ntfs_file_next_data(const struct ntfs_file *f, uint64_t off);
/* Of a deleted stream described by one record: is no cluster of it in use by others? By the volume's bitmap. */
bool ntfs_stream_spare(const struct ntfs *v, const struct mft_stream *s, uint8_t *buf /* 4096 */, struct err *e);

#endif
