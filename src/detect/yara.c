#include "detect/yara.h"

#include "base/num.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yara.h>

/* Building the library's automaton costs the square of its entries: large sets are built in several, and a file is looked at once for each. */
enum { NAMESPACE_MAX = 24, SMALL_MAX = 1024, WHY_MAX = 300, SETS_MAX = 8, SET_ATOMS = 48 << 10 };

struct yara_code {
    YR_RULES         *rules[SETS_MAX];
    size_t            set_n;
    struct yara_file *file;             /* usable ones; a namespace is an index here */
    size_t            file_n;
};

static const char *const externals[] = { "filename", "filepath", "extension", "filetype", "md5", "owner" };

/* ---- compiling ---- */

static bool refuse(struct yara *y, struct arena *a, struct str file, struct str why, bool told_only, struct err *e)
{
    struct yara_refused *r = GROW(a, y->refused, y->refused_n, &y->cap);

    if (!r || !why.p)
        return err_set(e, ERR_MEMORY, "no room for the list of refused rule files");
    *r = (struct yara_refused){ file, why, told_only };
    y->refused_n++;
    return true;
}

struct first_error { int line; char why[WHY_MAX]; };

static void on_message(int level, const char *file, int line, const YR_RULE *rule, const char *message, void *ctx)
{
    struct first_error *f = ctx;

    (void)file, (void)rule;
    if (level != YARA_ERROR_LEVEL_ERROR || f->why[0])
        return;
    f->line = line;
    snprintf(f->why, sizeof f->why, "%s", message && *message ? message : "unusable");
}

static YR_COMPILER *compiler_open(struct first_error *f)
{
    YR_COMPILER *k = NULL;

    if (yr_compiler_create(&k) != ERROR_SUCCESS)
        return NULL;
    yr_compiler_set_callback(k, on_message, f);
    yr_compiler_set_include_callback(k, NULL, NULL, NULL);          /* an include could name any file of this machine */
    for (size_t i = 0; i < COUNT_OF(externals); i++)
        if (yr_compiler_define_string_variable(k, externals[i], "") != ERROR_SUCCESS) {
            yr_compiler_destroy(k);
            return NULL;
        }
    return k;
}

static uint64_t used_by(const YR_COMPILER *k)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; k->arena && i < k->arena->num_buffers && i < YR_MAX_ARENA_BUFFERS; i++)
        sum += k->arena->buffers[i].used;
    return sum;
}

/* The library wants a terminator, which a text in memory does not have. Room for it is taken from the scratch. */
static bool add(YR_COMPILER *k, size_t at, struct str text, struct arena scratch, struct first_error *f, struct err *e)
{
    char  ns[NAMESPACE_MAX];
    char *copy = NEW(&scratch, char, text.n + 1);

    if (!copy)
        return err_set(e, ERR_MEMORY, "no room for a rule file of %zu bytes", text.n);
    memcpy(copy, text.p, text.n);
    snprintf(ns, sizeof ns, "%zu", at);
    *f = (struct first_error){ 0 };
    if (yr_compiler_add_string(k, copy, ns) != 0 && !f->why[0])
        snprintf(f->why, sizeof f->why, "unusable");
    return true;
}

/* A guess, never too low by much, at how many entries the strings of a text put into the library's automaton: it has no limit of its own. */
static uint64_t atoms_of(struct str text)
{
    static const struct { struct str word; uint32_t atoms; } dear[] = {
        { STR_INIT("xor"), 255 }, { STR_INIT("nocase"), 16 }, { STR_INIT("base64"), 6 }, { STR_INIT("base64wide"), 6 }, { STR_INIT("wide"), 1 },
    };
    uint64_t sum = 0;

    for (size_t i = 0; i < text.n;) {
        size_t from = i;
        while (i < text.n && (ch_alnum(text.p[i]) || text.p[i] == '_'))
            i++;
        for (size_t k = 0; k < COUNT_OF(dear) && i > from; k++)
            if (str_eq(str_sub(text, from, i), dear[k].word))
                sum += dear[k].atoms;
        if (i < text.n) {
            sum += text.p[i] == '$' || text.p[i] == '|' || text.p[i] == '?';
            i++;
        }
    }
    return sum;
}

static struct str without_mark(struct str text) { return str_starts(text, STR("\xEF\xBB\xBF")) ? str_from(text, 3) : text; }

