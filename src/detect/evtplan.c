#include "detect/evtplan_ids.h"

#include "base/map.h"
#include "base/num.h"
#include "detect/sigma_code.h"
#include "pack/ioc_read.h"

#include <stdlib.h>
#include <string.h>

enum { LITERAL_LEAST = 3, LITERALS_MAX = SEARCH_LITS_MAX / 4, DERIVED_MAX = 64, MORE_SETS_MAX = 4, MORE_LITERALS_MAX = 64 };

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the rules of event logs"); }

/* --- channels --- */

static const struct { const char *channel; enum family family; } families[] = {
    { "Security", FAM_EVTX_SECURITY }, { "System", FAM_EVTX_SYSTEM }, { "Application", FAM_EVTX_APPLICATION }, { "MSExchange Management", FAM_EVTX_MANAGEMENT },
    { "Windows PowerShell", FAM_EVTX_POWERSHELL }, { "Microsoft-Windows-PowerShell/Operational", FAM_EVTX_POWERSHELL },
    { "PowerShellCore/Operational", FAM_EVTX_POWERSHELL }, { "Microsoft-Windows-Windows Defender/Operational", FAM_EVTX_DEFENDER },
    { "Microsoft-Windows-Sysmon/Operational", FAM_EVTX_SYSMON }, { "Microsoft-Windows-TaskScheduler/Operational", FAM_EVTX_TASKS },
    { "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational", FAM_EVTX_RDP },
    { "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational", FAM_EVTX_RDP },
    { "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational", FAM_EVTX_RDP }, { "Microsoft-Windows-TerminalServices-RDPClient/Operational", FAM_EVTX_RDP },
    { "Microsoft-Windows-WinRM/Operational", FAM_EVTX_WINRM }, { "Microsoft-Windows-WMI-Activity/Operational", FAM_EVTX_WMI },
    { "Microsoft-Windows-Bits-Client/Operational", FAM_EVTX_BITS }, { "Microsoft-IIS-Configuration/Operational", FAM_EVTX_IIS },
    { "Microsoft-IIS-Configuration/Administrative", FAM_EVTX_IIS },
};

enum family evt_family(struct str channel)
{
    for (size_t i = 0; i < COUNT_OF(families); i++)
        if (str_ieq(channel, str_c(families[i].channel)))
            return families[i].family;
    return FAM_EVTX_OTHER;
}

struct channels { struct evt_channel *item; size_t n, cap; struct map at; };

static bool channel_add(struct channels *l, struct arena *a, struct str name, struct err *e)
{
    if (map_get(&l->at, name) != MAP_NONE)
        return true;
    struct evt_channel *c = GROW(a, l->item, l->n, &l->cap);
    uint8_t            *wide = NEW(a, uint8_t, 2 * name.n + 1);
    if (!c || !wide || !map_put(&l->at, a, name, (uint32_t)l->n))
        return no_room(e);
    for (size_t i = 0; i < name.n; i++)
        wide[2 * i] = name.p[i];
    *c = (struct evt_channel){ .name = name, .wide = { wide, 2 * name.n }, .family = evt_family(name) };
    l->n++;
    return true;
}

/* The first is the one for all that are not named. */
static bool channels_list(struct channels *l, const struct sigma *s, struct arena *a, struct err *e)
{
    bool ok = true;

    l->at.fold = true;
    ok = channel_add(l, a, STR(""), e);
    for (size_t i = 0; ok && i < COUNT_OF(families); i++)
        ok = channel_add(l, a, str_c(families[i].channel), e);
    for (size_t i = 0; ok && (evt_sources[i].category || evt_sources[i].service); i++)
        ok = !evt_sources[i].channel || channel_add(l, a, str_c(evt_sources[i].channel), e);
    for (size_t i = 0; ok && i < s->rule_n; i++) {
        struct str named;
        ok = s->rule[i].correlation || !evt_source_by_channel(&s->rule[i], &named) || !named.n || channel_add(l, a, named, e);
    }
    return ok;
}

/* --- one channel --- */

/* What many records hold: taken only where there is nothing better. */
static const char *const frequent[] = {
    "c:\\windows\\system32\\", "c:\\windows\\syswow64\\", "c:\\program files (x86)\\", "c:\\windows\\microsoft.net\\framework64\\v4.0.30319\\", "svchost.exe", ".exe", ".dll",
    "powershell.exe", "cmd.exe", "nt authority\\system", "microsoft-windows-", "microsoft exchange", "windows", "system", "security", "hklm\\software\\microsoft\\windows\\currentversion\\",
    "hklm\\system\\currentcontrolset\\services\\", "true", "false", "name", "user", "data", "host", "service", "script", "http", "conhost.exe", "w3wp.exe",
    "default web site", "c:\\users\\", "\\appdata\\local\\temp\\", NULL,
};

