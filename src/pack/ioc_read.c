#include "pack/ioc_parts.h"

#include "base/num.h"
#include "base/utf.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct { const char *title; enum ioc_weight weight; uint8_t telling; bool file; } kinds[IOC_KINDS] = {
    [IOC_SHA256]      = { "file hash (SHA-256)", IOC_SUPPORTS, 9, true },  [IOC_SHA1]       = { "file hash (SHA-1)", IOC_SUPPORTS, 8, true },
    [IOC_MD5]         = { "file hash (MD5)", IOC_SUPPORTS, 7, true },      [IOC_PATH_SUFFIX] = { "path", IOC_SUPPORTS, 6, true },
    [IOC_FILE_NAME]   = { "file name", IOC_CONTEXT, 5, true },             [IOC_URL]        = { "URL", IOC_SUPPORTS, 9, false },
    [IOC_URI]         = { "path of a request", IOC_SUPPORTS, 8, false },   [IOC_DOMAIN]     = { "domain", IOC_CONTEXT, 7, false },
    [IOC_IP]          = { "address", IOC_CONTEXT, 6, false },              [IOC_USER_AGENT] = { "user agent", IOC_CONTEXT, 5, false },
    [IOC_NETWORK]     = { "network", IOC_CONTEXT, 4, false },
};

const char *ioc_kind_title(enum ioc_kind k) { return k < IOC_KINDS && kinds[k].title ? kinds[k].title : "other"; }

/* --- what was refused --- */

bool ioc_refuse(struct ioc_reader *r, struct str why, struct err *e)
{
    struct iocs *s = r->s;

    if (s->refused_n >= IOCS_TOLD_MAX) {
        s->refused_more++;
        return true;
    }
    struct ioc_refusal *x = GROW(r->a, s->refused, s->refused_n, &s->cap[2]);
    struct str copy = str_dup(r->a, str_sub(why, 0, 200));
    if (!x || !copy.p)
        return err_set(e, ERR_MEMORY, "no room for indicators");
    s->refused[s->refused_n++] = (struct ioc_refusal){ r->file, r->line, r->id, copy };
    return true;
}

/* --- what was taken --- */

static bool push(struct ioc_reader *r, const struct ioc_term *main, uint32_t also, uint32_t also_n, struct err *e)
{
    struct iocs *s = r->s;

    if (s->n >= IOCS_MAX) {
        err_set(e, ERR_LIMIT, "more than %d indicators", IOCS_MAX);
        return err_hint(e, "Hunt with a part of them at a time.");
    }
    enum ioc_weight w = r->weighed ? r->weight : kinds[main->kind].weight;
    bool hash = main->kind == IOC_SHA256 || main->kind == IOC_SHA1 || main->kind == IOC_MD5;
    if (w == IOC_ACCUSES && !hash)
        return ioc_refuse(r, STR("only a hash accuses by itself: weight is context or supports"), e);
    struct user_ioc *x = GROW(r->a, s->item, s->n, &s->cap[0]);
    if (!x)
        return err_set(e, ERR_MEMORY, "no room for %zu indicators", s->n + 1);
    s->n++;
    *x = (struct user_ioc){ .value = main->value, .name = str_sub(r->name, 0, 200), .id = str_sub(r->id, 0, 100), .until_us = r->until_us, .kind = main->kind,
                            .weight = w, .file = r->file, .line = r->line, .also = also, .also_n = also_n };
    return true;
}

bool ioc_take_all(struct ioc_reader *r, const struct ioc_term *term, size_t n, struct err *e)
{
    size_t   best = 0;
    uint32_t also = (uint32_t)r->s->term_n;
    bool     file = false, request = false;

    for (size_t i = 0; i < n; i++) {
        file    = file || kinds[term[i].kind].file;
        request = request || !kinds[term[i].kind].file;
        if (kinds[term[i].kind].telling > kinds[term[best].kind].telling)
            best = i;
    }
    if (file && request)
        return ioc_refuse(r, STR("a file and a request at once"), e);
    if (n > IOCS_ALSO_MAX)
        return ioc_refuse(r, STR("too many conditions at once"), e);
    for (size_t i = 0; i < n; i++) {
        if (i == best)
            continue;
        struct ioc_term *x = GROW(r->a, r->s->term, r->s->term_n, &r->s->cap[3]);
        if (!x)
            return err_set(e, ERR_MEMORY, "no room for indicators");
        *x = term[i];
        r->s->term_n++;
    }
    return push(r, &term[best], also, (uint32_t)(n - 1), e);
}

