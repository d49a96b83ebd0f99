/*
 * ev: what a server left, as one list of nodes with original Windows paths.
 *
 * Shape    sources (trees.h: one or more for each PATH) of a kind from ev_table; ev_open walks them all and keeps each node that belongs to a family or that a detector
 *          may want (pages, configuration, tools, leftovers); the rest is counted. Nodes are sorted by folded path, then source, then entry.
 * Roots    found from the evidence itself: applicationHost.config, the tree's own shape, setup logs; any drive, any folder, 2010 to SE.
 * Bounds   EV_NODES_MAX nodes kept, EV_DEPTH_MAX folders deep, names of EV_NAME_MAX bytes; beyond it: refused, and said.
 * Errors   ev_open fails only when memory or the operator's own path fails. A part that cannot be read is in `refused`.
 * Threads  after ev_open everything is read-only; ev_read may be called from any thread.
 */
#ifndef EVIDENCE_EV_H
#define EVIDENCE_EV_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "evidence/family.h"
#include "evidence/trees.h"
#include "os/os.h"

enum { EV_NODES_MAX = 250000, EV_DEPTH_MAX = 128, EV_NAME_MAX = 1024, EV_REFUSED_MAX = 10000 };

struct ev_node {
    uint32_t    id;              /* its index in ev.node */
    uint16_t    source;          /* index in ev.source */
    enum family family;
    struct str  path;            /* original Windows path, as stored: "C:\inetpub\..." ; "?:\..." when the volume is unknown */
    struct str  entry;           /* name inside a container, as stored; empty for a volume */
    struct str  below;           /* native path below the source's root */
    const struct layout_sparse *sparse;   /* NULL: no holes */
    uint8_t     shadow;          /* from shadow copy n, or deleted (OS_DELETED): the file as it was on an earlier day; 0: the live volume */
    bool        partial;         /* whoever collected it took only a part of it */
    bool        stopped;         /* its readers were brought down by it: left out, and told */
    uint64_t    size_bytes;
    int64_t     mtime_us, btime_us;   /* TIME_NONE when unknown; btime only from the evidence's own file system */
    /* Filled while reading, by whoever reads the node whole; guarded by the order of the pool. */
    bool        hashed;
    uint8_t     sha256[32];
};

struct ev_source {
    struct str  given;           /* PATH as given, and what lies below it: "case/all.zip!/EXCH01" */
    const char *kind;            /* "volume", "collection", "image" */
    const char *layout;          /* "plain" */
    struct os  *os;              /* the world that it lies in: the disk, or an archive */
    struct str  root;            /* native, in that world */
    uint64_t    bytes;
    const struct tree *tree;
};

struct ev_refused {
    struct str path, what, hint;
    bool       unknown;          /* of an archive as a whole: nobody knows which files it cost */
};

/* Where the server's products and sites live, found from the evidence. Paths canonical, no trailing separator. */
enum { EV_ROOTS_MAX = 64 };
struct ev_root {
    struct str path;             /* "D:\Exch\V15", "C:\inetpub\wwwroot" */
    struct str url;              /* for served folders: "/aspnet_client", "/owa" ...; empty: not served by itself */
    uint32_t   site;             /* IIS site id; 0 unknown */
    bool       found;            /* the folder is in the evidence (else only named by configuration) */
    bool       product;          /* part of Exchange itself */
    uint32_t   named_by;         /* node that names it, or UINT32_MAX: by its shape */
};

struct ev {
    struct os         *os;
    struct arena      *keep;
    struct trees      *trees;
    struct trees      *own;                     /* ... when ev_close has to close them; else NULL */
    struct guard      *guard;                   /* NULL: none */
    struct ev_source  *source;
    size_t             source_n;
    struct ev_node    *node;
    size_t             node_n;
    uint64_t           seen_n, seen_bytes;      /* all plain files, kept or not */
    struct ev_refused *refused;
    size_t             refused_n, refused_more;
    struct ev_root     install[8];              /* Exchange install folders */
    size_t             install_n;
    struct ev_root     served[EV_ROOTS_MAX];    /* web roots: site roots and virtual directories */
    size_t             served_n;
    bool               pages_left_out;          /* collected by patterns that took no page at all: a page that is missing may be there */
    uint8_t            system_drive;            /* 'C' unless the evidence says otherwise */

    /* Inner: read through the functions below. */
    struct str        *dir;                     /* folders that were walked, canonical, sorted without case, distinct */
    size_t             dir_n;
    struct ev_alias   *alias;                   /* links of the evidence that lead to a walked folder */
    size_t             alias_n;
    uint32_t           back_site[16];           /* IIS site ids of the Exchange back end */
    size_t             back_site_n;
};

