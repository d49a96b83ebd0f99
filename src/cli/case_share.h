/*
 * case_share: what STIX and MISP exports have in common. case_export_share.c decides what is told, case_export_stix.c and case_export_misp.c write it.
 *
 * Ids      of a namespace of this store's own (its first line of audit): the same server, organisation or group has the same id in each export, and never one of another
 *          team's. What anybody would say in the same words (a weakness, observables) has the id that it has everywhere.
 * Text     names as they came, without control characters, cut at SHARE_TEXT_MAX. A name that is no host name is left out; a server without address and host name, too.
 * Owner    everything lies in `a`, address space of the export's own.
 */
#ifndef CLI_CASE_SHARE_H
#define CLI_CASE_SHARE_H

#include "base/map.h"
#include "base/net.h"
#include "cli/case_card.h"
#include "cli/case_export.h"
#include "emit/json.h"
#include "report/uuid.h"

enum { SHARE_TEXT_MAX = 250, SHARE_ID = 100 };

struct share_kept { struct share_kept *next; struct export_server s; };
struct share {
    const struct export_ask *x;
    struct out  *o;
    struct js    j;
    struct arena room, a;
    struct map   there;            /* ids that stand in the bundle */
    uint8_t      space[UUID_BYTES];
    int64_t      begun_us;         /* of the campaign: since when there is anything to tell */
    uint64_t     n, without;       /* objects; servers that no address or name tells */
    bool         misp, bad;
    struct str   author, marking;
    struct share_kept *first[2], *last[2];         /* MISP: with a back door, and without; in the order that they came */
};

/* A server as others know it. False: nothing tells which it is. */
struct share_who { struct str name, ip; bool four; char buf[NET_TEXT]; };
bool share_who(const struct export_server *v, struct share_who *ret);
int64_t share_seen(const struct export_server *v, bool door);
bool share_exposed(const struct export_server *v);
/* "type--uuid" of this store, or without a type the uuid alone; space NULL: this store's. */
struct str share_id(struct share *s, const uint8_t *space, const char *type, struct str name);
struct str share_text(struct share *s, struct str text);           /* one line, of whole characters */
struct str share_weakness(const struct share *s);                  /* its CVE, or the campaign's title */
bool share_address(struct str text);                               /* an address of the outside world */

void stix_share_open(struct share *s);
void stix_share_victim(struct share *s, const struct export_server *v, const struct share_who *w);
void stix_share_group(struct share *s, int64_t group, const struct intruder_card *k);
void stix_share_end(struct share *s);
void misp_share_open(struct share *s);
void misp_share_victim(struct share *s, const struct export_server *v);
void misp_share_group(struct share *s, int64_t group, const struct intruder_card *k);
void misp_share_end(struct share *s);

#endif
