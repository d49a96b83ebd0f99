/*
 * How it works
 *
 *   1. Texts are folded to lower case, made distinct, and sorted by their reversed bytes. A text that is a proper suffix of another becomes
 *      its `tail`: all texts that end at one place are one longest text and the chain of its tails.
 *   2. Texts fall into groups by length (8 and more, 4 to 7, 1 to 3). In a group whose shortest text has m bytes the input is sampled
 *      every (m - 3) bytes only: each text gives as many neighbouring 4-byte grams as the stride has bytes, so exactly one sample falls
 *      on one of them. The grams come from the stretch of the text that is rarest in logs (`typical`).
 *   3. A sample costs one load, one multiplication and one bit of a small bitmap. Only where the bit is set the grams are compared,
 *      then the whole text.
 *   4. Proven ends go into a ring (longest text wins) and leave it in order, once no sample can add an end before them.
 *
 *   5. Texts below 8 bytes take no part in 2 and 3 where they are few and the processor has vector shuffles: search_few.
 *   6. Where Hyperscan or Vectorscan is there, it stands for 2, 3 and 5: search_hs. Ends go through the same ring.
 *
 * Rule 1   an occurrence that ends at or before `to` has its sample before `to`: ends up to `to` are final after run(.., to).
 * Rule 2   an end lies at most SEARCH_LIT_MAX after its sample, so the ring needs BLOCK + SEARCH_LIT_MAX places.
 * Fold     grams use byte | 0x20, which folds more than letters; the comparison after them is exact.
 */
#include "base/search.h"
#include "base/search_few.h"
#include "base/search_hs.h"

#include <stdlib.h>
#include <string.h>

enum {
    BLOCK = 32768, RING = BLOCK + SEARCH_LIT_MAX, STRIDE_MAX = 8, LONG_MIN = 8, GRAM = 4,
    MAP_LOG_MIN = 19, MAP_LOG_MAX = 24, COUNT_LOG = 14, NONE = -1
};

struct text {
    struct str s;               /* folded */
    uint32_t   id_at, id_n;     /* range in search.id, ascending */
    int32_t    tail;            /* longest proper suffix that is a text, or NONE */
};

struct gram { uint32_t v; uint32_t text; uint32_t off; };   /* off: of the gram in the text */

struct group {
    uint32_t    stride;         /* 0: the group is empty */
    uint32_t    map_shift, head_shift;
    uint64_t   *map;            /* bit per hash of a gram */
    uint32_t   *head;           /* first gram of a bucket; one more at the end */
    struct gram *gram;
};

struct search {
    struct text *text;
    uint32_t    *id;
    size_t       text_n;
    struct group group[2];      /* long, middle */
    bool         has_short;
    uint64_t    *pair_bit;      /* by last two bytes | 0x2020: a text of up to three bytes may end here */
    int32_t      one[256];      /* texts of one byte, by folded byte */
    int32_t     *pair;          /* texts of two and three bytes: first of a list by last two bytes */
    int32_t     *next;          /* ... and the next; index as text */
    struct search_few few;      /* all texts below LONG_MIN bytes, when they are few and the processor is able: instead of the above */
    struct search_hs *hs;       /* all texts; NULL: the library is not there, or will not */
    size_t      longest;        /* bytes of the longest text */
};

/*
 * What logs are full of: our own synthetic lines in the shapes of IIS and HttpProxy logs. Grams that occur here make poor windows.
 */
