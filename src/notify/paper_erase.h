/*
 * paper_erase: letters and call sheets of an erased organisation go from the desk's folders; what cannot be taken away is listed for a person.
 *
 * When     after the erasure is committed: it has marked each place at which one was written (notify_file.gone_us), for a file cannot be rolled back. Whoever dies in between, or leaves
 *          something, is finished by the next run. So is what an earlier run could not take.
 * Takes    NAME, NAME.part and its copies (NAME-copy-2 ...), where it is a plain file that holds the bytes that were written (SHA-256). index.csv is written anew: without the contact.
 * Leaves   and lists: a link, a folder, a file with other bytes, a file of another name that begins like it, one that a run writes just now, a folder that is not there or cannot be read.
 * Never    follows a link, in the folder or on the way to it; names of the store that no file of ours has lead nowhere.
 * Commits  its own: a line of audit, and the places that are done. A place stays for the next run while its file lies there and was not taken; a folder that is gone is told once.
 * Owner    texts in the arena.
 * Errors   of the store, ERR_MEMORY. What the disk says is in the list.
 * Not done paper, mail, exports, copies under other names.
 */
#ifndef NOTIFY_PAPER_ERASE_H
#define NOTIFY_PAPER_ERASE_H

#include "casework/ledger.h"

enum { PAPER_LEFT_MAX = 1000 };
struct paper_left { struct str folder, name /* empty: the folder as a whole */, why; };
struct paper_erased {
    uint64_t removed, gone;        /* files taken away; places that were empty: printed, posted, thrown away */
    uint64_t waiting;              /* places that the next run looks at again */
    struct paper_left *left; size_t left_n; uint64_t left_more;     /* beyond PAPER_LEFT_MAX */
};
bool paper_erase(struct ledger *l, struct os *os, struct arena *a, struct paper_erased *ret, struct err *e);

#endif
