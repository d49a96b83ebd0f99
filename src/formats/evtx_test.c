#include "test.h"

#include "formats/evtx.h"

#include "base/num.h"
#include "make_evtx.h"

#define TIME_A UINT64_C(132592000000000000)

/* All types, in one table: what is stored and what it says. */
static const struct { uint8_t type; const char *hex, *text, *why; } types[] = {
    { 0, "", "", "nothing" }, { 1, "41004200", "AB", "wide text" }, { 1, "4100420000000000", "AB", "terminators are no text" }, { 1, "3dd8", "\xEF\xBF\xBD", "half a character" },
    { 2, "41e900", "A\xC3\xA9", "ANSI" }, { 3, "fe", "-2", "int8" }, { 4, "fe", "254", "uint8" }, { 5, "feff", "-2", "int16" }, { 6, "feff", "65534", "uint16" },
    { 7, "feffffff", "-2", "int32" }, { 8, "feffffff", "4294967294", "uint32" }, { 9, "feffffffffffffff", "-2", "int64" },
    { 10, "feffffffffffffff", "18446744073709551614", "uint64" }, { 11, "cdcccc3d", "0.1", "real32" }, { 12, "9a9999999999b93f", "0.1", "real64" },
    { 13, "01000000", "true", "bool" }, { 13, "00000000", "false", "bool" }, { 14, "00ff10", "00FF10", "binary" },
    { 15, "030201000504070608090a0b0c0d0e0f", "{00010203-0405-0607-0809-0A0B0C0D0E0F}", "GUID" }, { 16, "00100000", "0x1000", "size" },
    { 16, "0010000001000000", "0x100001000", "size of 64 bits" }, { 17, "0000000000000000", "1601-01-01T00:00:00.0000000Z", "the first instant" },
    { 17, "01803ed5deb19d01", "1970-01-01T00:00:00.0000001Z", "seven digits" }, { 17, "ffffffffffffffff", "18446744073709551615", "beyond 9999" },
    { 18, "e50703000300030004000b000900d200", "2021-03-03T04:11:09.210Z", "SYSTEMTIME" }, { 19, "010100000000000512000000", "S-1-5-18", "SID" },
    { 19, "0105000000000005", "0105000000000005", "a SID that is cut" }, { 20, "0f000000", "0xf", "HexInt32" }, { 21, "0f00000000000000", "0xf", "HexInt64" },
    { 32, "0100000000000000", "0x1", "handle" }, { 35, "3c00", "<", "XML text" }, { 8, "0102", "0102", "wrong length" }, { 99, "0102", "0102", "no known type" },
    { 0x81, "4100000042000000", "A, B", "texts" }, { 0x81, "41000000000042000000", "A, , B", "an empty text among others" }, { 0x82, "410042", "A, B", "ANSI texts" },
    { 0x84, "0102", "1, 2", "numbers" }, { 0x86, "010002", "1, 02", "the last one is cut" }, { 0x88, "0100000002000000", "1, 2", "uint32s" },
    { 0x8D, "0100000000000000", "true, false", "bools" }, { 0x93, "010100000000000512000000010100000000000513000000", "S-1-5-18, S-1-5-19", "SIDs" },
    { 0x91, "0000000000000000", "1601-01-01T00:00:00.0000000Z", "instants" }, { 0x95, "01000000000000000200000000000000", "0x1, 0x2", "HexInt64s" }, { 0xC0, "01", "01", "no type" },
};

static void every_type(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        struct test_arena t = test_arena(4096);
        uint8_t           raw[64];
        size_t            n = strlen(types[i].hex) / 2;
        CHECK(n == 0 || num_unhex(str_c(types[i].hex), raw, n));
        struct str        in = test_heap(raw, n), got = evtx_value_text(&t.a, (struct evtx_value){ types[i].type, in });
        CHECK_WHY(got.p != NULL, types[i].why);
        CHECK_STR(got, str_c(types[i].text));
        test_free(in);
        test_arena_free(&t);
    }
}

enum { R_PLAIN = 1, R_AGAIN, R_NESTED, R_INLINE, R_USER, R_ARRAY, R_MIXED, R_N };

