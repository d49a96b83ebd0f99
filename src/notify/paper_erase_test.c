/* What an erased organisation leaves in the desk's folders: ours goes, nothing else does, whatever lies in its place. On both engines, on a real disk. */
#include "test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/num.h"
#include "casework/tables.h"
#include "ledger_desk.h"
#include "notify/paper.h"
#include "notify/paper_erase.h"
#include "notify/paper_fixture.h"
#include "notify/privacy.h"
#include "notify/tables.h"

static struct world { struct pg_server pg; bool has_pg; } w;

enum { ROOM = 16 << 20, NOTICES = 3 };
#define NOW INT64_C(1615536000000000)

/* Letters of three cases; the first one's organisation is the one that is erased. */
struct paper { struct ld d; char dir[64], out[80], bytes[40] /* of the first letter */; int64_t id[NOTICES]; struct os disk; };

static void path_of(const struct paper *p, const char *name, char ret[200]) { snprintf(ret, 200, name[0] == '/' ? "%s%s" : "%s/out/%s", p->dir, name); }

/* "%" in a name is the first letter's own name, without ".pdf". */
static const char *filled(const struct paper *p, const char *name, char ret[200])
{
    const char *mark = strchr(name, '%');

    if (mark)
        snprintf(ret, 200, "%.*s2021-000100-first-%lld%s", (int)(mark - name), name, (long long)p->id[0], mark + 1);
    else
        snprintf(ret, 200, "%s", name);
    return ret;
}

static void put(const struct paper *p, const char *name, const char *text)
{
    char  path[200], own[200];
    FILE *f;

    path_of(p, filled(p, name, own), path);
    CHECK_WHY((f = fopen(path, "wb")) && fputs(text, f) >= 0 && fclose(f) == 0, path);
}

static bool has(const struct paper *p, const char *name)
{
    char        path[200], own[200];
    struct stat st;

    path_of(p, filled(p, name, own), path);
    return lstat(path, &st) == 0;
}

static struct str slurp(struct paper *p, const char *name)
{
    struct err e = { 0 };
    struct str s;
    char       own[200];

    return os_slurp(&p->disk, str_c(p->out), str_c(filled(p, name, own)), 1 << 20, &p->d.t.a, &s, &e) ? s : STR_EMPTY;
}

static void write_into(struct paper *p, enum contact_channel channel, const char *out, int64_t again, uint64_t want)
{
    struct paper_options o = { .os = &p->disk, .owner = STR("desk:1"), .dir = str_c(out), .channel = channel, .again = again };
    struct err           e = { 0 };
    uint64_t             n = 0;

    if (!paper_write(p->d.l, &o, p->d.m->now_us, &n, &e) || n != want)
        fail_msg("%s: %s (%d written)", e.where, e.what, (int)n);
}

static struct paper begin(int engine, enum contact_channel channel)
{
    struct case_campaign c = { .slug = STR("proxylogon"), .begun_us = TIME_NONE, .report_us = NOW - 10 * TIME_DAY, .patch_us = TIME_NONE, .code_us = TIME_NONE };
    struct paper         p = { .d = ld_open(engine ? w.pg.where : NULL, "ada", NOW, ROOM), .dir = "/tmp/ap_erase.XXXXXX", .disk = os_posix() };
    struct err           e = { 0 };
    char                 text[160];

    CHECK(mkdtemp(p.dir) && store_migrate(p.d.s, &notify_layer, &e));
    snprintf(p.out, sizeof p.out, "%s/out", p.dir);
    ld_campaign(&p.d, &c);
    for (int i = 0; i < NOTICES; i++) {
        snprintf(text, sizeof text, "INSERT INTO case_case (id, campaign, org, opened_us) VALUES (%d, %lld, %d, 0)", PAPER_CASE + i, (long long)p.d.campaign, PAPER_ORG + i);
        ld_exec(&p.d, text);
    }
    paper_wave(p.d.l, p.d.t.a, p.d.campaign, NOW, channel, NOTICES, p.id);
    snprintf(p.bytes, sizeof p.bytes, "bytes of %lld", (long long)p.id[0]);
    write_into(&p, channel, p.out, 0, NOTICES);
    return p;
}

static void end(struct paper *p)
{
    paper_clear(p->dir);
    ld_close(&p->d);
}

/* What the store says of it, as `case privacy erase` does it. */
static void mark(struct paper *p)
{
    struct err e = { 0 };
    uint64_t   rows = 0;

    if (!ledger_begin(p->d.l, &e) || !notify_privacy.erase(p->d.l, PAPER_ORG, &rows, &e) || !ledger_commit(p->d.l, &e))
        fail_msg("%s", e.what);
}

