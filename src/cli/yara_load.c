#include "cli/yara_load.h"

static bool take(struct os *os, const struct rules_dir *user, struct arena *keep, struct arena *texts, struct yara_file *file, size_t *n, struct yara *missing, struct err *e)
{
    for (size_t i = 0; i < user->file_n; i++) {
        const struct rules_file *f = &user->file[i];
        struct str               text;
        struct err               why = { 0 };
        if (f->kind != RULES_YARA)
            continue;
        if (rules_file_read(f, os, texts, &text, &why)) {
            file[(*n)++] = (struct yara_file){ f->file, text, false };
            continue;
        }
        struct yara_refused *r = GROW(keep, missing->refused, missing->refused_n, &missing->cap);
        struct str           what = str_dup(keep, str_c(why.what));
        if (!r || !what.p)
            return err_set(e, ERR_MEMORY, "no room for the list of refused rule files");
        *r = (struct yara_refused){ f->file, what, false, 0 };
        missing->refused_n++;
    }
    return true;
}

static bool joined(struct yara *y, const struct yara *missing, struct arena *keep, struct err *e)
{
    for (size_t i = 0; i < missing->refused_n; i++) {
        struct yara_refused *r = GROW(keep, y->refused, y->refused_n, &y->cap);
        if (!r)
            return err_set(e, ERR_MEMORY, "no room for the list of refused rule files");
        *r = missing->refused[i];
        y->refused_n++;
    }
    return true;
}

bool yara_load(struct os *os, const struct pack *pack, const struct rules_dir *user, struct arena *keep, struct yara *ret, struct err *e)
{
    struct rules_dir  none = { 0 };
    struct arena      whole = { 0 };
    struct yara       out = { 0 }, missing = { 0 };
    size_t            n = 0;

    if (!user)
        user = &none;
    struct yara_file *file = NEW(keep, struct yara_file, pack->file_n + user->of_kind[RULES_YARA]);
    if (!file)
        return err_set(e, ERR_MEMORY, "no room for the list of YARA rules");
    for (size_t i = 0; i < pack->file_n; i++)
        if (str_starts(pack->file[i].name, STR("yara/")) && str_ends(pack->file[i].name, STR(".yar")))
            file[n++] = (struct yara_file){ pack->file[i].name, pack->file[i].text, true };
    if (user->of_kind[RULES_YARA] && !os_arena_map(&whole, (size_t)(user->bytes + (1u << 20)) + user->of_kind[RULES_YARA] * 64, e))
        return false;
    struct arena texts = whole;
    bool ok = take(os, user, keep, &texts, file, &n, &missing, e) && yara_compile(&out, keep, file, n, e);
    os_arena_unmap(&whole);
    if (ok && !joined(&out, &missing, keep, e)) {
        yara_close(&out);
        ok = false;
    }
    if (ok)
        *ret = out;
    return ok;
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