/* A chunk with everything: a template and its second use, EventData of its own template, elements without one, UserData, arrays, several parts. */
static struct mk filled(uint8_t *p)
{
    static struct mk m;

    mk_chunk(&m, p);
    mk_record(&m, R_PLAIN, TIME_A);
    uint32_t def = mk_template(&m, 7, 0);
    mk_open(&m, "Event", true), mk_attr(&m, "xmlns"), mk_text(&m, "http://example.test/event"), mk_shut(&m);
    mk_system(&m, "Test-Audit", "Security");
    mk_open(&m, "EventData", false), mk_shut(&m);
    mk_data(&m, "Image", 5, 1), mk_data(&m, "Count", 6, 8), mk_data(&m, NULL, 7, 1);
    mk_end(&m), mk_end(&m);
    mk_template_end(&m);
    for (int i = 0; i < 2; i++) {
        if (i) {
            mk_record(&m, R_AGAIN, TIME_A + 1);
            mk_template(&m, 7, def);
        }
        mk_values(&m, MK_SYSTEM_VALUES + 3);
        mk_system_values(&m, 4688, (uint64_t)(R_PLAIN + i), TIME_A);
        mk_value_text(&m, i ? "b.exe" : "a.exe"), mk_value_number(&m, 8, 3, 4), mk_value(&m, 0, NULL, 0);
        mk_record_end(&m);
    }
    mk_record(&m, R_NESTED, TIME_A);
    mk_template(&m, 8, 0);
    mk_open(&m, "Event", false), mk_shut(&m);
    mk_system(&m, "Test-Outer", "Application");
    mk_sub(&m, 5, 33);
    mk_end(&m);
    mk_template_end(&m);
    mk_values(&m, MK_SYSTEM_VALUES + 1);
    mk_system_values(&m, 1, R_NESTED, TIME_A);
    size_t at = m.n, slot = m.values + 4 * MK_SYSTEM_VALUES;
    mk_put(&m, 0x0001010F, 4);
    mk_template(&m, 9, 0);
    mk_open(&m, "EventData", true), mk_attr(&m, "Name"), mk_text(&m, "Inner"), mk_shut(&m);
    mk_data(&m, "Path", 0, 1);
    mk_end(&m);
    mk_template_end(&m);
    mk_values(&m, 1);
    mk_value_text(&m, "C:\\x");
    mk_put(&m, 0, 1);
    mk_set(&m, slot, m.n - at, 2), mk_set(&m, slot + 2, 33, 1);
    mk_record_end(&m);

    mk_record(&m, R_INLINE, TIME_A);
    mk_open(&m, "Event", false), mk_shut(&m);
    mk_open(&m, "System", false), mk_shut(&m);
    mk_tag(&m, "Provider", "Name", "Test-Inline", -1, 0), mk_leaf(&m, "EventID", "77", -1, 0), mk_leaf(&m, "Channel", "System", -1, 0);
    mk_end(&m);
    mk_open(&m, "EventData", false), mk_shut(&m);
    mk_open(&m, "Data", true), mk_attr(&m, "Name"), mk_text(&m, "Text"), mk_shut(&m);
    mk_text(&m, "a"), mk_put(&m, 0x09, 1), mk_name(&m, "amp"), mk_put(&m, 0x08, 1), mk_put(&m, 0xE9, 2);       /* a&amp;&#xE9; */
    mk_put(&m, 0x07, 1), mk_put(&m, 1, 2), mk_wide(&m, "<");                                                     /* CDATA */
    mk_put(&m, 0x0A, 1), mk_name(&m, "target"), mk_put(&m, 0x0B, 1), mk_put(&m, 1, 2), mk_wide(&m, "x");        /* an instruction */
    mk_end(&m), mk_end(&m), mk_end(&m);
    mk_record_end(&m);

