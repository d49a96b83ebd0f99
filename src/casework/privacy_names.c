/* privacy_names: what names an organisation, and the free texts that do. */
#include "casework/privacy_inner.h"

#include "base/net.h"
#include "base/num.h"

enum { NAME_MIN = 4, NAMES_MAX = 10000 };

static bool add_name(struct privacy_work *w, struct str s, struct err *e)
{
    struct str lower = str_lower(&w->a, str_trim(s));

    if (!lower.p)
        return err_set(e, ERR_MEMORY, "no room for names");
    if (lower.n < NAME_MIN || w->name_n == NAMES_MAX)
        return true;
    for (size_t i = 0; i < w->name_n; i++)
        if (str_eq(w->name[i], lower))
            return true;
    struct str *x = GROW(&w->a, w->name, w->name_n, &w->name_cap);
    if (!x)
        return err_set(e, ERR_MEMORY, "no room for names");
    *x = lower;
    w->name_n++;
    return true;
}

bool privacy_names(struct privacy_work *w, struct err *e)
{
    static const char *const texts[] = {
        "SELECT name FROM case_org WHERE org = ?1", "SELECT name FROM case_server WHERE org = ?1", "SELECT name FROM case_subject_name WHERE subject IN " SUBJECTS,
        "SELECT name FROM case_link WHERE subject IN " SUBJECTS, "SELECT k.value FROM case_key k WHERE k.class IN (0, 2, 3) AND k.id IN " KEYS,
    };
    struct store_stmt *st;

    for (size_t i = 0; i <= COUNT_OF(texts); i++) {
        bool ip = i == COUNT_OF(texts);
        if (!bind_open(w->s, ip ? "SELECT ip FROM case_server WHERE org = ?1 AND ip IS NOT NULL UNION SELECT ip FROM case_subject WHERE ip IS NOT NULL AND id IN " SUBJECTS : texts[i], BOUND(B_INT(w->org)), &st, e))
            return false;
        bool ok = true;
        while (ok && store_step(st, e) == STORE_ROW) {
            char text[NET_TEXT] = "";
            if (ip && store_bytes(st, 0).n == 16)
                net_ip_text(store_bytes(st, 0).p, text);
            ok = add_name(w, ip ? str_c(text) : store_text(st, 0), e);
        }
        store_finish(st);
        if (!ok || e->kind != ERR_NONE)
            return false;
    }
    return true;
}

/* The name itself, not a part of a longer one: "192.0.2.7" is not in "192.0.2.71". */
static bool holds(struct str text, struct str name)
{
    for (size_t at = str_find(text, name); at != STR_NONE;) {
        size_t end = at + name.n, next;
        bool   before = at == 0 || !ch_alnum(text.p[at - 1]), after = end == text.n || !ch_alnum(text.p[end]);
        if (before && after)
            return true;
        next = str_find(str_from(text, at + 1), name);
        at = next == STR_NONE ? STR_NONE : at + 1 + next;
    }
    return false;
}

static bool mentions(struct privacy_work *w, struct store_stmt *st, int from, int to, bool bytes)
{
    for (int c = from; c < to; c++) {
        struct arena a = w->a;
        struct str   text = str_lower(&a, bytes ? store_bytes(st, c) : store_text(st, c));
        for (size_t i = 0; text.p && i < w->name_n; i++)
            if (holds(text, w->name[i]))
                return true;
    }
    return false;
}

bool privacy_free_texts(struct privacy_work *w, struct err *e)
{
    static const struct { const char *read, *change; int columns; } c[] = {
        { "SELECT id, about, detail FROM case_audit", "UPDATE case_audit SET about = '', detail = '(erased)' WHERE id = ?1", 2 },
        { "SELECT id, name, organisation FROM case_source", "UPDATE case_source SET name = '(erased)', organisation = '(erased)' WHERE id = ?1", 2 },
        { "SELECT id, key_value, one, other, why FROM case_review", "DELETE FROM case_review WHERE id = ?1", 4 },
        { "SELECT id, name FROM case_file", "UPDATE case_file SET name = '(erased)' WHERE id = ?1", 1 },
        { "SELECT id, name, about_value FROM case_contact", "DELETE FROM case_contact WHERE id = ?1", 2 },
        { "SELECT id, reason FROM case_fact WHERE reason <> ''", "UPDATE case_fact SET reason = '(erased)' WHERE id = ?1", 1 },
        { "SELECT file, raw FROM case_refused", "DELETE FROM case_refused WHERE file = ?1 AND line = ?2 AND why = ?3", -1 },
    };

    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct store_stmt *st;
        struct hit { int64_t id, line; struct str why; } *hit = NULL;
        size_t             n = 0, cap = 0;
        bool               refused = c[i].columns < 0, ok = true;

        if (!store_prepare(w->s, refused ? "SELECT file, raw, line, why FROM case_refused" : c[i].read, &st, e))
            return false;
        while (ok && store_step(st, e) == STORE_ROW) {
            if (!mentions(w, st, 1, refused ? 2 : 1 + c[i].columns, refused))
                continue;
            struct hit *x = GROW(&w->a, hit, n, &cap);
            ok = x != NULL;
            if (ok) {
                *x = (struct hit){ store_int(st, 0), refused ? store_int(st, 2) : 0, refused ? str_dup(&w->a, store_text(st, 3)) : STR_EMPTY };
                n++;
            }
        }
        store_finish(st);
        if (!ok)
            return err_set(e, ERR_MEMORY, "no room for what names it");
        if (e->kind != ERR_NONE)
            return false;
        for (size_t k = 0; k < n; k++) {
            const struct bound v[] = { B_INT(hit[k].id), B_INT(hit[k].line), B_TEXT(hit[k].why) };
            if (!bind_run(w->s, c[i].change, v, refused ? 3 : 1, e))
                return false;
        }
        w->n.mentions += n;
        w->n.rows += n;
    }
    return true;
}
