/*
 * The quick path against brute force: random rules over random records, in which values stand as every type, as constants of templates, without any template, as
 * items of arrays, nested, in slack. With the search and without it the same statements have to come out.
 */
#include "test.h"

#include "detect/evtscan.h"

#include "base/num.h"
#include "make_evtx.h"

#define TIME_A UINT64_C(132592000000000000)
enum { ROUNDS = 60, RULES = 24, TEXT = 8192 };

static uint64_t state_of = 88172645463325252u;
static uint32_t roll(uint32_t n) { state_of ^= state_of << 13, state_of ^= state_of >> 7, state_of ^= state_of << 17; return (uint32_t)(state_of >> 33) % n; }

static const char *const channels[] = { "Security", "Microsoft-Windows-Sysmon/Operational", "System", "MSExchange Management", "Odd/Channel" };
static const char *const fields[]   = { "Image", "NewProcessName", "CommandLine", "User", "SubjectUserName", "TargetFilename", "ServiceName", "Hashes", "Data", "EventID", "Message" };
static const char *const words[]    = { "whoami.exe", "\\cmd.exe", "C:\\Temp\\a.aspx", "lsass", "mimikatz", "0x1234", "4660", "S-1-5-18", "abcd", "wxyz caf\xC3\xA9", "\xE6\x97\xA5\xE6\x9C\xAC", "MD5=AA", "aaaa" };
static const uint16_t    ids[]      = { 1, 10, 4688, 4624, 7045, 11 };

static size_t put(char *to, size_t n, const char *fmt, const char *a, const char *b, const char *c)
{
    int got = snprintf(to + n, TEXT - n, fmt, a, b, c);
    return got > 0 && n + (size_t)got < TEXT ? n + (size_t)got : n;
}

static const char *part_of(const char *w) { return roll(3) == 0 && (uint8_t)w[0] < 0x80 ? w + 1 : w; }

static size_t put_test(char *to, size_t n)
{
    static const char *const shape[] = { "", "|contains", "|endswith", "|startswith", "|re" };
    size_t f = roll(COUNT_OF(fields));
    char   id[8];

    if (!strcmp(fields[f], "EventID")) {
        snprintf(id, sizeof id, "%u", ids[roll(COUNT_OF(ids))]);
        return put(to, n, "    %s: %s%s\n", fields[f], id, "");
    }
    /* A word, or a part of one. */
    const char *w = words[roll(COUNT_OF(words))];
    size_t      s = roll(6);
    if (s > 4)
        return put(to, n, "    %s|contains: ['%s', '%s']\n", fields[f], w, words[roll(COUNT_OF(words))]);
    if (s == 4)
        return put(to, n, "    %s%s: '%s'\n", fields[f], shape[s], roll(2) ? "who.mi" : "[lm]sass|aaaa");
    return put(to, n, "    %s%s: '%s'\n", fields[f], shape[s], part_of(w));
}

static void rules_text(char *to)
{
    static const char *const source[] = { "category: process_creation", "service: security", "service: system", "service: msexchange-management", "category: file_event",
                                          "service: sysmon", "service: Odd/Channel", "" };
    static const char *const condition[] = { "a", "a and b", "a or b", "a and not b", "1 of them", "k", "a or k", "b and k" };
    size_t n = 0;

    for (size_t i = 0; i < RULES; i++) {
        const char *s = source[roll(COUNT_OF(source))];
        char        name[16];
        snprintf(name, sizeof name, "r%zu", i);
        n = put(to, n, "title: %s\nlogsource: {product: windows%s%s}\ndetection:\n  a:\n", name, *s ? ", " : "", s);
        n = put_test(to, n);
        n = put(to, n, "  b:\n%s%s%s", "", "", "");
        n = put_test(to, n);
        n = put(to, n, "  k: ['%s', '%s']\n  condition: %s\n---\n", words[roll(COUNT_OF(words))], part_of(words[roll(COUNT_OF(words))]), condition[roll(COUNT_OF(condition))]);
    }
}

