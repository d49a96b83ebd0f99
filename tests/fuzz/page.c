/*
 * page: any bytes as any kind of page, through the whole analyser: an answer for the page and for half of it; the same page gives the same answer; counts
 * keep to the header; what is told is plain and bounded. First byte: the kind of page. Files that it names are the page itself, so that circles are tried.
 */
#include "webshell/analyse.h"

#include <stdlib.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)
enum { ROOM = 64 << 20, KEEP = 1 << 20, TEXT_MAX = 4096 };

static bool itself(void *ctx, uint32_t from, const struct page_ref *ref, struct arena *a, struct str *ret)
{
    (void)from, (void)ref, (void)a;
    *ret = *(const struct str *)ctx;
    return true;
}

static void check(const struct analysis *r)
{
    MUST(r->verdict <= PAGE_BACK_DOOR && r->what < WHAT_KINDS && r->flow_n <= ANALYSE_FLOWS_MAX && r->more_n <= ANALYSE_MORE_MAX);
    MUST(r->why.p && r->why.n && r->why.n <= TEXT_MAX && r->confidence >= 0 && r->confidence <= 1);
    MUST(r->verdict != PAGE_BACK_DOOR || r->what != WHAT_NONE);
    for (size_t i = 0; i < r->flow_n; i++) {
        MUST(r->flow[i].step_n <= ANALYSE_STEPS_MAX && r->flow[i].text.n <= TEXT_MAX && r->flow[i].grade <= r->verdict + (r->verdict == PAGE_INERT ? PAGE_BACK_DOOR : 0));
        for (size_t k = 0; k < r->flow[i].step_n; k++)
            MUST(r->flow[i].step[k].text.n <= TEXT_MAX);
    }
}

static bool run(struct analysis *ret, uint8_t *mem, const struct analyse_input *in)
{
    struct arena keep = { mem, mem + KEEP, NULL };
    struct err   e = { 0 };

    if (!analyse_page(ret, &keep, (struct arena){ mem + KEEP, mem + ROOM, NULL }, in, &e)) {
        MUST(e.kind == ERR_MEMORY);
        return false;
    }
    check(ret);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    uint8_t        *mem[2] = { malloc(ROOM), malloc(ROOM) };
    struct analysis r[2];
    bool            ok[2];

    MUST(mem[0] && mem[1]);
    if (n) {
        struct str           page = { data + 1, n - 1 };
        struct analyse_input in = { .bytes = page, .kind = (enum page_kind)(data[0] % PAGE_KINDS), .more = data[0] & 0x80 ? itself : NULL, .more_ctx = &page };
        for (int i = 0; i < 2; i++)
            ok[i] = run(&r[i], mem[i], &in);
        MUST(ok[0] == ok[1]);
        if (ok[0]) {
            MUST(r[0].verdict == r[1].verdict && r[0].what == r[1].what && r[0].flow_n == r[1].flow_n && r[0].context_n == r[1].context_n);
            MUST(str_eq(r[0].why, r[1].why) && str_eq(r[0].key, r[1].key) && str_eq(r[0].gate, r[1].gate));
        }
        in.bytes = str_sub(page, 0, page.n / 2);
        run(&r[0], mem[0], &in);
    }
    free(mem[0]);
    free(mem[1]);
    return 0;
}
