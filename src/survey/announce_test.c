#include "test.h"

#include "survey/announce.h"

#include <inttypes.h>

struct want { const char *build; enum obs_means means; uint32_t flags; const char *node, *domain; };

static void check(const char *why, const struct observation *o, const struct want *w)
{
    char build[40] = "";

    for (int i = 0, n = 0; i < o->parts; i++)
        n += snprintf(build + n, sizeof build - (size_t)n, "%s%u", i ? "." : "", o->build[i]);
    if (strcmp(build, w->build) || (w->build[0] && o->means != w->means) || o->flags != w->flags)
        fail_msg("%s: build %s by %s, flags %" PRIx32, why, build, obs_means_name(o->means), o->flags);
    if (w->node)
        CHECK_STR(o->node, str_c(w->node));
    if (w->domain)
        CHECK_STR(o->ad_domain, str_c(w->domain));
}

#define HIDDEN OBS_VERSION_HIDDEN
#define EXCH   OBS_EXCHANGE

/* One answer each; "|" stands for a line end. */
static const struct { const char *why, *path, *raw; struct want want; } answers[] = {
    { "the header, on a redirect", "/owa/", "HTTP/1.1 302 Found|X-OWA-Version: 15.1.2242.12|X-FEServer: EX01|Location: https://h/owa/auth/logon.aspx||", { "15.1.2242.12", OBS_HEADER, EXCH, "EX01", "" } },
    { "lower case, as HTTP/2 writes it", "/owa/", "HTTP/2 401|x-owa-version: 15.2.986.14||", { "15.2.986.14", OBS_HEADER, EXCH, NULL, NULL } },
    { "underscores, as zgrab2 writes them", "/ews/exchange.asmx", "HTTP/1.1 401 Unauthorized|x_owa_version: 15.2.1544.36|x_feserver: EX01||", { "15.2.1544.36", OBS_HEADER, EXCH, "EX01", NULL } },
    { "three numbers in the header", "/owa/", "HTTP/1.1 200 OK|X-OWA-Version: 15.2.721||", { "15.2.721", OBS_HEADER, EXCH, NULL, NULL } },
    { "an empty header says Exchange and hides", "/owa/", "HTTP/1.1 200 OK|X-OWA-Version:||", { "", 0, EXCH | HIDDEN, NULL, NULL } },
    { "no number in it", "/owa/", "HTTP/1.1 200 OK|X-OWA-Version: n/a||", { "", 0, EXCH | HIDDEN, NULL, NULL } },
    { "the path in the page", "/owa/", "HTTP/1.1 200 OK||<link href=\"/owa/auth/15.1.2176/themes/resources/favicon.ico\">", { "15.1.2176", OBS_PAGE_PATH, EXCH, NULL, NULL } },
    { "an older one", "/owa/", "HTTP/1.1 200 OK||<img src=/owa/14.3.123.3/themes/x.png>", { "14.3.123.3", OBS_PAGE_PATH, EXCH, NULL, NULL } },
    { "numbers that end in no slash are none", "/owa/", "HTTP/1.1 200 OK||/owa/auth/15.1.2176 /owa/15.1/ /owa/auth/15..1/", { "", 0, OBS_NOT_EXCHANGE, NULL, NULL } },
    { "the header is better than the path", "/owa/", "HTTP/1.1 200 OK|X-OWA-Version: 15.1.2176.9||/owa/auth/15.1.2176/x", { "15.1.2176.9", OBS_HEADER, EXCH, NULL, NULL } },
    { "an announced revision below the page's line is no contradiction", "/owa/", "HTTP/1.1 200 OK|X-OWA-Version: 15.2.858.2||/owa/auth/15.2.858/x", { "15.2.858.2", OBS_HEADER, EXCH, NULL, NULL } },
    { "two builds in one page: the lower one", "/owa/", "HTTP/1.1 200 OK||/owa/auth/15.1.2242/x /owa/auth/15.1.2176/y", { "15.1.2176", OBS_PAGE_PATH, EXCH | OBS_TWO_BUILDS, NULL, NULL } },
    { "header and page contradict", "/owa/", "HTTP/1.1 200 OK|X-OWA-Version: 15.1.2507.9||/owa/auth/15.1.2176/y", { "15.1.2507.9", OBS_HEADER, EXCH | OBS_TWO_BUILDS, NULL, NULL } },
    { "the manifest", "/ecp/Current/exporttool/microsoft.exchange.ediscovery.exporttool.application",
      "HTTP/1.1 200 OK||<?xml?><asmv1:assembly><assemblyIdentity name=\"microsoft.exchange.ediscovery.exporttool.application\" version=\"15.1.2375.17\" type=\"x\"/>",
      { "15.1.2375.17", OBS_MANIFEST, EXCH, NULL, NULL } },
    { "another's manifest", "/ecp/Current/exporttool/x.application", "HTTP/1.1 200 OK||<assemblyIdentity name=\"other\" version=\"15.1.2375.17\"/>", { "", 0, OBS_NOT_EXCHANGE, NULL, NULL } },
    { "the back end tells the domain", "/autodiscover/autodiscover.xml", "HTTP/1.1 401 Unauthorized|X-CalculatedBETarget: EX02.Corp.Example||", { "", 0, EXCH | HIDDEN, "", "corp.example" } },
    { "ActiveSync beside other words of Exchange", "/Microsoft-Server-ActiveSync", "HTTP/1.1 401 U|MS-Server-ActiveSync: 15.1|X-FEServer: A||", { "15.1", OBS_ACTIVESYNC, EXCH | HIDDEN, NULL, NULL } },
    { "ActiveSync alone: others speak it", "/Microsoft-Server-ActiveSync", "HTTP/1.1 200 OK|MS-Server-ActiveSync: 14.0||", { "", 0, OBS_NOT_EXCHANGE, NULL, NULL } },
    { "F5 stands before it", "/owa/", "HTTP/1.0 302 Found|Location: /my.policy|Set-Cookie: MRHSession=x||", { "", 0, HIDDEN, NULL, NULL } },
    { "F5's cookie with the header all the same", "/autodiscover/autodiscover.xml", "HTTP/1.1 401 U|Set-Cookie: TS01a=b|X-OWA-Version: 15.1.2308.8||", { "15.1.2308.8", OBS_HEADER, EXCH, NULL, NULL } },
    { "shut", "/owa/", "HTTP/1.1 403 Forbidden|Server: Microsoft-IIS/10.0||", { "", 0, HIDDEN, NULL, NULL } },
    { "no such page: another server", "/owa/", "HTTP/1.1 404 Not Found|Server: nginx||", { "", 0, OBS_NOT_EXCHANGE, NULL, NULL } },
    { "not asked for a path of Exchange: nothing is known", "/", "HTTP/1.1 200 OK|Server: nginx||Hello", { "", 0, 0, NULL, NULL } },
    { "a server error says nothing", "/owa/", "HTTP/1.1 503 Busy||", { "", 0, 0, NULL, NULL } },
    { "a title of Outlook", "/", "HTTP/1.1 200 OK||<html><TITLE>\tOutlook </TITLE>", { "", 0, EXCH | HIDDEN, NULL, NULL } },
    { "Exchange Online by its build", "/owa/", "HTTP/1.1 200 OK|X-OWA-Version: 15.20.4000.10||", { "15.20.4000.10", OBS_HEADER, EXCH | OBS_ONLINE, NULL, NULL } },
    { "Exchange Online by its address", "/owa/", "HTTP/1.1 301 Moved|Location: https://outlook.office365.com/owa/||", { "", 0, OBS_ONLINE, NULL, NULL } },
    { "a name that only ends alike", "/owa/", "HTTP/1.1 301 Moved|Location: https://notoutlook.com/owa/||", { "", 0, 0, NULL, NULL } },
    { "2019 on Windows 2012 R2 never was", "/owa/", "HTTP/1.1 200 OK|Server: Microsoft-IIS/8.5|X-OWA-Version: 15.2.986.14||", { "15.2.986.14", OBS_HEADER, EXCH | OBS_ODD, NULL, NULL } },
    { "2016 on Windows 2012 R2 was", "/owa/", "HTTP/1.1 200 OK|Server: Microsoft-IIS/8.5|X-OWA-Version: 15.1.2507.9||", { "15.1.2507.9", OBS_HEADER, EXCH, NULL, NULL } },
    { "a build that never was", "/owa/", "HTTP/1.1 200 OK|X-OWA-Version: 17.9.1.1||", { "17.9.1.1", OBS_HEADER, EXCH | OBS_ODD, NULL, NULL } },
    { "a number too large is no build", "/owa/", "HTTP/1.1 200 OK|X-OWA-Version: 15.1.99999.1||", { "", 0, EXCH | HIDDEN, NULL, NULL } },
    { "the SOAP header of one who signed in", "/ews/exchange.asmx", "HTTP/1.1 200 OK||<h:ServerVersionInfo MajorVersion=\"15\" MinorVersion=\"1\" MajorBuildNumber=\"2176\" MinorBuildNumber=\"9\" Version=\"V2017_07_11\"/>",
      { "15.1.2176.9", OBS_SOAP, EXCH, NULL, NULL } },
    { "half of it is nothing", "/ews/exchange.asmx", "HTTP/1.1 200 OK||<h:ServerVersionInfo MajorVersion=\"15\" MinorVersion=\"1\" MajorBuildNumber=\"\"/>", { "", 0, OBS_NOT_EXCHANGE, NULL, NULL } },
    { "Autodiscover's hex digits", "/autodiscover/autodiscover.xml", "HTTP/1.1 200 OK||<ServerVersion>73C1840A</ServerVersion>", { "15.1.1034", OBS_AUTODISCOVER, EXCH, NULL, NULL } },
    { "no HTTP at all", "/owa/", "SSH-2.0-x||", { "", 0, 0, NULL, NULL } },
};

