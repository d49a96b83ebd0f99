/* told_inner: what the files of told.h share: told_read.c reads many cases at once, told_judge.c says what of them may be told, told_steps.c what a hunt advised, told.c makes a notice's facts of it. */
#ifndef NOTIFY_TOLD_INNER_H
#define NOTIFY_TOLD_INNER_H

#include "casework/ledger.h"
#include "notify/told.h"

/* On what grounds something is told. label: "TLP:AMBER"; NULL: it may not be. */
struct told_ground { const char *label; int64_t us; enum grade grade; struct str detector; bool own; };
/* What sources said of one thing: the newest word that may be told; was there any at all? id: of that fact. */
struct told_word { struct told_ground free; int64_t id; bool any; };
enum { WORD_FLAW, WORD_DOOR, WORDS };

struct told_row {                  /* a server of the board */
    int64_t asset, exposure_us, compromise_us, clean_us, seen_us;
    struct str name, ip, country, build, product;
    uint32_t asn; uint16_t port;
    enum exposure exposure; enum compromise compromise; enum grade exposure_grade, compromise_grade;
    bool clean;
    struct told_word word[WORDS];
    struct told_ground look;       /* the newest look of the survey that saw the flaw */
    struct str path, sha256; bool traced;      /* of the back door, by the newest hunt, where that may be told */
    enum notice_finding finding; struct told_ground ground;        /* told_judge: what it amounts to; no label: nothing of it may be told, or nothing is to tell */
};
struct told_said { struct str contact, message_id; };
struct told_case { int64_t id; struct str organisation; struct told_row *row; size_t row_n; struct told_word word[WORDS]; struct told_said *said; size_t said_n, said_cap; };
struct told_contact { int64_t id, us; struct str source, name, role; };
struct told_set { struct told_case *c; size_t n; struct told_contact *contact; size_t contact_n; };

struct told_run {
    struct store        *s;
    struct case_campaign campaign;
    const struct pack   *p;
    int32_t              year;
    bool                 whole_cases;          /* is anything said of whole cases? */
};

bool told_no_room(struct err *e);
bool told_copy(struct arena *a, struct str s, struct str *ret, struct err *e);

/* told_judge.c. NULL: it may not be told. A word without a source is a person's of the team. */
const char *told_label_of(struct str tlp, bool releasable, int64_t source);
static inline bool told_present(enum compromise c) { return c == COMPROMISE_BACKDOORED || c == COMPROMISE_RELAPSED; }
void told_judge(const struct told_case *c, struct told_row *x);
int told_severity(enum notice_finding f);      /* 0: the worst */

/* told_read.c. c is in the set: it was asked for. NULL: no such contact. */
const struct told_case *told_case_of(const struct told_set *set, int64_t case_);
const struct told_contact *told_contact_of(const struct told_set *set, int64_t contact);

/* told_steps.c: titles of the report's next steps, as the pack words them: of the report only their names are taken. */
bool told_steps(struct told_run *r, int64_t asset, struct arena *a, struct str *ret, struct err *e);

#endif
