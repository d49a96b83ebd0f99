/* See told_inner.h: what a hunt of the server advised to do next. */
#include "notify/told_inner.h"

#include "formats/jsontree.h"
#include "store/bind.h"

enum { REPORT_MAX = 8 << 20, STEPS_MAX = 5 };

/* A report that is not kept, or is too large for this, only means that its steps are not named. */
static bool later(struct err *e)
{
    bool mild = e->kind == ERR_NONE || e->kind == ERR_MEMORY || e->kind == ERR_LIMIT;

    if (mild)
        *e = (struct err){ 0 };
    return mild;
}

bool told_steps(struct told_run *r, int64_t asset, struct arena *a, struct str *ret, struct err *e)
{
    struct arena           scratch = *a;
    struct str             bytes, all = STR_EMPTY;
    struct jt              j;
    const char            *why;
    const struct guidance *found[STEPS_MAX];
    int64_t                file[2];
    size_t                 n = 0;

    *ret = STR_EMPTY;
    if (!bind_ask(r->s, "SELECT r.file, b.size_bytes FROM case_asset a JOIN case_report r ON r.subject = a.subject JOIN case_bytes b ON b.file = r.file WHERE a.asset = ?1 AND r.campaign = ?2"
                        " ORDER BY r.hunted_us DESC LIMIT 1", BOUND(B_INT(asset), B_INT(r->campaign.id)), file, 2, e))
        return e->kind == ERR_NONE;
    if (file[1] > REPORT_MAX)
        return true;
    if (!ledger_file_bytes(r->s, file[0], &scratch, &bytes, e))
        return later(e);
    if (!jt_parse(&j, &scratch, bytes, &why))
        return true;
    for (const struct jt_node *c = jt_child(&j, jt_get(&j, jt_root(&j), "campaigns")); c; c = jt_next(&j, c)) {
        if (!str_eq(jt_str(jt_get(&j, c, "id"), &scratch), r->p->id))
            continue;
        for (const struct jt_node *x = jt_child(&j, jt_get(&j, c, "next_steps")); x && n < STEPS_MAX; x = jt_next(&j, x)) {
            const struct guidance *g = pack_guidance(r->p, jt_str(jt_get(&j, x, "id"), &scratch));
            if (g)
                found[n++] = g;
        }
    }
    for (size_t i = 0; i < n; i++) {
        struct str line = str_fmt(a, "%.*s- %.*s\n", STR_ARG(all), STR_ARG(str_sub(found[i]->title, 0, 66)));
        if (!line.p)
            return told_no_room(e);
        all = line;
    }
    *ret = all;
    return true;
}
