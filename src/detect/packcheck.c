#include "detect/packcheck.h"

#include "detect/pattern.h"
#include "detect/yara.h"
#include "evidence/family.h"

#include <stdlib.h>

struct check {
    struct packcheck *out;
    struct arena     *a;
    struct err       *e;
    size_t            cap;
};

static bool note(struct check *c, struct str file, struct str why)
{
    struct pack_problem *at = GROW(c->a, c->out->problem, c->out->problem_n, &c->cap);

    if (!at || !why.p)
        return err_set(c->e, ERR_MEMORY, "no room for the list of problems");
    *at = (struct pack_problem){ file, why };
    c->out->problem_n++;
    return true;
}

static bool named(const struct sigma *s, struct str name)
{
    for (size_t i = 0; i < s->rule_n; i++)
        if (str_eq(s->rule[i].name, name) || (s->rule[i].id.n && str_eq(s->rule[i].id, name)))
            return true;
    return false;
}

/* Each key may stand once; the second to bring it is told. */
static bool once(struct check *c, struct map *seen, const struct sigma *s, size_t i, struct str key, const char *what)
{
    if (!key.n)
        return true;
    uint32_t had = map_get(seen, key);
    if (had != MAP_NONE)
        return note(c, s->rule[i].file, str_fmt(c->a, "%s \"%.*s\" is also that of %.*s", what, STR_ARG(key), STR_ARG(s->rule[had].file)));
    return map_put(seen, c->a, key, (uint32_t)i) || err_set(c->e, ERR_MEMORY, "no room for the list of rules");
}

static bool rules_check(struct check *c, const struct sigma *s)
{
    struct map names = { .fold = true }, ids = { .fold = true };

    for (size_t i = 0; i < s->refused_n; i++)
        if (!note(c, s->refused[i].file, s->refused[i].why))
            return false;
    for (size_t i = 0; i < s->rule_n; i++) {
        const struct sigma_rule *r = &s->rule[i];
        if (!once(c, &names, s, i, r->name, "name") || !once(c, &ids, s, i, r->id, "id"))
            return false;
        for (size_t k = 0; k < r->of_n; k++)
            if (!named(s, r->of[k]) &&
                !note(c, r->file, str_fmt(c->a, "the correlation names \"%.*s\", which is no rule of this pack", STR_ARG(r->of[k]))))
                return false;
    }
    return true;
}

static bool patterns_check(struct check *c, const struct pack *p)
{
    for (size_t i = 0; i < p->ioc_n; i++) {
        struct pattern *x;
        struct err      why = { 0 };
        if (p->ioc[i].kind != IOC_FILE_NAME_REGEX)
            continue;
        struct arena scratch = *c->a;
        if (pattern_compile(&x, &scratch, p->ioc[i].value, (struct pattern_flags){ .fold = false }, &why)) {
            pattern_close(x);
        } else if (why.kind == ERR_MEMORY) {
            *c->e = why;
            return false;
        } else if (!note(c, STR("iocs.csv"), str_fmt(c->a, "filename_regex \"%.*s\": %s", STR_ARG(p->ioc[i].value), why.what))) {
            return false;
        }
    }
    return true;
}

static bool families_check(struct check *c, const struct pack *p)
{
    for (size_t i = 0; i < p->expected_n; i++) {
        bool known = false;
        for (size_t k = FAM_NONE + 1; k < FAM_COUNT; k++)
            known |= str_eq(p->expected[i], str_c(family_table[k].name));
        if (!known && !note(c, STR("pack.yaml"), str_fmt(c->a, "expected: \"%.*s\" is no evidence family", STR_ARG(p->expected[i]))))
            return false;
    }
    return true;
}

static bool yara_check(struct check *c, const struct pack *p)
{
    struct yara       y = { 0 };
    struct yara_file *file = NEW(c->a, struct yara_file, p->file_n);
    size_t            n = 0;

    if (!file)
        return err_set(c->e, ERR_MEMORY, "no room for the list of YARA rules");
    for (size_t i = 0; i < p->file_n; i++)
        if (str_starts(p->file[i].name, STR("yara/")) && str_ends(p->file[i].name, STR(".yar")))
            file[n++] = (struct yara_file){ p->file[i].name, p->file[i].text, true };
    bool ok = yara_compile(&y, c->a, file, n, c->e);
    for (size_t i = 0; ok && i < y.refused_n; i++)
        ok = note(c, y.refused[i].file, y.refused[i].why);
    c->out->yara_rules = y.rule_n;
    yara_close(&y);
    return ok;
}

static int by_file(const void *x, const void *y)
{
    const struct pack_problem *a = x, *b = y;
    int c = str_cmp(a->file, b->file);
    return c ? c : str_cmp(a->why, b->why);
}

bool packcheck_dir(struct packcheck *ret, struct arena *a, struct os *os, struct str dir, struct err *e)
{
    struct packcheck     out = { .problem = NULL };
    struct check         c = { .out = &out, .a = a, .e = e };
    struct sigma         s = { 0 };
    struct pack_problem *list;
    size_t               n;
    bool                 ok = pack_check_dir(&out.pack, a, os, dir, &list, &n, e);

    for (size_t i = 0; ok && i < n; i++)
        ok = note(&c, list[i].file, list[i].why);
    for (size_t i = 0; ok && i < out.pack.file_n; i++)
        if (str_starts(out.pack.file[i].name, STR("rules/")) && str_ends(out.pack.file[i].name, STR(".yml")))
            ok = sigma_add(&s, a, out.pack.file[i].name, out.pack.file[i].text, true, e);
    ok = ok && rules_check(&c, &s) && yara_check(&c, &out.pack) && patterns_check(&c, &out.pack) && families_check(&c, &out.pack);
    out.rules = s.rule_n;
    sigma_close(&s);
    if (!ok)
        return false;
    if (out.problem_n)
        qsort(out.problem, out.problem_n, sizeof *out.problem, by_file);
    *ret = out;
    return true;
}
