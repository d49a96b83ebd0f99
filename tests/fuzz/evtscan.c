/* evtscan: any bytes as a chunk before a few rules: what the search finds is what asking every rule about every record finds. */
#include "detect/evtscan.h"

#include "base/num.h"

#include <stdlib.h>
#include <string.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)

enum { KEEP = 24 << 20, WORK = 12 << 20, MET_MAX = 1 << 16 };

#define RULE(source, body) "title: t\nlogsource: {product: windows" source "}\ndetection:\n" body "---\n"
static const char rules[] =
    RULE("", "  k: [mimikatz, 'a?c', evil]\n  condition: k\n")
    RULE(", category: process_creation", "  s: {Image|endswith: 'cmd.exe', User|contains: AUTH}\n  condition: s\n")
    RULE(", service: security", "  s: {EventID: [4624, 4688], SubjectUserName|contains: dmin}\n  t: {LogonType: 3}\n  condition: s or t\nafterpatch: {thing: note, name: TargetUserName, path: Image}\n")
    RULE(", service: msexchange-management", "  s: {Data|contains: script}\n  t: {Parameter.ExternalUrl|startswith: http}\n  condition: 1 of them\n")
    RULE(", service: Test/Channel", "  s: {Name|contains: abcd}\n  condition: not s\n");

struct met { uint32_t n; struct { uint32_t rule; uint64_t record; } item[MET_MAX]; };

static void on_met(void *ctx, uint32_t rule, uint64_t record)
{
    struct met *m = ctx;

    if (m->n < MET_MAX) {
        m->item[m->n].rule   = rule;
        m->item[m->n].record = record;
    }
    m->n++;
}

static bool on_flush(void *ctx, struct evt_outcome *o, struct err *e) { return (void)ctx, (void)o, (void)e, true; }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    /* Once: making them for each input would be most of the work. */
    static uint8_t           *block;
    static struct sigma       s;
    static struct evt_plan    plan;
    static struct met         met[2];
    static struct evt_outcome o[2];
    struct err                e = { 0 };
    struct str                in = { data, n < EVTX_CHUNK_BYTES ? n : EVTX_CHUNK_BYTES };

    if (!block) {
        MUST(block = malloc(KEEP + WORK));
        struct arena keep = { block, block + KEEP, NULL };
        MUST(sigma_add(&s, &keep, STR("a.yml"), str_c(rules), true, &e) && s.refused_n == 0 && evt_plan_make(&plan, &s, &keep, &e));
    }
    if (in.n < EVTX_RECORDS_AT)
        return 0;
    for (int whole = 0; whole < 2; whole++) {
        struct arena     work = { block + KEEP, block + KEEP + WORK, NULL };
        struct evt_sink  sink = { &met[whole], on_flush, on_met, NULL };
        struct evt_scan *scan;
        met[whole].n = 0;
        plan.whole   = whole;
        o[whole].hits.max = HITS_MAX;
        MUST(evt_scan_open(&scan, &plan, 'C', TIME_NONE, TIME_NONE, &work, &e));
        evt_scan_begin(scan, &o[whole], &sink);
        MUST(evt_scan_chunk(scan, 0, in, 4096, &e));
        MUST(o[whole].records <= EVTX_CHUNK_BYTES / 28 + 1 && o[whole].tried <= o[whole].records);
    }
    /* A record that is damaged may cost the chunk's budget in the one way and not in the other. */
    if (!o[0].damaged && !o[1].damaged && !o[0].limits && !o[1].limits) {
        MUST(met[0].n == met[1].n);
        for (uint32_t i = 0; i < met[0].n && i < MET_MAX; i++)
            MUST(met[0].item[i].rule == met[1].item[i].rule && met[0].item[i].record == met[1].item[i].record);
    }
    return 0;
}
