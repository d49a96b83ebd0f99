/* See paper.h: how a letter or a call sheet comes into the desk's folder, once. */
#include <string.h>

#include "base/hash.h"
#include "base/num.h"
#include "notify/outbox_inner.h"
#include "notify/paper_inner.h"
#include "os/rename.h"

#define ROOM_BYTES ((size_t)256 << 20)
/* The desk's pace, not the mail's. */
static const struct outbox_rates no_rates = { 1000000000, 1000000000, 1000000000, PAPER_LEASE_US };

struct run { struct ledger *l; const struct paper_options *o; struct str dir /* its own path */, given; struct os_entry *there; size_t there_n; int64_t now_us; uint64_t written; };

static void told(const struct run *r, const char *what)
{
    if (r->o->step)
        r->o->step(r->o->step_ctx, what);
}

/* --- names --- */

static bool name_of(const struct run *r, const struct notice *n, struct arena *a, struct str *ret, struct err *e)
{
    struct case_campaign c = { 0 };
    int64_t              t[4];
    char                 text[CASE_NAME_TEXT];

    if (!bind_ask(ledger_store(r->l), "SELECT begun_us, report_us, patch_us, code_us FROM case_campaign WHERE id = ?1", BOUND(B_INT(n->campaign)), t, 4, e))
        return e->kind != ERR_NONE ? false : err_set(e, ERR_FORMAT, "notice %lld belongs to no campaign", (long long)n->id);
    c.begun_us = t[0];
    c.report_us = t[1];
    c.patch_us = t[2];
    c.code_us = t[3];
    case_name(n->case_, case_year(&c), text);
    *ret = str_fmt(a, "%s%s-%s-%lld.%s", r->o->only_to.n ? "TEST-" : "", text, notice_stage_name(n->stage), (long long)n->id, n->channel == CONTACT_POST ? "pdf" : "txt");
    return ret->p || err_set(e, ERR_MEMORY, "no room for a name");
}

static int entry_cmp(struct str name, const struct os_entry *x) { return str_cmp(name, x->name); }

