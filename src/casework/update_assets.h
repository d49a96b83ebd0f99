/* update_assets: what update_assets.c and update_traits.c share. Nobody else includes it, but update_groups.c for update_next. */
#ifndef CASEWORK_UPDATE_ASSETS_H
#define CASEWORK_UPDATE_ASSETS_H

#include "casework/same.h"
#include "casework/update_inner.h"

struct asset_more { struct str org; const uint8_t *name_from; /* enum obs_naming; NULL: nobody says */ bool survey; };
struct assets {
    struct update *u;
    struct same_item *item; struct asset_more *more; size_t n, cap;        /* subjects by number, then the survey's places */
    struct str *name; size_t name_n, name_cap;         /* of subjects */
    uint32_t *first; bool *wild; size_t at;            /* of each subject, while names come */
    struct same same;
    int64_t  *number;              /* of each server of `same` */
    uint32_t *at_of;               /* its place in u->server */
};

/* Fills in what servers are like: u->server, u->trait. */
bool update_traits(struct assets *x, struct err *e);

/* The next number of a kind; put: writes it. */
bool update_next(struct update *u, const char *what, int64_t *next, bool put, struct err *e);

#endif
