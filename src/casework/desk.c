/* See desk.h. */
#include "casework/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "casework/heirs.h"
#include "casework/ladder.h"
#include "casework/state_inner.h"
#include "survey/observation.h"

struct reader { struct store *s; struct arena *a; struct desk_fact *fact; size_t n, cap; const struct heirs_from *as; enum desk_from from; };

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the history of a case"); }
static int64_t time_of(struct store_stmt *st, int column) { return store_null(st, column) ? TIME_NONE : store_int(st, column); }

static bool text(struct reader *r, struct store_stmt *st, int column, struct str *ret, struct err *e)
{
    struct str v = store_text(st, column);

    *ret = v.n ? str_dup(r->a, v) : STR_EMPTY;
    return !v.n || ret->p || no_room(e);
}

/* The columns of every statement here; a statement of the survey fills what it has. */
#define FACT_COLUMNS "f.id, f.kind, f.grade, f.value, f.flags, f.attempt, f.source, f.finding, f.observed_us, f.recorded_us, f.own_us, f.reason, f.who, f.line, f.subject, q.name, x.name"
enum { ID, KIND, GRADE, VALUE, FLAGS, ATTEMPT, SOURCE, FINDING, OBSERVED, RECORDED, OWN, REASON, WHO, LINE, SUBJECT, SOURCE_NAME, FILE_NAME, ASSET, SERVER };

static bool take(struct reader *r, struct store_stmt *st, struct err *e)
{
    struct desk_fact d = {
        .from = r->from, .id = store_int(st, ID), .line = (uint64_t)store_int(st, LINE),
        .f = { .kind = (enum fact_kind)store_int(st, KIND), .grade = (enum grade)store_int(st, GRADE), .value = (int32_t)store_int(st, VALUE), .flags = (uint32_t)store_int(st, FLAGS),
               .attempt = (uint32_t)store_int(st, ATTEMPT), .subject = (uint64_t)store_int(st, SUBJECT), .source = (uint64_t)store_int(st, SOURCE),
               .finding = (uint64_t)store_int(st, FINDING), .observed_us = time_of(st, OBSERVED), .recorded_us = store_int(st, RECORDED), .own_us = time_of(st, OWN) },
    };
    struct err unused = { 0 };

    d.us = fact_us(&d.f);
    if (r->from == DESK_SERVER || r->from == DESK_SURVEY)
        d.asset = store_int(st, ASSET);
    if (!text(r, st, REASON, &d.f.reason, e) || !text(r, st, WHO, &d.f.who, e) || !text(r, st, SOURCE_NAME, &d.source, e) || !text(r, st, FILE_NAME, &d.file, e) ||
        (d.asset && !text(r, st, SERVER, &d.server, e)))
        return false;
    if (!fact_check(&d.f, &unused) || (r->as && !heirs_get(r->as, &d.f)))
        return true;
    if (r->as) {
        d.case_ = r->as->from;
        d.f.flags |= FACT_INHERITED;
    }
    if (r->from == DESK_SURVEY && d.f.source < OBS_SOURCES)
        d.source = str_c(obs_source_name((enum obs_source)d.f.source));
    struct desk_fact *p = GROW(r->a, r->fact, r->n, &r->cap);
    if (!p)
        return no_room(e);
    *p = d;
    r->n++;
    return true;
}

static bool read_all(struct reader *r, const char *sql, int64_t case_, struct err *e)
{
    struct store_stmt *st;
    enum store_got     got;

    if (!store_prepare(r->s, sql, &st, e))
        return false;
    store_bind_int(st, 1, case_);
    while ((got = store_step(st, e)) == STORE_ROW)
        if (!take(r, st, e))
            break;
    store_finish(st);
    return got == STORE_DONE;
}

static const char of_servers[] =
    "SELECT " FACT_COLUMNS ", v.asset, v.name FROM case_server v JOIN case_asset a ON a.asset = v.asset JOIN case_fact f ON f.subject = a.subject AND f.of_case = 0"
    " AND (f.campaign = v.campaign OR f.campaign = 0) LEFT JOIN case_source q ON q.id = f.source LEFT JOIN case_file x ON x.id = f.file WHERE v.case_id = ?1";
static const char of_case[] =
    "SELECT " FACT_COLUMNS " FROM case_fact f LEFT JOIN case_source q ON q.id = f.source LEFT JOIN case_file x ON x.id = f.file WHERE f.case_id = ?1 AND f.of_case = 1";
static const char of_survey[] =
    "SELECT 0, 0, l.grade, l.value, l.active, 0, l.source, 0, l.at_us, l.at_us, NULL, '', '', 0, 0, '', '', v.asset, v.name"
    " FROM case_server v JOIN case_look l ON l.campaign = v.campaign AND l.asset = v.asset WHERE v.case_id = ?1";

static bool known(struct store *s, int64_t case_, struct err *e)
{
    struct store_stmt *st;

    if (!store_prepare(s, "SELECT 1 FROM case_state WHERE case_id = ?1", &st, e))
        return false;
    store_bind_int(st, 1, case_);
    enum store_got got = store_step(st, e);
    store_finish(st);
    return got == STORE_ROW;
}

