/*
 * certificates: which certificate the web server shows on port 443, so that the server can be told from scans.
 *
 * SYSTEM says which are bound, by SHA-1; SOFTWARE holds the machine's store. What is in the store under a SHA-1 that is not its own is not taken: the binding, the store and the
 * bytes have to agree.
 * Bounds   8 bindings, 64 certificates of at most 16 KiB, 8 names.
 * Not done names of sites (SNI bindings are taken like others), central certificate stores, certificates of services.
 * Source   wincrypt.h: a stored certificate is a list of (id, 1, length, bytes), CERT_CERT_PROP_ID 32 the certificate itself; netsh http add sslcert: HTTP\Parameters\SslBindingInfo,
 *          SslCertHash. Seen in hives of Exchange 2016 and 2019.
 */
#include "detect/reg.h"

#include "base/hash.h"
#include "base/num.h"
#include "base/rd.h"
#include "formats/x509.h"

#include <string.h>

enum { CERTIFICATES_MAX = 64, CERTIFICATE_BYTES_MAX = 16 << 10, PROP_CERTIFICATE = 32, SHA1 = HASH_SHA1_BYTES };

struct reg_certificate { uint8_t sha1[SHA1]; struct tls tls; struct str name[8]; size_t name_n; };

static struct str bytes_of(struct reg *r, struct arena *a, const struct hive_key *k, const char *name)
{
    struct hive_value v;
    struct str        data;

    return hive_value(r->h, a, k, str_c(name), &v) && hive_data(r->h, a, &v, &data) ? data : STR_EMPTY;
}

/* "0.0.0.0:443", "[::]:443", "mail.example.org:443". */
static bool binding(struct reg *r, void *ctx, struct arena a, const struct hive_key *k, struct str path)
{
    struct reg_memory *m = r->c->work->reg;
    struct str         hash = str_ends(k->name, STR(":443")) ? bytes_of(r, &a, k, "SslCertHash") : STR_EMPTY;

    (void)ctx;
    (void)path;
    if (hash.n != SHA1)
        return true;
    for (size_t i = 0; i < m->bound_n; i++)
        if (memcmp(m->bound[i], hash.p, SHA1) == 0)
            return true;
    if (m->bound_n < COUNT_OF(m->bound))
        memcpy(m->bound[m->bound_n++], hash.p, SHA1);
    return true;
}

/* The certificate in a property list. */
static struct str certificate_in(struct str blob)
{
    struct rd r = { .s = blob };

    while (!r.bad && rd_left(&r) >= 12) {
        uint32_t id = rd_u32le(&r);
        rd_u32le(&r);
        uint32_t   n  = rd_u32le(&r);
        struct str in = rd_take(&r, n);
        if (!r.bad && id == PROP_CERTIFICATE)
            return in;
    }
    return STR_EMPTY;
}

static bool digest(enum hash_kind kind, struct str s, uint8_t *ret)
{
    struct hash *h = hash_open(kind);

    if (h) {
        hash_push(h, s);
        hash_done(h, ret);
    }
    hash_close(h);
    return h != NULL;
}

static bool stored(struct reg *r, void *ctx, struct arena a, const struct hive_key *k, struct str path)
{
    struct reg_memory     *m = r->c->work->reg;
    struct reg_certificate c = { .name_n = 0 };
    struct str             der = certificate_in(bytes_of(r, &a, k, "Blob"));
    struct x509            x;
    struct err             mine = { 0 };
    uint8_t                named[SHA1];

    (void)ctx;
    (void)path;
    if (!m->certificate && !(m->certificate = NEW(&r->c->work->pile, struct reg_certificate, CERTIFICATES_MAX)))
        return true;
    if (m->certificate_n == CERTIFICATES_MAX || !der.n || der.n > CERTIFICATE_BYTES_MAX || !num_unhex(k->name, named, sizeof named) || !digest(HASH_SHA1, der, c.sha1) ||
        memcmp(named, c.sha1, SHA1) != 0 || !x509_read(&x, &a, der, &mine) || !x.key.n || !hash_sha256(der, c.tls.certificate) || !hash_sha256(x.key, c.tls.key))
        return true;
    for (size_t i = 0; i < x.dns_n && c.name_n < COUNT_OF(c.name); i++)
        if ((c.name[c.name_n] = str_dup(r->c->keep, x.dns[i])).p)
            c.name_n++;
    m->certificate[m->certificate_n++] = c;
    return true;
}

bool reg_certificates(struct reg *r)
{
    if (r->kind == REG_SYSTEM)
        return reg_each(r, r->a, STR("@\\Services\\HTTP\\Parameters\\SslBindingInfo"), binding, NULL) &&
               reg_each(r, r->a, STR("@\\Services\\HTTP\\Parameters\\SslSniBindingInfo"), binding, NULL);
    if (r->kind == REG_SOFTWARE)
        return reg_each(r, r->a, STR("Microsoft\\SystemCertificates\\MY\\Certificates"), stored, NULL);
    return !r->failed;
}

static void add_tls(struct server *s, const struct tls *t)
{
    size_t at = 0;

    while (at < s->tls_n && memcmp(s->tls[at].certificate, t->certificate, sizeof t->certificate) < 0)
        at++;
    if (s->tls_n == COUNT_OF(s->tls) || (at < s->tls_n && memcmp(s->tls[at].certificate, t->certificate, sizeof t->certificate) == 0))
        return;
    memmove(&s->tls[at + 1], &s->tls[at], (s->tls_n - at) * sizeof *t);
    s->tls[at] = *t;
    s->tls_n++;
}

void reg_certificates_done(struct files_context *c)
{
    const struct reg_memory *m = c->work->reg;

    for (size_t i = 0; m && i < m->certificate_n; i++)
        for (size_t k = 0; k < m->bound_n; k++) {
            const struct reg_certificate *x = &m->certificate[i];
            if (memcmp(x->sha1, m->bound[k], SHA1) != 0)
                continue;
            add_tls(&c->found->server, &x->tls);
            for (size_t j = 0; j < x->name_n; j++)
                files_own_name(c, x->name[j]);
        }
}
