/* contact_look: what the files of `contact look` share: contact_look.c is the verb, its courier and its worker; contact_look_in.c reads files and says which cases are looked up. */
#ifndef CLI_CONTACT_LOOK_H
#define CLI_CONTACT_LOOK_H

#include "cli/contact.h"
#include "cli/notify_data.h"
#include "emit/json.h"
#include "notify/lookup.h"
#include "notify/lookup_net.h"
#include "os/guard.h"

enum look_option { STORE, CAMPAIGN, ALL, ONLINE, WHOIS, AGAIN, BOOTSTRAP, RDAP, DNS, CA, FROM, SETTINGS, LIMIT, WHO, JSON };

enum { LOOK_FILES_MAX = 64, LOOK_FILE_ROOM = 1 << 30 };

/* How far it is, for a worker that begins anew. */
struct look_progress {
    uint64_t files, at, wanted;        /* files and cases behind us; at: in the list that they are taken from */
    uint64_t cases, skipped;
    bool     bad;                      /* something was left out */
    struct lookup_counts sum;
};
_Static_assert(sizeof(struct look_progress) <= GUARD_KEPT_BYTES, "it is kept by the guard");

struct look {
    struct cli        *c;
    struct case_data   d;
    const struct args *args;
    struct os_stop     stop;
    bool               json;
    struct js          j;
    struct guard      *g;
    struct look_progress *p, own;
    struct courier    *courier;
    struct lookup_net_options net;
    struct lookup_options o;
    struct str         file[LOOK_FILES_MAX]; size_t file_n; uint64_t largest_bytes;       /* of --from; of the largest */
};

struct look_want { int64_t case_; uint64_t at; };      /* at: its place in the list that it was taken from, which is the same for a worker that begins anew */
struct look_wanted { struct look_want *p; size_t n, cap; };

void look_add(struct lookup_counts *to, const struct lookup_counts *n);
void look_left_out(struct look *l, struct str what);   /* said, and counted */
/* Before anything is shut: what is not there is said in plain words. */
bool look_list_files(struct look *l, struct err *e);
/* Those that are not behind us. */
bool look_files(struct look *l, struct err *e);
bool look_named(struct look *l, struct look_wanted *w, struct err *e);
bool look_lacking(struct look *l, struct look_wanted *w, struct err *e);

#endif