    mk_record(&m, R_USER, TIME_A);
    mk_open(&m, "Event", false), mk_shut(&m);
    mk_open(&m, "UserData", false), mk_shut(&m);
    mk_open(&m, "LogFileCleared", true), mk_attr(&m, "xmlns"), mk_text(&m, "x"), mk_attr(&m, "kind"), mk_text(&m, "k"), mk_shut(&m);
    mk_leaf(&m, "Channel", "System", -1, 0), mk_open(&m, "Deep", false), mk_shut(&m), mk_leaf(&m, "Er", "1", -1, 0), mk_leaf(&m, "None", NULL, -1, 0);
    mk_end(&m), mk_end(&m), mk_end(&m);
    mk_open(&m, "RenderingInfo", false), mk_shut(&m), mk_leaf(&m, "Message", "said", -1, 0), mk_end(&m);
    mk_end(&m);
    mk_record_end(&m);

    for (int i = 0; i < 2; i++) {
        mk_record(&m, i ? R_MIXED : R_ARRAY, TIME_A);
        mk_template(&m, i ? 11 : 10, 0);
        mk_open(&m, "Event", false), mk_shut(&m), mk_open(&m, "EventData", false), mk_shut(&m);
        if (i)
            mk_open(&m, "Data", false), mk_shut(&m), mk_text(&m, "n="), mk_sub(&m, 0, 8), mk_text(&m, ";"), mk_end(&m);
        else
            mk_data(&m, NULL, 0, 0x81);
        mk_end(&m), mk_end(&m);
        mk_template_end(&m);
        mk_values(&m, 1);
        if (i)
            mk_value_number(&m, 8, 5, 4);
        else
            mk_value(&m, 0x81, "A\0\0\0\0\0B\0\0", 10);
        mk_record_end(&m);
    }
    mk_chunk_end(&m);
    return m;
}

/* "provider/channel/id: name=value|name=value" */
static struct str line(struct arena *a, const struct evtx_event *ev)
{
    uint64_t   id = 0;
    struct str p = evtx_value_text(a, ev->system[EVTX_PROVIDER]), c = evtx_value_text(a, ev->system[EVTX_CHANNEL]);
    (void)evtx_value_number(ev->system[EVTX_EVENT_ID], &id);
    struct str s = str_fmt(a, "%.*s/%.*s/%u:", STR_ARG(p), STR_ARG(c), (unsigned)id);
    for (size_t i = 0; i < ev->field_n; i++) {
        struct str v = evtx_value_text(a, ev->field[i].value);
        s = str_cat(a, s, str_fmt(a, "%s%.*s=%.*s", i ? "|" : " ", STR_ARG(ev->field[i].name), STR_ARG(v)));
    }
    return s;
}

static const char *const want[R_N] = {
    [R_PLAIN]  = "Test-Audit/Security/4688: Image=a.exe|Count=3|=",
    [R_AGAIN]  = "Test-Audit/Security/4688: Image=b.exe|Count=3|=",
    [R_NESTED] = "Test-Outer/Application/1: @Name=Inner|Path=C:\\x",
    [R_INLINE] = "Test-Inline/System/77: Text=a&\xC3\xA9<",
    [R_USER]   = "//0: LogFileCleared@kind=k|LogFileCleared.Channel=System|LogFileCleared.Deep.Er=1|LogFileCleared.Deep.None=|RenderingInfo.Message=said",
    [R_ARRAY]  = "//0: =A|=|=B",
    [R_MIXED]  = "//0: =n=5;",
};

