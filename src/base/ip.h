/*
 * ip: addresses as 16 bytes, IPv4 as ::ffff:a.b.c.d, so that one key holds either.
 *
 * Shape    text to bytes and back: "192.0.2.10", "2001:db8::7", "[2001:db8::7]"; written as RFC 5952 says (lower case, the longest run of zeros cut).
 * Errors   false: no address, or more than one (a port, a prefix, a zone); *ret is then untouched. Leading zeros of IPv4 numbers are refused: programs
 *          disagree whether they are octal.
 * Source   RFC 4291, 2.2; RFC 5952, 4.
 */
#ifndef BASE_IP_H
#define BASE_IP_H

#include "base/str.h"

enum { IP_BYTES = 16, IP_TEXT = 46 };

bool ip_parse(struct str s, uint8_t ret[IP_BYTES]);
bool ip_is4(const uint8_t ip[IP_BYTES]);                      /* ::ffff:0:0/96 */
void ip_from4(uint32_t v, uint8_t ret[IP_BYTES]);             /* 0xC000020A is 192.0.2.10 */
uint32_t ip_to4(const uint8_t ip[IP_BYTES]);                  /* its last four bytes */
size_t ip_text(const uint8_t ip[IP_BYTES], char ret[IP_TEXT]);   /* NUL-terminated; gives the length */

#endif
