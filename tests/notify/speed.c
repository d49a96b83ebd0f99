/*
 * How long it takes to render and sign notices: notify_speed N THREADS DIR [unsigned]. Prints figures, judges nothing: `make notify-bench` puts another tool's beside them.
 *
 * Work     N notices of as many organisations, two servers each, German with English below; text, CSV, IDF, PGP/MIME with an Ed25519 key: what notify_plan_make does before it decides.
 * DIR      gets each message as NUMBER.eml for the first 200, so that others can check them, and texts of the same length for the peer.
 */
#include "test.h"

#include <stdatomic.h>
#include <time.h>

#include "base/time.h"
#include "gpg_keys.h"
#include "notify/compose.h"
#include "os/openpgp.h"
#include "os/pool.h"

enum { ROOM = 24 << 20, KEPT = 200, WORKERS = 64 };
struct speed { struct pack p; struct signer key; bool sign; const char *dir; struct arena worker[WORKERS]; atomic_size_t bytes; };

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool one(void *ctx, size_t i, uint32_t worker, struct pool_turn *turn, struct err *e)
{
    struct speed        *s = ctx;
    struct arena         a = s->worker[worker];
    struct told_server   v[2] = { { .asset = 1, .ip = STR("192.0.2.7"), .port = 443, .build = STR("15.1.2106.2"), .finding = STR("backdoored"), .detector = STR("hunt"), .asn = 64500, .country = "ZZ",
                                    .path = STR("C:\\inetpub\\wwwroot\\aspnet_client\\sample.aspx"), .sha256 = STR("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
                                    .seen_us = INT64_C(1615039331000000), .confidence = 95, .tlp = STR("TLP:AMBER") } };
    struct notice        n = { .id = (int64_t)i, .audience = AUDIENCE_TECHNICAL, .finding = FINDING_BACKDOORED, .stage = STAGE_FIRST, .channel = CONTACT_EMAIL, .language = STR("de"),
                               .date_us = INT64_C(1615039331000000) };
    struct told          t = { .notice = &n, .case_name = str_fmt(&a, "2021-%06zu", i), .nonce = STR("abcdefghijklmnopqrstuvwxyz"), .organisation = str_fmt(&a, "Example Bakery %zu", i),
                               .campaign = STR("proxylogon"), .campaign_title = s->p.title, .since_us = v[0].seen_us, .server = v, .server_n = 2, .contact_source = STR("register"),
                               .contact_source_us = v[0].seen_us, .tlp = STR("TLP:AMBER") };
    static const struct sender from = { .name = STR_INIT("National CERT Example"), .address = STR_INIT("notify@cert.example"), .domain = STR_INIT("cert.example"),
                                        .reply_domain = STR_INIT("reply.cert.example"), .phone_page = STR_INIT("https://www.cert.example/contact"), .site = STR_INIT("https://www.cert.example/"),
                                        .privacy_page = STR_INIT("https://www.cert.example/privacy"), .fingerprint = STR_INIT("0123456789ABCDEF0123456789ABCDEF01234567"), .prefix = STR_INIT("CERT-EX") };
    struct str           bytes;
    char                 path[256];

    (void)turn;
    v[0].host = str_fmt(&a, "mail%zu.bakery.example", i);
    v[1] = v[0];
    v[1].asset = 2;
    v[1].ip = STR("198.51.100.20");
    v[1].finding = STR("vulnerable");
    v[1].cve = STR("CVE-2021-26855");
    n.contact = str_fmt(&a, "it%zu@bakery.example", i);
    snprintf(n.message_id, sizeof n.message_id, "n.%zu.1@cert.example", i);
    snprintf(n.token, sizeof n.token, "abcdefghijklmnop%06zu", i % 1000000);
    if (!compose_mail(&t, &from, &s->p, s->sign ? &s->key : NULL, &a, &bytes, e))
        return false;
    atomic_fetch_add(&s->bytes, bytes.n);
    if (i < KEPT && s->dir) {
        snprintf(path, sizeof path, "%s/%zu.eml", s->dir, i);
        FILE *f = fopen(path, "wb");
        if (!f || fwrite(bytes.p, 1, bytes.n, f) != bytes.n || fclose(f) != 0)
            return err_set(e, ERR_IO, "%s cannot be written", path);
    }
    return true;
}

int main(int argc, char **argv)
{
    static struct speed s;
    size_t              n = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    uint32_t            threads = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 2;
    struct test_arena   pack = test_arena(64 << 20);
    struct err          e = { 0 };
    struct keys         k = keys_make();

    s.dir = argc > 3 ? argv[3] : NULL;
    s.sign = argc <= 4;
    s.key = (struct signer){ .home = str_c(k.home), .key = STR("one@responders.example") };
    threads = threads < 1 ? 1 : threads > WORKERS ? WORKERS : threads;
    for (uint32_t i = 0; i < threads; i++)
        s.worker[i] = test_arena(ROOM).a;
    if (!pack_load_embedded(&s.p, &pack.a, STR("proxylogon"), &e) || !openpgp_signer_open(&s.key.open, s.key.home, s.key.key, &e)) {
        fprintf(stderr, "%s\n", e.what);
        return 1;
    }
    if (s.dir)
        shell("cp '%s' '%s'", k.one, s.dir);
    double at = now_s();
    bool   ok = pool_run(threads, n, one, &s, &e);
    double took = now_s() - at;
    openpgp_signer_close(s.key.open);
    keys_drop(&k);
    if (!ok) {
        fprintf(stderr, "%s %s\n", e.what, e.where);
        return 1;
    }
    printf("afterpatch %zu %s %u threads: %.2f s, %.2f ms each, %.0f bytes each, 20,000 in %.0f s\n", n, s.sign ? "signed" : "unsigned", threads, took, took * 1000 / (double)n, (double)s.bytes / (double)n,
           took * 20000 / (double)n);
    return 0;
}
