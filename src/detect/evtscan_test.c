#include "test.h"

#include "detect/evtscan.h"
#include "detect/evttell.h"

#include "base/num.h"
#include "make_evtx.h"
#include "pack/ioc_read.h"

#define SYSMON "Microsoft-Windows-Sysmon/Operational"
#define MANAGEMENT "MSExchange Management"
#define TIME_A UINT64_C(132592000000000000)

/* One field: a name (NULL: none), a type, a text or number. Type 255 stands in the template as it is. */
struct field { const char *name; uint8_t type; const char *text; uint64_t number; };
struct event { const char *channel, *provider; uint16_t id; struct field field[8]; };

static void put_event(struct mk *m, const struct event *v, uint64_t number)
{
    size_t n = 0, values = 0;

    mk_record(m, number, TIME_A + number * 10000000);
    mk_template(m, (uint32_t)number, 0);
    mk_open(m, "Event", false), mk_shut(m);
    mk_system(m, v->provider, v->channel);
    mk_open(m, "EventData", false), mk_shut(m);
    for (; n < COUNT_OF(v->field) && v->field[n].text; n++) {
        mk_open(m, "Data", v->field[n].name != NULL);
        if (v->field[n].name)
            mk_attr(m, "Name"), mk_text(m, v->field[n].name);
        mk_shut(m);
        if (v->field[n].type == 255)
            mk_text(m, v->field[n].text);
        else
            mk_sub(m, (uint16_t)(MK_SYSTEM_VALUES + values++), v->field[n].type);
        mk_end(m);
    }
    mk_end(m), mk_end(m);
    mk_template_end(m);
    mk_values(m, (uint32_t)(MK_SYSTEM_VALUES + values));
    mk_system_values(m, v->id, number, TIME_A + number * 10000000);
    for (size_t i = 0; i < n; i++) {
        if (v->field[i].type == 1)
            mk_value_text(m, v->field[i].text);
        else if (v->field[i].type == 2)
            mk_value(m, 2, v->field[i].text, strlen(v->field[i].text));
        else if (v->field[i].type != 255)
            mk_value_number(m, v->field[i].type, v->field[i].number, v->field[i].type == 20 || v->field[i].type == 8 ? 4 : 8);
    }
    mk_record_end(m);
}

struct bench { struct test_arena keep, work; struct sigma sigma; struct evt_plan plan; struct evt_outcome *out; struct evt_scan *scan; struct evt_sink sink; uint8_t *chunk; };

static bool no_flush(void *ctx, struct evt_outcome *o, struct err *e)
{
    (void)ctx, (void)o, (void)e;
    fail_msg("there is room enough");
    return false;
}

static void bench_open(struct bench *b, const char *rules, bool whole)
{
    struct err e = { 0 };

    *b = (struct bench){ .keep = test_arena(16 << 20), .work = test_arena(24 << 20), .sink = { .flush = no_flush } };
    if (!sigma_add(&b->sigma, &b->keep.a, STR("rules/test.yml"), str_c(rules), true, &e))
        fail_msg("%s", e.what);
    if (b->sigma.refused_n)
        fail_msg("%.*s", STR_ARG(b->sigma.refused[0].why));
    CHECK(evt_plan_make(&b->plan, &b->sigma, &b->keep.a, &e));
    b->plan.whole = whole;
    b->out   = NEW(&b->keep.a, struct evt_outcome, 1);
    b->chunk = NEW(&b->keep.a, uint8_t, MK_CHUNK);
    CHECK(evt_scan_open(&b->scan, &b->plan, 'C', TIME_NONE, TIME_NONE, &b->work.a, &e));
    b->out->hits.max = HITS_MAX;
    evt_scan_begin(b->scan, b->out, &b->sink);
}

static void bench_close(struct bench *b)
{
    sigma_close(&b->sigma);
    test_arena_free(&b->keep);
    test_arena_free(&b->work);
}

