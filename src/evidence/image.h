/*
 * image: a disk image as a small world of its own: an `os` whose top holds a folder for each NTFS volume, named by its drive letter.
 *
 * Forms    raw (dd, also in pieces .001 .002 ...), E01 (with its further segments), VHD, VHDX, VMDK (flat, sparse, stream optimised). Or any block, which may be a device
 *          (image_open_block). Nothing is ever written, and nothing is unpacked to a disk.
 * Volumes  MBR, GPT, or one volume without a table. NTFS is read; what else there is is told by name, with what to do. Volumes take the letters that the registry of a Windows
 *          among them gives; without one, the volume with \Windows\System32 is C, others take the next ones, told as a guess.
 * Files    names, sizes and times come from the file table, bytes from the clusters. mtime is the file's own word, btime the kernel's (when it came to this place).
 *          Alternate streams are files named "file:stream". Deleted files whose clusters nobody took are listed with st.earlier = OS_DELETED; those whose folder
 *          is not known any more lie in "$OrphanFiles". Shadow copies are further folders of the same letter with st.earlier = 1, 2 ... from the newest on.
 * Keys     entries are opened by number, not by name: two of one name are two.
 * Damage   what is cut or unreadable is told; the rest is there. A damaged table costs the files that it described.
 * Limits   IMAGE_VOLUMES_MAX volumes, IMAGE_SHADOWS_MAX shadow copies a volume, about 1.9 million names a volume (IMAGE_TREE_BYTES): beyond it told.
 * Errors   image_open fails when nothing of it can be read at all.
 * Threads  after image_open the world may be used by any thread.
 * Owner    `keep` for what is small; image_close frees the rest.
 * Source   formats/ntfs.h, formats/partitions.h, and the adapters' own.
 */
#ifndef EVIDENCE_IMAGE_H
#define EVIDENCE_IMAGE_H

#include "evidence/limits.h"
#include "evidence/spool.h"
#include "formats/block.h"
#include "os/os.h"

enum { IMAGE_VOLUMES_MAX = 64, IMAGE_SHADOWS_MAX = 8, IMAGE_HEAD = 512, IMAGE_BYTES_MIN = 1 << 20 };

enum image_kind { IMAGE_NONE, IMAGE_RAW, IMAGE_EWF, IMAGE_VHD, IMAGE_VHDX, IMAGE_VMDK, IMAGE_PIECE /* of an image that begins in another file */, IMAGE_OTHER /* known, and not read */ };

/* By its first IMAGE_HEAD bytes, its name and its size. *ret_what, *ret_hint for IMAGE_OTHER. */
enum image_kind image_probe(struct str head, struct str name, uint64_t size_bytes, const char **ret_what, const char **ret_hint);

struct image_from;
/* Of an IMAGE_PIECE: is the file there that begins the image? */
bool image_first_there(const struct image_from *from);

struct image_from {
    struct os *os;                   /* where its file is, and the others that belong to it */
    struct str root, below;
    struct str name;                 /* for messages */
};
/* path: what it is about: "" for the whole, "partition 2" ... */
typedef void image_tell(void *ctx, struct str path, const char *what, const char *hint);

/* Files beside an image that may belong to it (further segments, extents), by their names: for who has to let a reader at them before it begins. None for other files. */
bool image_siblings(struct os *os, struct str path, struct arena *a, struct str **ret, size_t *ret_n, struct err *e);

/* Of an image that lies in an archive: from here on its files are copied to the spool as they are opened. The spool has to live as long as the image. */
bool image_spool(struct image_from *io, struct spool *spool, struct arena *keep, struct err *e);

struct image;
bool image_open(struct image **ret, const struct image_from *from, enum image_kind kind, image_tell *tell, void *ctx, struct arena *keep, struct err *e);
/* The same for bytes that are not in a file of an `os`. clock: for now_us and tick_us of the world. */
bool image_open_block(struct image **ret, struct blocks b, const char *form, struct os *clock, image_tell *tell, void *ctx, struct arena *keep, struct err *e);
struct os *image_os(struct image *m);
/*
 * Letters for the volumes of all images of a hunt, once, when the last was opened: from the registry of a Windows in any of them, else guessed and told. image_open alone gives
 * its volumes letters as if there were no other image, and tells nothing. image_named_by: index of the image whose registry knows this one's volumes; its own: none else.
 */
void image_letters(struct image *const *m, size_t n);
size_t image_named_by(const struct image *m);
/*
 * Is it no disk of a server but a container that a collector packed (KAPE's VHDX): one volume, without Windows of its own, with folders of drives in it? Then the volume's files
 * go by their names, and deleted ones are not listed. *ret_root: native path of the volume; empty: it is none. False: no memory.
 */
bool image_is_container(struct image *m, struct str *ret_root, struct err *e);
const char *image_form(const struct image *m);     /* "raw", "E01" ... */
uint64_t image_bytes(const struct image *m);       /* of the disk */
void image_close(struct image *m);                 /* accepts NULL */

#endif
