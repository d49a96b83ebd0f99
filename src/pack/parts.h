/* parts: the files of a pack, one reader each. Private to src/pack. Errors: ERR_FORMAT with the line; the caller adds the file. */
#ifndef PACK_PARTS_H
#define PACK_PARTS_H

#include "pack/pack.h"

enum { PACK_FILES_MAX = 20000, PACK_FILE_MAX = 4 << 20, PACK_ROWS_MAX = 200000 };

/* What a pack gathers while its files are read: lists that grow. */
struct pack_building {
    struct pack  *p;
    struct arena *a;
    size_t        ioc_cap, clean_cap, config_cap, build_cap, group_cap, guide_cap;
};

bool pack_head_read(struct pack_building *b, struct str text, struct err *e);       /* pack.yaml  */
bool pack_builds_read(struct pack_building *b, struct str text, struct err *e);     /* builds.csv */
bool pack_groups_read(struct pack_building *b, struct str text, struct err *e);     /* groups.csv */
bool pack_iocs_read(struct pack_building *b, struct str text, struct err *e);       /* iocs.csv   */
bool pack_clean_read(struct pack_building *b, struct str text, struct err *e);      /* clean/NAME.csv */
bool pack_guidance_read(struct pack_building *b, struct str text, struct err *e);   /* guidance/en.md */

/* Unpacks an embedded pack. */
struct pack_blob { const char *id; const uint8_t *p; size_t n, raw_n; };
extern const struct pack_blob pack_blobs[];          /* made by tools/packbin; ended by id == NULL */
bool pack_blob_files(const struct pack_blob *blob, struct arena *a, struct pack_file **ret, size_t *ret_n, struct err *e);

#endif
