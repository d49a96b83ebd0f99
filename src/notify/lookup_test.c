/*
 * Look-ups against real servers on loopback (tests/notify/lookup_servers.py: a DNS, https hosts with an authority of their own, registries, port 43): what they say becomes rows, what they
 * try does not. Their log says who was asked. All of it twice: asked by this process, and by a courier. Without python3 or openssl the test says so and is left out.
 */
#include "casework/ladder_fixture.h"

#include "notify/lookup_courier.h"
#include "notify/lookup_inner.h"
#include "notify/tables.h"
#include "os/os.h"
#include "pg_server.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROOM = 64 << 20 };
static struct world { char dir[40], dns[32], ca[64]; unsigned https, whois; int in; pid_t pid; struct os os; uint8_t *room; struct pg_server pg; bool has_pg, has; char said[16384]; size_t said_n; struct courier *courier; bool by_courier; _Alignas(16) uint8_t small[4096]; } w;

/* --- servers --- */

static bool start_servers(void)
{
    int      in[2], out[2];
    char     line[64] = "";
    unsigned dns = 0;

    strcpy(w.dir, "/tmp/lookup-XXXXXX");
    if (!mkdtemp(w.dir) || pipe(in) != 0 || pipe(out) != 0)
        return false;
    w.pid = fork();
    if (w.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(in[0], 0), dup2(out[1], 1);
        close(in[1]), close(out[0]);
        execlp("python3", "python3", "-B", AP_SOURCE_DIR "/tests/notify/lookup_servers.py", w.dir, (char *)NULL);
        _exit(127);
    }
    close(in[0]), close(out[1]);
    w.in = in[1];
    FILE *f = fdopen(out[0], "r");
    bool  ok = w.pid > 0 && fgets(line, sizeof line, f) && sscanf(line, "%u %u %u", &dns, &w.https, &w.whois) == 3;
    fclose(f);
    snprintf(w.dns, sizeof w.dns, "127.0.0.1:%u", dns);
    snprintf(w.ca, sizeof w.ca, "%s/ca.pem", w.dir);
    return ok;
}

static int setup(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    w.os = os_posix();
    w.room = malloc(ROOM);
    w.has_pg = pg_server_or_say(&w.pg);
    w.has = start_servers();
    if (!w.has)
        print_message("look-ups are left out: there is no python3 or no openssl 3\n");
    return 0;
}

static int teardown(void **state)
{
    char command[80];
    int  status;

    (void)state;
    if (w.pid > 0) {
        close(w.in);
        waitpid(w.pid, &status, 0);
    }
    snprintf(command, sizeof command, "rm -rf %s", w.dir);
    if (w.has_pg)
        pg_server_stop(&w.pg);
    free(w.room);
    return system(command);
}

/* What the servers were asked since the last call, as lines; .n == 0: nothing. */
static struct str asked(void)
{
    static char buf[65536];
    char   path[64];
    size_t n = 0;

    snprintf(path, sizeof path, "%s/log", w.dir);
    FILE *f = fopen(path, "r");
    if (f) {
        n = fread(buf, 1, sizeof buf - 1, f);
        fclose(f);
        unlink(path);
    }
    return (struct str){ (const uint8_t *)buf, n };
}

static size_t count_of(struct str s, const char *part)
{
    size_t n = 0, at;

    for (; (at = str_find(s, str_c(part))) != STR_NONE; n++)
        s = str_from(s, at + 1);
    return n;
}

/* --- one store, one case --- */

static void said(void *ctx, struct str what)
{
    (void)ctx;
    size_t n = what.n < sizeof w.said - 2 - w.said_n ? what.n : sizeof w.said - 2 - w.said_n;
    memcpy(w.said + w.said_n, what.p, n);
    w.said_n += n;
    w.said[w.said_n++] = '\n';
    w.said[w.said_n] = 0;
}

static struct lookup_options options(void)
{
    static char base[64];

    snprintf(base, sizeof base, "https://rdap.example:%u/", w.https);
    return (struct lookup_options){ .os = &w.os, .online = true, .user_agent = STR("afterpatch (CERT Example)"), .from = STR("notify@cert.example"), .dns = str_c(w.dns), .ca = str_c(w.ca),
                                    .rdap_base = str_c(base), .whois_host = STR("whois.example"), .https_port = (uint16_t)w.https, .whois_port = (uint16_t)w.whois, .loopback = true, .pace_ms = 1,
                                    .now_us = LF_NOW, .note = said };
}

