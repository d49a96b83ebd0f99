/*
 * x509: what a certificate says of its holder: organisation, common name, DNS names. Nothing is verified.
 *
 * Shape    the bytes of one certificate (DER) in, texts out, in the order of the certificate.
 * Text     UTF-8 as it stands; BMPString becomes UTF-8. Other string types pass as their bytes: hostile, like all of it.
 * Bounds   X509_NAMES_MAX names (more: `more` is set), X509_TEXT_MAX bytes of a text (longer ones are left out, and `more` is set). Definite lengths only, as DER has them.
 * Errors   ERR_FORMAT: it is cut or no certificate; what was read before stands in *ret.
 * Owner    texts are views of der, or lie in the arena (BMPString).
 * Not done signatures, validity, what a key is, the extensions but subjectAltName, names that are no dNSName.
 * Source   RFC 5280, sections 4.1 and 4.2.1.6; X.690, section 8.1.3.
 */
#ifndef FORMATS_X509_H
#define FORMATS_X509_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { X509_NAMES_MAX = 64, X509_TEXT_MAX = 256 };

struct x509 {
    struct str org, name;                       /* O and CN of the subject: the first of each */
    struct str key;                             /* SubjectPublicKeyInfo as it stands, a view of der; empty: not there */
    struct str dns[X509_NAMES_MAX]; size_t dns_n;
    bool       own_issuer;                      /* issuer and subject are the same name: self-signed, or a root */
    bool       more;
};

bool x509_read(struct x509 *ret, struct arena *a, struct str der, struct err *e);

#endif
