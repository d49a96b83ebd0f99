/* Zips made by hand, byte by byte: so a test can lie wherever an intruder could. */
#include "test.h"

#include "base/num.h"
#include "base/time.h"
#include "evidence/archive_fixture.h"

#include <zlib.h>

/* ---- a writer of zips that tells the truth unless asked not to ---- */

struct out { uint8_t p[1 << 20]; size_t n; };

static void u16(struct out *o, uint32_t v) { o->p[o->n++] = (uint8_t)v; o->p[o->n++] = (uint8_t)(v >> 8); }
static void u32(struct out *o, uint32_t v) { u16(o, v & 0xffff); u16(o, v >> 16); }
static void bytes(struct out *o, struct str s) { if (s.n) memcpy(o->p + o->n, s.p, s.n); o->n += s.n; }

struct item {
    const char *name;
    struct str  body;
    bool        deflate;
    /* lies; 0: the truth */
    uint32_t    size, packed, crc, flags, method, attributes, made_by;
    uint32_t    twice;           /* 1 + index of the item whose bytes it claims */
    struct str  extra;
    size_t      name_n;          /* with a NUL in it */
};

static struct str deflated(struct str s, uint8_t *buf, size_t cap)
{
    z_stream z = { .next_in = (uint8_t *)(uintptr_t)s.p, .avail_in = (uInt)s.n, .next_out = buf, .avail_out = (uInt)cap };
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    struct str ret = { buf, cap - z.avail_out };
    deflateEnd(&z);
    return ret;
}

static void make(struct out *o, const struct item *it, size_t n)
{
    uint32_t   off[64], packed[64];
    static uint8_t buf[1 << 20];

    o->n = 0;
    for (size_t i = 0; i < n; i++) {
        struct str name = { (const uint8_t *)it[i].name, it[i].name_n ? it[i].name_n : strlen(it[i].name) };
        if (it[i].twice) {
            off[i]    = off[it[i].twice - 1];
            packed[i] = packed[it[i].twice - 1];
            continue;
        }
        struct str data = it[i].deflate ? deflated(it[i].body, buf, sizeof buf) : it[i].body;
        off[i]    = (uint32_t)o->n;
        packed[i] = (uint32_t)data.n;
        u32(o, 0x04034b50); u16(o, 20); u16(o, it[i].flags); u16(o, it[i].method ? it[i].method : it[i].deflate ? 8 : 0); u32(o, 0x52636000);
        u32(o, (uint32_t)crc32(0, it[i].body.p, (uInt)it[i].body.n)); u32(o, packed[i]); u32(o, (uint32_t)it[i].body.n); u16(o, (uint32_t)name.n); u16(o, 0);
        bytes(o, name);
        bytes(o, data);
    }
    size_t dir = o->n;
    for (size_t i = 0; i < n; i++) {
        struct str name = { (const uint8_t *)it[i].name, it[i].name_n ? it[i].name_n : strlen(it[i].name) };
        u32(o, 0x02014b50); u16(o, it[i].made_by); u16(o, 20); u16(o, it[i].flags); u16(o, it[i].method ? it[i].method : it[i].deflate ? 8 : 0);
        u32(o, 0x52636000);                      /* 2021-03-03 12:00:00 */
        u32(o, it[i].crc ? it[i].crc : (uint32_t)crc32(0, it[i].body.p, (uInt)it[i].body.n));
        u32(o, it[i].packed ? it[i].packed : packed[i]); u32(o, it[i].size ? it[i].size : (uint32_t)it[i].body.n);
        u16(o, (uint32_t)name.n); u16(o, (uint32_t)it[i].extra.n); u16(o, 0); u16(o, 0); u16(o, 0); u32(o, it[i].attributes); u32(o, off[i]);
        bytes(o, name);
        bytes(o, it[i].extra);
    }
    uint32_t size = (uint32_t)(o->n - dir);
    u32(o, 0x06054b50); u32(o, 0); u16(o, (uint32_t)n); u16(o, (uint32_t)n); u32(o, size); u32(o, (uint32_t)dir); u16(o, 0);
}

/* ---- cases ---- */

static struct out o;       /* the tests' own; nothing runs beside them */

static void test_plain(void **state)
{
    char text[4096];
    static const struct item it[] = {
        { .name = "C/inetpub/logs/u_ex.log", .body = STR_INIT("2021-03-03 12:00:00 GET / 200\r\n"), .deflate = true },
        { .name = "C/a.txt", .body = STR_INIT("stored") },
        { .name = "C\\b\\c.txt", .body = STR_INIT("backslashes") },
        { .name = "C/empty", .body = STR_INIT("") },
        { .name = "C/dir/", .body = STR_INIT("") },
        { .name = "\x81.txt", .body = STR_INIT("cp437") },
        { .name = "time", .body = STR_INIT("t"), .extra = STR_INIT("\x55\x54\x05\x00\x01\x00\x00\x00\x40") },
    };
    struct bench *b = bench();

    (void)state;
    make(&o, it, COUNT_OF(it));
    CHECK(open_bytes(b, o.p, o.n, ARCHIVE_ZIP));
    assert_string_equal(archive_form(b->a), "zip");
    assert_string_equal(listing(b, "", text), "C/ time \xc3\xbc.txt ");
    assert_string_equal(listing(b, "C", text), "a.txt b/ dir/ empty inetpub/ ");
    assert_string_equal(listing(b, "C/inetpub/./logs/", text), "u_ex.log ");
    assert_string_equal(listing(b, "C/none", text), "none");
    assert_string_equal(listing(b, "C/a.txt", text), "none");
    assert_string_equal(listing(b, "C/..", text), "none");
    for (size_t step = 1; step < 100; step += 7) {
        CHECK_STR(content(b, STR("C/inetpub/logs/u_ex.log"), step), it[0].body);
        CHECK_STR(content(b, STR("C/a.txt"), step), it[1].body);
        CHECK_STR(content(b, STR("C/b/c.txt"), step), it[2].body);
        CHECK_STR(content(b, STR("C/empty"), step), STR(""));
    }
    const struct member *m = members_find(archive_members(b->a), STR("C/a.txt"));
    int64_t want;
    CHECK(m && time_parse(STR("2021-03-03T12:00:00Z"), &want) && m->mtime_us == want);
    m = members_find(archive_members(b->a), STR("time"));
    CHECK(m && m->mtime_us == INT64_C(0x40000000) * TIME_SECOND);
    assert_string_equal(b->heard.text, "");
    done(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_plain) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
