#include "detect/rules_load.h"

#include "base/num.h"
#include "detect/evtsource.h"
#include "detect/sigma_code.h"
#include "evidence/family.h"

#include <stdio.h>

struct load {
    struct sigma *s;
    struct os    *os;
    struct arena *keep;
    size_t        room;                 /* of keep, when the load began */
    struct err   *e;
    size_t        of_family[FAM_COUNT];
    size_t        of_events;
};

static bool family_fits(enum family f, const struct sigma_rule *r)
{
    return family_table[f].log && family_table[f].service && sigma_fits(r, STR_EMPTY, STR_EMPTY, str_c(family_table[f].service));
}

static int part(char *at, size_t n, const char *name, struct str s, bool more)
{
    int got = s.n ? snprintf(at, n, "%s%s: %.*s", more ? ", " : "", name, STR_ARG(str_sub(s, 0, 30))) : 0;
    return got > 0 && (size_t)got < n ? got : 0;
}

bool rules_unfit(const struct sigma_rule *r, char why[SIGMA_WHY_MAX])
{
    bool whole = !r->category.n && !r->service.n && r->product.n && !str_ieq(r->product, STR("exchange")) && !str_ieq(r->product, STR("iis"));
    char source[SIGMA_WHY_MAX - 40] = "";
    int  n = 0;

    enum evt_fit events = evt_source_fit(r, why);
    if (events != EVT_FOREIGN)
        return events == EVT_UNREAD;
    for (enum family f = 0; !whole && f < FAM_COUNT; f++)
        if (family_fits(f, r))
            return false;
    n += part(source, sizeof source, "product", r->product, false);
    n += part(source + n, sizeof source - (size_t)n, "category", r->category, n > 0);
    n += part(source + n, sizeof source - (size_t)n, "service", r->service, n > 0);
    snprintf(why, SIGMA_WHY_MAX, "no log that is read here (%s)", source);
    return true;
}

bool rules_has_pattern(const struct sigma_rule *r) { return r->code && r->code->tests_with_pattern; }

static bool refuse(struct load *l, const struct sigma_refused *r)
{
    struct str title = str_dup(l->keep, r->title), file = str_dup(l->keep, r->file);
    char       why[200];

    if (!title.p || !file.p)
        return err_set(l->e, ERR_MEMORY, "no room for the rules");
    snprintf(why, sizeof why, "%.*s", STR_ARG(r->why));
    return sigma_refuse(l->s, l->keep, file, title, why, r->elsewhere, l->e);
}

static bool refuse_file(struct load *l, struct str file, const char *why)
{
    return refuse(l, &(struct sigma_refused){ .file = file, .title = STR(""), .why = str_c(why) });
}

/* Room among the rules of each log that they look at? */
static bool room_for(struct load *l, const struct sigma *tried)
{
    size_t events = 0;

    for (size_t i = 0; i < tried->rule_n; i++)
        events += evt_source_fit(&tried->rule[i], NULL) == EVT_FITS;
    if (l->of_events + events > RULES_FAMILY_MAX)
        return false;
    l->of_events += events;
    for (enum family f = 0; f < FAM_COUNT; f++) {
        size_t n = 0;
        for (size_t i = 0; i < tried->rule_n; i++)
            n += !tried->rule[i].correlation && family_fits(f, &tried->rule[i]);
        if (l->of_family[f] + n > RULES_FAMILY_MAX)
            return false;
    }
    for (enum family f = 0; f < FAM_COUNT; f++)
        for (size_t i = 0; i < tried->rule_n; i++)
            l->of_family[f] += !tried->rule[i].correlation && family_fits(f, &tried->rule[i]);
    return true;
}

/* Tried in scratch first: most rules of a large collection speak of other logs, and what they cost is given back. */
static bool file_load(struct load *l, const struct rules_file *f, struct arena scratch)
{
    struct sigma tried = { .unfit = rules_unfit, .rule_n = 0 };
    struct str   text;
    struct err   mine = { 0 };
    bool         ok = rules_file_read(f, l->os, &scratch, &text, &mine);

    if (!ok)
        return refuse_file(l, f->file, mine.what);
    struct arena rest = scratch;
    ok = sigma_add(&tried, &rest, f->file, text, false, &mine);
    size_t cost = (size_t)(rest.beg - scratch.beg);
    if (ok && tried.rule_n == 0) {
        for (size_t i = 0; ok && i < tried.refused_n; i++)
            ok = refuse(l, &tried.refused[i]);
    } else if (!ok) {
        ok = refuse_file(l, f->file, mine.what);
    } else if (l->room - arena_room(l->keep) + cost > RULES_KEEP_MAX || cost > arena_room(l->keep) / 2) {
        ok = refuse_file(l, f->file, "no room: the rules before it take all that rules may take");
    } else if (!room_for(l, &tried)) {
        ok = refuse_file(l, f->file, "no room: more rules for one kind of log than are tried");
    } else {
        sigma_close(&tried);
        return sigma_add(l->s, l->keep, f->file, text, false, l->e);
    }
    sigma_close(&tried);
    return ok;
}

/* A correlation that waits for rules that are not here would never say anything. */
static bool correlations_check(struct load *l, size_t from)
{
    struct sigma *s = l->s;
    struct map    known = { .fold = true };
    size_t        n = from;

    for (size_t i = 0; i < s->rule_n; i++)
        if ((s->rule[i].name.n && !map_put(&known, l->keep, s->rule[i].name, 1)) || (s->rule[i].id.n && !map_put(&known, l->keep, s->rule[i].id, 1)))
            return err_set(l->e, ERR_MEMORY, "no room for the rules");
    for (size_t i = from; i < s->rule_n; i++) {
        struct sigma_rule r = s->rule[i];
        char              why[120] = "";
        for (size_t k = 0; k < r.of_n && !why[0]; k++)
            if (map_get(&known, r.of[k]) == MAP_NONE)
                snprintf(why, sizeof why, "the correlation names \"%.*s\", which is no rule here", STR_ARG(str_sub(r.of[k], 0, 60)));
        if (why[0] && !sigma_refuse(s, l->keep, r.file, r.title, why, false, l->e))
            return false;
        if (!why[0])
            s->rule[n++] = r;
    }
    s->rule_n = n;
    return true;
}

bool rules_load_sigma(struct sigma *s, const struct rules_dir *d, struct os *os, struct arena *keep, struct arena scratch, struct err *e)
{
    struct load l = { .s = s, .os = os, .keep = keep, .room = arena_room(keep), .e = e };
    size_t      from = s->rule_n;
    bool        ok = true;
    bool      (*unfit)(const struct sigma_rule *, char[SIGMA_WHY_MAX]) = s->unfit;

    for (enum family f = 0; f < FAM_COUNT; f++)
        for (size_t i = 0; i < from; i++)
            l.of_family[f] += !s->rule[i].correlation && family_fits(f, &s->rule[i]);
    for (size_t i = 0; i < from; i++)
        l.of_events += evt_source_fit(&s->rule[i], NULL) == EVT_FITS;
    s->unfit = rules_unfit;
    for (size_t i = 0; ok && i < d->file_n; i++) {
        if (d->file[i].kind != RULES_SIGMA)
            continue;
        if (d->step)
            d->step(d->step_ctx, i);
        ok = d->file[i].refused.n ? refuse(&l, &(struct sigma_refused){ .file = d->file[i].file, .title = STR(""), .why = d->file[i].refused })
                                  : file_load(&l, &d->file[i], scratch);
    }
    s->unfit = unfit;
    return ok && correlations_check(&l, from);
}