/* UTF-16LE of the words: the two that are no ASCII are spelled out. */
static size_t wide(uint8_t *to, const char *s)
{
    size_t n = 0;

    for (const uint8_t *p = (const uint8_t *)s; *p;) {
        uint32_t c = *p < 0x80 ? *p : *p < 0xE0 ? (uint32_t)(*p & 31) << 6 | (p[1] & 63) : (uint32_t)(*p & 15) << 12 | (uint32_t)(p[1] & 63) << 6 | (p[2] & 63);
        p += *p < 0x80 ? 1 : *p < 0xE0 ? 2 : 3;
        to[n++] = (uint8_t)c;
        to[n++] = (uint8_t)(c >> 8);
    }
    return n;
}

enum how { AS_WIDE, AS_ANSI, AS_NUMBER, AS_CONSTANT, AS_ARRAY, AS_BINARY, AS_WIDE_AGAIN, HOWS };

static void put_event(struct mk *m, uint64_t number)
{
    enum { FIELDS = 5 };
    const char *channel = channels[roll(COUNT_OF(channels))], *name[FIELDS], *text[FIELDS];
    enum how    how[FIELDS];
    size_t      n = roll(FIELDS) + 1, values = 0;
    bool        nested = roll(3) == 0, plain = roll(8) == 0;

    for (size_t i = 0; i < n; i++) {
        name[i] = roll(4) ? fields[roll(8)] : NULL;
        text[i] = words[roll(COUNT_OF(words))];
        how[i]  = roll(3) ? AS_WIDE : (enum how)roll(HOWS);
        how[i]  = plain || (how[i] == AS_CONSTANT && (uint8_t)text[i][0] >= 0x80) || (how[i] == AS_CONSTANT && strchr(text[i], 'x') == text[i] + 2) ? plain ? AS_CONSTANT : AS_WIDE : how[i];
    }
    mk_record(m, number, TIME_A + number * 10000000);
    if (plain) {                                            /* no template at all: ASCII only */
        char id[8];
        snprintf(id, sizeof id, "%u", ids[roll(COUNT_OF(ids))]);
        mk_open(m, "Event", false), mk_shut(m);
        mk_open(m, "System", false), mk_shut(m);
        mk_leaf(m, "EventID", id, -1, 0), mk_leaf(m, "Channel", channel, -1, 0);
        mk_end(m);
        mk_open(m, "EventData", false), mk_shut(m);
        for (size_t i = 0; i < n; i++) {
            mk_open(m, "Data", name[i] != NULL);
            if (name[i])
                mk_attr(m, "Name"), mk_text(m, name[i]);
            mk_shut(m), mk_text(m, (uint8_t)text[i][0] < 0x80 ? text[i] : "x"), mk_end(m);
        }
        mk_end(m), mk_end(m);
        mk_record_end(m);
        return;
    }
    mk_template(m, (uint32_t)number, 0);
    mk_open(m, "Event", false), mk_shut(m);
    mk_system(m, "Test", channel);
    if (nested)
        mk_sub(m, MK_SYSTEM_VALUES, 33);
    else
        mk_open(m, "EventData", false), mk_shut(m);
    for (size_t i = 0; i < n && !nested; i++) {
        mk_open(m, "Data", name[i] != NULL);
        if (name[i])
            mk_attr(m, "Name"), mk_text(m, name[i]);
        mk_shut(m);
        if (how[i] == AS_CONSTANT)
            mk_text(m, (uint8_t)text[i][0] < 0x80 ? text[i] : "x");
        else
            mk_sub(m, (uint16_t)(MK_SYSTEM_VALUES + values++), 1);
        mk_end(m);
    }
    if (!nested)
        mk_end(m);
    mk_end(m);
    mk_template_end(m);
    mk_values(m, (uint32_t)(MK_SYSTEM_VALUES + (nested ? 1 : values)));
    mk_system_values(m, ids[roll(COUNT_OF(ids))], number, TIME_A);
    if (nested) {                                           /* a fragment with a template of its own, one field in it */
        uint8_t w[64];
        size_t  at = m->values, count = m->value_n, from = m->n, wn = wide(w, text[0]);
        mk_put(m, 0x0001010F, 4);
        mk_template(m, (uint32_t)number + 1000, 0);
        mk_open(m, "EventData", false), mk_shut(m), mk_data(m, name[0], 0, 1), mk_end(m);
        mk_template_end(m);
        mk_values(m, 1);
        mk_value(m, how[0] == AS_ANSI ? 2 : 1, how[0] == AS_ANSI ? (const void *)text[0] : w, how[0] == AS_ANSI ? strlen(text[0]) : wn);
        mk_put(m, 0, 1);
        mk_set(m, at + 4 * count, m->n - from, 2), mk_set(m, at + 4 * count + 2, 33, 1);
        mk_record_end(m);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        uint8_t w[128];
        size_t  wn = wide(w, text[i]);
        switch (how[i]) {
        case AS_CONSTANT: break;
        case AS_ANSI:     mk_value(m, 2, text[i], strlen(text[i])); break;
        case AS_NUMBER:   mk_value_number(m, 20, 0x1234, 4); break;
        case AS_BINARY:   mk_value(m, 14, "\xAA\xAA\xAA", 3); break;
        case AS_ARRAY:    w[wn] = w[wn + 1] = 0, wn += 2, wn += wide(w + wn, "other"), w[wn] = w[wn + 1] = 0, mk_value(m, 0x81, w, wn + 2); break;
        default:          mk_value(m, 1, w, wn);
        }
    }
    mk_record_end(m);
}