bool ioc_take(struct ioc_reader *r, struct str type, struct str value, struct err *e)
{
    enum ioc_kind   kind;
    struct ioc_term t;
    const char     *why = NULL;
    size_t          bar = str_chr(type, '|'), cut = str_chr(value, '|');
    char            text[160];

    value = str_trim(value);
    if (bar != STR_NONE && !str_istarts(type, STR("regkey"))) {
        struct str first = str_sub(type, 0, bar), second = str_from(type, bar + 1);
        if (cut == STR_NONE)
            return ioc_refuse(r, STR("two values parted by | are expected"), e);
        /* A name beside a hash is what the file was called there; a port is nothing that our logs hold. */
        if (str_ieq(first, STR("filename")))
            return ioc_take(r, second, str_from(value, cut + 1), e);
        if (str_ieq(second, STR("port")))
            return ioc_take(r, first, str_sub(value, 0, cut), e);
        if (str_ieq(first, STR("domain")) && str_ieq(second, STR("ip")))
            return ioc_take(r, first, str_sub(value, 0, cut), e) && ioc_take(r, second, str_from(value, cut + 1), e);
    }
    struct arena mark = *r->a;
    if (ioc_kind_of(type, &kind, &why)) {
        struct str v = kind == IOC_FILE_NAME || kind == IOC_PATH_SUFFIX || kind == IOC_USER_AGENT ? value : ioc_refang(r->a, value);
        if (!v.p && value.n)
            return err_set(e, ERR_MEMORY, "no room for indicators");
        if (ioc_normal(r, kind, v, &t, &why))
            return push(r, &t, 0, 0, e);
        if (!why)
            return err_set(e, ERR_MEMORY, "no room for indicators");
    }
    *r->a = mark;
    int n = snprintf(text, sizeof text, "%.*s: %s", STR_ARG(str_sub(type, 0, 40)), why);
    return ioc_refuse(r, (struct str){ (const uint8_t *)text, n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1 }, e);
}

/* --- files --- */

static struct str first_line(struct str text)
{
    struct str line = STR_EMPTY;

    while (str_cut(&text, '\n', &line)) {
        line = str_trim(line);
        if (line.n && line.p[0] != '#')
            return line;
    }
    return STR_EMPTY;
}

/* By the first keys that only one of them has. */
static const char *json_format(struct str text)
{
    struct ioc_cut c;
    struct str     k, v;

    if (!ioc_cut_open(&c, text))
        return NULL;
    if (c.end == ']')                     /* a list of either: what is its first element? */
        return ioc_cut_next(&c, &k, &v) && v.n && v.p[0] == '{' ? json_format(v) : NULL;
    while (ioc_cut_next(&c, &k, &v)) {
        if (str_eq(k, STR("Event")) || str_eq(k, STR("response")) || str_eq(k, STR("Attribute")) || str_eq(k, STR("to_ids")))
            return "MISP";
        if (str_eq(k, STR("objects")) || str_eq(k, STR("spec_version")) || str_eq(k, STR("pattern_type")) ||
            (str_eq(k, STR("type")) && str_eq(v, STR("\"bundle\""))))
            return "STIX";
    }
    return NULL;
}

bool iocs_add(struct iocs *s, struct arena *a, struct str name, struct str text, struct err *e)
{
    struct ioc_reader r = { .s = s, .a = a, .file = (uint32_t)s->file_n, .until_us = TIME_NONE };
    size_t            bom = 0;
    const char       *format = NULL;
    bool (*read)(struct ioc_reader *, struct str, struct err *) = ioc_read_list;

    if (text.n > IOCS_FILE_MAX)
        return err_set(e, ERR_LIMIT, "%zu bytes, at most %d accepted", text.n, IOCS_FILE_MAX);
    if (s->file_n >= IOCS_FILES_MAX)
        return err_set(e, ERR_LIMIT, "more than %d files of indicators", IOCS_FILES_MAX);
    enum utf_kind kind = utf_guess(str_sub(text, 0, 4096), &bom);
    text = str_from(text, bom);
    if (bom && (kind == UTF_16LE || kind == UTF_16BE)) {
        text = utf_to8(a, text, kind);
        if (!text.p)
            return err_set(e, ERR_MEMORY, "no room for the text of a file");
    }
    struct str head = first_line(text);
    if (!head.n)
        return err_set(e, ERR_FORMAT, "no indicators: the file is empty");
    if (str_chr(str_sub(text, 0, 4096), 0) != STR_NONE)
        return err_set(e, ERR_FORMAT, "no indicators: the file is not text");
    if (head.p[0] == '{' || head.p[0] == '[') {
        format = json_format(text);
        if (!format)
            return err_set(e, ERR_FORMAT, "JSON that is neither a STIX bundle nor a MISP event");
        read = str_eq(str_c(format), STR("MISP")) ? ioc_read_misp : ioc_read_stix;
    } else if (head.p[0] == '<') {
        return err_set(e, ERR_FORMAT, "XML is not read: export STIX 2.1, MISP JSON or CSV");
    } else if (ioc_csv_is(head)) {
        format = "CSV";
        read   = ioc_read_csv;
    } else {
        format = "list";
    }
    struct user_file *f = GROW(a, s->file, s->file_n, &s->cap[1]);
    struct str        copy = str_dup(a, name);
    if (!f || !copy.p)
        return err_set(e, ERR_MEMORY, "no room for the names of files");
    *f = (struct user_file){ .name = copy, .format = format, .publisher = STR("") };
    s->file_n++;
    return read(&r, text, e);
}