static void every_shape(void **state)
{
    static uint8_t     bytes[MK_CHUNK];
    struct test_arena  t = test_arena(1 << 20), own = test_arena(1 << 20);
    struct evtx_chunk  c;
    struct evtx_record r;
    struct err         e = { 0 };

    (void)state;
    filled(bytes);
    struct str in = test_heap(bytes, sizeof bytes);
    evtx_chunk_open(&c, &t.a, in);
    CHECK(c.has_header && !c.header_crc_bad && !c.cut && evtx_chunk_whole(&c) && c.first_id == 1 && c.last_id == R_N - 1);
    for (uint32_t i = 1; i < R_N; i++) {
        struct arena      a = own.a;
        struct evtx_event ev;
        struct evtx_peek  p;
        CHECK(evtx_chunk_next(&c, &r) && r.id == i && !r.slack && !r.bad_size);
        CHECK(evtx_event_peek(&c, &r, &a, &p, &e) && evtx_event_read(&c, &r, &a, &ev, &e));
        CHECK_WHY(ev.damaged == NULL, ev.damaged);
        CHECK_STR(line(&a, &ev), str_c(want[i]));
        CHECK_STR(evtx_value_text(&a, p.provider), evtx_value_text(&a, ev.system[EVTX_PROVIDER]));
        CHECK(p.event_id == (i <= 2 ? 4688 : i == 3 ? 1 : i == R_INLINE ? 77 : 0));
        if (i <= R_NESTED) {
            CHECK_STR(evtx_value_text(&a, ev.system[EVTX_USER]), STR("S-1-5-18"));
            CHECK_STR(evtx_value_text(&a, ev.system[EVTX_COMPUTER]), STR("mail01"));
            CHECK(str_starts(evtx_value_text(&a, ev.system[EVTX_TIME]), STR("2021-03-0")));
        }
    }
    CHECK(!evtx_chunk_next(&c, &r) && c.lost == 0);
    test_free(in);
    test_arena_free(&t);
    test_arena_free(&own);
}

struct seen { uint32_t records, slack, damaged, lost; };

static struct seen read_all(struct str in)
{
    static uint8_t     room[2][8 << 20];                        /* on the heap, a sanitizer clears them each time */
    struct arena       of_chunk = { room[0], room[0] + sizeof room[0], NULL }, own = { room[1], room[1] + sizeof room[1], NULL };
    struct evtx_chunk  c;
    struct evtx_record r;
    struct evtx_event  ev;
    struct err         e = { 0 };
    struct seen        s = { 0 };

    evtx_chunk_open(&c, &of_chunk, in);
    while (evtx_chunk_next(&c, &r)) {
        struct arena a = own;
        CHECK(r.off + r.size <= in.n && evtx_event_read(&c, &r, &a, &ev, &e));
        s.records++, s.slack += r.slack, s.damaged += ev.damaged != NULL;
        (void)line(&a, &ev);
    }
    s.lost = c.lost;
    return s;
}

/* Every length, and one byte changed at each place of the records: never more records, never outside, always an end. */
/* Records of one shape: the first is walked, the others are read where it was. */
static void layouts(void **state)
{
    enum { RECORDS = 12 };
    static uint8_t    bytes[MK_CHUNK];
    static struct mk  m;
    struct test_arena of_chunk = test_arena(1 << 20), own = test_arena(1 << 20);
    struct evtx_layout *layout = NULL;
    struct evtx_chunk  c;
    struct evtx_record r;
    struct err         e = { 0 };
    uint64_t           shape = 0;
    size_t             like = 0;
    uint32_t           def = 0;

    (void)state;
    mk_chunk(&m, bytes);
    for (uint64_t i = 1; i <= RECORDS; i++) {
        mk_record(&m, i, UINT64_C(132592000000000000) + i);
        bool first = !def;
        def = mk_template(&m, 7, def);
        if (first) {
            mk_open(&m, "Event", false), mk_shut(&m);
            mk_system(&m, "Test", "Security");
            mk_open(&m, "EventData", false), mk_shut(&m);
            mk_data(&m, "a", 5, 1), mk_data(&m, NULL, 6, 8), mk_data(&m, "c", 7, 1), mk_leaf(&m, "Plain", "text", -1, 0);
            mk_end(&m), mk_end(&m);
            mk_template_end(&m);
        }
        mk_values(&m, 8);
        mk_system_values(&m, (uint16_t)(4000 + i), i, UINT64_C(132592000000000000) + i);
        mk_value_text(&m, i % 2 ? "odd one" : "even"), mk_value_number(&m, 8, i, 4);
        mk_value_text(&m, i == 9 ? "" : "x");             /* an empty one is another shape */
        mk_record_end(&m);
    }
    mk_chunk_end(&m);
    evtx_chunk_open(&c, &of_chunk.a, (struct str){ bytes, sizeof bytes });
    while (evtx_chunk_next(&c, &r)) {
        struct arena      a = own.a, b;
        uint8_t          *from = a.beg;
        struct evtx_event ev, got;
        struct evtx_peek  p;
        struct str        raw[2];
        CHECK(evtx_event_peek(&c, &r, &a, &p, &e) && evtx_event_read(&c, &r, &a, &ev, &e) && !ev.damaged && ev.field_n == 4);
        if (p.shape != shape)
            CHECK(evtx_layout_make(&c, &r, &ev, (struct str){ from, (size_t)(a.beg - from) }, &layout, &e) && layout);
        shape = p.shape;
        b     = a;
        CHECK(evtx_layout_read(&c, &r, layout, &b, &got, &e) && got.field_n == ev.field_n);
        for (size_t i = 0; i < EVTX_SYSTEM_N; i++)
            CHECK(got.system[i].type == ev.system[i].type && str_eq(got.system[i].raw, ev.system[i].raw));
        for (size_t i = 0; i < ev.field_n; i++)
            CHECK(str_eq(got.field[i].name, ev.field[i].name) && got.field[i].value.type == ev.field[i].value.type && str_eq(got.field[i].value.raw, ev.field[i].value.raw));
        CHECK(evtx_layout_raw(&c, &r, layout, (const uint16_t[]){ 2, 0 }, 2, raw) && str_eq(raw[0], ev.field[2].value.raw) && str_eq(raw[1], ev.field[0].value.raw));
        CHECK(p.values > r.off && ev.field[0].value.raw.p >= c.in.p + p.values);
        like++;
    }
    CHECK(like == RECORDS);
    test_arena_free(&of_chunk);
    test_arena_free(&own);
}

