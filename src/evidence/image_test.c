#include "test.h"

#include "evidence/ev.h"
#include "evidence/image.h"
#include "make_image.h"
#include "os/mem.h"

struct told { char text[512]; };
static void tell(void *ctx, struct str path, const char *what, const char *hint)
{
    struct told *t = ctx;

    (void)path;
    CHECK(what[0] && hint[0]);
    snprintf(t->text + strlen(t->text), sizeof t->text - strlen(t->text), "%s; ", what);
}

static bool open_raw(struct image **ret, struct os_mem *m, const uint8_t *v, size_t n, struct told *t, struct arena *keep, struct err *e)
{
    struct image_from from = { &m->os, STR("/"), STR("x.raw"), STR("x.raw") };
    const char       *what, *hint;

    if (!os_mem_add(m, "/x.raw", (struct str){ v, n }))
        return err_set(e, ERR_MEMORY, "no room");
    CHECK(image_probe((struct str){ v, 512 }, STR("x.raw"), 2 << 20, &what, &hint) == IMAGE_RAW);
    return image_open(ret, &from, IMAGE_RAW, tell, t, keep, e);
}

static void a_volume(void **state)
{
    struct test_arena disk = test_arena(4 << 20), keep = test_arena(4 << 20), a = test_arena(1 << 20);
    struct os_mem    *m = os_mem_open(&disk.a, DAY);
    uint8_t          *v = malloc(VOLUME);
    struct image     *im;
    struct told       told = { "" };
    struct err        e = { 0 };
    struct os_entry  *x;
    size_t            n, got;
    uint8_t           buf[1024];
    struct os_file    f;
    uint64_t          size;

    (void)state;
    mki_volume(v);
    CHECK(open_raw(&im, m, v, VOLUME, &told, &keep.a, &e));
    struct os *os = image_os(im);
    CHECK(os->list(os, STR_EMPTY, STR_EMPTY, &a.a, &x, &n, &e) && n == 1);
    CHECK_STR(x[0].name, STR("C"));
    CHECK(os->list(os, STR_EMPTY, STR("v0"), &a.a, &x, &n, &e));
    struct str inetpub = STR_EMPTY;
    for (size_t i = 0; i < n; i++)
        if (str_eq(x[i].name, STR("inetpub")))
            inetpub = x[i].key;
    struct str wwwroot = str_fmt(&a.a, "v0/%.*s", STR_ARG(inetpub));
    CHECK(inetpub.n && os->list(os, STR_EMPTY, wwwroot, &a.a, &x, &n, &e) && n == 1 && os->list(os, wwwroot, x[0].key, &a.a, &x, &n, &e));
    /* What is gone and whole is listed as such; what others have written over is not. */
    CHECK(n == 2 && x[0].st.earlier == OS_DELETED && x[1].st.earlier == 0);
    CHECK_STR(x[0].name, STR("gone.aspx"));
    CHECK(x[1].st.btime_us == DAY && x[1].st.mtime_us == DAY - TIME_DAY);
    CHECK(os->open(os, STR("v0"), x[0].key, &f, &size, &e) && size == 700 && os->read_at(os, f, 0, buf, sizeof buf, &got, &e) && got == 700 && buf[0] == 'p' && buf[699] == 'p');
    os->close(os, &f);
    CHECK(os->open(os, STR("v0"), x[1].key, &f, &size, &e) && os->read_at(os, f, 2, buf, 5, &got, &e) && got == 5 && memcmp(buf, "onfig", 5) == 0);
    os->close(os, &f);
    CHECK(!os->open(os, STR("v0"), STR("99999"), &f, &size, &e) && !os->open(os, STR("v7"), x[0].key, &f, &size, &e));
    struct err none = { 0 };
    CHECK(!os->mkdir(os, STR("x"), &none) && !os->write(os, f, STR("x"), &none));
    image_close(im);
    CHECK(m->open_now == 0);
    free(v);
    test_arena_free(&disk), test_arena_free(&keep), test_arena_free(&a);
}

