#include "webshell/shape.h"

#include "base/num.h"
#include "base/utf.h"
#include "formats/setuplog.h"
#include "webshell/container.h"
#include "webshell/settings.h"
#include "webshell/words.h"

struct kind { const char *name, *title; };
static const struct kind kinds[SHAPE_KINDS] = {
    [SHAPE_NONE]        = { "none", "Nothing decisive in its form" },
    [SHAPE_SETTINGS]    = { "settings-export", "Exchange settings written as a page" },
    [SHAPE_MAILBOX]     = { "mailbox-file", "Mailbox file that holds a page" },
    [SHAPE_CERTIFICATE] = { "certificate-request", "Certificate request that holds a page" },
    [SHAPE_BINARY]      = { "binary-head", "Page behind binary data" },
    [SHAPE_ENCODED]     = { "hidden-encoding", "Page that hides its code by encoding" },
    [SHAPE_PADDED]      = { "padded", "Page padded with blanks" },
};

const char *shape_name(enum shape_kind k)  { return kinds[k < SHAPE_KINDS ? k : 0].name; }
const char *shape_title(enum shape_kind k) { return kinds[k < SHAPE_KINDS ? k : 0].title; }

static bool decide(struct shape *s, enum shape_kind kind, const char *what, double confidence, struct arena *a, const char *why)
{
    s->kind       = kind;
    s->decisive   = true;
    s->what       = what;
    s->confidence = confidence;
    s->why        = str_dup(a, str_c(why));
    return s->why.p != NULL;
}

/* "page" then blanks then "language"; or a server script block of any kind. */
static bool page_text(struct str s)
{
    size_t from = 0, at;

    while ((at = words_find(str_from(s, from), W("qbhf"))) != STR_NONE) {
        size_t next = from += at + 4;
        while (next < s.n && next - from < 64 && ch_space(s.p[next]))
            next++;
        if (next > from && words_starts(str_from(s, next), W("mbohvbhf")))
            return true;
    }
    return false;
}

static bool script_text(struct str s)
{
    return str_has(s, STR("<%")) || (words_has(s, W("=tdsjqu")) && words_has(s, W("svobu")));
}

/* "Version 15.1 (Build 2106.2)" to "15.1.2106.2". */
static struct str display_version(struct arena *a, struct str v)
{
    uint32_t n[4];
    size_t   k = 0;

    for (size_t i = 0; i < v.n && k < 4;) {
        size_t d = i;
        while (d < v.n && ch_digit(v.p[d]) && d - i < 6)
            d++;
        if (d > i && num_u32(str_sub(v, i, d), &n[k]))
            k++;
        i = d > i ? d : i + 1;
    }
    return k == 4 ? str_fmt(a, "%u.%u.%u.%u", n[0], n[1], n[2], n[3]) : STR_EMPTY;
}

/* Only what a name may hold: nothing of a script can slip into a report by this way. */
static struct str plain(struct arena *a, struct str v)
{
    size_t n = 0;

    while (n < v.n && n < 260 && v.p[n] >= 0x20 && v.p[n] != '<' && v.p[n] != '>' && v.p[n] != '%')
        n++;
    return n ? str_dup(a, str_trim(str_sub(v, 0, n))) : STR_EMPTY;
}

/* The plain URL before the script: up to the first byte that no URL of Exchange's own holds. */
static struct str plain_url(struct arena *a, struct str v)
{
    size_t n = 0;

    while (n < v.n && n < 128 && (ch_alnum(v.p[n]) || str_chr(STR(":/.-_#?=&"), v.p[n]) != STR_NONE))
        n++;
    return n ? str_dup(a, str_sub(v, 0, n)) : STR_EMPTY;
}

