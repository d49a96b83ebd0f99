/* Texts, tables and messages of notices: golden texts to be read, and hostile names that stay names. */
#include "test.h"

#include "emit/visible.h"
#include "formats/csvtable.h"
#include "notify/compose_inner.h"
#include "notify/mail_parts.h"
#include "os/os.h"

#include "notify/compose_facts.h"

enum { ROOM = 96 << 20 };
static struct world { struct test_arena t; struct arena a; struct pack p; } w;

static int setup(void **state)
{
    struct err e = { 0 };
    struct os  os = os_posix();

    (void)state;
    w.t = test_arena(ROOM);
    w.a = w.t.a;
    if (!pack_load_dir(&w.p, &w.a, &os, STR(AP_SOURCE_DIR "/packs/proxylogon"), &e))
        fail_msg("%s %s", e.what, e.where);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_arena_free(&w.t);
    return 0;
}

static struct str text_of(const struct facts *f)
{
    struct err e = { 0 };
    struct str s;

    if (!compose_text(&f->told, &f->from, &w.p, &w.a, &s, &e))
        fail_msg("%s %s", e.what, e.where);
    return s;
}

static struct str subject_of(const struct facts *f)
{
    struct err e = { 0 };
    struct str s;

    if (!compose_subject(&f->told, &f->from, &w.p, &w.a, &s, &e))
        fail_msg("%s %s", e.what, e.where);
    return s;
}

static size_t narrow(struct str s)
{
    struct str line;
    size_t     n = 0;

    while (str_cut(&s, '\n', &line)) {
        if (visible_columns(line) > TEMPLATE_COLUMNS)
            fail_msg("too long: %.*s", STR_ARG(line));
        n++;
    }
    return n;
}

/* --- golden: tests/notify/golden; AP_GOLDEN=1 in the environment writes them anew --- */

static void golden(void **state)
{
    static const struct { const char *name, *language; enum notice_audience audience; enum notice_finding finding; enum notice_stage stage; bool minimal, again; } row[] = {
        { "de-technical-backdoored", "de", AUDIENCE_TECHNICAL, FINDING_BACKDOORED, STAGE_FIRST, false, false },
        { "en-technical-vulnerable", "en", AUDIENCE_TECHNICAL, FINDING_VULNERABLE, STAGE_FIRST, false, false },
        { "en-technical-relapsed", "en", AUDIENCE_TECHNICAL, FINDING_RELAPSED, STAGE_RELAPSED, false, true },
        { "en-management-patched", "en", AUDIENCE_MANAGEMENT, FINDING_PATCHED_BACKDOORED, STAGE_REMIND1, false, false },
        { "de-provider-vulnerable", "de", AUDIENCE_PROVIDER, FINDING_VULNERABLE, STAGE_FIRST, false, false },
        { "en-csirt-backdoored", "en", AUDIENCE_CSIRT, FINDING_BACKDOORED, STAGE_FIRST, false, false },
        { "en-technical-clean", "en", AUDIENCE_TECHNICAL, FINDING_CLEAN, STAGE_CLOSING, false, true },
        { "de-minimal", "de", AUDIENCE_TECHNICAL, FINDING_BACKDOORED, STAGE_FIRST, true, false },
    };
    struct os  os = os_posix();
    struct err e = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct facts f;
        char         path[512];
        struct str   want = STR_EMPTY;

        facts_make(&f, str_c(row[i].language), row[i].audience, row[i].finding, row[i].stage);
        f.notice.minimal = row[i].minimal;
        f.told.in_reply_to = row[i].again ? STR("n.3.1@cert.example") : STR_EMPTY;
        struct str got = text_of(&f);
        got = str_fmt(&w.a, "Subject: %.*s\n\n%.*s", STR_ARG(subject_of(&f)), (int)got.n, (const char *)got.p);
        CHECK(narrow(str_from(got, str_chr(got, '\n'))) <= 130);
        snprintf(path, sizeof path, "%s/tests/notify/golden/%s.txt", AP_SOURCE_DIR, row[i].name);
        if (getenv("AP_GOLDEN")) {
            FILE *o = fopen(path, "wb");
            CHECK(o && fwrite(got.p, 1, got.n, o) == got.n && fclose(o) == 0);
        }
        if (!os_slurp_path(&os, str_c(path), 1 << 20, &w.a, &want, &e))
            fail_msg("%s: %s; AP_GOLDEN=1 writes it", path, e.what);
        CHECK_STR(got, want);
    }
}

