#include "casework/intake_ledger.h"

#include "casework/suppress.h"

#include <string.h>

struct known_source { struct str name, organisation; int rank; int64_t id; bool releasable; };

struct intake_ledger {
    struct arena  *a;
    struct ledger *l;
    int64_t        campaign, file;
    struct case_source source;
    struct known_source known[INTAKE_SOURCES];
    size_t         known_n, last;
    uint64_t       since;
    /* The subject that came last: most items of a row speak of one. */
    const struct subject *subject;
    uint64_t       subject_line;
    int64_t        subject_id;
};

static const char *const tlps[] = { "CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED" };

int intake_tlp_rank(struct str tlp)
{
    for (int i = 0; i < (int)(sizeof tlps / sizeof *tlps); i++)
        if (str_ieq_c(tlp, tlps[i]))
            return i;
    return -1;
}

bool intake_ledger_open(struct intake_ledger **ret, struct arena *a, struct ledger *l, int64_t campaign, int64_t file, const struct case_source *source, struct err *e)
{
    struct intake_ledger *i = NEW(a, struct intake_ledger, 1);

    if (!i)
        return err_set(e, ERR_MEMORY, "no room for an intake");
    *i   = (struct intake_ledger){ .a = a, .l = l, .campaign = campaign, .file = file, .source = *source };
    *ret = i;
    return true;
}

/* What the store has of this source's TLP already. */
static bool stored(struct intake_ledger *i, int64_t id, int *ret_rank, struct err *e)
{
    struct store_stmt *st;

    if (!store_prepare(ledger_store(i->l), "SELECT tlp FROM case_source WHERE id = ?1", &st, e))
        return false;
    store_bind_int(st, 1, id);
    enum store_got got = store_step(st, e);
    *ret_rank = got == STORE_ROW ? intake_tlp_rank(store_text(st, 0)) : -1;
    store_finish(st);
    return got != STORE_FAILED;
}

static bool put_source(struct intake_ledger *i, struct known_source *k, struct err *e)
{
    struct case_source s = { k->name, k->organisation, k->rank >= 0 ? str_c(tlps[k->rank]) : STR_EMPTY, k->releasable };

    if (!ledger_source(i->l, &s, &k->id, e))
        return false;
    return true;
}

static bool source_of(struct intake_ledger *i, const struct case_source *of, int64_t *ret, struct err *e)
{
    const struct case_source *s = of->name.n ? of : &i->source;
    struct str                org = s->organisation.n ? s->organisation : s->name;
    int                       rank = intake_tlp_rank(of->tlp.n ? of->tlp : i->source.tlp), was;
    struct known_source       fresh, *k = NULL;

    for (size_t n = 0; !k && n < i->known_n; n++) {         /* the last one first: rows of one source follow each other */
        size_t at = (i->last + n) % i->known_n;
        if (str_eq(i->known[at].name, s->name) && str_eq(i->known[at].organisation, org)) {
            k = &i->known[at];
            i->last = at;
        }
    }
    if (k && rank <= k->rank && (k->releasable || !s->releasable)) {
        *ret = k->id;
        return true;
    }
    if (!k) {
        const struct str part[] = { STR("source"), s->name, org };
        fresh = (struct known_source){ str_dup(i->a, s->name), str_dup(i->a, org), -1, ledger_number(part, 3), false };
        if ((s->name.n && !fresh.name.p) || (org.n && !fresh.organisation.p))
            return err_set(e, ERR_MEMORY, "no room for a source");
        if (!stored(i, fresh.id, &was, e))
            return false;
        fresh.rank = was;
        k = &i->known[i->known_n < INTAKE_SOURCES ? i->known_n++ : i->last];       /* full: one is forgotten, and asked for again */
        *k = fresh;
        i->last = (size_t)(k - i->known);
    }
    k->rank = rank > k->rank ? rank : k->rank;
    k->releasable |= s->releasable;
    if (!put_source(i, k, e))
        return false;
    *ret = k->id;
    return true;
}

static bool subject_of(struct intake_ledger *i, const struct intake_item *x, int64_t *ret, struct err *e)
{
    if (i->subject_id && i->subject == x->subject && i->subject_line == x->line) {
        *ret = i->subject_id;
        return true;
    }
    if (!ledger_subject(i->l, x->subject, ret, e))
        return false;
    i->subject      = x->subject;
    i->subject_line = x->line;
    i->subject_id   = *ret;
    return true;
}

