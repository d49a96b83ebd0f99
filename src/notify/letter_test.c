/* Letters: as many pages as they say, the same bytes each time, and nothing hostile leaves its box. AP_LETTERS=FOLDER keeps them, to be looked at. */
#include "test.h"

#include <sys/wait.h>
#include <unistd.h>

#include "notify/letter_fixture.h"
#include "notify/pdf.h"

enum { ROOM = 64 << 20 };
static struct world { struct pack pack; struct test_arena a; char dir[32]; bool tools; } w;

static struct str letter(struct letter_case *c, const char *keep_as)
{
    struct err  e = { 0 };
    struct str  pdf;
    const char *keep = getenv("AP_LETTERS");
    char        path[512];

    if (!compose_letter(letter_told(c), &c->from, &w.pack, &w.a.a, &pdf, &e))
        fail_msg("%s: %s", e.where, e.what);
    snprintf(path, sizeof path, "%s/%s.pdf", keep ? keep : w.dir, keep_as);
    FILE *f = fopen(path, "wb");
    CHECK(f && fwrite(pdf.p, 1, pdf.n, f) == pdf.n && fclose(f) == 0);
    if (!keep)
        snprintf(path, sizeof path, "%s/%s.pdf", w.dir, keep_as);
    return pdf;
}

static void test_samples(void **state)
{
    static const struct { const char *language; enum notice_finding finding; size_t servers; const char *name; } c[] = {
        { "en", FINDING_BACKDOORED, 1, "en-1" }, { "de", FINDING_BACKDOORED, 1, "de-1" }, { "en", FINDING_VULNERABLE, 1, "en-vulnerable" }, { "de", FINDING_RELAPSED, 60, "de-60" },
        { "en", FINDING_BACKDOORED, 60, "en-60" },
    };
    struct letter_case *x = malloc(sizeof *x);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        letter_fill(x, c[i].language, c[i].finding, c[i].servers, &w.a.a);
        letter(x, c[i].name);
    }
    free(x);
}

static void test_phone(void **state)
{
    struct letter_case *x = malloc(sizeof *x);
    struct err e = { 0 };
    struct str s;

    (void)state;
    letter_fill(x, "de", FINDING_BACKDOORED, 6, &w.a.a);
    x->n.channel = CONTACT_PHONE;
    x->n.contact = STR("+9995550100");
    CHECK(compose_phone(letter_told(x), &x->from, &w.pack, &w.a.a, &s, &e));
    if (getenv("AP_LETTERS")) print_message("%.*s", (int)s.n, s.p);
    free(x);
}

static int setup(void **state)
{
    struct err e = { 0 };

    (void)state;
    w.a = test_arena(ROOM);
    snprintf(w.dir, sizeof w.dir, "/tmp/ap_letter.XXXXXX");
    return mkdtemp(w.dir) && pack_load_embedded(&w.pack, &w.a.a, STR("proxylogon"), &e) ? 0 : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_samples), cmocka_unit_test(test_phone) };
    return cmocka_run_group_tests(tests, setup, NULL);
}