/* Why the text is not even given to the library, or empty. */
static struct str out_of_bounds(struct arena *a, struct str text, uint64_t bytes, uint64_t atoms)
{
    if (text.n > YARA_FILE_BYTES_MAX)
        return str_fmt(a, "%zu bytes, at most %d are taken", text.n, YARA_FILE_BYTES_MAX);
    if (bytes + text.n > YARA_BYTES_MAX)
        return str_fmt(a, "all rule files together have more than %d bytes", YARA_BYTES_MAX);
    if (str_chr(text, 0) != STR_NONE)
        return str_fmt(a, "byte %zu is NUL: rules are text (compiled rules are not taken)", str_chr(text, 0));
    if (atoms > YARA_ATOMS_MAX)
        return str_fmt(a, "its strings, with those of the files before it, would make about %llu search entries, at most %d are taken", (unsigned long long)atoms, YARA_ATOMS_MAX);
    return STR_EMPTY;
}

/* Asked of the compiler, because afterwards only a scan could tell. Its table has a namespace's modules under their names. */
static const char *bad_module(YR_COMPILER *k, size_t at)
{
    static const struct { const char *name, *why; } bad[] = {
        { "magic", "the module \"magic\" reads a data base of this machine" }, { "time", "with the module \"time\" the answer would depend on the day" },
    };
    char ns[NAMESPACE_MAX];

    snprintf(ns, sizeof ns, "%zu", at);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (yr_hash_table_lookup(k->objects_table, bad[i].name, ns))
            return bad[i].why;
    return NULL;
}

/* One file alone: is it good, and how much does it take? */
static bool try_alone(const struct yara_file *f, struct arena *a, struct str *ret_why, uint64_t *ret_bytes, struct err *e)
{
    struct first_error fe = { 0 };
    YR_COMPILER       *k = compiler_open(&fe);
    const char        *bad = NULL;
    bool               ok = k ? add(k, 0, without_mark(f->text), *a, &fe, e) : err_set(e, ERR_MEMORY, "no room for YARA");

    *ret_why = STR_EMPTY;
    *ret_bytes = 0;
    if (ok && !fe.why[0]) {
        *ret_bytes = used_by(k);
        bad = bad_module(k, 0);
    }
    if (ok && bad)
        *ret_why = str_c(bad);
    else if (ok && fe.why[0])
        *ret_why = fe.line ? str_fmt(a, "line %d: %s", fe.line, fe.why) : str_fmt(a, "%s", fe.why);
    if (ok && (bad || fe.why[0]) && !ret_why->p)
        ok = err_set(e, ERR_MEMORY, "no room for a reason");
    if (k)
        yr_compiler_destroy(k);
    return ok;
}

struct made { struct yara_file *file; size_t n; };

/* Files from .. to - 1 in one set. *ret NULL without an error: some file is bad, or they are too large together. */
static bool together(struct made m, size_t from, size_t to, struct arena scratch, YR_RULES **ret, uint64_t *ret_bytes, struct err *e)
{
    struct first_error fe = { 0 };
    YR_COMPILER       *k = compiler_open(&fe);
    YR_RULES          *rules = NULL;
    bool               ok = k ? true : err_set(e, ERR_MEMORY, "no room for YARA");

    for (size_t i = from; ok && !fe.why[0] && i < to; i++) {
        ok = add(k, i, without_mark(m.file[i].text), scratch, &fe, e);
        if (ok && (used_by(k) > YARA_COMPILED_MAX || (!fe.why[0] && bad_module(k, i))))
            snprintf(fe.why, sizeof fe.why, "not to be used");
    }
    if (ok && !fe.why[0] && yr_compiler_get_rules(k, &rules) != ERROR_SUCCESS)
        ok = err_set(e, ERR_MEMORY, "no room for the compiled YARA rules");
    *ret_bytes = rules ? used_by(k) : 0;
    if (k)
        yr_compiler_destroy(k);
    *ret = rules;
    return ok;
}

static void drop(struct yara_code *c)
{
    while (c->set_n)
        yr_rules_destroy(c->rules[--c->set_n]);
}

