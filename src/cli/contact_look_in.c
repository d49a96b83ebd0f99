/* See contact_look.h: files into the store, and whom to look up. */
#include "cli/contact_look.h"

#include "base/num.h"
#include "cli/case_screen.h"
#include "store/bind.h"

#define FILE_BYTES ((uint64_t)8 << 30)
enum { ROOM = 256 << 20 };

void look_add(struct lookup_counts *to, const struct lookup_counts *n)
{
    to->asked += n->asked;
    to->cached += n->cached;
    to->failed += n->failed;
    to->contacts += n->contacts;
    to->mx += n->mx;
}

/* --- files --- */

static struct str base_name(struct str path)
{
    size_t slash = str_rchr(path, '/');

    return slash == STR_NONE ? path : str_from(path, slash + 1);
}

bool look_list_files(struct look *l, struct err *e)
{
    struct str     rest = l->args->value[FROM], one;
    struct os_stat st;

    while (str_cut(&rest, ',', &one)) {
        if (!one.n)
            continue;
        if (l->file_n == LOOK_FILES_MAX)
            return err_set(e, ERR_USAGE, "more than %d files", LOOK_FILES_MAX);
        if (!l->c->os->stat(l->c->os, one, &st, e))
            return false;
        if (st.size_bytes > FILE_BYTES) {
            err_set(e, ERR_LIMIT, "a file of %llu bytes; at most %llu are read", (unsigned long long)st.size_bytes, (unsigned long long)FILE_BYTES);
            err_where(e, "%.*s", STR_ARG(one));
            return err_hint(e, "split it by networks");
        }
        l->largest_bytes = st.size_bytes > l->largest_bytes ? st.size_bytes : l->largest_bytes;
        l->file[l->file_n++] = one;
    }
    return (!l->args->given[BOOTSTRAP] || l->c->os->stat(l->c->os, l->args->value[BOOTSTRAP], &st, e)) && (!l->args->given[CA] || l->c->os->stat(l->c->os, l->args->value[CA], &st, e));
}

static bool one_file(struct look *l, struct str path, struct err *e)
{
    struct lookup_counts n;
    struct arena   whole, room;
    struct os_stat st;
    struct str     bytes, name = base_name(path);

    if (!l->c->os->stat(l->c->os, path, &st, e) || (st.size_bytes > l->largest_bytes && !err_set(e, ERR_LIMIT, "it grew while we looked")) ||
        !os_arena_map(&whole, (size_t)st.size_bytes + LOOK_FILE_ROOM, e))
        return false;
    room = whole;
    bool ok = os_slurp_path(l->c->os, path, (size_t)st.size_bytes, &room, &bytes, e);
    if (ok && !lookup_bulk(l->d.ledger, name, bytes, l->o.now_us, &room, &n, e))
        ok = err_where(e, "%.*s", STR_ARG(path));
    os_arena_unmap(&whole);
    if (!ok)
        return false;
    look_add(&l->p->sum, &n);
    if (l->json) {
        js_object(&l->j);
        js_key(&l->j, "name");    js_str(&l->j, name);
        js_key(&l->j, "objects"); js_u64(&l->j, n.asked);
        js_key(&l->j, "refused"); js_u64(&l->j, n.failed);
        js_key(&l->j, "contacts"); js_u64(&l->j, n.contacts);
        js_end(&l->j);
        return true;
    }
    out_term(l->c->out, name, 60);
    out_fmt(l->c->out, ": %llu contacts of %llu networks, domains and AS numbers that hold servers\n", (unsigned long long)n.contacts, (unsigned long long)n.asked);
    return out_done(l->c->out, e);
}

void look_left_out(struct look *l, struct str what)
{
    cli_note(l->c, "it brought its reader down twice and was left out", what);
    l->p->bad = true;
}

