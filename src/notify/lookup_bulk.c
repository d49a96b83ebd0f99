/*
 * See lookup.h: the operator's files. A split file has millions of objects: those that matter are found in three walks, each of them over the text as it lies there: which networks hold a
 * server; what these refer to; what organisations among that refer to. Then each network is read with what belongs to it as one WHOIS answer.
 */
#include "notify/lookup_inner.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/net.h"
#include "base/num.h"
#include "casework/key.h"
#include "formats/whois.h"

enum { SERVERS = 1 << 20, CASES_OF = 64, OBJECT_MAX = 64 << 10, VISITS_MAX = 1 << 30 /* servers looked at for all networks that lie in each other */ };

struct at { uint8_t ip[16]; struct str object; uint8_t first[16], last[16]; };      /* of a server: the smallest network so far */
struct as { uint32_t n; struct str object; };
struct bulk { struct lookup *k; struct str source; struct at *at; size_t at_n, at_cap; struct as *as; size_t as_n, as_cap; uint64_t visits; int64_t now_us; };

/* --- whom it concerns --- */

static bool servers(struct bulk *b, struct err *e)
{
    struct store_stmt *st;
    enum store_got     got;

    if (!bind_open(b->k->s, "SELECT DISTINCT ip FROM case_server WHERE ip IS NOT NULL AND case_id <> 0 ORDER BY ip", NULL, 0, &st, e))
        return false;
    while ((got = store_step(st, e)) == STORE_ROW && b->at_n < SERVERS) {
        struct str ip = store_bytes(st, 0);
        if (ip.n != 16)
            continue;
        struct at *p = GROW(b->k->a, b->at, b->at_n, &b->at_cap);
        if (!p) {
            store_finish(st);
            return lookup_no_room(e);
        }
        *p = (struct at){ .object = STR_EMPTY };
        memcpy(p->ip, ip.p, 16);
        b->at_n++;
    }
    store_finish(st);
    return got != STORE_FAILED;
}

static bool numbers(struct bulk *b, struct err *e)
{
    struct store_stmt *st;
    enum store_got     got;

    if (!bind_open(b->k->s, "SELECT DISTINCT asn FROM case_server WHERE asn > 0 AND case_id <> 0 ORDER BY asn", NULL, 0, &st, e))
        return false;
    while ((got = store_step(st, e)) == STORE_ROW && b->as_n < SERVERS) {
        struct as *p = GROW(b->k->a, b->as, b->as_n, &b->as_cap);
        if (!p) {
            store_finish(st);
            return lookup_no_room(e);
        }
        *p = (struct as){ .n = (uint32_t)store_int(st, 0) };
        b->as_n++;
    }
    store_finish(st);
    return got != STORE_FAILED;
}

