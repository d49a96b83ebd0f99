/*
 * probe_asn: which AS an address belongs to, from a table of lines "CIDR,ASN" ("192.0.2.0/24,AS64500"; further columns are left alone; a first line of headings
 * and '#' comments are passed over).
 *
 * Errors   ERR_FORMAT with the line; ERR_MEMORY.
 */
#ifndef SURVEY_PROBE_ASN_H
#define SURVEY_PROBE_ASN_H

#include "base/arena.h"
#include "base/err.h"
#include "base/net.h"

bool probe_asn_read(struct net_set *ret, struct arena *a, struct str file, struct err *e);

#endif
