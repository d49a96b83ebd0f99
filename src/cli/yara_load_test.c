#include "test.h"

#include "base/num.h"
#include "cli/yara_load.h"
#include "os/mem.h"

#include <dlfcn.h>
#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <yara.h>

/*
 * The library as it may be one day: a word in a rule file brings it down. These stand before the library's own; what they do not know goes there.
 * "left" and "right" do no harm alone, only in one set.
 */
static unsigned words;

static void bring_down(const char *text)
{
    if (strstr(text, "do_segv"))
        raise(SIGSEGV);
    if (strstr(text, "do_abort"))
        abort();
    if (strstr(text, "do_exit"))
        _exit(0);
    for (volatile uint64_t i = 0; strstr(text, "do_hang"); i++)
        ;
    words |= (strstr(text, "word_left") ? 1u : 0) | (strstr(text, "word_right") ? 2u : 0);
}

int yr_compiler_create(YR_COMPILER **k)
{
    int (*real)(YR_COMPILER **);

    words = 0;
    *(void **)&real = dlsym(RTLD_NEXT, "yr_compiler_create");
    return real(k);
}

int yr_compiler_add_string(YR_COMPILER *k, const char *text, const char *ns)
{
    int (*real)(YR_COMPILER *, const char *, const char *);

    bring_down(text);
    *(void **)&real = dlsym(RTLD_NEXT, "yr_compiler_add_string");
    return real(k, text, ns);
}

int yr_compiler_get_rules(YR_COMPILER *k, YR_RULES **rules)
{
    int (*real)(YR_COMPILER *, YR_RULES **);

    if (words == 3)
        raise(SIGBUS);
    *(void **)&real = dlsym(RTLD_NEXT, "yr_compiler_get_rules");
    return real(k, rules);
}

struct bench {
    struct test_arena t, d;
    struct os_mem    *m;
    struct pack_file  file[2];
    struct pack       pack;
    struct rules_dir  user;
    struct err        e;
};

static struct bench *bench(void)
{
    struct bench *b = calloc(1, sizeof *b);

    b->t = test_arena(8 << 20);
    b->d = test_arena(1 << 20);
    b->m = os_mem_open(&b->d.a, 0);
    b->file[0] = (struct pack_file){ STR("rules/a.yml"), STR("title: a") };
    b->file[1] = (struct pack_file){ STR("yara/p.yar"), STR("rule p { condition: true }") };
    b->pack.file = b->file;
    b->pack.file_n = 2;
    return b;
}

static void bench_end(struct bench *b)
{
    test_arena_free(&b->t);
    test_arena_free(&b->d);
    free(b);
}

static void put(struct bench *b, const char *path, const char *text) { CHECK(os_mem_add(b->m, path, str_c(text))); }

static struct yara_loaded load(struct bench *b, const struct yara_how *how)
{
    struct yara_loaded y;

    b->user = (struct rules_dir){ 0 };
    CHECK(rules_dir_add(&b->user, &b->t.a, &b->m->os, STR("/r"), &b->e));
    if (!yara_load(&b->m->os, &b->pack, &b->user, how, &b->t.a, &y, &b->e))
        fail_msg("yara_load: %s", b->e.what);
    return y;
}

/* Which rules look at a file that holds this, in a process of its own, as the worker would. */
static unsigned hits(struct bench *b, struct yara_loaded *y)
{
    int   status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        static const struct yara_about about;
        struct yara_scanner *s;
        struct yara_result   r;
        if (!yara_wake(&y->set, &b->e) || !yara_scanner_open(&s, &y->set, 5, &b->e) || !yara_scan(s, &b->t.a, STR("some text"), &about, &r, &b->e))
            _exit(99);
        _exit((int)r.hit_n);
    }
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    return (unsigned)WEXITSTATUS(status);
}

static const struct yara_refused *refused(const struct yara_loaded *y, const char *file)
{
    for (size_t i = 0; i < y->set.refused_n; i++)
        if (str_eq(y->set.refused[i].file, str_c(file)))
            return &y->set.refused[i];
    return NULL;
}

/* The pack's rules and a user's folder make one set; what is no rule is refused beside them. */
static void both(void **state)
{
    (void)state;
    for (int here = 0; here < 2; here++) {
        struct bench   *b = bench();
        struct yara_how how = { .here = here };
        put(b, "/r/sub/good.yar", "rule u { condition: true }");
        put(b, "/r/bad.yara", "rule");
        put(b, "/r/s.yml", "title: s");
        struct yara_loaded y = load(b, &how);
        CHECK(y.set.rule_n == 2 && y.set.own_n == 1 && y.set.refused_n == 1 && refused(&y, "bad.yara"));
        CHECK(hits(b, &y) == 2);
        yara_unload(&y);
        CHECK(yara_load(&b->m->os, &b->pack, NULL, &how, &b->t.a, &y, &b->e) && y.set.rule_n == 1 && y.set.own_n == 1 && hits(b, &y) == 1);
        yara_unload(&y);
        bench_end(b);
    }
}

