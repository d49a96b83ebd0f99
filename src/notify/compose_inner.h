/* compose_inner: what the files of compose.h share. Nobody else includes it. */
#ifndef NOTIFY_COMPOSE_INNER_H
#define NOTIFY_COMPOSE_INNER_H

#include "notify/compose.h"
#include "notify/template.h"

enum { COMPOSE_VALUES = 48, COMPOSE_LANGUAGES_MAX = 64 };

/* Names that a block may use; those of a row in row.txt too. NULL-ended, in the order of their values. */
extern const char *const compose_names[], *const compose_row_names[];
/* Values that are blocks themselves: actions, duties, contact, sure, finding. NULL-ended. */
struct compose_block_value { const char *name; bool lines; };
extern const struct compose_block_value compose_block_values[];
/* Blocks of a full text, in their order. NULL-ended. */
extern const char *const compose_order[];

struct compose {
    const struct told   *t;
    const struct sender *from;     /* NULL: rows only */
    const struct pack   *p;
    struct arena        *a;
    struct str           language;
    const char          *form;     /* "full", "below", "minimal", "letter", "phone" */
    size_t               columns;
    struct template_value v[COMPOSE_VALUES]; size_t n;
};
bool compose_values(struct compose *c, struct err *e);
/* finding: of the notice, or of a row. Empty: no such file, or no variant fits. */
bool compose_one(const struct compose *c, const char *block, const char *finding, const struct template_value *v, size_t n, struct str *ret, struct err *e);
bool compose_rows(const struct compose *c, size_t rows, struct str *ret, struct err *e);
/* Where text is made in an arena: whether that was full once is asked at the end. */
struct making { struct arena *a; bool full; };
/* The same text; one that should be there and is not marks the arena as full. */
static inline struct str made(struct making *m, struct str s)
{
    m->full |= s.p == NULL;
    return s;
}
/* What came from evidence must not become a link in a reader's program, nor look like our own label. */
struct str compose_inert(struct str s, struct making *m);
/* A host as A-labels; what is none, in letters of such. */
struct str compose_host(struct str host, struct making *m);
/* "[2001:db8::7]:443", "192.0.2.7" */
struct str compose_address(const struct told_server *s, struct making *m);
/* "2021-03-06 14:02 UTC" */
struct str compose_when(int64_t us, struct making *m);
/* 0..100 of the worst of them that says it. */
uint8_t compose_confidence(const struct told *t);
struct str compose_reply(const struct told *t, const struct sender *from, struct arena *a);

#endif
