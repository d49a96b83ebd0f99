/*
 * net_special: addresses that are not ordinary hosts of the internet: private, loopback, documentation, multicast, transition, unallocated.
 *
 * Shape    the registries as one table; the longest entry that holds an address names it.
 * IPv6     what lies outside 2000::/3 is special as a whole: nothing there is allocated to hosts. An IPv4-mapped address is judged as the IPv4 address.
 * Strict   entries that the registry calls globally reachable (AS112, AMT, 6to4, NAT64) are special here as well: no server of anybody's own stands there.
 * Source   IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890, 8190), IPv4 Multicast Address Space, IPv6 Address Space.
 */
#ifndef BASE_NET_SPECIAL_H
#define BASE_NET_SPECIAL_H

#include "base/net.h"

struct net_special { struct net net; const char *name; };     /* "private use, RFC 1918" */

/* NULL: an ordinary address. */
const struct net_special *net_special_find(const uint8_t ip[16]);
/* The special network that holds all of n; NULL: none does. */
const struct net_special *net_special_within(const struct net *n);
/* Does n hold any special address? */
bool net_special_touches(const struct net *n);

#endif
