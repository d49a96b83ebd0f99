/*
 * layout_orc: the two halves of one kind. layout_orc.c knows the archives, layout_orc_table.c reads the tables inside.
 *
 * Outer    "DFIR-ORC_Server_EXCH01.example.test_General.7z" holds archives, one for each tool that ran: LAYOUT_INNER. Each of these is a tree of
 *          its own, with its own tables.
 * Samples  a stored file has no path in its name. GetThis.csv says it: SampleName is the entry, FullName the path behind the drive.
 * Drives   a table knows volumes by serial number. The letter comes from volstats.csv (MountPoint); else the one volume that holds "\Windows", or
 *          the only volume there is, is C: (told, where it is a guess); else the path is "?:\Volume{serial}\...". volstats.csv mostly lies in an
 *          archive of its own, so the trees of one server tell one another (share) before they are walked.
 * Times    GetThis.csv gives $STANDARD_INFORMATION and $FILE_NAME. The first are the file's times; the second tell, where they disagree.
 * Source   fact sheet on interchange formats, section 2.5; DFIR-ORC's GetThisSqlSchema.xml, NTFSInfoSqlSchema.xml (volstats) and GetThis_Run.cpp
 *          (a row for each name of a file; no SampleName: it was beyond the limits of the configuration and not taken).
 */
#ifndef EVIDENCE_LAYOUT_ORC_H
#define EVIDENCE_LAYOUT_ORC_H

#include "evidence/layout_rows.h"

enum { ORC_VOLUMES_MAX = 64, ORC_SHADOWS_MAX = 64, ORC_FEW = 10, ORC_HEAD = 64 << 10, ORC_VOLUME_NONE = 255 };

struct orc_volume {
    uint64_t   serial;
    uint8_t    stated;            /* letter, by a table; 0: none */
    uint8_t    letter;            /* the same, or found out; 0: not known */
    bool       own;               /* of this tree; else learnt from another of the same server */
    bool       windows;           /* holds "\Windows\..." */
    struct str unknown, text;     /* "?:\Volume{...}"; what paths begin with */
};
struct orc_some { struct str rest; uint8_t volume; };
/* A few of many: pages first. */
struct orc_few {
    struct orc_some page[ORC_FEW], other[ORC_FEW];
    size_t          page_n, other_n;
    uint64_t        all;
};
struct layout_work {
    struct layout_rows rows;      /* path: "\Windows\..." behind the volume */
    struct orc_volume  volume[ORC_VOLUMES_MAX];
    size_t             volume_n;
    struct str         shadow[ORC_SHADOWS_MAX];
    size_t             shadow_n;
    struct orc_few     left, stomped;     /* seen but not taken; times that look as if set by hand */
    uint64_t           wrong;
    struct str         wrong_first;
    bool               guessed;   /* the letter of the only volume */
    size_t             note_from; /* notes from here on depend on letters */
};

/* The first ORC_HEAD bytes of a file below the top, as UTF-8; empty when it cannot be read. */
struct str orc_head(const struct layout *l, struct str below, struct arena *a);
/* Does this text begin as a table of DFIR-ORC does? */
bool orc_is_table(struct str head);
bool orc_samples_read(struct layout *l, struct str file, struct arena scratch, struct err *e);      /* GetThis.csv */
bool orc_volumes_read(struct layout *l, struct str file, struct arena scratch, struct err *e);      /* volstats.csv */
bool orc_settle(struct layout *l, struct err *e);                                                   /* after the last table: letters, notes */
bool orc_share(struct layout *const *all, size_t n, struct err *e);
/* "EXCH01.example.test": name and fqdn, unless there is a name. */
void orc_server(struct layout *l, struct str stated, const char *by);

#endif