/* --- the order that is looked up in --- */

static int cmp_item(const void *x, const void *y)
{
    const struct user_ioc *a = x, *b = y;
    int c;

    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if ((c = str_cmp(a->value, b->value)))
        return c;
    if (!a->also_n != !b->also_n)                          /* what asks for nothing more comes first, then what weighs more */
        return a->also_n ? 1 : -1;
    if (a->weight != b->weight)
        return a->weight > b->weight ? -1 : 1;
    if (a->until_us != b->until_us)                        /* open ones first */
        return a->until_us == TIME_NONE ? -1 : b->until_us == TIME_NONE ? 1 : a->until_us > b->until_us ? -1 : 1;
    if (a->file != b->file)
        return a->file < b->file ? -1 : 1;
    return a->line < b->line ? -1 : a->line > b->line ? 1 : a->also < b->also ? -1 : a->also > b->also;
}

static void note_prefix(struct iocs *s, struct str network)
{
    uint32_t n = 0;

    (void)num_u32(str_from(network, str_chr(network, '/') + 1), &n);
    if (str_chr(network, ':') == STR_NONE)
        s->prefix4[n / 32 % 2] |= 1u << (n % 32);
    else
        s->prefix6[n / 32 % 5] |= 1u << (n % 32);
}

void iocs_settle(struct iocs *s)
{
    size_t n = 0;

    if (s->n)
        qsort(s->item, s->n, sizeof *s->item, cmp_item);
    for (size_t i = 0; i < s->n; i++) {
        const struct user_ioc *x = &s->item[i], *had = n ? &s->item[n - 1] : NULL;
        bool same = had && had->kind == x->kind && str_eq(had->value, x->value);
        if (same && !had->also_n) {                        /* it holds whenever the later one does */
            s->twice++;
            continue;
        }
        s->item[n++] = *x;
    }
    s->n = n;
    size_t at = 0;
    for (int k = 0; k < IOC_KINDS; k++) {
        s->first[k] = at;
        while (at < n && s->item[at].kind == (enum ioc_kind)k)
            at++;
    }
    s->first[IOC_KINDS] = at;
    for (size_t i = s->first[IOC_NETWORK]; i < s->first[IOC_NETWORK + 1]; i++)
        note_prefix(s, s->item[i].value);
}

size_t iocs_find(const struct iocs *s, enum ioc_kind kind, struct str value)
{
    size_t lo = s->first[kind], end = s->first[kind + 1], hi = end;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (str_cmp(s->item[mid].value, value) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < end && str_eq(s->item[lo].value, value) ? lo : SIZE_MAX;
}

size_t iocs_find_ip(const struct iocs *s, struct str address)
{
    char    text[INET6_ADDRSTRLEN + 8];
    uint8_t raw[16];

    if (!address.n || address.n > INET6_ADDRSTRLEN || (!iocs_count(s, IOC_IP) && !iocs_count(s, IOC_NETWORK)))
        return SIZE_MAX;
    memcpy(text, address.p, address.n);
    text[address.n] = 0;
    int family = inet_pton(AF_INET, text, raw) == 1 ? AF_INET : inet_pton(AF_INET6, text, raw) == 1 ? AF_INET6 : 0;
    if (!family || !inet_ntop(family, raw, text, INET6_ADDRSTRLEN))
        return SIZE_MAX;
    size_t at = iocs_find(s, IOC_IP, str_c(text));
    if (at != SIZE_MAX || !iocs_count(s, IOC_NETWORK))
        return at;
    int bits = family == AF_INET ? 32 : 128;
    for (int n = bits - 1; n >= 0; n--) {                  /* the narrowest network speaks */
        raw[n / 8] &= (uint8_t)~(0x80u >> (n % 8));
        bool there = family == AF_INET ? s->prefix4[n / 32] >> (n % 32) & 1 : s->prefix6[n / 32] >> (n % 32) & 1;
        if (!there)
            continue;
        inet_ntop(family, raw, text, INET6_ADDRSTRLEN);
        snprintf(text + strlen(text), 5, "/%u", (unsigned)n % 200);
        if ((at = iocs_find(s, IOC_NETWORK, str_c(text))) != SIZE_MAX)
            return at;
    }
    return SIZE_MAX;
}

struct str iocs_source(const struct iocs *s, const struct user_ioc *i, struct arena *a)
{
    const struct user_file *f = &s->file[i->file];
    bool named = i->id.n > 0;

    return str_fmt(a, "%.*s%s%.*s%s%.*s%s%.*s", STR_ARG(str_sub(f->name, 0, 80)), f->publisher.n ? ", " : "", STR_ARG(str_sub(f->publisher, 0, 80)), named ? ", " : "",
                   STR_ARG(i->id), i->name.n ? ": " : "", STR_ARG(str_sub(i->name, 0, 100)));
}
