/* Letters of drives from the registry of the Windows in an image, or in another; and images that are a collector's containers. */
#include "test.h"

#include "evidence/ev.h"
#include "evidence/image.h"
#include "make_hive.h"
#include "make_image.h"
#include "make_zip.h"
#include "os/mem.h"

enum { PART_1 = 64 * 512, PART_2 = PART_1 + VOLUME, DISK = PART_2 + VOLUME + 64 * 512, ROOM = 4 << 20 };

struct told { char text[1024]; };
static void tell(void *ctx, struct str path, const char *what, const char *hint)
{
    struct told *t = ctx;

    CHECK(what[0] && hint[0]);
    snprintf(t->text + strlen(t->text), sizeof t->text - strlen(t->text), "%.*s: %s; ", STR_ARG(path), what);
}

/* \Windows\System32\config\SYSTEM with these devices. */
struct device { const char *name; uint8_t data[24]; size_t n; };
static void registry(uint8_t *volume, const struct device *d, size_t n)
{
    struct mh     *m = mh_open("ROOT", DAY);
    struct mh_key *k = mh_key(m, "MountedDevices", DAY);
    size_t         size;
    struct mk_mft  f;
    uint8_t        runs[] = { 0x21, 0, 140, 0, 0 };

    for (size_t i = 0; i < n; i++)
        mh_value(k, d[i].name, MH_BINARY, d[i].data, d[i].n);
    uint8_t *hive = mh_write(m, "SYSTEM", DAY, &size);
    CHECK(140 * CLUSTER + size < VOLUME);
    runs[1] = (uint8_t)((size + CLUSTER - 1) / CLUSTER);
    memcpy(volume + 140 * CLUSTER, hive, size);
    mkf_file(volume + TABLE + 20 * 1024, 20, 1, 1, 1, 11, 1, "config", DAY, DAY, NULL);
    f = mkf_begin(volume + TABLE + 21 * 1024, 21, 1, 1, 0), mkf_standard(&f, DAY, DAY), mkf_name(&f, 20, 1, "SYSTEM", DAY, 1);
    mkf_runs(&f, "", runs, sizeof runs, runs[1], size, 0), mkf_end(&f);
    free(hive);
    mh_free(m);
}

static struct device mbr_device(const char *name, const char *signature, uint64_t off)
{
    struct device d = { .name = name, .n = 12 };
    memcpy(d.data, signature, 4), mk_le(d.data + 4, off, 8);
    return d;
}
static struct device gpt_device(const char *name, int guid)
{
    struct device d = { .name = name, .n = 24 };
    memcpy(d.data, "DMIO:ID:", 8), memset(d.data + 8, guid, 16);
    return d;
}

/* A volume without Windows. */
static void data_volume(uint8_t *v)
{
    mki_volume(v);
    mkf_file(v + TABLE + 10 * 1024, 10, 1, 1, 1, 5, 5, "Exchsrvr", DAY, DAY, NULL);
}

static void mbr_disk(uint8_t *p, const char *signature)
{
    memset(p, 0, DISK);
    memcpy(p + 440, signature, 4);
    p[446 + 4] = 7, mk_le(p + 446 + 8, PART_1 / 512, 4), mk_le(p + 446 + 12, VOLUME / 512, 4);
    p[462 + 4] = 7, mk_le(p + 462 + 8, PART_2 / 512, 4), mk_le(p + 462 + 12, VOLUME / 512, 4);
    p[510] = 0x55, p[511] = 0xAA;
}
static void gpt_disk(uint8_t *p)
{
    memset(p, 0, DISK);
    p[446 + 4] = 0xEE, mk_le(p + 446 + 8, 1, 4), mk_le(p + 446 + 12, DISK / 512 - 1, 4), p[510] = 0x55, p[511] = 0xAA;
    memcpy(p + 512, "EFI PART", 8), memset(p + 512 + 56, 9, 16), mk_le(p + 512 + 72, 2, 8), mk_le(p + 512 + 80, 2, 4), mk_le(p + 512 + 84, 128, 4);
    for (int i = 0; i < 2; i++) {
        uint8_t *x = p + 1024 + 128 * i;
        memset(x, 0x33, 16), memset(x + 16, 0xA0 + i, 16), mk_le(x + 32, (i ? PART_2 : PART_1) / 512, 8), mk_le(x + 40, (i ? PART_2 + VOLUME : PART_2) / 512 - 1, 8);
    }
}

