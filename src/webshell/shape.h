/*
 * shape: pages whose form alone decides, without understanding their code. Bytes in, shape out, no I/O.
 *
 * Shapes   1 settings list of an OAB (or other) virtual directory, written as a page: with server script in its URL, or a bare fake URL
 *          2 mailbox file (PST) or certificate request (DER) that holds a page
 *          3 binary bytes before a page
 *          4 a code page or UTF-7 that hides text, together with server script
 *          5 padding: nearly all blanks, or code far to the right or far below (never decisive alone)
 * Units    times: microseconds UTC. A time in a settings list is written as the server's culture does; *_alt_us is the other reading of day and
 *          month, TIME_NONE where there is only one.
 * Bounds   SHAPE_BYTES_MAX bytes are looked at.
 * Errors   false only with ERR_MEMORY. Any bytes at all give an answer; SHAPE_NONE with decisive == false is no clean bill.
 * Owner    texts live in the arena. No text holds script.
 * Not done what the code does (webshell/analyse), known hashes and names (detect).
 * Source   ways back in, 1.3 and 1.4; evidence sheet, 8.2.
 */
#ifndef WEBSHELL_SHAPE_H
#define WEBSHELL_SHAPE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

enum { SHAPE_BYTES_MAX = 1 << 20 };

enum shape_kind {
    SHAPE_NONE, SHAPE_SETTINGS, SHAPE_MAILBOX, SHAPE_CERTIFICATE, SHAPE_BINARY, SHAPE_ENCODED, SHAPE_PADDED, SHAPE_KINDS
};

struct shape {
    enum shape_kind kind;
    bool       decisive;             /* a back door by its form alone */
    bool       script;               /* there is server-side code in it */
    bool       behind;               /* it names a class or file behind it, as compiled applications do */
    const char *what;                /* evaluator, unknown: as back_doors[].kind */
    double     confidence;
    struct str why;                  /* a sentence in plain words, no script text */

    /* Of a settings list (SHAPE_SETTINGS): */
    struct str field;                /* the setting that was abused: "ExternalUrl" */
    struct str url;                  /* its plain part: "http://f/" */
    bool       planted;              /* script stands in it */
    int64_t    changed_us, changed_alt_us, created_us, created_alt_us;
    struct str version;              /* "15.1.2106.2" */
    struct str server, origin;       /* Server; OriginatingServer (a domain controller, full name) */
    struct str folder;               /* Path */
};

/* classic: the file's extension is one of classic ASP. */
bool shape_of(struct shape *ret, struct arena *a, struct str in, bool classic, struct err *e);
const char *shape_name(enum shape_kind k);       /* "settings-export", "mailbox-file", ... : part of a detector's name */
const char *shape_title(enum shape_kind k);      /* for people */

#endif
