/* See paper_erase.h. */
#include "notify/paper_erase.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/num.h"
#include "notify/paper_inner.h"
#include "notify/settings.h"
#include "os/rename.h"
#include "store/bind.h"

struct place { struct str folder, name; uint8_t sha256[HASH_SHA256_BYTES]; bool written /* a run is at it just now */, done; };
struct run {
    struct ledger   *l;
    struct os       *os;
    struct arena    *a;
    struct paper_erased *ret;
    struct place    *place; size_t n, cap;
    struct os_entry *there; size_t there_n; bool *seen;    /* of the folder at hand; seen: it was taken, or told */
};

static bool left(struct run *r, struct str folder, struct str name, struct str why, struct err *e)
{
    struct paper_erased *t = r->ret;

    if (t->left_n == PAPER_LEFT_MAX) {
        t->left_more++;
        return true;
    }
    t->left[t->left_n] = (struct paper_left){ folder, name, str_dup(r->a, why) };
    return t->left[t->left_n++].why.p || err_set(e, ERR_MEMORY, "no room for what is left in the desk's folders");
}

/* --- what has to go --- */

static bool places(struct run *r, struct err *e)
{
    struct store_stmt *st;
    enum store_got     got;

    if (!bind_open(ledger_store(r->l), "SELECT f.folder, f.name, f.sha256, CASE WHEN n.state = ?2 AND n.written = 0 AND n.lease_us > ?3 THEN 1 ELSE 0 END FROM notify_file f LEFT JOIN notify_notice n"
                                       " ON n.id = f.notice WHERE f.gone_us > ?1 ORDER BY f.folder, f.name", BOUND(B_INT(0), B_INT(NOTICE_HANDING_OVER), B_INT(ledger_now(r->l))), &st, e))
        return false;
    while ((got = store_step(st, e)) == STORE_ROW) {
        struct place *x = GROW(r->a, r->place, r->n, &r->cap);
        if (x)
            *x = (struct place){ .folder = str_dup(r->a, store_text(st, 0)), .name = str_dup(r->a, store_text(st, 1)), .written = store_int(st, 3) == 1 };
        if (!x || !x->folder.p || !x->name.p) {
            err_set(e, ERR_MEMORY, "no room for what has to go from the desk's folders after %zu", r->n);
            got = STORE_FAILED;
            break;
        }
        if (store_bytes(st, 2).n == sizeof x->sha256)
            memcpy(x->sha256, store_bytes(st, 2).p, sizeof x->sha256);
        r->n++;
    }
    store_finish(st);
    return got == STORE_DONE;
}

/* --- one file --- */

static bool same(const struct run *r, const struct place *p, struct str name, struct arena a, struct err *why)
{
    uint8_t    hash[HASH_SHA256_BYTES];
    struct str path = paper_path(&a, str_from(p->folder, 1), name), bytes;

    if (!path.p || !os_slurp(r->os, STR("/"), path, PAPER_BYTES_MAX, &a, &bytes, why))
        return false;
    return (hash_sha256(bytes, hash) && memcmp(hash, p->sha256, sizeof hash) == 0) || err_set(why, ERR_FORMAT, "it holds other bytes than were written");
}

/* Taken, or listed. *ret_here: it lies there still. */
static bool take(struct run *r, struct place *p, size_t at, bool *ret_here, struct err *e)
{
    const struct os_entry *x = &r->there[at];
    struct err             why = { 0 };

    r->seen[at] = true;
    if (x->st.kind != OS_FILE)
        err_set(&why, ERR_FORMAT, x->st.kind == OS_LINK ? "it is a link, which was not followed" : "it is no plain file");
    else if (same(r, p, x->name, *r->a, &why) && os_remove_own(p->folder, x->name, &why)) {
        r->ret->removed++;
        return true;
    }
    *ret_here = true;
    return left(r, p->folder, x->name, str_c(why.what), e);
}

/* "-copy-2" */
static bool is_copy(struct str s)
{
    bool digits = s.n > 6 && str_starts(s, STR("-copy-"));

    for (size_t i = 6; digits && i < s.n; i++)
        digits = ch_digit(s.p[i]);
    return digits;
}

/* A name that paper.h gives: of a stem with the number of a notice at its end. */
static bool ours(struct str name, struct str *ret_stem, struct str *ret_ext)
{
    size_t dot = str_rchr(name, '.');

    if (dot == STR_NONE || dot < 8 || !ch_digit(name.p[dot - 1]) || str_chr(name, '/') != STR_NONE)
        return false;
    *ret_stem = str_sub(name, 0, dot);
    *ret_ext  = str_from(name, dot);
    return true;
}

static bool one(struct run *r, struct place *p, struct err *e)
{
    struct str stem, ext;
    uint64_t   before = r->ret->removed;
    bool       here = false;

    if (!ours(p->name, &stem, &ext)) {
        p->done = true;
        return left(r, p->folder, p->name, STR("the store has a name there that this program never gives"), e);
    }
    for (size_t i = 0; i < r->there_n; i++) {
        struct str name = r->there[i].name, rest = str_from(name, stem.n);
        if (r->seen[i] || !str_starts(name, stem) || (rest.n && ch_digit(rest.p[0])))
            continue;
        bool part = str_ends(rest, STR(PAPER_PART)), mine = false;
        rest = part ? str_sub(rest, 0, rest.n - (sizeof PAPER_PART - 1)) : rest;
        mine = str_eq(rest, ext) || (str_ends(rest, ext) && is_copy(str_sub(rest, 0, rest.n - ext.n)));
        if (mine ? !take(r, p, i, &here, e) : !left(r, p->folder, name, STR("it begins like a letter or call sheet that had to go, and is not of this program"), e))
            return false;
        r->seen[i] = true;
    }
    bool none = !here && r->ret->removed == before;
    p->done = !here && !(none && p->written);
    r->ret->gone += none && p->done;
    return p->done || here || left(r, p->folder, p->name, STR("it is being written just now"), e);
}