/* A new one for each test: what a courier is told is told when it begins. */
static void send_courier(bool loopback)
{
    static struct lookup_net_options o;
    struct arena a = { .beg = w.small, .end = w.small + sizeof w.small };
    struct err   e = { 0 };

    if (!w.by_courier)
        return;
    courier_close(w.courier);
    o = (struct lookup_net_options){ .dns = str_c(w.dns), .ca = str_c(w.ca), .https_port = (uint16_t)w.https, .whois_port = (uint16_t)w.whois, .loopback = loopback };
    if (!courier_open(&w.courier, lookup_courier_work, &o, NULL, 0, &a, &e))
        fail_msg("%s", e.what);
}

static struct lf world(const char *where)
{
    struct lf  f = lf_open(where);
    struct err e = { 0 };

    if (!store_migrate(f.s, &notify_layer, &e))
        fail_msg("%s", e.what);
    w.said_n = 0;
    w.said[0] = 0;
    (void)asked();
    send_courier(true);
    return f;
}

/* A case of one server and perhaps one domain. */
static void with(struct lf *f, int64_t id, const char *server, const char *ip, const char *domain, const char *organisation)
{
    lf_case(f, id, id, "ZZ");
    lf_server(f, id, id, server, ip, EXPOSURE_VULNERABLE, COMPROMISE_UNKNOWN);
    lf_run(f, "UPDATE case_server SET org = ?1, asn = 0 WHERE asset = ?1", BOUND(B_INT(id)));
    lf_run(f, "UPDATE case_org SET name = ?2 WHERE org = ?1", BOUND(B_INT(id), B_TEXT(str_c(organisation))));
    if (domain)
        lf_key(f, id, id, 3, domain, 0, 80, 90);
}

static struct lookup_counts look(struct lf *f, int64_t id, const struct lookup_options *o)
{
    struct arena a = { .beg = w.room, .end = w.room + ROOM };
    struct err   e = { 0 };
    struct lookup_counts n;
    struct lookup_options by = *o;

    by.courier = w.courier;
    if (!lookup_case(f->l, id, &by, &a, &n, &e))
        fail_msg("%s", e.what);
    return n;
}

static int64_t rows(struct lf *f, const char *where)
{
    char sql[400];

    snprintf(sql, sizeof sql, "SELECT count(*) FROM case_contact c JOIN case_source q ON q.id = c.source WHERE %s", where);
    return lf_one(f, sql);
}
#define ROWS(f, n, where) do { int64_t got_ = rows(f, where); if (got_ != (n)) fail_msg("%lld rows, want %d: %s\n%s", (long long)got_, (int)(n), where, w.said); } while (0)
#define SAID(text) do { if (!strstr(w.said, text)) fail_msg("nobody said \"%s\" in:\n%s", text, w.said); } while (0)

/* --- a victim whose organisation answers for itself --- */