struct set { struct test_arena disk, keep, a; struct os_mem *m; struct told told; };
static void set_make(struct set *s)
{
    *s = (struct set){ test_arena(ROOM), test_arena(ROOM), test_arena(ROOM), NULL, { "" } };
    s->m = os_mem_open(&s->disk.a, DAY);
}
static void set_drop(struct set *s)
{
    CHECK(s->m->open_now == 0);
    test_arena_free(&s->disk), test_arena_free(&s->keep), test_arena_free(&s->a);
}
static struct image *image(struct set *s, const char *name, const uint8_t *p)
{
    struct str        path = str_fmt(&s->keep.a, "%s%c", name, 0);
    struct image_from from = { &s->m->os, STR("/"), str_c((const char *)path.p + 1), STR("x") };
    struct image     *im;
    struct err        e = { 0 };

    CHECK(os_mem_add(s->m, (const char *)path.p, (struct str){ p, DISK }));
    CHECK(image_open(&im, &from, IMAGE_RAW, tell, &s->told, &s->keep.a, &e));
    return im;
}
/* "CD": the letters of its volumes, in the order of the disk. */
static void letters(struct set *s, struct image *im, const char *want)
{
    struct os_entry *x;
    size_t           n;
    struct err       e = { 0 };
    char             got[8] = "";

    CHECK(image_os(im)->list(image_os(im), STR_EMPTY, STR_EMPTY, &s->a.a, &x, &n, &e) && n < sizeof got);
    for (size_t i = 0; i < n; i++)
        got[x[i].key.p[1] - '0'] = (char)x[i].name.p[0];
    assert_string_equal(got, want);
}

static void by_the_registry(void **state)
{
    static uint8_t p[DISK];
    struct device  c = mbr_device("\\DosDevices\\C:", "lab!", PART_1), e = mbr_device("\\DosDevices\\E:", "lab!", PART_2), other = mbr_device("\\DosDevices\\D:", "else", PART_2),
                   off = mbr_device("\\DosDevices\\F:", "lab!", PART_2 + 512), link = mbr_device("\\??\\Volume{1}", "lab!", PART_2), odd = { "\\DosDevices\\G:", "text", 7 };
    const struct { struct device d[4]; size_t n; const char *letters; bool guess; const char *why; } t[] = {
        { { c, e }, 2, "CE", false, "both are known" },
        { { other, off, link, odd }, 4, "CD", true, "none of them is meant" },
        { { mbr_device("\\DosDevices\\D:", "lab!", PART_1), mbr_device("\\DosDevices\\C:", "lab!", PART_2) }, 2, "DC", false, "Windows on D:" },
        { { e }, 1, "CE", false, "Windows itself is not listed" },
        { { gpt_device("\\DosDevices\\E:", 0) }, 1, "CD", true, "no GUID on such a disk" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct set    s;
        struct image *im;
        set_make(&s);
        mbr_disk(p, "lab!");
        mki_volume(p + PART_1), registry(p + PART_1, t[i].d, t[i].n), data_volume(p + PART_2);
        im = image(&s, "/x.raw", p);
        letters(&s, im, t[i].letters);
        CHECK(!s.told.text[0]);
        image_letters(&im, 1);
        letters(&s, im, t[i].letters);
        CHECK_WHY(!strstr(s.told.text, "is a guess") == !t[i].guess, t[i].why);
        image_close(im);
        set_drop(&s);
    }
}

static void by_guid(void **state)
{
    static uint8_t p[DISK];
    struct device  d[] = { gpt_device("\\DosDevices\\C:", 0xA0), gpt_device("\\DosDevices\\X:", 0xA1), mbr_device("\\DosDevices\\D:", "\t\t\t\t", PART_2) };
    struct set     s;

    (void)state;
    set_make(&s);
    gpt_disk(p);
    mki_volume(p + PART_1), registry(p + PART_1, d, 3), data_volume(p + PART_2);
    struct image *im = image(&s, "/x.raw", p);
    image_letters(&im, 1);
    letters(&s, im, "CX");
    CHECK(!s.told.text[0]);
    image_close(im);
    set_drop(&s);
}

/* Two disks of one server, and one of nobody. */
static void of_another_image(void **state)
{
    static uint8_t p[3][DISK];
    struct device  d[] = { mbr_device("\\DosDevices\\C:", "sys!", PART_1), mbr_device("\\DosDevices\\D:", "sys!", PART_2), mbr_device("\\DosDevices\\M:", "data", PART_1),
                           mbr_device("\\DosDevices\\N:", "data", PART_2) };
    struct set     s;
    struct image  *im[3];

    (void)state;
    set_make(&s);
    mbr_disk(p[0], "data"), data_volume(p[0] + PART_1), data_volume(p[0] + PART_2);
    mbr_disk(p[1], "sys!"), mki_volume(p[1] + PART_1), registry(p[1] + PART_1, d, 4), data_volume(p[1] + PART_2);
    mbr_disk(p[2], "odd!"), data_volume(p[2] + PART_1), data_volume(p[2] + PART_2);
    im[0] = image(&s, "/a.raw", p[0]), im[1] = image(&s, "/b.raw", p[1]), im[2] = image(&s, "/c.raw", p[2]);
    image_letters(im, 3);
    letters(&s, im[0], "MN"), letters(&s, im[1], "CD"), letters(&s, im[2], "EF");
    CHECK(image_named_by(im[0]) == 1 && image_named_by(im[1]) == 1 && image_named_by(im[2]) == 2);
    CHECK(strstr(s.told.text, "letter E is a guess") && strstr(s.told.text, "letter F is a guess") && !strstr(s.told.text, "letter M"));
    for (int i = 0; i < 3; i++)
        image_close(im[i]);
    set_drop(&s);
}

/* A SYSTEM that is no hive, or a damaged one: as if there were none. */
static void no_hive(void **state)
{
    static uint8_t p[DISK];
    struct device  d = mbr_device("\\DosDevices\\E:", "lab!", PART_2);

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct set    s;
        set_make(&s);
        mbr_disk(p, "lab!");
        mki_volume(p + PART_1), registry(p + PART_1, &d, 1), data_volume(p + PART_2);
        if (i == 0)
            memset(p + PART_1 + 140 * CLUSTER, 0, 4096);
        else
            memset(p + PART_1 + 148 * CLUSTER, 0xFF, 1024);
        struct image *im = image(&s, "/x.raw", p);
        image_letters(&im, 1);
        letters(&s, im, "CD");
        image_close(im);
        set_drop(&s);
    }
}

