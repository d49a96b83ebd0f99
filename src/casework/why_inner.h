/* why_inner: what the files of why.h share: why_words.c says things, why_read.c reads keys and who gave them, why.c answers. */
#ifndef CASEWORK_WHY_INNER_H
#define CASEWORK_WHY_INNER_H

#include "casework/why.h"
#include "store/bind.h"

bool why_no_room(struct err *e);

/* Sentences. .p NULL: no room. */
struct str why_state_words(const struct why_key *k, struct arena *a);
struct str why_given_words(const struct why_key *k, const struct why_given *g, struct arena *a);
struct str why_step_words(const struct why_step *s, bool joined, struct arena *a);

/* Columns of case_key from `column` on: id, class, value, country, state, assets, domains. */
#define WHY_KEY_COLUMNS "k.id, k.class, k.value, k.country, k.state, k.assets, k.domains"
bool why_take_key(struct store_stmt *st, int column, struct arena *a, struct why_key *ret, struct err *e);
bool why_key_read(struct store *s, int64_t id, struct arena *a, struct why_key *ret, struct err *e);            /* false with ERR_NONE: no such key */
/* Columns of case_edge d from `column` on, with the row, its file and who says so. */
#define WHY_EDGE_COLUMNS "d.by_what, d.kind, d.sure, d.row_id, d.detail, q.name, f.name, coalesce(l.line, n.line, x.line, 0), coalesce(l.observed_us, n.since_us, x.observed_us)"
#define WHY_EDGE_JOINS   " LEFT JOIN case_source q ON q.id = d.source LEFT JOIN case_link l ON d.by_what = 0 AND l.id = d.row_id LEFT JOIN case_entry n ON d.by_what = 1 AND n.id = d.row_id" \
                         " LEFT JOIN case_mx x ON d.by_what = 2 AND x.id = d.row_id LEFT JOIN case_file f ON f.id = coalesce(l.file, n.file, x.file)"
_Static_assert(WHY_LINK == 0 && WHY_ENTRY == 1 && WHY_MX == 2, "WHY_EDGE_JOINS has their numbers");
enum { WHY_EDGE_WIDTH = 9 };
bool why_take_given(struct store_stmt *st, int column, struct arena *a, struct why_given *ret, struct err *e);
/* Who says so when no source has a name: the survey, the operator's files, a person. */
struct str why_nameless(enum why_by by);
bool why_given_read(struct store *s, int64_t asset, int64_t key, struct arena *a, struct why_given *ret, struct err *e);

/* The best name of a server that the store has; may be empty. */
bool why_name(struct store *s, int64_t asset, struct arena *a, struct str *ret, struct err *e);

#endif
