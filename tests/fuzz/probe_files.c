/*
 * probe_files: the probe's files and what servers send it.
 *
 * First byte: which. Scope and opt-out: what was read keeps its own rules (nobody twice, nothing too large, nobody that opted out by the same text). Journal: the
 * same in pieces. Plan: only the paths that are compiled in.
 */
#include "survey/announce.h"
#include "survey/probe_asn.h"
#include "survey/probe_journal.h"
#include "survey/probe_plan.h"
#include "survey/probe_scope.h"

#include <stdlib.h>
#include <string.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)
enum { ROOM = 4 << 20 };

static void scope(struct arena a, struct str in)
{
    struct probe_scope  s;
    struct probe_optout o;
    struct err          e = { 0 };
    uint8_t             ip[16];
    const char         *why = NULL;

    if (!probe_scope_read(&s, &a, in, INT64_C(1795000000000000), true, &e)) {
        MUST(e.kind != ERR_NONE && e.what[0]);
        return;
    }
    MUST(s.addresses <= PROBE_TARGETS_MAX && s.addresses + s.name_n > 0 && s.authority.n);
    for (uint64_t i = 0; i < s.addresses; i += 1 + s.addresses / 64) {
        probe_scope_at(&s, i, ip);
        MUST(probe_scope_has(&s, ip));
        MUST(probe_scope_special(&s, ip, &why) || (why && why[0]));
    }
    /* Its targets as an opt-out list: all of them are out. */
    struct str all = str_from(in, 0), line;
    while (str_cut(&all, '\n', &line))
        if (probe_optout_read(&o, &a, line, &e) && o.names.n)
            for (size_t i = 0; i < s.name_n; i++)
                MUST(!str_ieq(str_trim(line), s.name[i]) || probe_optout_name(&o, s.name[i]));
}

static void optout(struct arena a, struct str in)
{
    struct probe_optout o;
    struct err          e = { 0 };

    if (!probe_optout_read(&o, &a, in, &e)) {
        MUST(e.kind != ERR_NONE && e.what[0]);
        return;
    }
    MUST(o.nets.n + o.names.n <= o.entries && o.undated <= o.entries);
    for (size_t i = 0; i < o.nets.n; i++)
        MUST(probe_optout_ip(&o, o.nets.entry[i].net.ip));
}

static void journal(struct arena a, struct str in)
{
    struct probe_journal j, k;
    struct err           e = { 0 }, f = { 0 };
    bool                 whole, parts = true;

    probe_journal_begin(&j, &a);
    whole = probe_journal_feed(&j, in, &e);
    probe_journal_begin(&k, &a);
    for (size_t i = 0; i < in.n && parts; i += 3)
        parts = probe_journal_feed(&k, str_sub(in, i, i + 3), &f);
    MUST(whole == parts || e.kind == ERR_MEMORY || f.kind == ERR_MEMORY);
    if (whole && parts)
        MUST(j.book.n == k.book.n && j.name_n == k.name_n && j.any == k.any && j.ended == k.ended && j.last_ask_us == k.last_ask_us && probe_journal_torn(&j) == probe_journal_torn(&k));
}

static void plan(struct arena a, struct str in)
{
    static const char *const paths[] = { "/ews/exchange.asmx", "/autodiscover/autodiscover.xml",
                                         "/ecp/Current/exporttool/microsoft.exchange.ediscovery.exporttool.application",
                                         "/owa/auth/logon.aspx?url=https%3a%2f%2fmail.example.org%2fowa%2f&reason=0" };
    struct observation o;
    struct announced   x = { .host = STR("mail.example.org"), .path = STR("/owa/") };
    char               path[PLAN_PATH_MAX];
    bool               known = false;
    int64_t            wait;

    observation_clear(&o);
    announce_read_raw(&o, &a, &x, in);
    static const int statuses[] = { 200, 301, 302, 401, 403, 404, 429, 500, 503 };
    for (size_t k = 0; k < sizeof statuses / sizeof *statuses; k++) {
        int status = statuses[k];
        if (probe_plan_busy(status, in, 0, &wait))
            MUST(wait >= 0 && wait <= 30 * TIME_DAY);
        if (!probe_plan_second(&o, status, in, "mail.example.org", path))
            continue;
        MUST(!probe_plan_last(status, in));
        for (size_t i = 0; i < 4; i++)
            known |= strcmp(path, paths[i]) == 0;
        MUST(known);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0)
        return 0;
    struct str     in = { data + 1, n - 1 };
    uint8_t       *room = malloc(ROOM);
    struct arena   a = { .beg = room, .end = room + ROOM };
    struct net_set s;
    struct err     e = { 0 };

    switch (data[0] % 5) {
    case 0: scope(a, in); break;
    case 1: optout(a, in); break;
    case 2: journal(a, in); break;
    case 3: plan(a, in); break;
    default: MUST(probe_asn_read(&s, &a, in, &e) || (e.kind != ERR_NONE && e.what[0]));
    }
    free(room);
    return 0;
}
