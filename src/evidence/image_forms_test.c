/* The forms that a disk image comes in: each holds what the raw one holds; tables that make no sense end in words; what fails on the way is told, and nothing stays open. */
#include "test.h"

#include "base/num.h"
#include "evidence/image.h"
#include "make_image.h"
#include "os/mem.h"

enum { DISK = 1 << 20, KEEP = 1 << 20, TOLD = 2048 };

struct told { char text[TOLD]; };
static void tell(void *ctx, struct str path, const char *what, const char *hint)
{
    struct told *t = ctx;

    (void)path;
    CHECK(what[0] && hint[0]);
    snprintf(t->text + strlen(t->text), sizeof t->text - strlen(t->text), "%s; ", what);
}

static uint64_t mix(uint64_t h, const uint8_t *p, size_t n) { for (; n--; p++) h = (h ^ *p) * UINT64_C(0x100000001B3); return h; }

/* Names, sizes and bytes of all that is listed; *ret_lost counts what could not be listed or read. */
static uint64_t walk(struct os *os, struct str below, struct arena a, int depth, size_t *ret_lost)
{
    static uint8_t   block[4096];
    struct os_entry *x;
    size_t           n, got;
    struct err       e = { 0 };
    uint64_t         sum = UINT64_C(0xCBF29CE484222325), size;

    if (depth > 16)
        return 0;
    if (!os->list(os, STR_EMPTY, below, &a, &x, &n, &e))
        return CHECK(e.what[0]), ++*ret_lost, 0;
    for (size_t i = 0; i < n; i++) {
        struct arena   here = a;
        struct str     path = str_fmt(&here, "%.*s%s%.*s", STR_ARG(below), below.n ? "/" : "", STR_ARG(x[i].key));
        struct os_file f = OS_FILE_NONE;
        struct err     why = { 0 };
        CHECK(path.p);
        sum = mix(sum, x[i].name.p, x[i].name.n);
        if (x[i].st.kind == OS_DIR) {
            uint64_t in = walk(os, path, here, depth + 1, ret_lost);
            sum = mix(sum, (const uint8_t *)&in, sizeof in);
        } else if (x[i].st.kind == OS_FILE) {
            if (!os->open(os, STR_EMPTY, path, &f, &size, &why)) {
                CHECK(why.what[0]);
                ++*ret_lost;
                continue;
            }
            for (uint64_t at = 0; at < size && at < 1 << 20; at += got) {
                if (!os->read_at(os, f, at, block, sizeof block, &got, &why) || got == 0) {
                    ++*ret_lost;
                    break;
                }
                CHECK(at + got <= size);
                sum = mix(sum, block, got);
            }
            os->close(os, &f);
        }
    }
    return sum;
}

/* ---- one look at one image ---- */

struct look { bool opened; uint64_t sum, open_now; size_t lost; struct err e; struct told told; };

static uint32_t     fault_of_io, fault_of_keep, fault_of_heap;   /* which step fails; 0: none */
static struct fault heap;

/* The linker sends every malloc and calloc of the program here (tests.cmake). */
void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_malloc(size_t n) { return fault_now(&heap) ? NULL : __real_malloc(n); }
void *__wrap_calloc(size_t n, size_t size) { return fault_now(&heap) ? NULL : __real_calloc(n, size); }

static struct look look(const char *name, enum image_kind kind, struct str body, struct str more, bool *ret_fired)
{
    struct test_arena disk = test_arena(DISK), keep = test_arena(KEEP), a = test_arena(256 << 10);
    struct os_mem    *m = os_mem_open(&disk.a, DAY);
    struct fault      f = { .left = fault_of_keep };
    struct look       r = { 0 };
    struct image     *im = NULL;
    char              path[40];