static void bakery_on(const char *where)
{
    struct lf f = world(where);
    struct lookup_options o = options();

    with(&f, 1, "mail.bakery.example", "192.0.2.7", "bakery.example", "Example Bakery");
    lf_exec(&f, "UPDATE case_server SET asn = 64500");
    struct lookup_counts n = look(&f, 1, &o);
    struct str log = asked();

    /* security.txt: the first place wins. */
    ROWS(&f, 1, "c.rung = 3 AND c.channel = 0 AND c.address = 'security@bakery.example' AND c.role = 'security' AND c.language = 'de' AND q.name = 'security.txt:bakery.example' AND c.until_us > 0");
    ROWS(&f, 3, "c.rung = 3");
    ROWS(&f, 0, "c.address LIKE 'legacy%'");
    CHECK(count_of(log, "get bakery.example /security.txt") == 0 && count_of(log, "get www.bakery") == 0 && count_of(log, "get mail.bakery") == 0);
    /* RDAP over a redirect, nested: the desk is theirs, the person is spared. */
    ROWS(&f, 1, "c.rung = 5 AND c.about = 1 AND c.about_value = '192.0.2.0-192.0.2.15' AND c.address = 'abuse@bakery.example' AND c.role = 'abuse noc' AND q.name = 'rdap:other-rdap.example'");
    ROWS(&f, 1, "c.rung = 5 AND c.channel = 1 AND c.address = '+9995550100'");
    ROWS(&f, 1, "c.rung = 6 AND c.address = 'tech@bakery.example'");
    ROWS(&f, 0, "c.address LIKE 'p.baker%'");
    /* A registrar's desk is rung 11; redacted words are nothing; the form is. */
    ROWS(&f, 1, "c.rung = 11 AND c.address = 'abuse@registrar.example' AND c.about = 0 AND c.about_value = 'bakery.example'");
    ROWS(&f, 1, "c.rung = 11 AND c.channel = 3 AND c.address = 'https://registrar.example/form'");
    ROWS(&f, 0, "c.rung IN (5, 6, 10) AND c.address LIKE '%registrar.example'");
    ROWS(&f, 0, "lower(c.name) LIKE '%redacted%' OR lower(c.address) LIKE '%redacted%'");
    /* Role addresses, and the keeper of the zone; no business names. The AS is not asked: the network answered. */
    ROWS(&f, 5, "c.rung = 9 AND q.name = 'rfc2142'");
    ROWS(&f, 0, "c.address LIKE 'info@%' OR c.address LIKE 'sales@%' OR c.address LIKE 'support@%'");
    CHECK(count_of(log, "autnum") == 0);
    /* Where its mail goes, with every address and alias; an answer of another name is none. */
    CHECK(lf_one(&f, "SELECT count(*) FROM case_mx WHERE domain = 'bakery.example' AND host = 'mail.bakery.example' AND ip IS NOT NULL") == 1);
    CHECK(lf_one(&f, "SELECT count(*) FROM case_mx WHERE domain = 'bakery.example' AND host = 'mx.provider.example' AND ip IS NOT NULL") == 2);
    CHECK(lf_one(&f, "SELECT count(*) FROM case_mx WHERE domain = 'registrar.example'") > 0 && lf_one(&f, "SELECT count(*) FROM case_mx WHERE host LIKE '%evil%'") == 0);
    CHECK(n.contacts >= 12 && n.mx >= 4 && n.failed == 0);
    CHECK(count_of(log, "afterpatch (CERT Example) notify@cert.example -") == count_of(log, "get "));

    /* What the ladder makes of it: security.txt first, and the mail path is the victim's own server. */
    struct contact *c;
    size_t          cn;
    struct err      e = { 0 };
    CHECK(ladder_climb(f.s, 1, LF_NOW, &f.a, &c, &cn, &e) && cn > 5 && c[0].rung == 3 && c[0].grade == GRADE_B);
    for (size_t i = 0; i < cn; i++)
        if (str_eq(c[i].address, STR("security@bakery.example")))
            CHECK(c[i].path == PATH_COMPROMISED);

    /* A day long it is the cache that answers, also without a network, and no row is new. */
    int64_t was = rows(&f, "1 = 1");
    o.online = false;
    n = look(&f, 1, &o);
    CHECK(n.asked == 0 && n.cached > 3 && rows(&f, "1 = 1") == was && asked().n == 0);
    /* No room anywhere: an error, and nothing half written. */
    for (uint32_t left = 1; !where; left += 1 + left / 16) {
        struct fault fault = { .left = left };
        struct arena a = { .beg = w.room, .end = w.room + ROOM, .fault = &fault };
        o.courier = w.courier;
        lf_exec(&f, "DELETE FROM case_contact");
        bool ok = lookup_case(f.l, 1, &o, &a, &n, &e);
        if (!fault.fired) {
            CHECK(ok && rows(&f, "1 = 1") == was);
            break;
        }
        CHECK(ok || (e.kind == ERR_MEMORY && rows(&f, "1 = 1") == 0));
        e = (struct err){ 0 };
    }
    o.now_us += 2 * TIME_DAY;
    n = look(&f, 1, &o);
    CHECK(n.cached == 0 && n.contacts == 0);
    SAID("192.0.2.7 is not in the cache");
    lf_close(&f);
}

static void bakery(void **state)
{
    (void)state;
    if (!w.has)
        skip();
    bakery_on(NULL);
    if (w.has_pg)
        bakery_on(w.pg.where);
}

