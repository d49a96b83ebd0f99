#include "test.h"

#include "pack/ioc_parts.h"

enum { ROOM = 16 << 20 };

static bool read_all(struct iocs *s, struct arena *a, struct str text, struct err *e)
{
    *s = (struct iocs){ .n = 0 };
    if (!iocs_add(s, a, STR("feed"), text, e))
        return false;
    iocs_settle(s);
    return true;
}

/* What one text gives: kind and value of its indicators, or why not. */
static const struct taken { const char *text; enum ioc_kind kind; const char *value, *why; } lists[] = {
    { "D41D8CD98F00B204E9800998ECF8427E", IOC_MD5, "d41d8cd98f00b204e9800998ecf8427e", "a hash by its length, folded" },
    { "da39a3ee5e6b4b0d3255bfef95601890afd80709;empty file", IOC_SHA1, "da39a3ee5e6b4b0d3255bfef95601890afd80709", "Loki's HASH;comment" },
    { "\xef\xbb\xbf# list\r\n\r\n198.51.100[.]23\r\n", IOC_IP, "198.51.100.23", "BOM, CRLF, comment, defanged" },
    { "198.51.100.77/24", IOC_NETWORK, "198.51.100.0/24", "host bits go" },
    { "198.51.100.7/32", IOC_IP, "198.51.100.7", "a network of one" },
    { "2001:DB8:0:0::1", IOC_IP, "2001:db8::1", "one spelling" },
    { "2001:db8::/32", IOC_NETWORK, "2001:db8::/32", "a network of IPv6" },
    { "evil(dot)example", IOC_DOMAIN, "evil.example", "defanged in words" },
    { "*.Evil.Example.", IOC_DOMAIN, "evil.example", "with all below it" },
    { "hxxps[:]//evil[.]example:8443/A/b.aspx?x=1", IOC_URL, "evil.example/a/b.aspx", "scheme, port and query go" },
    { "hXXp://198.51.100[.]7/", IOC_IP, "198.51.100.7", "a URL without a path is its host" },
    { "http://evil.example", IOC_DOMAIN, "evil.example", "likewise" },
    { "/aspnet_client/Zz.aspx", IOC_URI, "/aspnet_client/zz.aspx", "a path of a request" },
    { "C:\\Windows\\Temp\\Ex.dll", IOC_PATH_SUFFIX, "\\windows\\temp\\ex.dll", "the drive goes" },
    { "\\inetpub\\wwwroot\\aspnet_client\\q.aspx", IOC_PATH_SUFFIX, "\\inetpub\\wwwroot\\aspnet_client\\q.aspx", "without a drive" },
    { "zz-example.ASPX # seen twice", IOC_FILE_NAME, "zz-example.aspx", "a name, not a domain" },
    { "\"tool.exe\",", IOC_FILE_NAME, "tool.exe", "cut out of somebody's JSON" },
};

static void lists_and_guesses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct test_arena t = test_arena(ROOM);
        struct iocs       s;
        struct err        e = { 0 };
        struct str        in = test_heap(lists[i].text, strlen(lists[i].text));
        CHECK_WHY(read_all(&s, &t.a, in, &e), lists[i].why);
        CHECK_WHY(s.n == 1 && s.refused_n == 0, lists[i].why);
        CHECK_WHY(s.item[0].kind == lists[i].kind && str_eq(s.item[0].value, str_c(lists[i].value)), lists[i].why);
        CHECK_WHY(iocs_find(&s, lists[i].kind, str_c(lists[i].value)) == 0, lists[i].why);
        test_free(in);
        test_arena_free(&t);
    }
}