static const char typical[] =
    "2021-03-01 00:00:00 10.0.0.15 GET /owa/auth/logon.aspx url=https://mail.example.com/owa/&reason=0 443 - 192.168.1.20 "
    "Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)+AppleWebKit/537.36+(KHTML,+like+Gecko)+Chrome/88.0.4324.182+Safari/537.36 - 200 0 0 15\n"
    "2021-03-01 00:00:01 10.0.0.15 POST /Microsoft-Server-ActiveSync/default.eas User=a&DeviceId=ApplC39&DeviceType=iPhone&Cmd=Ping "
    "443 EXAMPLE\\user 10.1.1.7 Apple-iPhone12C1/1803.60 - 200 0 0 900012&CorrelationID=<empty>;&cafeReqId=0a1b2c3d-4e5f-6789;\n"
    "2021-03-01 00:00:02 ::1 POST /EWS/Exchange.asmx - 443 EXAMPLE\\HealthMailbox0123456789abcdef ::1 ExchangeServicesClient/15.01 401 1\n"
    "2021-03-01T00:00:03.123Z,15,1,2176,2,autodiscover,/autodiscover/autodiscover.xml,,Negotiate,True,EXAMPLE\\user,example.com,"
    "Sid~S-1-5-21,Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.4266; Pro),192.168.10.9,EXCH01,EXCH01.EXAMPLE.LOCAL,"
    "IntraForest,MailboxGuidWithDomain,,,GET,Proxy,exch01.example.local,15.01.2176.000,,,,0,,,,,BeginRequest=2021-03-01T00:00:03;"
    "CorrelationID=<null>;ProxyState-Run=None;ServerLocatorRefresh=;FEAuth=BEVersion-1941996544;BeginGetResponse=;OnResponseReady=;"
    "ProxyState-Complete=CompletedAuthProxyRequest;EndRequest=;I32:ADS.C[DC01]=1;F:ADS.AL[DC01]=1.2;SharedCacheGuard=0;\n"
    "/mapi/emsmdb/?MailboxId= /rpc/rpcproxy.dll /PowerShell/ /api/v2.0/ /OAB/ /ecp/default.aspx?ExchClientVer=15 /ecp/DDI/DDIService.svc/"
    "GetList?schema= /owa/service.svc?action=GetItem&EP=1&ID=-1&AC=1 /owa/prem/15.1.2176.2/scripts/boot.js /owa/auth/15.1.2176/themes/"
    "resources/logon.css /aspnet_client/system_web/4_0_30319/ .aspx .ashx .asmx https://mail.example.com/ecp/ FrontEnd HttpProxy "
    "error.aspx .gif .png /current/scripts/premium/ S:FE=EXCH01;S:BE= ActivityContextData http://schemas.microsoft.com/ Set-OabVirtualDirectory";

static uint32_t load4(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);           /* any byte order will do, as long as it is the same in build and scan */
    return v | 0x20202020u;
}
static uint32_t mix(uint32_t v) { return v * 0x9E3779B1u; }

/* --- build --- */

