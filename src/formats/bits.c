#include "formats/bits.h"

#include "formats/runs.h"

void bits_open(struct bits *b, struct arena *a) { *b = (struct bits){ .a = a, .known = { .fold = true } }; }

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for transfer jobs"); }

static bool is_address(struct str s) { return str_istarts(s, STR("http://")) || str_istarts(s, STR("https://")) || str_istarts(s, STR("ftp://")); }
static bool is_path(struct str s) { return s.n > 3 && ((ch_alpha(s.p[0]) && s.p[1] == ':' && s.p[2] == '\\') || (s.p[0] == '\\' && s.p[1] == '\\')); }
static bool is_sid(struct str s) { return str_starts(s, STR("S-1-5-")) && s.n < 200; }

static bool is_program(struct str s)
{
    static const char *const ext[] = { ".exe", ".com", ".bat", ".cmd", ".ps1", ".vbs", ".js", ".dll", ".scr" };

    for (size_t i = 0; i < sizeof ext / sizeof *ext; i++)
        if (str_iends(s, str_c(ext[i])))
            return true;
    return str_ihas(s, STR(".exe "));
}

static bool add(struct bits *b, struct bits_item it, struct arena scratch, struct err *e)
{
    struct str key = str_fmt(&scratch, "%d\1%.*s\1%.*s\1%.*s", it.command, STR_ARG(it.command ? it.line : it.url), STR_ARG(it.local), STR_ARG(it.owner));

    if (!key.p)
        return no_room(e);
    if (map_get(&b->known, key) != MAP_NONE)
        return true;
    if (b->n >= BITS_ITEMS_MAX) {
        b->more++;
        return true;
    }
    struct bits_item *to = GROW(b->a, b->item, b->n, &b->cap);
    struct str        kept = str_dup(b->a, key), *text[] = { &it.url, &it.local, &it.line, &it.owner, &it.name };
    if (!to || !kept.p || !map_put(&b->known, b->a, kept, (uint32_t)b->n))
        return no_room(e);
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        *text[i] = str_dup(b->a, str_sub(*text[i], 0, BITS_TEXT_MAX));
        if (!text[i]->p)
            return no_room(e);
    }
    *to = it;
    b->n++;
    return true;
}

/* The last texts before the one that is looked at, with where they end. */
enum { BEHIND = 4, GAP = 96 };
struct behind { struct run run[BEHIND]; size_t n; };

static void push(struct behind *q, struct run r)
{
    if (q->n == BEHIND)
        for (size_t i = 1; i < BEHIND; i++)
            q->run[i - 1] = q->run[i];
    q->run[q->n == BEHIND ? BEHIND - 1 : q->n++] = r;
}

/* The program that a job starts: the first among the texts before its owner, each right behind the other. */
static bool job(struct bits *b, struct str in, const struct behind *q, struct run sid, uint64_t off, struct arena scratch, struct err *e)
{
    size_t           next = sid.off, at = BEHIND;
    struct bits_item it = { .command = true };

    for (size_t i = q->n; i-- > 0 && next - (q->run[i].off + q->run[i].n) <= GAP; next = q->run[i].off) {
        struct arena a = scratch;
        struct str   s = runs_text(&a, in, q->run[i]);
        if (!s.p)
            return no_room(e);
        at = is_program(s) && !is_address(s) && s.n <= BITS_TEXT_MAX ? i : at;
    }
    if (at == BEHIND)
        return true;
    struct str program = runs_text(&scratch, in, q->run[at]), args = STR("");
    it.off   = off + q->run[at].off;
    it.owner = runs_text(&scratch, in, sid);
    /* Name and description stand before it; an empty description is no text. */
    it.name  = at ? runs_text(&scratch, in, q->run[at > 1 ? at - 2 : 0]) : STR("");
    if (at + 1 < q->n)
        args = runs_text(&scratch, in, q->run[at + 1]);
    /* Windows gives the program's own name as the first argument. */
    if (program.p && args.p)
        it.line = args.n == 0 ? program : str_istarts(args, program) ? args : str_fmt(&scratch, "%.*s %.*s", STR_ARG(program), STR_ARG(args));
    if (!it.owner.p || !it.name.p || !it.line.p)
        return no_room(e);
    return add(b, it, scratch, e);
}

bool bits_scan(struct bits *b, struct str window, uint64_t off, bool last, struct arena scratch, struct err *e)
{
    size_t        from = off ? BITS_OVERLAP / 2 : 0, to = last ? window.n : window.n > BITS_OVERLAP / 2 ? window.n - BITS_OVERLAP / 2 : 0;
    struct behind q = { .n = 0 };
    struct run    r;

    for (size_t pos = 0; runs_next(window, &pos, 3, &r);) {
        if (!r.wide)
            continue;
        if (r.off >= to)
            break;
        struct arena a = scratch;
        struct str   s = r.off < from ? STR_EMPTY : runs_text(&a, window, r);
        if (r.off >= from && !s.p)
            return no_room(e);
        if (is_address(s)) {
            struct bits_item  it = { .url = s, .off = off + r.off };
            const struct run *before = q.n ? &q.run[q.n - 1] : NULL;
            if (before && r.off - (before->off + before->n) <= GAP) {
                it.local = runs_text(&a, window, *before);
                if (!it.local.p)
                    return no_room(e);
                it.local = is_path(it.local) ? it.local : STR_EMPTY;
            }
            if (!add(b, it, a, e))
                return false;
        } else if (is_sid(s) && !job(b, window, &q, r, off, a, e)) {
            return false;
        }
        push(&q, r);
    }
    return true;
}