static bool settings_shape(struct shape *s, struct arena *a, const struct settings *set)
{
    static const enum settings_key urls[] = { SET_EXTERNAL_URL, SET_INTERNAL_URL };
    enum settings_key bad = SET_KEYS;

    s->kind    = SHAPE_SETTINGS;
    s->what    = "unknown";
    s->version = display_version(a, set->value[SET_VERSION]);
    s->server  = plain(a, set->value[SET_SERVER]);
    s->origin  = plain(a, set->value[SET_ORIGIN]);
    s->folder  = plain(a, set->value[SET_PATH]);
    if (!setuplog_culture_time(set->value[SET_CHANGED_UTC], &s->changed_us, &s->changed_alt_us))
        s->changed_us = s->changed_alt_us = TIME_NONE;
    if (!setuplog_culture_time(set->value[SET_CREATED_UTC], &s->created_us, &s->created_alt_us))
        s->created_us = s->created_alt_us = TIME_NONE;

    /* Any setting could carry it; the URL fields are looked at first. */
    for (size_t i = 0; i < COUNT_OF(urls) && bad == SET_KEYS; i++)
        if (str_chr(set->value[urls[i]], '<') != STR_NONE)
            bad = urls[i];
    for (int k = 0; k < SET_KEYS && bad == SET_KEYS; k++)
        if (script_text(set->value[k]))
            bad = (enum settings_key)k;
    if (bad == SET_KEYS) {
        struct str v = set->value[SET_EXTERNAL_URL];
        s->field      = STR("ExternalUrl");
        s->url        = plain_url(a, v);
        s->confidence = 0.8;
        s->why        = str_dup(a, STR("The file is the settings list of an Exchange virtual directory, which only a reset of that directory writes, and a "
                                       "reset into a served folder is how CVE-2021-27065 plants files. It holds no script."));
        return s->why.p != NULL;
    }
    struct str v = set->value[bad];
    s->planted = s->script = true;
    s->field   = str_c(settings_key_name(bad));
    s->url     = plain_url(a, v);
    s->decisive   = true;
    s->confidence = 0.99;
    s->what       = words_has(v, W("fwbm")) || words_has(v, W("fyfdvuf")) ? "evaluator" : "unknown";
    s->why = str_fmt(a, "The file is the settings list of an Exchange virtual directory written as a page, and its %.*s holds server script%s.",
                     STR_ARG(s->field), words_has(v, W("votbgf")) ? " that runs without limits" : "");
    return s->why.p != NULL;
}

static bool starts_binary(struct str s)
{
    static const struct str files[] = {
        STR_INIT("PK\x03\x04"), STR_INIT("Rar!"), STR_INIT("\x1F\x8B"), STR_INIT("MZ"), STR_INIT("\xD0\xCF\x11\xE0"), STR_INIT("MSCF"),
        STR_INIT("\xD4\xC3\xB2\xA1"), STR_INIT("\xA1\xB2\xC3\xD4"), STR_INIT("\xEF\xBB\xBF"), STR_INIT("\xFF\xFE"), STR_INIT("\xFE\xFF"),
    };
    for (size_t i = 0; i < COUNT_OF(files); i++)
        if (str_starts(s, files[i]))
            return false;
    for (size_t i = 0; i < 5 && i < s.n; i++)
        if (s.p[i] < 9 || (s.p[i] > 13 && s.p[i] < 32) || s.p[i] == 127)
            return true;
    return false;
}

static bool look(struct shape *s, struct arena *a, struct str in, bool classic)
{
    struct settings  set;
    struct container p;

    if (!container_read(&p, a, in, classic ? PAGE_ASP : PAGE_ASPX))
        return false;
    if (settings_read(&set, p.text))
        return settings_shape(s, a, &set);
    s->script = p.code_bytes > 0;
    s->behind = p.behind;
    if (str_starts(in, STR("!BDN")) && (page_text(p.text) || script_text(p.text)))
        return decide(s, SHAPE_MAILBOX, "unknown", 0.98, a, "The file starts as a mailbox file (PST) and holds a page: a mailbox was exported under a page's name.");
    if (str_starts(in, STR("\x30\x82")) && (page_text(str_sub(p.text, 0, 10 << 10)) || s->script))
        return decide(s, SHAPE_CERTIFICATE, "unknown", 0.97, a, "The file starts as a certificate request and holds a page.");
    if (p.text_kind != TEXT_UTF16 && starts_binary(in) && page_text(p.text))
        return decide(s, SHAPE_BINARY, "unknown", 0.9, a, "Binary data stands before a page: it was written through a channel meant for data.");
    if (!s->script)
        return true;
    if (p.text_kind == TEXT_UTF7)
        return decide(s, SHAPE_ENCODED, "unknown", 0.85, a, "Server script stands in the file in UTF-7, which hides it from plain search.");
    if (p.text_kind == TEXT_EBCDIC || p.codepage == 65000 || p.codepage == 37 || p.codepage == 500 || p.codepage == 1140)
        return decide(s, SHAPE_ENCODED, "unknown", 0.85, a, "The page has server script and declares a code page that no product uses for pages, which hides its text.");
    if (p.padded) {
        s->kind       = SHAPE_PADDED;
        s->confidence = 0.5;
        s->why        = str_dup(a, STR("Nearly all of the page is blanks, or its code stands far to the right or far below."));
        return s->why.p != NULL;
    }
    return true;
}

bool shape_of(struct shape *ret, struct arena *a, struct str in, bool classic, struct err *e)
{
    struct shape out = { .what = "unknown", .changed_us = TIME_NONE, .changed_alt_us = TIME_NONE, .created_us = TIME_NONE, .created_alt_us = TIME_NONE };

    if (!look(&out, a, str_sub(in, 0, SHAPE_BYTES_MAX), classic))
        return err_set(e, ERR_MEMORY, "no room to look at a page of %zu bytes", in.n);
    *ret = out;
    return true;
}
