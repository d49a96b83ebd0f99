/* See settle.h. */
#include "notify/settle.h"

#include <string.h>

#include "base/map.h"
#include "base/num.h"
#include "store/bind.h"

struct settle {
    struct arena       *a;
    const struct doubt *doubt;
    size_t              n;
    struct str         *queue_id;      /* by doubt; with taken */
    bool               *taken;
    struct map          by_id;         /* Message-ID -> doubt */
    struct map          by_queue;      /* queue id -> doubt, or MAP_NONE: it is another message's now */
    uint32_t            queue_n;
    bool                full;
    struct settle_rules rules;
    int64_t             first_us, last_us;             /* what the logs reach over */
    bool                loose;                         /* times without a zone were seen */
};

bool settle_open(struct settle **ret, struct arena *a, const struct doubt *d, size_t n, const struct settle_rules *rules, struct err *e)
{
    struct settle *s = NEW(a, struct settle, 1);

    if (n > SETTLE_MAX)
        return err_set(e, ERR_LIMIT, "%zu notices in doubt; %d can be settled at once", n, SETTLE_MAX);
    if (!s || !(s->queue_id = NEW(a, struct str, n + 1)) || !(s->taken = NEW(a, bool, n + 1)))
        return err_set(e, ERR_MEMORY, "no room to settle %zu notices", n);
    s->a = a;
    s->doubt = d;
    s->n = n;
    s->rules = *rules;
    s->first_us = s->last_us = TIME_NONE;
    for (size_t i = 0; i < n; i++)
        if (!map_put(&s->by_id, a, d[i].message_id, (uint32_t)i))
            return err_set(e, ERR_MEMORY, "no room to settle %zu notices", n);
    *ret = s;
    return true;
}

/* --- a line --- */

/* "Mar  6 14:02:11 " at the beginning: no year, no zone. */
static bool syslog_time(const struct settle *s, struct str line, int64_t *ret)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    uint64_t day, hour, minute, second;
    char     now[TIME_TEXT];
    uint64_t year;

    if (line.n < 16 || line.p[3] != ' ' || line.p[6] != ' ' || line.p[9] != ':' || line.p[12] != ':')
        return false;
    size_t m = str_find(str_c(months), str_sub(line, 0, 3));
    if (m == STR_NONE || m % 3 || !num_u64(str_trim(str_sub(line, 4, 6)), &day) || !num_u64(str_sub(line, 7, 9), &hour) || !num_u64(str_sub(line, 10, 12), &minute) ||
        !num_u64(str_sub(line, 13, 15), &second))
        return false;
    time_text(s->rules.now_us, now);
    if (!num_u64(str_sub(str_c(now), 0, 4), &year))
        return false;
    for (int back = 0; back < 2; back++) {
        int64_t t;
        if (!time_civil((int)year - back, (int)(m / 3) + 1, (int)day, (int)hour, (int)minute, (int)second, 0, &t))
            continue;
        t -= s->rules.zone_s * TIME_SECOND;
        if (t <= s->rules.now_us + TIME_DAY) {
            *ret = t;
            return true;
        }
    }
    return false;
}

static bool line_time(struct settle *s, struct str line, int64_t *ret)
{
    size_t end = str_chr(line, ' ');

    if (end != STR_NONE && end >= 19 && end < TIME_TEXT + 8 && time_parse(str_sub(line, 0, end), ret))
        return true;
    if (!syslog_time(s, line, ret))
        return false;
    s->loose = true;
    return true;
}

static bool id_letter(uint8_t c) { return ch_alpha(c) || (c >= '0' && c <= '9') || c == '-'; }

