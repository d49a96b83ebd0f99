/*
 * files_ntfs: what its three files share: gathering from the file table and the change journal (files_ntfs.c), which names are worth it
 * (files_ntfs_names.c), and facts (files_ntfs_tell.c).
 */
#ifndef DETECT_FILES_NTFS_H
#define DETECT_FILES_NTFS_H

#include "detect/files_inner.h"
#include "detect/filetimes.h"
#include "base/map.h"

/* Logs whose end is worth a word, each kind told once. */
enum ntfs_log { NTFS_LOG_NONE, NTFS_LOG_IIS, NTFS_LOG_EXCHANGE, NTFS_LOG_EVENT, NTFS_LOG_HISTORY, NTFS_LOGS };
struct ntfs_gone { uint64_t n; int64_t first_us, last_us; struct str some; uint32_t node; uint64_t offset; };

struct ntfs_gather {
    struct files_context *c;
    struct filetimes     *times;
    struct map            by_path;         /* folded path to index in times->item; of several of one path the one that counts */
    struct map            named;           /* folded names that facts speak of */
    struct map            named_path;      /* ... and their paths */
    struct ntfs_gone      gone[NTFS_LOGS];
    struct arena         *pile;            /* until the facts are told */
};

/* By the name alone, so that a path is made only of what may matter. */
enum filetime_kind ntfs_name_kind(struct str name);
/* ... and by the whole path: what is dull after all. The path need not begin with a drive. */
enum filetime_kind ntfs_path_kind(const struct files_context *c, struct arena scratch, struct str path, enum filetime_kind by_name);
enum ntfs_log ntfs_log_of(struct str name, struct str path);
bool ntfs_log_name(struct str name);
/* In a folder that IIS serves, as far as is known or the path tells. */
bool ntfs_web_place(const struct files_context *c, struct arena scratch, struct str path);
/* A page in a folder that has only the product's own pages, and this is none of them. */
bool ntfs_extra_page(const struct files_context *c, struct str path);

bool ntfs_tell(struct ntfs_gather *g, struct err *e);

#endif
