/*
 * mfttree: which file lies in which folder, from the records of a file table in any order.
 *
 * Shape    mft_tree_open, mft_tree_add for each record that could be parsed, mft_tree_settle; then entries by record, children by folder, paths.
 * Deleted  a record that is not in use any more keeps its names: an entry with `deleted`. Its folder is found while that folder's record still speaks of the
 *          same folder (the sequence is one more when the folder went as well); else it is an orphan.
 * Loops    a folder within itself is never reached from the root; a path is at most MFT_TREE_DEPTH names long, then it is "too deep", like an orphan's.
 * Bounds   MFT_TREE_RECORDS_MAX records, and the arena: what does not fit is counted in `left_out`. About 60 bytes and the name for each file.
 * Threads  after mft_tree_settle everything is read-only.
 */
#ifndef FORMATS_MFTTREE_H
#define FORMATS_MFTTREE_H

#include "base/arena.h"
#include "formats/mft.h"

enum { MFT_TREE_RECORDS_MAX = 16 << 20, MFT_TREE_DEPTH = 120 };
#define MFT_NOTHING UINT32_MAX

enum {
    MFT_IS_DIR = 1, MFT_IS_DELETED = 2, MFT_IS_STREAM = 4 /* a stream of the file: named "file:stream" */, MFT_IS_LINK = 8 /* reparse point to elsewhere */,
    MFT_IS_ORPHAN = 16, MFT_IS_LATE = 32, MFT_IS_WHOLE_SECONDS = 64, MFT_IS_SPARE = 128 /* deleted, and its bytes are still there, as far as the caller of add knows */
};

struct mft_entry {
    uint32_t record, parent;
    uint16_t sequence, parent_sequence;
    uint16_t name_n;
    uint8_t  flags, space;
    uint32_t name_at;
    uint32_t next_of_record, next_in_folder;      /* MFT_NOTHING: none */
    uint64_t size_bytes;
    int64_t  created_us, modified_us;             /* $STANDARD_INFORMATION */
    int64_t  born_us;                             /* $FILE_NAME, created: by the kernel */
};

struct mft_tree {
    struct arena      a;                          /* its own: nothing else grows in it */
    struct mft_entry *entry;    uint32_t entry_n;    size_t entry_cap;
    uint32_t         *of_record, *in_folder;      /* by record: first entry; for folders: first child */
    uint32_t          record_n;                   /* highest record + 1 */
    size_t            record_cap;
    uint8_t          *names;    size_t names_n, names_cap;
    uint32_t          orphans;                    /* first of the chain by next_in_folder */
    uint64_t          files, deleted, left_out;
};

/* room: address space that the tree may use, a quarter of it for names. False: less than 64 KiB. */
bool mft_tree_open(struct mft_tree *ret, struct arena room, struct err *e);
/* spare: of a deleted file, whether its bytes can still be read. */
void mft_tree_add(struct mft_tree *t, const struct mft_record *m, bool spare);
void mft_tree_settle(struct mft_tree *t);
/* After it was settled: what it takes without its spare room, and the move into room of that size. Nothing can be added then. */
size_t mft_tree_bytes(const struct mft_tree *t);
bool mft_tree_move(struct mft_tree *t, struct arena room);

struct str mft_entry_name(const struct mft_tree *t, const struct mft_entry *x);    /* UTF-8; "file:stream" of a stream */
/* "\Windows\Temp\x.aspx", from the root on. False: orphaned or too deep: then from the highest folder known, without "\" in front. .p NULL: no room. */
bool mft_tree_path(const struct mft_tree *t, uint32_t entry, struct arena *a, struct str *ret);
/* The same of a folder given by reference, as the change journal does it. False: that folder is not known (any more). */
bool mft_tree_folder(const struct mft_tree *t, struct mft_ref folder, struct arena *a, struct str *ret);
/* The entry of a folder that the reference means, deleted or not; MFT_NOTHING. */
uint32_t mft_tree_folder_entry(const struct mft_tree *t, struct mft_ref folder);

#endif