/* --- one folder --- */

static bool index_anew(struct run *r, struct str folder, struct err *e)
{
    struct store *s = ledger_store(r->l);
    struct err    why = { 0 };
    struct str    test;
    int64_t       channel = 0;
    bool          there;

    for (size_t i = 0; i < r->there_n; i++) {
        if (!str_eq(r->there[i].name, STR(PAPER_INDEX)))
            continue;
        if (r->there[i].st.kind != OS_FILE)
            return left(r, folder, STR(PAPER_INDEX), STR("it is no plain file: the list in it was not written anew"), e);
        if (!settings_instance(s, r->a, &there, &test, e))
            return false;
        if (!bind_ask(s, "SELECT n.channel FROM notify_file f JOIN notify_notice n ON n.id = f.notice WHERE f.folder = ?1 ORDER BY f.at_us DESC, f.notice DESC LIMIT 1", BOUND(B_TEXT(folder)), &channel, 1, e))
            return e->kind == ERR_NONE;
        return paper_index(r->l, r->os, folder, STR_EMPTY, (enum contact_channel)channel, test, *r->a, &why) || left(r, folder, STR(PAPER_INDEX), str_c(why.what), e);
    }
    return true;
}

/* Is there no such folder, or none of those on the way to it? False also where nobody can tell. */
static bool vanished(const struct run *r, struct str folder)
{
    for (size_t slash; folder.n > 1; folder = str_sub(folder, 0, slash)) {
        struct arena     a = *r->a;
        struct err       none = { 0 };
        struct os_entry *x;
        size_t           n, i = 0;

        slash = str_rchr(folder, '/');
        if (!r->os->list(r->os, STR("/"), slash ? str_sub(folder, 1, slash) : STR_EMPTY, &a, &x, &n, &none))
            continue;
        while (i < n && !str_eq(x[i].name, str_from(folder, slash + 1)))
            i++;
        return i == n;
    }
    return false;
}

/* The next run could say no more of it. */
static bool told_once(struct run *r, struct place *p, size_t n, struct str why, struct err *e)
{
    for (size_t i = 0; i < n; i++)
        p[i].done = true;
    return left(r, p->folder, STR_EMPTY, why, e);
}

static bool folder(struct run *r, struct place *p, size_t n, struct err *e)
{
    struct err why = { 0 };

    if (!str_starts(p->folder, STR("/")))
        return told_once(r, p, n, STR("nobody knows any more where this folder was"), e);
    if (!r->os->list(r->os, STR("/"), str_from(p->folder, 1), r->a, &r->there, &r->there_n, &why))
        return vanished(r, p->folder) ? told_once(r, p, n, STR("it is not there any more: what lay in it is where somebody moved it"), e) : left(r, p->folder, STR_EMPTY, str_c(why.what), e);
    r->seen = NEW(r->a, bool, r->there_n ? r->there_n : 1);
    if (!r->seen)
        return err_set(e, ERR_MEMORY, "no room for a folder of %zu files", r->there_n);
    for (size_t i = 0; i < n; i++)
        if (!one(r, &p[i], e))
            return false;
    return index_anew(r, p->folder, e);
}

static bool settle(struct run *r, struct err *e)
{
    char text[160];

    if (!ledger_begin(r->l, e))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < r->n; i++) {
        r->ret->waiting += !r->place[i].done;
        ok = !r->place[i].done || bind_run(ledger_store(r->l), "DELETE FROM notify_file WHERE folder = ?1 AND name = ?2", BOUND(B_TEXT(r->place[i].folder), B_TEXT(r->place[i].name)), e);
    }
    snprintf(text, sizeof text, "%llu removed, %llu were not there, %llu wait", (unsigned long long)r->ret->removed, (unsigned long long)r->ret->gone, (unsigned long long)r->ret->waiting);
    if (ok && ledger_audit(r->l, "erase files", STR_EMPTY, str_c(text), e) && ledger_commit(r->l, e))
        return true;
    ledger_rollback(r->l);
    return false;
}

bool paper_erase(struct ledger *l, struct os *os, struct arena *a, struct paper_erased *ret, struct err *e)
{
    struct run r = { .l = l, .os = os, .a = a, .ret = ret };

    *ret = (struct paper_erased){ 0 };
    if (!places(&r, e))
        return false;
    if (!r.n)
        return true;
    if (!(ret->left = NEW(a, struct paper_left, PAPER_LEFT_MAX)))
        return err_set(e, ERR_MEMORY, "no room for what is left in the desk's folders");
    for (size_t i = 0, n; i < r.n; i += n) {
        n = 1;
        while (i + n < r.n && str_eq(r.place[i + n].folder, r.place[i].folder))
            n++;
        if (!folder(&r, &r.place[i], n, e))
            return false;
    }
    return settle(&r, e);
}