static const struct { const char *text, *why; size_t line; } refused[] = {
    { "10.0.0.0/4", "nearly everybody", 1 },          { "# x\nhello world\n", "neither hash", 2 },
    { "/", "every site has", 1 },                     { "C:\\x.dll", "no path with a folder", 1 },
    { "type,value\nsha256,abc\n", "sha256: not the hex", 2 },
    { "type,value,weight\nip,198.51.100.1,accuses\n", "only a hash accuses", 2 },
    { "type,value,weight\nip,198.51.100.1,maybe\n", "weight is", 2 },
    { "type,value\nip\nip,x\n", "1 cells, the header has 2", 2 },
    { "type,value\nyara,rule x\n", "--rules", 2 },
    { "type,value\nregkey|value,a|b\n", "registry", 2 },
    { "type,value\nfilename|sha256,a.exe\n", "two values", 2 },
    { "type,value,to_ids\nip,198.51.100.1,0\n", "to_ids is off", 2 },
    { "type,value\nip,\"198.51\n", "a quote is left open", 2 },
    { "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"revoked\":true,\"pattern\":\"[file:name='a.exe']\"}", "revoked", 0 },
};

static void what_is_refused_says_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct test_arena t = test_arena(ROOM);
        struct iocs       s;
        struct err        e = { 0 };
        struct str        in = test_heap(refused[i].text, strlen(refused[i].text));
        CHECK_WHY(read_all(&s, &t.a, in, &e), refused[i].why);
        CHECK_WHY(s.n == 0 && s.refused_n >= 1, refused[i].why);
        if (!str_has(s.refused[0].why, str_c(refused[i].why)) || s.refused[0].line != refused[i].line)
            fail_msg("%s: line %u: %.*s", refused[i].why, s.refused[0].line, STR_ARG(s.refused[0].why));
        test_free(in);
        test_arena_free(&t);
    }
}

static const struct { const char *text, *why; } no_file[] = {
    { "", "empty" }, { "\n\n# only words\n", "empty" }, { "{\"a\":1}", "neither a STIX" }, { "<ioc/>", "XML" }, { "a\0b", "not text" }, { "[[[[[[", "neither" },
};

static void files_that_are_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof no_file / sizeof *no_file; i++) {
        struct test_arena t = test_arena(ROOM);
        struct iocs       s;
        struct err        e = { 0 };
        struct str        in = test_heap(no_file[i].text, i == 4 ? 3 : strlen(no_file[i].text));
        CHECK_WHY(!read_all(&s, &t.a, in, &e) && e.kind == ERR_FORMAT && strstr(e.what, no_file[i].why), no_file[i].why);
        test_free(in);
        test_arena_free(&t);
    }
}

/* Own columns, MISP's export, and none. */
static void tables(void **state)
{
    static const char own[] = "type,value,description,source,weight\n"
        "sha256,31a750f8dbdd5bd608cfec4218ccb5a3842821f7d03d0cff9128ad00a691f4bd,\"Key, in \"\"ExternalUrl\"\"\",Example CERT,accuses\n"
        "md5,d41d8cd98f00b204e9800998ecf8427e,x,y,\nip,198.51.100.23,,,supports\n";
    static const char misp[] = "uuid,event_id,category,type,value,comment,to_ids,date,object_relation,attribute_tag\n"
        "\"3d4e5f60-7182-4930-a4b5-c6d7e8f90112\",1,\"Network activity\",\"ip-src\",\"198.51.100.23\",\"client\",1,1615543200,\"\",\"\"\n"
        "\"4d4e5f60-7182-4930-a4b5-c6d7e8f90112\",1,\"Payload delivery\",\"filename|sha1\",\"a.exe|da39a3ee5e6b4b0d3255bfef95601890afd80709\",\"\",1,1615543200,\"\",\"\"\n"
        "\"5d4e5f60-7182-4930-a4b5-c6d7e8f90112\",1,\"Network activity\",\"domain|ip\",\"evil.example|198.51.100.24\",\"\",1,1615543200,\"\",\"\"\n";
    struct test_arena t = test_arena(ROOM);
    struct iocs       s;
    struct err        e = { 0 };

    (void)state;
    CHECK(read_all(&s, &t.a, str_c(own), &e) && s.n == 3 && !s.refused_n);
    CHECK(s.item[0].weight == IOC_ACCUSES && str_eq(s.item[0].name, STR("Key, in \"ExternalUrl\"")));
    CHECK(s.item[1].kind == IOC_MD5 && s.item[1].weight == IOC_SUPPORTS && s.item[2].weight == IOC_SUPPORTS);
    CHECK_STR(iocs_source(&s, &s.item[0], &t.a), STR("feed, Example CERT: Key, in \"ExternalUrl\""));
    CHECK(read_all(&s, &t.a, str_c(misp), &e) && s.n == 4 && !s.refused_n);
    CHECK(iocs_count(&s, IOC_IP) == 2 && iocs_count(&s, IOC_SHA1) == 1 && iocs_count(&s, IOC_DOMAIN) == 1);
    CHECK(read_all(&s, &t.a, STR("# mine\nip,198[.]51[.]100[.]23,the client\nurl,http://evil.example/x.aspx\nbroken\n"), &e) && s.n == 2 && s.refused_n == 1);
    CHECK_STR(s.item[0].name, STR("the client"));
    test_arena_free(&t);
}