/* ---- containers ---- */

/* C\inetpub\wwwroot\x.aspx, C\Windows\..., a list of KAPE's, and what Windows leaves on every disk that it attaches. */
static void container_volume(uint8_t *v, const char *drive)
{
    uint8_t *t = v + TABLE;

    mki_volume(v);
    memset(t + 10 * 1024, 0, 13 * 1024);
    mkf_file(t + 31 * 1024, 31, 1, 1, 1, 5, 5, drive, DAY, DAY, NULL);
    mkf_file(t + 24 * 1024, 24, 1, 1, 1, 31, 1, "Windows", DAY, DAY, NULL);
    mkf_file(t + 25 * 1024, 25, 1, 1, 1, 31, 1, "inetpub", DAY, DAY, NULL);
    mkf_file(t + 26 * 1024, 26, 1, 1, 1, 25, 1, "wwwroot", DAY, DAY, NULL);
    mkf_file(t + 27 * 1024, 27, 1, 1, 0, 26, 1, "web.config", DAY, DAY, "<configuration/>");
    mkf_file(t + 28 * 1024, 28, 2, 0, 0, 26, 1, "old.aspx", DAY, DAY, "<%%>");
    mkf_file(t + 29 * 1024, 29, 1, 1, 1, 5, 5, "System Volume Information", DAY, DAY, NULL);
    mkf_file(t + 30 * 1024, 30, 1, 1, 0, 5, 5, "2021-03-12T100000_CopyLog.csv", DAY, DAY, "CopiedTimestamp,SourceFile,DestinationFile,FileSize\r\n");
}