static void each(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct test_arena  t = test_arena(1 << 12);
        struct observation o;
        char               raw[1024];
        size_t             n = 0;

        for (const char *c = answers[i].raw; *c; c++)
            if (*c == '|')
                raw[n++] = '\r', raw[n++] = '\n';
            else
                raw[n++] = *c;
        struct str in = test_heap(raw, n);
        observation_clear(&o);
        announce_read_raw(&o, &t.a, &(struct announced){ .path = str_c(answers[i].path) }, in);
        check(answers[i].why, &o, &answers[i].want);
        test_free(in);
        test_arena_free(&t);
    }
}

/* What several answers say together does not depend on which came first. */
static void together(void **state)
{
    static const char *const raw[] = {
        "HTTP/1.1 302 F\r\nLocation: /my.policy\r\n\r\n",
        "HTTP/1.1 401 U\r\nX-OWA-Version: 15.1.2308.8\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n<a href=/owa/auth/15.1.2308/x>",
    };
    (void)state;
    for (int order = 0; order < 6; order++) {
        int                at[3] = { order % 3, (order % 3 + 1 + order / 3) % 3, 0 };
        struct test_arena  t = test_arena(1 << 12);
        struct observation o;

        at[2] = 3 - at[0] - at[1];
        observation_clear(&o);
        for (int i = 0; i < 3; i++)
            announce_read_raw(&o, &t.a, &(struct announced){ .path = STR("/owa/"), .host = STR("Mail.Example.org.") }, str_c(raw[at[i]]));
        check("in any order", &o, &(struct want){ "15.1.2308.8", OBS_HEADER, EXCH, "", "" });
        CHECK(o.name_n == 1);
        CHECK_STR(o.name[0], STR("mail.example.org"));
        test_arena_free(&t);
    }
}

/* No room costs text, never sense. */
static void no_room(void **state)
{
    struct arena       none = { NULL, NULL, NULL };
    struct observation o;

    (void)state;
    observation_clear(&o);
    announce_read_raw(&o, &none, &(struct announced){ .path = STR("/owa/"), .host = STR("MAIL.example") },
                      STR("HTTP/1.1 401 U\nX-OWA-Version: 15.1.2308.8\nX-BEServer: A.B.example\n\n"));
    CHECK(o.parts == 4 && o.name_n == 0 && !o.ad_domain.n && (o.flags & OBS_MORE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each), cmocka_unit_test(together), cmocka_unit_test(no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
