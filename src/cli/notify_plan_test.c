/* From a plan to an approved wave through the front door: who made it cannot release it, what changed is not released, hostile names are inert everywhere. On both engines. */
#include "cli/case_fixture.h"

#include "base/num.h"
#include "formats/jsontree.h"
#include "notify/tables.h"
#include "pg_server.h"

#define TEAM "team:\n  name: National CERT Example\n  address: notify@cert.example\n  domain: cert.example\n  bounce: bounce.cert.example\n  reply: reply.cert.example\n" \
             "  prefix: CERT-EX\n  official: https://cert.example/\n  phone_page: https://cert.example/contact\n  privacy: https://cert.example/privacy\n" \
             "  postal: [National CERT Example, 1 Sample Street, 1010 Sampletown]\n  country: AT\nmta:\n  host: 127.0.0.1:25\n  hello: mx.cert.example\n"

static char yaml[80];

static void contact(struct fixture *f, int64_t id, enum contact_channel channel, const char *address, int about, const char *value, int rung, int64_t source)
{
    struct fixture_row r = fixture_row(f, "INSERT INTO case_contact (id, channel, address, about, about_value, rung, role, name, language, pgp, observed_us, until_us, manual, source, file, line, recorded_us)"
                                          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, '', '', '', '', ?7, NULL, 0, ?8, 0, 0, ?7)");
    put_int(&r, id);
    put_int(&r, channel);
    put_text(&r, address);
    put_int(&r, about);
    put_text(&r, value);
    put_int(&r, rung);
    put_int(&r, INT64_C(1700000000000000));
    put_int(&r, source);
    put_row(&r);
    store_finish(r.st);
}

static void open_world(struct fixture *f, const char *where)
{
    struct err e = { 0 };
    FILE      *o;

    fixture_open(f, where);
    fixture_small(f);
    fixture_exec(f, "UPDATE case_org SET name = 'Example Bakery' WHERE org = 1");
    contact(f, 1, CONTACT_EMAIL, "security@bakery.example", ABOUT_ORG, "1", 1, 40);
    contact(f, 2, CONTACT_PHONE, "+43155501", ABOUT_ORG, "1", 1, 40);
    contact(f, 3, CONTACT_POST, "1 Sample Road\nSampletown", ABOUT_ORG, "1", 7, 40);
    contact(f, 4, CONTACT_EMAIL, "noc@union.example", ABOUT_ORG, "2", 1, 40);
    contact(f, 5, CONTACT_EMAIL, "x@five.example", ABOUT_ORG, "5", 1, 40);
    contact(f, 6, CONTACT_POST, HOSTILE, ABOUT_ORG, "5", 7, 40);
    CHECK(store_commit(f->s, &e) && store_migrate(f->s, &notify_layer, &e));
    store_close(f->s);
    f->s = NULL;
    snprintf(yaml, sizeof yaml, "%s/notify.yaml", f->dir);
    o = fopen(yaml, "w");
    CHECK(o && fputs(TEAM, o) >= 0 && fclose(o) == 0);
}

static void run(struct fake *f, struct fixture *x, int code, const char *const *word)
{
    const char *all[24] = { "notify" };
    size_t      n = 1;

    while (*word)
        all[n++] = *word++;
    all[n++] = "--store";
    all[n++] = x->where;
    all[n] = NULL;
    fake_run(f, all);
    if (f->code != code)
        fail_msg("%s %s: %d %.*s", all[1], all[2], f->code, STR_ARG(f->complained));
    fixture_inert(all[1], f->said, 0, 0);
    fixture_inert(all[1], f->complained, 0, 0);
}
#define RUN(f, x, code, ...) run(f, x, code, (const char *const[]){ __VA_ARGS__, NULL })

static void as_json(struct fake *f, struct jt *j)
{
    const char *why = "";
    struct arena a = f->scratch.a;

    if (!jt_parse(j, &a, f->said, &why))
        fail_msg("%s: %.*s", why, STR_ARG(f->said));
}

static int64_t one(struct fixture *x, const char *sql)
{
    struct store *s;
    struct err    e = { 0 };
    int64_t       n = -1;

    CHECK(store_open(&s, str_c(x->where), STORE_READ, &e));
    store_one_int(s, sql, &n, &e);
    store_close(s);
    return n;
}

static void exec(struct fixture *x, const char *sql)
{
    struct store *s;
    struct err    e = { 0 };

    CHECK(store_open(&s, str_c(x->where), STORE_SHARE, &e) && store_exec(s, sql, &e));
    store_close(s);
}

static void hash_of(struct fake *f, char ret[17])
{
    size_t at = str_find(f->said, STR("--yes "));

    CHECK(at != STR_NONE);
    snprintf(ret, 17, "%.16s", (const char *)f->said.p + at + 6);
}

