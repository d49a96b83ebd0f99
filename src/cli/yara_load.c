#include "cli/yara_load.h"

#include "base/hash.h"
#include "os/cache.h"
#include "os/errand.h"

#include <stdio.h>

enum { ROUNDS_MAX = 40 };
#define RESULT_MAX ((uint64_t)YARA_COMPILED_MAX + ((uint64_t)64 << 20))

/* What is to be compiled: the pack's files, then the user's. Files that are too much leave the list. */
struct job {
    struct yara_file *file;
    uint8_t          *alone;            /* a byte per file: yara_watch */
    size_t            n;
    struct arena     *keep;
    struct yara       left_out;         /* its `refused` only: files that cannot be read, or were too much */
    size_t            too_much;
    uint64_t          spent_ms;
    struct err       *e;
};

static bool leave_out(struct job *j, struct str file, struct str why)
{
    struct yara_refused *r = GROW(j->keep, j->left_out.refused, j->left_out.refused_n, &j->left_out.cap);

    if (!r || !why.p)
        return err_set(j->e, ERR_MEMORY, "no room for the list of refused rule files");
    *r = (struct yara_refused){ .file = file, .why = why };
    j->left_out.refused_n++;
    return true;
}

static bool take(struct os *os, const struct rules_dir *user, struct arena *texts, struct job *j)
{
    for (size_t i = 0; i < user->file_n; i++) {
        const struct rules_file *f = &user->file[i];
        struct str               text;
        struct err               why = { 0 };
        if (f->kind != RULES_YARA)
            continue;
        if (rules_file_read(f, os, texts, &text, &why))
            j->file[j->n++] = (struct yara_file){ f->file, text, false };
        else if (!leave_out(j, f->file, str_dup(j->keep, str_c(why.what))))
            return false;
    }
    return true;
}

/* ---- the key ---- */

static void push(struct hash *h, struct str s)
{
    uint64_t n = s.n;

    hash_push(h, (struct str){ (const uint8_t *)&n, sizeof n });
    hash_push(h, s);
}

static bool key_of(const struct job *j, uint8_t ret[HASH_SHA256_BYTES])
{
    const uint64_t limits[] = { 1, sizeof(void *), YARA_ATOMS_MAX, YARA_COMPILED_MAX, YARA_FILE_BYTES_MAX, YARA_BYTES_MAX, YARA_FILES_MAX };
    struct os_stamp stamp[2];
    struct str      version;
    struct hash    *h = hash_open(HASH_SHA256);

    if (!h || !os_stamp_of(yara_code_address(), &stamp[0]) || !os_stamp_of(NULL, &stamp[1])) {
        hash_close(h);
        return false;
    }
    yara_version(&version);
    push(h, STR("afterpatch yara " AP_VERSION));
    push(h, version);
    push(h, (struct str){ (const uint8_t *)stamp, sizeof stamp });
    push(h, (struct str){ (const uint8_t *)limits, sizeof limits });
    for (size_t i = 0; i < j->n; i++) {
        push(h, j->file[i].pack ? STR("pack") : STR("user"));
        push(h, j->file[i].name);
        push(h, j->file[i].text);
    }
    hash_done(h, ret);
    hash_close(h);
    return true;
}

/* ---- the errand ---- */

static void on_step(void *t, uint32_t from, uint32_t to) { errand_step(t, (uint64_t)from << 32 | to); }
static bool on_bytes(void *t, struct str s, struct err *e) { return errand_put(t, s, e); }

static bool compile(void *ctx, struct errand *t, struct err *e)
{
    const struct job *j = ctx;
    struct arena      room = *j->keep;
    struct yara       y = { 0 };
    struct yara_watch w = { on_step, t, j->alone };
    bool              ok = yara_compile_watched(&y, &room, j->file, j->n, &w, e) && yara_save(&y, j->n, on_bytes, t, e);

    yara_close(&y);
    return ok;
}

static bool nothing_but_pack(struct job *j, const char *why)
{
    return err_set(j->e, ERR_LIMIT, "the YARA rules of the pack: %s", why);
}