static void addresses_and_networks(void **state)
{
    struct test_arena t = test_arena(ROOM);
    struct iocs       s;
    struct err        e = { 0 };

    (void)state;
    CHECK(read_all(&s, &t.a, STR("198.51.100.0/24\n198.51.100.128/25\n203.0.113.7\n2001:db8:1::/48\n"), &e) && s.n == 4);
    CHECK_STR(s.item[iocs_find_ip(&s, STR("198.51.100.200"))].value, STR("198.51.100.128/25"));
    CHECK_STR(s.item[iocs_find_ip(&s, STR("198.51.100.20"))].value, STR("198.51.100.0/24"));
    CHECK_STR(s.item[iocs_find_ip(&s, STR("203.0.113.7"))].value, STR("203.0.113.7"));
    CHECK_STR(s.item[iocs_find_ip(&s, STR("2001:DB8:1:2::3"))].value, STR("2001:db8:1::/48"));
    CHECK(iocs_find_ip(&s, STR("203.0.113.8")) == SIZE_MAX && iocs_find_ip(&s, STR("198.51.1")) == SIZE_MAX && iocs_find_ip(&s, STR("")) == SIZE_MAX);
    test_arena_free(&t);
}

static const struct { const char *pattern; size_t n, also; const char *why; } patterns[] = {
    { "[file:hashes.'SHA-256' = '31a750f8dbdd5bd608cfec4218ccb5a3842821f7d03d0cff9128ad00a691f4bd']", 1, 0, NULL },
    { "[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e' OR file:hashes.'SHA-1' = 'da39a3ee5e6b4b0d3255bfef95601890afd80709']", 2, 0, NULL },
    { "[file:name = 'a.exe' AND file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']", 1, 1, NULL },
    { "[file:name = 'a.exe' AND file:parent_directory_ref.path = 'C:\\\\Temp\\\\x']", 1, 0, NULL },
    { "[file:name IN ('a.exe', 'b.exe')] OR ([domain-name:value = 'evil.example'])", 3, 0, NULL },
    { "[(file:name = 'a.exe' OR file:name = 'b.exe') AND (file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e')]", 2, 2, NULL },
    { "[ipv4-addr:value ISSUBSET '198.51.100.0/24']", 1, 0, NULL },
    { "[ipv4-addr:value = '198.51.100.0/24' AND url:value = 'http://evil.example/x.aspx']", 1, 1, NULL },
    { "[ file:name='it\\'s.exe' ]", 1, 0, NULL },
    { "[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'ExampleAgent/1.0']", 1, 0, NULL },
    { "[file:name = 'a.exe' OR process:name = 'b']", 1, 0, "processes are not" },
    { "[file:name = 'a.exe' AND process:name = 'b']", 0, 0, "processes are not" },
    { "[file:name = 'a.exe'] FOLLOWEDBY [file:name = 'b.exe']", 0, 0, "FOLLOWEDBY" },
    { "[file:name = 'a.exe'] AND [file:name = 'b.exe']", 0, 0, "AND between" },
    { "[file:name = 'a.exe'] WITHIN 5 SECONDS", 0, 0, "qualifiers" },
    { "[file:name != 'a.exe']", 0, 0, "operators" },
    { "[file:name LIKE 'a%']", 0, 0, "operators" },
    { "[file:size = 5]", 0, 0, "of files" },
    { "[NOT file:name = 'a.exe']", 0, 0, "broken" },
    { "[file:name NOT = 'a.exe']", 0, 0, "must not be there" },
    { "[windows-registry-key:key = 'x']", 0, 0, "registry" },
    { "[file:name = 'a.exe' AND ipv4-addr:value = '198.51.100.1']", 0, 0, "at once" },
    { "[directory:path = 'C:\\\\x']", 0, 0, "folder alone" },
    { "[file:parent_directory_ref.path = 'C:\\\\x']", 0, 0, "folder without" },
    { "[file:name = 'a.exe'", 0, 0, "does not end" },
    { "[file:name = 'a.exe", 0, 0, "does not end" },
    { "[file:name = 'a.exe'] x", 0, 0, "follows its end" },
    { "((((((((((((((((((([file:name = 'a.exe'])))))))))))))))))))", 0, 0, "16 parentheses" },
    { "", 0, 0, "no pattern" },
};

