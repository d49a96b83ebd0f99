/*
 * ioc: a file of indicators, whatever its format; the first byte picks one of the four readers, or lets the content say.
 * Properties: a reader that fails names an error; every value has a form that is found again by looking it up; only hashes accuse; a refusal has
 * a reason; the order is that of kinds and values; a second reading of the same text gives the same.
 */
#include "base/num.h"
#include "pack/ioc_parts.h"

#include <stdlib.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool read(struct iocs *s, struct arena *a, uint8_t which, struct str text, struct err *e)
{
    static bool (*const readers[])(struct ioc_reader *, struct str, struct err *) = { ioc_read_csv, ioc_read_stix, ioc_read_misp, ioc_read_list };
    struct ioc_reader r = { .s = s, .a = a, .until_us = TIME_NONE };

    if (which % 5 == 4)
        return iocs_add(s, a, STR("f"), text, e);
    s->file = NEW(a, struct user_file, 1);
    if (!s->file)
        return err_set(e, ERR_MEMORY, "no room");
    s->file[s->file_n++] = (struct user_file){ .name = STR("f"), .format = "f", .publisher = STR("") };
    return readers[which % 5](&r, text, e);
}

static void check(const struct iocs *s, struct arena a)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct user_ioc *x = &s->item[i];
        size_t at = iocs_find(s, x->kind, x->value);
        MUST(x->value.n && x->value.n <= 2 * IOCS_VALUE_MAX && at != SIZE_MAX && at <= i && str_eq(s->item[at].value, x->value));
        MUST(i == 0 || s->item[i - 1].kind < x->kind || (s->item[i - 1].kind == x->kind && str_cmp(s->item[i - 1].value, x->value) <= 0));
        MUST(x->weight != IOC_ACCUSES || x->kind == IOC_SHA256 || x->kind == IOC_SHA1 || x->kind == IOC_MD5);
        MUST(x->file < s->file_n && x->also_n <= IOCS_ALSO_MAX && x->also + x->also_n <= s->term_n);
        if (x->kind == IOC_IP)
            MUST(iocs_find_ip(s, x->value) == at);
        if (i < 4) {
            struct arena scratch = a;
            MUST(iocs_source(s, x, &scratch).n || arena_room(&scratch) < 4096);
        }
    }
    for (size_t i = 0; i < s->refused_n; i++)
        MUST(s->refused[i].why.n && s->refused[i].file < s->file_n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0 || n > 16384)
        return 0;
    size_t       room = 2 << 20;
    uint8_t     *block = malloc(room), *second = malloc(room);
    struct arena a = { block, block + room, NULL }, b = { second, second + room, NULL };
    struct iocs  s = { .n = 0 }, t = { .n = 0 };
    struct err   e = { 0 }, f = { 0 };
    struct str   text = { data + 1, n - 1 };

    MUST(block && second);
    bool ok = read(&s, &a, data[0], text, &e);
    MUST(ok || (e.kind != ERR_NONE && e.what[0]));
    MUST(read(&t, &b, data[0], text, &f) == ok);
    iocs_settle(&s);
    iocs_settle(&t);
    MUST(s.n == t.n && s.refused_n == t.refused_n && s.twice == t.twice);
    check(&s, a);
    free(block);
    free(second);
    return 0;
}