/* Leaves out the user's files among from .. to - 1. */
static bool bar(struct job *j, size_t from, size_t to, const char *why)
{
    size_t n = from, all = 0;

    for (size_t i = from; i < to; i++)
        all += !j->file[i].pack;
    if (!all)
        return nothing_but_pack(j, why);
    for (size_t i = from; i < j->n; i++) {
        if (i < to && !j->file[i].pack) {
            if (!leave_out(j, j->file[i].name, all > 1 ? str_fmt(j->keep, "%s, together with %zu other files", why, all - 1) : str_dup(j->keep, str_c(why))))
                return false;
            continue;
        }
        j->alone[n]  = j->alone[i];
        j->file[n++] = j->file[i];
    }
    j->n = n;
    j->too_much += all;
    return true;
}

static void why_of(const struct errand_result *r, uint64_t step_ms, char *ret, size_t n)
{
    if (r->end == ERRAND_SLOW)
        snprintf(ret, n, "took longer than %llu s to compile", (unsigned long long)(step_ms + 999) / 1000);
    else if (r->end == ERRAND_FAILED)
        snprintf(ret, n, "takes more memory to compile than the %d MiB that it may", YARA_ERRAND_MIB);
    else if (r->signal)
        snprintf(ret, n, "the compiler died of it (signal %d)", r->signal);
    else
        snprintf(ret, n, "the compiler ended without a word");
}

/* Whose fault it was leaves; where a whole set was at work, its files are tried one by one first. */
static bool blame(struct job *j, const struct errand_result *r, int round, uint64_t step_ms)
{
    uint64_t from = r->step >> 32, to = (uint32_t)r->step;
    char     why[120];
    bool     tried = true;

    if (r->end == ERRAND_FAILED && r->why.kind != ERR_MEMORY && r->why.kind != ERR_LIMIT) {
        *j->e = r->why;
        return false;
    }
    why_of(r, step_ms, why, sizeof why);
    if (r->all || j->spent_ms >= (uint64_t)YARA_ALL_S * 1000) {
        snprintf(why, sizeof why, "compiling all YARA rules took longer than %d s", YARA_ALL_S);
        return bar(j, 0, j->n, why);
    }
    if (from >= to || to > j->n || round == ROUNDS_MAX)
        return bar(j, 0, j->n, why);
    for (size_t i = from; i < to; i++)
        tried = tried && j->alone[i];
    if (to - from == 1 || tried)
        return bar(j, from, to, why);
    for (size_t i = from; i < to; i++)
        j->alone[i] = 1;
    return true;
}

static bool on_errand(struct job *j, const struct yara_how *how, struct yara_loaded *out)
{
    uint64_t step_ms = how->step_ms ? how->step_ms : (uint64_t)YARA_STEP_S * 1000;

    for (int round = 0; ; round++) {
        struct errand_options o = { .memory_bytes = (uint64_t)YARA_ERRAND_MIB << 20, .result_max = RESULT_MAX, .step_ms = step_ms,
                                    .off = how->here, .no_sandbox = how->no_sandbox };
        struct errand_result  r;
        /* The pack's alone, at the end, have time as well. */
        o.all_ms = j->spent_ms < (uint64_t)YARA_ALL_S * 1000 ? (uint64_t)YARA_ALL_S * 1000 - j->spent_ms : step_ms;
        if (!errand_run(&o, compile, j, &r, j->e))
            return false;
        j->spent_ms += r.used_ms;
        if (r.end == ERRAND_DONE) {
            struct err odd = { 0 };
            if (yara_stored(&out->set, j->keep, r.bytes, j->file, j->n, &odd)) {
                out->bytes = r.bytes;
                return true;
            }
            errand_drop(&r);
            if (odd.kind != ERR_FORMAT) {
                *j->e = odd;
                return false;
            }
            r.end = ERRAND_DIED;
            r.step = 0;
        }
        if (!blame(j, &r, round, step_ms))
            return false;
    }
}

/* ---- all of it ---- */

