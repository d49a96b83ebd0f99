/* A Maildir on the real disk, with what does not belong there; an mbox. */
#include "test.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/num.h"
#include "notify/mailbox.h"
#include "os/rename.h"

static int wipe(const char *path, const struct stat *st, int kind, struct FTW *at) { (void)st; (void)kind; (void)at; return remove(path); }

static void put(const char *dir, const char *name, const char *text)
{
    char path[300];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static bool there(const char *dir, const char *name)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return access(path, F_OK) == 0;
}

static void maildir(void **state)
{
    char         dir[] = "/tmp/ap_mailbox.XXXXXX", path[300];
    uint8_t      room[64 << 10];
    struct arena a = { .beg = room, .end = room + sizeof room };
    struct os    os = os_posix();
    struct err   e = { 0 };
    struct mailbox m;
    struct str  *name, bytes;
    size_t       n;
    uint64_t     left;

    (void)state;
    CHECK(mkdtemp(dir) && !mailbox_open(&os, str_c(dir), &m, &e) && e.kind == ERR_USAGE);
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, i == 0 ? "new" : i == 1 ? "cur" : "tmp");
        CHECK(mkdir(path, 0755) == 0);
    }
    put(dir, "secret", "not mail");
    put(dir, "new/2.b", "second");
    put(dir, "new/1.a", "first");
    put(dir, "new/3.c:2,F", "third");
    snprintf(path, sizeof path, "%s/new/0.link", dir);
    CHECK(symlink("../secret", path) == 0);
    snprintf(path, sizeof path, "%s/new/4.folder", dir);
    CHECK(mkdir(path, 0755) == 0);
    e = (struct err){ 0 };
    CHECK(mailbox_open(&os, str_c(dir), &m, &e) && m.kind == MAILBOX_DIR && mailbox_list(&m, &a, &name, &n, &left, &e) && n == 3 && left == 2);
    CHECK(str_eq(name[0], STR("1.a")) && str_eq(name[2], STR("3.c:2,F")));
    CHECK(mailbox_take(&m, name[0], &a, &bytes, &e) && str_eq(bytes, STR("first")));
    CHECK(!mailbox_take(&m, STR("0.link"), &a, &bytes, &e));
    e = (struct err){ 0 };
    CHECK(mailbox_seen(&m, name[0], false, &e) && there(dir, "cur/1.a:2,S") && !there(dir, "new/1.a"));
    CHECK(mailbox_seen(&m, name[1], true, &e) && there(dir, "cur/2.b:2,"));
    CHECK(mailbox_seen(&m, name[2], true, &e) && there(dir, "cur/3.c:2,F"));
    /* What is there already stays; a link is not moved; nothing leaves the folder. */
    put(dir, "new/1.a", "another");
    CHECK(!mailbox_seen(&m, STR("1.a"), false, &e) && e.kind == ERR_IO && there(dir, "new/1.a"));
    e = (struct err){ 0 };
    CHECK(!mailbox_seen(&m, STR("0.link"), false, &e) && !mailbox_seen(&m, STR("../secret"), false, &e) && there(dir, "secret"));
    e = (struct err){ 0 };
    CHECK(!os_move(str_c(dir), STR("new"), STR("1.a"), STR(".."), STR("x"), &e) && e.kind == ERR_USAGE);
    snprintf(path, sizeof path, "%s/new/1.a", dir);
    e = (struct err){ 0 };
    CHECK(mailbox_open(&os, str_c(path), &m, &e) && m.kind == MAILBOX_FILE && mailbox_bytes(&m, &a, &bytes, &e) && str_eq(bytes, STR("another")) && !mbox_is(bytes));
    nftw(dir, wipe, 8, FTW_DEPTH | FTW_PHYS);
}

static void mbox(void **state)
{
    static const struct { const char *text; size_t n; const char *first, *last, *why; } c[] = {
        { "From a@b.example Sat Mar  6 14:02:11 2021\nSubject: 1\n\nx\n\nFrom c@d.example Sat Mar  6 14:02:11 2021\nSubject: 2\n\ny\n", 2, "Subject: 1\n\nx\n\n", "Subject: 2\n\ny\n", "two" },
        { "From a\nSubject: 1\n\nx\nFrom here on it is text\n", 1, "Subject: 1\n\nx\nFrom here on it is text\n", NULL, "a line of text, without an empty one before it" },
        { "From a\r\nSubject: 1\r\n\r\nx\r\n\r\nFrom b\r\nSubject: 2\r\n\r\n", 2, "Subject: 1\r\n\r\nx\r\n\r\n", "Subject: 2\r\n\r\n", "CRLF" },
        { "From a\n\nFrom b\n\nFrom c", 3, "\n", "", "nothing but separators" },
        { "", 0, NULL, NULL, "nothing" },
        { "Subject: x\n\n\nFrom \n", 2, "Subject: x\n\n\n", "", "it does not begin with one" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct str rest = str_c(c[i].text), m, first = STR_EMPTY, last = STR_EMPTY;
        size_t     n = 0;

        while (mbox_next(&rest, &m)) {
            first = n++ ? first : m;
            last = m;
            CHECK_WHY(n < 100, c[i].why);
        }
        CHECK_WHY(n == c[i].n, c[i].why);
        CHECK_WHY(!c[i].first || str_eq(first, str_c(c[i].first)), c[i].why);
        CHECK_WHY(!c[i].last || str_eq(last, str_c(c[i].last)), c[i].why);
    }
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(maildir), cmocka_unit_test(mbox) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
