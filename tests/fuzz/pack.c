/*
 * pack: the first byte picks a reader of src/pack, the rest is the file.
 * Properties: a build that parses is four numbers that print to the same build again, and any of them gets a verdict with a reason;
 * a reader that fails names an error; indicators of addresses never accuse; sections of guidance lie inside the text.
 */
#include "base/num.h"
#include "pack/parts.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void build(struct arena *a, struct str text)
{
    static const struct build_row rows[] = {
        { .v = { 14, 3, 513, 0 }, .fixes = STR_INIT("old") }, { .v = { 15, 1, 10, 1 } }, { .v = { 15, 1, 10, 5 }, .fixes = STR_INIT("x;new") },
        { .v = { 15, 2, 20, 2 }, .fixes = STR_INIT("new") },
    };
    struct pack         p = { .build = (struct build_row *)(uintptr_t)rows, .build_n = COUNT_OF(rows), .fix_token = STR("new"), .fix_token_2010 = STR("old") };
    struct build_answer r;
    struct err          e = { 0 };
    uint16_t            v[4], w[4];
    int                 parts, again;

    if (!build_parse(text, v, &parts))
        return;
    struct str out = parts == 2 ? str_fmt(a, "%u.%u", v[0], v[1]) : parts == 3 ? str_fmt(a, "%u.%u.%u", v[0], v[1], v[2])
                                                                              : str_fmt(a, "%u.%u.%u.%u", v[0], v[1], v[2], v[3]);
    if (!build_parse(out, w, &again) || again != parts || v[0] != w[0] || v[1] != w[1] || v[2] != w[2] || v[3] != w[3])
        abort();
    for (int um = -1; um < 2; um++)
        if (!build_judge(&p, a, v, parts, TIME_NONE, um, &r, &e) || !r.why.n || !build_verdict_name(r.verdict))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static bool (*const readers[])(struct pack_building *, struct str, struct err *) = {
        pack_head_read, pack_builds_read, pack_iocs_read, pack_clean_read, pack_guidance_read,
    };

    if (n == 0 || n > 8192)
        return 0;
    size_t               room = 1 << 20;
    uint8_t             *block = malloc(room);
    struct arena         a = { block, block + room, NULL };
    struct pack          p = { .id = STR("") };
    struct pack_building b = { .p = &p, .a = &a };
    struct err           e = { 0 };
    struct str           text = { data + 1, n - 1 };
    size_t               which = data[0] % (COUNT_OF(readers) + 1);

    if (which == COUNT_OF(readers)) {
        build(&a, text);
    } else if (!readers[which](&b, text, &e)) {
        if (e.kind == ERR_NONE || !e.what[0])
            abort();
    }
    for (size_t i = 0; i < p.ioc_n; i++)
        if ((p.ioc[i].kind == IOC_IP || p.ioc[i].kind == IOC_DOMAIN) && p.ioc[i].weight == IOC_ACCUSES)
            abort();
    for (size_t i = 0; i < p.guide_n; i++)
        if (!p.guide[i].id.n || (p.guide[i].text.n && (p.guide[i].text.p < text.p || p.guide[i].text.p + p.guide[i].text.n > text.p + text.n)))
            abort();
    free(block);
    return 0;
}
