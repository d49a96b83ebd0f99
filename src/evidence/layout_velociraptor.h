/*
 * layout_velociraptor: what the files of this kind share. Names and places are in layout_velociraptor.c, side files in velociraptor_side.c,
 * sparse maps in velociraptor_sparse.c, collections before 0.6.7 in velociraptor_early.c.
 *
 * Keys     of an entry: its decoded components from the accessor on, '/' between ("auto/C:/inetpub/x.log"); exact case.
 *          Of a place: "C:\inetpub\x.log", or "VSS1\inetpub\x.log" in a shadow copy; without case.
 */
#ifndef EVIDENCE_LAYOUT_VELOCIRAPTOR_H
#define EVIDENCE_LAYOUT_VELOCIRAPTOR_H

#include "evidence/layout_inner.h"
#include "evidence/layout_rows.h"

struct layout_work {
    struct layout_rows    up;          /* by key of the entry: what uploads.json says of files */
    struct layout_rows    stated;      /* by key of the place: rows that state no components */
    struct layout_rows    times;       /* by key of the place */
    struct layout_rows    maps;        /* by key of the entry: the .idx files themselves */
    struct layout_rows    sparse;      /* by key of the entry that a map belongs to; turn is the index in `map` */
    struct layout_sparse *map; size_t map_n, map_cap;
    uint64_t              map_bytes;   /* of all .idx files read so far: limits.side is their sum's */
    bool     server;                   /* names as a server's file store writes them */
    bool     early;                    /* before 0.6.7: entries are paths without ':' and '?', nothing is encoded, no uploads.json */
    bool     sealed;
    bool     look;                     /* uploads.json is damaged or speaks of maps: look for .idx files */
    uint8_t  only_letter;              /* when one drive was collected: then a shadow copy is one of it; else 0 */
    uint32_t letters;                  /* a bit each */
};

struct velociraptor_volume { uint8_t letter, shadow; };       /* both 0: unknown */

bool velociraptor_key(const struct layout *l, struct str native, bool as_twin, struct arena *a, struct str *ret, const char **ret_wrong);
/* A path as vfs_path and SourceFile state it, parted behind the volume ("\x\y" or ""). False: no volume. */
bool velociraptor_stated(struct str path, struct velociraptor_volume *ret, struct str *ret_rest);
/* rest: canonical, "\x\y" or "". False: no room. */
bool velociraptor_place_key(struct velociraptor_volume v, struct str rest, struct arena *a, struct str *ret);

/* Is this top-level folder one that an early collection puts files of the server below? *ret_accessor: it is named after an accessor. */
bool velociraptor_early_root(struct str name, bool *ret_accessor);
bool velociraptor_early(struct layout *l, struct arena scratch, struct err *e);
void velociraptor_early_map(const struct layout *l, struct str below, bool is_dir, struct arena *a, struct layout_place *ret);
/* Does a top look like one? Some folder "Windows.KapeFiles.Targets" with results, and one with files. */
bool velociraptor_early_probe(const struct layout *l, const struct os_entry *top, size_t n, struct arena scratch);

bool velociraptor_server(struct layout *l, struct str archive_name, struct arena scratch, struct err *e);
bool velociraptor_sealed(struct layout *l, struct str archive_name, struct arena scratch, struct err *e);
bool velociraptor_uploads(struct layout *l, struct arena scratch, struct err *e);
bool velociraptor_times(struct layout *l, struct arena scratch, struct err *e);
bool velociraptor_maps(struct layout *l, struct arena scratch, struct err *e);

#endif