/* " postfix/cleanup[12]: 4ABC: rest": the program, the queue id and what follows. */
static bool postfix_line(struct str line, struct str *ret_program, struct str *ret_id, struct str *ret_rest)
{
    size_t at = str_find(line, STR(" postfix"));

    if (at == STR_NONE)
        return false;
    struct str rest = str_from(line, at + 1);
    size_t     colon = str_find(rest, STR("]: "));
    if (colon == STR_NONE || colon > 64)
        return false;
    struct str program = str_sub(rest, 0, colon), id;
    size_t     bracket = str_chr(program, '['), slash;
    program = bracket == STR_NONE ? program : str_sub(program, 0, bracket);
    slash = str_rchr(program, '/');
    *ret_program = slash == STR_NONE ? program : str_from(program, slash + 1);
    rest = str_from(rest, colon + 3);
    size_t n = 0;
    while (n < rest.n && n < 64 && id_letter(rest.p[n]))
        n++;
    id = str_sub(rest, 0, n);
    if (n < 5 || !str_starts(str_from(rest, n), STR(": ")))
        return false;
    *ret_id = id;
    *ret_rest = str_from(rest, n + 2);
    return true;
}

static void taken(struct settle *s, uint32_t doubt, struct str queue_id)
{
    if (s->taken[doubt])
        return;
    s->taken[doubt] = true;
    s->queue_id[doubt] = str_dup(s->a, queue_id);
}

static bool remember(struct settle *s, struct str queue_id, uint32_t doubt, struct err *e)
{
    if (s->queue_n == SETTLE_QUEUE_MAX) {
        s->full = true;
        return true;
    }
    struct str own = str_dup(s->a, queue_id);
    if (!own.p || !map_put(&s->by_queue, s->a, own, doubt))
        return err_set(e, ERR_MEMORY, "no room to settle");
    s->queue_n++;
    return true;
}

/* "message-id=<...>" in full, and nothing behind it. */
static struct str postfix_message_id(struct str rest)
{
    if (!str_starts(rest, STR("message-id=<")) || rest.p[rest.n - 1] != '>')
        return STR_EMPTY;
    return str_sub(rest, sizeof "message-id=<" - 1, rest.n - 1);
}

static bool postfix(struct settle *s, struct str program, struct str id, struct str rest, struct err *e)
{
    uint32_t doubt;

    if (str_eq(program, STR("cleanup"))) {
        if (!str_starts(rest, STR("message-id=")))
            return true;
        doubt = map_get(&s->by_id, postfix_message_id(rest));
        /* Short queue ids are used again. */
        return (doubt == MAP_NONE && map_get(&s->by_queue, id) == MAP_NONE) || remember(s, id, doubt, e);
    }
    bool queue = str_eq(program, STR("qmgr")) && (str_starts(rest, STR("from=<")) || str_eq(rest, STR("removed"))), sent = str_starts(rest, STR("to=<")) && str_find(rest, STR(" status=")) != STR_NONE;
    doubt = queue || sent ? map_get(&s->by_queue, id) : MAP_NONE;
    if (doubt != MAP_NONE)
        taken(s, doubt, id);
    return true;
}

/* Exim: "2021-03-06 14:02:11 1lIXyz-0001ab-CD <= b+..@.. H=... id=n.1.0@cert.example": accepted, in one line. Fields before id= are of the sender: the last one counts. */
static void exim(struct settle *s, struct str line)
{
    struct str rest = str_from(line, 20), id;

    if (!str_cut(&rest, ' ', &id) || id.n < 16 || id.n > 32 || !str_starts(rest, STR("<= ")))
        return;
    struct str left = rest, word, last = STR_EMPTY;
    while (str_cut(&left, ' ', &word))
        if (str_starts(word, STR("id=")))
            last = str_from(word, 3);
    uint32_t doubt = map_get(&s->by_id, last);
    if (doubt != MAP_NONE)
        taken(s, doubt, id);
}

static bool one_line(struct settle *s, struct str line, struct err *e)
{
    struct str program, id, rest;
    int64_t    t;

    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    bool timed = line_time(s, line, &t);
    if (!timed && line.n > 20 && line.p[10] == ' ' && time_parse(str_sub(line, 0, 19), &t)) {        /* Exim's */
        t -= s->rules.zone_s * TIME_SECOND;
        s->loose = timed = true;
        exim(s, line);
    }
    if (!timed)
        return true;
    if (s->first_us == TIME_NONE || t < s->first_us)
        s->first_us = t;
    if (s->last_us == TIME_NONE || t > s->last_us)
        s->last_us = t;
    return !postfix_line(line, &program, &id, &rest) || rest.n == 0 || postfix(s, program, id, rest, e);
}

