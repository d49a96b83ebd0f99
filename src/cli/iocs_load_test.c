#include "cli/iocs_load.h"
#include "report/parts.h"
#include "report/support_test.h"

#include "os/mem.h"

struct disk { struct test_arena a; struct os_mem *m; struct arena scratch, room; struct iocs s; struct err e; };

static void disk_open(struct disk *d)
{
    memset(d, 0, sizeof *d);
    d->a = test_arena(32u << 20);
    d->scratch = (struct arena){ d->a.a.end - (4 << 20), d->a.a.end, NULL };
    d->a.a.end = d->scratch.beg;
    d->m = os_mem_open(&d->a.a, 0);
    CHECK(d->m);
}

static bool load(struct disk *d, const char *list) { return iocs_load(&d->m->os, str_c(list), d->scratch, &d->s, &d->room, &d->e); }

static void disk_close(struct disk *d)
{
    CHECK(d->m->open_now == 0);
    os_arena_unmap(&d->room);
    test_arena_free(&d->a);
}

static void folders_and_files(void **state)
{
    struct disk d;

    (void)state;
    disk_open(&d);
    CHECK(os_mem_add(d.m, "/f/a.txt", STR("198.51.100.1\n")) && os_mem_add(d.m, "/f/sub/b.csv", STR("type,value\nip,198.51.100.2\n")));
    CHECK(os_mem_add(d.m, "/f/.git/c.txt", STR("198.51.100.3\n")) && os_mem_add(d.m, "/f/picture.bin", STR("\0\1\2\3")) && os_mem_add(d.m, "/one.txt", STR("198.51.100.4\n")));
    CHECK(load(&d, "/f,/one.txt") && d.s.n == 3 && d.s.refused_n == 1 && d.s.file_n == 4);
    CHECK(str_eq(d.s.file[d.s.refused[0].file].name, STR("picture.bin")));
    disk_close(&d);
}

static void what_is_not_there(void **state)
{
    struct disk d;

    (void)state;
    disk_open(&d);
    CHECK(os_mem_add(d.m, "/f/x.bin", STR("\0\1\2\3")) && os_mem_dir(d.m, "/none"));
    CHECK(!load(&d, "/missing") && d.e.kind != ERR_NONE && d.e.hint[0]);
    CHECK(!load(&d, "/none") && d.e.kind == ERR_USAGE);
    CHECK(!load(&d, "/f/x.bin") && d.e.kind == ERR_FORMAT && strstr(d.e.where, "/f/x.bin"));
    CHECK(!load(&d, ",") && d.e.kind == ERR_USAGE);
    disk_close(&d);
}

/* What we write for others, we read: the hash of the page, the address of the intruder. */
static void our_own_forms(void **state)
{
    static write_form *const forms[] = { report_stix_write, report_misp_write };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct drawn d = draw(FIX_FULL, forms[i]);
        struct disk  k;
        size_t       hashes = 0, want = 0;
        disk_open(&k);
        CHECK(os_mem_add(k.m, "/own.json", d.text) && load(&k, "/own.json"));
        CHECK(k.s.n > 0 && iocs_find_ip(&k.s, STR("198.51.100.23")) != SIZE_MAX);
        for (size_t b = 0; b < d.x->r.back_door_n; b++)
            want += d.x->r.back_door[b].sha256.n > 0;
        hashes = iocs_count(&k.s, IOC_SHA256);
        CHECK(want == 0 || hashes > 0);
        CHECK(k.s.file[0].publisher.n > 0);
        for (size_t n = 0; n < k.s.n; n++)
            CHECK(k.s.item[n].weight != IOC_ACCUSES);
        disk_close(&k);
        drawn_free(&d);
    }
}

/* Each call that a real disk could fail fails once: said, and nothing stays open or mapped. */
static void the_disk_fails(void **state)
{
    (void)state;
    for (uint32_t n = 1;; n++) {
        struct disk d;
        disk_open(&d);
        CHECK(os_mem_add(d.m, "/f/a.txt", STR("198.51.100.1\n")) && os_mem_add(d.m, "/f/sub/b.csv", STR("type,value\nip,198.51.100.2\n")));
        d.m->fault = (struct fault){ .left = n };
        bool ok = load(&d, "/f"), fired = d.m->fault.fired;
        CHECK(ok == !fired && (ok || (d.e.kind != ERR_NONE && d.e.what[0])));
        disk_close(&d);
        if (!fired)
            return;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(folders_and_files), cmocka_unit_test(what_is_not_there), cmocka_unit_test(our_own_forms),
                                        cmocka_unit_test(the_disk_fails) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