/* One fact of each server that the case has. */
static bool case_facts(struct intake_ledger *i, int64_t case_, struct fact *f, const struct ledger_from *from, struct err *e)
{
    enum { AT_ONCE = 64 };
    int64_t subject[AT_ONCE], after = INT64_MIN;
    size_t  n, all = 0;

    do {
        struct store_stmt *st;
        enum store_got     got = STORE_DONE;
        n = 0;
        if (!store_prepare(ledger_store(i->l), "SELECT min(a.subject) FROM case_server s JOIN case_asset a ON a.asset = s.asset WHERE s.case_id = ?1 GROUP BY s.asset "
                                               "HAVING min(a.subject) > ?2 ORDER BY 1 LIMIT 64", &st, e))
            return false;
        store_bind_int(st, 1, case_);
        store_bind_int(st, 2, after);
        while (n < AT_ONCE && (got = store_step(st, e)) == STORE_ROW)
            subject[n++] = store_int(st, 0);
        store_finish(st);
        if (got == STORE_FAILED)
            return false;
        for (size_t k = 0; k < n; k++) {
            after      = subject[k];
            f->subject = (uint64_t)subject[k];
            if (!ledger_fact(i->l, i->campaign, FACT_OF_SERVER, 0, f, from, NULL, e))
                return false;
        }
        all += n;
    } while (n == AT_ONCE);
    return all || err_set(e, ERR_USAGE, "no such case, or none of its servers is known");
}

static bool case_there(struct intake_ledger *i, int64_t case_, struct err *e)
{
    struct store_stmt *st;

    if (!store_prepare(ledger_store(i->l), "SELECT campaign FROM case_case WHERE id = ?1", &st, e))
        return false;
    store_bind_int(st, 1, case_);
    enum store_got got = store_step(st, e);
    bool           ours = got == STORE_ROW && store_int(st, 0) == i->campaign;
    store_finish(st);
    return ours || (got != STORE_FAILED && err_set(e, ERR_USAGE, got == STORE_ROW ? "the case is one of another campaign" : "no such case, or none of its servers is known"));
}

static bool fact(struct intake_ledger *i, const struct intake_item *x, const struct ledger_from *from, struct err *e)
{
    struct fact f = x->fact.f;
    int64_t     subject, case_ = 0;

    if (x->fact.case_.n && (!case_name_parse(x->fact.case_, &case_) || !case_there(i, case_, e)))
        return e->kind != ERR_NONE ? false : err_set(e, ERR_USAGE, "no case has such a name");
    if (x->subject) {
        if (!subject_of(i, x, &subject, e))
            return false;
        f.subject = (uint64_t)subject;
        return ledger_fact(i->l, i->campaign, FACT_OF_SERVER, 0, &f, from, NULL, e);
    }
    return x->fact.of == FACT_OF_CASE ? ledger_fact(i->l, i->campaign, FACT_OF_CASE, case_, &f, from, NULL, e) : case_facts(i, case_, &f, from, e);
}

static bool put(struct intake_ledger *i, const struct intake_item *x, const struct ledger_from *from, struct err *e)
{
    struct case_link k = x->link;

    switch (x->what) {
    case INTAKE_PLACE:
        return subject_of(i, x, &k.subject, e) && ledger_place(i->l, k.subject, x->country, x->asn, from, e);
    case INTAKE_LINK:
        return subject_of(i, x, &k.subject, e) && ledger_link(i->l, &k, from, NULL, e);
    case INTAKE_ENTRY:    return ledger_entry(i->l, &x->entry, from, e);
    case INTAKE_MX:       return ledger_mx(i->l, &x->mx, from, e);
    case INTAKE_CONTACT:  return ledger_contact(i->l, &x->contact, from, NULL, e);
    case INTAKE_FACT:     return fact(i, x, from, e);
    case INTAKE_SUPPRESS: return suppress_add(i->l, x->suppress.address, x->suppress.scope, x->suppress.why, NULL, e);
    case INTAKE_WHATS:    break;
    }
    return err_set(e, ERR_FORMAT, "an item of no kind");
}

static bool batch(struct intake_ledger *i, struct err *e)
{
    if (++i->since < INTAKE_BATCH)
        return true;
    i->since = 0;
    return ledger_commit(i->l, e) && ledger_begin(i->l, e);
}

static bool take(void *ctx, const struct intake_item *x, struct err *e)
{
    struct intake_ledger *i = ctx;
    struct ledger_from    from = { .file = i->file, .line = x->line };

    if (!source_of(i, &x->source, &from.source, e) || !put(i, x, &from, e))
        return false;
    return batch(i, e);
}

static bool broken(void *ctx, uint64_t line, const char *why, struct str raw, struct err *e)
{
    struct intake_ledger *i = ctx;

    return ledger_refuse(i->l, i->file, line, why, raw, e) && batch(i, e);
}

struct intake_sink intake_ledger_sink(struct intake_ledger *i) { return (struct intake_sink){ i, take, broken }; }
