#include "casework/intake_ledger.h"

#include "casework/intake_seen.h"
#include "casework/suppress.h"
#include "os/os.h"

#include <string.h>

enum { NAMES_BYTES = INTAKE_SOURCES * 2 * LEDGER_TEXT_MAX };

struct known_source { struct str name, organisation; int rank; int64_t id; bool releasable; };

struct intake_ledger {
    struct arena   names, all_names;       /* of sources: what is free, and the whole */
    struct ledger *l;
    int64_t        campaign, file;
    struct case_source source;
    struct known_source known[INTAKE_SOURCES];
    size_t         known_n, last;
    uint64_t       since;
    struct seen   *seen;           /* servers, places, links and contacts that were written already */
    uint8_t       *key; size_t key_n; bool key_cut;
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
    uint8_t               nonce[SIP_KEY_BYTES];

    if (!i)
        return err_set(e, ERR_MEMORY, "no room for an intake");
    *i = (struct intake_ledger){ .l = l, .campaign = campaign, .file = file, .source = *source, .key = TAKE(a, uint8_t, SEEN_KEY_MAX) };
    i->names.beg = TAKE(a, uint8_t, NAMES_BYTES);
    if (i->names.beg)
        i->names.end = i->names.beg + NAMES_BYTES;
    i->all_names = i->names;
    if (!os_random(nonce, sizeof nonce, e))
        return false;
    if (!i->key || !i->names.beg || !seen_open(&i->seen, a, INTAKE_SEEN_BYTES, nonce))
        return err_set(e, ERR_MEMORY, "no room for an intake");
    *ret = i;
    return true;
}

/* What the store has of this source already. *ret_rank -2: nothing. */
static bool stored(struct intake_ledger *i, int64_t id, int *ret_rank, bool *ret_releasable, struct err *e)
{
    struct store_stmt *st;

    if (!store_prepare(ledger_store(i->l), "SELECT tlp, releasable FROM case_source WHERE id = ?1", &st, e))
        return false;
    store_bind_int(st, 1, id);
    enum store_got got = store_step(st, e);
    *ret_rank       = got == STORE_ROW ? intake_tlp_rank(store_text(st, 0)) : -2;
    *ret_releasable = got == STORE_ROW && store_int(st, 1);
    store_finish(st);
    return got != STORE_FAILED;
}

static bool source_of(struct intake_ledger *i, const struct case_source *of, int64_t *ret, struct err *e)
{
    const struct case_source *s = of->name.n ? of : &i->source;
    struct str                name = str_sub(s->name, 0, LEDGER_TEXT_MAX), org = str_sub(s->organisation.n ? s->organisation : s->name, 0, LEDGER_TEXT_MAX);
    int                       rank = intake_tlp_rank(of->tlp.n ? of->tlp : i->source.tlp);
    struct known_source      *k = NULL;
    bool                      fresh = false;

    for (size_t n = 0; !k && n < i->known_n; n++) {         /* the last one first: rows of one source follow each other */
        size_t at = (i->last + n) % i->known_n;
        if (str_eq(i->known[at].name, name) && str_eq(i->known[at].organisation, org))
            k = &i->known[i->last = at];
    }
    if (!k) {
        const struct str part[] = { STR("source"), name, org };
        if (i->known_n == INTAKE_SOURCES) {                 /* all are forgotten, and asked for again */
            i->known_n = 0;
            i->names   = i->all_names;
        }
        i->last = i->known_n;
        k  = &i->known[i->known_n];
        *k = (struct known_source){ .name = str_dup(&i->names, name), .organisation = str_dup(&i->names, org), .id = ledger_number(part, 3) };
        if ((name.n && !k->name.p) || (org.n && !k->organisation.p))
            return err_set(e, ERR_MEMORY, "no room for a source");
        if (!stored(i, k->id, &k->rank, &k->releasable, e))
            return false;
        i->known_n++;
        fresh = k->rank == -2;
        k->releasable |= fresh;
    }
    /* The strictest TLP; to be released only what was never said not to be. */
    if (fresh || rank > k->rank || (k->releasable && !s->releasable)) {
        k->rank        = rank > k->rank ? rank : k->rank;
        k->releasable &= s->releasable;
        struct case_source now = { k->name, k->organisation, k->rank >= 0 ? str_c(tlps[k->rank]) : STR_EMPTY, k->releasable };
        if (!ledger_source(i->l, &now, &k->id, e))
            return false;
    }
    *ret = k->id;
    return true;
}

/* ---- the same again ---- */

static void key_begin(struct intake_ledger *i, enum intake_what what)
{
    i->key[0]  = (uint8_t)what;
    i->key_n   = 1;
    i->key_cut = false;
}

