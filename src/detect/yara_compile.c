/* Rule texts to sets of the library. */
#include "detect/yara_inner.h"

#include "base/num.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMESPACE_MAX = 24, WHY_MAX = 300, SET_ATOMS = 48 << 10 };

const char *const yara_externals[YARA_EXTERNALS] = { "filename", "filepath", "extension", "filetype", "md5", "owner" };

bool yara_refuse(struct yara *y, struct arena *a, uint32_t at, struct str file, struct str why, bool told_only, struct err *e)
{
    struct yara_refused *r = GROW(a, y->refused, y->refused_n, &y->cap);

    if (!r || !why.p)
        return err_set(e, ERR_MEMORY, "no room for the list of refused rule files");
    *r = (struct yara_refused){ file, why, told_only, at };
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
    for (size_t i = 0; i < YARA_EXTERNALS; i++)
        if (yr_compiler_define_string_variable(k, yara_externals[i], "") != ERROR_SUCCESS) {
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

/* The files that go into the sets, where each stood among those given, and who watches. */
struct made { struct yara_file *file; uint32_t *at; size_t n; const struct yara_watch *watch; };

/* Files from .. to - 1 are at work now. */
static void step(const struct made *m, size_t from, size_t to)
{
    if (m->watch && m->watch->step && to > from)
        m->watch->step(m->watch->ctx, m->at[from], m->at[to - 1] + 1);
}

static bool is_alone(const struct made *m, size_t i) { return m->watch && m->watch->alone && m->watch->alone[m->at[i]]; }

/* One file alone: is it good, and how much does it take? build: to the end, where all its strings are made into one automaton. */
static bool try_alone(const struct yara_file *f, bool build, struct arena *a, struct str *ret_why, uint64_t *ret_bytes, struct err *e)
{
    YR_RULES          *rules = NULL;
    struct first_error fe = { 0 };
    YR_COMPILER       *k = compiler_open(&fe);
    const char        *bad = NULL;
    bool               ok = k ? add(k, 0, without_mark(f->text), *a, &fe, e) : err_set(e, ERR_MEMORY, "no room for YARA");

    *ret_why = STR_EMPTY;
    *ret_bytes = 0;
    if (ok && !fe.why[0]) {
        *ret_bytes = used_by(k);
        bad = bad_module(k, 0);
        if (build && !bad && yr_compiler_get_rules(k, &rules) != ERROR_SUCCESS)
            ok = err_set(e, ERR_MEMORY, "no room for the compiled YARA rules");
    }
    if (rules)
        yr_rules_destroy(rules);
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

/* Files from .. to - 1 in one set. *ret NULL without an error: some file is bad, or they are too large together. */
static bool together(struct made m, size_t from, size_t to, struct arena scratch, YR_RULES **ret, uint64_t *ret_bytes, struct err *e)
{
    struct first_error fe = { 0 };
    YR_COMPILER       *k = compiler_open(&fe);
    YR_RULES          *rules = NULL;
    bool               ok = k ? true : err_set(e, ERR_MEMORY, "no room for YARA");

    for (size_t i = from; ok && !fe.why[0] && i < to; i++) {
        step(&m, i, i + 1);
        ok = add(k, i, without_mark(m.file[i].text), scratch, &fe, e);
        if (ok && (used_by(k) > YARA_COMPILED_MAX || (!fe.why[0] && bad_module(k, i))))
            snprintf(fe.why, sizeof fe.why, "not to be used");
    }
    step(&m, from, to);
    if (ok && !fe.why[0] && yr_compiler_get_rules(k, &rules) != ERROR_SUCCESS)
        ok = err_set(e, ERR_MEMORY, "no room for the compiled YARA rules");
    *ret_bytes = rules ? used_by(k) : 0;
    if (k)
        yr_compiler_destroy(k);
    *ret = rules;
    return ok;
}

/* *ret_bad: some file is, or they are too large together; nothing is left then. */
static bool in_sets(struct yara *y, struct made m, struct arena scratch, bool *ret_bad, struct err *e)
{
    uint64_t sum = 0, each;

    *ret_bad = false;
    y->compiled_bytes = 0;
    for (size_t i = 0; i < m.n; i++)
        sum += atoms_of(m.file[i].text);
    each = sum / (YARA_SETS_MAX / 2) > SET_ATOMS ? sum / (YARA_SETS_MAX / 2) : SET_ATOMS;
    for (size_t from = 0, to = 0; from < m.n; from = to) {
        uint64_t  atoms = 0, bytes = 0;
        YR_RULES *rules = NULL;
        while (to < m.n && (to == from || y->code->set_n + 1 == YARA_SETS_MAX || atoms + atoms_of(m.file[to].text) <= each))
            atoms += atoms_of(m.file[to++].text);
        bool ok = together(m, from, to, scratch, &rules, &bytes, e);
        y->compiled_bytes += bytes;
        if (rules)
            y->code->rules[y->code->set_n++] = rules;
        if (ok && rules && y->compiled_bytes <= YARA_COMPILED_MAX)
            continue;
        *ret_bad = ok;
        yara_drop(y->code);
        return ok;
    }
    return true;
}

static bool count_rules(struct yara *y, struct arena *a, struct err *e)
{
    const YR_RULE  *rule;
    enum yara_moves moves;

    for (size_t i = 0; i < y->code->set_n; i++)
        yr_rules_foreach(y->code->rules[i], rule) {
            const struct yara_file *f = yara_file_of(y->code, rule);
            y->rule_n++;
            y->own_n += f && f->pack;
            if (f && !yara_moves_of(rule, &moves) &&
                !yara_refuse(y, a, y->code->at[f - y->code->file], f->name, str_fmt(a, "rule %.100s: a YARA rule cannot move axis \"%.40s\" to \"%.40s\"; its hits are for review", rule->identifier,
                                               yara_meta_text(rule, "axis"), yara_meta_text(rule, "state")), true, e))
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
            if (!yara_refuse(y, a, (uint32_t)i, file[i].name, why, false, e))
                return false;
            continue;
        }
        bytes += file[i].text.n;
        atoms += more;
        m->at[m->n]     = (uint32_t)i;
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
        step(m, i, i + 1);
        if (!try_alone(&m->file[i], is_alone(m, i), a, &why, &bytes, e))
            return false;
        if (!why.n && sum + bytes > YARA_COMPILED_MAX)
            why = str_fmt(a, "compiled rules take more than %d MiB together with it", YARA_COMPILED_MAX >> 20);
        if (why.n) {
            if (!yara_refuse(y, a, m->at[i], m->file[i].name, why, false, e))
                return false;
            continue;
        }
        sum += bytes;
        m->at[kept]     = m->at[i];
        m->file[kept++] = m->file[i];
    }
    m->n = kept;
    return true;
}

/*
 * First all files in one go. Where one is bad, each is tried alone, because the library cannot go on after an error, and the good ones are
 * compiled together: a clean folder costs one pass, any other three. The same where the watcher wants some of them tried alone.
 */
static bool compile(struct yara *y, struct arena *a, struct made *m, struct err *e)
{
    bool bad = false;

    for (size_t i = 0; i < m->n && !bad; i++)
        bad = is_alone(m, i);
    if (m->n && !bad && !in_sets(y, *m, *a, &bad, e))
        return false;
    if (bad && (!sort_out(y, a, m, e) || (m->n && !in_sets(y, *m, *a, &bad, e))))
        return false;
    if (m->n && bad)
        return err_set(e, ERR_MEMORY, "YARA rules that compile alone do not compile together");
    y->code->file   = m->file;
    y->code->at     = m->at;
    y->code->file_n = y->file_n = m->n;
    return count_rules(y, a, e);
}

bool yara_compile_watched(struct yara *ret, struct arena *a, const struct yara_file *file, size_t n, const struct yara_watch *w, struct err *e)
{
    struct yara out = { 0 };
    struct made m = { .watch = w };

    m.file   = NEW(a, struct yara_file, n);
    m.at     = NEW(a, uint32_t, n);
    out.code = NEW(a, struct yara_code, 1);
    if (!m.file || !m.at || !out.code)
        return err_set(e, ERR_MEMORY, "no room for %zu rule files", n);
    if (!choose(&out, a, file, n, &m, e) || !yara_library_open(e))
        return false;
    if (!compile(&out, a, &m, e)) {
        yara_drop(out.code);
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

bool yara_compile(struct yara *ret, struct arena *a, const struct yara_file *file, size_t n, struct err *e) { return yara_compile_watched(ret, a, file, n, NULL, e); }