static void cut_and_bitten(void **state)
{
    static uint8_t bytes[MK_CHUNK];
    struct mk      m = filled(bytes);
    uint32_t       before = 0;

    (void)state;
    for (size_t n = 0; n <= m.n + 8; n += n < 512 ? 64 : 1) {
        struct str  in = test_heap(bytes, n);
        struct seen s = read_all(in);
        CHECK(s.records < R_N && s.records >= before && s.slack == 0);
        before = s.records;
        test_free(in);
    }
    CHECK(before == R_N - 1);
    struct str in = test_heap(bytes, m.n + 64);
    uint8_t   *q = (uint8_t *)(uintptr_t)in.p;
    for (size_t i = 40; i < m.n; i++) {
        static const uint8_t flip[] = { 0xFF, 0x01, 0x80 };
        uint8_t keep = q[i];
        q[i] ^= flip[i % 3];
        struct seen s = read_all(in);
        CHECK(s.records <= R_N && (i < 512 || s.records + s.lost >= R_N - 2));
        q[i] = keep;
    }
    test_free(in);
}

static void left_behind(void **state)
{
    static uint8_t bytes[MK_CHUNK];
    struct mk      m = filled(bytes);

    (void)state;
    /* The header was written before the last two records were: they go on with the numbers. */
    mk_set(&m, 48, m.record, 4);
    struct str  in = test_heap(bytes, sizeof bytes);
    struct seen s = read_all(in);
    CHECK(s.records == R_N - 1 && s.slack == 0);
    test_free(in);
    /* An older record lies behind the last. */
    mk_set(&m, m.record + 8, 2, 8);
    in = test_heap(bytes, sizeof bytes);
    s  = read_all(in);
    CHECK(s.records == R_N - 1 && s.slack == 1 && s.damaged == 0);
    test_free(in);
    /* One record's second size is wrong: it is told, the others stay. */
    m = filled(bytes);
    mk_set(&m, m.n - 4, 1, 4);
    in = test_heap(bytes, sizeof bytes);
    s  = read_all(in);
    CHECK(s.records == R_N - 1 && s.damaged == 1 && s.slack == 0);
    struct test_arena t = test_arena(4096);
    struct evtx_chunk c;
    evtx_chunk_open(&c, &t.a, in);
    CHECK(!evtx_chunk_whole(&c));
    test_arena_free(&t);
    test_free(in);
}

