/* Each rule of same.h as a case: records, and which of them are one server. Every case is given in several orders, which must say the same. */
#include "test.h"

#include "casework/same.h"

struct rec { int ip; uint16_t port; int tls; bool wild; const char *computer, *domain, *name, *name2; int of; };
enum { RECS = 12 };

static const struct { const char *why; struct rec r[RECS]; const char *want; } cases[] = {
    { "nothing in common", { { .ip = 1 }, { .ip = 2 } }, "A B" },
    { "one address and port; no port said is the web's, and so is 80", { { .ip = 1, .port = 443 }, { .ip = 1 }, { .ip = 1, .port = 80 } }, "A A A" },
    { "another port of one address, and nothing tells two apart", { { .ip = 1, .port = 443 }, { .ip = 1, .port = 25 } }, "A A" },
    { "... but two certificates do", { { .ip = 1, .port = 443, .tls = 1 }, { .ip = 1, .port = 444, .tls = 2 } }, "A B" },
    { "a certificate joins two addresses: the server moved", { { .ip = 1, .tls = 7 }, { .ip = 2, .tls = 7 } }, "A A" },
    { "a wildcard certificate does not", { { .ip = 1, .tls = 7, .wild = true }, { .ip = 2, .tls = 7, .wild = true } }, "A B" },
    { "... not even for who does not know that it is one", { { .ip = 1, .tls = 7, .wild = true }, { .ip = 2, .tls = 7 } }, "A B" },
    { "... but beside its computer's name", { { .ip = 1, .tls = 7, .wild = true, .computer = "ex01" }, { .ip = 2, .tls = 7, .wild = true, .computer = "ex01" } }, "A A" },
    { "a computer name with its AD domain", { { .ip = 1, .computer = "ex01", .domain = "corp.example" }, { .ip = 2, .computer = "ex01.corp.example" } }, "A A" },
    { "a computer name alone is anybody's", { { .ip = 1, .computer = "ex01" }, { .ip = 2, .computer = "ex01" } }, "A B" },
    { "a domain of one label is anybody's", { { .ip = 1, .computer = "ex01", .domain = "corp" }, { .ip = 2, .computer = "ex01", .domain = "corp" } }, "A B" },
    { "NetBIOS cuts names at fifteen letters", { { .ip = 1, .computer = "mailserver-exchange" }, { .ip = 1, .computer = "mailserver-exch" } }, "A A" },
    { "a host name", { { .ip = 1, .name = "mail.a.example" }, { .ip = 2, .name = "mail.a.example" } }, "A A" },
    { "a name of no domain, or of the inside, joins nothing", { { .ip = 1, .name = "ex01", .name2 = "mail.local" }, { .ip = 2, .name = "ex01", .name2 = "mail.local" } }, "A B" },
    { "a wildcard name joins nothing", { { .ip = 1, .name = "*.a.example" }, { .ip = 2, .name = "*.a.example" } }, "A B" },
    { "two computers behind one address are two servers", { { .ip = 1, .computer = "ex01" }, { .ip = 1, .computer = "ex02" } }, "A B" },
    { "two computers with one certificate are two servers", { { .ip = 1, .tls = 7, .computer = "ex01" }, { .ip = 2, .tls = 7, .computer = "ex02" } }, "A B" },
    { "two computers with one host name are two servers", { { .ip = 1, .name = "mail.a.example", .computer = "ex01" }, { .ip = 2, .name = "mail.a.example", .computer = "ex02" } }, "A B" },
    { "one name in two AD domains: two computers", { { .ip = 1, .computer = "ex01", .domain = "a.example" }, { .ip = 1, .computer = "ex01", .domain = "b.example" } }, "A B" },
    { "an address that fits two computers is true of both", { { .ip = 1, .computer = "ex01" }, { .ip = 1, .computer = "ex02" }, { .ip = 1 } }, "A B AB" },
    { "... but a certificate tells which", { { .ip = 1, .computer = "ex01", .tls = 1 }, { .ip = 1, .computer = "ex02", .tls = 2 }, { .ip = 1, .tls = 2 } }, "A B B" },
    { "one computer that shows itself by name and by address is one", { { .ip = 1, .computer = "ex01" }, { .ip = 1 }, { .ip = 1, .port = 443, .tls = 3 } }, "A A A" },
    { "what the survey joined is one", { { .ip = 1, .of = 5 }, { .ip = 2, .of = 5 } }, "A A" },
    { "... but for two computers in it", { { .ip = 1, .of = 5, .computer = "ex01" }, { .ip = 2, .of = 5, .computer = "ex02" } }, "A B" },
    { "... and what has no computer's name there is of the one at its address", { { .ip = 1, .of = 5, .computer = "ex01" }, { .ip = 2, .of = 5, .computer = "ex02" }, { .ip = 2, .of = 5 } }, "A B B" },
    { "... or of both", { { .ip = 1, .of = 5, .computer = "ex01" }, { .ip = 2, .of = 5, .computer = "ex02" }, { .of = 5, .name = "mail.a.example" } }, "A B AB" },
    { "a chain of what differs", { { .ip = 1, .tls = 7 }, { .ip = 2, .tls = 7, .name = "mail.a.example" }, { .ip = 3, .name = "mail.a.example" } }, "A A A" },
    { "a chain does not join two computers", { { .ip = 1, .tls = 7, .computer = "ex01" }, { .ip = 2, .tls = 7, .name = "mail.a.example" }, { .ip = 3, .name = "mail.a.example", .computer = "ex02" } }, "A A B" },
    { "a report and the survey's server", { { .ip = 1, .of = 5, .tls = 7, .name = "mail.a.example" }, { .tls = 7, .computer = "ex01", .domain = "a.example", .name = "owa.a.example" } }, "A A" },
    { "a row with one server's address and another's name is the address's: a typo, or forged", { { .ip = 1, .of = 5, .name = "mail.a.example" }, { .ip = 2, .of = 6, .name = "mail.b.example" },
        { .ip = 1, .name = "mail.b.example" } }, "A B A" },
    { "... and so is a report with two servers' names", { { .ip = 1, .of = 5, .name = "mail.a.example" }, { .ip = 2, .of = 6, .name = "mail.b.example" },
        { .ip = 1, .computer = "ex01", .name = "mail.b.example", .name2 = "mail.a.example" } }, "A B A" },
    { "one computer, two servers of the survey, and nothing tells which", { { .ip = 1, .of = 5, .name = "mail.a.example" }, { .ip = 2, .of = 6, .name = "mail.a.example" },
        { .computer = "ex01", .name = "mail.a.example" } }, "A B C" },
    { "... without a computer's name it is true of both", { { .ip = 1, .of = 5, .name = "mail.a.example" }, { .ip = 2, .of = 6, .name = "mail.a.example" }, { .name = "mail.a.example" } }, "A B AB" },
    { "the survey's server behind whose address two computers report is both", { { .computer = "ex01", .ip = 1 }, { .computer = "ex02", .ip = 1 }, { .ip = 1, .of = 5 } }, "A B AB" },
    { "a tip with a name alone", { { .ip = 1, .of = 5, .name = "mail.a.example" }, { .name = "mail.a.example" } }, "A A" },
};