    snprintf(path, sizeof path, "/%s", name);
    CHECK(m && os_mem_add(m, path, body) && (!more.n || os_mem_add(m, "/x-flat.vmdk", more)));
    struct image_from from = { &m->os, STR("/"), str_c(name), str_c(name) };
    keep.a.fault  = &f;
    m->fault.left = fault_of_io;
    heap          = (struct fault){ .left = fault_of_heap };
    r.opened = image_open(&im, &from, kind, tell, &r.told, &keep.a, &r.e);
    if (r.opened) {
        r.sum = walk(image_os(im), STR_EMPTY, a.a, 0, &r.lost);
        image_close(im);
    }
    r.open_now = m->open_now;
    if (ret_fired)
        *ret_fired = f.fired || m->fault.fired || heap.fired;
    heap.left = 0;
    test_arena_free(&disk), test_arena_free(&keep), test_arena_free(&a);
    return r;
}

/* ---- the forms ---- */

struct form { const char *what, *name; enum image_kind kind; struct str body, more; };
enum { FORMS = 7 };

static void forms_make(struct form f[FORMS])
{
    static const char text[] = "# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\ncreateType=\"monolithicFlat\"\nRW 200 FLAT \"x-flat.vmdk\" 0\nRW 56 FLAT \"x-flat.vmdk\" 200\nRW 64 ZERO\n";
    uint8_t  disk[VOLUME], *p;
    size_t   n;

    mki_volume(disk);
    f[0] = (struct form){ "raw", "x.raw", IMAGE_RAW, test_heap(disk, VOLUME), STR_EMPTY };
    p = mki_vhd(disk, VOLUME, &n), f[1] = (struct form){ "VHD", "x.vhd", IMAGE_VHD, { p, n }, STR_EMPTY };
    p = mki_vhdx(disk, VOLUME, &n), f[2] = (struct form){ "VHDX", "x.vhdx", IMAGE_VHDX, { p, n }, STR_EMPTY };
    p = mki_vmdk(disk, VOLUME, false, &n), f[3] = (struct form){ "VMDK, sparse", "x.vmdk", IMAGE_VMDK, { p, n }, STR_EMPTY };
    p = mki_vmdk(disk, VOLUME, true, &n), f[4] = (struct form){ "VMDK, packed", "x.vmdk", IMAGE_VMDK, { p, n }, STR_EMPTY };
    f[5] = (struct form){ "VMDK, flat", "x.vmdk", IMAGE_VMDK, test_heap(text, sizeof text - 1), test_heap(disk, VOLUME) };
    p = mki_e01(disk, VOLUME, &n), f[6] = (struct form){ "E01", "x.E01", IMAGE_EWF, { p, n }, STR_EMPTY };
}

static void forms_free(struct form f[FORMS])
{
    for (size_t i = 0; i < FORMS; i++)
        test_free(f[i].body), test_free(f[i].more);
}

static void same_bytes(void **state)
{
    struct form f[FORMS];
    const char *what, *hint;
    uint64_t    sum = 0;

    (void)state;
    forms_make(f);
    for (size_t i = 0; i < FORMS; i++) {
        struct str head = test_heap(f[i].body.p, f[i].body.n < IMAGE_HEAD ? f[i].body.n : IMAGE_HEAD);
        CHECK_WHY(image_probe(head, str_c(f[i].name), 2 << 20, &what, &hint) == f[i].kind, f[i].what);
        test_free(head);
        struct look r = look(f[i].name, f[i].kind, f[i].body, f[i].more, NULL);
        CHECK_WHY(r.opened && r.lost == 0 && !r.told.text[0] && r.open_now == 0, f[i].what);
        sum = i ? sum : r.sum;
        CHECK_WHY(r.sum == sum, f[i].what);
    }
    forms_free(f);
}

