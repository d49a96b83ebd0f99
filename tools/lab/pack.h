/*
 * pack: the evidence of a made scenario as a collector would have brought it, with the traps of that collector's format.
 *
 * Shape    `lab pack` lists the files below evidence/ (names as "C/inetpub/...", sorted), a profile keeps what it takes, a layout turns them
 *          into entries (names as the collector spells them, and its own side files), a writer puts the entries into a folder or an archive.
 * Same     equal evidence gives equal bytes: times are those of the files, the time of collection is an hour after the newest of them. But:
 *          the salt of an encrypted zip is random.
 * Extra    each collection also holds three harmless files whose names are hard: ".NET v4.5\a%b.txt", one that is not ASCII, and an event
 *          log with a literal "%4A" in its name.
 * Source   the fact sheet on interchange formats, sections 1 and 2; the source of the collectors where a comment says so.
 */
#ifndef LAB_PACK_H
#define LAB_PACK_H

#include "lab/lab.h"

struct pack_item {
    const char *name;                 /* of evidence: "C/inetpub/..."; of an entry: as in the container */
    const char *native, *mem;         /* its bytes: a file, or (native NULL) memory */
    uint64_t    size;
    int64_t     mtime_us;
    bool        dir, sealed;          /* sealed: with the password, and not deflated */
};
struct pack_profile;
struct pack_list { struct pack_item *item; size_t n, cap; };

struct pack {
    struct pool *keep;
    const char  *evidence, *out, *server, *domain, *fqdn, *password;
    int64_t      stamp_us;            /* when it was collected */
    struct pack_list file;            /* the evidence, files and folders, sorted by name */
    const struct pack_profile *profile[4];   /* any of them takes a file; none: everything */
    size_t       profile_n;
    const char  *drive;               /* NULL: all */
    json_object *truth;               /* NULL: none beside the evidence */
    const char  *tmp[16]; size_t tmp_n;
};

void pack_push(struct pack_list *list, const struct pack_item *item);
/* A copy of `b`, which is freed. */
void pack_mem(struct pack *p, struct pack_list *list, const char *name, struct buf *b, int64_t mtime_us);
void pack_sort(struct pack_list *list);
void pack_slurp(const struct pack_item *item, struct buf *ret);
const char *pack_win(struct pack *p, const char *name);                       /* "C:\inetpub\..." */
bool pack_like(const char *name, const char *pattern);                        /* '*' takes '/' as well; without case */
enum pack_hash { PACK_MD5, PACK_SHA1, PACK_SHA256 };
const char *pack_digest(struct pack *p, const struct pack_item *item, enum pack_hash kind);   /* hex, small letters */
/* "2021-03-12T10:00:05Z" with the separators given: date, between, time ("-T:" usual, "-T_" for file names); fraction digits 0..7. */
const char *pack_time(struct pack *p, int64_t us, char date, const char *between, char clock, int digits);
void buf_json(struct buf *b, const char *s);                                  /* quoted */
/* The page of every back door that the truth calls removed, as shadow copies from before its removal hold it; where the profile takes pages. */
void pack_removed_pages(struct pack *p, struct pack_list *ret);
/* A stub of the file table, which collectors that read the raw volume bring along; `name` as in the container. */
void pack_file_table(struct pack *p, struct pack_list *ret, const char *name);
/* The first lines of an item, as a shadow copy of a log holds them. */
void pack_half(struct pack *p, const struct pack_item *item, struct buf *ret);

/* ---- pack_write.c ---- */

enum pack_form { PACK_FOLDER, PACK_ZIP, PACK_ZIP_STREAM /* sizes behind the data */, PACK_7Z, PACK_TAR, PACK_TAR_GZ, PACK_TAR_XZ, PACK_TAR_ZST };
struct pack_how {
    bool utc;                         /* zip: extended timestamps beside the DOS ones */
    bool cp437;                       /* zip: names without the UTF-8 flag */
    bool stored;                      /* zip: nothing is deflated */
    const char *password;             /* zip: AES-256, of the entries that are sealed */
};
void pack_parents(const char *path);                  /* makes the folders above `path` */
void pack_write(struct pack *p, const struct pack_list *list, enum pack_form form, struct pack_how how, const char *path);
/* The same below OUT, and its path on stdout: what to hunt. */
void pack_made(struct pack *p, const struct pack_list *list, enum pack_form form, struct pack_how how, const char *name);
/* The list as one entry called `name` of another container. */
void pack_inner(struct pack *p, const struct pack_list *list, enum pack_form form, struct pack_how how, const char *name, struct pack_list *ret);

/* ---- the layouts ---- */

struct pack_layout { const char *name, *about; void (*make)(struct pack *p); bool many; };
extern const struct pack_layout pack_layouts[];

void pack_velociraptor(struct pack *p);
void pack_velociraptor_server(struct pack *p);
void pack_velociraptor_store(struct pack *p);
void pack_velociraptor_encrypted(struct pack *p);
void pack_kape(struct pack *p);
void pack_kape_zip(struct pack *p);
void pack_orc(struct pack *p);
void pack_orc_two(struct pack *p);
void pack_cylr_entries(struct pack *p, struct pack_list *ret);

/* ---- pack_profile.c ---- */

struct pack_profile { const char *name, *about; const char *const *take; };
extern const struct pack_profile pack_profiles[];
bool pack_profile_takes(const struct pack_profile *f, const char *name);

int pack_main(const char *evidence, const char *layout, const char *out, const char *profile, const char *drive, const char *server, const char *password);
int pack_layout_list(void);

/* image.c: an NTFS image of a folder that stands for a drive. */
int image_main(const char *folder, const char *out, int argc, char **argv);

#endif