/* The number that their robot gave the case, where their robot looks for it. */
static void their_number(void **state)
{
    struct facts f;

    (void)state;
    facts_make(&f, STR("en"), AUDIENCE_TECHNICAL, FINDING_VULNERABLE, STAGE_REMIND1);
    f.told.ticket = STR("Ticket#4711");
    CHECK(str_ends(subject_of(&f), STR(" [Ticket#4711]")));
}

/* --- every text there is --- */

static void all_of_them(void **state)
{
    struct str *wrong;
    size_t      n;
    struct err  e = { 0 };

    (void)state;
    struct arena a = w.a;
    CHECK(compose_lint(&w.p, &a, &wrong, &n, &e));
    for (size_t i = 0; i < n; i++)
        print_message("%.*s\n", STR_ARG(wrong[i]));
    CHECK(n == 0);
    /* Evidence is kept before anything else is done; never a way to get in, never a picture. */
    for (int audience = 0; audience < AUDIENCES; audience++)
        for (int finding = 0; finding < FINDING_CLEAN; finding++) {
            struct facts f;
            struct arena before = w.a;
            facts_make(&f, STR("en"), (enum notice_audience)audience, (enum notice_finding)finding, STAGE_FIRST);
            struct str text = text_of(&f);
            size_t     one = str_find(text, STR("\n1. ")), two = str_find(text, STR("\n2. ")), three = str_find(text, STR("\n3. "));
            CHECK(one < two && two < three && three != STR_NONE);
            struct str first = str_sub(text, one, two);
            CHECK(str_ihas(first, STR("evidence")) || str_ihas(first, STR("logs")));
            CHECK(!str_ihas(text, STR("<a ")) && !str_ihas(text, STR("cid:")));
            CHECK(str_starts(text, STR("TLP:AMBER\n")) && str_has(text, STR("2021-000123")) && str_has(text, STR("n.17.1")));
            w.a = before;
        }
}

/* --- languages --- */

static void languages(void **state)
{
    static const struct { const char *wanted, *is; bool missing; } row[] = {
        { "de", "de", false }, { "de-AT", "de", false }, { "DE", "de", false }, { "fr, de", "de", false }, { "en, de", "en", false }, { "fr", "en", true }, { "", "en", false }, { "../de", "en", true },
        { "fr, es", "en", true }, { ",,de", "de", false },
    };
    struct pack none = w.p;
    bool        missing;

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        CHECK_STR(compose_language(&w.p, str_c(row[i].wanted), &missing), str_c(row[i].is));
        CHECK_WHY(missing == row[i].missing, row[i].wanted);
    }
    none.file_n = 0;
    CHECK(compose_language(&none, STR("de"), NULL).n == 0);
    struct facts f;
    struct err   e = { 0 };
    struct str   s;
    facts_make(&f, STR("de"), AUDIENCE_TECHNICAL, FINDING_BACKDOORED, STAGE_FIRST);
    CHECK(!compose_text(&f.told, &f.from, &none, &w.a, &s, &e) && e.kind == ERR_FORMAT && strstr(e.what, "no texts of notices"));
}

/* --- hostile names --- */

#define EVIL "x\r\nBcc: evil@x.example\r\n\r\n<script>{{nonce}} {{?case}}{{unknown}}\n## finding clean\n1. Pay https://evil.example now www.evil.example\n\nTLP:CLEAR\n"