/* Every call of the disk fails once, then every piece of memory: an error with words, or what was lost is said, and nothing stays open. */
static void faults(void **state)
{
    struct form f[FORMS];

    (void)state;
    forms_make(f);
    for (size_t i = 0; i < FORMS; i++) {
        struct look whole = look(f[i].name, f[i].kind, f[i].body, f[i].more, NULL);
        for (int kind = 0; kind < 3; kind++) {
            bool fired = true;
            for (uint32_t n = 1; fired; n++) {
                CHECK_WHY(n < 2000, f[i].what);
                fault_of_io   = kind == 0 ? n : 0;
                fault_of_keep = kind == 1 ? n : 0;
                fault_of_heap = kind == 2 ? n : 0;
                struct look r = look(f[i].name, f[i].kind, f[i].body, f[i].more, &fired);
                CHECK_WHY(r.open_now == 0, f[i].what);
                if (!r.opened)
                    CHECK_WHY(fired && r.e.kind != ERR_NONE && r.e.what[0], f[i].what);
                else if (fired && r.sum != whole.sum)
                    CHECK_WHY(r.lost || r.told.text[0], f[i].what);
                else
                    CHECK_WHY(r.sum == whole.sum, f[i].what);
            }
        }
        fault_of_io = fault_of_keep = fault_of_heap = 0;
    }
    forms_free(f);
}

/* Each byte of the tables in turn is another one. */
static void every_byte(void **state)
{
    struct form f[FORMS];
    static const struct { size_t from, to; } spot[FORMS] = { { 0, 96 }, { 512, 1600 }, { MKI_META, MKI_META + 128 }, { 0, 80 }, { 0, 80 }, { 0, 170 }, { 0, 1300 } };

    (void)state;
    forms_make(f);
    for (size_t i = 0; i < FORMS; i++) {
        static const uint8_t other[] = { 0x00, 0xFF, 0x7F };
        for (size_t at = spot[i].from; at < spot[i].to && at < f[i].body.n; at += at > 200 ? 5 : 1) {
            uint8_t *p = (uint8_t *)(uintptr_t)f[i].body.p, was = p[at];
            p[at] = other[at % 3];
            struct look r = look(f[i].name, f[i].kind, f[i].body, f[i].more, NULL);
            CHECK_WHY(r.open_now == 0 && (r.opened || (r.e.kind != ERR_NONE && r.e.what[0])), f[i].what);
            p[at] = was;
        }
    }
    forms_free(f);
}

/* Cut anywhere. */
static void cut(void **state)
{
    struct form f[FORMS];

    (void)state;
    forms_make(f);
    for (size_t i = 1; i < FORMS; i++)
        for (size_t n = 8; n < f[i].body.n; n += f[i].body.n / 17 + 1) {
            struct str  part = test_heap(f[i].body.p, n);
            struct look r = look(f[i].name, f[i].kind, part, f[i].more, NULL);
            CHECK_WHY(r.open_now == 0 && (r.opened ? r.lost || r.told.text[0] || r.sum : r.e.what[0] != 0), f[i].what);
            test_free(part);
        }
    forms_free(f);
}

/* ---- what is absurd, and what is said ---- */

