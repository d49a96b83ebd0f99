/*
 * uuid: names made of their contents (RFC 9562, version 5), for forms of the report that want an id on everything.
 *
 * Shape    SHA-1 over a namespace and a name; lower-case text with its ending NUL.
 * Errors   ERR_MEMORY: libcrypto gave no digest.
 * Not done random ids: the same evidence gives the same report. SHA-1 is what the standard names; nothing here is a secret.
 * Source   RFC 9562, section 5.5. STIX 2.1, section 2.9 for the namespace of observables.
 */
#ifndef REPORT_UUID_H
#define REPORT_UUID_H

#include "base/err.h"
#include "base/str.h"

enum { UUID_BYTES = 16, UUID_TEXT = 37 };

/* Of everything of ours. Drawn once at random; never change it, or ids of old reports no longer agree. */
extern const uint8_t uuid_ours[UUID_BYTES];
/* Of STIX observables: 00abedb4-aa42-466c-9c01-fed23315a9b7. */
extern const uint8_t uuid_stix[UUID_BYTES];

bool uuid5(const uint8_t space[UUID_BYTES], struct str name, uint8_t ret[UUID_BYTES], struct err *e);
void uuid_text(const uint8_t u[UUID_BYTES], char ret[UUID_TEXT]);

#endif