static struct str bundle(struct arena *a, const char *pattern)
{
    struct str s = STR("{\"type\":\"bundle\",\"objects\":[{\"type\":\"identity\",\"id\":\"identity--1\",\"name\":\"Example CERT\"},"
                       "{\"type\":\"indicator\",\"id\":\"indicator--1\",\"created_by_ref\":\"identity--1\",\"name\":\"One\",\"pattern_type\":\"stix\",\"pattern\":\"");
    uint8_t   *p = NEW(a, uint8_t, strlen(pattern) * 2 + 1);
    size_t     n = 0;
    for (const char *c = pattern; *c; c++) {
        if (*c == '\\')
            p[n++] = '\\';
        p[n++] = (uint8_t)*c;
    }
    return str_cat(a, str_cat(a, s, (struct str){ p, n }), STR("\"}]}"));
}

static void stix_patterns(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        struct test_arena t = test_arena(ROOM);
        struct iocs       s;
        struct err        e = { 0 };
        struct str        b = bundle(&t.a, patterns[i].pattern), in = test_heap(b.p, b.n);
        size_t            also = 0;
        CHECK_WHY(read_all(&s, &t.a, in, &e), patterns[i].pattern);
        for (size_t k = 0; k < s.n; k++)
            also += s.item[k].also_n;
        CHECK_WHY(s.n == patterns[i].n && also == patterns[i].also, patterns[i].pattern);
        CHECK_WHY((s.refused_n > 0) == (patterns[i].why != NULL), patterns[i].pattern);
        if (patterns[i].why && !str_has(s.refused[0].why, str_c(patterns[i].why)))
            fail_msg("%s: %.*s", patterns[i].pattern, STR_ARG(s.refused[0].why));
        if (s.refused_n)
            CHECK(str_eq(s.refused[0].id, STR("indicator--1")));
        if (s.n)
            CHECK_STR(iocs_source(&s, &s.item[0], &t.a), STR("feed, Example CERT, indicator--1: One"));
        test_free(in);
        test_arena_free(&t);
    }
}

static void an_end_of_validity(void **state)
{
    struct test_arena t = test_arena(ROOM);
    struct iocs       s;
    struct err        e = { 0 };
    int64_t           want;

    (void)state;
    CHECK(time_parse(STR("2021-04-01T00:00:00Z"), &want));
    CHECK(read_all(&s, &t.a, STR("{\"objects\":[{\"type\":\"indicator\",\"pattern\":\"[ipv4-addr:value='198.51.100.1']\",\"valid_until\":\"2021-04-01T00:00:00Z\"},"
                                 "{\"type\":\"indicator\",\"pattern_type\":\"yara\",\"pattern\":\"rule x {}\"},{\"type\":\"indicator\",\"pattern\":\"[ipv4-addr:value='198.51"), &e));
    CHECK(s.n == 1 && s.item[0].until_us == want && s.refused_n == 2);
    CHECK(str_has(s.refused[0].why, STR("yara")) && s.refused[0].line == 2 && str_has(s.refused[1].why, STR("damaged")) && s.refused[1].line == 3);
    test_arena_free(&t);
}

