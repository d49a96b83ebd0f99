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


/* Names and claims of an intruder: what is listed, what is told. */
static void test_hostile(void **state)
{
    enum { MADE_UNIX = 3 << 8 };
    static const struct { const char *why; struct item it[4]; size_t n; const char *list, *told, *read, *body; } c[] = {
        { "out of the tree", { { .name = "../../x", .body = STR_INIT("a") }, { .name = "ok", .body = STR_INIT("b") } }, 2, "ok ", "../../x|unsafe name: \"..\" in it\n", "ok", "b" },
        { "NUL hides what follows", { { .name = "a.aspx\0.txt", .name_n = 11, .body = STR_INIT("a") } }, 1, "", "a.aspx", NULL, NULL },
        { "one name twice", { { .name = "x", .body = STR_INIT("first") }, { .name = "x", .body = STR_INIT("second") } }, 2, "x x+ ", "", "x", "first" },
        { "one member listed twice", { { .name = "x", .body = STR_INIT("first") }, { .name = "x", .body = STR_INIT("first"), .twice = 1 } }, 2, "x ",
          "x|listed twice: the same bytes under one entry more\n", "x", "first" },
        { "two names for the same bytes", { { .name = "x", .body = STR_INIT("first") }, { .name = "yy", .body = STR_INIT("first"), .twice = 1 } }, 2, "x ",
          "yy|overlapping: it shares bytes with another member\n", "x", "first" },
        { "it runs over the next", { { .name = "x", .body = STR_INIT("first"), .packed = 60, .size = 60 }, { .name = "y", .body = STR_INIT("second") } }, 2, "y ",
          "x|overlapping: it shares bytes with another member\n", "y", "second" },
        { "checksum of a stored one", { { .name = "x", .body = STR_INIT("body"), .crc = 1 } }, 1, "x ", "x|checksum: its bytes are not those that were packed\n", "x", "body" },
        { "checksum of a packed one", { { .name = "x", .body = STR_INIT("bodybodybody"), .deflate = true, .crc = 1 } }, 1, "x ",
          "x|checksum: its bytes are not those that were packed\n", "x", "bodybodybody" },
        { "more than stated", { { .name = "x", .body = STR_INIT("bodybodybody"), .deflate = true, .size = 5 } }, 1, "x ", "x|lying size: it is longer than stated\n", "x", "bodyb" },
        { "less than stated", { { .name = "x", .body = STR_INIT("bodybodybody"), .deflate = true, .size = 5000 } }, 1, "x ", "x|lying size: it is shorter than stated\n", "x", "bodybodybody" },
        { "stored, more than stated", { { .name = "x", .body = STR_INIT("body"), .size = 2 } }, 1, "x ", "x|lying size: stored bytes and stated size differ\n", "x", "bo" },
        { "stored, less than stated", { { .name = "x", .body = STR_INIT("body"), .size = 9 } }, 1, "x ", "x|lying size: stored bytes and stated size differ\n", "x", "body" },
        { "encrypted", { { .name = "x", .body = STR_INIT("body"), .flags = 1 } }, 1, "x ", "x|encrypted\n", "x", "" },
        { "a method nobody has", { { .name = "x", .body = STR_INIT("body"), .method = 98 } }, 1, "x ", "x|packed by method 98, which is not read here\n", "x", "" },
        { "no deflate at all", { { .name = "x", .body = STR_INIT("\xff\xff\xff\xff"), .method = 8 } }, 1, "x ", "x|damaged: it can be unpacked in part only\n", "x", "" },
        { "a folder with bytes is a file", { { .name = "dir/", .body = STR_INIT("hidden") } }, 1, "dir ", "", "dir", "hidden" },
        { "a file and a folder of one name", { { .name = "x/y", .body = STR_INIT("in") }, { .name = "x", .body = STR_INIT("out") } }, 2, "x x/ ", "", "x", "out" },
        { "a link inside", { { .name = "l", .body = STR_INIT("b/c"), .made_by = MADE_UNIX, .attributes = 0120777u << 16 } }, 1, "l@ ", "", NULL, NULL },
        { "a link out", { { .name = "l", .body = STR_INIT("../../etc"), .made_by = MADE_UNIX, .attributes = 0120777u << 16 } }, 1, "", "l|link: leads out of the archive\n", NULL, NULL },
        { "a device node", { { .name = "d", .body = STR_INIT(""), .made_by = MADE_UNIX, .attributes = 0020666u << 16 } }, 1, "", "d|not a plain file: not opened\n", NULL, NULL },
        { "a bomb by its own statement", { { .name = "x", .body = STR_INIT("body"), .size = 1u << 30 }, { .name = "y", .body = STR_INIT("y") } }, 2, "y ",
          "x|too large: beyond the limit ratio\n", "y", "y" },
        { "a reserved name", { { .name = "CON", .body = STR_INIT("con") } }, 1, "CON ", "CON|name of a device: no file on Windows can have it\n", "CON", "con" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct bench *b = bench();
        char          text[4096];
        make(&o, c[i].it, c[i].n);
        CHECK_WHY(open_bytes(b, o.p, o.n, ARCHIVE_ZIP), c[i].why);
        CHECK_WHY(strcmp(listing(b, "", text), c[i].list) == 0, c[i].why);
        for (int twice = 0; c[i].read && twice < 2; twice++) {
            CHECK_STR(content(b, str_c(c[i].read), 100), str_c(c[i].body));
            CHECK_STR(content(b, str_c(c[i].read), 1), str_c(c[i].body));
        }
        if (strcmp(b->heard.text, c[i].told) != 0 && !(c[i].it[0].name_n && strstr(b->heard.text, "unsafe name: NUL in it")))
            fail_msg("%s: told \"%s\"", c[i].why, b->heard.text);
        done(b);
    }
}

/* Cut at every length: it is opened in part or refused, and never more than was there is read. */
static void test_cut(void **state)
{
    static const struct item it[] = {
        { .name = "one", .body = STR_INIT("the first is packed, packed, packed, packed"), .deflate = true },
        { .name = "two", .body = STR_INIT("the second is stored") },
    };
    size_t whole = 0;

    (void)state;
    make(&o, it, COUNT_OF(it));
    for (size_t n = 0; n <= o.n; n++) {
        struct bench *b = bench();
        if (open_bytes(b, o.p, n, ARCHIVE_ZIP)) {
            struct str one = content(b, STR("one"), 7), two = content(b, STR("two"), 7);
            CHECK(str_starts(it[0].body, one) && str_starts(it[1].body, two));
            whole += str_eq(one, it[0].body) && str_eq(two, it[1].body);
            CHECK((b->heard.n > 0) == (n < o.n));
        } else {
            CHECK(b->e.kind == ERR_FORMAT && b->e.what[0] && b->e.where[0]);
        }
        done(b);
    }
    CHECK(whole > 40);          /* with the directory cut off, the members are still whole */
}

/* Each byte of a small zip changed in turn: nothing but orderly answers. */
static void test_bent(void **state)
{
    static const struct item it[] = { { .name = "a/b", .body = STR_INIT("packed packed packed packed"), .deflate = true }, { .name = "c", .body = STR_INIT("stored") } };

    (void)state;
    make(&o, it, COUNT_OF(it));
    for (size_t at = 0; at < o.n; at++) {
        struct bench *b = bench();
        uint8_t       was = o.p[at];
        o.p[at] ^= 0x41;
        if (open_bytes(b, o.p, o.n, ARCHIVE_ZIP))
            for (size_t i = 0; i < members_n(archive_members(b->a)); i++) {
                const struct member *m = members_at(archive_members(b->a), i);
                if (m->kind == MEMBER_FILE) {
                    struct str x = content(b, m->name, 5), y = content(b, m->name, 1000);
                    if (!str_eq(x, y))
                        fail_msg("at %zu: \"%.*s\" then \"%.*s\": %s", at, STR_ARG(x), STR_ARG(y), b->e.what);
                }
            }
        o.p[at] = was;
        done(b);
    }
}

/* An entry that points into the middle of another member does not cost that one. */
static void test_elsewhere(void **state)
{
    static const struct item it[] = { { .name = "true", .body = STR_INIT("the true member, stored") }, { .name = "next", .body = STR_INIT("the one behind it") }, { .name = "liar", .body = STR_INIT("x") } };
    struct bench *b = bench();

    (void)state;
    make(&o, it, 3);
    for (size_t at = o.n - 22; at > 0; at--)
        if (memcmp(o.p + at, "PK\1\2", 4) == 0) {
            memcpy(o.p + at + 42, "\x0c\0\0\0", 4);     /* the last entry: 12 bytes into the first member */
            break;
        }
    CHECK(open_bytes(b, o.p, o.n, ARCHIVE_ZIP));
    CHECK_STR(content(b, STR("true"), 5), it[0].body);
    CHECK_STR(content(b, STR("next"), 5), it[1].body);
    assert_string_equal(b->heard.text, "liar|damaged: no member begins where the directory says\n");
    done(b);
}

/* The beginning is lost, one record is bad, the end lies about its place: what is whole is found. */
static void test_broken_directory(void **state)
{
    static const struct item it[] = { { .name = "first", .body = STR_INIT("the first one") }, { .name = "second", .body = STR_INIT("the second") }, { .name = "third", .body = STR_INIT("the third") } };
    struct bench *b = bench();

    (void)state;
    make(&o, it, 3);
    CHECK(open_bytes(b, o.p + 20, o.n - 20, ARCHIVE_ZIP));
    CHECK_STR(content(b, STR("second"), 3), it[1].body);
    assert_string_equal(b->heard.text, "|truncated: 20 bytes of its beginning are missing\nfirst|truncated: it lies beyond the end of the archive\n");
    done(b);

    b = bench();
    o.p[o.n - 22 - (46 + 5) - (46 + 6)] ^= 0x40;              /* its signature */
    CHECK(open_bytes(b, o.p, o.n, ARCHIVE_ZIP));
    CHECK_STR(content(b, STR("first"), 3), it[0].body);
    CHECK_STR(content(b, STR("third"), 3), it[2].body);
    assert_string_equal(b->heard.text, "|damaged directory: 2 entries can be read, 3 are stated\n");
    done(b);

    b = bench();
    make(&o, it, 3);
    o.p[o.n - 22 + 16] = 7;                                   /* the directory's offset */
    CHECK(open_bytes(b, o.p, o.n, ARCHIVE_ZIP));
    CHECK_STR(content(b, STR("first"), 3), it[0].body);
    assert_string_equal(b->heard.text, "|damaged directory: it is not where the end of the archive says\n");
    done(b);
}

/* A zip in the comment of a zip: one of them is read, and that there are two is told. */
static void test_two_directories(void **state)
{
    static const struct item outer = { .name = "outer", .body = STR_INIT("o") }, inner = { .name = "another", .body = STR_INIT("i") };
    static uint8_t p[2048];
    struct bench  *b = bench();

    (void)state;
    make(&o, &outer, 1);
    size_t n = o.n;
    memcpy(p, o.p, n);
    make(&o, &inner, 1);
    memcpy(p + n, o.p, o.n);
    p[n - 2] = (uint8_t)o.n;
    CHECK(o.n < 256 && open_bytes(b, p, n + o.n, ARCHIVE_ZIP));
    CHECK_STR(content(b, STR("outer"), 5), STR("o"));
    assert_string_equal(b->heard.text, "|more than one directory: it can be read as another archive as well\n");
    done(b);
}

/* What stands before a zip, and after it, does not hide it. */
static void test_around(void **state)
{
    static const struct item it[] = { { .name = "x", .body = STR_INIT("body"), .deflate = true } };
    static uint8_t p[4096];

    (void)state;
    make(&o, it, 1);
    for (size_t before = 0; before < 200; before += 63)
        for (size_t after = 0; after < 200; after += 63) {
            struct bench *b = bench();
            memset(p, 'M', sizeof p);
            memcpy(p + before, o.p, o.n);
            CHECK(open_bytes(b, p, before + o.n + after, ARCHIVE_ZIP));
            CHECK_STR(content(b, STR("x"), 10), STR("body"));
            CHECK(before ? strstr(b->heard.text, "|in front: ") != NULL : !b->heard.text[0]);
            done(b);
        }
    struct bench *b = bench();
    o.n = 0;
    make(&o, it, 0);
    CHECK(open_bytes(b, o.p, o.n, ARCHIVE_ZIP) && members_n(archive_members(b->a)) == 0);
    done(b);
}

static void test_limits(void **state)
{
    static const struct item it[] = { { .name = "a", .body = STR_INIT("12345") }, { .name = "b", .body = STR_INIT("1234567890") }, { .name = "c", .body = STR_INIT("1234") } };
    char text[4096];

    (void)state;
    make(&o, it, 3);
    struct bench *b = bench();
    b->limits.members = 2;
    CHECK(open_bytes(b, o.p, o.n, ARCHIVE_ZIP));
    assert_string_equal(listing(b, "", text), "a b ");
    assert_string_equal(b->heard.text, "|too many: 3 entries, the limit members is 2\n");
    done(b);
    b = bench();
    b->limits.unpacked = 10;
    CHECK(open_bytes(b, o.p, o.n, ARCHIVE_ZIP));
    assert_string_equal(listing(b, "", text), "a c ");
    assert_string_equal(b->heard.text, "b|too large: beyond the limit unpacked\n");
    done(b);
}

/* Reads in any order, by handles that come and go, give what one read gives. */
static void test_any_order(void **state)
{
    enum { N = 300000 };
    static uint8_t body[N];
    struct item    it = { .name = "x", .body = { body, N }, .deflate = true };
    struct bench  *b = bench();
    uint8_t        buf[5000];
    uint32_t       seed = 1;

    (void)state;
    for (size_t i = 0; i < N; i++)
        body[i] = (uint8_t)((i * 7 >> 5) ^ (i / 1000));
    make(&o, &it, 1);
    CHECK(open_bytes(b, o.p, o.n, ARCHIVE_ZIP));
    struct os *os = archive_os(b->a);
    for (int i = 0; i < 200; i++) {
        struct os_file f[3];
        uint64_t       size;
        for (int k = 0; k < 3; k++)
            CHECK(os->open(os, STR("/"), STR("./x"), &f[k], &size, &b->e) && size == N);
        for (int k = 0; k < 3; k++) {
            seed = seed * 1664525 + 1013904223;
            uint64_t off = seed % (N + 100);
            size_t   want = off < N ? N - off < sizeof buf ? (size_t)(N - off) : sizeof buf : 0, got;
            CHECK(os->read_at(os, f[k], off, buf, sizeof buf, &got, &b->e) && got == want && memcmp(buf, body + off, got) == 0);
        }
        for (int k = 0; k < 3; k++)
            os->close(os, &f[k]);
    }
    assert_string_equal(b->heard.text, "");
    done(b);
}

/* Damage in the middle costs what follows it, not what came before. */
static void test_damage(void **state)
{
    enum { N = 300000 };
    static uint8_t body[N];
    struct item    it = { .name = "x", .body = { body, N }, .deflate = true };
    struct bench  *b = bench();

    (void)state;
    uint32_t seed = 7;
    for (size_t i = 0; i < N; i++) {
        seed = seed * 1664525 + 1013904223;
        body[i] = (uint8_t)("abcdefgh0123456789"[seed >> 28]);
    }
    make(&o, &it, 1);
    memset(o.p + 40 + o.n / 2, 0xff, 300);
    CHECK(open_bytes(b, o.p, o.n, ARCHIVE_ZIP));
    struct str got = content(b, STR("x"), 65536), again = content(b, STR("x"), 1000);
    size_t same = 0;
    while (same < got.n && got.p[same] == body[same])
        same++;
    CHECK(same > N / 3 && same < N);
    CHECK_STR(again, got);
    if (b->heard.n == 0)
        fail_msg("%zu of %d, %zu the same, told \"%s\"", got.n, (int)N, same, b->heard.text);
    done(b);
}

/* Zips in zips: stored ones are read where they lie, packed ones go to the spool. */
static void test_nested(void **state)
{
    static struct out in;
    static const struct item leaf[] = { { .name = "deep.txt", .body = STR_INIT("deep deep deep deep"), .deflate = true }, { .name = "s", .body = STR_INIT("stored") } };

    (void)state;
    make(&in, leaf, COUNT_OF(leaf));
    for (int packed = 0; packed < 2; packed++)
        for (int spool = 0; spool < 2; spool++) {
            struct bench *b = bench();
            struct item   it = { .name = "in.zip", .body = { in.p, in.n }, .deflate = packed };
            make(&o, &it, 1);
            CHECK(open_bytes(b, o.p, o.n, ARCHIVE_ZIP));
            struct archive_from from = { archive_os(b->a), STR(""), STR("in.zip"), STR("x!/in.zip"), STR_EMPTY, NULL };
            struct archive     *outer = b->a, *inner = NULL;
            b->limits.spool_memory = 10;
            struct spool *none = NULL;
            CHECK(spool_open(&none, &b->m->os, STR(""), &b->limits, &b->t.a, &b->e));
            CHECK(archive_open(&inner, &from, ARCHIVE_ZIP, &b->limits, spool ? b->spool : none, NULL, hear, &b->heard, &b->t.a, &b->e));
            CHECK((spool_bytes(b->spool) > 0) == (spool && packed));
            b->a = inner;
            if (spool || !packed) {
                CHECK_STR(content(b, STR("deep.txt"), 3), leaf[0].body);
                CHECK_STR(content(b, STR("s"), 3), leaf[1].body);
                assert_string_equal(b->heard.text, "");
            } else {
                CHECK_STR(content(b, STR("deep.txt"), 3), STR(""));
                CHECK(b->e.kind == ERR_LIMIT && strstr(b->heard.text, "deep.txt|not spooled: beyond the limit of the spool\n"));
            }
            archive_close(inner);
            spool_close(none);
            b->a = outer;
            done(b);
        }
}

/* The disk fails, one call after the other: an error, or (once the list is there) an error of the one read. */
static void test_faults(void **state)
{
    static const struct item it[] = { { .name = "a/b", .body = STR_INIT("packed packed packed packed"), .deflate = true }, { .name = "c", .body = STR_INIT("stored") } };

    (void)state;
    make(&o, it, COUNT_OF(it));
    for (uint32_t left = 1;; left++) {
        struct bench  *b = bench();
        struct os_file f = OS_FILE_NONE;
        uint64_t       size;
        uint8_t        buf[100];
        size_t         got;
        b->m->fault = (struct fault){ .left = left };
        bool ok = open_bytes(b, o.p, o.n, ARCHIVE_ZIP);
        struct os *os = ok ? archive_os(b->a) : NULL;
        for (size_t i = 0; ok && i < 2; i++) {
            ok = os->open(os, STR(""), str_c(it[i].name), &f, &size, &b->e) && os->read_at(os, f, 0, buf, sizeof buf, &got, &b->e);
            CHECK(!ok || (got == it[i].body.n && memcmp(buf, it[i].body.p, got) == 0));
            os->close(os, &f);
        }
        bool fired = b->m->fault.fired;
        CHECK(ok == !fired && (ok || (b->e.kind == ERR_IO && b->e.what[0])));
        done(b);
        if (!fired)
            return;
    }
}

/* Memory of the index fails, one push after the other. */
static void test_memory(void **state)
{
    static const struct item it[] = { { .name = "a\\b", .body = STR_INIT("x") }, { .name = "c", .body = STR_INIT("y") } };

    (void)state;
    make(&o, it, COUNT_OF(it));
    for (uint32_t left = 1;; left++) {
        struct bench *b = bench();
        struct fault  f = { .left = left };
        b->file = test_heap(o.p, o.n);
        os_mem_add(b->m, "/e/x", b->file);
        struct archive_from from = { &b->m->os, STR("/e"), STR("x"), STR("x"), STR_EMPTY, NULL };
        b->t.a.fault = &f;
        bool ok = archive_open(&b->a, &from, ARCHIVE_ZIP, &b->limits, b->spool, NULL, hear, &b->heard, &b->t.a, &b->e);
        b->t.a.fault = NULL;
        CHECK(ok == !f.fired && (ok || (b->e.kind == ERR_MEMORY && b->e.what[0])));
        done(b);
        if (!f.fired)
            return;
    }
}

/* Encrypted by both methods, as 7-Zip and Info-ZIP write them; the password is "secret". */
static void test_encrypted(void **state)
{
    static const char *const name[] = { "zip/encrypted", "zip/aes" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(name); i++) {
        struct bench *b = bench();
        CHECK(open_corpus(b, name[i], ARCHIVE_ZIP));
        CHECK_STR(content(b, STR("C/a.txt"), 3), STR(""));
        CHECK(b->e.kind == ERR_FORMAT && strcmp(b->e.what, "encrypted") == 0 && strstr(b->e.hint, "--password") && strstr(b->heard.text, "C/a.txt|encrypted\n"));
        done(b);
        b = bench();
        b->password = STR("wrong");
        CHECK(open_corpus(b, name[i], ARCHIVE_ZIP));
        CHECK_STR(content(b, STR("C/a.txt"), 3), STR(""));
        CHECK(strcmp(b->e.what, "encrypted: the password does not open it") == 0);
        done(b);
        b = bench();
        b->password = STR("secret");
        CHECK(open_corpus(b, name[i], ARCHIVE_ZIP));
        CHECK_STR(content(b, STR("C/a.txt"), 3), STR("text\n"));
        assert_string_equal(b->heard.text, "");
        done(b);
    }
}

/* ZIP64 where nothing is large, bzip2, and a directory that was cut off. */
static void test_corpus(void **state)
{
    static const char *const name[] = { "zip/plain", "zip/stored", "zip/zip64", "zip/bzip2" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(name); i++) {
        struct bench *b = bench();
        CHECK_WHY(open_corpus(b, name[i], ARCHIVE_ZIP), name[i]);
        CHECK_STR(content(b, STR("C/inetpub/u_ex.log"), 5), STR("GET / 200\r\nGET / 200\r\nGET / 200\r\n"));
        CHECK_STR(content(b, STR("C/a.txt"), 3), STR("text\n"));
        CHECK_STR(content(b, STR("C/empty"), 3), STR(""));
        assert_string_equal(b->heard.text, "");
        done(b);
    }
    struct bench *b = bench();
    CHECK(open_corpus(b, "zip/no-directory", ARCHIVE_ZIP));
    assert_string_equal(archive_form(b->a), "zip");
    CHECK(strstr(b->heard.text, "|truncated: a zip without its directory, read in sequence\n"));
    done(b);
}

/* Deflate64, as 7-Zip writes it: lengths beyond 258, distances beyond 32 KiB, in reads of any size. */
static void test_deflate64(void **state)
{
    (void)state;
    for (int bent = 0; bent < 2; bent++) {
        struct bench *b = bench();
        struct os     real = os_posix();
        struct str    in;
        CHECK(os_slurp(&real, STR(AP_SOURCE_DIR "/tests/corpus"), STR("zip/deflate64"), 1 << 20, &b->t.a, &in, &b->e));
        memcpy(o.p, in.p, o.n = in.n);
        if (bent)
            o.p[in.n / 2] ^= 0x55;
        CHECK(open_bytes(b, o.p, o.n, ARCHIVE_ZIP));
        for (size_t step = 1000; step < 400000; step *= 7) {
            struct str got = content(b, STR("wide.txt"), step);
            size_t     i = 0;
            while (i < got.n && got.p[i] == (uint8_t)("0123456789abcdef"[(i / 600 * 7919 + i % 600 / 100) % 16]))
                i++;
            CHECK(bent ? i > 0 && i < 240000 : i == 240000 && got.n == 240000);
        }
        CHECK((b->heard.n > 0) == bent);
        done(b);
    }
}

/* Closing a handle that is not open, and what would write. */
static void test_world(void **state)
{
    static const struct item it[] = { { .name = "d/x", .body = STR_INIT("body") } };
    struct bench  *b = bench();
    struct os_file f = OS_FILE_NONE;
    struct os_stat st;
    uint64_t       size;
    size_t         got;
    uint8_t        buf[4];

    (void)state;
    make(&o, it, 1);
    CHECK(open_bytes(b, o.p, o.n, ARCHIVE_ZIP));
    struct os *os = archive_os(b->a);
    os->close(os, &f);
    CHECK(!os->read_at(os, f, 0, buf, 1, &got, &b->e) && !os->mkdir(os, STR("x"), &b->e) && !os->create(os, STR("x"), &f, &b->e) && !os->write(os, f, STR("x"), &b->e) &&
          !os->commit(os, &f, &b->e) && !os->spool(os, STR(""), &f, &b->e) && !os->write_at(os, f, 0, STR("x"), &b->e));
    CHECK(!os->open(os, STR("d"), STR(""), &f, &size, &b->e) && b->e.kind == ERR_IO && !os->open(os, STR("d"), STR("y"), &f, &size, &b->e) && strstr(b->e.where, "x!/d/y"));
    CHECK(os->open(os, STR("d"), STR("x"), &f, &size, &b->e) && size == 4);
    os->close(os, &f);
    CHECK(os->stat(os, STR(""), &st, &b->e) && st.kind == OS_DIR && os->stat(os, STR("d"), &st, &b->e) && st.kind == OS_DIR);
    CHECK(os->stat(os, STR("d/x"), &st, &b->e) && st.kind == OS_FILE && st.size_bytes == 4 && !os->stat(os, STR("e"), &st, &b->e));
    CHECK(os->now_us(os) == 1000 && os->tick_us(os) < os->tick_us(os));
    done(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain), cmocka_unit_test(test_hostile), cmocka_unit_test(test_cut), cmocka_unit_test(test_bent), cmocka_unit_test(test_around),
        cmocka_unit_test(test_elsewhere), cmocka_unit_test(test_two_directories), cmocka_unit_test(test_broken_directory),
        cmocka_unit_test(test_limits), cmocka_unit_test(test_any_order), cmocka_unit_test(test_damage), cmocka_unit_test(test_nested),
        cmocka_unit_test(test_faults), cmocka_unit_test(test_memory),
        cmocka_unit_test(test_encrypted), cmocka_unit_test(test_corpus), cmocka_unit_test(test_deflate64), cmocka_unit_test(test_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