static size_t first_from(const struct bulk *b, const uint8_t ip[16])
{
    size_t low = 0, high = b->at_n;

    while (low < high) {
        size_t mid = (low + high) / 2;
        if (memcmp(b->at[mid].ip, ip, 16) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* The cases that an answer is of. */
static bool cases_of(struct bulk *b, const struct rdap *r, int64_t ret[CASES_OF], size_t *ret_n, struct err *e)
{
    static const char by_ip[] = "SELECT DISTINCT case_id FROM case_server WHERE ip >= ?1 AND ip <= ?2 AND case_id <> 0 ORDER BY case_id LIMIT 64";
    static const char by_asn[] = "SELECT DISTINCT case_id FROM case_server WHERE asn >= ?1 AND asn <= ?2 AND case_id <> 0 ORDER BY case_id LIMIT 64";
    static const char by_name[] = "SELECT DISTINCT v.case_id FROM case_key k JOIN case_edge d ON d.key = k.id JOIN case_server v ON v.asset = d.asset WHERE k.class = ?2 AND k.value = ?1"
                                  " AND v.case_id <> 0 ORDER BY v.case_id LIMIT 64";
    struct bound one = r->is == RDAP_NETWORK ? B_BYTES(((struct str){ r->first, 16 })) : r->is == RDAP_AUTNUM ? B_INT(r->asn_first) : B_TEXT(r->ldh);
    struct bound two = r->is == RDAP_NETWORK ? B_BYTES(((struct str){ r->last, 16 })) : r->is == RDAP_AUTNUM ? B_INT(r->asn_last ? r->asn_last : r->asn_first) : B_INT(ORG_IS_DOMAIN);
    struct store_stmt *st;
    enum store_got     got = STORE_DONE;

    *ret_n = 0;
    if ((r->is == RDAP_NETWORK && !r->has_range) || r->is == RDAP_ENTITY || (r->is == RDAP_DOMAIN && !r->ldh.n))
        return true;
    if (!bind_open(b->k->s, r->is == RDAP_NETWORK ? by_ip : r->is == RDAP_AUTNUM ? by_asn : by_name, BOUND(one, two), &st, e))
        return false;
    while (*ret_n < CASES_OF && (got = store_step(st, e)) == STORE_ROW)
        ret[(*ret_n)++] = store_int(st, 0);
    store_finish(st);
    return got != STORE_FAILED;
}

/* It may be the holder's own desk for one case, and the way to the victims for the others: each says so once. */
static bool rows_of(struct bulk *b, struct rdap *r, struct err *e)
{
    struct lookup *k = b->k;
    struct arena  *was = k->a, scratch = *was;
    int64_t        of[CASES_OF];
    size_t         of_n, n;
    bool           ok = cases_of(b, r, of, &of_n, e);

    k->a = &scratch;
    k->contact = NULL;
    k->contact_n = k->contact_cap = 0;
    for (size_t i = 0; ok && i < of_n; i++)
        ok = lookup_load(k, of[i], e) && lookup_rows(k, r, b->source, b->now_us, &n, e);
    ok = ok && lookup_write(k, e);
    k->a = was;
    return ok;
}

/* --- RDAP, one answer a line --- */

static bool json_lines(struct bulk *b, struct str bytes, struct err *e)
{
    struct str line;

    while (str_cut(&bytes, '\n', &line)) {
        struct arena *was = b->k->a, scratch = *was;
        struct rdap   r;
        struct err    why = { 0 };
        bool          ok = true;

        if (!str_trim(line).n)
            continue;
        b->k->a = &scratch;
        b->k->n->asked++;
        if (rdap_read(str_trim(line), &scratch, &r, &why))
            ok = rows_of(b, &r, e);
        else if (why.kind == ERR_MEMORY)
            ok = lookup_no_room(e);
        else
            b->k->n->failed++;
        b->k->a = was;
        if (!ok)
            return false;
    }
    return true;
}

/* --- a split file --- */

static bool is_network(const struct whois_object *o) { return str_ieq_c(o->kind, "inetnum") || str_ieq_c(o->kind, "inet6num"); }

static bool closest(struct bulk *b, const struct whois_object *o, const uint8_t first[16], const uint8_t last[16], struct err *e)
{
    for (size_t i = first_from(b, first); i < b->at_n && memcmp(b->at[i].ip, last, 16) <= 0; i++) {
        struct at *x = &b->at[i];
        if (++b->visits > VISITS_MAX) {
            err_set(e, ERR_LIMIT, "too many wide networks lie in each other");
            return err_hint(e, "give a registry's own file, or leave out its networks wider than /8");
        }
        if (x->object.n && (memcmp(first, x->first, 16) < 0 || memcmp(last, x->last, 16) > 0))
            continue;                                  /* wider than what is there */
        x->object = o->text;
        memcpy(x->first, first, 16);
        memcpy(x->last, last, 16);
    }
    return true;
}

static int by_number(const void *key, const void *p)
{
    uint32_t n = *(const uint32_t *)key, m = ((const struct as *)p)->n;

    return n < m ? -1 : n > m;
}

static void number(struct bulk *b, const struct whois_object *o)
{
    uint32_t n;

    if (!str_istarts(o->name, STR("AS")) || !num_u32(str_from(o->name, 2), &n))
        return;
    struct as *x = b->as_n ? bsearch(&n, b->as, b->as_n, sizeof *b->as, by_number) : NULL;
    if (x)
        x->object = o->text;
}

static const char *const references[] = { "abuse-c", "org", "mnt-irt", "tech-c", "admin-c", "owner-c" };

static bool refer(struct map *wanted, struct arena *a, const struct whois_object *o, size_t kinds, struct err *e)
{
    for (size_t i = 0; i < kinds; i++)
        for (size_t nth = 0; nth < RDAP_EACH_MAX; nth++) {
            struct str handle = whois_object_get(o, references[i], nth);
            if (!handle.n)
                break;
            if (map_get(wanted, handle) == MAP_NONE && !map_put(wanted, a, handle, MAP_NONE - 1))
                return lookup_no_room(e);
        }
    return true;
}

struct found { struct str *text; size_t n, cap; };

/* The objects that somebody refers to, by their handles. */
static bool collect(struct bulk *b, struct str bytes, struct map *wanted, struct found *f, struct err *e)
{
    struct whois_object o;

    while (whois_object_next(&bytes, &o)) {
        struct str handle = str_ieq_c(o.kind, "organisation") || str_ieq_c(o.kind, "irt") || str_ieq_c(o.kind, "nic-hdl") ? o.name :
                            str_ieq_c(o.kind, "role") || str_ieq_c(o.kind, "person") ? whois_object_get(&o, "nic-hdl", 0) : STR_EMPTY;
        if (!handle.n || o.text.n > OBJECT_MAX || map_get(wanted, handle) != MAP_NONE - 1)
            continue;
        struct str *p = GROW(b->k->a, f->text, f->n, &f->cap);
        if (!p || !map_put(wanted, b->k->a, handle, (uint32_t)f->n))
            return lookup_no_room(e);
        *p = o.text;
        f->n++;
    }
    return true;
}

static bool append(struct str *to, struct str more, struct arena *a)
{
    *to = str_cat(a, str_cat(a, *to, more), STR("\n\n"));
    return to->p != NULL;
}

/* A network with what it refers to, and what its organisation does, as one answer. */
static bool answer_of(struct bulk *b, struct str object, const struct map *wanted, const struct found *f, struct err *e)
{
    struct whois_object o, org;
    struct str          rest = object, all = STR_EMPTY;
    enum whois_says     says;
    struct rdap         r;
    struct err          why = { 0 };

    if (!whois_object_next(&rest, &o) || !append(&all, object, b->k->a))
        return lookup_no_room(e);
    for (size_t i = 0; i < COUNT_OF(references); i++)
        for (size_t nth = 0; nth < RDAP_EACH_MAX; nth++) {
            struct str handle = whois_object_get(&o, references[i], nth);
            uint32_t   at = handle.n ? map_get(wanted, handle) : MAP_NONE;
            if (!handle.n)
                break;
            if (at >= f->n)
                continue;
            if (!append(&all, f->text[at], b->k->a))
                return lookup_no_room(e);
            struct str text = f->text[at], desk;
            if (!whois_object_next(&text, &org) || !str_ieq_c(org.kind, "organisation") || !(desk = whois_object_get(&org, "abuse-c", 0)).n)
                continue;
            at = map_get(wanted, desk);
            if (at < f->n && !append(&all, f->text[at], b->k->a))
                return lookup_no_room(e);
        }
    b->k->n->asked++;
    if (!whois_read(all, STR_EMPTY, b->k->a, &says, &r, &why)) {
        b->k->n->failed++;
        return why.kind != ERR_MEMORY || lookup_no_room(e);
    }
    return says != WHOIS_FOUND || rows_of(b, &r, e);
}

static bool split_file(struct bulk *b, struct str bytes, struct err *e)
{
    struct map          wanted = { .fold = true };
    struct found        f = { 0 };
    struct whois_object o;
    struct str          rest;
    uint8_t             first[16], last[16];

    if (!servers(b, e) || !numbers(b, e))
        return false;
    for (rest = bytes; whois_object_next(&rest, &o);) {
        if (o.text.n > OBJECT_MAX)
            continue;
        if (is_network(&o)) {
            if (whois_range(o.name, first, last) && !closest(b, &o, first, last, e))
                return false;
        } else if (str_ieq_c(o.kind, "aut-num"))
            number(b, &o);
    }
    for (size_t i = 0; i < b->at_n + b->as_n; i++)
        if ((rest = i < b->at_n ? b->at[i].object : b->as[i - b->at_n].object).n && whois_object_next(&rest, &o) && !refer(&wanted, b->k->a, &o, COUNT_OF(references), e))
            return false;
    if (!collect(b, bytes, &wanted, &f, e))
        return false;
    for (size_t i = 0, n = f.n; i < n; i++)
        if (whois_object_next(&(struct str){ f.text[i].p, f.text[i].n }, &o) && str_ieq_c(o.kind, "organisation") && !refer(&wanted, b->k->a, &o, 1, e))
            return false;
    if (!collect(b, bytes, &wanted, &f, e))
        return false;
    for (size_t i = 0; i < b->at_n + b->as_n; i++) {
        struct arena *was = b->k->a, scratch = *was;
        struct str    object = i < b->at_n ? b->at[i].object : b->as[i - b->at_n].object;
        bool          ok = true;
        if (!object.n || (i && i < b->at_n && b->at[i - 1].object.p == object.p))
            continue;
        b->k->a = &scratch;
        ok = answer_of(b, object, &wanted, &f, e);
        b->k->a = was;
        if (!ok)
            return false;
    }
    return true;
}

/* ARIN's, a registrar's: one answer a file. */
static bool one_answer(struct bulk *b, struct str bytes, struct err *e)
{
    enum whois_says says;
    struct rdap     r;

    b->k->n->asked++;
    return whois_read(bytes, STR_EMPTY, b->k->a, &says, &r, e) && (says != WHOIS_FOUND || rows_of(b, &r, e));
}

static bool is_split(struct str bytes)
{
    struct whois_object o;

    for (int i = 0; i < 64 && whois_object_next(&bytes, &o); i++)
        if (is_network(&o) || str_ieq_c(o.kind, "organisation") || str_ieq_c(o.kind, "role") || str_ieq_c(o.kind, "irt") || str_ieq_c(o.kind, "person") || str_ieq_c(o.kind, "aut-num"))
            return true;
    return false;
}

bool lookup_bulk(struct ledger *l, struct str name, struct str bytes, int64_t now_us, struct arena *a, struct lookup_counts *ret, struct err *e)
{
    struct arena   scratch = *a;
    struct lookup *k = NEW(&scratch, struct lookup, 1);

    *ret = (struct lookup_counts){ 0 };
    if (!k)
        return lookup_no_room(e);
    *k = (struct lookup){ .l = l, .s = ledger_store(l), .a = &scratch, .n = ret, .o = { .now_us = now_us } };
    struct bulk b = { .k = k, .now_us = now_us, .source = str_fmt(&scratch, "bulk:%.*s", STR_ARG(str_sub(name, 0, 200))) };
    struct str  head = str_starts(bytes, STR("\xef\xbb\xbf")) ? str_from(bytes, 3) : bytes, begin = str_trim(str_sub(head, 0, 4096));
    if (!b.source.p || !ledger_begin(l, e))
        return b.source.p ? false : lookup_no_room(e);
    bool ok = str_starts(begin, STR("{")) ? json_lines(&b, head, e) : is_split(head) ? split_file(&b, head, e) : one_answer(&b, head, e);
    if (ok && ledger_commit(l, e))
        return true;
    ledger_rollback(l);
    return false;
}