bool look_files(struct look *l, struct err *e)
{
    if (l->json) {
        js_key(&l->j, "files");
        js_array(&l->j);
    }
    for (; l->p->files < l->file_n; l->p->files++) {
        struct str path = l->file[l->p->files];
        uint64_t   key = str_hash(path);
        if (guard_barred(l->g, key)) {
            look_left_out(l, path);
            continue;
        }
        guard_enter(l->g, 0, key, path);
        if (!one_file(l, path, e))
            return false;
        guard_leave(l->g, 0);
    }
    if (l->json)
        js_end(&l->j);
    return true;
}

/* --- whom --- */

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for cases"); }

static bool push(struct look *l, struct look_wanted *w, int64_t case_, uint64_t at, struct err *e)
{
    struct look_want *p = GROW(&l->c->keep, w->p, w->n, &w->cap);

    if (!p)
        return no_room(e);
    *p = (struct look_want){ case_, at };
    w->n++;
    return true;
}

bool look_lacking(struct look *l, struct look_wanted *w, struct err *e)
{
    const struct case_campaign *campaign;
    int64_t        *open = NULL, *p;
    size_t          open_n = 0, cap = 0;
    struct store_stmt *st = NULL;
    struct ladder  *ladder = NULL;
    uint32_t        most = UINT32_MAX;
    uint64_t        skipped = 0;
    struct arena    memory;

    if (l->args->given[LIMIT] && (!num_u32(l->args->value[LIMIT], &most) || most == 0))
        return err_set(e, ERR_USAGE, "--limit takes a number from 1");
    if (!case_campaign_named(&l->d, l->args->value[CAMPAIGN], &campaign, e) || !case_board(&l->d, e) ||
        !store_prepare(l->d.store, "SELECT case_id FROM case_state WHERE campaign = ?1 AND stage NOT IN (?2, ?3, ?4, ?5) ORDER BY urgency DESC, case_id", &st, e))
        return false;
    store_bind_int(st, 1, campaign->id);
    store_bind_int(st, 2, CASE_NONE);
    store_bind_int(st, 3, CASE_DISMISSED);
    store_bind_int(st, 4, CASE_CLEAN);
    store_bind_int(st, 5, CASE_CLOSED);
    while (case_row(&st, e)) {
        if (!(p = GROW(&l->c->keep, open, open_n, &cap))) {
            store_finish(st);
            return no_room(e);
        }
        *p = store_int(st, 0);
        open_n++;
    }
    if (e->kind != ERR_NONE || !os_arena_map(&memory, ROOM, e))
        return false;
    struct arena room = memory;
    bool ok = ladder_open(&ladder, l->d.store, l->c->os->now_us(l->c->os), &room, e);
    struct arena set = l->c->scratch;
    for (size_t i = l->p->at, ahead = i; ok && i < open_n && l->p->wanted + w->n < most; i++) {
        if (i == ahead) {
            set = l->c->scratch;
            ahead += open_n - i < LADDER_SET ? open_n - i : LADDER_SET;
            ok = ladder_ahead(ladder, open + i, ahead - i, &set, e);
        }
        struct arena    a = set;
        struct contact *c;
        size_t          n;
        ok = ok && ladder_next(ladder, open[i], &a, &c, &n, e);
        bool has = ok && n && contact_usable(&c[0]) && c[0].grade >= GRADE_C;
        skipped += has;
        ok = ok && (has || push(l, w, open[i], i, e));
    }
    if (!l->p->at)
        l->p->skipped = skipped;
    os_arena_unmap(&memory);
    return ok;
}

bool look_named(struct look *l, struct look_wanted *w, struct err *e)
{
    for (size_t i = l->p->at; i < l->args->operand_n; i++) {
        struct case_found f;
        if (!case_find(&l->d, l->args->operand[i], l->args->value[CAMPAIGN], &f, e))
            return false;
        if (!f.case_) {
            err_set(e, ERR_USAGE, "this server is in no case: nobody has said that it is affected");
            return err_where(e, "%.*s", STR_ARG(str_sub(l->args->operand[i], 0, 100)));
        }
        if (!push(l, w, f.case_, i, e))
            return false;
    }
    return true;
}