/* --- registries --- */

static void registries(void **state)
{
    struct lookup_options o = options();

    (void)state;
    if (!w.has)
        skip();
    struct lf f = world(NULL);
    with(&f, 1, "a.customer.example", "198.51.100.9", NULL, "Customer One");
    with(&f, 2, "b.customer.example", "198.51.100.10", NULL, "Customer Two");
    with(&f, 3, "c.customer.example", "198.51.100.77", NULL, "Customer Three");
    look(&f, 1, &o);
    ROWS(&f, 1, "c.rung = 10 AND c.address = 'abuse@isp.example' AND c.about_value = '198.51.100.0-198.51.100.255'");
    ROWS(&f, 0, "c.rung IN (5, 6)");
    CHECK(count_of(asked(), "get rdap.example") == 1);
    SAID("the DNS calls 198.51.100.9 mail.customer.example");
    CHECK(look(&f, 2, &o).cached == 2 && !strstr(w.said, "forged") && count_of(asked(), "get rdap") == 0);      /* the range that it gave, and the MX of isp.example */
    lf_exec(&f, "DELETE FROM notify_lookup");
    look(&f, 3, &o);                                                       /* a large network: kept for the /24 around it only */
    CHECK(lf_one(&f, "SELECT count(*) FROM notify_lookup WHERE kind = 'rdap-ip' AND key = '198.51.100.0-198.51.100.255'") == 1);
    ROWS(&f, 1, "c.about_value = '198.51.0.0-198.51.255.255' AND c.rung = 10");

    /* 404, 10 MB, handles in a circle, an answer of another network, a redirect loop. */
    with(&f, 5, "e.customer.example", "203.0.113.5", NULL, "Five");
    with(&f, 6, "f.customer.example", "203.0.113.6", NULL, "Six");
    with(&f, 7, "g.customer.example", "203.0.113.7", NULL, "Seven");
    with(&f, 8, "h.customer.example", "203.0.113.8", NULL, "Eight");
    with(&f, 9, "i.customer.example", "203.0.113.9", NULL, "Nine");
    CHECK(look(&f, 5, &o).failed == 0 && look(&f, 6, &o).failed == 1);
    SAID("knows nothing of 203.0.113.5");
    SAID("too large");
    look(&f, 7, &o);
    ROWS(&f, 1, "c.address = 'loop@isp.example'");
    CHECK(look(&f, 8, &o).contacts == 0);
    SAID("answers of something else than 203.0.113.8");
    CHECK(look(&f, 9, &o).contacts == 0);
    (void)asked();

    /* The AS stands in where networks give nobody. */
    lf_exec(&f, "UPDATE case_server SET asn = 64500 WHERE asset = 5");
    look(&f, 5, &o);
    ROWS(&f, 1, "c.about = 3 AND c.about_value = '64500' AND c.rung = 10 AND c.address = 'abuse@isp.example'");
    CHECK(count_of(asked(), "get rdap.example") == 1);                     /* that nobody is there was kept */

    /* WHOIS only when asked for. */
    o.whois = true;
    lf_exec(&f, "UPDATE case_server SET asn = 0");
    look(&f, 5, &o);
    ROWS(&f, 1, "c.address = 'abuse@brewery.example' AND q.name = 'whois:whois.example'");
    CHECK(count_of(asked(), "whois 203.0.113.5") == 1);

    /* 429: the host rests, for all cases, in the next run too, until the time it said. */
    o.whois = false;
    with(&f, 4, "d.customer.example", "203.0.113.4", NULL, "Four");
    with(&f, 10, "j.customer.example", "203.0.113.10", NULL, "Ten");
    CHECK(look(&f, 4, &o).contacts == 0);
    SAID("it asks us to come later");
    CHECK(count_of(asked(), "get rdap") == 1);
    look(&f, 10, &o), look(&f, 4, &o);
    CHECK(count_of(asked(), "get rdap") == 0);
    SAID("rdap.example is not asked: it wanted to be left alone");
    o.now_us += 7199 * TIME_SECOND;
    look(&f, 10, &o);
    CHECK(count_of(asked(), "get rdap") == 0);
    o.now_us += 2 * TIME_SECOND;
    look(&f, 10, &o);
    CHECK(count_of(asked(), "get rdap") == 1);
    lf_close(&f);
}

