/*
 * idna: host names as they are compared and asked: A-labels in lower case, without the last dot. The only file that knows libidn2.
 *
 * Shape    "Bäckerei.Example." gives "xn--bckerei-5wa.example"; names that are so already come back as views of what was given, where nothing changes.
 *          "*.example.org" gives "example.org". Underscores pass: people name servers so.
 * Strict   labels of 1 to 63 bytes of letters, digits, '-' and '_', none with '-' at an end; 253 bytes; at least one letter in the last label, so that
 *          no address passes. Other letters than ASCII go by IDNA2008, with the mapping of UTS 46 (non-transitional), and must be well-formed UTF-8.
 * Errors   false: no host name; *ret untouched. A full arena is the same: the name cannot be used.
 * Source   RFC 5890, RFC 5891, UTS 46; RFC 1123, 2.1.
 */
#ifndef FORMATS_IDNA_H
#define FORMATS_IDNA_H

#include "base/arena.h"
#include "base/str.h"

enum { IDNA_NAME_MAX = 253 };

bool idna_host(struct str name, struct arena *a, struct str *ret);
/* The same, of two labels or more: what a domain in the network is. */
bool idna_domain(struct str name, struct arena *a, struct str *ret);

#endif
