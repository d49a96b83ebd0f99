/*
 * layout_kape: the two halves of one kind. layout_kape.c knows the tree, layout_kape_lists.c reads what KAPE wrote beside it.
 *
 * Lists    *_copylog.csv: where each file came from, and its times. It is believed about times and about the name of a file; a row whose folder is
 *          not the folder where the file lies is not (what is on disk is seen, what a list says is only said), and is counted.
 *          *_skiplog.csv: files that were there and are not in the collection. *_consolelog.txt: the machine KAPE ran on.
 * Source   fact sheet on interchange formats, section 2.2; KAPE's documentation, "Log files" (BOM, CRLF, SHA-1 in capitals, "_SkipLog.csv.csv").
 */
#ifndef EVIDENCE_LAYOUT_KAPE_H
#define EVIDENCE_LAYOUT_KAPE_H

#include "evidence/layout_rows.h"

#include "base/map.h"

enum { KAPE_NOTED_MAX = 20, KAPE_SAME_MAX = 20000, KAPE_GROUP_MAX = 1024, KAPE_LISTS_MAX = 64, KAPE_LONG_MAX = 4096, KAPE_CONSOLE_HEAD = 64 << 10 };

/*
 * Files that were there and were not copied, since their bytes were copied already. Sorted by SHA-1, then path: those of one content are a
 * group, and the first copied file of that content stands for all of them.
 */
struct kape_same { struct str sha1, path; };
struct kape_group { uint32_t from, to; bool stood_for; };
struct layout_work {
    struct layout_rows rows;                       /* "C/inetpub/x.log", "VSS1/...", "LongFileNames/..." */
    struct layout_rows longs;                      /* the same, as the texts in LongFileNames have it */
    struct layout_rows aside;                      /* companion texts in LongFileNames: no files of the server */
    uint8_t            shadow_letter[256];         /* of VSSn; 0: not stated */
    struct kape_same  *same; size_t same_n, same_cap;
    struct str        *same_path;                  /* of same[], for layout_place.also */
    struct kape_group *group; size_t group_n;
    struct map         group_of;                   /* native path of the copy -> group */
    uint64_t           unkept, excluded, skipped;  /* rows of the skip logs; unkept: deduplicated ones without a usable path, or beyond a bound */
    uint64_t           elsewhere, wrong;           /* rows of the copy logs that say another folder, or no usable path */
    struct str         wrong_first;
};

bool kape_is_copylog(struct str name);
bool kape_is_skiplog(struct str name);
bool kape_is_console(struct str name);
bool kape_is_long(struct str name);                /* the folder of paths that were too long */
uint8_t kape_shadow(struct str name);              /* n of "VSSn", 1 to 255; else 0 */
uint8_t kape_letter(struct str name);              /* of a folder "C" or "c"; else 0 */

bool kape_copylog_read(struct layout *l, struct str file, struct arena scratch, struct err *e);
bool kape_skiplog_read(struct layout *l, struct str file, struct arena scratch, struct err *e);
bool kape_console_read(struct layout *l, struct str file, struct arena scratch, struct err *e);
bool kape_long_read(struct layout *l, struct str folder, struct arena scratch, struct err *e);
/* Between the skip logs and the copy logs. */
bool kape_same_settle(struct layout *l, struct err *e);
void kape_notes(struct layout *l);                 /* what the lists above amount to; after the last of them */

#endif