/* A junction or link inside the evidence, and the folder that it leads to. */
struct ev_alias {
    struct str from, to;
};

/* Kinds of evidence, for help and reports. Each is a world (struct os) to the walk; trees.c makes them. NULL-ended. */
struct ev_kind { const char *name, *about; };
extern const struct ev_kind ev_kinds[];

/* One server from all that the paths hold, with the limits' defaults: trees_find, trees_join, ev_open_trees. The evidence owns the trees. */
bool ev_open(struct ev *ret, struct os *os, struct arena *keep, const struct str *path, size_t path_n, struct err *e);
/* The trees whose indices stand in `which`, as one server. The trees have to live as long as the evidence. */
bool ev_open_trees(struct ev *ret, struct arena *keep, struct trees *trees, const uint32_t *which, size_t which_n, struct err *e);
void ev_close(struct ev *v);
/* Trouble that the trees' archives had so far, as part of `refused`. Once, after the last file was read. */
void ev_trouble_take(struct ev *v, struct arena scratch);
/* The Windows path that a collector's native path stands for, by its look alone: "a/C/x" gives "C:\x", "a/x" gives "?:\a\x". */
struct str ev_guess_path(struct arena *a, struct str native);

/* Was anything found that this tool knows: a log, a page, a configuration ...? False: the operator gave the wrong folder. */
bool ev_recognised(const struct ev *v);

/* Random access. A file handle is opened per call: use ev_stream for whole files. */
bool ev_read(struct ev *v, const struct ev_node *n, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e);
/* The first offset from `off` on that may hold other bytes than zeros, where the node's world knows it; else `off`. */
uint64_t ev_next_data(struct ev *v, const struct ev_node *n, uint64_t off);
/* The whole node, at most max bytes (more: ERR_LIMIT). Hashes it when it is whole. */
bool ev_slurp(struct ev *v, struct ev_node *n, size_t max, struct arena *a, struct str *ret, struct err *e);

/* Sequential reading of one node; lines_fill compatible when ctx is the stream. Hashes on the way when asked. */
struct ev_stream;
bool ev_stream_open(struct ev_stream **ret, struct ev *v, struct ev_node *n, bool hash, struct arena *a, struct err *e);
bool ev_stream_fill(void *stream, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e);
/* At any place, without moving the stream. What lies behind what was read so far is cheap, in packed archives too; what lies before may be read anew. */
bool ev_stream_read_at(struct ev_stream *s, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e);
/* Bytes read so far. After the end was reached and hashing was asked for, the node's sha256 is set. */
uint64_t ev_stream_close(struct ev_stream *s);   /* accepts NULL */

/* The node's key for the guard: the same in every worker, and no other node's. */
uint64_t ev_node_key(const struct ev *v, const struct ev_node *n);
/* The guard barred the node: told in `refused`, once. From one thread at a time (the pool's turn). */
void ev_node_stopped(struct ev *v, struct ev_node *n);

/* Around whatever reads the node while no other thread does: false, and told, when the guard barred it. */
bool ev_node_enter(struct ev *v, struct ev_node *n);
void ev_node_leave(struct ev *v);

/* Adds to `refused`; bounded; safe only from one thread at a time (the pool's turn). */
void ev_refuse(struct ev *v, struct str path, const char *what, const char *hint);

/* The same for an error: what failed, and what to do about it. `kind`: "unreadable", "unreadable folder" ... */
void ev_refuse_err(struct ev *v, struct str path, const char *kind, const struct err *why);
/* Of which family would this file or folder have been, had it been read? FAM_NONE: of none that a verdict rests on. */
enum family ev_family_of(const struct ev *v, struct str path, struct arena scratch);

/* A node by its Windows path, folded; resolves 8.3 components and junctions within the evidence. NULL: not in the evidence. */
const struct ev_node *ev_find(const struct ev *v, struct str path);
/* Is the folder in the evidence (was it walked)? Tells "file is gone" from "folder was not collected". */
bool ev_has_dir(const struct ev *v, struct str path);
/* ... and would a page of that folder be in the evidence? No, where a collector took only other files from it. */
bool ev_has_pages_of(const struct ev *v, struct str dir);
/* The URL under which IIS serves `path`, canonical (urlpath_canon form); false when no served root holds it. */
bool ev_url_of(const struct ev *v, struct arena *a, struct str path, struct str *ret_url);
/* The Windows path that answers `url` on the front end, whether or not the file is there; false when no root is known. */
bool ev_path_of(const struct ev *v, struct arena *a, struct str url, struct str *ret_path);

#endif