/* Many objects with many alternatives each cost what their values cost; what is too large is that object's fault alone. */
static void many_alternatives(void **state)
{
    struct test_arena t = test_arena(6 << 20);
    struct iocs       s;
    struct err        e = { 0 };
    size_t            cap = 600000, n = 0;
    char             *p = malloc(cap);

    (void)state;
    n += (size_t)snprintf(p + n, cap - n, "{\"objects\":[");
    for (int i = 0; i < 100; i++) {
        n += (size_t)snprintf(p + n, cap - n, "%s{\"type\":\"indicator\",\"pattern\":\"[", i ? "," : "");
        for (int k = 0; k < 64; k++)
            n += (size_t)snprintf(p + n, cap - n, "%sfile:name = 'a%d-%d.exe'", k ? " OR " : "", i, k);
        n += (size_t)snprintf(p + n, cap - n, "]\"}");
    }
    n += (size_t)snprintf(p + n, cap - n, ",{\"type\":\"indicator\",\"pattern\":\"[file:name = 'x.exe'");
    for (int k = 0; k < 400; k++)
        n += (size_t)snprintf(p + n, cap - n, " AND file:size IN (1)");
    n += (size_t)snprintf(p + n, cap - n, "]\"}]}");
    CHECK(n < cap && read_all(&s, &t.a, (struct str){ (uint8_t *)p, n }, &e));
    if (s.n != 6400 || s.refused_n != 1 || s.refused[0].line != 101)
        fail_msg("%zu taken, %zu refused, the first at %u: %.*s", s.n, s.refused_n, s.refused[0].line, STR_ARG(s.refused[0].why));
    free(p);
    test_arena_free(&t);
}

static void misp_events(void **state)
{
    static const char event[] = "{\"Event\":{\"info\":\"A case\",\"Orgc\":{\"name\":\"Example CERT\"},\"Attribute\":["
        "{\"uuid\":\"u1\",\"type\":\"ip-src\",\"value\":\"198.51.100.23\",\"to_ids\":true,\"comment\":\"\"},"
        "{\"uuid\":\"u2\",\"type\":\"url\",\"value\":\"http:\\/\\/evil.example\\/x.aspx\",\"to_ids\":true},"
        "{\"uuid\":\"u3\",\"type\":\"md5\",\"value\":\"x\",\"to_ids\":false},"
        "{\"uuid\":\"u4\",\"type\":\"md5\",\"value\":\"x\",\"to_ids\":true,\"deleted\":true}],"
        "\"Object\":[{\"name\":\"file\",\"Attribute\":[{\"uuid\":\"u5\",\"type\":\"sha1\",\"value\":\"da39a3ee5e6b4b0d3255bfef95601890afd80709\",\"to_ids\":true}]},"
        "{\"deleted\":true,\"Attribute\":[{\"type\":\"sha1\",\"value\":\"aa39a3ee5e6b4b0d3255bfef95601890afd80709\",\"to_ids\":true}]}]}}";
    struct test_arena t = test_arena(ROOM);
    struct iocs       s;
    struct err        e = { 0 };
    struct str        many = str_cat(&t.a, str_cat(&t.a, STR("{\"response\":["), str_c(event)), STR("]}"));

    (void)state;
    for (int i = 0; i < 2; i++) {
        CHECK(read_all(&s, &t.a, i ? many : str_c(event), &e) && s.n == 3 && s.refused_n == 3);
        CHECK(str_eq(s.item[0].id, STR("u5")) && str_eq(s.item[0].name, STR("A case")));
        CHECK(iocs_find(&s, IOC_URL, STR("evil.example/x.aspx")) != SIZE_MAX);
        CHECK(str_has(s.refused[0].why, STR("to_ids")) && str_has(s.refused[1].why, STR("deleted")) && str_has(s.refused[2].why, STR("object deleted")));
        CHECK_STR(iocs_source(&s, &s.item[0], &t.a), STR("feed, Example CERT, u5: A case"));
    }
    /* Cut in the middle: what was whole is kept, and the rest is said. */
    size_t half = str_find(str_c(event), STR("\"u3\""));
    CHECK(read_all(&s, &t.a, str_sub(str_c(event), 0, half), &e) && s.n == 2 && s.refused_n == 1 && str_has(s.refused[0].why, STR("damaged")));
    test_arena_free(&t);
}