/* Order of reversed folded bytes, then length, then id: a suffix comes before what ends in it. */
static int by_end(const void *x, const void *y)
{
    const struct search_lit *a = x, *b = y;
    size_t n = a->s.n < b->s.n ? a->s.n : b->s.n;

    for (size_t i = 1; i <= n; i++) {
        int d = a->s.p[a->s.n - i] - b->s.p[b->s.n - i];
        if (d)
            return d;
    }
    if (a->s.n != b->s.n)
        return a->s.n < b->s.n ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

static int by_bucket(const void *x, const void *y)
{
    const struct gram *a = x, *b = y;
    uint32_t h = mix(a->v), k = mix(b->v);          /* multiplication by an odd number: equal mixes are equal grams */

    if (h != k)
        return h < k ? -1 : 1;
    return a->text != b->text ? (a->text > b->text) - (a->text < b->text) : (a->off > b->off) - (a->off < b->off);
}

/* How often a gram is met, coarse. A byte map of 16 Ki places; collisions only make a window look worse than it is. */
static void count_gram(uint8_t *count, const uint8_t *p, uint8_t by)
{
    uint8_t *c = &count[mix(load4(p)) >> (32 - COUNT_LOG)];
    *c = (uint8_t)(*c > 255 - by ? 255 : *c + by);
}

/* Offset of the stretch of `stride` grams that logs hold least often. */
static size_t rare_window(const uint8_t *count, struct str s, uint32_t stride)
{
    size_t best = 0, best_cost = SIZE_MAX;

    for (size_t w = 0; w + stride + GRAM - 1 <= s.n; w++) {
        size_t cost = 0;
        for (size_t i = 0; i < stride; i++) {
            const uint8_t *p = s.p + w + i;
            cost += (size_t)count[mix(load4(p)) >> (32 - COUNT_LOG)] * 16;
            for (size_t k = 0; k < GRAM; k++)          /* numbers are everywhere, and blanks and dots between them */
                cost += ch_digit(p[k]) ? 3 : p[k] == '-' || p[k] == ':' || p[k] == ' ' || p[k] == '.' || p[k] == ',' ? 2 : 0;
        }
        if (cost < best_cost) {
            best_cost = cost;
            best      = w;
        }
    }
    return best;
}

static bool group_build(struct search *s, struct group *g, struct arena *a, uint8_t *count, size_t len_min, size_t len_max)
{
    size_t n = 0, shortest = SIZE_MAX;

    for (size_t i = 0; i < s->text_n; i++) {
        size_t len = s->text[i].s.n;
        if (len < len_min || len > len_max)
            continue;
        n++;
        if (len < shortest)
            shortest = len;
    }
    if (n == 0)
        return true;
    g->stride = (uint32_t)(shortest - (GRAM - 1) < STRIDE_MAX ? shortest - (GRAM - 1) : STRIDE_MAX);

    size_t   grams = n * g->stride;                      /* at most 1.6 million: n <= SEARCH_LITS_MAX */
    uint32_t map_log = MAP_LOG_MIN, head_log = 8;
    while (map_log < MAP_LOG_MAX && ((size_t)1 << map_log) < grams * 128)
        map_log++;
    while (head_log < MAP_LOG_MAX && ((size_t)1 << head_log) < grams * 2)
        head_log++;
    g->map_shift  = 32 - map_log;
    g->head_shift = 32 - head_log;
    g->map  = NEW(a, uint64_t, ((size_t)1 << map_log) / 64);
    g->head = NEW(a, uint32_t, ((size_t)1 << head_log) + 1);
    g->gram = NEW(a, struct gram, grams);
    if (!g->map || !g->head || !g->gram)
        return false;

    size_t k = 0;
    for (size_t i = 0; i < s->text_n; i++) {
        struct str t = s->text[i].s;
        if (t.n < len_min || t.n > len_max)
            continue;
        size_t w = rare_window(count, t, g->stride);
        for (size_t j = 0; j < g->stride; j++) {
            uint32_t v = load4(t.p + w + j), h = mix(v);
            g->gram[k++] = (struct gram){ .v = v, .text = (uint32_t)i, .off = (uint32_t)(w + j) };
            g->map[h >> g->map_shift >> 6] |= (uint64_t)1 << (h >> g->map_shift & 63);
            count_gram(count, t.p + w + j, 1);           /* crowded windows look worse to the texts that follow */
        }
    }
    qsort(g->gram, grams, sizeof *g->gram, by_bucket);
    for (size_t i = 0; i < grams; i++)
        g->head[(mix(g->gram[i].v) >> g->head_shift) + 1]++;
    for (size_t i = 0; i < (size_t)1 << head_log; i++)
        g->head[i + 1] += g->head[i];
    return true;
}

static size_t pair_of(uint8_t before, uint8_t last) { return ((size_t)before << 8 | last) | 0x2020; }

static void pair_set(struct search *s, uint8_t before, uint8_t last)
{
    size_t k = pair_of(before, last);
    s->pair_bit[k >> 6] |= (uint64_t)1 << (k & 63);
}

/* The rarest three bytes of each short text. Single bytes: by how often `typical` holds them. */
static void few_build(struct search *s)
{
    uint16_t often[256] = { 0 };
    size_t   n = 0;

    for (size_t i = 0; i < s->text_n; i++)
        n += s->text[i].s.n < LONG_MIN;
    if (n > FEW_MAX || !search_few_able())
        return;
    for (size_t i = 0; i + 1 < sizeof typical; i++)
        often[ch_lower((uint8_t)typical[i])]++;
    for (size_t i = 0; i < s->text_n; i++) {
        struct str t = s->text[i].s;
        size_t     best = 0, best_cost = SIZE_MAX;
        if (t.n >= LONG_MIN)
            continue;
        for (size_t w = 0; w + FEW_WINDOW <= t.n; w++) {
            size_t cost = (often[t.p[w]] + 1u) * (often[t.p[w + 1]] + 1u) * (size_t)(often[t.p[w + 2]] + 1u);
            if (cost < best_cost) {
                best_cost = cost;
                best      = w;
            }
        }
        search_few_add(&s->few, (int32_t)i, t, best);
    }
}

static bool short_build(struct search *s, struct arena *a)
{
    for (size_t i = 0; i < 256; i++)
        s->one[i] = NONE;
    for (size_t i = 0; i < s->text_n; i++)
        s->has_short |= s->text[i].s.n < GRAM;
    if (!s->has_short)
        return true;
    s->pair     = NEW(a, int32_t, 65536);
    s->next     = NEW(a, int32_t, s->text_n);
    s->pair_bit = NEW(a, uint64_t, 65536 / 64);
    if (!s->pair || !s->next || !s->pair_bit)
        return false;
    memset(s->pair, 0xff, 65536 * sizeof *s->pair);
    for (size_t i = s->text_n; i-- > 0;) {
        struct str t = s->text[i].s;
        if (t.n >= GRAM)
            continue;
        if (t.n == 1) {
            s->one[t.p[0]] = (int32_t)i;
            for (size_t k = 0; k < 256; k++)
                pair_set(s, (uint8_t)k, t.p[0]);
            continue;
        }
        int32_t *first = &s->pair[(size_t)t.p[t.n - 2] << 8 | t.p[t.n - 1]];
        s->next[i] = *first;
        *first     = (int32_t)i;
        pair_set(s, t.p[t.n - 2], t.p[t.n - 1]);
    }
    return true;
}

static bool hs_build(struct search *s, struct arena *a)
{
    struct str *text = NEW(a, struct str, s->text_n ? s->text_n : 1);

    for (size_t i = 0; text && i < s->text_n; i++)
        text[i] = s->text[i].s;
    return text && search_hs_build(&s->hs, a, text, s->text_n);
}

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the search database"); }

static bool build(const struct search **ret, struct arena *a, const struct search_lit *lit, size_t n, bool library, struct err *e)
{
    if (n > SEARCH_LITS_MAX)
        return err_set(e, ERR_LIMIT, "%zu literals, at most %d accepted", n, SEARCH_LITS_MAX);
    for (size_t i = 0; i < n; i++)
        if (lit[i].s.n == 0 || lit[i].s.n > SEARCH_LIT_MAX)
            return err_set(e, ERR_LIMIT, "literal %zu has %zu bytes, 1 to %d accepted", i, lit[i].s.n, SEARCH_LIT_MAX);

    struct search     *s    = NEW(a, struct search, 1);
    struct search_lit *sort = NEW(a, struct search_lit, n ? n : 1);
    uint8_t           *count = NEW(a, uint8_t, (size_t)1 << COUNT_LOG);
    if (!s || !sort || !count)
        return no_room(e);
    s->text = NEW(a, struct text, n ? n : 1);
    s->id   = NEW(a, uint32_t, n ? n : 1);
    if (!s->text || !s->id)
        return no_room(e);
    for (size_t i = 0; i < n; i++) {
        sort[i] = (struct search_lit){ str_lower(a, lit[i].s), lit[i].id };
        if (!sort[i].s.p)
            return no_room(e);
    }
    if (n)
        qsort(sort, n, sizeof *sort, by_end);

    size_t ids = 0;
    for (size_t i = 0; i < n; i++) {
        if (i && str_eq(sort[i].s, sort[i - 1].s)) {
            if (sort[i].id == sort[i - 1].id)
                continue;
        } else {
            /* A text that ends the one before it is on that one's chain: the nearest that fits is the longest. */
            int32_t at = s->text_n ? (int32_t)(s->text_n - 1) : NONE;
            while (at != NONE && !str_ends(sort[i].s, s->text[at].s))
                at = s->text[at].tail;
            s->text[s->text_n++] = (struct text){ .s = sort[i].s, .id_at = (uint32_t)ids, .tail = at };
        }
        s->id[ids++] = sort[i].id;
        s->text[s->text_n - 1].id_n++;
        if (s->longest < sort[i].s.n)
            s->longest = sort[i].s.n;
    }

    for (size_t i = 0; i + GRAM < sizeof typical; i++)
        count_gram(count, (const uint8_t *)typical + i, 4);
    if (!group_build(s, &s->group[0], a, count, LONG_MIN, SEARCH_LIT_MAX) || !group_build(s, &s->group[1], a, count, GRAM, LONG_MIN - 1) ||
        !short_build(s, a) || (library && !hs_build(s, a)))
        return no_room(e);
    few_build(s);
    *ret = s;
    return true;
}

bool search_build(const struct search **ret, struct arena *a, const struct search_lit *lit, size_t n, struct err *e)
{
    return build(ret, a, lit, n, true, e);
}

bool search_build_small(const struct search **ret, struct arena *a, const struct search_lit *lit, size_t n, struct err *e)
{
    return build(ret, a, lit, n, false, e);
}

size_t     search_text_n(const struct search *s) { return s->text_n; }
struct str search_text(const struct search *s, size_t i) { return s->text[i].s; }

/* --- scan --- */

struct scan {
    const struct search *s;
    struct str           in;
    size_t               base;                    /* ring place 0 stands for this end */
    uint64_t             set[(RING + 64) / 64];   /* which ends are proven */
    bool                 any;                     /* is any of them? */
    int32_t              text[RING + 1];          /* the longest text there; only where set */
    size_t               at[2];                   /* next sample of each group */
    size_t               seen_from;               /* where the library's view of this block starts */
};

static void found(struct scan *c, int32_t text, size_t end)
{
    if (end <= c->base)                           /* told already: the library sees a little of the block before once more */
        return;

    size_t   k   = end - c->base;
    uint64_t bit = (uint64_t)1 << (k & 63);

    if (!(c->set[k >> 6] & bit) || c->s->text[c->text[k]].s.n < c->s->text[text].s.n)
        c->text[k] = text;
    c->set[k >> 6] |= bit;
    c->any = true;
}

static __attribute__((noinline)) void sample(struct scan *c, const struct group *g, size_t p)
{
    uint32_t v = load4(c->in.p + p), b = mix(v) >> g->head_shift;

    for (uint32_t i = g->head[b]; i < g->head[b + 1]; i++) {
        const struct gram *m = &g->gram[i];
        struct str         t = c->s->text[m->text].s;
        if (m->v == v && p >= m->off && t.n <= c->in.n - (p - m->off) &&
            str_ieq((struct str){ c->in.p + (p - m->off), t.n }, t))
            found(c, (int32_t)m->text, p - m->off + t.n);
    }
}

static inline bool maybe(const struct group *g, const uint8_t *p)
{
    uint32_t h = mix(load4(p)) >> g->map_shift;
    return g->map[h >> 6] >> (h & 63) & 1;
}

/* All samples in [*at, to), *at moves on. */
static inline void run(struct scan *c, const struct group *g, size_t *at, size_t to, size_t stride)
{
    const uint8_t *p   = c->in.p;
    size_t         i   = *at;
    size_t         end = c->in.n < GRAM ? 0 : c->in.n - GRAM + 1;     /* a sample needs four bytes */

    if (to < end)
        end = to;
    while (i < end && end - i > 3 * stride) {
        bool m0 = maybe(g, p + i), m1 = maybe(g, p + i + stride), m2 = maybe(g, p + i + 2 * stride), m3 = maybe(g, p + i + 3 * stride);
        if (__builtin_expect(m0 | m1 | m2 | m3, 0)) {
            if (m0) sample(c, g, i);
            if (m1) sample(c, g, i + stride);
            if (m2) sample(c, g, i + 2 * stride);
            if (m3) sample(c, g, i + 3 * stride);
        }
        i += 4 * stride;
    }
    for (; i < end; i += stride)
        if (maybe(g, p + i))
            sample(c, g, i);
    *at = i;
}

static __attribute__((noinline)) void sample_short(struct scan *c, size_t i)
{
    const struct search *s = c->s;
    const uint8_t       *p = c->in.p;
    uint8_t              last = ch_lower(p[i]);

    if (s->one[last] != NONE)
        found(c, s->one[last], i + 1);
    if (i == 0)
        return;
    for (int32_t t = s->pair[(size_t)ch_lower(p[i - 1]) << 8 | last]; t != NONE; t = s->next[t])
        if (s->text[t].s.n == 2 || (i >= 2 && s->text[t].s.p[0] == ch_lower(p[i - 2])))
            found(c, t, i + 1);
}

static void run_short(struct scan *c, size_t from, size_t to)
{
    const uint8_t *p = c->in.p;

    if (from == 0)
        sample_short(c, from++);
    for (size_t i = from; i < to; i++) {
        size_t k = pair_of(p[i - 1], p[i]);
        if (__builtin_expect(c->s->pair_bit[k >> 6] >> (k & 63) & 1, 0))
            sample_short(c, i);
    }
}

static void sample_few(void *ctx, size_t place, uint8_t buckets)
{
    struct scan             *c = ctx;
    const struct search_few *f = &c->s->few;

    for (size_t i = 0; i < f->n; i++) {
        struct str t   = c->s->text[f->at[i].text].s;
        size_t     off = f->at[i].off;
        if ((buckets >> f->at[i].bucket & 1) && place >= off && t.n <= c->in.n - (place - off) &&
            str_ieq((struct str){ c->in.p + (place - off), t.n }, t))
            found(c, f->at[i].text, place - off + t.n);
    }
}

/* Ids of a text and of its tails in one ascending order: a heap of at most SEARCH_LIT_MAX lists (their lengths differ). */
struct list { uint32_t at, end; };

static void sift(struct list *h, size_t n, size_t i, const uint32_t *id)
{
    for (;;) {
        size_t l = 2 * i + 1, m = i;
        if (l < n && id[h[l].at] < id[h[m].at])
            m = l;
        if (l + 1 < n && id[h[l + 1].at] < id[h[m].at])
            m = l + 1;
        if (m == i)
            return;
        struct list t = h[i];
        h[i] = h[m];
        h[m] = t;
        i    = m;
    }
}

static __attribute__((noinline)) bool tell_chain(const struct search *s, const struct text *t, size_t end, search_hit *on_hit, void *ctx)
{
    struct list h[SEARCH_LIT_MAX];
    size_t      n = 0;

    for (;; t = &s->text[t->tail]) {
        h[n++] = (struct list){ t->id_at, t->id_at + t->id_n };
        if (t->tail == NONE)
            break;
    }
    for (size_t i = n / 2; i-- > 0;)
        sift(h, n, i, s->id);
    while (n) {
        if (!on_hit(ctx, s->id[h[0].at], end))
            return false;
        if (++h[0].at == h[0].end)
            h[0] = h[--n];
        sift(h, n, 0, s->id);
    }
    return true;
}

static bool tell(const struct scan *c, size_t k, search_hit *on_hit, void *ctx)
{
    const struct text *t = &c->s->text[c->text[k]];

    if (t->tail != NONE)
        return tell_chain(c->s, t, c->base + k, on_hit, ctx);
    for (uint32_t i = 0; i < t->id_n; i++)
        if (!on_hit(ctx, c->s->id[t->id_at + i], c->base + k))
            return false;
    return true;
}

/* Tells all ends up to `to` and moves the ring's base there. */
static bool flush(struct scan *c, size_t to, search_hit *on_hit, void *ctx)
{
    size_t last = to - c->base;                  /* <= BLOCK */

    if (!c->any) {
        c->base = to;
        return true;
    }
    for (size_t w = 0; w <= last >> 6; w++) {
        uint64_t bits = c->set[w];
        while (bits) {
            size_t k = w << 6 | (size_t)__builtin_ctzll(bits);
            if (k > last)
                break;
            if (!tell(c, k, on_hit, ctx))
                return false;
            bits &= bits - 1;
        }
    }
    /* What stands behind `last` moves to the front; it is short and mostly empty. */
    uint64_t rest[(SEARCH_LIT_MAX + 64) / 64] = { 0 };
    c->any = false;
    for (size_t k = last + 1; k <= last + SEARCH_LIT_MAX && k <= RING; k++) {
        if ((k & 63) == 0 && !c->set[k >> 6]) {
            k += 63;
            continue;
        }
        if (c->set[k >> 6] >> (k & 63) & 1) {
            rest[(k - last) >> 6] |= (uint64_t)1 << ((k - last) & 63);
            c->text[k - last] = c->text[k];
            c->any = true;
        }
    }
    memset(c->set, 0, sizeof c->set);
    memcpy(c->set, rest, sizeof rest);
    c->base = to;
    return true;
}

static void found_by_hs(void *ctx, int32_t text, size_t end)
{
    struct scan *c = ctx;
    found(c, text, c->seen_from + end);
}

static bool run_hs(struct scan *c, struct search_hs_room *room, size_t to)
{
    return search_hs_run(room, str_sub(c->in, c->seen_from, to), found_by_hs, c);
}

static void run_groups(struct scan *c, bool few, size_t from, size_t to)
{
    for (size_t i = 0; i < (few ? 1u : 2u); i++) {
        const struct group *g = &c->s->group[i];
        switch (g->stride) {                     /* known strides make the loop unroll well; the common ones have their own */
        case 0: break;
        case 5: run(c, g, &c->at[i], to, 5); break;
        case 8: run(c, g, &c->at[i], to, 8); break;
        default: run(c, g, &c->at[i], to, g->stride); break;
        }
    }
    if (few)
        search_few_run(&c->s->few, c->in, from, to, sample_few, c);
    else if (c->s->has_short)
        run_short(c, from, to);
}

static bool scan_with(const struct search *s, struct search_hs_room *hs, bool few, struct str in, search_hit *on_hit, void *ctx)
{
    struct scan c;

    c.s     = s;
    c.in    = in;
    c.base  = 0;
    c.any   = false;
    c.at[0] = c.at[1] = 0;
    memset(c.set, 0, sizeof c.set);
    for (size_t from = 0, to; from < in.n; from = to) {
        to = in.n - from > BLOCK ? from + BLOCK : in.n;
        c.seen_from = from > s->longest ? from - s->longest : 0;      /* an occurrence that ends in this block starts here at the earliest */
        if (hs && !run_hs(&c, hs, to)) {
            hs      = NULL;                          /* gave up: what stands in the ring is true, our own matcher adds the rest */
            c.at[0] = c.at[1] = c.seen_from;
            run_groups(&c, few, c.seen_from, to);
        } else if (!hs) {
            run_groups(&c, few, from, to);
        }
        if (!flush(&c, to, on_hit, ctx))
            return false;
    }
    return true;
}

bool search_scan(const struct search *s, struct str in, search_hit *on_hit, void *ctx)
{
    struct search_hs_room *hs = s->hs ? search_hs_open(s->hs) : NULL;
    bool ret = scan_with(s, hs, s->few.n > 0, in, on_hit, ctx);

    if (hs)
        search_hs_close(s->hs, hs);
    return ret;
}

bool search_scan_own(const struct search *s, struct str in, search_hit *on_hit, void *ctx)
{
    return scan_with(s, NULL, s->few.n > 0, in, on_hit, ctx);
}

bool search_scan_portable(const struct search *s, struct str in, search_hit *on_hit, void *ctx)
{
    return scan_with(s, NULL, false, in, on_hit, ctx);
}
