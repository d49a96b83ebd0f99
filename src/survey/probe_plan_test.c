#include "test.h"

#include "base/num.h"
#include "survey/announce.h"
#include "survey/probe_plan.h"

#define LOGON "/owa/auth/logon.aspx?url=https%3a%2f%2fmail.example.org%2fowa%2f&reason=0"

/* What the plan makes of a first answer; NULL: nothing. */
static void seconds(void **state)
{
    (void)state;
    static const struct { const char *raw, *want, *why; } at[] = {
        { "HTTP/1.1 302 Found\r\nX-OWA-Version: 15.1.2176.9\r\nLocation: https://mail.example.org/owa/auth/logon.aspx?url=x\r\n\r\n", NULL, "four numbers at once" },
        { "HTTP/1.1 302 Found\r\nLocation: https://mail.example.org/owa/auth/logon.aspx?url=https%3a%2f%2fmail.example.org%2fowa%2f&reason=0\r\n\r\n", LOGON, "followed, with a query of ours" },
        { "HTTP/1.1 302 Found\r\nLocation: /owa/auth/logon.aspx\r\n\r\n", LOGON, "relative" },
        { "HTTP/1.1 302 Found\r\nLocation: https://MAIL.example.org:443/OWA/auth/logon.aspx?replaceCurrent=1\r\n\r\n", LOGON, "case and port" },
        { "HTTP/1.1 302 Found\r\nLocation: https://evil.example.net/owa/auth/logon.aspx\r\nX-FEServer: EX01\r\n\r\n", "/ews/exchange.asmx", "another host is not followed" },
        { "HTTP/1.1 302 Found\r\nLocation: https://mail.example.org/owa/auth/x.js?y=../../powershell\r\nX-FEServer: EX01\r\n\r\n", "/ews/exchange.asmx", "another path is not followed" },
        { "HTTP/1.1 302 Found\r\nLocation: https://mail.example.org/owa/auth/logon.aspx/../../x\r\nX-FEServer: EX01\r\n\r\n", "/ews/exchange.asmx", "nor one that only begins like it" },
        { "HTTP/1.1 302 Found\r\nLocation: http://mail.example.org/owa/auth/logon.aspx\r\nX-FEServer: EX01\r\n\r\n", "/ews/exchange.asmx", "nor one without TLS" },
        { "HTTP/1.1 302 Found\r\nLocation: /my.policy\r\n\r\n", "/autodiscover/autodiscover.xml", "a proxy" },
        { "HTTP/1.1 302 Found\r\nLocation: https://www.example.org/\r\n\r\n", NULL, "some web site" },
        { "HTTP/1.1 200 OK\r\n\r\n<link href=\"/owa/auth/15.1.2176/themes/resources/favicon.ico\">", "/ecp/Current/exporttool/microsoft.exchange.ediscovery.exporttool.application", "three numbers" },
        { "HTTP/1.1 200 OK\r\nX-OWA-Version: \r\n\r\n", "/ews/exchange.asmx", "an empty header" },
        { "HTTP/1.1 401 Unauthorized\r\nX-FEServer: EX01\r\n\r\n", "/ews/exchange.asmx", "Exchange without a build" },
        { "HTTP/1.1 403 Forbidden\r\n\r\n", "/autodiscover/autodiscover.xml", "the door is shut" },
        { "HTTP/1.1 200 OK\r\n\r\n<title>Welcome</title>", NULL, "not Exchange" },
        { "HTTP/1.1 404 Not Found\r\n\r\n", NULL, "not there" },
        { "HTTP/1.1 503 Service Unavailable\r\nX-FEServer: EX01\r\n\r\n", NULL, "too much to do" },
        { "HTTP/1.1 429 Too Many Requests\r\n\r\n", NULL, "too much to do" },
        { "HTTP/1.1 500 Internal Server Error\r\nX-FEServer: EX01\r\n\r\n", NULL, "in trouble" },
    };

    for (size_t i = 0; i < COUNT_OF(at); i++) {
        struct test_arena  t = test_arena(1 << 20);
        struct observation o;
        struct announced   x = { .host = STR("mail.example.org"), .path = STR("/owa/") };
        struct str         raw = test_heap(at[i].raw, strlen(at[i].raw)), head = str_sub(raw, 0, str_find(raw, STR("\r\n\r\n")) + 4);
        uint32_t           status;
        char               path[PLAN_PATH_MAX];
        observation_clear(&o);
        announce_read_raw(&o, &t.a, &x, raw);
        CHECK(num_u32(str_sub(raw, 9, 12), &status));
        bool some = probe_plan_second(&o, (int)status, head, "mail.example.org", path);
        CHECK_WHY(some == (at[i].want != NULL), at[i].why);
        if (some)
            CHECK_STR(str_c(path), str_c(at[i].want));
        CHECK_WHY(!(some && probe_plan_last((int)status, head)), at[i].why);
        test_free(raw);
        test_arena_free(&t);
    }
}