static void bench_run(struct bench *b, const struct event *v, size_t n)
{
    static struct mk m;
    struct err       e = { 0 };

    mk_chunk(&m, b->chunk);
    for (size_t i = 0; i < n; i++)
        put_event(&m, &v[i], i + 1);
    mk_chunk_end(&m);
    struct str in = test_heap(b->chunk, MK_CHUNK);
    CHECK(evt_scan_chunk(b->scan, 3, in, 4096, &e));
    test_free(in);
}

#define RULE(title, source, body) "title: " title "\nlogsource: {product: windows, " source "}\ndetection:\n" body "\n---\n"
#define PROCESS(title, test) RULE(title, "category: process_creation", "  s: {" test "}\n  condition: s")

static const struct event events[] = {
    { SYSMON, "Microsoft-Windows-Sysmon", 1, { { "Image", 1, "C:\\Windows\\System32\\whoami.exe", 0 }, { "ParentImage", 1, "c:\\windows\\system32\\inetsrv\\W3WP.EXE", 0 }, { "User", 1, "NT AUTHORITY\\SYSTEM", 0 },
        { "Hashes", 1, "SHA1=00,MD5=AA,IMPHASH=BB", 0 }, { "CommandLine", 1, "whoami /all", 0 } } },
    { "Security", "Microsoft-Windows-Security-Auditing", 4688, { { "NewProcessName", 1, "C:\\Windows\\System32\\whoami.exe", 0 }, { "ParentProcessName", 1, "C:\\Windows\\System32\\inetsrv\\w3wp.exe", 0 },
        { "SubjectUserName", 1, "EXCH01$", 0 }, { "SubjectDomainName", 1, "BAKERY", 0 }, { "MandatoryLabel", 1, "S-1-16-16384", 0 }, { "NewProcessId", 21, "", 4660 } } },
    { "Security", "Microsoft-Windows-Security-Auditing", 4624, { { "TargetUserName", 1, "mallory", 0 }, { "IpAddress", 1, "203.0.113.9", 0 }, { "LogonType", 8, "", 3 } } },
    { MANAGEMENT, "MSExchange CmdletLogs", 1, { { NULL, 1, "Set-OabVirtualDirectory", 0 },
        { NULL, 1, "-ExternalUrl \"http://f/<script runat=\"\"server\"\">x\" -Identity \"OAB (Default Web Site)\"", 0 }, { NULL, 1, "bakery/users/admin", 0 } } },
    { "System", "Service Control Manager", 7045, { { "ServiceName", 1, "Winnet", 0 }, { "ImagePath", 1, "\"C:\\ProgramData\\w.exe\" -k", 0 }, { "StartType", 1, "auto start", 0 } } },
    { "Some/Channel", "Other", 9, { { "Data", 2, "ansi text that says mimikatz", 0 } } },
    { "Security", "Microsoft-Windows-Eventlog", 1102, { { "SubjectUserName", 255, "constant.admin", 0 }, { "LogFileCleared.Channel", 1, "Windows PowerShell", 0 } } },
    { SYSMON, "Microsoft-Windows-Sysmon", 10, { { "SourceImage", 1, "C:\\x\\procdump.exe", 0 }, { "TargetImage", 1, "C:\\Windows\\system32\\lsass.exe", 0 }, { "GrantedAccess", 20, "", 0x1fffff } } },
};