/* The definition is gone: the values are still there. */
static void lost_template(void **state)
{
    static uint8_t     bytes[MK_CHUNK];
    struct test_arena  t = test_arena(1 << 20);
    struct evtx_chunk  c;
    struct evtx_record r;
    struct evtx_event  ev;
    struct err         e = { 0 };

    (void)state;
    struct mk m = filled(bytes);
    mk_set(&m, EVTX_RECORDS_AT + 24 + 4 + 2, 99, 4);
    evtx_chunk_open(&c, &t.a, (struct str){ bytes, sizeof bytes });
    CHECK(evtx_chunk_next(&c, &r) && evtx_event_read(&c, &r, &t.a, &ev, &e));
    assert_string_equal(ev.damaged, "a template was overwritten");
    CHECK(ev.field_n == 7);
    CHECK_STR(evtx_value_text(&t.a, ev.field[5].value), STR("a.exe"));
    test_arena_free(&t);
}

/* Depth, cycles and counts end at a named limit, and soon. */
static void hostile(void **state)
{
    static uint8_t bytes[MK_CHUNK];
    struct mk      m;

    (void)state;
    mk_chunk(&m, bytes);
    mk_record(&m, 1, TIME_A);
    for (int i = 0; i < 79; i++)
        mk_open(&m, "a", false), mk_shut(&m);
    for (int i = 0; i < 79; i++)
        mk_end(&m);
    mk_record_end(&m);
    /* A definition that uses itself, twice. */
    mk_record(&m, 2, TIME_A);
    uint32_t def = mk_template(&m, 5, 0);
    mk_open(&m, "Event", false), mk_shut(&m);
    for (int i = 0; i < 40; i++)
        mk_template(&m, 5, def), mk_put(&m, 0, 4);
    mk_end(&m);
    mk_template_end(&m);
    mk_values(&m, 0);
    mk_record_end(&m);
    /* More values than there is room for. */
    mk_record(&m, 3, TIME_A);
    mk_template(&m, 5, def);
    mk_put(&m, 0xFFFFFFFF, 4);
    mk_record_end(&m);
    mk_chunk_end(&m);
    struct seen s = read_all((struct str){ bytes, sizeof bytes });
    CHECK(s.records == 3 && s.damaged == 3);
}

static bool sweep(struct arena *a, struct err *e)
{
    static uint8_t     bytes[MK_CHUNK];
    struct evtx_chunk  c;
    struct evtx_record r;
    struct evtx_event  ev;

    filled(bytes);
    evtx_chunk_open(&c, a, (struct str){ bytes, sizeof bytes });
    while (evtx_chunk_next(&c, &r))
        if (!evtx_event_read(&c, &r, a, &ev, e))
            return false;
    return true;
}