static bool no_flush(void *ctx, struct evt_outcome *o, struct err *e)
{
    (void)ctx, (void)o, (void)e;
    fail_msg("there is room enough");
    return false;
}

struct met { uint32_t rule[4096]; uint64_t record[4096]; size_t n; };
static void on_met(void *ctx, uint32_t rule, uint64_t record)
{
    struct met *m = ctx;

    CHECK(m->n < COUNT_OF(m->rule));
    m->rule[m->n]     = rule;
    m->record[m->n++] = record;
}

static void the_same(void **state)
{
    static struct met met[2];
    static struct mk  m;
    uint64_t          all = 0, tried[2] = { 0 };

    (void)state;
    for (size_t round = 0; round < ROUNDS; round++) {
        struct test_arena keep = test_arena(48 << 20), work = test_arena(16 << 20);
        struct sigma      s = { 0 };
        struct evt_plan   plan;
        struct err        e = { 0 };
        char             *text = malloc(TEXT);
        uint8_t          *chunk = malloc(MK_CHUNK);
        struct evt_outcome *o = malloc(sizeof *o);

        rules_text(text);
        CHECK(sigma_add(&s, &keep.a, STR("a.yml"), str_c(text), true, &e));
        CHECK_WHY(s.refused_n == 0, s.refused_n ? str_cstr(&keep.a, s.refused[0].why) : "");
        CHECK(evt_plan_make(&plan, &s, &keep.a, &e));
        mk_chunk(&m, chunk);
        for (uint64_t i = 1; i < 40 && m.n < MK_CHUNK - 4096 && m.name_n < MK_NAMES - 30; i++)
            put_event(&m, i);
        size_t full = m.n;
        mk_chunk_end(&m);
        if (round % 4 == 3)                                 /* the last ones are slack */
            mk_set(&m, 48, full / 2 / 8 * 8, 4);
        for (int whole = 0; whole < 2; whole++) {
            struct evt_sink  sink = { &met[whole], no_flush, on_met, NULL };
            struct evt_scan *scan;
            struct arena     room = work.a;
            met[whole].n = 0;
            plan.whole   = whole;
            CHECK(evt_scan_open(&scan, &plan, 'C', TIME_NONE, TIME_NONE, &room, &e));
            o->hits.max = HITS_MAX;
            evt_scan_begin(scan, o, &sink);
            CHECK(evt_scan_chunk(scan, 0, (struct str){ chunk, MK_CHUNK }, 4096, &e));
            tried[whole] += o->asked;
        }
        for (size_t i = 0; i < met[0].n || i < met[1].n; i++)
            if (i >= met[0].n || i >= met[1].n || met[0].rule[i] != met[1].rule[i] || met[0].record[i] != met[1].record[i])
                fail_msg("round %zu: statement %zu: rule %u record %llu instead of rule %u record %llu (%zu and %zu statements)\n%s", round, i, met[0].rule[i],
                         (unsigned long long)met[0].record[i], met[1].rule[i], (unsigned long long)met[1].record[i], met[0].n, met[1].n, text);
        all += met[0].n;
        sigma_close(&s);
        free(text), free(chunk), free(o);
        test_arena_free(&keep);
        test_arena_free(&work);
    }
    CHECK(all > ROUNDS && tried[0] < tried[1]);             /* it says something, and leaves something out */
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_same) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