static struct same_item item_of(const struct rec *r, struct str name[2], uint64_t id)
{
    struct same_item i = { .id = id, .of = (uint64_t)r->of, .has_ip = r->ip != 0, .port = r->port, .has_tls = r->tls != 0, .wild = r->wild, .tls = (uint64_t)r->tls * 77,
                           .computer = r->computer ? str_c(r->computer) : STR_EMPTY, .domain = r->domain ? str_c(r->domain) : STR_EMPTY, .name = name };

    i.ip[10] = i.ip[11] = 0xff;
    i.ip[12] = 192;
    i.ip[14] = (uint8_t)(r->ip >> 8);
    i.ip[15] = (uint8_t)r->ip;
    if (r->name)
        name[i.name_n++] = str_c(r->name);
    if (r->name2)
        name[i.name_n++] = str_c(r->name2);
    return i;
}

/* "A A B": servers of the records, in the case's order, with letters as they first appear. */
static void tell(const struct same *s, const size_t *place, size_t n, char *ret)
{
    char     letter[64] = { 0 }, next = 'A';
    uint32_t of[64][8], count[64] = { 0 };

    for (size_t i = 0; i < s->pair_n; i++) {
        uint32_t at = s->pair[i].item;
        of[at][count[at]++] = s->pair[i].server;
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t at = (uint32_t)place[i];
        char     word[9] = { 0 };

        if (i)
            *ret++ = ' ';
        for (uint32_t k = 0; k < count[at]; k++)
            letter[of[at][k]] = letter[of[at][k]] ? letter[of[at][k]] : count[at] == 1 ? next++ : '?';
        for (uint32_t k = 0; k < count[at]; k++) {
            size_t p = k;
            for (; p > 0 && word[p - 1] > letter[of[at][k]]; p--)
                word[p] = word[p - 1];
            word[p] = letter[of[at][k]];
        }
        ret += sprintf(ret, "%s", word);
    }
    *ret = 0;
}