/* The heavier row speaks, and one that asks for more is kept beside it only when it comes alone. */
static void said_twice(void **state)
{
    struct test_arena t = test_arena(ROOM);
    struct iocs       s = { .n = 0 };
    struct err        e = { 0 };

    (void)state;
    CHECK(iocs_add(&s, &t.a, STR("a.txt"), STR("d41d8cd98f00b204e9800998ecf8427e\n"), &e));
    CHECK(iocs_add(&s, &t.a, STR("b.csv"), STR("type,value,weight\nmd5,D41D8CD98F00B204E9800998ECF8427E,accuses\n"), &e));
    CHECK(iocs_add(&s, &t.a, STR("c.json"), bundle(&t.a, "[file:name = 'a.exe' AND file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']"), &e));
    iocs_settle(&s);
    CHECK(s.n == 1 && s.twice == 2 && s.item[0].weight == IOC_ACCUSES && s.item[0].file == 1);
    test_arena_free(&t);
}

static bool all_formats(struct arena *a, struct err *e)
{
    struct iocs s = { .n = 0 };

    return iocs_add(&s, a, STR("l"), STR("hxxp://evil[.]example/x.aspx\nhello world\nC:\\a\\b.exe\n"), e) &&
           iocs_add(&s, a, STR("c"), STR("type,value,comment\nip,198.51.100.1,\"a \"\"b\"\"\"\nmd5,zz,\n"), e) &&
           iocs_add(&s, a, STR("s"), STR("{\"objects\":[{\"type\":\"indicator\",\"name\":\"a\\n\",\"pattern\":\"[(file:name = 'a.exe' OR process:x = 'y') AND file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']\"}]}"), e) &&
           iocs_add(&s, a, STR("m"), STR("{\"Event\":{\"info\":\"x\\ty\",\"Attribute\":[{\"type\":\"domain|ip\",\"value\":\"evil.example|198.51.100.9\",\"to_ids\":true}]}}"), e);
}

static void memory_fails(void **state)
{
    (void)state;
    fault_sweep(all_formats, 1 << 20);
}

static void too_much(void **state)
{
    struct test_arena t = test_arena(ROOM);
    struct iocs       s = { .file_n = IOCS_FILES_MAX };
    struct err        e = { 0 };
    size_t            n = 3000;
    uint8_t          *p = NEW(&t.a, uint8_t, n * 2);

    (void)state;
    CHECK(!iocs_add(&s, &t.a, STR("x"), STR("a.exe"), &e) && e.kind == ERR_LIMIT);
    for (size_t i = 0; i < n * 2; i++)
        p[i] = i % 2 ? '\n' : '!';
    CHECK(read_all(&s, &t.a, (struct str){ p, n * 2 }, &e) && s.n == 0 && s.refused_n == IOCS_TOLD_MAX && s.refused_more == n - IOCS_TOLD_MAX);
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_and_guesses), cmocka_unit_test(what_is_refused_says_why), cmocka_unit_test(files_that_are_none), cmocka_unit_test(tables),
        cmocka_unit_test(addresses_and_networks), cmocka_unit_test(stix_patterns), cmocka_unit_test(an_end_of_validity), cmocka_unit_test(many_alternatives), cmocka_unit_test(misp_events),
        cmocka_unit_test(said_twice), cmocka_unit_test(memory_fails), cmocka_unit_test(too_much),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