static bool joined(struct yara *y, const struct job *j)
{
    for (size_t i = 0; i < j->left_out.refused_n; i++) {
        struct yara_refused *r = GROW(j->keep, y->refused, y->refused_n, &y->cap);
        if (!r)
            return err_set(j->e, ERR_MEMORY, "no room for the list of refused rule files");
        *r = j->left_out.refused[i];
        y->refused_n++;
    }
    return true;
}

static bool from_cache(const struct cache *c, const uint8_t key[HASH_SHA256_BYTES], const struct job *j, struct yara_loaded *out)
{
    struct err  none = { 0 };
    struct arena before = *j->keep;

    if (!cache_get(c, key, RESULT_MAX, &out->bytes, &none))
        return false;
    out->from_cache = yara_stored(&out->set, j->keep, out->bytes, j->file, j->n, &none);
    if (!out->from_cache) {
        *j->keep = before;
        cache_drop(out->bytes);
        out->bytes = STR_EMPTY;
    }
    return out->from_cache;
}

static bool with_users(struct job *j, const struct yara_how *how, struct yara_loaded *out)
{
    struct cache c = CACHE_NONE;
    struct err   none = { 0 };
    uint8_t      key[HASH_SHA256_BYTES];
    bool         keyed = how->cache.n && key_of(j, key) && cache_open(&c, how->cache, &none);
    bool         ok = keyed && from_cache(&c, key, j, out);

    if (!ok) {
        ok = on_errand(j, how, out);
        if (ok && keyed && !j->too_much)
            (void)cache_put(&c, key, out->bytes, &none);
    }
    cache_close(&c);
    return ok;
}

bool yara_load(struct os *os, const struct pack *pack, const struct rules_dir *user, const struct yara_how *how, struct arena *keep, struct yara_loaded *ret, struct err *e)
{
    struct rules_dir   none = { 0 };
    struct arena       whole = { 0 };
    struct yara_loaded out = { .from_cache = false };
    struct job         j = { .keep = keep, .e = e };

    if (!user)
        user = &none;
    j.file  = NEW(keep, struct yara_file, pack->file_n + user->of_kind[RULES_YARA]);
    j.alone = NEW(keep, uint8_t, pack->file_n + user->of_kind[RULES_YARA]);
    if (!j.file || !j.alone)
        return err_set(e, ERR_MEMORY, "no room for the list of YARA rules");
    for (size_t i = 0; i < pack->file_n; i++)
        if (str_starts(pack->file[i].name, STR("yara/")) && str_ends(pack->file[i].name, STR(".yar")))
            j.file[j.n++] = (struct yara_file){ pack->file[i].name, pack->file[i].text, true };
    if (!user->of_kind[RULES_YARA]) {
        if (!yara_compile(&out.set, keep, j.file, j.n, e))
            return false;
        *ret = out;
        return true;
    }
    if (!os_arena_map(&whole, (size_t)(user->bytes + (1u << 20)) + user->of_kind[RULES_YARA] * 64, e))
        return false;
    struct arena texts = whole;
    bool ok = take(os, user, &texts, &j) && with_users(&j, how, &out) && joined(&out.set, &j);
    os_arena_unmap(&whole);
    if (ok)
        *ret = out;
    else
        yara_unload(&out);
    return ok;
}

void yara_unload(struct yara_loaded *y)
{
    yara_close(&y->set);
    cache_drop(y->bytes);
    *y = (struct yara_loaded){ .from_cache = false };
}

void yara_notes(struct cli *c, const struct yara *y)
{
    struct arena scratch = c->scratch;

    for (size_t i = 0; i < y->refused_n && i < YARA_NOTES_MAX; i++)
        cli_note(c, y->refused[i].told_only ? "a YARA rule moves nothing" : "a YARA rule file cannot be used",
                 str_fmt(&scratch, "%.*s: %.*s", STR_ARG(y->refused[i].file), STR_ARG(y->refused[i].why)));
    if (y->refused_n > YARA_NOTES_MAX)
        cli_note(c, "YARA rule files that cannot be used", str_fmt(&scratch, "%zu more", y->refused_n - YARA_NOTES_MAX));
}