/* Templates that hold each other: two definitions, each with instances of the other, and a value that is a fragment of the first. The limit has a name, and every record is told. */
static void cycles(void **state)
{
    static uint8_t    bytes[MK_CHUNK];
    struct mk         m;
    static uint8_t    room[2][8 << 20];
    struct arena      of_chunk = { room[0], room[0] + sizeof room[0], NULL }, own = { room[1], room[1] + sizeof room[1], NULL };
    struct evtx_chunk  c;
    struct evtx_record r;
    struct evtx_event  ev;
    struct err         e = { 0 };
    uint32_t           def[2] = { 0 };

    (void)state;
    mk_chunk(&m, bytes);
    for (uint32_t k = 0; k < 2; k++) {
        mk_record(&m, k + 1, TIME_A);
        def[k] = mk_template(&m, 5 + k, 0);
        mk_open(&m, "Event", false), mk_shut(&m);
        uint32_t other = k ? def[0] : def[0] + 400;                  /* mended below */
        for (int i = 0; i < 12; i++) {
            if (!k)
                mk_put(&m, 0x010C, 2), mk_put(&m, 6, 4), mk_put(&m, other, 4), mk_put(&m, 0, 4);
            else
                mk_template(&m, 5, other), mk_put(&m, 0, 4);
        }
        mk_end(&m);
        mk_template_end(&m);
        mk_values(&m, 0);
        mk_record_end(&m);
    }
    for (size_t at = def[0]; at + 14 < def[1]; at++)
        if (mk_get(&m, at, 2) == 0x010C && mk_get(&m, at + 2, 4) == 6)
            mk_set(&m, at + 6, def[1], 4);
    mk_record(&m, 3, TIME_A);
    mk_template(&m, 9, 0);
    mk_open(&m, "Event", false), mk_shut(&m);
    mk_system(&m, "Test", "Security");
    mk_end(&m);
    mk_template_end(&m);
    mk_values(&m, MK_SYSTEM_VALUES);
    mk_system_values(&m, 4624, 3, TIME_A);
    mk_record_end(&m);
    mk_chunk_end(&m);

    evtx_chunk_open(&c, &of_chunk, (struct str){ bytes, sizeof bytes });
    for (uint64_t id = 1; evtx_chunk_next(&c, &r); id++) {
        struct arena a = own;
        CHECK(r.id == id && evtx_event_read(&c, &r, &a, &ev, &e));
        CHECK_STR(ev.damaged ? str_c(ev.damaged) : STR(""), id == 1 ? STR("fragments nested too deep") : STR("too much work for one chunk"));
    }
    CHECK(r.id == 3 && c.steps <= EVTX_STEPS_MAX + 65536);
}

static void no_memory(void **state)
{
    (void)state;
    fault_sweep(sweep, 1 << 20);
}

struct disk { uint8_t *p; size_t n; };
static bool disk_read(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    struct disk *d = ctx;

    (void)e;
    *got = off >= d->n ? 0 : d->n - off < cap ? d->n - (size_t)off : cap;
    memcpy(buf, d->p + (off < d->n ? off : 0), *got);
    return true;
}

/* Chunks by the grid, behind garbage, without a header, cut short. */
static void files(void **state)
{
    enum { N = 4096 + 3 * MK_CHUNK + 1024 };
    static uint8_t   disk[N], buf[EVTX_CHUNK_BYTES];
    struct disk      d = { disk, N };
    struct evtx_file f;
    struct str       in;
    struct err       e = { 0 };
    uint64_t         off, at[3] = { 4096, 4096 + MK_CHUNK + 512, 4096 + 2 * MK_CHUNK + 512 };

    (void)state;
    mk_file(disk, 2, 1);
    filled(disk + at[0]);
    memset(disk + at[0] + MK_CHUNK, 'x', 512);
    filled(disk + at[1]);
    filled(disk + at[2]);
    d.n = at[2] + 1024;
    CHECK(evtx_file_open(&f, disk_read, &d, buf, &e) && f.has_header && !f.header_crc_bad && f.dirty && !f.full && f.chunk_n == 2);
    for (int i = 0; i < 3; i++) {
        CHECK(evtx_file_next(&f, &in, &off, &e) && off == at[i] && in.n == (i < 2 ? MK_CHUNK : 1024));
        CHECK(read_all(in).records == (i < 2 ? R_N - 1 : 1));
    }
    CHECK(!evtx_file_next(&f, &in, &off, &e) && e.kind == ERR_NONE && f.lost_bytes == 512);
    memset(disk, 0, 4096);
    memset(disk + at[1], 0, 512);                               /* a chunk whose header is gone is found by its records, on the grid only */
    memmove(disk + 4096 + MK_CHUNK, disk + at[1], MK_CHUNK);
    CHECK(evtx_file_open(&f, disk_read, &d, buf, &e) && !f.has_header);
    for (int i = 0; i < 2; i++)
        CHECK(evtx_file_next(&f, &in, &off, &e) && read_all(in).records == R_N - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type), cmocka_unit_test(every_shape), cmocka_unit_test(layouts), cmocka_unit_test(cut_and_bitten), cmocka_unit_test(left_behind),
        cmocka_unit_test(lost_template), cmocka_unit_test(hostile), cmocka_unit_test(cycles), cmocka_unit_test(no_memory), cmocka_unit_test(files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
