/*
 * What the targets of casework's readers share. The first byte says in what pieces the file comes, the second which kind it is said to be (the last: by content);
 * the rest is the file. Then:
 *
 *   whole, or in pieces: the same items, broken rows, counts and notes
 *   every row is taken, other or broken; reasons add up to the refusals; a file that is refused says why
 *   every item keeps to its bounds: names as they are asked in the network, addresses that a mail server takes, times that can be, grades that a file may give
 *   all text can be written as JSON and onto a terminal (the sanitizer watches)
 */
#ifndef INTAKEFUZZ_H
#define INTAKEFUZZ_H

#include "casework/intake_fixture.h"
#include "formats/idna.h"
#include "formats/mailaddr.h"
#include "survey/where.h"

#include <stdlib.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)
enum { INTAKEFUZZ_OUT = 48 << 20 };

struct intakefuzz { struct out o; struct intake_told told; uint64_t broken, items; struct arena scratch; };

static inline void intakefuzz_time(int64_t us) { MUST(us == TIME_NONE || (us > 0 && us <= intake_now + TIME_DAY)); }

static inline void intakefuzz_name(const struct intakefuzz *f, struct str name, bool domain)
{
    struct arena a = f->scratch;
    struct str   again;

    MUST(name.n && name.n <= IDNA_NAME_MAX && idna_host(name, &a, &again) && str_eq(name, again));
    MUST(!domain || str_eq(where_registrable(name), name));
}

static inline void intakefuzz_mail(const struct intakefuzz *f, struct str s)
{
    struct arena    a = f->scratch;
    struct mailaddr m;
    const char     *why;

    MUST(mailaddr_parse(s, &a, &m, &why) && str_eq(m.all, s));
}

static inline void intakefuzz_subject(const struct intakefuzz *f, const struct subject *s)
{
    MUST(s->has_ip || s->has_tls || s->node.n || s->name_n);
    MUST(s->name_n <= LEDGER_NAMES_MAX);
    for (size_t i = 0; i < s->name_n; i++) {
        intakefuzz_name(f, s->name[i], false);
        for (size_t k = 0; k < i; k++)
            MUST(!str_eq(s->name[i], s->name[k]));
    }
}

static inline bool intakefuzz_take(void *ctx, const struct intake_item *x, struct err *e)
{
    struct intakefuzz *f = ctx;
    struct fact        fact = x->fact.f;
    struct err         no = { 0 };
    struct arena       a = f->scratch;
    struct str         clean;

    MUST(x->what < INTAKE_WHATS && x->line > 0);
    if (x->subject)
        intakefuzz_subject(f, x->subject);
    switch (x->what) {
    case INTAKE_PLACE:
        MUST(x->subject && (x->country[0] || x->asn) && strnlen(x->country, 3) != 1);
        break;
    case INTAKE_LINK:
        MUST(x->subject && x->link.kind < ORG_KEYS && x->link.confidence <= 100 && org_key_clean(x->link.kind, x->link.value, x->link.country, &a, &clean));
        MUST(!x->link.sector.n || intake_sector(x->link.sector).n);
        MUST(!x->link.size.n || str_eq(intake_size(x->link.size), x->link.size));
        if (org_kinds[x->link.kind].is == ORG_IS_DOMAIN)
            intakefuzz_name(f, x->link.value, true);
        intakefuzz_time(x->link.observed_us);
        break;
    case INTAKE_ENTRY:
        MUST(x->entry.list.n && x->entry.number.n && str_chr(x->entry.list, ':') == STR_NONE && (!x->entry.has_network || memcmp(x->entry.first, x->entry.last, 16) <= 0));
        MUST(!x->entry.sector.n || intake_sector(x->entry.sector).n);
        if (x->entry.domain.n)
            intakefuzz_name(f, x->entry.domain, true);
        break;
    case INTAKE_MX:
        MUST(x->mx.host.n || x->mx.has_ip);
        intakefuzz_name(f, x->mx.domain, true);
        if (x->mx.host.n && !str_eq(x->mx.host, STR(".")))      /* ".": it takes no mail */
            intakefuzz_name(f, x->mx.host, false);
        intakefuzz_time(x->mx.observed_us);
        break;
    case INTAKE_CONTACT:
        MUST(x->contact.channel < CONTACT_CHANNELS && x->contact.about < CONTACT_ABOUTS && x->contact.rung >= 1 && x->contact.rung <= 13 && x->contact.address.n && x->contact.about_value.n && !x->contact.manual);
        if (x->contact.channel == CONTACT_EMAIL || x->contact.channel == CONTACT_CSIRT)
            intakefuzz_mail(f, x->contact.address);
        intakefuzz_time(x->contact.observed_us);
        break;
    case INTAKE_FACT:
        fact.recorded_us = intake_now;
        fact.who = STR("w");
        MUST(fact_check(&fact, &no) && fact.grade >= GRADE_D && fact.grade <= GRADE_B && (x->subject || x->fact.case_.n));
        intakefuzz_time(fact.observed_us);
        intakefuzz_time(fact.own_us);
        break;
    case INTAKE_SUPPRESS:
        MUST(x->suppress.why.n && x->suppress.scope.n && x->suppress.scope.n <= 64);
        if (str_chr(x->suppress.address, '@') != STR_NONE)
            intakefuzz_mail(f, x->suppress.address);
        else
            intakefuzz_name(f, x->suppress.address, false);
        break;
    case INTAKE_WHATS:
        break;
    }
    MUST(!x->source.tlp.n || intake_tlp(x->source.tlp, &clean));
    f->items++;
    return intake_told_take(&f->told, x, e);
}

