/*
 * desk: all that is on record about one case, as a person reads it: in the order of time, with who said it and where it stands. For views, and for who writes to victims.
 *
 * Shape    desk_case: facts of its servers and of the case itself, what it inherits (heirs.h), and how the survey's word about its servers changed (case_look). Each
 *          stands with the server's name, its source and the file's name and line. Newest last.
 * From     the ledger and the board of the newest update; nothing is folded here.
 * Bounds   `most` entries: the newest; left_out tells how many are older.
 * Text     as it came: hostile.
 * Errors   of the store; ERR_MEMORY. False with ERR_NONE: the board knows no such case.
 * Owner    everything in the arena.
 */
#ifndef CASEWORK_DESK_H
#define CASEWORK_DESK_H

#include "casework/state.h"
#include "store/store.h"

enum desk_from { DESK_SERVER, DESK_CASE, DESK_INHERITED, DESK_SURVEY };
struct desk_fact {
    enum desk_from from;
    int64_t    id;                 /* of case_fact; 0: of the survey */
    int64_t    asset;              /* 0: not of a server */
    int64_t    case_;              /* DESK_INHERITED: whose it is */
    int64_t    us;                 /* when it was true, as far as that can be believed */
    struct fact f;                 /* f.subject: as it was recorded; f.hash: empty */
    struct str server, source, file; uint64_t line;
};
struct desk { struct desk_fact *fact; size_t n; uint64_t left_out; };
bool desk_case(struct store *s, int64_t case_, size_t most, struct arena *a, struct desk *ret, struct err *e);

/* "vulnerable, grade B": what a fact says, in the words of the field. At most DESK_TEXT - 1 bytes, plain ASCII; a person's words are not in it. */
enum { DESK_TEXT = 120 };
void desk_says(const struct fact *f, char ret[DESK_TEXT]);

#endif