/* Whose server to ask: IANA's files from a folder, else fetched and kept; IANA's referral of WHOIS, and then the brief form. */
static void directions(void **state)
{
    struct lookup_options o = options();
    char path[80];

    (void)state;
    if (!w.has)
        skip();
    struct lf f = world(NULL);
    with(&f, 1, "x.bakery.example", "192.0.2.7", NULL, "Example Bakery");
    o.rdap_base = STR_EMPTY;
    o.bootstrap = str_c(w.dir);
    look(&f, 1, &o);
    SAID("no bootstrap file");
    snprintf(path, sizeof path, "%s/ipv4.json", w.dir);
    FILE *out = fopen(path, "w");
    CHECK(out && fprintf(out, "{\"services\":[[[\"0.0.0.0/0\"],[\"https://nowhere.example/\"]],[[\"192.0.2.0/24\"],[\"http://rdap.example/\",\"https://rdap.example:%u\"]]]}", w.https) > 0 && fclose(out) == 0);
    look(&f, 1, &o);
    ROWS(&f, 1, "c.rung = 5 AND c.address = 'abuse@bakery.example'");

    with(&f, 2, "y.customer.example", "203.0.113.11", NULL, "Customer");
    lf_exec(&f, "UPDATE case_server SET asn = 64500 WHERE asset = 2");
    o.bootstrap = o.whois_host = STR_EMPTY;
    o.whois = true;
    (void)asked();
    look(&f, 2, &o);
    struct str log = asked();
    CHECK(count_of(log, "get data.iana.org /rdap/ipv4.json") == 1);
    ROWS(&f, 1, "c.rung = 10 AND c.address = 'abuse@brewery.example' AND q.name = 'whois:whois.ripe.net'");
    CHECK(count_of(log, "whois 203.0.113.11") == 1 && count_of(log, "whois -b -r 203.0.113.11") == 1);
    look(&f, 2, &o);
    CHECK(asked().n == 0);                             /* all of it was kept */
    unlink(path);
    lf_close(&f);
}

/* Two organisations in one network: its desk is nobody's own. */
static void neighbours(void **state)
{
    struct lookup_options o = options();

    (void)state;
    if (!w.has)
        skip();
    struct lf f = world(NULL);
    with(&f, 1, "x.bakery.example", "192.0.2.7", NULL, "Example Bakery");
    with(&f, 2, "x.lodger.example", "192.0.2.8", NULL, "Lodger");
    look(&f, 1, &o);
    ROWS(&f, 0, "c.rung IN (5, 6)");
    ROWS(&f, 1, "c.rung = 10 AND c.channel = 0 AND c.address = 'abuse@bakery.example'");
    lf_close(&f);
}

/* --- security.txt --- */