static void key_add(struct intake_ledger *i, const void *p, size_t n)
{
    i->key_cut |= n > SEEN_KEY_MAX - i->key_n;
    if (i->key_cut || !n)
        return;
    memcpy(i->key + i->key_n, p, n);
    i->key_n += n;
}

static void key_int(struct intake_ledger *i, int64_t v) { key_add(i, &v, sizeof v); }

static void key_str(struct intake_ledger *i, struct str s)
{
    key_int(i, (int64_t)s.n);
    key_add(i, s.p, s.n);
}

static bool key_known(struct intake_ledger *i, int64_t *ret) { return !i->key_cut && seen_find(i->seen, (struct str){ i->key, i->key_n }, ret); }

static void key_done(struct intake_ledger *i, int64_t number)
{
    if (!i->key_cut)
        seen_put(i->seen, (struct str){ i->key, i->key_n }, number);
}

static bool subject_of(struct intake_ledger *i, const struct subject *s, int64_t *ret, struct err *e)
{
    key_begin(i, INTAKE_WHATS);
    key_add(i, s->ip, s->has_ip ? 16 : 0);
    key_int(i, s->port | s->has_ip << 16 | s->has_tls << 17);
    key_add(i, s->tls, s->has_tls ? 32 : 0);
    key_str(i, s->node);
    key_str(i, s->domain);
    for (size_t n = 0; n < s->name_n; n++)
        key_str(i, s->name[n]);
    if (key_known(i, ret))
        return true;
    if (!ledger_subject(i->l, s, ret, e))
        return false;
    key_done(i, *ret);
    return true;
}

static bool place(struct intake_ledger *i, const struct intake_item *x, const struct ledger_from *from, struct err *e)
{
    int64_t subject, none;

    if (!subject_of(i, x->subject, &subject, e))
        return false;
    key_begin(i, INTAKE_PLACE);
    key_int(i, subject);
    key_int(i, from->source);
    key_add(i, x->country, 3);
    key_int(i, x->asn);
    if (key_known(i, &none))
        return true;
    if (!ledger_place(i->l, subject, x->country, x->asn, from, e))
        return false;
    key_done(i, 1);
    return true;
}

static bool contact(struct intake_ledger *i, const struct case_contact *c, const struct ledger_from *from, struct err *e)
{
    const struct str text[] = { c->address, c->about_value, c->role, c->name, c->language, c->pgp };
    const int64_t    number[] = { c->channel, c->about, c->rung, c->observed_us, c->until_us, c->manual, from->source };
    int64_t          none;

    key_begin(i, INTAKE_CONTACT);
    for (size_t n = 0; n < sizeof text / sizeof *text; n++)
        key_str(i, text[n]);
    for (size_t n = 0; n < sizeof number / sizeof *number; n++)
        key_int(i, number[n]);
    if (key_known(i, &none))
        return true;
    if (!ledger_contact(i->l, c, from, NULL, e))
        return false;
    key_done(i, 1);
    return true;
}

static bool link_of(struct intake_ledger *i, const struct intake_item *x, const struct ledger_from *from, struct err *e)
{
    struct case_link k = x->link;
    const struct str text[] = { k.value, { (const uint8_t *)k.country, sizeof k.country }, k.name, k.sector, k.size };
    int64_t          none;

    if (!subject_of(i, x->subject, &k.subject, e))
        return false;
    key_begin(i, INTAKE_LINK);
    key_int(i, k.subject);
    key_int(i, k.kind);
    key_int(i, k.confidence);
    key_int(i, from->source);
    for (size_t n = 0; n < sizeof text / sizeof *text; n++)
        key_str(i, text[n]);
    if (key_known(i, &none))
        return true;
    if (!ledger_link(i->l, &k, from, NULL, e))
        return false;
    key_done(i, 1);
    return true;
}

/* ---- facts ---- */

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
        if (!subject_of(i, x->subject, &subject, e))
            return false;
        f.subject = (uint64_t)subject;
        return ledger_fact(i->l, i->campaign, FACT_OF_SERVER, 0, &f, from, NULL, e);
    }
    return x->fact.of == FACT_OF_CASE ? ledger_fact(i->l, i->campaign, FACT_OF_CASE, case_, &f, from, NULL, e) : case_facts(i, case_, &f, from, e);
}

static bool put(struct intake_ledger *i, const struct intake_item *x, const struct ledger_from *from, struct err *e)
{
    switch (x->what) {
    case INTAKE_PLACE:    return place(i, x, from, e);
    case INTAKE_LINK:     return link_of(i, x, from, e);
    case INTAKE_ENTRY:    return ledger_entry(i->l, &x->entry, from, e);
    case INTAKE_MX:       return ledger_mx(i->l, &x->mx, from, e);
    case INTAKE_CONTACT:  return contact(i, &x->contact, from, e);
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
