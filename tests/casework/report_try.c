/*
 * Imports report.json files into a store in memory and says in one line each what came of it. usage: report_try FILE...
 * For tests/scenarios/run.sh: real reports, made by the hunt from evidence of the lab.
 */
#include "casework/report_in.h"

#include <stdio.h>
#include <string.h>

static int fail(const struct err *e)
{
    fprintf(stderr, "%s%s%s\n", e->where, e->where[0] ? ": " : "", e->what);
    return 2;
}

int main(int argc, char **argv)
{
    struct os      os = os_posix();
    struct err     e = { 0 };
    struct store  *s;
    struct ledger *l;
    struct arena   whole;
    int64_t        campaign, source;
    const struct case_campaign c = { .slug = STR("proxylogon"), .title = STR("ProxyLogon"), .group = STR("ProxyLogon"), .begun_us = TIME_NONE, .report_us = TIME_NONE,
                                     .patch_us = TIME_NONE, .code_us = TIME_NONE };

    if (!os_arena_map(&whole, REPORT_ROOM + REPORT_BYTES_MAX, &e) || !store_open(&s, STR(":memory:"), STORE_WRITE, &e) || !ledger_open(&l, s, &os, STR("test"), &e) ||
        !ledger_begin(l, &e) || !ledger_campaign(l, &c, &campaign, &e) || !ledger_source(l, &(struct case_source){ .name = STR("victims") }, &source, &e) || !ledger_commit(l, &e))
        return fail(&e);
    for (int i = 1; i < argc; i++) {
        struct arena a = whole;
        struct str   bytes;
        struct ledger_counts n = { 0 };
        struct report_told   t;
        struct report_ask    ask = { .source = source, .name = STR("report.json") };
        if (!os_slurp_path(&os, str_c(argv[i]), REPORT_BYTES_MAX, &a, &bytes, &e))
            return fail(&e);
        if (!report_recognise(str_sub(bytes, 0, 4096)) || !report_import(l, &a, &ask, bytes, &n, &t, &e))
            return fail(&e);
        const struct report_told_campaign *k = &t.campaign[0];
        if (t.refused[0])
            printf("%s: refused: %s\n", argv[i], t.refused);
        else
            printf("%s: %s %s %s grade %s, %u facts, %u known, %u features; %s%s%s\n", argv[i], t.again ? "again" : t.server, k->verdict, k->door_open, grade_name(k->grade), k->facts,
                   k->known, k->features, k->why, t.note[0] ? "; " : "", t.note);
    }
    ledger_close(l);
    store_close(s);
    os_arena_unmap(&whole);
    return 0;
}