struct lit { struct str s; struct evt_owner owner; };
struct lits { struct lit *item; size_t n, cap; };

/* Of the channel that is being made: what its rules' ids are, and their literals. */
struct build {
    struct evt_plan    *p;
    struct arena       *keep;
    struct evt_channel *c;
    struct evt_ids         *ids;
    struct sigma_sets  *sets;
    size_t              literal_n, set_cap;
    const char         *derived[DERIVED_MAX];
    struct err         *e;
};

static int by_text(const void *x, const void *y)
{
    const struct lit *a = x, *b = y;
    int c = str_cmp(a->s, b->s);

    return c ? c : a->owner.rule != b->owner.rule ? (a->owner.rule < b->owner.rule ? -1 : 1) : (int)a->owner.set - (int)b->owner.set;
}

static bool set_fits(const struct sigma_set *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->lit[i].n < LITERAL_LEAST)
            return false;
    return s->n > 0;
}

/* In lower case; and whose fields have to be searchable. */
static bool set_take(struct build *b, struct sigma_set *s)
{
    for (size_t i = 0; i < s->n; i++) {
        s->lit[i] = str_lower(b->keep, s->lit[i]);
        if (!s->lit[i].p)
            return no_room(b->e);
        if (s->of && s->of[i] != SIGMA_KEYWORD)
            b->c->asked[s->of[i]] = 1;
        else
            b->c->asks_any = true;
    }
    b->literal_n += s->n;
    return true;
}

/* The best set is always taken; further ones where they are small and not of what most records hold. */
static bool rule_add(struct build *b, uint32_t index, struct evt_ids ids)
{
    static const struct sigma_raw base = { .ascii = true, .frequent = frequent };
    const struct sigma_rule *r = &b->p->sigma->rule[index];
    struct sigma_raw         raw = base;
    struct evt_channel      *c = b->c;
    struct sigma_sets       *to = &b->sets[c->rule_n], all;

    raw.derived = b->derived;
    *to = (struct sigma_sets){ .n = 0 };
    if (!sigma_literal_sets(b->p->sigma, r, b->keep, &raw, &all, b->e))
        return false;
    for (size_t i = 0; i < all.n && to->n < MORE_SETS_MAX; i++) {
        bool first = to->n == 0;
        if (first && (i > 0 || !set_fits(&all.at[i]) || b->literal_n + all.at[i].n > LITERALS_MAX))
            break;
        if (!first && (all.at[i].n > MORE_LITERALS_MAX || !set_fits(&all.at[i])))
            continue;
        if (!set_take(b, &all.at[i]))
            return false;
        to->at[to->n++] = all.at[i];
    }
    c->rule[c->rule_n] = (struct evt_rule){ .index = index, .sets = (uint8_t)to->n, .keyword = sigma_asks(r, SIGMA_KEYWORD), .foreign = evt_is_foreign(r->code->root) };
    b->ids[c->rule_n]  = ids;
    c->rule_n++;
    return true;
}

/* Equal literals become one, with all their owners. */
static bool search_made(struct build *b, struct lits *l, struct evt_search *ret)
{
    struct evt_search s = { .owner = NEW(b->keep, struct evt_owner, l->n + 1), .owner_from = NEW(b->keep, uint32_t, l->n + 2) };
    struct str       *text = NEW(b->keep, struct str, l->n + 1);

    if (!s.owner || !s.owner_from || !text)
        return no_room(b->e);
    qsort(l->item, l->n, sizeof *l->item, by_text);
    for (size_t i = 0; i < l->n; i++) {
        if (i == 0 || !str_eq(l->item[i].s, l->item[i - 1].s)) {
            s.owner_from[s.literal_n] = (uint32_t)i;
            text[s.literal_n++] = l->item[i].s;
        }
        s.owner[i] = l->item[i].owner;
    }
    s.owner_from[s.literal_n] = (uint32_t)l->n;
    *ret = s;
    return search_each_build(&ret->each, b->keep, text, s.literal_n, b->e);
}