static inline bool intakefuzz_broken(void *ctx, uint64_t line, const char *why, struct str raw, struct err *e)
{
    struct intakefuzz *f = ctx;

    MUST(why && why[0] && raw.n <= OBS_RAW_MAX);
    f->broken++;
    out_term(&f->o, raw, 0);
    return intake_told_broken(&f->told, line, why, raw, e);
}

/* Everything that came of it, as text. */
static inline struct str intakefuzz_read(uint8_t *mem, struct arena room, const struct intake_options *opt, struct str in, size_t step)
{
    struct arena         a = { mem, mem + INTAKEFUZZ_OUT, NULL }, keep;
    struct intakefuzz   *f = NEW(&a, struct intakefuzz, 1);
    uint8_t             *k = TAKE(&a, uint8_t, 1 << 16), *scratch = TAKE(&a, uint8_t, 1 << 16);
    struct out_mem       m = { .a = &a };
    struct intake_fed    fed = { in, 0, step };
    struct intake_sink   sink = { f, intakefuzz_take, intakefuzz_broken };
    struct intake_result r;
    struct err           e = { 0 };
    uint64_t             reasons = 0, items = 0;

    keep = (struct arena){ k, k + (1 << 16), NULL };
    f->scratch = (struct arena){ scratch, scratch + (1 << 16), NULL };
    out_open(&f->o, out_mem_put, &m);
    f->told.o = &f->o;
    bool ok = intake_read(&r, &keep, room, opt, intake_fed_fill, &fed, &sink, &e);
    MUST(ok || (e.kind != ERR_NONE && e.what[0]));
    MUST(r.sums.rows == r.sums.taken + r.sums.other + r.sums.broken && r.partly <= r.sums.taken);
    for (size_t i = 0; i < r.sums.reason_n; i++)
        reasons += r.sums.reason[i].n;
    MUST(reasons == f->broken || r.sums.reason_n == IMPORT_REASONS_MAX);
    for (size_t i = 0; i < INTAKE_WHATS; i++)
        items += r.items[i];
    MUST(items == f->items);
    for (size_t i = 0; i < r.sums.note_n; i++)
        out_term(&f->o, r.sums.note[i], 0);
    out_fmt(&f->o, "%d %llu %llu %llu %llu %d %s", ok, (unsigned long long)r.sums.rows, (unsigned long long)r.sums.taken, (unsigned long long)r.sums.other, (unsigned long long)r.sums.broken, r.sums.end.kind, ok ? "" : e.what);
    MUST(out_done(&f->o, &e));
    return out_mem_str(&m);
}

static inline int intakefuzz(const char *const *kind, size_t kind_n, const uint8_t *data, size_t n)
{
    static struct arena room;
    static uint8_t     *mem;
    struct err          e = { 0 };

    if (n < 2 || n > (1 << 18))
        return 0;
    if (!mem) {
        mem = malloc(2 * (size_t)INTAKEFUZZ_OUT);
        MUST(mem && os_arena_map(&room, INTAKE_ROOM, &e));
    }
    size_t                which = (data[1] & 0x7F) % (kind_n + 1);
    struct intake_options o = { .kind = which < kind_n ? intake_kind_find(str_c(kind[which])) : NULL, .vouched = which < kind_n, .name = STR("x"), .source = STR("s"), .slug = STR("proxylogon"), .group = STR("ProxyLogon"),
                                .now_us = intake_now, .row_max = data[1] & 0x80 ? 4096 : 0 };
    struct str            in = { data + 2, n - 2 };
    struct str            whole = intakefuzz_read(mem, room, &o, in, 0), pieces = intakefuzz_read(mem + INTAKEFUZZ_OUT, room, &o, in, (size_t)data[0] + 1);
    MUST(str_eq(whole, pieces));
    return 0;
}

#endif