static void trust(void **state)
{
    struct lookup_options o = options();

    (void)state;
    if (!w.has)
        skip();
    struct lf f = world(NULL);
    static const char *const domains[] = { "mill", "dairy", "stream", "loop", "gzip", "flood", "soft", "expired", "twice", "selfsigned", "gone", "many", "signed" };
    char name[80], domain[64], ip[32];
    for (int i = 0; i < (int)COUNT_OF(domains); i++) {
        snprintf(domain, sizeof domain, "%s.example", domains[i]);
        snprintf(name, sizeof name, "mail.%s", domain);
        snprintf(ip, sizeof ip, "10.9.0.%d", i + 1);
        with(&f, i + 1, name, ip, domain, "x");
    }
    with(&f, 90, "entered.example", "127.0.0.3", NULL, "y");               /* www.mill.example lies there */
    o.rdap_base = STR("https://rdap.example/none/");
    struct arena   a = { .beg = w.room, .end = w.room + ROOM };
    struct lookup *k = NULL;
    struct lookup_counts n = { 0 };
    struct err     e = { 0 };
    o.courier = w.courier;
    CHECK(lookup_open(&k, f.l, &o, &a, &e));
    for (int i = 0; i < (int)COUNT_OF(domains); i++)
        if (!lookup_next(k, i + 1, &a, &n, &e))
            fail_msg("%s: %s", domains[i], e.what);
    lookup_close(k);
    struct str log = asked();

    /* Never from a server of a campaign: not by a redirect to its name, not by its address. */
    ROWS(&f, 0, "c.address LIKE 'forged%'");
    CHECK(count_of(log, "get mail.mill") == 0 && count_of(log, "get www.mill") == 0 && count_of(log, "get mail.") == 0);
    SAID("mill.example gives no security.txt: not asked: it is a server of a campaign");
    SAID("www.mill.example gives no security.txt: not asked: its address 127.0.0.3 is a server of a campaign");
    ROWS(&f, 0, "c.about_value = 'mill.example' AND c.rung = 9");          /* null MX */
    CHECK(lf_one(&f, "SELECT count(*) FROM case_mx WHERE domain = 'mill.example' AND host = '.'") == 1);
    /* Another registrable domain. */
    ROWS(&f, 3, "c.rung = 3 AND c.role = 'redirected' AND c.about_value = 'dairy.example'");
    CHECK(lf_one(&f, "SELECT count(*) FROM case_mx WHERE domain = 'dairy.example'") == 1);         /* the one whose name is no host name is not there */
    /* A stream without end is read so far. */
    ROWS(&f, 1, "c.rung = 3 AND c.address = 'security@stream.example'");
    size_t streamed = str_find(log, STR("streamed "));                     /* of 1024 MiB; what lies in the system's buffers */
    CHECK(streamed != STR_NONE && atoi((const char *)log.p + streamed + 9) < 64);
    /* Circles, plain http, other ports, encodings, floods of headers, pages: nothing. */
    ROWS(&f, 0, "c.rung = 3 AND c.about_value IN ('loop.example', 'gzip.example', 'flood.example', 'soft.example', 'selfsigned.example', 'gone.example', 'many.example')");
    CHECK(count_of(log, "get loop.example") == LOOKUP_REDIRECTS + 1 && count_of(log, "get www.loop.example") == 1 && count_of(log, "get selfsigned") == 0);
    SAID("too many redirects");
    SAID("it redirects to what cannot be asked");
    SAID("an encoding that was not asked for");
    SAID("too many headers");
    SAID("selfsigned.example gives no security.txt: certificate not valid");
    SAID("gone.example takes no mail");
    CHECK(count_of(log, "get gzip.example") == 1 && count_of(log, "get gone") == 0 && count_of(log, "get many") == 0);
    /* Expired, at the second place; two dates and no URI; signed, with a BOM. */
    CHECK(lf_one(&f, "SELECT count(*) FROM case_contact WHERE rung = 3 AND address = 'security@expired.example' AND until_us = 1577836800000000") == 1);
    ROWS(&f, 1, "c.rung = 3 AND c.role = 'bare' AND c.until_us IS NULL AND c.about_value = 'twice.example' AND q.name = 'security.txt:www.twice.example'");
    ROWS(&f, 1, "c.rung = 3 AND c.role = 'security' AND c.address = 'security@signed.example'");
    for (size_t i = 0; i < log.n; i++)
        CHECK(log.p[i] == '\n' || log.p[i] >= ' ');
    /* What was kept does not count any more once its host, or where that sent us, turns out to be a server of a campaign. */
    with(&f, 91, "hosted.example", "10.9.9.1", NULL, "z");
    lf_exec(&f, "DELETE FROM case_contact");
    look(&f, 2, &o);
    SAID("the security.txt of hosted.example does not count: it is a server of a campaign");
    with(&f, 92, "other.example", "127.0.0.1", NULL, "z");
    look(&f, 13, &o);
    SAID("the security.txt of signed.example does not count: its address 127.0.0.1 is a server of a campaign");
    ROWS(&f, 0, "c.rung = 3");
    lf_close(&f);
}