static void as_collection(void **state)
{
    static const struct { const char *name, *kind, *layout; bool beside; } c[] = {
        { "2021-03-12T100000_Exchange_EXCH01.vhdx", "collection", "kape", false }, { "x.vhdx", "collection", "kape", false },
        { "2021-03-12T100000_Exchange_EXCH01.vhdx", "collection", "kape", true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        struct test_arena disk = test_arena(16 << 20), keep = test_arena(96 << 20);
        struct os_mem    *m = os_mem_open(&disk.a, DAY);
        uint8_t           v[VOLUME], *p;
        struct ev         ev;
        struct err        e = { 0 };
        char              path[100];
        size_t            n;
        container_volume(v, "C");
        p = mki_vhdx(v, VOLUME, &n);
        snprintf(path, sizeof path, "/case/%s", c[i].name);
        struct str given = c[i].beside ? STR("/case") : str_c(path);
        CHECK(os_mem_add(m, path, (struct str){ p, n }));
        if (c[i].beside)
            CHECK(os_mem_add(m, "/case/2021-03-12T100000_ConsoleLog.txt", STR("KAPE version 1.3\n")));
        CHECK(ev_open(&ev, &m->os, &keep.a, &given, 1, &e));
        bool found = false;
        for (size_t k = 0; k < ev.source_n; k++)
            found = found || (strcmp(ev.source[k].kind, c[i].kind) == 0 && strcmp(ev.source[k].layout, c[i].layout) == 0);
        CHECK_WHY(found, path);
        const struct ev_node *x = ev_find(&ev, STR("C:\\inetpub\\wwwroot\\web.config"));
        CHECK(x && ev_has_dir(&ev, STR("C:\\inetpub\\wwwroot")) && !ev_has_dir(&ev, STR("D:\\C")));
        uint8_t buf[32];
        size_t  got;
        CHECK(ev_read(&ev, x, 0, buf, sizeof buf, &got, &e) && got == 16 && memcmp(buf, "<configuration/>", 16) == 0);
        for (size_t k = 0; k < ev.node_n; k++)
            CHECK(str_find(ev.node[k].path, STR("old.aspx")) == STR_NONE);
        ev_close(&ev);
        CHECK(m->open_now == 0);
        free(p);
        test_arena_free(&disk), test_arena_free(&keep);
    }
}

/* A disk with data that happens to have a folder "C" is no container: nothing of a drive lies in it. */
static void no_container(void **state)
{
    static uint8_t p[DISK];

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct set s;
        struct str root;
        struct err e = { 0 };
        set_make(&s);
        mbr_disk(p, "lab!");
        memset(p + 462, 0, 16);
        if (i == 0)
            data_volume(p + PART_1), mkf_file(p + PART_1 + TABLE + 24 * 1024, 24, 1, 1, 1, 5, 5, "C", DAY, DAY, NULL);
        else
            mki_volume(p + PART_1), mkf_file(p + PART_1 + TABLE + 24 * 1024, 24, 1, 1, 1, 5, 5, "C", DAY, DAY, NULL),
                mkf_file(p + PART_1 + TABLE + 25 * 1024, 25, 1, 1, 1, 24, 1, "Windows", DAY, DAY, NULL);      /* a backup on the disk with Windows */
        struct image *im = image(&s, "/x.raw", p);
        CHECK(image_is_container(im, &root, &e) && !root.n);
        image_close(im);
        set_drop(&s);
    }
}

/* As KAPE packs its containers: a zip with the disk in it. In memory, on a disk, and where there is no room. */
static void in_a_zip(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct test_arena disk = test_arena(24 << 20), keep = test_arena(96 << 20);
        struct os_mem    *m = os_mem_open(&disk.a, DAY);
        struct ev_options opt = ev_options_default();
        struct trees      t;
        struct ev         ev;
        struct err        e = { 0 };
        struct str        given = STR("/case/2021-03-12T100000_Exchange_EXCH01.zip");
        uint8_t           v[VOLUME], *p;
        size_t            n;
        container_volume(v, "C");
        p = mki_vhdx(v, VOLUME, &n);
        struct zip_file file = { "2021-03-12T100000_Exchange_EXCH01.vhdx", { p, n } };
        CHECK(os_mem_add(m, "/case/2021-03-12T100000_Exchange_EXCH01.zip", make_zip(&disk.a, &file, 1)) && os_mem_dir(m, "/out"));
        if (i == 1)
            opt.spool_dir = STR("/out");
        if (i == 2)
            opt.limits.spool_memory = 64;
        bool found = trees_find(&t, &m->os, &keep.a, &given, 1, &opt, &e);
        if (i < 2) {
            uint32_t which[8];
            CHECK(found && t.tree_n && t.tree_n < 8);
            for (uint32_t k = 0; k < t.tree_n; k++)
                which[k] = k;
            CHECK(ev_open_trees(&ev, &keep.a, &t, which, t.tree_n, &e));
            const struct ev_node *x = ev_find(&ev, STR("C:\\inetpub\\wwwroot\\web.config"));
            uint8_t buf[32];
            size_t  got;
            CHECK(x && ev_read(&ev, x, 0, buf, sizeof buf, &got, &e) && got == 16 && memcmp(buf, "<configuration/>", 16) == 0);
            ev_close(&ev);
        }
        if (i == 2) {
            size_t                told_n;
            uint64_t              more;
            const struct trouble *x = found ? trouble_list(t.trouble, &told_n, &more) : NULL;
            CHECK(x && told_n == 1 && str_has(x->what, STR("unreadable image")) && str_has(x->hint, STR("--out")));
        }
        if (found)
            trees_close(&t);
        CHECK(m->open_now == 0);
        free(p);
        test_arena_free(&disk), test_arena_free(&keep);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(by_the_registry), cmocka_unit_test(by_guid), cmocka_unit_test(of_another_image), cmocka_unit_test(no_hive),
                                        cmocka_unit_test(as_collection), cmocka_unit_test(in_a_zip), cmocka_unit_test(no_container) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