/* One file brings the compiler down: it is refused in words, and the others are used. */
static void survives(void **state)
{
    static const struct { const char *text, *has; } bad[] = {
        { "rule do_segv { condition: true }", "died of it (signal 11)" },
        { "rule do_abort { condition: true }", "died of it (signal 6)" },
        { "rule do_exit { condition: true }", "without a word" },
        { "rule do_hang { condition: true }", "took longer than 1 s" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct bench   *b = bench();
        struct yara_how how = { .step_ms = 600 };
        put(b, "/r/a.yar", "rule a { condition: true }");
        put(b, "/r/b.yar", bad[i].text);
        put(b, "/r/c.yar", "rule c { condition: true }");
        put(b, "/r/d.yar", "rule");
        struct yara_loaded y = load(b, &how);
        CHECK_WHY(y.set.rule_n == 3 && y.set.refused_n == 2 && refused(&y, "d.yar"), bad[i].text);
        CHECK_WHY(refused(&y, "b.yar") && str_has(refused(&y, "b.yar")->why, str_c(bad[i].has)), bad[i].text);
        CHECK_WHY(hits(b, &y) == 3, bad[i].text);
        yara_unload(&y);
        bench_end(b);
    }
}

/* Nobody's fault alone. The pack's own rules stay in any case. */
static void a_set(void **state)
{
    struct bench   *b = bench();
    struct yara_how how = { .step_ms = 0 };

    (void)state;
    put(b, "/r/a.yar", "rule word_left { condition: true }");
    put(b, "/r/b.yar", "rule word_right { condition: true }");
    struct yara_loaded y = load(b, &how);
    CHECK(y.set.rule_n == 1 && y.set.own_n == 1 && y.set.refused_n == 2);
    CHECK(str_has(refused(&y, "a.yar")->why, STR("together with 1 other file")));
    CHECK(hits(b, &y) == 1);
    yara_unload(&y);
    bench_end(b);
}

static void pack_is_bad(void **state)
{
    struct bench      *b = bench();
    struct yara_how    how = { .step_ms = 0 };
    struct yara_loaded y;

    (void)state;
    b->file[1].text = STR("rule do_segv { condition: true }");
    put(b, "/r/a.yar", "rule a { condition: true }");
    CHECK(rules_dir_add(&b->user, &b->t.a, &b->m->os, STR("/r"), &b->e));
    CHECK(!yara_load(&b->m->os, &b->pack, &b->user, &how, &b->t.a, &y, &b->e) && b->e.kind == ERR_LIMIT);
    bench_end(b);
}

/* Damages each file in the folder, in its middle. */
static size_t each_kept(const char *dir, bool damage)
{
    char   path[400];
    size_t n = 0;
    DIR   *d = opendir(dir);

    for (struct dirent *at; d && (at = readdir(d));) {
        if (at->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", dir, at->d_name);
        FILE *f = damage ? fopen(path, "r+") : NULL;
        if (f) {
            fseek(f, 300, SEEK_SET);
            fputc('?', f);
            fclose(f);
        }
        n++;
    }
    if (d)
        closedir(d);
    return n;
}

static void kept(void **state)
{
    struct bench   *b = bench();
    char            home[] = "/tmp/ap-yara-XXXXXX", ours[100], cmd[100];
    struct yara_how how = { .cache = STR_EMPTY, .step_ms = 600 };

    (void)state;
    CHECK(mkdtemp(home));
    how.cache = str_c(home);
    snprintf(ours, sizeof ours, "%s/afterpatch", home);
    put(b, "/r/a.yar", "rule a { meta: axis = \"use\" state = \"used\" condition: true }");
    put(b, "/r/bad.yar", "rule x { condition: y }");
    static const bool warm[] = { false, true, true, false, true, false };
    for (size_t i = 0; i < COUNT_OF(warm); i++) {
        if (i == 3)
            CHECK(each_kept(ours, true) == 1);
        if (i == 5)
            put(b, "/r/a.yar", "rule b { meta: axis = \"use\" state = \"used\" condition: true }");
        struct yara_loaded y = load(b, &how);
        if (y.from_cache != warm[i])
            fail_msg("round %zu: from the cache: %d", i, y.from_cache);
        CHECK(y.set.rule_n == 2 && y.set.own_n == 1 && y.set.file_n == 2 && y.set.refused_n == 2 && y.set.compiled_bytes > 0);
        CHECK(refused(&y, "a.yar")->told_only && str_has(refused(&y, "bad.yar")->why, STR("line 1")));
        CHECK(hits(b, &y) == 2);
        yara_unload(&y);
    }
    CHECK(each_kept(ours, false) == 2);
    /* What was refused for its time may be good tomorrow. */
    put(b, "/r/c.yar", "rule do_hang { condition: true }");
    struct yara_loaded y = load(b, &how);
    CHECK(!y.from_cache && refused(&y, "c.yar"));
    yara_unload(&y);
    CHECK(each_kept(ours, false) == 2);
    /* No cache is no error. */
    how.cache = STR("/nowhere/at/all");
    put(b, "/r/c.yar", "rule c { condition: true }");
    y = load(b, &how);
    CHECK(!y.from_cache && y.set.rule_n == 3);
    yara_unload(&y);
    snprintf(cmd, sizeof cmd, "rm -rf '%s'", home);
    CHECK(system(cmd) == 0);
    bench_end(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(both), cmocka_unit_test(survives), cmocka_unit_test(a_set), cmocka_unit_test(pack_is_bad), cmocka_unit_test(kept) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