/* Few cases inherit; only then the others are looked at. */
static bool inherited(struct reader *r, int64_t case_, struct err *e)
{
    struct store_stmt *st;
    struct heirs       h;
    struct heirs_from *from;
    size_t             n;

    if (!store_prepare(r->s, "SELECT 1 FROM case_heir WHERE case_id = ?1", &st, e))
        return false;
    store_bind_int(st, 1, case_);
    enum store_got got = store_step(st, e);
    store_finish(st);
    if (got != STORE_ROW)
        return got == STORE_DONE;
    if (!heirs_load(&h, r->s, r->a, e))
        return false;
    if (!heirs_find(&h, case_))
        return true;
    for (size_t i = 0; i < h.pair_n; i++) {
        struct heirs_case *y = &h.cases[h.pair[i].from];
        y->is = y->is || known(r->s, y->id, e);
        if (e->kind != ERR_NONE)
            return false;
    }
    if (!heirs_of(&h, heirs_find(&h, case_), r->a, &from, &n, e))
        return false;
    r->from = DESK_INHERITED;
    for (size_t i = 0; i < n; i++) {
        r->as = &from[i];
        if (!read_all(r, of_case, from[i].from, e))
            return false;
    }
    r->as = NULL;
    return true;
}

static int by_time(const void *x, const void *y)
{
    const struct desk_fact *p = x, *q = y;

    if (p->us != q->us)
        return p->us < q->us ? -1 : 1;
    if (p->f.kind != q->f.kind)
        return p->f.kind < q->f.kind ? -1 : 1;
    if (p->f.recorded_us != q->f.recorded_us)
        return p->f.recorded_us < q->f.recorded_us ? -1 : 1;
    if (p->asset != q->asset)
        return p->asset < q->asset ? -1 : 1;
    if (p->id != q->id)
        return p->id < q->id ? -1 : 1;
    return p->f.source != q->f.source ? (p->f.source > q->f.source) - (p->f.source < q->f.source) : p->f.value - q->f.value;
}

bool desk_case(struct store *s, int64_t case_, size_t most, struct arena *a, struct desk *ret, struct err *e)
{
    struct reader r = { .s = s, .a = a };

    if (!known(s, case_, e))
        return false;
    r.from = DESK_SERVER;
    if (!read_all(&r, of_servers, case_, e))
        return false;
    r.from = DESK_CASE;
    if (!read_all(&r, of_case, case_, e) || !inherited(&r, case_, e))
        return false;
    r.from = DESK_SURVEY;
    if (!read_all(&r, of_survey, case_, e))
        return false;
    if (r.n)
        qsort(r.fact, r.n, sizeof *r.fact, by_time);
    size_t out = r.n > most ? r.n - most : 0;
    *ret = (struct desk){ r.fact + out, r.n - out, out };
    return true;
}

/* ---- in words ---- */

void desk_says(const struct fact *f, char ret[DESK_TEXT])
{
    static const char *const doors[] = { "hunted, and not proven that no door is open", "hunted, no door is open", "hunted, a door is open" };
    const char *grade = f->grade ? ", grade " : "", *g = f->grade ? grade_name(f->grade) : "";

    switch (f->kind) {
    case FACT_EXPOSURE:
        snprintf(ret, DESK_TEXT, "%s%s%s%s", server_exposure_name((enum exposure)f->value), f->flags & FACT_ACTIVE ? ", a check of our own" : "", grade, g);
        break;
    case FACT_REMOVED:      snprintf(ret, DESK_TEXT, "%s removed%s%s", f->finding ? "a back door was" : "back doors were", grade, g); break;
    case FACT_HUNT:
        snprintf(ret, DESK_TEXT, "%s%s%s%s%s%s", (unsigned)f->value < COUNT_OF(doors) ? doors[f->value] : "hunted", f->flags & FACT_COMPLETE ? "" : ", not in full",
                 f->flags & FACT_PRESENT ? ", a back door is there" : "", f->flags & FACT_RE_ENTERED ? ", re-entered" : "", grade, g);
        break;
    case FACT_FINDING:      snprintf(ret, DESK_TEXT, "%s%s%s", f->grade && f->grade < GRADE_C ? "a back door is suspected" : "a back door is there", grade, g); break;
    case FACT_NOT_MINE:     snprintf(ret, DESK_TEXT, "not theirs"); break;
    case FACT_NOTICE:       snprintf(ret, DESK_TEXT, "notice %s%s%s", notice_step_name((enum notice_step)f->value),
                                     f->flags & FACT_RELAYED ? ", relayed by a CSIRT" : f->flags & FACT_FORWARD ? ", to a provider" : "", f->flags & FACT_INHERITED ? ", inherited" : ""); break;
    case FACT_GROUPED:      snprintf(ret, DESK_TEXT, "grouped, confidence %d", (int)f->value); break;
    case FACT_TRAP:         snprintf(ret, DESK_TEXT, "a honeypot, or a range of our own"); break;
    case FACT_CONTACT:
        snprintf(ret, DESK_TEXT, "contact %s", f->value ? f->flags & FACT_MX_TESTED ? "found, its path was judged" : "found, where its mail goes nobody knows" : str_starts(f->reason, STR(LADDER_RESTS)) ? "rests"
                 : str_starts(f->reason, STR(LADDER_WRONG)) ? "is not theirs" : str_starts(f->reason, STR(LADDER_SAYS)) ? "is used no longer" : "dead");
        break;
    case FACT_LADDER_EMPTY: snprintf(ret, DESK_TEXT, "a person looked, and there is nobody to tell"); break;
    case FACT_PORTAL:       snprintf(ret, DESK_TEXT, f->value ? "portal: confirmed with the code" : "portal: opened"); break;
    case FACT_REPLY:        snprintf(ret, DESK_TEXT, "a person answered, identity level %d", (int)f->value); break;
    case FACT_ESCALATED:    snprintf(ret, DESK_TEXT, "escalated"); break;
    case FACT_FORCE:        snprintf(ret, DESK_TEXT, "forced: %s", case_stage_name((enum case_stage)f->value)); break;
    case FACT_RELEASE:      snprintf(ret, DESK_TEXT, "the forced state ends"); break;
    default:                ret[0] = 0;
    }
}