static void rules_fit(void **state)
{
    static const struct { const char *why, *rule; uint64_t records; } c[] = {
        { "Image is NewProcessName in 4688", PROCESS("a", "Image|endswith: '\\whoami.exe'"), 1 << 1 | 1 << 2 },
        { "ParentImage, without case", PROCESS("a", "ParentImage|endswith: '\\w3wp.exe'"), 1 << 1 | 1 << 2 },
        { "a field that only Sysmon has", PROCESS("a", "CommandLine|contains: 'whoami /a'"), 1 << 1 },
        { "domain and name", PROCESS("a", "User: 'BAKERY\\EXCH01$'"), 1 << 2 },
        { "the name alone", PROCESS("a", "User: 'EXCH01$'"), 1 << 2 },
        { "a level out of its label", PROCESS("a", "IntegrityLevel: System"), 1 << 2 },
        { "a hash out of Hashes", PROCESS("a", "Imphash: bb"), 1 << 1 },
        { "hexadecimal, as text and in decimal", PROCESS("a", "NewProcessId: '0x1234'"), 1 << 2 },
        { "in decimal", PROCESS("a", "NewProcessId: 4660"), 1 << 2 },
        { "a service and an id", RULE("a", "service: security", "  s: {EventID: 4624, LogonType: 3, IpAddress: '203.0.113.9'}\n  condition: s"), 1 << 3 },
        { "ids in a list", RULE("a", "service: security", "  s: {EventID: [4624, 4688]}\n  condition: s"), 1 << 2 | 1 << 3 },
        { "an id that is denied", RULE("a", "service: security", "  s: {EventID: 4624}\n  condition: not s"), 1 << 2 | 1 << 7 },
        { "alternatives of ids", RULE("a", "service: security", "  s: {EventID: 4624}\n  t: {EventID: 1102}\n  condition: s or t"), 1 << 3 | 1 << 7 },
        { "a level by its name", RULE("a", "service: system", "  s: {Level: information, EventID: 7045}\n  condition: s"), 1 << 5 },
        { "the log that a record is of", RULE("a", "service: security", "  s: {Channel: Security, EventID: 1102}\n  condition: s"), 1 << 7 },
        { "the log that it speaks of", RULE("a", "service: security", "  s: {Channel: 'Windows PowerShell'}\n  condition: s"), 1 << 7 },
        { "cidr", RULE("a", "service: security", "  s: {IpAddress|cidr: 203.0.113.0/24}\n  condition: s"), 1 << 3 },
        { "a cmdlet by keywords", RULE("a", "service: msexchange-management", "  k: {'|all': [Set-OabVirtualDirectory, ExternalUrl, script]}\n  condition: k"), 1 << 4 },
        { "by the items", RULE("a", "service: msexchange-management", "  s: {Data|contains: 'OAB (Default'}\n  condition: s"), 1 << 4 },
        { "the cmdlet by its name", RULE("a", "service: msexchange-management", "  s: {Cmdlet: set-oabvirtualdirectory, CmdletUser|endswith: /admin}\n  condition: s"), 1 << 4 },
        { "one parameter", RULE("a", "service: msexchange-management", "  s: {Parameter.Identity|startswith: 'OAB ('}\n  condition: s"), 1 << 4 },
        { "a parameter with doubled quotes", RULE("a", "service: msexchange-management", "  s: {Parameter.ExternalUrl|endswith: '>x'}\n  condition: s"), 1 << 4 },
        { "keywords in every channel, ANSI too", "title: a\nlogsource: {product: windows}\ndetection:\n  k: [mimikatz]\n  condition: k\n", 1 << 6 },
        { "a channel by its name", RULE("a", "service: Some/Channel", "  s: {EventID: 9}\n  condition: s"), 1 << 6 },
        { "a constant of the template", RULE("a", "service: security", "  s: {SubjectUserName: constant.admin}\n  condition: s"), 1 << 7 },
        { "a number that is rendered in hexadecimal", RULE("a", "category: process_access", "  s: {GrantedAccess: '0x1fffff', TargetImage|endswith: lsass.exe}\n  condition: s"), 1 << 8 },
        { "the provider", RULE("a", "service: system", "  s: {Provider_Name: Service Control Manager, EventID: 7045}\n  condition: s"), 1 << 5 },
        { "a field that is not there", RULE("a", "service: system", "  s: {Nothing: null, EventID: 7045}\n  condition: s"), 1 << 5 },
        { "another service's records", RULE("a", "service: application", "  s: {EventID: [1, 9, 4624]}\n  condition: s"), 0 },
        { "a rule of text logs", "title: a\nlogsource: {category: webserver}\ndetection:\n  k: [whoami]\n  condition: k\n", 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++)
        for (int whole = 0; whole < 2; whole++) {
            struct bench b;
            uint64_t     got = 0;
            bench_open(&b, c[i].rule, whole);
            bench_run(&b, events, COUNT_OF(events));
            for (size_t k = 0; k < b.out->hits.n; k++)
                got |= UINT64_C(1) << b.out->hits.item[k].first.record | UINT64_C(1) << b.out->hits.item[k].last.record;
            if (got != c[i].records)
                fprintf(stderr, "got %llx instead of %llx\n", (unsigned long long)got, (unsigned long long)c[i].records);
            CHECK_WHY(got == c[i].records, c[i].why);
            bench_close(&b);
        }
}

static void what_a_hit_says(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, RULE("Logon", "service: security", "  s: {EventID: 4624}\n  condition: s\nafterpatch: {sign: support, why: 'by {TargetUserName} from {client}, type {LogonType}, {Nothing}'}")
                   PROCESS("Child", "ParentImage|endswith: w3wp.exe"), false);
    bench_run(&b, events, COUNT_OF(events));
    CHECK(b.out->hits.n == 3 && b.out->records == COUNT_OF(events) && b.out->chunks == 1 && b.out->damaged == 0);
    const struct hit *h = &b.out->hits.item[2], *p = &b.out->hits.item[0];
    CHECK(h->sign == SIGN_SUPPORT && h->family == FAM_EVTX_SECURITY && h->first.record == 3 && h->first.node == 3 && h->first.offset > 4096 + 512 && h->first.has_raw);
    CHECK(h->first_us == evt_filetime_us(TIME_A + 30000000));
    CHECK_STR(h->client, STR("203.0.113.9"));
    CHECK_STR(h->account, STR("mallory"));
    CHECK_STR(h->server, STR("mail01"));
    CHECK_STR(h->why, STR("by mallory from {client}, type 3, nothing"));
    CHECK_STR(p->path, STR("C:\\Windows\\System32\\whoami.exe"));
    CHECK_STR(p->command, STR("whoami /all"));
    CHECK(p->first.record == 1 && str_has(p->first.excerpt, STR("event 1: Image=C:\\Windows\\System32\\whoami.exe")));
    CHECK(b.out->cover[0].records == 3 && b.out->cover[FAM_EVTX_SYSMON - FAM_EVTX_SECURITY].records == 2 && b.out->cover[FAM_EVTX_OTHER - FAM_EVTX_SECURITY].records == 1);
    CHECK(b.out->range_n == 1 && b.out->range[0].from == 1 && b.out->range[0].to == COUNT_OF(events));
    CHECK(b.out->audited == 3 && b.out->processes == 1 && b.out->computer_n == 1);
    bench_close(&b);
}