/* *ret_bad: some file is, or they are too large together; nothing is left then. */
static bool in_sets(struct yara *y, struct made m, struct arena scratch, bool *ret_bad, struct err *e)
{
    uint64_t sum = 0, each;

    *ret_bad = false;
    y->compiled_bytes = 0;
    for (size_t i = 0; i < m.n; i++)
        sum += atoms_of(m.file[i].text);
    each = sum / (SETS_MAX / 2) > SET_ATOMS ? sum / (SETS_MAX / 2) : SET_ATOMS;
    for (size_t from = 0, to = 0; from < m.n; from = to) {
        uint64_t  atoms = 0, bytes = 0;
        YR_RULES *rules = NULL;
        while (to < m.n && (to == from || y->code->set_n + 1 == SETS_MAX || atoms + atoms_of(m.file[to].text) <= each))
            atoms += atoms_of(m.file[to++].text);
        bool ok = together(m, from, to, scratch, &rules, &bytes, e);
        y->compiled_bytes += bytes;
        if (rules)
            y->code->rules[y->code->set_n++] = rules;
        if (ok && rules && y->compiled_bytes <= YARA_COMPILED_MAX)
            continue;
        *ret_bad = ok;
        drop(y->code);
        return ok;
    }
    return true;
}

static const char *meta_text(const YR_RULE *rule, const char *name)
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
static bool moves_of(const YR_RULE *rule, enum yara_moves *ret)
{
    const char *axis = meta_text(rule, "axis"), *state = meta_text(rule, "state");

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

static const struct yara_file *file_of(const struct yara_code *c, const YR_RULE *rule)
{
    size_t i = rule->ns && rule->ns->name ? strtoul(rule->ns->name, NULL, 10) : 0;
    return i < c->file_n ? &c->file[i] : NULL;
}

static bool count_rules(struct yara *y, struct arena *a, struct err *e)
{
    const YR_RULE  *rule;
    enum yara_moves moves;

    for (size_t i = 0; i < y->code->set_n; i++)
        yr_rules_foreach(y->code->rules[i], rule) {
            const struct yara_file *f = file_of(y->code, rule);
            y->rule_n++;
            y->own_n += f && f->pack;
            if (f && !moves_of(rule, &moves) &&
                !refuse(y, a, f->name, str_fmt(a, "rule %.100s: a YARA rule cannot move axis \"%.40s\" to \"%.40s\"; its hits are for review", rule->identifier,
                                               meta_text(rule, "axis"), meta_text(rule, "state")), true, e))
                return false;
        }
    return true;
}

/* Those that may be given to the library at all. */
static bool choose(struct yara *y, struct arena *a, const struct yara_file *file, size_t n, struct made *m, struct err *e)
{
    uint64_t bytes = 0, atoms = 0;

    for (size_t i = 0; i < n; i++) {
        uint64_t   more = atoms_of(file[i].text);
        struct str why = m->n >= YARA_FILES_MAX ? str_fmt(a, "more than %d files", YARA_FILES_MAX) : out_of_bounds(a, file[i].text, bytes, atoms + more);
        if (why.n) {
            if (!refuse(y, a, file[i].name, why, false, e))
                return false;
            continue;
        }
        bytes += file[i].text.n;
        atoms += more;
        m->file[m->n++] = file[i];
    }
    return true;
}

/* Keeps of the chosen those that compile alone and fit together. */
static bool sort_out(struct yara *y, struct arena *a, struct made *m, struct err *e)
{
    uint64_t sum = 0;
    size_t   kept = 0;

    for (size_t i = 0; i < m->n; i++) {
        struct str why;
        uint64_t   bytes;
        if (!try_alone(&m->file[i], a, &why, &bytes, e))
            return false;
        if (!why.n && sum + bytes > YARA_COMPILED_MAX)
            why = str_fmt(a, "compiled rules take more than %d MiB together with it", YARA_COMPILED_MAX >> 20);
        if (why.n) {
            if (!refuse(y, a, m->file[i].name, why, false, e))
                return false;
            continue;
        }
        sum += bytes;
        m->file[kept++] = m->file[i];
    }
    m->n = kept;
    return true;
}

/* Matched bytes are never kept: they may be somebody's back door. */
static bool library_open(struct err *e)
{
    if (yr_initialize() != ERROR_SUCCESS)
        return err_set(e, ERR_MEMORY, "YARA cannot be started");
    uint32_t none = 0;
    (void)yr_set_configuration(YR_CONFIG_MAX_MATCH_DATA, &none);
    return true;
}

/*
 * First all files in one go. Where one is bad, each is tried alone, because the library cannot go on after an error, and the good ones are
 * compiled together: a clean folder costs one pass, any other three.
 */
static bool compile(struct yara *y, struct arena *a, struct made *m, struct err *e)
{
    bool bad = false;

    if (m->n && !in_sets(y, *m, *a, &bad, e))
        return false;
    if (bad && (!sort_out(y, a, m, e) || (m->n && !in_sets(y, *m, *a, &bad, e))))
        return false;
    if (m->n && bad)
        return err_set(e, ERR_MEMORY, "YARA rules that compile alone do not compile together");
    y->code->file   = m->file;
    y->code->file_n = y->file_n = m->n;
    return count_rules(y, a, e);
}

bool yara_compile(struct yara *ret, struct arena *a, const struct yara_file *file, size_t n, struct err *e)
{
    struct yara out = { 0 };
    struct made m = { 0 };

    m.file   = NEW(a, struct yara_file, n);
    out.code = NEW(a, struct yara_code, 1);
    if (!m.file || !out.code)
        return err_set(e, ERR_MEMORY, "no room for %zu rule files", n);
    if (!choose(&out, a, file, n, &m, e) || !library_open(e))
        return false;
    if (!compile(&out, a, &m, e)) {
        drop(out.code);
        yr_finalize();
        return false;
    }
    if (!out.code->set_n) {
        yr_finalize();
        out.code = NULL;
    }
    *ret = out;
    return true;
}

void yara_close(struct yara *y)
{
    if (!y->code)
        return;
    drop(y->code);
    yr_finalize();
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
    YR_SCANNER             *s[SETS_MAX];
    const struct yara_code *code;
    struct yara_result     *to;          /* during a scan, as the next two */
    struct arena           *a;
    bool                    full;
    int                     seconds;
};

static struct str meta_str(const YR_RULE *rule, const char *name)
{
    const char *s = meta_text(rule, name);
    return s ? str_c(s) : STR_EMPTY;
}

static void note_hit(struct yara_scanner *s, YR_SCAN_CONTEXT *at, const YR_RULE *rule)
{
    struct yara_result     *r = s->to;
    const struct yara_file *f = file_of(s->code, rule);

    if (r->hit_n == YARA_HITS_MAX) {
        r->hit_more++;
        return;
    }
    struct yara_hit *h = &r->hit[r->hit_n++];
    int64_t confidence = meta_number(rule, "confidence", 0), score = meta_number(rule, "score", -1);
    *h = (struct yara_hit){ .rule = str_c(rule->identifier), .file = f ? f->name : STR_EMPTY, .pack = f && f->pack, .author = meta_str(rule, "author"),
                            .description = meta_str(rule, "description"), .reference = meta_str(rule, "reference"), .kind = meta_str(rule, "kind"),
                            .confidence = confidence > 0 && confidence <= 100 ? (double)confidence / 100 : 0, .score = score >= 0 && score <= 100 ? (int)score : -1 };
    (void)moves_of(rule, &h->moves);
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
    for (size_t i = 0; i < SETS_MAX; i++)
        if (s->s[i])
            yr_scanner_destroy(s->s[i]);
    free(s);
}

bool yara_scanner_open(struct yara_scanner **ret, const struct yara *y, int seconds, struct err *e)
{
    struct yara_scanner *s = calloc(1, sizeof *s);

    if (!s || !y->code) {
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
    const struct str   value[COUNT_OF(externals)] = { about->filename, about->filepath, about->extension, about->filetype, about->md5, about->owner };

    if (!out.hit)
        return err_set(e, ERR_MEMORY, "no room for the hits of YARA rules");
    for (size_t i = 0; i < COUNT_OF(externals); i++)
        if (!define(s, externals[i], value[i]))
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
    { STR_INIT("{\\rtf1"), STR_INIT("RTF") }, { STR_INIT("PK\x03\x04"), STR_INIT("ZIP") }, { STR_INIT("%PDF"), STR_INIT("PDF") }, { STR_INIT("<?php"), STR_INIT("PHP") },
    { STR_INIT("<?xm"), STR_INIT("XML") }, { STR_INIT("<?XM"), STR_INIT("XML") }, { STR_INIT("MSCF"), STR_INIT("CAB") }, { STR_INIT("MDMP"), STR_INIT("MDMP") },
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
