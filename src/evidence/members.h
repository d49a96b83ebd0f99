/*
 * members: the entries of one archive as a tree of folders, with every name made harmless first.
 *
 * Names    the raw bytes are kept (entry). For the tree: UTF-8 (zip without its UTF-8 flag and not valid UTF-8: CP437), "\" is a separator in
 *          zip only, leading "./" and "/" go. Refused, with the reason: "..", NUL, absolute and drive names in the middle of a path ("a/C:/x"
 *          is fine as one component, "C:\x" in zip is "C:/x"), UNC and device prefixes, a component of EV_NAME_MAX bytes and more, more than
 *          EV_DEPTH_MAX components, more than limits.members entries. Reserved device names (CON, NUL, COM1 ...) are read, and told: no Windows
 *          could have had a file of that name. A link whose target leaves the archive is refused; others are listed as links.
 * Same     two entries of one name are both there: the second has a key of its own (os_entry.key). So are a file and a folder of one name.
 * Key      the name, NUL, and the number of the copy: no name holds a NUL. It stands in place of the name in `below`.
 * Order    a listing is sorted by bytes of name, then by position in the archive; a folder comes after the files of its name.
 * Refused  is told through `refuse`, at most once for each entry, with the raw name.
 * Source   rules 1 to 7 of the fact sheet on interchange formats, section 1; APPNOTE 4.4.17.1; names of devices: Win32 "Naming Files".
 */
#ifndef EVIDENCE_MEMBERS_H
#define EVIDENCE_MEMBERS_H

#include "evidence/limits.h"
#include "os/os.h"

#include "base/arena.h"

enum member_kind { MEMBER_FILE, MEMBER_DIR, MEMBER_LINK };
struct member {
    struct str raw;                  /* as stored */
    struct str name;                 /* harmless, '/' between components, UTF-8; set by members_add */
    struct str link;                 /* MEMBER_LINK: its text */
    enum member_kind kind;
    uint64_t   size_bytes, packed_bytes;
    int64_t    mtime_us;             /* TIME_NONE: unknown */
    uint64_t   where;                /* the adapter's: index in a zip, body in the spool */
    uint32_t   copy;                 /* 0 for the first of its name, 1 ... for further ones; set by members_settle */
};

struct members;
/* what, hint: as in ev_refuse. */
typedef void member_refuse(void *ctx, struct str raw, const char *what, const char *hint);

bool members_open(struct members **ret, const struct ev_limits *limits, bool zip, member_refuse *refuse, void *ctx, struct arena *keep, struct err *e);
/* utf8: the archive says that the name is UTF-8. Texts are copied. Returns true, and drops the entry, when it was refused; false: no memory. */
bool members_add(struct members *m, const struct member *one, bool utf8, struct err *e);
/* Room of the limit left? False: the next add would be refused as beyond limits.members; the adapter may stop listing. */
bool members_room(const struct members *m);
bool members_settle(struct members *m, struct err *e);            /* after the last add */
size_t members_n(const struct members *m);
const struct member *members_at(const struct members *m, size_t i);   /* in the order they were added */

/* The harmless name alone. False: no memory. *ret_why not NULL: refused, and *ret is not set. *ret_device: it was told above what that means. */
bool members_name(struct arena *a, struct str raw, bool zip, bool utf8, struct str *ret, bool *ret_device, const char **ret_why);

/* As os.list and os.open see it; `below` is made of names or keys. NULL / false with ERR_IO "no such ...". */
bool members_list(const struct members *m, struct str below, struct arena *a, struct os_entry **ret, size_t *ret_n, struct err *e);
const struct member *members_find(const struct members *m, struct str below);      /* a file or link; NULL: not there */

#endif
