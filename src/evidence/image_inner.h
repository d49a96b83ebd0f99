/*
 * image_inner: what image.c, image_world.c and the adapters of the forms share and nobody else needs.
 *
 * Adapters turn files into a block. They keep no file position, and lock what they cache: a block is read by several threads at once.
 */
#ifndef EVIDENCE_IMAGE_INNER_H
#define EVIDENCE_IMAGE_INNER_H

#include "evidence/image.h"
#include "formats/mfttree.h"
#include "formats/ntfs.h"
#include "formats/partitions.h"

enum { IMAGE_PIECES_MAX = 1024, IMAGE_TREE_BYTES = 192 << 20 };

struct image_file { struct os *os; struct os_file f; uint64_t size_bytes; };

struct image_reach {
    struct image_from from;
    struct str        dir;           /* of from.below, with its separator at the end, or empty */
    image_tell       *tell;
    void             *ctx;
    struct arena     *keep;
};
/* name NULL'd: the image's own file; else one beside it. */
bool image_file_open(struct image_file *ret, const struct image_reach *r, struct str name, struct err *e);
void image_file_close(struct image_file *f);
/* n bytes, or false: ERR_FORMAT where the file ends before. */
bool image_file_whole(const struct image_file *f, uint64_t off, uint8_t *buf, size_t n, struct err *e);
void image_say(const struct image_reach *r, const char *path, const char *what, const char *hint);

/* What an adapter gives. close accepts what open left half done. */
struct image_body { struct blocks b; const char *form; void *ctx; void (*close)(void *ctx); };
bool image_raw_open(struct image_body *ret, const struct image_reach *r, struct err *e);
bool image_ewf_open(struct image_body *ret, const struct image_reach *r, struct err *e);
bool image_vhd_open(struct image_body *ret, const struct image_reach *r, struct err *e);
bool image_vhdx_open(struct image_body *ret, const struct image_reach *r, struct err *e);
bool image_vmdk_open(struct image_body *ret, const struct image_reach *r, struct err *e);

/* "It needs its parent": always false. */
bool image_needs_parent(struct err *e);

/*
 * image_vhdx_log.c. The sectors that the log of a VHDX replaces, laid over the file. False with ERR_FORMAT, ERR_LIMIT: it cannot be replayed; *ret is empty then, and as good
 * as no log. vhdx_log_bytes: n bytes of the file with its log, or an error.
 */
enum { VHDX_LOG_MAX = 64 << 20 };
struct vhdx_patch { uint64_t off, at; uint32_t order; uint8_t edge[12]; };     /* at: in the file; edge: its first 8 and last 4 bytes */
struct vhdx_zero { uint64_t from, to; uint32_t order; };
struct vhdx_log { struct vhdx_patch *patch; struct vhdx_zero *zero; size_t patch_n, zero_n; uint64_t from, to, size_bytes; };
bool vhdx_log_open(struct vhdx_log *ret, const struct image_file *f, const uint8_t guid[16], uint64_t off, uint32_t bytes, struct arena *keep, struct err *e);
bool vhdx_log_bytes(const struct vhdx_log *l, const struct image_file *f, uint64_t off, uint8_t *buf, size_t n, struct err *e);
uint32_t image_crc32c(uint32_t crc, const uint8_t *p, size_t n);

/*
 * Chunks that have to be unpacked: the last few are kept. make fills all `n` bytes of chunk `at` (counted from 0); it may be called by several threads at once, for
 * different chunks.
 */
struct image_cache;
typedef bool image_make(void *ctx, uint64_t at, uint8_t *buf, size_t n, struct err *e);
bool image_cache_open(struct image_cache **ret, size_t chunk_bytes, image_make *make, void *ctx, struct err *e);
/* As a block's read, over `size_bytes` bytes. */
bool image_cache_read(struct image_cache *c, uint64_t size_bytes, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e);
void image_cache_close(struct image_cache *c);     /* accepts NULL */
/* A zlib stream into n bytes; what is missing becomes zeros. False: damaged. */
bool image_inflate(struct str in, uint8_t *out, size_t n);

/* image_shadow.c. Copies count from the newest on. *ret_more: how many are left out. The volume's blocks live as long as they do. */
struct image_shadows;
bool image_has_shadows(const struct blocks *volume);
bool image_shadows_open(struct image_shadows **ret, struct blocks volume, size_t *ret_n, size_t *ret_more, struct err *e);
struct blocks image_shadow_block(struct image_shadows *s, size_t i);
void image_shadows_close(struct image_shadows *s);      /* accepts NULL */

/* Entries by folder and name, without case: an open table, MFT_NOTHING where it is empty. */
struct image_names { uint32_t *entry; size_t mask; };

struct image_volume {
    struct image_shadows *shadows;   /* of the live volume; its copies follow it in the list */
    struct ntfs        ntfs;
    struct block_range range;
    struct partition   partition;
    struct arena       room;         /* address space of the tree; whole, for giving it back */
    struct mft_tree    tree;
    uint8_t            letter, earlier;
    size_t             of;           /* earlier: the volume that it is a copy of */
    bool               system;
    bool               named;        /* a container of somebody's: its entries go by their names */
    struct image_names names;
};

/* A letter that the registry of a Windows gives: gpt: the GUID of a partition; else the signature of a disk (4 bytes) and the place on it. */
struct image_letter { uint8_t letter, id[16]; bool gpt; uint64_t off; };

struct image {
    struct image_reach   r;
    struct image_body    body;
    const char          *form;
    struct os           *clock;
    struct os            os;
    struct image_volume *volume; size_t volume_n;
    struct image_letter  letter[64]; size_t letter_n;
    size_t               named_by;
    bool                 gpt;
    uint8_t              disk_id[16];
    struct err           first;      /* why the first volume that could not be read was not */
};

/* image_letters.c. What the registry in it says, for image_letters. False: no memory. */
bool image_letters_read(struct image *m, struct err *e);

/* image_world.c. Native names of entries: this character, and a number; no name of Windows has it. */
enum { IMAGE_KEY = '*' };
void image_world_make(struct image *m);
/* Reads the file table of a volume into its tree. live: of a shadow copy, the volume as it is: files that are the same there are left out. */
bool image_volume_index(struct image *m, struct image_volume *v, const struct image_volume *live, struct err *e);
bool image_names_make(struct image_volume *v, struct err *e);
/* The entry of \a\b\c..., folders and files alike; MFT_NOTHING. */
uint32_t image_volume_find(const struct image_volume *v, const char *const *part, size_t part_n);

#endif