static struct paper_erased erase(struct paper *p)
{
    struct paper_erased n;
    struct err          e = { 0 };

    if (!paper_erase(p->d.l, &p->disk, &p->d.t.a, &n, &e))
        fail_msg("%s: %s", e.where, e.what);
    return n;
}

static void test_its_own_goes(void **state)
{
    (void)state;
    for (int engine = 0; engine < ENGINES && (engine == 0 || w.has_pg); engine++) {
        struct paper p = begin(engine, CONTACT_POST);
        char         second[100];

        snprintf(second, sizeof second, "%s/second", p.dir);
        write_into(&p, CONTACT_POST, p.out, p.id[0], 1);
        write_into(&p, CONTACT_POST, second, p.id[0], 1);                         /* a copy in another folder */
        put(&p, "%.pdf.part", p.bytes);
        CHECK(has(&p, "%.pdf") && has(&p, "%-copy-2.pdf") && str_has(slurp(&p, "index.csv"), STR("Bakery 0")));
        CHECK(erase(&p).removed == 0 && has(&p, "%.pdf"));                        /* nothing is erased */
        mark(&p);
        CHECK(has(&p, "%.pdf"));                                                  /* whoever dies here leaves it to the next run */
        struct paper_erased n = erase(&p);
        CHECK(n.removed == 4 && n.gone == 0 && n.waiting == 0 && n.left_n == 0);
        CHECK(!has(&p, "%.pdf") && !has(&p, "%.pdf.part") && !has(&p, "%-copy-2.pdf"));
        struct str index = slurp(&p, "index.csv");
        CHECK(!str_has(index, STR("Bakery 0")) && str_has(index, STR("Bakery 1")) && str_has(index, STR("erased:")));
        for (int i = 1; i < NOTICES; i++) {
            char name[80];
            snprintf(name, sizeof name, "2021-%06d-first-%lld.pdf", PAPER_CASE + i, (long long)p.id[i]);
            CHECK_WHY(has(&p, name), name);
        }
        CHECK(ld_one(&p.d, "SELECT count(*) FROM case_audit WHERE what = 'erase files' AND detail LIKE '4 removed%'") == 1);
        n = erase(&p);
        CHECK(n.removed + n.gone + n.waiting + n.left_n == 0 && ld_one(&p.d, "SELECT count(*) FROM notify_file") == NOTICES - 1);
        end(&p);
    }
}

/* A call that nobody answered is written again, into the folder of that day: both go. */
static void test_each_place(void **state)
{
    struct paper p = begin(0, CONTACT_PHONE);
    struct err   e = { 0 };
    char         second[100];

    (void)state;
    snprintf(second, sizeof second, "%s/second", p.dir);
    CHECK(paper_settle(p.d.l, p.id[0], PAPER_NO_ANSWER, STR("engaged"), TIME_NONE, &e));
    p.d.m->now_us += TIME_DAY;
    write_into(&p, CONTACT_PHONE, second, 0, 1);
    mark(&p);
    struct paper_erased n = erase(&p);
    CHECK(n.removed == 2 && !n.waiting && !has(&p, "%.txt") && !has(&p, "/second/%.txt"));
    CHECK(!str_has(slurp(&p, "index.csv"), STR("+4315550100")) && str_has(slurp(&p, "index.csv"), STR("+4315550101")));
    end(&p);
}

/* A letter to an operator that tells of it, too. */
static void test_told_with_others(void **state)
{
    struct paper p = begin(0, CONTACT_POST);
    char         text[160];

    (void)state;
    snprintf(text, sizeof text, "INSERT INTO notify_also (notice, case_id, stage, content_rev) VALUES (%lld, %d, 0, 'x')", (long long)p.id[2], PAPER_CASE);
    ld_exec(&p.d, text);
    mark(&p);
    CHECK(erase(&p).removed == 2);
    end(&p);
}

/* --- what lies in its place; /victim.pdf has the same bytes, and must stay --- */