static void what_a_fact_says(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, RULE("Service", "service: system", "  s: {EventID: 7045}\n  condition: s\nlevel: high\ntags: [attack.t1543.003]\nafterpatch: {way: service, name: ServiceName, path: ImagePath, "
                                                      "confidence: 0.9, why: '{ServiceName} starts {ImagePath}'}")
                   RULE("Cleared", "service: security", "  s: {EventID: 1102}\n  condition: s\nafterpatch: {thing: note, name: '{SubjectUserName} of {Channel}'}")
                   RULE("Gone", "service: security", "  s: {EventID: 4624}\n  condition: s\nafterpatch: {thing: removed, way: account, name: TargetUserName}"), false);
    bench_run(&b, events, COUNT_OF(events));
    CHECK(b.out->hits.n == 0 && b.out->fact_n == 3);
    const struct file_fact *s = &b.out->fact[1], *g = &b.out->fact[0], *n = &b.out->fact[2];
    CHECK(s->kind == FILE_FACT_WAY_BACK && s->severity == SEV_HIGH && s->state == THING_UNKNOWN && s->created_us == evt_filetime_us(TIME_A + 50000000) && s->removed_us == TIME_NONE);
    CHECK(s->cite.record == 5 && s->cite.has_raw && s->attack_n == 1);
    CHECK_STR(s->what, STR("service"));
    CHECK_STR(s->name, STR("Winnet"));
    CHECK_STR(s->path, STR("C:\\ProgramData\\w.exe"));
    CHECK_STR(s->why, STR("Winnet starts \"C:\\ProgramData\\w.exe\" -k"));
    CHECK(g->kind == FILE_FACT_WAY_BACK && g->state == THING_REMOVED && g->removed_us != TIME_NONE && g->created_us == TIME_NONE);
    CHECK(n->kind == FILE_FACT_NOTE);
    CHECK_STR(n->name, STR("constant.admin of Security"));
    bench_close(&b);
}