static bool search_for(struct build *b, const uint64_t *may, const struct evt_search **ret)
{
    struct evt_search         *s = NEW(b->keep, struct evt_search, 1);
    const struct search_each **at = GROW(b->keep, b->p->set, b->p->set_n, &b->set_cap);
    struct lits                l = { 0 };

    if (!s || !at)
        return no_room(b->e);
    for (uint32_t i = 0; i < b->c->rule_n; i++)
        for (uint32_t k = 0; may[i / 64] >> i % 64 & 1 && k < b->sets[i].n; k++)
            for (size_t j = 0; j < b->sets[i].at[k].n; j++) {
                struct lit *to = GROW(b->keep, l.item, l.n, &l.cap);
                if (!to)
                    return no_room(b->e);
                *to = (struct lit){ b->sets[i].at[k].lit[j], { .rule = i & 0xFFFFFF, .set = (uint8_t)k } };
                l.n++;
            }
    if (!search_made(b, &l, s))
        return false;
    *at = s->each;
    b->p->set_n++;
    if (s->literal_n > b->p->literals_max)
        b->p->literals_max = s->literal_n;
    *ret = s;
    return true;
}

static int by_number(const void *x, const void *y)
{
    const uint32_t *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

static bool bucket_make(struct build *b, struct evt_bucket *k, uint32_t id)
{
    const struct evt_channel *c = b->c;
    size_t n = 0, words = c->rule_n / 64 + 1;
    bool   searched = false;

    *k = (struct evt_bucket){ .id = id, .may = NEW(b->keep, uint64_t, words) };
    for (size_t i = 0; i < c->rule_n; i++)
        n += c->rule[i].sets == 0;
    k->always = NEW(b->keep, uint32_t, n + 1);
    if (!k->may || !k->always)
        return no_room(b->e);
    for (uint32_t i = 0; i < c->rule_n; i++) {
        if (!(id == EVT_ANY ? b->ids[i].any : evt_ids_has(&b->ids[i], id)))
            continue;
        k->may[i / 64] |= UINT64_C(1) << i % 64;
        if (c->rule[i].sets == 0)
            k->always[k->always_n++] = i;
        else
            searched = true;
    }
    for (const struct evt_bucket *before = c->bucket; searched && before < k && !k->search; before++)
        if (before->search && memcmp(before->may, k->may, words * sizeof *k->may) == 0)
            k->search = before->search;
    return !searched || k->search || search_for(b, k->may, &k->search);
}

static bool buckets_make(struct build *b)
{
    struct evt_channel *c = b->c;
    uint32_t           *id = NULL;
    size_t              n = 0, cap = 0, distinct = 0;

    for (size_t i = 0; i < c->rule_n; i++)
        for (size_t k = 0; k < b->ids[i].n; k++) {
            uint32_t *at = GROW(b->keep, id, n, &cap);
            if (!at)
                return no_room(b->e);
            *at = b->ids[i].id[k];
            n++;
        }
    if (n)
        qsort(id, n, sizeof *id, by_number);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || id[i] != id[i - 1])
            id[distinct++] = id[i];
    if (!(c->bucket = NEW(b->keep, struct evt_bucket, distinct + 1)))
        return no_room(b->e);
    for (size_t i = 0; i <= distinct; i++)
        if (!bucket_make(b, &c->bucket[i], i < distinct ? id[i] : EVT_ANY))
            return false;
    c->bucket_n = distinct + 1;
    return true;
}

/* In Sysmon's log TargetObject stands as it is; elsewhere it is put together. */
static void derived_list(struct build *b)
{
    size_t n = 0;

    while (evt_derived_names[n] && n + 2 < COUNT_OF(b->derived))
        b->derived[n] = evt_derived_names[n], n++;
    if (b->c->family != FAM_EVTX_SYSMON)
        b->derived[n++] = "TargetObject";
    b->derived[n] = NULL;
}

static bool channel_make(struct build *b)
{
    const struct sigma *s = b->p->sigma;
    struct evt_channel *c = b->c;

    b->literal_n = 0;
    c->asked = NEW(b->keep, uint8_t, s->field_n + 1);
    c->rule  = NEW(b->keep, struct evt_rule, s->rule_n + 1);
    if (!c->asked || !c->rule)
        return no_room(b->e);
    derived_list(b);
    for (size_t i = 0; i < s->rule_n && c->rule_n < EVT_RULES_MAX; i++) {
        struct evt_ids from = evt_source_ids(&s->rule[i], c), says;
        if (!from.any && from.n == 0)
            continue;
        says = evt_ids_of(s, s->rule[i].code->root);
        struct evt_ids both = { .any = from.any && says.any };
        for (size_t k = 0; k < from.n; k++)
            if (evt_ids_has(&says, from.id[k]))
                evt_ids_add(&both, from.id[k]);
        for (size_t k = 0; k < says.n; k++)
            if (evt_ids_has(&from, says.id[k]))
                evt_ids_add(&both, says.id[k]);
        if ((both.any || both.n) && !rule_add(b, (uint32_t)i, both))
            return false;
    }
    b->p->rules_max = c->rule_n > b->p->rules_max ? c->rule_n : b->p->rules_max;
    return buckets_make(b);
}