bool settle_file(struct settle *s, lines_fill *fill, void *ctx, struct arena room, struct err *e)
{
    struct lines      *l;
    struct lines_block b;

    if (!lines_open(&l, &room, fill, ctx, false, e))
        return false;
    bool ok = true;
    while (ok && lines_next(l, &b, e)) {
        struct str line;
        size_t     pos = 0, at;
        while (ok && lines_step(b.text, &pos, &line, &at))
            ok = one_line(s, line, e);
    }
    lines_close(l);
    return ok && e->kind == ERR_NONE;
}

enum settle_word settle_answer(const struct settle *s, size_t i, struct str *ret_queue_id)
{
    int64_t spare = s->loose ? s->rules.spare_us : 0, dot = s->doubt[i].dot_us, until = dot + s->rules.absent_us;

    *ret_queue_id = STR_EMPTY;
    if (s->taken[i]) {
        *ret_queue_id = s->queue_id[i];
        return SETTLE_TAKEN;
    }
    /* A log that ends too early, or was cut at its beginning, proves nothing by its silence. */
    bool covered = !s->full && dot != TIME_NONE && s->first_us != TIME_NONE && s->first_us <= dot - spare && s->last_us >= until + spare;
    return covered && s->rules.now_us >= until ? SETTLE_ABSENT : SETTLE_UNSEEN;
}

/* --- the store --- */

bool settle_doubts(struct store *s, struct arena *a, struct doubt **ret, size_t *ret_n, struct err *e)
{
    struct store_stmt *st;
    int64_t            n = 0;
    size_t             k = 0;
    enum store_got     got = STORE_DONE;

    if (!bind_ask(s, "SELECT count(*) FROM notify_notice WHERE state = ?1", BOUND(B_INT(NOTICE_UNKNOWN)), &n, 1, e))
        return false;
    n = n > SETTLE_MAX ? SETTLE_MAX : n;
    struct doubt *d = NEW(a, struct doubt, (size_t)n + 1);
    if (!d)
        return err_set(e, ERR_MEMORY, "no room for %lld notices in doubt", (long long)n);
    if (!bind_open(s, "SELECT id, message_id, dot_us FROM notify_notice WHERE state = ?1 ORDER BY id LIMIT ?2", BOUND(B_INT(NOTICE_UNKNOWN), B_INT(n)), &st, e))
        return false;
    while (k < (size_t)n && (got = store_step(st, e)) == STORE_ROW) {
        d[k] = (struct doubt){ store_int(st, 0), str_dup(a, store_text(st, 1)), store_time(st, 2) };
        k++;
    }
    store_finish(st);
    *ret = d;
    *ret_n = k;
    return got != STORE_FAILED;
}

bool settle_apply(struct ledger *l, const struct settle *s, const struct doubt *d, size_t n, int64_t now_us, struct settled *ret, struct err *e)
{
    *ret = (struct settled){ 0 };
    for (size_t i = 0; i < n; i++) {
        struct str       id;
        enum settle_word w = settle_answer(s, i, &id);

        *(w == SETTLE_TAKEN ? &ret->taken : w == SETTLE_ABSENT ? &ret->absent : &ret->unseen) += 1;
        if (w == SETTLE_UNSEEN)
            continue;
        if (!ledger_begin(l, e))
            return false;
        if (!outbox_settle(l, d[i].notice, w == SETTLE_TAKEN, id, w == SETTLE_TAKEN ? STR("the MTA's log has it") : STR("the MTA's log covers the time, and has it not"), now_us, e)) {
            ledger_rollback(l);
            if (e->kind != ERR_USAGE)
                return false;
            *e = (struct err){ 0 };                   /* another one settled it meanwhile */
            continue;
        }
        if (!ledger_commit(l, e))
            return false;
    }
    return true;
}
