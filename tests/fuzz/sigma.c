/*
 * sigma: input is YAML, a line "====", then a record: "name=value" lines.
 * Property: a rule that fits a record whose raw text holds the values verbatim has one of its literals in that text (and one of `also`), or has none
 * at all (`always`); a rule that names its literal itself is taken at its word. And: each document is a rule or is refused with a reason.
 */
#include "detect/sigma.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct rec { const struct sigma *s; struct str text; };

static size_t get(void *ctx, uint32_t field, struct str *ret)
{
    const struct rec *r = ctx;
    struct str        rest = r->text, pair;
    size_t            n = 0;

    while (str_cut(&rest, '\n', &pair)) {
        size_t eq = str_chr(pair, '=');
        if (eq != STR_NONE && str_ieq(str_sub(pair, 0, eq), r->s->field[field]) && n < SIGMA_VALUES_MAX)
            ret[n++] = str_from(pair, eq + 1);
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str   in = { data, n };
    size_t       at = str_find(in, STR("====\n"));
    struct str   yaml = at == STR_NONE ? in : str_sub(in, 0, at), record = at == STR_NONE ? STR("") : str_from(in, at + 5);
    size_t       room = 4 << 20;
    uint8_t     *block = malloc(room);
    struct arena a = { block, block + room, NULL };
    struct sigma s = { 0 };
    struct err   e = { 0 };

    if (n <= 8192 && block && sigma_add(&s, &a, STR("rules/x.yml"), yaml, true, &e)) {
        struct rec r = { &s, record };
        for (size_t i = 0; i < s.refused_n; i++)
            if (!s.refused[i].why.n)
                abort();
        for (size_t i = 0; i < s.rule_n; i++) {
            static const struct { struct str cut; } cuts[] = { { STR_INIT("") }, { STR_INIT(" \"'%+") } };
            bool fits = sigma_match(&s, &s.rule[i], get, &r, record, a);
            for (size_t c = 0; c < 2; c++) {
                struct sigma_literals l;
                if (s.rule[i].literal.n)
                    break;                       /* the author's promise, not ours */
                if (!sigma_literals(&s, &s.rule[i], &a, &(struct sigma_raw){ .cut = cuts[c].cut }, &l, &e))
                    break;
                if (l.always != (l.n == 0) && !s.rule[i].correlation)
                    abort();
                bool found = l.always, also = l.also_n == 0;
                for (size_t k = 0; k < l.also_n; k++)
                    also |= str_ihas(record, l.also[k]);
                for (size_t k = 0; k < l.n; k++) {
                    for (size_t b = 0; l.lit_of && l.lit_of[k] != SIGMA_KEYWORD && b < cuts[c].cut.n; b++)   /* keywords are compared with the text as it stands */
                        if (str_chr(l.lit[k], cuts[c].cut.p[b]) != STR_NONE)
                            abort();
                    found |= str_ihas(record, l.lit[k]);
                }
                if (fits && (!found || !also))
                    abort();
            }
        }
    }
    sigma_close(&s);
    free(block);
    return 0;
}