/* A channel that no rule names has the rules of the nameless one, which look at all channels: what is made of them is made once. */
static bool shares(const struct evt_plan *p, const struct evt_channel *first, struct evt_channel *c)
{
    size_t n = 0;

    for (size_t i = 0; i < p->sigma->rule_n; i++) {
        struct evt_ids from = evt_source_ids(&p->sigma->rule[i], c);
        n += from.any || from.n;
    }
    if (c == first || c->family == FAM_EVTX_SYSMON || n != first->rule_n)
        return false;
    struct evt_channel all = *first;
    all.name   = c->name;
    all.wide   = c->wide;
    all.family = c->family;
    *c = all;
    return true;
}

bool evt_plan_make(struct evt_plan *ret, const struct sigma *s, struct arena *keep, struct err *e)
{
    struct evt_plan p = { .sigma = s };
    struct channels l = { 0 };
    struct build    b = { .p = &p, .keep = keep, .e = e };

    if (!evt_fields_make(&p.fields, s, keep, e) || !channels_list(&l, s, keep, e))
        return false;
    b.ids  = NEW(keep, struct evt_ids, s->rule_n + 1);
    b.sets = NEW(keep, struct sigma_sets, s->rule_n + 1);
    if (!b.ids || !b.sets)
        return no_room(e);
    for (size_t i = 0; i < l.n; i++) {
        b.c = &l.item[i];
        if (!shares(&p, &l.item[0], b.c) && !channel_make(&b))
            return false;
    }
    p.channel   = l.item;
    p.channel_n = l.n;
    *ret = p;
    return true;
}

static bool is_listed(const struct user_ioc *x, size_t least)
{
    switch (x->kind) {
    case IOC_SHA256: case IOC_SHA1: case IOC_MD5: case IOC_IP: case IOC_DOMAIN: case IOC_PATH_SUFFIX: case IOC_FILE_NAME: case IOC_TASK_NAME: case IOC_SERVICE_NAME:
        break;
    default:
        return false;
    }
    for (size_t i = 0; i < x->value.n; i++)
        if (x->value.p[i] >= 0x80 || x->value.p[i] < ' ')
            return false;
    return x->value.n >= least && x->value.n <= SEARCH_LIT_MAX && x->also_n == 0;
}

bool evt_plan_listed(struct evt_plan *p, const struct iocs *user, size_t least, struct arena *keep, struct err *e)
{
    struct search_lit *lit = NULL;
    size_t             n = 0, cap = 0;

    p->user = user;
    for (size_t i = 0; user && i < user->n && n < EVT_LISTED_MAX; i++) {
        if (!is_listed(&user->item[i], least))
            continue;
        struct search_lit *at = GROW(keep, lit, n, &cap);
        if (!at)
            return no_room(e);
        *at = (struct search_lit){ str_from(user->item[i].value, 1), (uint32_t)i };
        n++;
    }
    return n == 0 || search_build(&p->listed, keep, lit, n, e);
}

const struct evt_channel *evt_plan_channel(const struct evt_plan *p, struct str name)
{
    for (size_t i = 1; i < p->channel_n; i++)
        if (str_ieq(p->channel[i].name, name))
            return &p->channel[i];
    return &p->channel[0];
}

const struct evt_bucket *evt_channel_bucket(const struct evt_channel *c, uint32_t id)
{
    size_t lo = 0, hi = c->bucket_n - 1;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (c->bucket[mid].id < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < c->bucket_n - 1 && c->bucket[lo].id == id ? &c->bucket[lo] : &c->bucket[c->bucket_n - 1];
}

void evt_fold(uint8_t *to, const uint8_t *from, size_t n)
{
    typedef uint16_t pairs __attribute__((vector_size(16)));
    typedef uint8_t  bytes __attribute__((vector_size(8)));
    size_t i = 0;

    for (; n - i >= sizeof(pairs); i += sizeof(pairs)) {
        pairs p;
        memcpy(&p, from + i, sizeof p);
        p = (p | (p >> 8)) & 0xff;
        bytes b = __builtin_convertvector(p, bytes);
        memcpy(to + i / 2, &b, sizeof b);
    }
    for (; i + 1 < n; i += 2)
        to[i / 2] = from[i] | from[i + 1];
    if (i < n)
        to[i / 2] = from[i];
}
