#include "cli/rules_try.h"

#include "os/errand.h"

#include <stdio.h>

enum { ROUNDS_MAX = 20 };

struct rehearsal { struct rules_dir *d; struct os *os; struct arena room, scratch; };

static void on_file(void *t, size_t i) { errand_step(t, i + 1); }

static bool rehearse(void *ctx, struct errand *t, struct err *e)
{
    const struct rehearsal *r = ctx;
    struct rules_dir        d = *r->d;
    struct arena            keep = r->room;
    struct sigma            s = { .rule_n = 0 };

    d.step = on_file;
    d.step_ctx = t;
    /* What ends the loading here ends it again, and is told there. */
    (void)rules_load_sigma(&s, &d, r->os, &keep, r->scratch, e);
    sigma_close(&s);
    *e = (struct err){ 0 };
    return true;
}

static bool leave_out(struct rules_dir *d, size_t from, size_t to, const char *why, struct arena *a, struct err *e)
{
    struct str said = str_dup(a, str_c(why));

    for (size_t i = from; i < to; i++)
        if (d->file[i].kind == RULES_SIGMA && !d->file[i].refused.n)
            d->file[i].refused = said;
    return said.p ? true : err_set(e, ERR_MEMORY, "no room for the list of refused rules");
}

bool rules_try(struct rules_dir *d, const struct rules_how *how, struct os *os, struct arena *a, struct arena scratch, struct err *e)
{
    uint64_t step_ms = how->step_ms ? how->step_ms : (uint64_t)RULES_STEP_S * 1000, spent_ms = 0;
    struct str root[16];
    size_t     root_n = 0;

    if (how->here || !d->of_kind[RULES_SIGMA])
        return true;
    /* Its sandbox may read the folders of the rules, and nothing else. */
    for (size_t i = 0; i < d->file_n; i++)
        if (!root_n || !str_eq(root[root_n - 1], d->file[i].root)) {
            if (root_n == sizeof root / sizeof *root)
                return true;
            root[root_n++] = d->file[i].root;
        }
    for (int round = 0; ; round++) {
        struct rehearsal      r = { d, os, *a, scratch };
        struct errand_options o = { .memory_bytes = (uint64_t)RULES_ERRAND_MIB << 20, .result_max = 0, .step_ms = step_ms, .no_sandbox = how->no_sandbox,
                                    .all_ms = (uint64_t)RULES_ALL_S * 1000 - spent_ms, .read = root, .read_n = root_n };
        struct errand_result  got;
        char                  why[100];
        if (!errand_run(&o, rehearse, &r, &got, e))
            return false;
        spent_ms += got.used_ms;
        if (got.end == ERRAND_DONE)
            return true;
        if (got.end == ERRAND_SLOW)
            snprintf(why, sizeof why, "took longer than %llu s to load", (unsigned long long)(got.all ? (uint64_t)RULES_ALL_S : (step_ms + 999) / 1000));
        else if (got.signal)
            snprintf(why, sizeof why, "its reader died of it (signal %d)", got.signal);
        else
            snprintf(why, sizeof why, "its reader ended without a word");
        if (got.step && got.step <= d->file_n && !got.all && round < ROUNDS_MAX && spent_ms < (uint64_t)RULES_ALL_S * 1000) {
            if (!leave_out(d, (size_t)got.step - 1, (size_t)got.step, why, a, e))
                return false;
            continue;
        }
        return leave_out(d, 0, d->file_n, got.all ? "loading all Sigma rules took longer than it may" : why, a, e);
    }
}