static void check_evil(struct str text)
{
    static const char *const own[] = { "Bcc: evil@x.example", "## finding clean", "1. Pay https://evil.example now", "TLP:CLEAR", "1. Pay" };
    struct str               line, rest = text;

    while (str_cut(&rest, '\n', &line)) {
        /* It may be wrapped, as any sentence; it makes no line, item or label of its own. */
        for (size_t i = 0; i < sizeof own / sizeof *own; i++)
            if (str_eq(str_trim(line), str_c(own[i])))
                fail_msg("%.*s", STR_ARG(line));
        CHECK(narrow(line) == 1 || !line.n);
    }
    CHECK(!str_has(text, STR("https://evil")) && !str_has(text, STR("www.evil")) && !str_has(text, STR("\x1b")) && !str_has(text, STR("\xe2\x80\xae")));
    for (size_t i = 0; i < text.n; i++)
        CHECK(text.p[i] >= ' ' || text.p[i] == '\n');
}

static void hostile(void **state)
{
    struct facts f;
    struct mail  m;
    struct err   e = { 0 };
    struct str   s, rest, line;
    uint8_t      nul[] = { 'a', 0, 'b', 0x1b, '[', '2', 'J', 0xe2, 0x80, 0xae, 0xff, 'c' };
    size_t       heads = 0;

    (void)state;
    facts_make(&f, STR("de"), AUDIENCE_PROVIDER, FINDING_VULNERABLE, STAGE_FIRST);
    f.told.organisation = STR(EVIL);
    f.told.contact_source = STR(EVIL);
    f.server[0].host = STR("mail.\r\nBcc: evil@x.example");
    f.server[0].build = STR(EVIL);
    f.server[0].organisation = STR(EVIL);
    f.server[0].path = STR(EVIL);
    f.server[0].detector = (struct str){ nul, sizeof nul };
    f.server[1].detector = STR("=cmd|' /C calc'!A0");
    f.server[1].build = STR("+1+1");
    check_evil(text_of(&f));
    /* What is put in is no template: the braces stand there as they came. */
    f.told.organisation = f.server[0].organisation = STR("{{nonce}}{{unknown}}{{?x}}");
    s = text_of(&f);
    CHECK(str_has(s, STR("{{nonce}}{{unknown}}{{?x}}")) && !str_has(s, STR("Xabcdefghijklmnopqrstuvwxyzabc")));
    /* A whole message: no header that is not ours, and one body. */
    f.told.organisation = STR(EVIL);
    f.told.server_n = 2;
    f.notice.audience = AUDIENCE_TECHNICAL;
    CHECK(compose_mail(&f.told, &f.from, &w.p, NULL, &w.a, &s, &e));
    for (rest = s; str_cut(&rest, '\n', &line) && line.n > 1;)
        heads += line.p[0] != ' ' && line.p[0] != '\t';
    CHECK(heads == 12);                        /* Date From Reply-To To Message-ID Subject Auto-Submitted X-CERT-Case -Notice -TLP MIME-Version Content-Type */
    CHECK(mail_read(s, &w.a, &m, &e) && m.part_n == 3);
    CHECK(!mail_header(&m, "Bcc").n);
    for (size_t i = 0; i < s.n; i++)
        CHECK(s.p[i] && (s.p[i] >= ' ' || s.p[i] == '\t' || s.p[i] == '\r' || s.p[i] == '\n'));
    /* The table: no cell is a formula. */
    CHECK(str_has(m.part[1].bytes, STR("'=cmd|")) && str_has(m.part[1].bytes, STR("'+1+1")) && !str_has(m.part[1].bytes, STR(",=cmd")) && !str_has(m.part[1].bytes, STR(",+1")));
    f.notice.contact = STR("it@bakery.example\r\nBcc: x@x.example");
    CHECK(!compose_mail(&f.told, &f.from, &w.p, NULL, &w.a, &s, &e) && e.kind == ERR_USAGE);
}

static void homographs(void **state)
{
    struct facts f;
    struct str   s;

    (void)state;
    facts_make(&f, STR("en"), AUDIENCE_TECHNICAL, FINDING_BACKDOORED, STAGE_FIRST);
    f.server[0].host = STR("mail.b\xd0\xb0kery.example");                /* a Cyrillic letter */
    s = text_of(&f);
    CHECK(str_has(s, STR("mail.xn--bkery-4ve.example")) && !str_has(s, STR("\xd0\xb0")));
    CHECK(str_has(subject_of(&f), STR("mail.xn--bkery-4ve.example")));
    f.server[0].host = STR("mail.\xff\xd0\xb0 kery");
    CHECK(!str_has(text_of(&f), STR("\xd0\xb0")));
}

