/*
 * trees: what the given paths hold. A path may be one drive, a folder of several servers' drives, an archive, or a folder or archive
 * full of archives: each part that stands for itself becomes a tree, and later a source of evidence.
 *
 * Search   from each path down to TREES_DEPTH loose folders: a collector's layout, or a folder that holds a drive's root or folders named
 *          like drives, is a tree. Archives that lie beside such folders (never inside a drive, nor in a folder that looks served by IIS: an
 *          intruder's own zip is not evidence but a finding) are opened in place and searched the same way, limits.depth deep.
 *          What is left over in a searched folder is a tree as well. A path with nothing of the kind is one tree, as it is.
 * Names    a tree is told as "given/inner/folder" or "given/all.zip!/EXCH01.zip!/folder".
 * Refused  an archive that cannot be opened, and members that cannot be read, are told through `trouble`; a path of the operator's that is not there is an error.
 * Order    trees in the order of the paths, then of names.
 * Threads  trees_find uses one; afterwards the trees' worlds may be used by any.
 * Owner    `keep`, and trees_close for what libraries and files hold.
 */
#ifndef EVIDENCE_TREES_H
#define EVIDENCE_TREES_H

#include "evidence/archive.h"
#include "evidence/image.h"
#include "evidence/layout.h"
#include "evidence/trouble.h"
#include "os/guard.h"

enum { TREES_DEPTH = 4, TREES_MAX = 4096, TREES_CONTAINERS_MAX = 4096, TREES_FOLDERS_MAX = 20000 };

struct ev_options {
    struct ev_limits limits;
    struct str       spool_dir;        /* the output folder; empty: what must be spooled stays in memory */
    struct str       password;         /* of encrypted archives; empty: none */
    struct guard    *guard;            /* NULL: none */
};

struct ev_container {                  /* an archive or image that was opened */
    struct str      given;             /* "case/all.zip!/EXCH01.zip" */
    struct archive *archive;           /* or */
    struct image   *image;
    uint32_t        parent;            /* the one it lies in; TROUBLE_ALL: it lies on a disk */
    uint64_t        bytes;
    bool            hashed;            /* lies on a disk, and was read to its end */
    uint8_t         sha256[32];
    struct trees   *trees;             /* for its own reports of trouble */
};

struct tree {
    struct str      given;
    struct os      *os;
    struct str      root;              /* native, in that world */
    uint32_t        container;         /* index; TROUBLE_ALL: on a disk */
    const char     *kind;              /* "volume", "collection", "image" */
    const char     *form;              /* layout's name, or "plain", or the image's form */
    struct layout  *layout;            /* NULL: the volume's own rules */
    uint32_t        path;              /* index of the operand that it came from */
    bool            is_file;           /* one file by itself */
    bool            plain;             /* a folder on a disk without a layout */
    bool            drive;             /* the root of a drive, or a folder with drives in it */
    uint32_t        belongs;           /* index of the tree whose registry knows this one's disk, + 1; 0: none does */
    struct str     *skip; size_t skip_n;   /* native paths below root that are trees or containers of their own */
};

struct trees {
    struct os        *os;
    struct arena     *keep;
    struct ev_options opt;
    struct tree      *tree;      size_t tree_n;
    struct ev_container *container; size_t container_n;
    struct troubles  *trouble;
    struct spool     *spool;
    struct archive_stock *stock;
    const struct str *path;      size_t path_n;
};

bool trees_find(struct trees *ret, struct os *os, struct arena *keep, const struct str *path, size_t path_n, const struct ev_options *opt, struct err *e);
/* One server after all: the plain folders found below one path are taken together again, as the whole path. */
void trees_join(struct trees *t);
void trees_close(struct trees *t);     /* accepts a zeroed one */

struct ev_options ev_options_default(void);
/* A key for the guard, of two texts that name an item. An intruder cannot make two files share one. */
uint64_t ev_key(struct str a, struct str b);

#endif
