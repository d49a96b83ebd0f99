/*
 * layout: how a collector wrote Windows paths down, and what else it says about the server. One table of const structs.
 *
 * Flow     layout_open looks at the top of a tree (a folder or an archive: both are a `struct os` with a root) and asks each kind in the order
 *          of layout_table; the first that is certain reads its side files. layout_map then says for every entry of the walk what it is.
 * Paths    `below` is native, '/' separated, as the walk gives it (archive names are already harmless, see members.h). Result paths are
 *          original Windows paths "C:\inetpub\..."; "?:\..." when the drive is unknown.
 * Hostile  a decoded component may not hold '\', '/', NUL, or be "..": such an entry is LAYOUT_REFUSE with the reason. Decoded exactly once.
 *          A side file may lie: a path it states must be an absolute path of a drive or it is refused; where two entries claim one path both stand.
 * Bounds   limits.side bytes a side file, LAYOUT_ROWS_MAX rows of all of them, half of what `keep` has left (and of scratch, for one file); beyond it
 *          the rest of a side file is ignored, and told in `note`: a side file, however large, does not end the hunt.
 * Owner    everything lives in `keep`.
 * Source   fact sheet on interchange formats, sections 1 and 2.
 */
#ifndef EVIDENCE_LAYOUT_H
#define EVIDENCE_LAYOUT_H

#include "evidence/limits.h"
#include "os/os.h"

enum { LAYOUT_ROWS_MAX = 500000, LAYOUT_NOTES_MAX = 64, LAYOUT_RANGES_MAX = 100000, LAYOUT_ALSO_BYTES = 1 << 20 };

enum layout_what {
    LAYOUT_SKIP,          /* the collector's own (metadata, results, logs): not a file of the server */
    LAYOUT_ENTER,         /* a folder above the drives: no Windows path of its own */
    LAYOUT_PLACE,         /* a file or folder of the server, at `path` */
    LAYOUT_PLAIN,         /* not of this layout: the volume's own rules place it */
    LAYOUT_INNER,         /* an archive of this layout that holds more of the same server (DFIR-ORC's Event.7z) */
    LAYOUT_REFUSE         /* `what` and `hint` say why */
};

/* A file with holes: what is stored, in the order of the original. Reads of a hole give zeros; nothing is ever expanded. */
struct layout_range { uint64_t original_off, file_off, bytes; };
struct layout_sparse { struct layout_range *range; size_t n; uint64_t size_bytes; };

struct layout_place {
    enum layout_what what;
    struct str path;
    uint8_t    shadow;            /* n of a shadow copy (VSSn): the state of an earlier day; 0: the live volume */
    int64_t    mtime_us, btime_us;/* TIME_NONE: as the entry itself says */
    bool       partial;           /* the collector itself took only a part of the file */
    const struct layout_sparse *sparse;   /* NULL: none */
    /* Files of the server with the same content that were collected once: their paths, on the live volume; their times are not known. Each is
     * hunted under its own path up to LAYOUT_ALSO_BYTES bytes: a list that lies must not make one large file into many. */
    const struct str *also; size_t also_n;
    const char *refused, *hint;
};

struct layout_server {            /* what the collection states about the machine; each may be empty */
    struct str name, fqdn, os, time_zone;
    bool       has_offset;
    int        offset_minutes;    /* local time minus UTC */
    const char *stated_by;        /* "client_info.json", "name of the archive" ... */
    bool       by_name_only;      /* only a file name says it: anybody may have renamed it */
};
struct layout_note {
    struct str path;
    const char *what, *hint;
    bool remark;                  /* about files that were read: nothing is missing because of it */
};

struct layout_work;               /* private to the kind */
struct layout {
    const struct layout_kind *kind;
    struct os   *os;
    struct str   root, top;       /* top: native path below root where the layout begins, usually "" */
    const struct ev_limits *limits;
    struct arena *keep;
    struct layout_server server;
    struct layout_note note[LAYOUT_NOTES_MAX]; size_t note_n;    /* encrypted containers, deduplicated files, lost rows ... : become `refused` */
    bool         selective;       /* it takes files by patterns: a folder that is there need not be whole */
    bool         encrypted;       /* a sealed container that no password has opened: its note says what to do */
    uint64_t     row_n;           /* rows of side files so far */
    size_t       floor_bytes;     /* side files leave this much of keep alone */
    struct layout_work *work;
};

struct layout_kind {
    const char *name;             /* as in report.json: "velociraptor" */
    const char *about;            /* one line for `help sources` */
    /* 0 not mine .. 100 certain. top: the entries of the tree's top. `l` gives os, root, keep for a look at more. */
    int  (*probe)(const struct layout *l, struct str archive_name, const struct os_entry *top, size_t top_n, struct arena scratch);
    bool (*open)(struct layout *l, struct str archive_name, struct arena scratch, struct err *e);
    void (*map)(const struct layout *l, struct str below, bool is_dir, struct arena *a, struct layout_place *ret);
    /* NULL, or: the collections of one server (those of this kind are meant) tell one another. Before the first map; may change notes. */
    bool (*share)(struct layout *const *all, size_t n, struct err *e);
};
extern const struct layout_kind *const layout_table[];    /* velociraptor, acquire, uac, tanium, orc, kape, cylr; NULL-ended */

/* *ret NULL: none of them, the volume's own rules apply. archive_name: last component of the archive's or folder's name, as given. */
bool layout_open(struct layout **ret, struct os *os, struct str root, struct str archive_name, const struct ev_limits *limits,
                 struct arena *keep, struct arena scratch, struct err *e);
/* The path in ret lives in `a`. `below` may be made of keys (os_entry.key): entries of one name get one place. */
void layout_map(const struct layout *l, struct str below, bool is_dir, struct arena *a, struct layout_place *ret);

/* The layouts of all sources of one server, before they are walked: what one says (of drive letters) holds for the others. */
bool layout_share(struct layout *const *all, size_t n, struct err *e);

/* A collection that can be told only by its name, since it is encrypted as a whole (acquire's ".enc", DFIR-ORC's ".p7b"). False: no such name. */
bool layout_sealed(struct str archive_name, const char **ret_what, const char **ret_hint);

/* Where `off` of the original lies: bytes that can be read from *ret_file_off, or (hole) bytes of zeros. 0: at the end. */
uint64_t layout_sparse_at(const struct layout_sparse *s, uint64_t off, bool *ret_hole, uint64_t *ret_file_off);

#endif