static bool there(const struct run *r, struct str name)
{
    size_t lo = 0, hi = r->there_n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int    c = entry_cmp(name, &r->there[mid]);
        if (c == 0)
            return true;
        if (c < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return false;
}

/* Is what has this name just these bytes? */
static bool same(const struct run *r, struct str name, struct str bytes, struct arena a)
{
    struct err e = { 0 };
    struct str got;

    return os_slurp(r->o->os, r->dir, name, PAPER_BYTES_MAX, &a, &got, &e) && str_eq(got, bytes);
}

/* --- writing --- */

static bool write_file(const struct run *r, struct str name, struct str bytes, struct arena a, struct err *e)
{
    struct os     *os = r->o->os;
    struct os_file f = OS_FILE_NONE;
    struct str     path = paper_path(&a, r->dir, name);

    if (!path.p)
        return err_set(e, ERR_MEMORY, "no room for a path");
    bool ok = os->create(os, path, &f, e) && os->write(os, f, bytes, e) && os->commit(os, &f, e);
    os->close(os, &f);
    return ok;
}

/* NAME.part becomes NAME. Two runs may try at once: one is enough. */
static bool give_name(struct run *r, struct str part, struct str name, struct str bytes, struct arena a, struct err *e)
{
    struct err x = { 0 };

    if (os_rename_new(r->dir, part, name, &x)) {
        r->written++;
        return true;
    }
    if (same(r, name, bytes, a))
        return os_remove(r->dir, part, e);
    *e = x;
    return false;
}

/* Each place that it ever had: whoever erases an organisation looks there. */
static bool keep_place(const struct run *r, int64_t notice, struct str name, struct err *e)
{
    return bind_run(ledger_store(r->l), "INSERT INTO notify_file (folder, name, notice, sha256, at_us, gone_us) SELECT ?2, ?3, notice, sha256, ?4, NULL FROM notify_paper WHERE notice = ?1 "
                                        "ON CONFLICT (folder, name) DO UPDATE SET notice = excluded.notice, sha256 = excluded.sha256, at_us = excluded.at_us, gone_us = NULL",
                    BOUND(B_INT(notice), B_TEXT(r->dir), B_TEXT(name), B_INT(r->now_us)), e);
}

static bool place(const struct run *r, int64_t notice, struct str name, struct str bytes, struct err *e)
{
    uint8_t hash[HASH_SHA256_BYTES];

    if (!hash_sha256(bytes, hash))
        return err_set(e, ERR_MEMORY, "no SHA-256");
    if (!ledger_begin(r->l, e))
        return false;
    if (!bind_run(ledger_store(r->l), "INSERT INTO notify_paper (notice, folder, name, sha256, at_us, copies) VALUES (?1, ?2, ?3, ?4, ?5, 0) "
                                      "ON CONFLICT (notice) DO UPDATE SET folder = ?2, name = ?3, sha256 = ?4, at_us = ?5",
                  BOUND(B_INT(notice), B_TEXT(r->dir), B_TEXT(name), B_BYTES(((struct str){ hash, sizeof hash })), B_INT(r->now_us)), e) ||
        !keep_place(r, notice, name, e)) {
        ledger_rollback(r->l);
        return false;
    }
    return ledger_commit(r->l, e);
}

/* It could not be written: others may try, after a while. What went wrong first is what is told. */
static bool give_back(const struct run *r, const struct claim *c, enum hand_over what, struct str why, int64_t retry_us)
{
    struct err    x = { 0 };
    struct handed h = { .what = what, .answer = why, .at_us = r->now_us, .retry_us = retry_us };

    outbox_result(r->l, c, &h, &x);
    return false;
}

static bool one(struct run *r, struct claim c, const struct notice *n, struct arena a, struct err *e)
{
    struct err why = { 0 };
    struct str bytes, name, part;

    told(r, "claimed");
    if (!outbox_bytes(ledger_store(r->l), n->id, &a, &bytes, &why)) {
        struct handed h = { .what = HANDED_REFUSED, .answer = why.kind != ERR_NONE ? str_c(why.what) : STR("the letter is not there any more"), .at_us = r->now_us, .retry_us = TIME_NONE };
        return outbox_result(r->l, &c, &h, e) || e->kind == ERR_NONE;
    }
    if (!name_of(r, n, &a, &name, e) || !(part = str_fmt(&a, "%.*s" PAPER_PART, STR_ARG(name))).p)
        return give_back(r, &c, HANDED_NOT, STR("no room"), TIME_MINUTE);
    bool here = there(r, name);
    if (here && !same(r, name, bytes, a)) {
        err_set(e, ERR_USAGE, "another file has the name of notice %lld", (long long)n->id);
        err_where(e, "%.*s/%.*s", STR_ARG(r->dir), STR_ARG(name));
        err_hint(e, "look at it, move it away, and run this again; or write to an empty folder");
        return give_back(r, &c, HANDED_NOT, STR("another file has its name"), TIME_MINUTE);
    }
    if (!place(r, n->id, name, bytes, e))
        return false;
    if (!outbox_intent(r->l, &c, r->now_us, e))
        return e->kind == ERR_NONE;
    told(r, "intent");
    if (!here && !write_file(r, part, bytes, a, e))
        return give_back(r, &c, HANDED_NOT, str_c(e->what), TIME_MINUTE);
    told(r, "part");
    c.lease_us = PAPER_DESK_US;
    if (!outbox_dot(r->l, &c, bytes.n, r->now_us, e))
        return e->kind == ERR_NONE;
    told(r, "dot");
    if (!here && !give_name(r, part, name, bytes, a, e))
        return false;
    told(r, "named");
    return true;
}

/* --- what died runs left --- */

static bool finish_one(struct run *r, struct str part, struct arena a, struct err *e)
{
    struct store_stmt *st;
    struct str         name = str_sub(part, 0, part.n - (sizeof PAPER_PART - 1)), bytes;
    uint8_t            hash[HASH_SHA256_BYTES], want[HASH_SHA256_BYTES] = { 0 };
    int64_t            state = 0, written = 0, id = 0;

    if (!bind_open(ledger_store(r->l), "SELECT n.state, n.written, p.sha256, n.id FROM notify_paper p JOIN notify_notice n ON n.id = p.notice WHERE p.name = ?1 AND n.channel = ?2",
                   BOUND(B_TEXT(name), B_INT(r->o->channel)), &st, e))
        return false;
    bool ours = store_step(st, e) == STORE_ROW;
    if (ours) {
        state = store_int(st, 0);
        written = store_int(st, 1);
        if (store_bytes(st, 2).n == sizeof want)
            memcpy(want, store_bytes(st, 2).p, sizeof want);
        id = store_int(st, 3);
    }
    store_finish(st);
    if (!ours || state == NOTICE_CLAIMED || (state == NOTICE_HANDING_OVER && written == 0))        /* somebody's; or at work: its turn comes with its lease */
        return e->kind == ERR_NONE;
    if (state != NOTICE_HANDING_OVER)
        return os_remove(r->dir, part, e);
    if (!os_slurp(r->o->os, r->dir, part, PAPER_BYTES_MAX, &a, &bytes, e))
        return false;
    if (!hash_sha256(bytes, hash) || memcmp(hash, want, sizeof hash) != 0) {
        err_set(e, ERR_FORMAT, "what a run that died left of notice %lld is damaged", (long long)id);
        err_where(e, "%.*s/%.*s", STR_ARG(r->dir), STR_ARG(part));
        return err_hint(e, "remove it, and write this one again: afterpatch notify send --again %lld", (long long)id);
    }
    return give_name(r, part, name, bytes, a, e);
}

/* "NAME.part-PID-N": what os->commit calls a file for a moment, and who died in it left. Taken from one that lives, that one writes it again. */
static bool is_torn(struct str name)
{
    size_t     n = str_rchr(name, '-'), pid = n == STR_NONE ? STR_NONE : str_rchr(str_sub(name, 0, n), '-');
    struct str head = pid == STR_NONE ? STR_EMPTY : str_sub(name, 0, pid);

    return str_ends(head, STR(PAPER_PART ".part")) || str_eq(head, STR(PAPER_INDEX ".part"));
}

static bool finish(struct run *r, struct arena a, struct err *e)
{
    for (size_t i = 0; i < r->there_n; i++) {
        struct str name = r->there[i].name;
        if (r->there[i].st.kind != OS_FILE)
            continue;
        if (is_torn(name) ? !os_remove_own(r->dir, name, e) : str_ends(name, STR(PAPER_PART)) && !finish_one(r, name, a, e))
            return false;
    }
    return true;
}

/* --- once more, by a person's word --- */

static bool copy_asked(const struct run *r, struct arena *a, struct str *ret_name, struct err *e)
{
    struct store      *s = ledger_store(r->l);
    struct store_stmt *st;
    int64_t            id = r->o->again, state = -1, copies = 0;
    struct str         name = STR_EMPTY, about = str_fmt(a, "notice %lld", (long long)id);

    if (ledger_who(r->l).n == 0)
        return err_set(e, ERR_USAGE, "to write a letter again needs the name of who decides it");
    if (!bind_open(s, "SELECT n.state, p.copies, p.name FROM notify_paper p JOIN notify_notice n ON n.id = p.notice WHERE n.id = ?1 AND n.channel = ?2 AND n.written > 0",
                   BOUND(B_INT(id), B_INT(r->o->channel)), &st, e))
        return false;
    if (store_step(st, e) == STORE_ROW) {
        state = store_int(st, 0);
        copies = store_int(st, 1) + 1;
        name = str_dup(a, store_text(st, 2));
    }
    store_finish(st);
    if (e->kind != ERR_NONE)
        return false;
    if (state != NOTICE_HANDING_OVER && state != NOTICE_ACCEPTED) {
        err_set(e, ERR_USAGE, "notice %lld is not with the desk: there is nothing to write again", (long long)id);
        return err_hint(e, "what is due is written by: afterpatch notify send --channel post|phone --out DIR");
    }
    size_t dot = str_rchr(name, '.');
    *ret_name = str_fmt(a, "%.*s-copy-%lld%.*s", STR_ARG(str_sub(name, 0, dot)), (long long)copies + 1, STR_ARG(str_from(name, dot)));
    if (!name.p || !about.p || !ret_name->p)
        return err_set(e, ERR_MEMORY, "no room for a name");
    return bind_run(s, "UPDATE notify_paper SET copies = ?2 WHERE notice = ?1", BOUND(B_INT(id), B_INT(copies)), e) && keep_place(r, id, *ret_name, e) && ledger_audit(r->l, "write again", about, *ret_name, e);
}

static bool copy(struct run *r, struct arena a, struct err *e)
{
    struct str bytes, name;

    if (!ledger_begin(r->l, e))
        return false;
    if (!copy_asked(r, &a, &name, e)) {
        ledger_rollback(r->l);
        return false;
    }
    if (!ledger_commit(r->l, e))
        return false;
    if (!outbox_bytes(ledger_store(r->l), r->o->again, &a, &bytes, e))
        return e->kind != ERR_NONE ? false : err_set(e, ERR_USAGE, "the letter of notice %lld is not there any more", (long long)r->o->again);
    if (!write_file(r, name, bytes, a, e))
        return false;
    r->written++;
    return true;
}

/* --- a run --- */

static bool work(struct run *r, struct arena room, struct err *e)
{
    uint64_t queued, doubt, begun = r->o->os->tick_us(r->o->os);
    int64_t  since = r->now_us;

    if (!outbox_recover(r->l, r->now_us, &queued, &doubt, e))
        return false;
    for (uint64_t n = 0; !r->o->most || n < r->o->most; n++) {
        struct arena  a = room;
        struct claim  c;
        struct notice x;
        int64_t       next = TIME_NONE;

        r->now_us = since + (int64_t)(r->o->os->tick_us(r->o->os) - begun);          /* leases of a long run begin when they do */
        if (!outbox_claim(r->l, r->o->owner, r->o->channel, &no_rates, r->now_us, &a, &c, &x, &next, e))
            return e->kind == ERR_NONE;
        if (!one(r, c, &x, a, e))
            return false;
    }
    return true;
}

static bool run(struct run *r, struct arena room, struct err *e)
{
    struct os *os = r->o->os;

    if (!os->mkdir(os, r->given, e) || !os_folder(r->given, &room, &r->dir, e) || !os->list(os, r->dir, STR_EMPTY, &room, &r->there, &r->there_n, e))
        return false;
    bool       ok = finish(r, room, e) && (r->o->again ? copy(r, room, e) : work(r, room, e));
    struct err x = { 0 };
    if (!paper_index(r->l, os, r->dir, r->given, r->o->channel, r->o->only_to, room, &x) && ok) {
        *e = x;
        return false;
    }
    return ok;
}

bool paper_write(struct ledger *l, const struct paper_options *o, int64_t now_us, uint64_t *ret_written, struct err *e)
{
    struct run   r = { .l = l, .o = o, .given = o->dir, .now_us = now_us };
    struct arena room;

    *ret_written = 0;
    while (r.given.n > 1 && r.given.p[r.given.n - 1] == '/')
        r.given.n--;
    if (!outbox_on_paper(o->channel) || r.given.n == 0) {
        err_set(e, ERR_USAGE, r.given.n ? "only letters and phone calls are written to a folder" : "letters and call sheets need a folder");
        return err_hint(e, "afterpatch notify send --channel post|phone --out DIR");
    }
    if (!os_arena_map(&room, ROOM_BYTES, e))
        return false;
    bool ok = run(&r, room, e);
    os_arena_unmap(&room);
    *ret_written = r.written;
    return ok;
}
