#include "survey/probe_journal.h"

#include "base/num.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static struct probe_asked *look(struct probe_asked *slot, size_t cap, const uint8_t ip[16])
{
    size_t i = (size_t)str_hash((struct str){ ip, 16 }) & (cap - 1);

    while (slot[i].used && memcmp(slot[i].ip, ip, 16) != 0)
        i = (i + 1) & (cap - 1);
    return &slot[i];
}

const struct probe_asked *probe_book_find(const struct probe_book *b, const uint8_t ip[16])
{
    if (b->cap == 0)
        return NULL;
    const struct probe_asked *x = look(b->slot, b->cap, ip);
    return x->used ? x : NULL;
}

bool probe_book_put(struct probe_book *b, const uint8_t ip[16], int64_t at_us, int64_t until_us, uint8_t end, struct err *e)
{
    if (b->cap == 0 || b->n >= b->cap - b->cap / 4) {
        size_t              cap = b->cap ? 2 * b->cap : 1024;
        struct probe_asked *to = NEW(b->a, struct probe_asked, cap);
        if (!to)
            return err_set(e, ERR_MEMORY, "no room to remember %zu addresses", b->n + 1);
        for (size_t i = 0; i < b->cap; i++)
            if (b->slot[i].used)
                *look(to, cap, b->slot[i].ip) = b->slot[i];
        b->slot = to;
        b->cap = cap;
    }
    struct probe_asked *x = look(b->slot, b->cap, ip);
    if (!x->used) {
        *x = (struct probe_asked){ .used = true, .at_us = at_us, .until_us = until_us, .end = end };
        memcpy(x->ip, ip, 16);
        b->n++;
        return true;
    }
    if (at_us > x->at_us)
        x->at_us = at_us;
    if (until_us > x->until_us)
        x->until_us = until_us;
    x->end = end;
    return true;
}

void probe_journal_begin(struct probe_journal *ret, struct arena *a)
{
    *ret = (struct probe_journal){ .book.a = a };
}

static bool number(struct str *rest, uint64_t *ret)
{
    struct str word;

    return str_cut(rest, ' ', &word) && num_u64(word, ret);
}

static bool when(struct str *rest, int64_t *ret)
{
    uint64_t v;

    if (!number(rest, &v) || v > INT64_MAX)
        return false;
    *ret = (int64_t)v;
    return true;
}

static bool line_run(struct probe_journal *j, struct str rest)
{
    struct str word;
    int64_t    at;
    uint64_t   seed, targets;

    if (!when(&rest, &at) || !number(&rest, &seed) || !str_cut(&rest, ' ', &word) || word.n != 2 * HASH_SHA256_BYTES ||
        !num_unhex(word, j->hash, HASH_SHA256_BYTES) || !number(&rest, &targets) || rest.n)
        return false;
    j->any = true;
    j->ended = false;
    j->began_us = at;
    j->seed = seed;
    j->targets = targets;
    j->name_n = 0;
    return true;
}

/* 1: taken, 0: not a line of ours, -1: no room (e is set) */
static int line(struct probe_journal *j, struct str s, struct err *e)
{
    struct str word, ip_text;
    uint8_t    ip[16];
    int64_t    at, until = 0;
    uint64_t   n, end;

    if (!str_cut(&s, ' ', &word))
        return 0;
    if (str_eq(word, STR("ask"))) {
        if (!when(&s, &at) || !net_ip_parse(s, ip))
            return 0;
        if (at > j->last_ask_us)
            j->last_ask_us = at;
        return probe_book_put(&j->book, ip, at, 0, JOURNAL_UNKNOWN, e) ? 1 : -1;
    }
    if (str_eq(word, STR("got"))) {
        if (!when(&s, &at) || !str_cut(&s, ' ', &ip_text) || !net_ip_parse(ip_text, ip) || !number(&s, &end) || end >= JOURNAL_UNKNOWN || !number(&s, &n) ||
            !when(&s, &until) || s.n)
            return 0;
        return probe_book_put(&j->book, ip, at, until, (uint8_t)end, e) ? 1 : -1;
    }
    if (str_eq(word, STR("name"))) {
        if (!number(&s, &n) || n >= UINT32_MAX || s.n)
            return 0;
        uint32_t *to = GROW(j->book.a, j->name, j->name_n, &j->name_cap);
        if (!to) {
            err_set(e, ERR_MEMORY, "no room to remember %zu names", j->name_n + 1);
            return -1;
        }
        *to = (uint32_t)n;
        j->name_n++;
        return 1;
    }
    if (str_eq(word, STR("end"))) {
        j->ended = true;
        return when(&s, &at) && !s.n;
    }
    return str_eq(word, STR("run")) ? line_run(j, s) : 0;
}

bool probe_journal_feed(struct probe_journal *j, struct str piece, struct err *e)
{
    while (piece.n) {
        size_t     end = str_chr(piece, '\n');
        struct str s = str_sub(piece, 0, end == STR_NONE ? piece.n : end);
        if (s.n > sizeof j->part - j->part_n)
            return err_set(e, ERR_FORMAT, "journal: line %" PRIu64 " is too long", j->line + 1);
        if (end == STR_NONE || j->part_n) {
            memcpy(j->part + j->part_n, s.p, s.n);
            j->part_n += s.n;
            if (end == STR_NONE)
                return true;
            s = (struct str){ (const uint8_t *)j->part, j->part_n };
        }
        j->line++;
        int got = line(j, s, e);
        if (got <= 0) {
            if (got == 0) {
                err_set(e, ERR_FORMAT, "journal: line %" PRIu64 " cannot be read", j->line);
                err_hint(e, "It may say who was asked. Mend it, or give another --state folder and wait a day.");
            }
            return false;
        }
        j->part_n = 0;
        piece = str_from(piece, end + 1);
    }
    return true;
}

static size_t length(int n) { return n < 0 || n >= JOURNAL_LINE_MAX ? 0 : (size_t)n; }

size_t probe_journal_run(char ret[JOURNAL_LINE_MAX], int64_t at_us, uint64_t seed, const uint8_t hash[HASH_SHA256_BYTES], uint64_t targets)
{
    char hex[2 * HASH_SHA256_BYTES + 1];

    num_tohex(hash, HASH_SHA256_BYTES, hex);
    return length(snprintf(ret, JOURNAL_LINE_MAX, "run %" PRId64 " %" PRIu64 " %s %" PRIu64 "\n", at_us, seed, hex, targets));
}

size_t probe_journal_ask(char ret[JOURNAL_LINE_MAX], int64_t at_us, const uint8_t ip[16])
{
    char text[NET_TEXT];

    net_ip_text(ip, text);
    return length(snprintf(ret, JOURNAL_LINE_MAX, "ask %" PRId64 " %s\n", at_us, text));
}

size_t probe_journal_got(char ret[JOURNAL_LINE_MAX], int64_t at_us, const uint8_t ip[16], int end, uint32_t requests, int64_t until_us)
{
    char text[NET_TEXT];

    net_ip_text(ip, text);
    return length(snprintf(ret, JOURNAL_LINE_MAX, "got %" PRId64 " %s %d %u %" PRId64 "\n", at_us, text, end, requests, until_us));
}

size_t probe_journal_name(char ret[JOURNAL_LINE_MAX], uint32_t at) { return length(snprintf(ret, JOURNAL_LINE_MAX, "name %u\n", at)); }
size_t probe_journal_end(char ret[JOURNAL_LINE_MAX], int64_t at_us) { return length(snprintf(ret, JOURNAL_LINE_MAX, "end %" PRId64 "\n", at_us)); }