#define BYTES(lit) lit, sizeof(lit) - 1
static void absurd(void **state)
{
    static const struct { size_t form, at; const char *bytes; size_t n; const char *says, *why; } c[] = {
        { 1, 60, "\0\0\0\4", 4, "differencing", "a parent is needed" },
        { 1, 60, "\0\0\0\7", 4, "no known kind", "" },
        { 1, 512, "x", 1, "no known kind", "no header behind the footer" },
        { 1, 16, "\x7F\xFF\xFF\xFF\xFF\xFF\xFF\0", 8, "no known kind", "a header beyond the end" },
        { 1, 512 + 32, "\0\0\0\0", 4, "blocks of 0", "divided by nothing" },
        { 1, 512 + 32, "\x80\0\0\0", 4, "blocks of", "larger than any" },
        { 1, 512 + 32, "\0\0\x30\0", 4, "blocks of", "no power of two" },
        { 1, 48, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0", 8, "blocks of", "a disk of exabytes" },
        { 1, 512 + 28, "\0\0\0\0", 4, "in no table", "a table of nothing" },
        { 1, 512 + 16, "\xFF\xFF\xFF\xFF\xFF\xFF\0\0", 8, "ends at", "a table beyond the end" },
        { 2, 192 << 10, "xx", 2, "", "the copy of the regions is used" },
        { 2, (192 << 10) + 8, "\xFF\xFF\xFF\xFF", 4, "", "the same" },
        { 2, MKI_META, "x", 1, "metadata are damaged", "" },
        { 2, MKI_META + 10, "\xFF\xFF", 2, "metadata are damaged", "more items than there may be" },
        { 2, MKI_META + (64 << 10), "\0\0\0\0", 4, "blocks of 0", "" },
        { 2, MKI_META + (64 << 10), "\0\0\0\xF0", 4, "blocks of", "" },
        { 2, MKI_META + (64 << 10) + 4, "\2", 1, "differencing", "a parent is needed" },
        { 2, MKI_META + (64 << 10) + 8, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8, "blocks of", "a disk of exabytes" },
        { 2, MKI_META + (64 << 10) + 16, "\1\0\0\0", 4, "sectors of 1 ", "" },
        { 2, MKI_BAT, "\6\0\0\0\0\0\xF0\x7F", 8, "ends at", "a block beyond the end" },
        { 2, MKI_BAT, "\6\0\xF0\xFF\xFF\xFF\xFF\xFF", 8, "", "a block that wraps" },
        { 3, 20, "\0\0\0\0\0\0\0\0", 8, "grains of 0", "" },
        { 3, 20, "\3\0\0\0\0\0\0\0", 8, "grains of 3", "no power of two" },
        { 3, 44, "\0\0\0\0", 4, "grains of", "tables of nothing" },
        { 3, 12, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8, "grains of", "exabytes" },
        { 3, 56, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x0F", 8, "grains of", "a directory nowhere" },
        { 3, 56, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8, "footer", "it says that it has a footer" },
        { 3, 512, "\xFF\xFF\xFF\xFF", 4, "ends at", "a table beyond the end" },
        { 4, 1024, "\1\0\0\0", 4, "", "a grain that is zeros" },
        { 4, 1536 + 8 + 2048, "\xFF\xFF\xFF\xFF", 4, "", "a packed grain of gigabytes" },
        { 5, 0, BYTES("# Disk DescriptorFile\nRW 99999999999999999999 FLAT \"x\"\n\0"), "descriptor is damaged", "a number that is none" },
        { 5, 0, BYTES("# Disk DescriptorFile\nRW 9007199254740992 ZERO\nRW 18014398509481984 ZERO \n"), "", "sizes that do not add up" },
        { 5, 0, BYTES("# Disk DescriptorFile\nRW 200 FLAT \"../x-flat.vmdk\"\n   \n"), "extent is missing", "a file elsewhere" },
        { 5, 0, BYTES("# Disk DescriptorFile\nRW 200 FLAT \"x.vmdk\" 0\nparentCID=00000007\n"), "snapshot", "" },
        { 5, 0, BYTES("# Disk DescriptorFile\nRW 200 VMFSSPARSE \"x-flat.vmdk\"\n   "), "of the kind", "" },
        { 6, 13 + 16, "\0", 1, "section is damaged", "its checksum does not hold" },
        { 6, 13 + 76 + 8, "\0\0\0\0", 4, "makes no sense", "chunks of nothing" },
        { 6, 13 + 76 + 8, "\xFF\xFF\xFF\xFF", 4, "makes no sense", "chunks of terabytes" },
        { 6, 13 + 76 + 16, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", 8, "makes no sense", "sectors without end" },
    };
    struct form f[FORMS];

    (void)state;
    forms_make(f);
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct form *x = &f[c[i].form];
        struct str   body = test_heap(x->body.p, x->body.n);
        CHECK(c[i].at + c[i].n <= body.n);
        memcpy((uint8_t *)(uintptr_t)body.p + c[i].at, c[i].bytes, c[i].n);
        struct look r = look(x->name, x->kind, body, x->more, NULL);
        if (r.open_now || (c[i].says[0] && (r.opened || !strstr(r.e.what, c[i].says))))
            fail_msg("%s, %zu (%s): opened %d, \"%s\", told \"%s\"", x->what, i, c[i].why, r.opened, r.e.what, r.told.text);
        test_free(body);
    }
    forms_free(f);
}

/* A section of an E01 that leads to itself or back. */
static void circles(void **state)
{
    struct form f[FORMS];

    (void)state;
    forms_make(f);
    for (int i = 0; i < 2; i++) {
        struct str body = test_heap(f[6].body.p, f[6].body.n);
        uint8_t   *s = (uint8_t *)(uintptr_t)body.p + 13 + 76 + 1052;      /* "sectors" */
        mk_le(s + 16, i ? 13 : 13 + 76 + 1052, 8), mk_le(s + 72, adler32(1, s, 72), 4);
        struct look r = look("x.E01", IMAGE_EWF, body, STR_EMPTY, NULL);
        CHECK(!r.opened && strstr(r.e.what, "leads back") && r.open_now == 0);
        test_free(body);
    }
    forms_free(f);
}

/* ---- a VHDX that was not closed ---- */

/* The table of blocks was written to the log alone, in each of these ways. */
enum log_kind { LOG_ONE, LOG_TWO, LOG_AROUND, LOG_ZEROED_BEFORE, LOG_ZEROED_AFTER, LOG_STALE, LOG_TORN, LOG_TORN_LAST, LOG_FOREIGN, LOG_NO_TAIL, LOG_GAP, LOG_NONE, LOG_KINDS };

static void log_write(uint8_t *v, enum log_kind k)
{
    uint8_t  bat[4096], wrong[4096];
    uint32_t at = 0;

    memcpy(bat, v + MKI_BAT, sizeof bat);
    memset(wrong, 0, sizeof wrong);
    struct mki_change good = { MKI_BAT, bat }, bad = { MKI_BAT, wrong }, gone = { MKI_BAT, NULL }, both[] = { bad, good };
    memset(v + MKI_BAT, 0, 4096);
    mki_vhdx_dirty(v, 0x5A);
    switch (k) {
    case LOG_ONE: mki_vhdx_entry(v, 3, 3, 7, &good, 1); break;
    case LOG_TWO: at = mki_vhdx_entry(v, 2, 2, 7, &bad, 1), mki_vhdx_entry(v, at, 2, 8, both, 2); break;
    case LOG_AROUND: at = mki_vhdx_entry(v, 13, 13, 7, &bad, 1), mki_vhdx_entry(v, at, 13, 8, &good, 1); break;
    case LOG_ZEROED_BEFORE: at = mki_vhdx_entry(v, 0, 0, 7, &gone, 1), mki_vhdx_entry(v, at, 0, 8, &good, 1); break;
    case LOG_ZEROED_AFTER: at = mki_vhdx_entry(v, 0, 0, 7, &good, 1), mki_vhdx_entry(v, at, 0, 8, &gone, 1); break;
    case LOG_STALE: at = mki_vhdx_entry(v, 8, 8, 3, &bad, 1), mki_vhdx_entry(v, 1, 1, 9, &good, 1); break;
    case LOG_TORN: mki_vhdx_entry(v, 0, 0, 7, &good, 1), v[MKI_LOG + 5000] ^= 1; break;
    case LOG_TORN_LAST: at = mki_vhdx_entry(v, 0, 0, 7, &good, 1), mki_vhdx_entry(v, at, 0, 8, &bad, 1), v[MKI_LOG + 4096 * at + 5000] ^= 1; break;
    case LOG_FOREIGN: mki_vhdx_entry(v, 0, 0, 7, &good, 1), mki_vhdx_dirty(v, 0x5B); break;
    case LOG_NO_TAIL: mki_vhdx_entry(v, 0, 9, 7, &good, 1); break;
    case LOG_GAP: at = mki_vhdx_entry(v, 0, 0, 7, &good, 1), mki_vhdx_entry(v, at, 0, 9, &good, 1), v[MKI_LOG + 5000] ^= 1; break;
    case LOG_NONE: break;
    default: break;
    }
}

static void not_closed(void **state)
{
    static const struct { bool same; const char *told; } want[LOG_KINDS] = {
        [LOG_ONE] = { true, "replayed" }, [LOG_TWO] = { true, "replayed" }, [LOG_AROUND] = { true, "replayed" }, [LOG_ZEROED_BEFORE] = { true, "replayed" },
        [LOG_ZEROED_AFTER] = { false, "replayed" }, [LOG_STALE] = { true, "replayed" }, [LOG_TORN] = { false, "no whole entry" }, [LOG_TORN_LAST] = { true, "replayed" },
        [LOG_FOREIGN] = { false, "no whole entry" }, [LOG_NO_TAIL] = { false, "do not follow" }, [LOG_GAP] = { false, "do not follow" }, [LOG_NONE] = { false, "no whole entry" },
    };
    struct form f[FORMS];

    (void)state;
    forms_make(f);
    uint64_t sum = look(f[2].name, f[2].kind, f[2].body, STR_EMPTY, NULL).sum;
    for (enum log_kind k = LOG_ONE; k < LOG_KINDS; k++) {
        struct str body = test_heap(f[2].body.p, f[2].body.n);
        log_write((uint8_t *)(uintptr_t)body.p, k);
        struct look r = look("x.vhdx", IMAGE_VHDX, body, STR_EMPTY, NULL);
        if (r.open_now || !strstr(r.told.text, want[k].told) || (r.opened && r.sum == sum) != want[k].same)
            fail_msg("log %d: opened %d, same %d, \"%s\", told \"%s\"", (int)k, r.opened, r.sum == sum, r.e.what, r.told.text);
        if (k == LOG_TWO) {
            bool fired = true;
            for (fault_of_io = 1; fired; fault_of_io++) {
                r = look("x.vhdx", IMAGE_VHDX, body, STR_EMPTY, &fired);
                CHECK(r.open_now == 0 && (r.opened ? r.sum == sum || r.lost || r.told.text[0] : r.e.what[0] != 0));
            }
            fault_of_io = 0;
            for (size_t at = 2 * 4096; at < 6 * 4096; at += at % 4096 < 100 ? 3 : 977) {     /* whatever stands in it */
                uint8_t *p = (uint8_t *)(uintptr_t)body.p + MKI_LOG + at;
                *p ^= 0xFF;
                r = look("x.vhdx", IMAGE_VHDX, body, STR_EMPTY, NULL);
                CHECK(r.open_now == 0 && r.told.text[0]);
                *p ^= 0xFF;
            }
        }
        test_free(body);
    }
    /* A log that lies nowhere, has no end, or is larger than any. */
    static const struct { uint64_t off; uint32_t bytes; const char *told; } where[] = {
        { UINT64_MAX - 4095, 65536, "cannot be replayed" }, { 5, 65536, "lies nowhere" }, { MKI_LOG, 0, "lies nowhere" }, { MKI_LOG, 0xFFFFF000, "at most" }, { MKI_LOG, 64 << 20, "cannot be replayed" },
    };
    for (size_t i = 0; i < COUNT_OF(where); i++) {
        struct str body = test_heap(f[2].body.p, f[2].body.n);
        uint8_t   *v = (uint8_t *)(uintptr_t)body.p;
        mk_le(v + (128 << 10) + 68, where[i].bytes, 4), mk_le(v + (128 << 10) + 72, where[i].off, 8);
        mki_vhdx_dirty(v, 0x5A);
        struct look r = look("x.vhdx", IMAGE_VHDX, body, STR_EMPTY, NULL);
        CHECK_WHY(r.opened && r.sum == sum && r.open_now == 0 && strstr(r.told.text, where[i].told), where[i].told);
        test_free(body);
    }
    forms_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(same_bytes), cmocka_unit_test(faults), cmocka_unit_test(every_byte), cmocka_unit_test(cut), cmocka_unit_test(absurd),
                                        cmocka_unit_test(circles), cmocka_unit_test(not_closed) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