/* A copy from before the campaign is kept for good, and what it does not say is told. */
static void archived(void **state)
{
    struct lookup_options o = options();

    (void)state;
    if (!w.has)
        skip();
    struct lf f = world(NULL);
    with(&f, 1, "mail.archive.example", "10.9.1.1", "archive.example", "x");
    lf_run(&f, "UPDATE case_campaign SET begun_us = ?1", BOUND(B_INT(LF_NOW - 60 * TIME_DAY)));
    lf_run(&f, "INSERT INTO notify_lookup (kind, key, first, last, at_us, until_us, status, bytes) VALUES ('sectxt', 'archive.example', ?1, ?1, ?2, ?2, 200, ?3)",
           BOUND(B_BYTES(STR("")), B_INT(LF_NOW - 90 * TIME_DAY), B_BYTES(STR("https://archive.example/.well-known/security.txt\nContact: mailto:security@archive.example\nExpires: 2030-01-01T00:00:00Z\n"))));
    for (int i = 0; i < 2; i++, o.now_us += 2 * TIME_DAY) {
        look(&f, 1, &o);
        SAID("names planted@intruder.example, which it did not on 2020-12-12");
        w.said_n = 0, w.said[0] = 0;
    }
    ROWS(&f, 2, "c.rung = 3 AND c.role = 'changed' AND c.until_us IS NULL AND c.address = 'planted@intruder.example'");
    ROWS(&f, 2, "c.rung = 3 AND c.role = 'security' AND c.address = 'security@archive.example'");
    lf_close(&f);
}

/* Without `loopback` nobody is asked in there; where nothing is given, nothing is asked. */
static void special(void **state)
{
    struct lookup_options o = options();

    (void)state;
    if (!w.has)
        skip();
    struct lf f = world(NULL);
    with(&f, 1, "mail.bakery.example", "192.0.2.7", "bakery.example", "Example Bakery");
    o.loopback = false;
    send_courier(false);
    CHECK(look(&f, 1, &o).contacts > 0);               /* the DNS answers: role addresses */
    SAID("its address is special: loopback");
    CHECK(count_of(asked(), "get ") == 0);
    ROWS(&f, 0, "c.rung <> 9");
    struct arena a = { .beg = w.room, .end = w.room + ROOM };
    struct lookup_counts n;
    struct err e = { 0 };
    o.courier = w.courier;
    CHECK(!lookup_case(f.l, 99, &o, &a, &n, &e) && e.kind == ERR_USAGE);
    lf_close(&f);
}

/* --- files --- */

