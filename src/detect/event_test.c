#include "test.h"

#include "detect/event.h"

/* A record from "column=value|column=value". */
struct made {
    struct columns cols;
    struct str     name[16], value[16];
    struct record  r;
};

static void make(struct made *m, const char *text)
{
    memset(m, 0, sizeof *m);
    for (struct str rest = str_c(text), cell; rest.n && str_cut(&rest, '|', &cell);) {
        size_t eq = str_chr(cell, '=');
        m->name[m->cols.n]    = str_sub(cell, 0, eq);
        m->value[m->cols.n++] = str_from(cell, eq + 1);
    }
    m->cols.name = m->name;
    m->r = (struct record){ .cols = &m->cols, .value = m->value, .n = m->cols.n, .raw = str_c(text) };
}

static struct event event_of(struct made *m, enum family f, struct arena *a, struct proxies *p)
{
    struct sigma   none = { 0 };
    struct binding b    = { 0 };
    struct event   e;

    p->keep = a;
    binding_make(&b, &m->cols, &none);
    CHECK(event_read(&e, f, &m->r, &b, p, NULL, a));
    return e;
}

static void reads_forged_targets(void **state)
{
    static const struct { const char *why, *row, *host, *path, *canary; bool forged; } t[] = {
        { "the published form", "AnchorMailbox=ServerInfo~a]@exch01.example.com:444/ecp/DDI/DDIService.svc/SetObject?msExchEcpCanary=AbC.&schema=X#",
          "exch01.example.com", "/ecp/ddi/ddiservice.svc/setobject", "AbC.", true },
        { "a scanner's", "AnchorMailbox=ServerInfo~localhost/ecp/default.flt?", "localhost", "/ecp/default.flt", "", true },
        { "letter case does not matter", "AnchorMailbox=serverinfo~EXCH01:444/EWS/Exchange.asmx#", "EXCH01", "/ews/exchange.asmx", "", true },
        { "percent signs are read", "AnchorMailbox=ServerInfo~a]@x:444/%65cp/proxyLogon.ecp?", "x", "/ecp/proxylogon.ecp", "", true },
        { "coexistence has no path", "AnchorMailbox=ServerInfo~exch02.example.com", "", "", "", false },
        { "an ordinary anchor", "AnchorMailbox=Smtp~a@example.com", "", "", "", false },
        { "the cookie form", "BackEndCookie=Server~exch01/autodiscover/autodiscover.xml~1941962753~2021-03-03", "exch01", "/autodiscover/autodiscover.xml", "", true },
        { "an ordinary cookie", "BackEndCookie=Server~exch01.example.com~1941962753~2021-03-03T00:00:00", "", "", "", false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct test_arena a = test_arena(1 << 16);
        struct proxies    p = { 0 };
        struct made       m;
        make(&m, t[i].row);
        struct event e = event_of(&m, FAM_HTTPPROXY, &a.a, &p);
        CHECK_WHY(e.forged == t[i].forged, t[i].why);
        CHECK_WHY(str_eq(e.target_host, str_c(t[i].host)), t[i].why);
        CHECK_WHY(str_eq(e.target_path, str_c(t[i].path)), t[i].why);
        CHECK_WHY(str_eq(e.canary, str_c(t[i].canary)), t[i].why);
        test_arena_free(&a);
    }
}

static void tells_use_from_a_look(void **state)
{
    static const struct { const char *why, *row; bool active; const char *left; } t[] = {
        { "a plain GET", "cs-method=GET|cs-uri-stem=/x.aspx|cs-uri-query=", false, "" },
        { "what Exchange appends is no query", "cs-method=GET|cs-uri-stem=/owa/auth/x.aspx|cs-uri-query=&CorrelationID=<empty>;&cafeReqId=1-2;&encoding=;", false, "" },
        { "older builds say RequestId", "cs-method=GET|cs-uri-stem=/owa/auth/x.aspx|cs-uri-query=&ClientId=ABC&RequestId=1-2", false, "" },
        { "a query of the client stays", "cs-method=GET|cs-uri-stem=/owa/auth/x.aspx|cs-uri-query=k=whoami&CorrelationID=<empty>;&cafeReqId=1-2;", true, "k=whoami" },
        { "a POST is use", "cs-method=post|cs-uri-stem=/x.aspx|cs-uri-query=", true, "" },
        { "the back end's port", "cs-method=POST|cs-uri-stem=/x.aspx|cs-uri-query=|s-port=444", true, "" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct test_arena a = test_arena(1 << 16);
        struct proxies    p = { 0 };
        struct made       m;
        make(&m, t[i].row);
        struct event e = event_of(&m, FAM_IIS_FRONT, &a.a, &p);
        CHECK_WHY(e.active == t[i].active, t[i].why);
        CHECK_WHY(e.family == (strstr(t[i].row, "s-port=444") ? FAM_IIS_BACK : FAM_IIS_FRONT), t[i].why);
        CHECK_WHY(str_eq(e.query, str_c(t[i].left)), t[i].why);
        test_arena_free(&a);
    }
}

static void finds_the_client(void **state)
{
    static const struct { const char *why, *first, *row, *client; } t[] = {
        { "no forwarding", NULL, "c-ip=198.51.100.1", "198.51.100.1" },
        { "a balancer in front", NULL, "c-ip=192.0.2.10|X-Forwarded-For=198.51.100.1", "198.51.100.1" },
        { "with a port, as some write it", NULL, "c-ip=192.0.2.10|X-Forwarded-For=198.51.100.1:50222", "198.51.100.1" },
        { "the last entry counts: the first is the client's own word", NULL, "c-ip=192.0.2.10|X-Forwarded-For=127.0.0.1,+198.51.100.1", "198.51.100.1" },
        { "an entry that is a known peer is a proxy too", "c-ip=192.0.2.11|X-Forwarded-For=203.0.113.5", "c-ip=192.0.2.10|X-Forwarded-For=198.51.100.1,192.0.2.11", "198.51.100.1" },
        { "IPv6 in brackets", NULL, "c-ip=192.0.2.10|X-Forwarded-For=[2001:db8::5]:443", "2001:db8::5" },
        { "a scope id goes", NULL, "c-ip=fe80::1%12", "fe80::1" },
        { "an empty field is no forwarding", NULL, "c-ip=198.51.100.1|X-Forwarded-For=", "198.51.100.1" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct test_arena a = test_arena(1 << 16);
        struct proxies    p = { 0 };
        struct made       m;
        if (t[i].first) {
            make(&m, t[i].first);
            event_of(&m, FAM_IIS_FRONT, &a.a, &p);
        }
        make(&m, t[i].row);
        CHECK_WHY(str_eq(event_of(&m, FAM_IIS_FRONT, &a.a, &p).client, str_c(t[i].client)), t[i].why);
        test_arena_free(&a);
    }
}

static void judges_urls_given_to_directories(void **state)
{
    static const struct { const char *why, *command; bool has, plain; const char *key; } t[] = {
        { "an administrator's address", "Set-OabVirtualDirectory.ExternalUrl='https://mail.bakery.example/OAB'.Identity='x'", true, true, "" },
        { "words of script inside an honest name", "Set-OwaVirtualDirectory.ExternalUrl='https://mail.medieval-scripts.example/owa'.Identity='x'", true, true, "" },
        { "emptied", "Set-OabVirtualDirectory.ExternalUrl=$null.Identity='x'", true, true, "" },
        { "an inner address without a dot", "Set-OabVirtualDirectory.InternalUrl='https://exch01/OAB'", true, true, "" },
        { "the fake host of a drop", "Set-OabVirtualDirectory.ExternalUrl='http://f/orange'.Identity='x'", true, false, "" },
        { "script", "Set-OabVirtualDirectory.ExternalUrl='http://f/<scr" "ipt>ev" "al(Request[\"orange\"],\"uns" "afe\");</scr" "ipt>'.Identity='x'", true, false, "orange" },
        { "of two values the telling one", "Set-OabVirtualDirectory.ExternalUrl='https://mail.bakery.example/OAB'.InternalUrl='http://f/<x>'", true, false, "" },
        { "of two nothings neither", "Set-OwaVirtualDirectory.ExternalUrl=''.InternalUrl=$null", true, true, "" },
        { "a blank that slipped in", "Set-OabVirtualDirectory.ExternalUrl='https://mail.bakery.example/OAB '", true, true, "" },
        { "a name above ASCII", "Set-OabVirtualDirectory.ExternalUrl='https://mail.b\xc3\xa4" "ckerei.example/OAB'", true, true, "" },
        { "a key without script", "Set-OabVirtualDirectory.ExternalUrl='http://f/ key'", true, false, "" },
        { "no scheme", "Set-OabVirtualDirectory.ExternalUrl='mail.bakery.example/OAB'", true, false, "" },
        { "not a Set of a URL", "Get-OabVirtualDirectory.Identity='x'", false, false, "" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct test_arena a    = test_arena(1 << 16);
        struct proxies    p    = { 0 };
        struct str        name = STR("CMD"), value = str_c(t[i].command);
        struct made       m;
        make(&m, "ServerName=EXCH01");
        m.r.extra_name  = &name;
        m.r.extra_value = &value;
        m.r.extra_n     = 1;
        struct event e = event_of(&m, FAM_ECP_SERVER, &a.a, &p);
        CHECK_WHY(e.has_set == t[i].has, t[i].why);
        CHECK_WHY(!e.has_set || e.set_plain == t[i].plain, t[i].why);
        CHECK_WHY(str_eq(e.key, str_c(t[i].key)), t[i].why);
        test_arena_free(&a);
    }
}

static void knows_foreign_paths(void **state)
{
    static const struct { const char *why, *path; bool foreign; } t[] = {
        { "the service's own folder", "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\ClientAccess\\OAB\\Temp\\a.tmp", false },
        { "a web folder", "C:\\inetpub\\wwwroot\\aspnet_client\\a.aspx", true },
        { "a share", "\\\\192.0.2.1\\x\\a.tmp", true },
        { "climbing out", "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\ClientAccess\\OAB\\..\\..\\FrontEnd\\HttpProxy\\owa\\auth\\a.aspx", true },
        { "short names", "C:\\PROGRA~1\\MICROS~1\\EXCHAN~1\\V15\\CLIENT~1\\OAB\\Temp\\a.lzx", false },
        { "a prefix of the name only", "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\ClientAccess\\OABX\\a", true },
        { "another kind of script", "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\ClientAccess\\OAB\\Temp\\a.cfm", true },
        { "a script in the right folder", "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\ClientAccess\\OAB\\a.aspx", true },
    };
    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct test_arena a    = test_arena(1 << 16);
        struct proxies    p    = { 0 };
        struct str        name = STR("Path"), value = str_c(t[i].path);
        struct made       m;
        make(&m, "Message=x");
        m.r.extra_name  = &name;
        m.r.extra_value = &value;
        m.r.extra_n     = 1;
        CHECK_WHY(event_of(&m, FAM_OAB_GENERATOR, &a.a, &p).foreign == t[i].foreign, t[i].why);
        test_arena_free(&a);
    }
}

static void ordinary_traffic_is_authenticated(void **state)
{
    static const struct { const char *why, *row; bool is; } t[] = {
        { "a user", "AuthenticatedUser=BAKERY\\anna|IsAuthenticated=true|HttpStatus=200", true },
        { "a machine account", "AuthenticatedUser=BAKERY\\EXCH01$|IsAuthenticated=true|HttpStatus=200", false },
        { "monitoring", "AuthenticatedUser=HealthMailbox1@bakery.example|IsAuthenticated=true|HttpStatus=200", false },
        { "a refused password", "AuthenticatedUser=BAKERY\\anna|IsAuthenticated=false|HttpStatus=401", false },
        { "a forged request is never ordinary", "AuthenticatedUser=BAKERY\\anna|HttpStatus=200|AnchorMailbox=ServerInfo~x/ews/exchange.asmx", false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct test_arena a = test_arena(1 << 16);
        struct proxies    p = { 0 };
        struct made       m;
        make(&m, t[i].row);
        CHECK_WHY(event_of(&m, FAM_HTTPPROXY, &a.a, &p).authenticated == t[i].is, t[i].why);
        test_arena_free(&a);
    }
}

static void aliases_urls_for_rules(void **state)
{
    struct test_arena a = test_arena(1 << 16);
    struct proxies    p = { 0 };
    struct made       m;
    struct str        field[] = { STR("cs-uri-query"), STR("c-uri"), STR("cs-method"), STR("cs-user-agent"), STR("nothing") };
    struct sigma      s = { .field = field, .field_n = 5 };
    int16_t           at[5];
    uint8_t           ours[5];
    struct binding    b = { .field = at, .derived = ours };
    struct event      e;
    struct str        got[SIGMA_VALUES_MAX];

    (void)state;
    make(&m, "cs-method=POST|cs-uri-stem=/example/y.js|cs-uri-query=a=%2Fb|cs(User-Agent)=Mozilla/5.0+(KHTML,+like)+");
    p.keep = &a.a;
    binding_make(&b, &m.cols, &s);
    CHECK(event_read(&e, FAM_IIS_FRONT, &m.r, &b, &p, NULL, &a.a));
    struct event_view v = { &e, &m.r, &b, &s, &a.a };
    size_t n = event_field(&v, 0, got);
    bool stem = false, whole = false, decoded = false;
    for (size_t i = 0; i < n; i++) {
        stem    = stem || str_eq(got[i], STR("/example/y.js"));
        whole   = whole || str_eq(got[i], STR("/example/y.js?a=%2Fb"));
        decoded = decoded || str_eq(got[i], STR("a=/b"));
    }
    CHECK(stem && whole && decoded);
    CHECK(event_field(&v, 1, got) >= 1);
    CHECK(event_field(&v, 2, got) == 1);
    CHECK_STR(got[0], STR("POST"));
    CHECK(event_field(&v, 3, got) == 3);                  /* folded, as logged, and as sent: rules hold commas and blanks at the ends */
    CHECK_STR(got[0], STR("Mozilla/5.0 (KHTML like)"));
    CHECK_STR(got[2], STR("Mozilla/5.0 (KHTML, like) "));
    CHECK(event_field(&v, 4, got) == 0);

    make(&m, "UserAgent=Mozilla/5.0 (KHTML  like)");      /* HttpProxy drops the comma */
    binding_make(&b, &m.cols, &s);
    CHECK(event_read(&e, FAM_HTTPPROXY, &m.r, &b, &p, NULL, &a.a));
    CHECK(event_field(&v, 3, got) == 3);
    CHECK_STR(got[2], STR("Mozilla/5.0 (KHTML, like)"));
    test_arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest t[] = {
        cmocka_unit_test(reads_forged_targets), cmocka_unit_test(tells_use_from_a_look), cmocka_unit_test(finds_the_client),
        cmocka_unit_test(judges_urls_given_to_directories), cmocka_unit_test(knows_foreign_paths),
        cmocka_unit_test(ordinary_traffic_is_authenticated), cmocka_unit_test(aliases_urls_for_rules),
    };
    return cmocka_run_group_tests(t, NULL, NULL);
}
