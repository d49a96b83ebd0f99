/*
 * probe_scope: whom the probe may ask (scope file) and whom it must not (opt-out file).
 *
 * Scope    lines; '#' begins a comment line. First "authority: TEXT" (who ordered this, under which reference), "valid-from: DATE", "valid-until: DATE"
 *          (its last day counts), then one network, address or host name a line. Host names as DNS has them: ASCII, at least one dot.
 * Refused  a scope without authority or validity, not yet or no longer valid, without any target; 0.0.0.0/0 and ::/0; more than PROBE_TARGETS_MAX
 *          addresses in all (what the hard limit of the rate can ask in a day); a network with bits behind its prefix; special-purpose networks without lab.
 * Special  an address of the special-purpose registries may be asked only with lab, and only if a network of the scope that lies wholly inside that
 *          space holds it. A wider network that merely contains some (192.0.0.0/16) does not name them.
 * Opt-out  lines: a network, address, host name or "*.NAME", then if known the date and the ticket. A name stands for all names below it. Bits behind a prefix
 *          widen the entry rather than void it; what cannot be read refuses the whole file: nobody is asked by mistake.
 * Bounds   PROBE_FILE_MAX bytes a file, PROBE_NAMES_MAX names.
 * Errors   ERR_FORMAT and ERR_USAGE with the line in `where`.
 * Owner    everything lives in the arena, and texts in the file's bytes.
 * Source   survey sheet, section 7.
 */
#ifndef SURVEY_PROBE_SCOPE_H
#define SURVEY_PROBE_SCOPE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/net.h"
#include "base/time.h"

enum { PROBE_TARGETS_MAX = 1 << 24, PROBE_NAMES_MAX = 1 << 20, PROBE_FILE_MAX = 64 << 20, PROBE_NAME_BYTES = 253 };

struct probe_scope {
    struct str     authority;
    int64_t        from_us, until_us;                 /* until_us: the first moment after */
    uint8_t        hash[HASH_SHA256_BYTES];           /* of the file */
    struct net_set nets;                              /* value: line */
    struct net    *part; uint64_t *first; size_t part_n;   /* the outermost networks, and how many addresses stand before each */
    uint64_t       addresses;
    struct str    *name; size_t name_n;               /* lower case, each once */
    bool           lab;
};

struct probe_optout {
    struct net_set nets;
    struct map     names;
    size_t         entries, undated;
    uint8_t        hash[HASH_SHA256_BYTES];
};

bool probe_scope_read(struct probe_scope *ret, struct arena *a, struct str file, int64_t now_us, bool lab, struct err *e);
bool probe_optout_read(struct probe_optout *ret, struct arena *a, struct str file, struct err *e);

/* May this address be asked at all, by the special-purpose rule? ret_why: the registry's words when not. Says nothing of the networks of the scope. */
bool probe_scope_special(const struct probe_scope *s, const uint8_t ip[16], const char **ret_why);
/* Is the address in a network of the scope? (An address that a name of the scope resolved to need not be.) */
static inline bool probe_scope_has(const struct probe_scope *s, const uint8_t ip[16]) { return net_set_find(&s->nets, ip) != NULL; }
/* Address number i of the scope, i < addresses. */
void probe_scope_at(const struct probe_scope *s, uint64_t i, uint8_t ret[16]);

bool probe_optout_ip(const struct probe_optout *o, const uint8_t ip[16]);
bool probe_optout_name(const struct probe_optout *o, struct str name);      /* in any case of letters; "*.example.org" of certificates too */

/* A host name in lower case, without a final dot. False: it is none. */
bool probe_name(struct arena *a, struct str s, struct str *ret);

#endif