static void bulk(void **state)
{
    static const char split[] =
        "inetnum: 192.0.0.0 - 192.0.255.255\nnetname: WIDE\nabuse-c: AW\n\ninetnum: 192.0.2.0 - 192.0.2.15\nnetname: BAKERY\norg: OB\ntech-c: TB\n\ninetnum: 203.0.113.0 - 203.0.113.255\nabuse-c: NOBODY\n\n"
        "role: Wide desk\nnic-hdl: AW\nabuse-mailbox: abuse@wide.example\n\nrole: Tech\nnic-hdl: TB\ne-mail: tech@bakery.example\n\nrole: Never\nnic-hdl: NOBODY\nabuse-mailbox: never@wide.example\n\n"
        "role: Desk\nnic-hdl: AB\nabuse-mailbox: abuse@bakery.example\n\naut-num: AS64500\nas-name: ISP\nabuse-c: AI\n\naut-num: AS64501\nabuse-c: NOBODY\n\nrole: ISP desk\nnic-hdl: AI\nabuse-mailbox: as@isp.example\n\norganisation: OB\norg-name: Example  BAKERY\nabuse-c: AB\n";
    static const char json[] =
        "{\"objectClassName\":\"ip network\",\"startAddress\":\"198.51.100.0\",\"endAddress\":\"198.51.100.255\",\"entities\":[{\"objectClassName\":\"entity\",\"roles\":[\"abuse\"],"
        "\"vcardArray\":[\"vcard\",[[\"email\",{},\"text\",\"abuse@isp.example\"]]]}]}\nnot json\n"
        "{\"objectClassName\":\"domain\",\"ldhName\":\"bakery.example\",\"entities\":[{\"objectClassName\":\"entity\",\"roles\":[\"technical\"],\"vcardArray\":[\"vcard\",[[\"email\",{},\"text\",\"dns@bakery.example\"]]]}]}\n"
        "{\"objectClassName\":\"ip network\",\"startAddress\":\"203.0.113.0\",\"endAddress\":\"203.0.113.255\",\"entities\":[{\"objectClassName\":\"entity\",\"roles\":[\"abuse\"],"
        "\"vcardArray\":[\"vcard\",[[\"email\",{},\"text\",\"never@isp.example\"]]]}]}\n";
    struct arena a = { .beg = w.room, .end = w.room + ROOM };
    struct lookup_counts n;
    struct err e = { 0 };

    (void)state;
    for (int engine = 0; engine < 1 + w.has_pg; engine++) {
        struct lf f = world(engine ? w.pg.where : NULL);
        with(&f, 1, "mail.bakery.example", "192.0.2.7", "bakery.example", "Example Bakery");
        with(&f, 2, "mail.other.example", "192.0.9.9", NULL, "Other");
        with(&f, 3, "mail.customer.example", "198.51.100.9", NULL, "Customer");
        lf_exec(&f, "UPDATE case_server SET asn = 64500 WHERE asset = 3");
        if (!lookup_bulk(f.l, STR("split.db"), str_c(split), LF_NOW, &a, &n, &e) || n.contacts != 4 || n.asked != 3)
            fail_msg("%s: %d contacts of %d", e.what, (int)n.contacts, (int)n.asked);
        ROWS(&f, 1, "c.rung = 5 AND c.address = 'abuse@bakery.example' AND c.about_value = '192.0.2.0-192.0.2.15' AND q.name = 'bulk:split.db'");
        ROWS(&f, 1, "c.rung = 6 AND c.address = 'tech@bakery.example'");
        ROWS(&f, 1, "c.rung = 10 AND c.address = 'abuse@wide.example' AND c.about_value = '192.0.0.0-192.0.255.255'");
        ROWS(&f, 1, "c.rung = 10 AND c.about = 3 AND c.about_value = '64500' AND c.address = 'as@isp.example'");
        CHECK(lookup_bulk(f.l, STR("rdap.jsonl"), str_c(json), LF_NOW, &a, &n, &e) && n.asked == 4 && n.failed == 1 && n.contacts == 2);
        ROWS(&f, 1, "c.rung = 10 AND c.address = 'abuse@isp.example'");
        ROWS(&f, 1, "c.rung = 6 AND c.about = 0 AND c.address = 'dns@bakery.example'");
        ROWS(&f, 0, "c.address LIKE 'never%'");
        CHECK(lookup_bulk(f.l, STR("answer.txt"), STR("NetRange: 198.51.100.0 - 198.51.100.127\nOrgAbuseEmail: abuse2@isp.example\n"), LF_NOW, &a, &n, &e) && n.contacts == 1);
        int64_t was = rows(&f, "1 = 1");
        CHECK(lookup_bulk(f.l, STR("split.db"), str_c(split), LF_NOW, &a, &n, &e) && rows(&f, "1 = 1") == was);
        CHECK(!lookup_bulk(f.l, STR("x"), STR("neither\n"), LF_NOW, &a, &n, &e) && e.kind == ERR_FORMAT);
        e = (struct err){ 0 };
        /* No room anywhere: an error, and nothing half written. */
        for (uint32_t left = 1;; left++) {
            struct fault fault = { .left = left };
            struct arena b = { .beg = w.room, .end = w.room + ROOM, .fault = &fault };
            lf_exec(&f, "DELETE FROM case_contact");
            bool ok = lookup_bulk(f.l, STR("split.db"), str_c(split), LF_NOW, &b, &n, &e);
            if (!fault.fired) {
                CHECK(ok && rows(&f, "1 = 1") == 4);
                break;
            }
            CHECK(ok || (e.kind == ERR_MEMORY && rows(&f, "1 = 1") == 0));
        }
        lf_close(&f);
    }
}

static int by_courier(void **state)
{
    (void)state;
    w.by_courier = true;
    return 0;
}

static int by_nobody(void **state)
{
    (void)state;
    courier_close(w.courier);
    w.courier = NULL;
    w.by_courier = false;
    return 0;
}
#define BY_COURIER(test) { "courier: " #test, test, by_courier, by_nobody, NULL }

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(bulk), cmocka_unit_test(bakery), cmocka_unit_test(registries), cmocka_unit_test(directions), cmocka_unit_test(neighbours), cmocka_unit_test(trust), cmocka_unit_test(archived),
                                        cmocka_unit_test(special), BY_COURIER(bakery), BY_COURIER(registries), BY_COURIER(directions), BY_COURIER(neighbours), BY_COURIER(trust), BY_COURIER(archived), BY_COURIER(special) };

    return cmocka_run_group_tests(tests, setup, teardown);
}
