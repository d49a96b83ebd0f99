#include "files_bench.h"

#include "base/time.h"
#include "make_ese.h"
#include "make_mft.h"

#define SUM "Windows/System32/LogFiles/Sum/"
#define US INT64_C(1614738000000000)
static const uint8_t file_server[16] = { 0x6F, 0x22, 0xA9, 0x10, 0xEE, 0x50, 0xD8, 0x49, 0xA3, 0x93, 0x9A, 0x50, 0x1D, 0x47, 0xCE, 0x04 };

static void put(struct bench *b, const char *name, const struct mke *m) { bench_add(b, name, (struct str){ m->p, (size_t)MKE_PAGES * MKE_PAGE }); }

static void test_clients(void **state)
{
    struct bench *b = *state;
    struct mke    m = mke_open("CLIENTS"), other = mke_open("ROLE_IDS"), torn = mke_open("CLIENTS");
    struct ioc    bad = { IOC_IP, IOC_SUPPORTS, STR("198.51.100.23"), STR("an address of the campaign"), STR("a report") };
    struct ioc   *list = NEW(&b->keep.a, struct ioc, b->pack.ioc_n + 1);

    memcpy(list, b->pack.ioc, b->pack.ioc_n * sizeof *list);
    list[b->pack.ioc_n++] = bad;
    b->pack.ioc = list;
    mke_client(&m, 6, 1, file_server, 7, mk_ticks(US), mk_ticks(US + 60000000), (const uint8_t *)"\xC6\x33\x64\x17", 4, "BAKERY\\ben", 0, 0);
    mke_client(&m, 7, 2, file_server, 3, mk_ticks(US), mk_ticks(US), (const uint8_t *)"\5\6\7\10", 4, "", 0, 0);
    mke_client(&m, 7, 3, file_server, 400, mk_ticks(US), mk_ticks(US), (const uint8_t *)"\x0A\0\0\1", 4, "bakery\\anna", 1, 0);
    mke_client(&m, 7, 4, file_server, 1, mk_ticks(US), mk_ticks(US), (const uint8_t *)"\xFE\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16, "bakery\\exch01$", 1, 0);
    mke_le(torn.p + 52, 2, 4), mke_le(torn.p + 7 * MKE_PAGE + 34, 0xFFFF, 2);
    mke_client(&torn, 7, 4, file_server, 1, mk_ticks(US), mk_ticks(US), (const uint8_t *)"\x0A\0\0\1", 4, "x", 0, 0);
    put(b, SUM "Current.mdb", &m), put(b, SUM "SystemIdentity.mdb", &other), put(b, SUM "{0B1C2D3E-0000-4000-8000-00000000C0DE}.mdb", &torn);
    bench_text(b, SUM "Svc.mdb", "no database");
    bench_hunt(b);
    const struct file_fact *f = bench_find(b, FILE_FACT_NOTE, "files/access", "198.51.100.23");
    CHECK(f && f->severity == SEV_HIGH && f->time_us == US && f->used_us == US + 60000000 && str_has(f->cite.excerpt, STR("BAKERY\\ben: file server, 7 times")));
    CHECK(bench_find(b, FILE_FACT_NOTE, "files/access", "5.6.7.8") && !bench_find(b, FILE_FACT_NOTE, "files/access", "10.0.0.1") && !bench_find(b, FILE_FACT_NOTE, "files/access", "fe80"));
    f = bench_find(b, FILE_FACT_NOTE, "files/access-log", "Current.mdb");
    CHECK(f && str_has(f->why, STR("4 clients and accounts with 411 accesses")) && bench_count(b, "files/access-log") == 2 && bench_accused(b) == 0);
    bool told = false;
    for (size_t i = 0; i < b->v.refused_n; i++)
        told = told || str_ihas(b->v.refused[i].path, STR("C0DE"));
    CHECK(told);
    bench_faults(b);
    free(m.p), free(other.p), free(torn.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = { BENCH_TEST(test_clients) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
