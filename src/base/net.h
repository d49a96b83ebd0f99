/*
 * net: addresses and networks, IPv4 and IPv6 in one form, and sets of networks that find the longest prefix of an address.
 *
 * Shape    an address is 16 bytes in network order; IPv4 is ::ffff:a.b.c.d. A network counts its bits in these 128: 192.0.2.0/24 has bits 120.
 * Text     in: "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1" (the same as the IPv4 address); networks with "/BITS" as written for their family,
 *          an address alone is a network of one. No zone ("%eth0"), no leading zeros, no short forms ("10/8").
 *          out: dotted for IPv4, RFC 5952 for IPv6.
 * Sets     built once from an array that the caller fills and that then belongs to the set; found by binary search and the chain of enclosing networks,
 *          at most 129 steps. The same network twice: the lower value stays.
 * Errors   false: not an address, not a network; *ret is then untouched.
 * Not done ranges "a-b" (net_range splits them), host names, scoped addresses.
 */
#ifndef BASE_NET_H
#define BASE_NET_H

#include "base/str.h"

enum { NET_BITS_4 = 96, NET_TEXT = 52 };   /* ::ffff:0:0/96 is all of IPv4; NET_TEXT holds any network and its NUL */

struct net { uint8_t ip[16]; uint8_t bits; };

bool net_ip_parse(struct str s, uint8_t ret[16]);
/* Bits behind the prefix are cleared; *ret_loose (may be NULL) tells that some were set: "192.0.2.1/24". */
bool net_parse(struct str s, struct net *ret, bool *ret_loose);
void net_ip_text(const uint8_t ip[16], char ret[NET_TEXT]);
void net_text(const struct net *n, char ret[NET_TEXT]);

bool net_is4(const uint8_t ip[16]);
/* The network of so many bits around an address: net_around(ip, 120) is its /24. */
struct net net_around(const uint8_t ip[16], uint8_t bits);
bool net_has(const struct net *n, const uint8_t ip[16]);
bool net_within(const struct net *inner, const struct net *outer);
uint64_t net_count(const struct net *n);                                    /* addresses in it; UINT64_MAX: that many or more */
void net_at(const struct net *n, uint64_t index, uint8_t ret[16]);          /* its address number index, from 0; index < net_count */
/* The first network of those that make up first..last exactly; *first moves behind it. False: nothing is left (or first > last). */
bool net_range(uint8_t first[16], const uint8_t last[16], bool *done, struct net *ret);

struct net_entry { struct net net; uint32_t value, parent; };               /* the caller fills net and value */
struct net_set { struct net_entry *entry; size_t n; };
enum { NET_NONE = UINT32_MAX };

/* Sorts the entries in place, drops what is there twice. n < NET_NONE. */
void net_set_build(struct net_set *ret, struct net_entry *entry, size_t n);
/* The longest that holds the address; NULL: none does. */
const struct net_entry *net_set_find(const struct net_set *s, const uint8_t ip[16]);
/* The next longer one around it; NULL: it is the outermost. */
static inline const struct net_entry *net_set_around(const struct net_set *s, const struct net_entry *x) { return x->parent == NET_NONE ? (const struct net_entry *)0 : &s->entry[x->parent]; }

#endif
