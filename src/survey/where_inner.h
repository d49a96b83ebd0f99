/* where_inner: what the parts of where.h know of each other. where_files.c reads text files, where_rdap.c RDAP, where_whose.c judges; where_mmdb.c is libmaxminddb's adapter, where_psl.c libpsl's. */
#ifndef SURVEY_WHERE_INNER_H
#define SURVEY_WHERE_INNER_H

#include "survey/where.h"

struct place { char country[3]; uint32_t asn; };
struct owner { struct str organisation, sector; };     /* a row of the register, or RDAP's registrant */

struct nets { struct net_entry *entry; size_t n, cap; struct net_set set; };
struct where_source { enum where_kind kind; void *mmdb; struct nets nets; };

struct word { struct str text, sector; int confidence; bool part, word; };      /* neither: an entry of a map */
struct where {
    struct arena *a;
    struct where_source file[WHERE_FILES_MAX]; size_t file_n;
    struct place *place; size_t place_n, place_cap;
    struct map    places;                              /* "AT64496" -> place */
    struct owner *owner; size_t owner_n, owner_cap;
    struct nets   registered, small;                   /* the register's networks; RDAP's small ones */
    struct map    domains, numbers;                    /* of the register: registrable domain, AS number -> owner */
    struct map    suffixes, naics, reports;            /* of sectors.csv -> word */
    struct word  *word; size_t word_n, word_cap;
    uint64_t      rows;
};

bool nets_add(struct where *w, struct nets *to, const struct net *n, uint32_t value, struct err *e);
/* A range: as many networks as it takes. */
bool nets_add_range(struct where *w, struct nets *to, const uint8_t first[16], const uint8_t last[16], uint32_t value, struct err *e);
/* UINT32_MAX: no room. */
uint32_t where_place(struct where *w, struct str country, uint32_t asn);
uint32_t where_owner(struct where *w, struct str organisation, struct str sector);

bool where_rdap(struct where *w, struct str text, uint64_t *rows, uint64_t *bad, struct err *e);
bool where_table(struct where *w, struct str text, enum where_kind *ret_kind, uint64_t *rows, uint64_t *bad, struct err *e);
bool where_delegated(struct where *w, struct str text, uint64_t *rows, uint64_t *bad, struct err *e);

/* False with ERR_NONE: the file is no database. */
bool where_mmdb_open(void **ret, struct str path, struct arena scratch, struct err *e);
bool where_mmdb_find(const void *db, const uint8_t ip[16], struct place *ret);      /* what it does not know stays as it is */
void where_mmdb_close(void *db);

#endif
