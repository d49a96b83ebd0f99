/*
 * privacy_inner: what the files of privacy.h share: privacy.c erases and holds, privacy_names.c knows what names an organisation, privacy_servers.c takes its servers' names,
 * privacy_retain.c is what time does.
 */
#ifndef CASEWORK_PRIVACY_INNER_H
#define CASEWORK_PRIVACY_INNER_H

#include "casework/privacy.h"
#include "store/bind.h"

struct privacy_work {
    struct ledger *l;
    struct store  *s;
    struct arena   a;
    const struct privacy_also *also;
    int64_t        org;
    struct privacy_erased n;
    struct str    *name; size_t name_n, name_cap;      /* what names it, in lower case */
    char           tag[64];                            /* "erased-17-0a1b2c3d" */
};

/* Of the organisation: ?1. */
#define ASSETS   "(SELECT asset FROM case_member WHERE org = ?1)"
#define SUBJECTS "(SELECT subject FROM case_asset WHERE asset IN " ASSETS ")"
/* Keys that no server of anybody else has. */
#define KEYS     "(SELECT x.key FROM case_edge x WHERE x.asset IN " ASSETS " AND NOT EXISTS (SELECT 1 FROM case_edge y WHERE y.key = x.key AND y.asset NOT IN " ASSETS "))"

/* "table WHERE ...": counts, then does it. set NULL: the rows go. count: may be NULL. */
bool privacy_change(struct privacy_work *w, const char *table, const char *set, const char *where, const struct bound *v, size_t n, uint64_t *count, struct err *e);

/* All that names it, into w->name: before anything goes. */
bool privacy_names(struct privacy_work *w, struct err *e);
/* Free texts that name it: reasons and details of the audit, rows that were refused, names of sources and review items. */
bool privacy_free_texts(struct privacy_work *w, struct err *e);
/* Its servers under names of no domain, here and in the survey. w->tag is set. */
bool privacy_servers(struct privacy_work *w, struct err *e);
/* The whole of it for w->org, in the caller's transaction. */
bool privacy_erase_all(struct privacy_work *w, struct str why, struct err *e);

/* SQLite leaves what was deleted in free pages and in its log, unless it is told not to. PostgreSQL: VACUUM, which it does by itself. */
bool privacy_wipe_begin(struct store *s, struct err *e);
bool privacy_wipe_end(struct store *s, struct err *e);

#endif
