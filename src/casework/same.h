/*
 * same: which records speak of one server.
 *
 * Shape    items in: what one row, report or answer shows of a server. Out: pairs of item and server; an item has one server, or a few when nobody can tell which.
 * Keys     strongest first: what the survey has joined already; computer name with AD domain; certificate; address and port; host name; the address
 *          alone, when only one server is known there.
 * Rules    1. A server has one computer name. What would join two joins nothing: two computers behind one address are two servers, whatever else they share.
 *          2. What fits several computers, and does not say which, belongs to each of them: a back door at their address has to be looked for on all. With more than
 *             SAME_CANDIDATES it stays by itself.
 *          3. What too many share joins nothing: a certificate, host name or computer name at more than hub_addresses addresses; a wildcard certificate but beside its
 *             computer name; names of no domain ("ex01", "mail.local"); a computer name without its domain. An address and port with more than hub_identities certificates
 *             or computers is a CDN's, and is parted by certificate, else by first name.
 *          4. No port said, or 80, is taken for 443. Another port of one address is the same server when nothing tells two apart there.
 *          5. Chains end at SAME_ITEMS_MAX items of one server.
 *          6. Two servers of the survey are two. The survey has looked whether they are one; a row with one's address and the other's name, wrong or forged, does
 *             not make them so: it goes to the one that it meets by the stronger key.
 * Order    the same items in any order give the same servers, numbered by the lowest id of their items.
 * Memory   about 200 bytes an item and 24 a key, in the scratch arena.
 * Errors   ERR_MEMORY, ERR_LIMIT.
 * Not done time: a host name that went to another owner's server joins both, unless the computers' names differ.
 * Source   survey/daily.h, for the numbers of rule 3. Rules 1, 2 and 5 are ours. NetBIOS names have 15 letters: computer names are compared by as many.
 */
#ifndef CASEWORK_SAME_H
#define CASEWORK_SAME_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { SAME_CANDIDATES = 8, SAME_ITEMS_MAX = 4096, SAME_MAX = 64 << 20 };

struct same_item {
    uint64_t   id;                 /* the caller's, of its content */
    uint64_t   of;                 /* the survey's server; 0: it is not the survey's */
    uint8_t    ip[16]; bool has_ip;
    uint16_t   port;
    bool       has_tls, wild;      /* wild: a wildcard certificate */
    uint64_t   tls;                /* the first 8 bytes of its SHA-256 */
    struct str computer, domain;   /* lower case; the computer may carry its domain: "ex01.corp.example" */
    const struct str *name; uint32_t name_n;           /* host names, lower case */
};
struct same_pair { uint32_t item, server; };
struct same {
    struct same_pair *pair; size_t pair_n;             /* by item, then server */
    uint32_t server_n;
    uint64_t *lowest;              /* of each server: the lowest id of its own items; growing */
    uint64_t hubs, refused, unclear;                   /* keys of too many; keys that would have joined two computers; items of several servers */
};
struct same_rules { uint32_t hub_addresses, hub_identities; };
extern const struct same_rules same_defaults;          /* 32, 64 */

/* Result in a. rules NULL: same_defaults. */
bool same_make(const struct same_item *item, size_t n, const struct same_rules *rules, struct arena *a, struct arena scratch, struct same *ret, struct err *e);

/* May a host name join anything? "mail.local", "ex01" and "*.example.org" may not. */
bool same_name_tells(struct str name);

#endif
