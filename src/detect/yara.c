/* Sets at work: what a rule means, and scanning. */
#include "detect/yara_inner.h"

#include "base/num.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL_MAX = 1024 };

void yara_drop(struct yara_code *c)
{
    while (c->set_n)
        yr_rules_destroy(c->rules[--c->set_n]);
}

/* Matched bytes are never kept: they may be somebody's back door. */
bool yara_library_open(struct err *e)
{
    if (yr_initialize() != ERROR_SUCCESS)
        return err_set(e, ERR_MEMORY, "YARA cannot be started");
    uint32_t none = 0;
    (void)yr_set_configuration(YR_CONFIG_MAX_MATCH_DATA, &none);
    return true;
}

const char *yara_meta_text(const YR_RULE *rule, const char *name)
{
    const YR_META *m;

    yr_rule_metas_foreach(rule, m)
        if (m->type == META_TYPE_STRING && strcasecmp(m->identifier, name) == 0 && m->string)
            return m->string;
    return NULL;
}

static int64_t meta_number(const YR_RULE *rule, const char *name, int64_t none)
{
    const YR_META *m;

    yr_rule_metas_foreach(rule, m)
        if (m->type == META_TYPE_INTEGER && strcasecmp(m->identifier, name) == 0)
            return m->integer;
    return none;
}

/* Both words must be there: other rule sets use either for their own purposes. */
bool yara_moves_of(const YR_RULE *rule, enum yara_moves *ret)
{
    const char *axis = yara_meta_text(rule, "axis"), *state = yara_meta_text(rule, "state");

    *ret = YARA_REVIEW;
    if (!axis || !state)
        return true;
    if (strcmp(axis, "back_door") == 0 && strcmp(state, "present") == 0)
        *ret = YARA_BACK_DOOR;
    else if (strcmp(axis, "theft") == 0 && strcmp(state, "suspected") == 0)
        *ret = YARA_LOOT;
    else
        return false;
    return true;
}

const struct yara_file *yara_file_of(const struct yara_code *c, const YR_RULE *rule)
{
    size_t i = rule->ns && rule->ns->name ? strtoul(rule->ns->name, NULL, 10) : 0;
    return i < c->file_n ? &c->file[i] : NULL;
}

void yara_close(struct yara *y)
{
    if (!y->code)
        return;
    if (y->code->set_n) {
        yara_drop(y->code);
        yr_finalize();
    }
    *y = (struct yara){ 0 };
}

enum { SCANNER_BYTES = 64 << 20 };

uint64_t yara_memory_bytes(const struct yara *y, uint32_t threads)
{
    /* While it grows, the library's memory is there twice. */
    return y->code ? 2 * y->compiled_bytes + (uint64_t)threads * SCANNER_BYTES : 0;
}

/* ---- scanning ---- */

/* Its handlers of signals would stand before those of the guard: off. First places are enough where a rule does not count. */
enum { SCAN_FLAGS = SCAN_FLAGS_FAST_MODE | SCAN_FLAGS_NO_TRYCATCH | SCAN_FLAGS_REPORT_RULES_MATCHING };

struct yara_scanner {
    YR_SCANNER             *s[YARA_SETS_MAX];
    const struct yara_code *code;
    struct yara_result     *to;          /* during a scan, as the next two */
    struct arena           *a;
    bool                    full;
    int                     seconds;
};

static struct str meta_str(const YR_RULE *rule, const char *name)
{
    const char *s = yara_meta_text(rule, name);
    return s ? str_c(s) : STR_EMPTY;
}

static void note_hit(struct yara_scanner *s, YR_SCAN_CONTEXT *at, const YR_RULE *rule)
{
    struct yara_result     *r = s->to;
    const struct yara_file *f = yara_file_of(s->code, rule);

    if (r->hit_n == YARA_HITS_MAX) {
        r->hit_more++;
        return;
    }
    struct yara_hit *h = &r->hit[r->hit_n++];
    int64_t confidence = meta_number(rule, "confidence", 0), score = meta_number(rule, "score", -1);
    *h = (struct yara_hit){ .rule = str_c(rule->identifier), .file = f ? f->name : STR_EMPTY, .pack = f && f->pack, .author = meta_str(rule, "author"),
                            .description = meta_str(rule, "description"), .reference = meta_str(rule, "reference"), .kind = meta_str(rule, "kind"),
                            .confidence = confidence > 0 && confidence <= 100 ? (double)confidence / 100 : 0, .score = score >= 0 && score <= 100 ? (int)score : -1 };
    (void)yara_moves_of(rule, &h->moves);
    const char *tag;
    yr_rule_tags_foreach(rule, tag) {
        struct str more = h->tags.n < YARA_TAGS_MAX ? str_fmt(s->a, "%.*s%s%s", STR_ARG(h->tags), h->tags.n ? " " : "", tag) : h->tags;
        s->full |= !more.p;
        h->tags = str_sub(more, 0, YARA_TAGS_MAX);
    }
    YR_STRING *string;
    yr_rule_strings_foreach(rule, string) {
        YR_MATCH *match;
        if (h->place_n == YARA_PLACES_MAX)
            break;
        yr_string_matches_foreach(at, string, match) {
            h->place[h->place_n].name   = str_c(string->identifier);
            h->place[h->place_n].offset = (uint64_t)(match->base + match->offset);
            h->place_n++;
            break;
        }
    }
}

static int on_scan(YR_SCAN_CONTEXT *at, int message, void *data, void *ctx)
{
    struct yara_scanner *s = ctx;

    if (message == CALLBACK_MSG_RULE_MATCHING)
        note_hit(s, at, data);
    else if (message == CALLBACK_MSG_TOO_MANY_MATCHES)
        s->to->limit = STR("YARA: a string has more than 1,000,000 places in it; rules that count them may have missed it");
    return CALLBACK_CONTINUE;
}