static void listed(void **state)
{
    static const struct { const char *why, *row; uint64_t records; } c[] = {
        { "an address", "ip,203.0.113.9", 1 << 3 }, { "a part of an address", "ip,203.0.113.90", 0 }, { "an address within another", "ip,3.0.113.9", 0 },
        { "a name of a file", "filename,whoami.exe", 1 << 1 | 1 << 2 }, { "a part of a name", "filename,hoami.exe", 0 }, { "nothing of it", "filename,evilevil.exe", 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct bench b;
        struct iocs  user = { 0 };
        struct err   e = { 0 };
        uint64_t     got = 0;
        bench_open(&b, RULE("a", "service: system", "  s: {EventID: 7045}\n  condition: s"), false);
        struct str text = str_fmt(&b.keep.a, "type,value\n%s\n", c[i].row);
        CHECK_WHY(iocs_add(&user, &b.keep.a, STR("a.csv"), text, &e), c[i].why);
        iocs_settle(&user);
        CHECK_WHY(user.n == 1, c[i].why);
        CHECK(evt_plan_listed(&b.plan, &user, EVT_LISTED_LEAST, &b.keep.a, &e));
        bench_run(&b, events, COUNT_OF(events));
        for (size_t k = 0; k < b.out->hits.n; k++)
            if (b.out->hits.item[k].rule == RULE_IOC)
                got |= UINT64_C(1) << b.out->hits.item[k].first.record | UINT64_C(1) << b.out->hits.item[k].last.record;
        CHECK_WHY(got == c[i].records, c[i].why);
        bench_close(&b);
    }
}

/* Only words that cannot be fulfilled are refused. */
static void meanings(void **state)
{
    static const struct { const char *why, *text; bool ok; } c[] = {
        { "a way alone is planted", "{way: task}", true }, { "a thing without a way", "{thing: planted}", false }, { "an unknown thing", "{thing: door}", false },
        { "a way of two words", "{way: 'two words'}", false }, { "a name of nothing", "{name: X}", false }, { "a secret needs no way", "{thing: secret, path: Image}", true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct test_arena t = test_arena(1 << 20);
        struct sigma      s = { 0 };
        struct err        e = { 0 };
        struct str        text = str_fmt(&t.a, RULE("a", "service: system", "  s: {EventID: 1}\n  condition: s\nafterpatch: %s"), c[i].text);
        CHECK(sigma_add(&s, &t.a, STR("a.yml"), text, true, &e));
        CHECK_WHY((s.rule_n == 1) == c[i].ok, c[i].why);
        sigma_close(&s);
        test_arena_free(&t);
    }
}

static void folding(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 2; shift++)
        for (size_t n = 0; n < 70; n++) {
            uint8_t from[80] = { 0 }, to[40], want[40];
            for (size_t i = 0; i < n; i++)
                from[i] = (i + shift) % 2 ? 0 : (uint8_t)('a' + i % 26);
            for (size_t i = 0; i < (n + 1) / 2; i++)
                want[i] = from[2 * i] | (2 * i + 1 < n ? from[2 * i + 1] : 0);
            evt_fold(to, from, n);
            CHECK(memcmp(to, want, (n + 1) / 2) == 0);
        }
}

static bool faulty(struct arena *a, struct err *e)
{
    struct sigma    s = { 0 };
    struct evt_plan plan;
    bool ok = sigma_add(&s, a, STR("a.yml"), STR(PROCESS("a", "Image|endswith: '\\whoami.exe'")), true, e) && evt_plan_make(&plan, &s, a, e);

    sigma_close(&s);
    return ok;
}

static void faults(void **state)
{
    (void)state;
    fault_sweep(faulty, 4 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_fit), cmocka_unit_test(what_a_hit_says), cmocka_unit_test(what_a_fact_says), cmocka_unit_test(meanings), cmocka_unit_test(listed), cmocka_unit_test(folding),
        cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