/* By address, IPv6 too. */
static void hosts(void **state)
{
    (void)state;
    struct observation o;
    char               path[PLAN_PATH_MAX];

    observation_clear(&o);
    CHECK(probe_plan_second(&o, 302, STR("HTTP/1.1 302 Found\r\nLocation: https://192.0.2.1:8443/owa/auth/logon.aspx\r\n\r\n"), "192.0.2.1", path));
    CHECK_STR(str_c(path), STR("/owa/auth/logon.aspx?url=https%3a%2f%2f192.0.2.1%2fowa%2f&reason=0"));
    CHECK(probe_plan_second(&o, 302, STR("HTTP/1.1 302 Found\r\nLocation: https://[2001:db8::1]/owa/auth/logon.aspx\r\n\r\n"), "2001:db8::1", path));
    CHECK_STR(str_c(path), STR("/owa/auth/logon.aspx?url=https%3a%2f%2f%5b2001:db8::1%5d%2fowa%2f&reason=0"));
    CHECK(!probe_plan_second(&o, 302, STR("HTTP/1.1 302 Found\r\nLocation: https://[2001:db8::2]/owa/auth/logon.aspx\r\n\r\n"), "2001:db8::1", path));
    CHECK(!probe_plan_second(&o, 302, STR("HTTP/1.1 302 Found\r\nLocation: https://\r\n\r\n"), "192.0.2.1", path));
    CHECK(!probe_plan_second(&o, 302, STR("HTTP/1.1 302 Found\r\n\r\n"), "192.0.2.1", path));
}

static void busy(void **state)
{
    (void)state;
    static const struct { const char *value; int64_t want_s; } at[] = {
        { "120", 120 }, { "0", 0 }, { "99999999999", 30 * 86400 }, { "soon", 0 }, { "-5", 0 }, { "Mon, 23 Nov 2026 05:01:40 GMT", 100 }, { "Mon, 23 Nov 2026 04:01:40 GMT", 0 },
        { "Mon, 23 Xyz 2026 05:01:40 GMT", 0 }, { "Fri, 23 Nov 2029 05:01:40 GMT", 30 * 86400 }, { "", 0 },
    };
    int64_t now, wait;
    char    head[128];

    CHECK(time_parse(STR("2026-11-23T05:00:00Z"), &now));
    for (size_t i = 0; i < COUNT_OF(at); i++) {
        snprintf(head, sizeof head, "HTTP/1.1 429 Too Many Requests\r\nretry-after:  %s \r\n\r\n", at[i].value);
        CHECK_WHY(probe_plan_busy(429, str_c(head), now, &wait) && wait == at[i].want_s * TIME_SECOND, at[i].value);
    }
    CHECK(probe_plan_busy(503, STR("HTTP/1.1 503 X\r\n\r\n"), now, &wait) && wait == 0);
    CHECK(!probe_plan_busy(500, STR("HTTP/1.1 500 X\r\nRetry-After: 5\r\n\r\n"), now, &wait) && wait == 0);
    CHECK_STR(str_c(probe_plan_first()), STR("/owa/"));
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(seconds), cmocka_unit_test(hosts), cmocka_unit_test(busy) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