void yara_scanner_close(struct yara_scanner *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < YARA_SETS_MAX; i++)
        if (s->s[i])
            yr_scanner_destroy(s->s[i]);
    free(s);
}

bool yara_scanner_open(struct yara_scanner **ret, const struct yara *y, int seconds, struct err *e)
{
    struct yara_scanner *s = calloc(1, sizeof *s);

    if (!s || !y->code || !y->code->set_n) {
        free(s);
        return err_set(e, ERR_MEMORY, "no room for a YARA scanner");
    }
    s->code = y->code;
    for (size_t i = 0; i < y->code->set_n; i++) {
        if (yr_scanner_create(y->code->rules[i], &s->s[i]) != ERROR_SUCCESS) {
            s->s[i] = NULL;
            yara_scanner_close(s);
            return err_set(e, ERR_MEMORY, "no room for a YARA scanner");
        }
        yr_scanner_set_flags(s->s[i], SCAN_FLAGS);
        yr_scanner_set_timeout(s->s[i], seconds);
        yr_scanner_set_callback(s->s[i], on_scan, s);
    }
    s->seconds = seconds;
    *ret = s;
    return true;
}

static bool define(struct yara_scanner *s, const char *name, struct str value)
{
    char   text[SMALL_MAX];
    size_t n = value.n < sizeof text ? value.n : sizeof text - 1;

    /* A NUL would end it: nothing that names a file on Windows holds one. */
    if (n)
        memcpy(text, value.p, n);
    text[n] = 0;
    for (size_t i = 0; i < s->code->set_n; i++)
        if (yr_scanner_define_string_variable(s->s[i], name, text) != ERROR_SUCCESS)
            return false;
    return true;
}

bool yara_scan(struct yara_scanner *s, struct arena *a, struct str body, const struct yara_about *about, struct yara_result *ret, struct err *e)
{
    struct yara_result out = { .hit = NEW(a, struct yara_hit, YARA_HITS_MAX) };
    const struct str   value[YARA_EXTERNALS] = { about->filename, about->filepath, about->extension, about->filetype, about->md5, about->owner };

    if (!out.hit)
        return err_set(e, ERR_MEMORY, "no room for the hits of YARA rules");
    for (size_t i = 0; i < YARA_EXTERNALS; i++)
        if (!define(s, yara_externals[i], value[i]))
            return err_set(e, ERR_MEMORY, "no room for what YARA rules ask about a file");
    s->to   = &out;
    s->a    = a;
    s->full = false;
    int code = ERROR_SUCCESS;
    for (size_t i = 0; i < s->code->set_n && code == ERROR_SUCCESS; i++)
        code = yr_scanner_scan_mem(s->s[i], body.n ? body.p : (const uint8_t *)"", body.n);
    s->to = NULL;
    s->a  = NULL;
    if (code == ERROR_INSUFFICIENT_MEMORY || s->full)
        return err_set(e, ERR_MEMORY, "no room for a YARA scan of %zu bytes", body.n);
    if (code == ERROR_SCAN_TIMEOUT)
        out.limit = str_fmt(a, "YARA: stopped at the limit of %d s; rules may have missed it", s->seconds);
    else if (code != ERROR_SUCCESS)
        out.limit = str_fmt(a, "YARA: the library could not look at it to its end (its error %d); rules may have missed it", code);
    if (code != ERROR_SUCCESS && !out.limit.p)
        return err_set(e, ERR_MEMORY, "no room for a reason");
    *ret = out;
    return true;
}

/* Source: signature-base, misc/file-type-signatures.txt; the forms that a web server or an intruder leaves. Longer marks stand first. */
static const struct { struct str mark, type; } types[] = {
    { STR_INIT("PK\x03\x04\x14\x00\x06\x00"), STR_INIT("Office") }, { STR_INIT("PK\x03\x04\x14\x00\x08\x00"), STR_INIT("JAR") },
    { STR_INIT("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), STR_INIT("OLE") }, { STR_INIT("L\0\0\0\x01\x14\x02\0"), STR_INIT("LNK") },
    { STR_INIT("ElfFil"), STR_INIT("EVTX") }, { STR_INIT("7z\xBC\xAF\x27\x1C"), STR_INIT("7Zip") }, { STR_INIT("Rar!\x1A\x07"), STR_INIT("RAR") },
    { STR_INIT("{\\rtf1"), STR_INIT("RTF") }, { STR_INIT("PK\x03\x04"), STR_INIT("ZIP") }, { STR_INIT("%PDF"), STR_INIT("PDF") }, { STR_INIT("<" "?php"), STR_INIT("PHP") },
    { STR_INIT("<" "?xm"), STR_INIT("XML") }, { STR_INIT("<" "?XM"), STR_INIT("XML") }, { STR_INIT("MSCF"), STR_INIT("CAB") }, { STR_INIT("MDMP"), STR_INIT("MDMP") },
    { STR_INIT("regf"), STR_INIT("Registry Hive") }, { STR_INIT("\xFF\xD8\xFF"), STR_INIT("JPEG") }, { STR_INIT("GIF"), STR_INIT("GIF") },
    { STR_INIT("BZh"), STR_INIT("BZip2") }, { STR_INIT("\x1F\x8B\x08"), STR_INIT("GZIP") }, { STR_INIT("<%"), STR_INIT("JSP") }, { STR_INIT("MZ"), STR_INIT("EXE") },
    { STR_INIT("\x7F" "E"), STR_INIT("ELF") }, { STR_INIT("#!"), STR_INIT("Script") },
};

struct str yara_type(struct str body)
{
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (str_starts(body, types[i].mark))
            return types[i].type;
    return STR_EMPTY;
}