static void rules(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        size_t n = 0;

        while (n < RECS && memcmp(&cases[c].r[n], &(struct rec){ 0 }, sizeof(struct rec)) != 0)
            n++;
        for (size_t turn = 0; turn < 2 * n; turn++) {
            struct test_arena t = test_arena(1 << 20);
            struct same_item item[RECS];
            struct str  name[RECS][2];
            size_t      place[RECS];
            struct same s;
            struct err  e = { 0 };
            char        got[256];

            for (size_t i = 0; i < n; i++) {
                size_t at = turn < n ? (i + turn) % n : n - 1 - (i + turn) % n;
                place[i] = at;
                item[at] = item_of(&cases[c].r[i], name[at], i * 1000 + 17);
            }
            struct arena scratch = { t.a.beg + (t.n / 2), t.a.end, NULL }, a = { t.a.beg, t.a.beg + t.n / 2, NULL };
            CHECK_WHY(same_make(item, n, NULL, &a, scratch, &s, &e), cases[c].why);
            tell(&s, place, n, got);
            if (strcmp(got, cases[c].want) != 0)
                fail_msg("%s: got %s, want %s (order %zu)", cases[c].why, got, cases[c].want, turn);
            for (uint32_t i = 1; i < s.server_n; i++)
                CHECK_WHY(s.lowest[i - 1] < s.lowest[i], cases[c].why);
            test_arena_free(&t);
        }
    }
}

enum { MANY = 300 };

/* What too many share joins nothing; and a CDN's address is parted. */
static void hubs(void **state)
{
    struct test_arena t = test_arena(4 << 20);
    struct same_item item[MANY];
    struct str name[MANY][2];
    char  text[MANY][32];
    struct same s;
    struct err e = { 0 };
    (void)state;

    for (int what = 0; what < 4; what++) {
        for (int i = 0; i < MANY; i++) {
            struct rec r = { .ip = i + 1 };
            if (what == 0)
                r.tls = 7;
            if (what == 1)
                r.name = "mail.hoster.example";
            if (what == 2) {
                r.computer = "ex01";
                r.domain = "corp.example";
            }
            if (what == 3) {
                r.ip = 1;
                r.tls = 1 + i % 100;
                sprintf(text[i], "mail.c%d.example", i % 100);
                r.name = text[i];
            }
            item[i] = item_of(&r, name[i], (uint64_t)i + 1);
        }
        struct arena scratch = { t.a.beg + (t.n / 2), t.a.end, NULL }, a = { t.a.beg, t.a.beg + t.n / 2, NULL };
        CHECK(same_make(item, MANY, NULL, &a, scratch, &s, &e));
        assert_int_equal(s.server_n, what == 3 ? 100 : MANY);
        CHECK(s.hubs >= 1);
    }
    test_arena_free(&t);
}

/* More computers than anybody could mean: what does not say which stays by itself, as one. */
static void unclear(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct same_item item[22];
    struct str name[22][2];
    char  text[22][8];
    struct same s;
    struct err e = { 0 };
    (void)state;

    for (int i = 0; i < 22; i++) {
        struct rec r = { .ip = 1 };
        sprintf(text[i], "ex%02d", i);
        if (i < 20)
            r.computer = text[i];
        r.port = i == 21 ? 80 : 443;
        item[i] = item_of(&r, name[i], (uint64_t)i + 1);
    }
    struct arena scratch = { t.a.beg + (t.n / 2), t.a.end, NULL }, a = { t.a.beg, t.a.beg + t.n / 2, NULL };
    CHECK(same_make(item, 22, NULL, &a, scratch, &s, &e));
    assert_int_equal(s.server_n, 21);
    assert_int_equal(s.pair_n, 22);
    test_arena_free(&t);
}

static void empty(void **state)
{
    struct test_arena t = test_arena(1 << 16);
    struct same s;
    struct err e = { 0 };
    (void)state;

    CHECK(same_make(NULL, 0, NULL, &t.a, t.a, &s, &e) && s.server_n == 0 && s.pair_n == 0);
    test_arena_free(&t);
}

static bool work(struct arena *a, struct err *e)
{
    struct rec   r[] = { { .ip = 1, .tls = 7, .computer = "ex01", .domain = "a.example" }, { .ip = 1, .name = "mail.a.example" }, { .ip = 2, .name = "mail.a.example" } };
    struct str   name[3][2];
    struct same_item item[3];
    struct same  s;

    for (int i = 0; i < 3; i++)
        item[i] = item_of(&r[i], name[i], (uint64_t)i + 1);
    struct arena half = { a->beg, a->beg + 100000, a->fault }, scratch = { a->beg + 100000, a->end, a->fault };
    return same_make(item, 3, NULL, &half, scratch, &s, e);
}

static void faults(void **state)
{
    (void)state;
    fault_sweep(work, 400000);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(rules), cmocka_unit_test(hubs), cmocka_unit_test(unclear), cmocka_unit_test(empty), cmocka_unit_test(faults) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
