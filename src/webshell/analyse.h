/*
 * analyse: is this page a back door, and why. Bytes in, verdict and path out.
 *
 * Verdict  PAGE_BACK_DOOR  request-controlled code, process, or file write whose path and content the request controls; tunnel; secret to the response;
 *                          a decisive form (settings list, mailbox file ...: shape.h) with code in it
 *          PAGE_REVIEW     other dangerous flows: file read, SQL, write to a fixed folder, listing, loader of a class that lies elsewhere
 *          PAGE_INERT      holds such code but cannot run as stored
 *          PAGE_CLEAN      nothing of that was seen. No proof of innocence: the header of flow.h lists what is not done
 * Context  reported apart; raises review, never lowers.
 * Texts    `why` and the steps are for people and hold no code: names of request items, variables and calls only, each bounded and plain.
 * Bounds   those of its parts; ANALYSE_ARENA_MAX bytes of scratch are enough for any page: beyond, `cut`.
 * Errors   false: ERR_MEMORY. Any bytes give an answer.
 * Owner    the result lives in `keep`; scratch is the caller's and free again afterwards.
 * Compiled a .NET library (bytes that start as a program file) is read by its IL: the same questions, without lines.
 * Not done reads no other file by itself: `more` may give them. Lines of those files are counted as theirs.
 */
#ifndef WEBSHELL_ANALYSE_H
#define WEBSHELL_ANALYSE_H

#include "base/err.h"
#include "webshell/container.h"

enum { ANALYSE_ARENA_MAX = 192 << 20, ANALYSE_FLOWS_MAX = 16, ANALYSE_STEPS_MAX = 12, ANALYSE_MORE_MAX = 32 };

enum page_verdict { PAGE_CLEAN, PAGE_INERT, PAGE_REVIEW, PAGE_BACK_DOOR };
enum page_what {      /* names in analyse_what_name: as back_doors[].kind of the report and the verb's "kind" */
    WHAT_NONE, WHAT_EVALUATOR, WHAT_COMMAND, WHAT_UPLOADER, WHAT_FILE_MANAGER, WHAT_TUNNEL, WHAT_SQL, WHAT_LOADER, WHAT_SECRETS, WHAT_READER, WHAT_LISTER, WHAT_DELETER,
    WHAT_DOWNLOADER, WHAT_PROXY, WHAT_OTHER, WHAT_KINDS
};

struct analyse_step { uint32_t line; struct str text; };       /* "line 3: the request item \"cmd\"" without the number */
struct analyse_flow {
    enum page_what what;
    enum page_verdict grade;
    uint32_t     line;
    struct str   text;                     /* one sentence */
    struct analyse_step step[ANALYSE_STEPS_MAX];
    size_t       step_n;
};
struct analysis {
    enum page_verdict verdict;
    enum page_what    what;                /* of the gravest flow; several grave ones: WHAT_FILE_MANAGER and the like, see analyse.c */
    double            confidence;
    struct analyse_flow flow[ANALYSE_FLOWS_MAX];
    size_t            flow_n;
    struct str       *context;             /* sentences */
    size_t            context_n;
    struct str        key;                 /* the request item that carries the orders */
    struct str        gate_key, gate;      /* item that must match, and what it must match: a constant or its hash, plain and bounded */
    struct str        why;                 /* one or two sentences */
    enum page_kind    kind;
    enum ir_language  language;
    bool              script, behind, escaped, cut, compiled;
    uint32_t          more_n, missing_n;   /* files that were added; that are named and were not to be had */
};

/* name: the file's name, for its extension only. */
/* Gives the bytes of a file that the page names (an include, a code file), or false: not to be had. `from`: number of the file that names it, 0 is the
   page; each file that was given gets the next number. */
typedef bool analyse_more(void *ctx, uint32_t from, const struct page_ref *ref, struct arena *a, struct str *ret);
struct analyse_input {
    struct str      bytes;
    enum page_kind  kind;                  /* PAGE_NOT: read as what its text looks like, and told that the server does not run it */
    analyse_more   *more;                  /* NULL: other files are not read */
    void           *more_ctx;
    bool            cut;                   /* the file goes on behind `bytes` */
};
bool analyse_page(struct analysis *ret, struct arena *keep, struct arena scratch, const struct analyse_input *in, struct err *e);
/* Where a named file lies, seen from the root of the site ("a/b.inc"), when the file that names it lies in `folder` ("a"). .p == NULL: outside, or no room. */
struct str analyse_ref_path(struct arena *a, struct str folder, const struct page_ref *ref);
const char *analyse_verdict_name(enum page_verdict v);     /* "back_door", "review", "inert", "clean" */
const char *analyse_what_name(enum page_what w);           /* "evaluator", "command", "uploader", ... "none" */
const char *analyse_what_title(enum page_what w);          /* for people: "Page that runs code sent to it" */

#endif