static void told_and_refused(void **state)
{
    static const struct { size_t at; int byte; const char *what; const char *why; } c[] = {
        { 13, 0xE5, "clusters of", "absurd geometry" }, { 0x40, 0x7F, "records of", "absurd records" }, { 0x30, 0xFF, "", "a table that lies elsewhere" },
        { 3, '-', "no volume", "no kind that is known" }, { TABLE, 'x', "not a record", "no table" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        struct test_arena disk = test_arena(4 << 20), keep = test_arena(4 << 20);
        struct os_mem    *m = os_mem_open(&disk.a, DAY);
        uint8_t          *v = malloc(VOLUME);
        struct image     *im;
        struct told       told = { "" };
        struct err        e = { 0 };
        struct image_from from = { &m->os, STR("/"), STR("x.raw"), STR("x.raw") };
        mki_volume(v);
        mk_le(v + 0x38, 200, 8);                        /* the mirror is no help */
        v[c[i].at] = (uint8_t)c[i].byte;
        CHECK(os_mem_add(m, "/x.raw", (struct str){ v, VOLUME }));
        CHECK_WHY(!image_open(&im, &from, IMAGE_RAW, tell, &told, &keep.a, &e) && e.kind == ERR_FORMAT && strstr(e.what, c[i].what) && e.hint[0], c[i].why);
        CHECK(m->open_now == 0);
        free(v);
        test_arena_free(&disk), test_arena_free(&keep);
    }
}

/* Every cut of the image ends in words, never in silence or worse. */
static void cut(void **state)
{
    (void)state;
    for (size_t n = 512; n < VOLUME; n += 1531) {
        struct test_arena disk = test_arena(4 << 20), keep = test_arena(4 << 20);
        struct os_mem    *m = os_mem_open(&disk.a, DAY);
        uint8_t          *v = malloc(VOLUME);
        struct image     *im;
        struct told       told = { "" };
        struct err        e = { 0 };
        mki_volume(v);
        struct str part = test_heap(v, n);
        if (open_raw(&im, m, part.p, n, &told, &keep.a, &e))
            image_close(im);
        else
            CHECK(e.kind == ERR_FORMAT && e.what[0]);
        CHECK(m->open_now == 0);
        test_free(part);
        free(v);
        test_arena_free(&disk), test_arena_free(&keep);
    }
}

static void probes(void **state)
{
    static const struct { const char *head; size_t n; const char *name; enum image_kind kind; } c[] = {
        { "EVF\x09\x0d\x0a\xff\0\1\1\0\0\0", 13, "x.E01", IMAGE_EWF }, { "EVF\x09\x0d\x0a\xff\0\1\2\0\0\0", 13, "x.E02", IMAGE_PIECE }, { "EVF2\x0d\x0a\x81\0", 8, "x.Ex01", IMAGE_OTHER },
        { "vhdxfile", 8, "x.vhdx", IMAGE_VHDX }, { "conectix", 8, "x.vhd", IMAGE_VHD }, { "KDMV", 4, "x.vmdk", IMAGE_VMDK }, { "KDMV", 4, "x-s001.vmdk", IMAGE_PIECE },
        { "# Disk DescriptorFile\n", 22, "x.vmdk", IMAGE_VMDK }, { "QFI\xfb", 4, "x.qcow2", IMAGE_OTHER }, { "text", 4, "x.001", IMAGE_NONE },
    };

    (void)state;
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        const char *what, *hint;
        struct str  in = test_heap(c[i].head, c[i].n);
        CHECK_WHY(image_probe(in, str_c(c[i].name), 1 << 24, &what, &hint) == c[i].kind, c[i].name);
        CHECK_WHY((c[i].kind == IMAGE_OTHER) == (what[0] && hint[0]), c[i].name);
        test_free(in);
    }
}

/* As evidence: original paths, deleted ones apart from what is there. */
static void as_evidence(void **state)
{
    struct test_arena disk = test_arena(16 << 20), keep = test_arena(96 << 20);
    struct os_mem    *m = os_mem_open(&disk.a, DAY);
    uint8_t          *v = calloc(1, 2 << 20);
    struct ev         ev;
    struct err        e = { 0 };
    struct str        path = STR("/case/x.raw");

    (void)state;
    mki_volume(v);
    CHECK(os_mem_add(m, "/case/x.raw", (struct str){ v, 2 << 20 }));
    CHECK(ev_open(&ev, &m->os, &keep.a, &path, 1, &e));
    CHECK(ev.source_n == 1 && strcmp(ev.source[0].kind, "image") == 0 && strcmp(ev.source[0].layout, "raw") == 0);
    CHECK(ev_has_dir(&ev, STR("C:\\inetpub\\wwwroot")) && ev_find(&ev, STR("C:\\inetpub\\wwwroot\\web.config")) && !ev_find(&ev, STR("C:\\inetpub\\wwwroot\\gone.aspx")));
    bool gone = false;
    for (size_t i = 0; i < ev.node_n; i++)
        gone = gone || (str_eq(ev.node[i].path, STR("C:\\inetpub\\wwwroot\\gone.aspx")) && ev.node[i].shadow == OS_DELETED);
    CHECK(gone);
    ev_close(&ev);
    CHECK(m->open_now == 0);
    free(v);
    test_arena_free(&disk), test_arena_free(&keep);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_volume), cmocka_unit_test(told_and_refused), cmocka_unit_test(cut), cmocka_unit_test(probes), cmocka_unit_test(as_evidence) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