static void whole(struct fake *f, struct fixture *x)
{
    struct jt j;
    char      hash[17], old[17], wave[16], notice[32];

    RUN(f, x, CLI_DONE, "plan", "--settings", yaml, "--who", "ada", "--dry-run");
    fixture_says("dry", f->said, "dry run: ");
    fixture_says("dry", f->said, "would be a wave: backdoor");
    assert_int_equal(one(x, "SELECT count(*) FROM notify_notice"), 0);
    RUN(f, x, CLI_DONE, "plan", "--settings", yaml, "--who", "ada", "--dry-run", "--json");
    as_json(f, &j);
    RUN(f, x, CLI_DONE, "plan", "--settings", yaml, "--who", "ada");
    fixture_says("unsigned", f->said, "unsigned: the settings name no key");
    fixture_says("waves", f->said, "wait for another person: afterpatch notify approve ");
    fixture_says("minimal", f->said, "without any detail");
    CHECK(one(x, "SELECT count(*) FROM notify_notice WHERE case_id = 123") >= 3);       /* where its mail goes nobody knows: mail, call, letter */
    RUN(f, x, CLI_DONE, "plan", "--settings", yaml, "--who", "ada");
    fixture_says("again", f->said, "0 of 5 cases are told now");

    RUN(f, x, CLI_DONE, "show");
    fixture_says("person first", f->said, "waves wait for another person: afterpatch notify approve WAVE");
    fixture_says("its waves", f->said, ": backdoor, ");
    RUN(f, x, CLI_DONE, "show", "--json");
    as_json(f, &j);
    snprintf(wave, sizeof wave, "%lld", (long long)one(x, "SELECT min(wave) FROM notify_notice WHERE case_id = 123"));
    RUN(f, x, CLI_DONE, "show", wave, "--sample");
    fixture_says("minimal text", f->said, "2021-000123");
    RUN(f, x, CLI_DONE, "show", wave, "--sample", "--json");
    as_json(f, &j);
    RUN(f, x, CLI_DONE, "show", "2021-000123", "--text");
    fixture_says("case", f->said, "security@bakery.example, minimal");
    char path[120];
    snprintf(notice, sizeof notice, "%lld", (long long)one(x, "SELECT min(id) FROM notify_notice WHERE case_id = 123 AND channel = 2"));
    snprintf(path, sizeof path, "%s/letter-%d.pdf", x->dir, strchr(x->where, ':') != NULL);
    RUN(f, x, CLI_DONE, "show", notice, "--letter", path);
    fixture_says("pages", f->said, "to be looked at");
    RUN(f, x, CLI_USAGE, "show", notice, "--letter", path);                             /* never over another file */
    fixture_says("there", f->complained, "there already");
    snprintf(notice, sizeof notice, "%lld", (long long)one(x, "SELECT min(id) FROM notify_notice WHERE case_id = 123 AND channel = 1"));
    RUN(f, x, CLI_USAGE, "show", notice, "--letter", "no.pdf");
    fixture_says("a call", f->complained, "is no letter");
    RUN(f, x, CLI_DONE, "show", "2021-000127", "--text");
    RUN(f, x, CLI_DONE, "show", "2021-000127", "--text", "--json");
    as_json(f, &j);
    snprintf(notice, sizeof notice, "%lld", (long long)one(x, "SELECT min(id) FROM notify_notice WHERE case_id = 123 AND channel = 0 AND minimal = 1"));
    RUN(f, x, CLI_DONE, "show", notice, "--text");
    fixture_says("its steps", f->said, "planned");
    fixture_says("its text", f->said, "2021-000123");
    CHECK(!str_has(f->said, STR("192.0.2.7")) && !str_has(f->said, STR("mail.bakery.example")));
    RUN(f, x, CLI_DONE, "show", notice, "--json");
    as_json(f, &j);
    RUN(f, x, CLI_USAGE, "show", "777777");

    RUN(f, x, CLI_DONE, "approve", wave);
    fixture_says("counts", f->said, "mail goes to");
    hash_of(f, old);
    RUN(f, x, CLI_USAGE, "approve", wave, "--yes", old, "--who", "ada");
    fixture_says("the same person", f->complained, "who made a wave does not approve it");
    exec(x, "UPDATE notify_bytes SET sha256 = (SELECT plan_hash FROM notify_wave WHERE id = 1) WHERE notice = (SELECT min(id) FROM notify_notice WHERE case_id = 123)");
    RUN(f, x, CLI_USAGE, "approve", wave, "--yes", old, "--who", "grace");
    fixture_says("changed", f->complained, "is not what this hash was shown for");
    RUN(f, x, CLI_USAGE, "approve", wave, "--yes", "0123", "--who", "grace");
    RUN(f, x, CLI_FAILED, "approve", wave);
    fixture_says("nobody approves what is damaged", f->complained, "is damaged");
    exec(x, "DELETE FROM notify_bytes WHERE notice = (SELECT min(id) FROM notify_notice WHERE case_id = 123)");
    RUN(f, x, CLI_DONE, "approve", wave);
    hash_of(f, hash);
    RUN(f, x, CLI_DONE, "approve", wave, "--json");
    as_json(f, &j);
    CHECK(strcmp(hash, old) != 0);
    RUN(f, x, CLI_DONE, "approve", wave, "--yes", hash, "--who", "grace");
    fixture_says("released", f->said, "may go: afterpatch notify send");
    RUN(f, x, CLI_USAGE, "approve", wave, "--yes", hash, "--who", "grace");
    RUN(f, x, CLI_USAGE, "approve", "99", "--who", "grace");
    RUN(f, x, CLI_USAGE, "plan", "--settings", yaml, "--who", "ada", "--most", "0");
    RUN(f, x, CLI_USAGE, "plan", "--settings", yaml, "--who", "ada", "--case", "2021-000999");
    RUN(f, x, CLI_DONE, "plan", "--settings", yaml, "--who", "ada", "--case", "2021-000123");
    fixture_says("one case", f->said, "0 of 1 cases are told now");
}

static void through_the_front_door(void **state)
{
    (void)state;
    struct fake     *f = fake_open();
    struct fixture   x;
    struct pg_server pg;
    bool             has_pg = pg_server_or_say(&pg);

    open_world(&x, NULL);
    whole(f, &x);
    fixture_clear(&x);
    if (has_pg) {
        open_world(&x, pg.where);
        whole(f, &x);
        fixture_clear(&x);
    }
    pg_server_stop(&pg);
    fake_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(through_the_front_door) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