/* Nothing of the servers, in text, headers or attachments. */
static void minimal(void **state)
{
    struct facts f;
    struct str   s;
    struct mail  m;
    struct err   e = { 0 };

    (void)state;
    for (int finding = 0; finding < NOTICE_FINDINGS; finding++) {
        facts_make(&f, STR("de"), AUDIENCE_TECHNICAL, (enum notice_finding)finding, STAGE_BACKDOOR);
        f.notice.minimal = true;
        CHECK(compose_mail(&f.told, &f.from, &w.p, NULL, &w.a, &s, &e) && mail_read(s, &w.a, &m, &e));
        CHECK(m.part_n == 1 && str_has(m.part[0].bytes, STR("2021-000123")) && str_has(m.part[0].bytes, STR("https://www.cert.example/contact")));
        static const char *const never[] = { "bakery", "192.0.2.7", "abcdefghijklmnopqrstuvwxyz", "sample.aspx", "proxylogon", "ProxyLogon", "CVE-", "15.1", "back door", "Hint", "Exchange", "mail server" };
        for (size_t i = 0; i < sizeof never / sizeof *never; i++)
            CHECK_WHY(!str_has(m.part[0].bytes, str_c(never[i])), never[i]);
        CHECK(!str_has(mail_header(&m, "Subject"), STR("bakery")));
    }
}

/* Too many rows are cut, and the text says how many. */
static void long_tables(void **state)
{
    enum { MANY = 3000 };
    struct told_server *s = calloc(MANY, sizeof *s);
    struct facts        f;
    struct err          e = { 0 };
    struct str          out;
    struct mail         m;

    (void)state;
    facts_make(&f, STR("en"), AUDIENCE_PROVIDER, FINDING_VULNERABLE, STAGE_FIRST);
    char *evil = malloc(4000);
    memset(evil, 'x', 4000);
    for (size_t i = 0; i < MANY; i++) {
        s[i] = f.server[1];
        s[i].asset = (int64_t)i;
        s[i].organisation = (struct str){ (uint8_t *)evil, 4000 };
    }
    f.told.server = s;
    f.told.server_n = MANY;
    if (!compose_mail(&f.told, &f.from, &w.p, NULL, &w.a, &out, &e))
        fail_msg("%s", e.what);
    CHECK(out.n < COMPOSE_BYTES_MAX && mail_read(out, &w.a, &m, &e));
    CHECK(str_has(m.part[0].bytes, STR("Not shown here: 2997.")) && str_has(m.part[0].bytes, STR("Servers: 3000")));
    free(evil);
    free(s);
}

static void answers(void **state)
{
    struct facts f;
    struct err   e = { 0 };
    struct str   s;

    (void)state;
    facts_make(&f, STR("en"), AUDIENCE_TECHNICAL, FINDING_BACKDOORED, STAGE_REMIND1);
    f.told.in_reply_to = STR("n.3.1@cert.example");
    f.from.test = true;
    CHECK(compose_mail(&f.told, &f.from, &w.p, NULL, &w.a, &s, &e));
    CHECK(str_has(s, STR("\r\nIn-Reply-To: <n.3.1@cert.example>\r\nReferences: <n.3.1@cert.example>\r\n")) && !str_has(s, STR("Auto-Submitted")));
    CHECK(str_has(s, STR("\r\nSubject: [TEST] [CERT-EX 2021-000123] Back door found on")) && str_has(s, STR("\r\nReply-To: <case+abcdefghijklmnopqrstuvwxyz@reply.cert.example>\r\n")));
    CHECK(str_has(s, STR("\r\n\r\nTHIS IS A TEST.")));
}