static void link_file(struct paper *p)    { char a[200], b[200], own[200]; path_of(p, filled(p, "%.pdf", own), a); path_of(p, "/victim.pdf", b); CHECK(unlink(a) == 0 && symlink(b, a) == 0); }
static void link_inside(struct paper *p)  { char a[200], own[200]; path_of(p, filled(p, "%.pdf", own), a); put(p, "other.pdf", p->bytes); CHECK(unlink(a) == 0 && symlink("other.pdf", a) == 0); }
static void a_folder(struct paper *p)     { char a[200], own[200]; path_of(p, filled(p, "%.pdf", own), a); CHECK(unlink(a) == 0 && mkdir(a, 0700) == 0); }
static void a_pipe(struct paper *p)       { char a[200], own[200]; path_of(p, filled(p, "%.pdf", own), a); CHECK(unlink(a) == 0 && mkfifo(a, 0600) == 0); }
static void changed(struct paper *p)      { put(p, "%.pdf", "a remark"); }
static void taken(struct paper *p)        { char a[200], own[200]; path_of(p, filled(p, "%.pdf", own), a); CHECK(unlink(a) == 0); }
static void like_it(struct paper *p)      { put(p, "%.pdf.bak", p->bytes); put(p, "% signed.pdf", "x"); put(p, "%-copy-.pdf", p->bytes); put(p, "%9.pdf", p->bytes); }
static void moved(struct paper *p)        { char a[200]; path_of(p, "/away", a); CHECK(rename(p->out, a) == 0); }
static void link_folder(struct paper *p)  { moved(p); CHECK(symlink("away", p->out) == 0); }
static void a_file(struct paper *p)       { moved(p); put(p, "/out", "no folder"); }
static void link_index(struct paper *p)   { char a[200], b[200]; path_of(p, "index.csv", a); path_of(p, "/victim.pdf", b); CHECK(unlink(a) == 0 && symlink(b, a) == 0); }
static void store_says(struct paper *p, const char *set)
{
    char text[300];

    snprintf(text, sizeof text, "UPDATE notify_file SET %s WHERE notice = %lld", set, (long long)p->id[0]);
    ld_exec(&p->d, text);
}
static void name_up(struct paper *p)      { store_says(p, "name = '../victim.pdf'"); }
static void name_far(struct paper *p)     { char t[200]; snprintf(t, sizeof t, "name = '%s/victim.pdf'", p->dir); store_says(p, t); }
static void name_none(struct paper *p)    { store_says(p, "name = ''"); }
static void name_index(struct paper *p)   { store_says(p, "name = 'index.csv'"); }
static void folder_up(struct paper *p)    { char t[200]; snprintf(t, sizeof t, "folder = '%s/out/../out'", p->dir); store_says(p, t); }
static void folder_near(struct paper *p)  { store_says(p, "folder = 'out'"); }
static void folder_none(struct paper *p)  { store_says(p, "folder = ''"); }

static void test_what_lies_there(void **state)
{
    static const struct { const char *why; void (*make)(struct paper *p); uint64_t removed, gone, waiting; size_t left; const char *says, *stays; } c[] = {
        { "a link to a file outside", link_file, 0, 0, 1, 1, "a link", "%.pdf" },
        { "a link to a file beside it", link_inside, 0, 0, 1, 1, "a link", "other.pdf" },
        { "a folder", a_folder, 0, 0, 1, 1, "no plain file", "%.pdf" },
        { "a pipe", a_pipe, 0, 0, 1, 1, "no plain file", "%.pdf" },
        { "other bytes", changed, 0, 0, 1, 1, "other bytes", "%.pdf" },
        { "nothing: the desk took it", taken, 0, 1, 0, 0, "", NULL },
        { "files that begin like it", like_it, 1, 0, 0, 3, "begins like", "%.pdf.bak" },
        { "a longer number is another letter", like_it, 1, 0, 0, 3, "", "%9.pdf" },
        { "no folder", moved, 0, 0, 0, 1, "not there any more", "/away/%.pdf" },
        { "a link in place of the folder", link_folder, 0, 0, 1, 1, "", "/away/%.pdf" },
        { "a file in place of the folder", a_file, 0, 0, 1, 1, "", "/away/%.pdf" },
        { "a link in place of the list", link_index, 1, 0, 0, 1, "list", "index.csv" },
        { "a name that leads out", name_up, 0, 0, 0, 1, "never gives", "%.pdf" },
        { "a name that is a path", name_far, 0, 0, 0, 1, "never gives", "%.pdf" },
        { "no name", name_none, 0, 0, 0, 1, "never gives", "%.pdf" },
        { "the list's name", name_index, 0, 0, 0, 1, "never gives", "index.csv" },
        { "a folder with a step up", folder_up, 0, 0, 1, 1, "", "%.pdf" },
        { "a folder that depends on where one stands", folder_near, 0, 0, 0, 1, "nobody knows", "%.pdf" },
        { "no folder's name", folder_none, 0, 0, 0, 1, "nobody knows", "%.pdf" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct paper p = begin(0, CONTACT_POST);

        put(&p, "/victim.pdf", p.bytes);
        c[i].make(&p);
        mark(&p);
        struct paper_erased n = erase(&p);
        if (n.removed != c[i].removed || n.gone != c[i].gone || n.waiting != c[i].waiting || n.left_n != c[i].left)
            fail_msg("%s: %d removed, %d gone, %d wait, %d left: %.*s", c[i].why, (int)n.removed, (int)n.gone, (int)n.waiting, (int)n.left_n, STR_ARG(n.left_n ? n.left[0].why : STR_EMPTY));
        CHECK_WHY(!n.left_n || str_has(n.left[0].why, str_c(c[i].says)), c[i].why);
        CHECK_WHY((!c[i].stays || has(&p, c[i].stays)) && has(&p, "/victim.pdf"), c[i].why);
        n = erase(&p);
        CHECK_WHY(n.removed + n.gone == 0 && n.waiting == c[i].waiting && n.left_n == c[i].waiting, c[i].why);         /* told again while it waits, else once */
        end(&p);
    }
}

/* A file whose time had not come goes when a person has cleared the way. */
static void test_goes_on(void **state)
{
    struct paper p = begin(0, CONTACT_POST);
    char         away[100];

    (void)state;
    snprintf(away, sizeof away, "%s/away", p.dir);
    link_folder(&p);
    mark(&p);
    CHECK(erase(&p).waiting == 1);
    CHECK(unlink(p.out) == 0 && rename(away, p.out) == 0);
    struct paper_erased n = erase(&p);
    CHECK(n.removed == 1 && n.waiting == 0 && !has(&p, "%.pdf"));
    end(&p);
}

/* A run of paper_write that is at it comes after the erasure with its file. */
static void test_at_work(void **state)
{
    struct paper p = begin(0, CONTACT_POST);
    char         text[200];

    (void)state;
    taken(&p);
    snprintf(text, sizeof text, "UPDATE notify_notice SET written = 0, lease_us = %lld WHERE id = %lld", (long long)(NOW + TIME_MINUTE), (long long)p.id[0]);
    ld_exec(&p.d, text);
    mark(&p);
    struct paper_erased n = erase(&p);
    CHECK(n.waiting == 1 && n.gone == 0 && n.left_n == 1 && str_has(n.left[0].why, STR("just now")));
    put(&p, "%.pdf", p.bytes);
    n = erase(&p);
    CHECK(n.removed == 1 && n.waiting == 0 && !has(&p, "%.pdf"));
    end(&p);
    p = begin(0, CONTACT_POST);
    taken(&p);
    ld_exec(&p.d, text);
    mark(&p);
    p.d.m->now_us += 2 * TIME_MINUTE;                                             /* it died */
    n = erase(&p);
    CHECK(n.gone == 1 && n.waiting == 0);
    end(&p);
}

/* A store of the program before it knew of places. */
static void test_before(void **state)
{
    (void)state;
    for (int engine = 0; engine < ENGINES && (engine == 0 || w.has_pg); engine++) {
        struct paper p = begin(engine, CONTACT_POST);
        struct err   e = { 0 };

        ld_exec(&p.d, "DROP TABLE notify_file; UPDATE store_layer SET step = 2 WHERE name = 'notify'");
        CHECK(store_migrate(p.d.s, &notify_layer, &e) && ld_one(&p.d, "SELECT count(*) FROM notify_file") == NOTICES);
        mark(&p);
        CHECK(erase(&p).removed == 1 && !has(&p, "%.pdf"));
        end(&p);
    }
}

/* Any allocation fails: what was done is done, and the next run does the rest. */
static void test_faults(void **state)
{
    (void)state;
    for (uint32_t step = 1;; step++) {
        struct paper        p = begin(0, CONTACT_POST);
        struct fault        f = { .left = step };
        struct arena        a = p.d.t.a;
        struct paper_erased n;
        struct err          e = { 0 };

        mark(&p);
        a.fault = &f;
        bool ok = paper_erase(p.d.l, &p.disk, &a, &n, &e);
        if (!ok)
            CHECK(f.fired && e.kind == ERR_MEMORY && e.what[0]);
        struct paper_erased again = erase(&p);
        CHECK(again.waiting == 0 && !has(&p, "%.pdf") && ld_one(&p.d, "SELECT count(*) FROM notify_file WHERE gone_us > 0") == 0);
        end(&p);
        if (!f.fired)
            break;
    }
}

PG_GROUP(w)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_its_own_goes), cmocka_unit_test(test_each_place), cmocka_unit_test(test_told_with_others), cmocka_unit_test(test_what_lies_there), cmocka_unit_test(test_goes_on),
        cmocka_unit_test(test_at_work), cmocka_unit_test(test_before), cmocka_unit_test(test_faults),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