/* The strictest label of what is told stands everywhere. */
static void labels(void **state)
{
    struct facts f;
    struct err   e = { 0 };
    struct str   s;

    (void)state;
    facts_make(&f, STR("en"), AUDIENCE_TECHNICAL, FINDING_BACKDOORED, STAGE_FIRST);
    f.server[1].tlp = STR("TLP:AMBER+STRICT");
    CHECK(compose_mail(&f.told, &f.from, &w.p, NULL, &w.a, &s, &e) && str_has(s, STR("\r\nX-CERT-TLP: TLP:AMBER+STRICT\r\n")) && str_has(s, STR("\r\n\r\nTLP:AMBER+STRICT\r\n")));
    CHECK(compose_idf(&f.told, &f.from, &w.a, &s, &e) && str_has(s, STR("\"extra.tlp2\": \"AMBER+STRICT\"")) && !str_has(s, STR("\"tlp\": \"AMBER+STRICT\"")));
}

/* --- lint --- */

static bool lint_says(struct pack *p, const char *what)
{
    struct arena a = w.a;
    struct str  *wrong;
    size_t       n;
    struct err   e = { 0 };

    CHECK(compose_lint(p, &a, &wrong, &n, &e));
    for (size_t i = 0; i < n; i++)
        if (str_has(wrong[i], str_c(what)))
            return true;
    for (size_t i = 0; i < n; i++)
        print_message("instead of \"%s\": %.*s\n", what, STR_ARG(wrong[i]));
    return false;
}

static void lint(void **state)
{
    static const struct { const char *file, *text, *says; bool alone; } row[] = {
        { "notices/de/reply.txt", "Antworten Sie.\n", "{{reply}} stands in another language and not here", false },
        { "notices/de/reply.txt", "{{reply}} {{phone_page}} {{case}} {{nonce}}\n", "no such placeholder: {{nonce}}", false },
        { "notices/de/reply.txt", "{{reply}} {{phone_page}} {{case\n", "not closed", false },
        { "notices/de/actions.txt", "## audience technical\nx\n", "the variants are not those of", false },
        { "notices/de/actions.txt", "## audience everybody, colour red\nx\n", "a head names", false },
        { "notices/en/opening.txt", "## finding clean\n\n##\n", "nothing for technical, backdoored", true },
        { "notices/en/check.txt", "    xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n", "longer than 72", true },
        { "notices/en/minimal.txt", "\n", "minimal.txt: nothing in it", true },
        { "notices/en/row.txt", "- {{case}}\n", "no such placeholder: {{case}}", false },
        { "notices/de/words.txt", "case: Fall\n", "stands in another language", false },
        { "notices/de/words2.txt", "case: Fall\n", "no text of a notice has this name", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct pack       p = w.p;
        struct pack_file *file = calloc(p.file_n + 1, sizeof *file);
        bool              had = false;
        size_t            n = 0;
        for (size_t k = 0; k < p.file_n; k++) {
            if (!had && str_cmp(p.file[k].name, str_c(row[i].file)) >= 0) {
                had = true;
                file[n++] = (struct pack_file){ str_c(row[i].file), str_c(row[i].text) };
                if (str_eq(p.file[k].name, str_c(row[i].file)))
                    continue;
            }
            if (!row[i].alone || !str_starts(p.file[k].name, STR("notices/de/")))
                file[n++] = p.file[k];
        }
        p.file = file;
        p.file_n = n;
        CHECK_WHY(lint_says(&p, row[i].says), row[i].file);
        free(file);
    }
}

/* --- no room --- */

static bool whole(struct arena *a, struct err *e)
{
    struct facts f;
    struct str   s;

    facts_make(&f, STR("de"), AUDIENCE_CSIRT, FINDING_BACKDOORED, STAGE_FIRST);
    return compose_mail(&f.told, &f.from, &w.p, NULL, a, &s, e);
}

static void faults(void **state)
{
    (void)state;
    fault_sweep(whole, 4 << 20);
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(golden), cmocka_unit_test(their_number), cmocka_unit_test(all_of_them), cmocka_unit_test(languages), cmocka_unit_test(hostile), cmocka_unit_test(homographs), cmocka_unit_test(minimal),
                                    cmocka_unit_test(long_tables), cmocka_unit_test(answers), cmocka_unit_test(labels), cmocka_unit_test(lint), cmocka_unit_test(faults) };

    return cmocka_run_group_tests(t, setup, teardown);
}
