/*
 * evlog: event logs as Windows writes them, on tests/make_evtx.h.
 *
 * A record is an instance of its provider's outer template (System, then one fragment), whose last value is an instance of the template of its fields.
 * A chunk that a record does not fit into is closed, and the record begins the next one with its names and templates anew.
 */
#include "lab/evlog.h"

#include "make_evtx.h"

#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 64, SYSTEM_VALUES = 11, FRAGMENT = SYSTEM_VALUES, KINDS_MAX = 128, TEMPLATES_MAX = 12288 };

struct rec { int64_t at_us; uint64_t seq; uint32_t kind; const char **value; };
struct field { const char *name; size_t name_n; char type; const char *usual; size_t usual_n; };
struct log { struct rec *rec; size_t n, cap; int64_t cleared_us; };
struct evlogs { struct log log[CH_COUNT]; uint64_t seq; };

static size_t fields_of(const struct evkind *k, struct field *ret)
{
    const char *p = k->shape == 'U' ? strchr(k->fields, '#') + 1 : k->fields;
    size_t      n = 0;

    while (*p) {
        size_t       len = strcspn(p, "|"), name = strcspn(p, ":=|");
        struct field f = { p, name, 't', "", 0 };
        if (n == FIELDS_MAX)
            lab_die("%s %u has too many fields", k->provider, k->id);
        if (p[name] == ':')
            f.type = p[name + 1], name += 2;
        if (p[name] == '=')
            f.usual = p + name + 1, f.usual_n = len - name - 1;
        ret[n++] = f;
        p += len + (p[len] == '|');
    }
    return n;
}

static const char *computer(struct lab *l) { return pool_fmt(&l->keep, "%s.%s", l->server, l->domain); }

/* The usual value with the server's own names in it. */
static const char *usual(struct lab *l, const struct field *f)
{
    struct buf b = { 0 };

    for (size_t i = 0; i < f->usual_n; i++) {
        bool token = f->usual[i] == '{' && i + 2 < f->usual_n && f->usual[i + 2] == '}';
        if (token)
            buf_str(&b, f->usual[i + 1] == 'S' ? l->server : f->usual[i + 1] == 'D' ? l->netbios : l->domain);
        else
            buf_chr(&b, f->usual[i]);
        i += token ? 2 : 0;
    }
    buf_chr(&b, 0);
    const char *text = pool_fmt(&l->keep, "%s", b.p);
    buf_free(&b);
    return text;
}

static uint32_t kind_of(enum chan c, unsigned id)
{
    for (uint32_t i = 0; i < evkind_n; i++)
        if (evkind_table[i].chan == c && evkind_table[i].id == id)
            return i;
    lab_die("no kind of event %u in %s", id, evchannel_table[c].name);
}

static struct evlogs *logs(struct lab *l)
{
    if (!l->evlogs && !(l->evlogs = calloc(1, sizeof *l->evlogs)))
        lab_die("out of memory");
    return l->evlogs;
}

void ev_add(struct lab *l, enum chan c, unsigned id, int64_t at_us, const char *const *pairs)
{
    struct evlogs *all = logs(l);
    struct log    *log = &all->log[c];
    struct rec     r = { .at_us = at_us, .seq = all->seq++, .kind = kind_of(c, id) };
    struct field   f[FIELDS_MAX];
    size_t         n = fields_of(&evkind_table[r.kind], f);

    r.value = (const char **)(void *)pool_room(&l->keep, (n + 1) * sizeof *r.value + 16);
    r.value = (const char **)(((uintptr_t)r.value + 15) & ~(uintptr_t)15);
    for (size_t i = 0; i < n; i++)
        r.value[i] = NULL;
    for (; pairs[0]; pairs += 2) {
        size_t i = 0;
        while (i < n && (strlen(pairs[0]) != f[i].name_n || memcmp(pairs[0], f[i].name, f[i].name_n)))
            i++;
        if (i == n)
            lab_die("event %u in %s has no field %s", id, evchannel_table[c].name, pairs[0]);
        r.value[i] = pool_fmt(&l->keep, "%s", pairs[1]);
    }
    for (size_t i = 0; i < n; i++)
        if (!r.value[i])
            r.value[i] = usual(l, &f[i]);
    if (log->n == log->cap) {
        log->cap = log->cap ? log->cap * 2 : 256;
        log->rec = realloc(log->rec, log->cap * sizeof *log->rec);
        if (!log->rec)
            lab_die("out of memory");
    }
    log->rec[log->n++] = r;
}

void ev_clear(struct lab *l, enum chan c, int64_t at_us, const char *user)
{
    if (c == CH_SECURITY)
        EV(l, CH_SECURITY, 1102, at_us, "SubjectUserName", user);
    else
        EV(l, CH_SYSTEM, 104, at_us, "SubjectUserName", user, "Channel", evchannel_table[c].name);
    logs(l)->log[c].cleared_us = at_us;
}

/* ---- writing ---- */

struct writer {
    struct mk      m;
    uint8_t        chunk[2 * MK_CHUNK];
    uint32_t       outer[KINDS_MAX], inner[KINDS_MAX];      /* where their definitions are in this chunk; 0: not yet */
    FILE          *out;
    uint64_t       id;
    uint16_t       chunks;
};

void ev_put_sid(struct mk *m, const char *text)
{
    uint8_t  b[8 + 15 * 4] = { 1 };
    size_t   n = 0;
    char    *end;
    const char *p = text;

    if (strncmp(p, "S-1-", 4))
        lab_die("%s is no SID", text);
    b[7] = (uint8_t)strtoul(p + 4, &end, 10);
    for (; *end == '-' && n < 15; n++) {
        uint32_t v = (uint32_t)strtoul(end + 1, &end, 10);
        for (int i = 0; i < 4; i++)
            b[8 + 4 * n + (size_t)i] = (uint8_t)(v >> 8 * i);
    }
    b[1] = (uint8_t)n;
    mk_value(m, 19, b, 8 + 4 * n);
}

static void put_guid(struct mk *m, const char *text)
{
    static const uint8_t at[] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
    uint8_t b[16] = { 0 };
    size_t  n = 0;

    for (const char *p = text; *p && n < 32; p++) {
        int v = *p >= '0' && *p <= '9' ? *p - '0' : *p >= 'a' && *p <= 'f' ? *p - 'a' + 10 : *p >= 'A' && *p <= 'F' ? *p - 'A' + 10 : -1;
        if (v >= 0) {
            b[at[n / 2]] = (uint8_t)(b[at[n / 2]] | v << (n % 2 ? 0 : 4));
            n++;
        }
    }
    mk_value(m, 15, b, 16);
}

size_t ev_wide(uint8_t *to, const char *s)
{
    size_t n = 0;

    for (const uint8_t *p = (const uint8_t *)s; *p; p++) {
        uint32_t c = *p;
        if (c >= 0xF0)
            c = (c & 7) << 18 | (p[1] & 63u) << 12 | (p[2] & 63u) << 6 | (p[3] & 63u), p += 3;
        else if (c >= 0xE0)
            c = (c & 15) << 12 | (p[1] & 63u) << 6 | (p[2] & 63u), p += 2;
        else if (c >= 0xC0)
            c = (c & 31) << 6 | (p[1] & 63u), p += 1;
        if (c > 0xFFFF) {
            uint32_t high = 0xD7C0 + (c >> 10);
            to[n++] = (uint8_t)high;
            to[n++] = (uint8_t)(high >> 8);
            c = 0xDC00 | (c & 0x3FF);
        }
        to[n++] = (uint8_t)c;
        to[n++] = (uint8_t)(c >> 8);
    }
    return n;
}

static const uint8_t type_of[128] = { ['t'] = 1, ['s'] = 19, ['g'] = 15, ['h'] = 21, ['x'] = 20, ['u'] = 8, ['i'] = 7, ['w'] = 6, ['q'] = 10, ['b'] = 13, ['f'] = 17 };

static void put_value(struct mk *m, char type, const char *text)
{
    static uint8_t room[2 * MK_CHUNK];
    uint64_t       v = type == 't' || type == 's' || type == 'g' ? 0 : type == 'b' ? !strcmp(text, "true") : strtoull(text, NULL, 0);
    size_t         bytes = type == 'w' ? 2 : type == 'h' || type == 'q' || type == 'f' ? 8 : 4;

    if (type == 's')
        ev_put_sid(m, text);
    else if (type == 'g')
        put_guid(m, text);
    else if (type == 't')
        mk_value(m, 1, room, ev_wide(room, text));
    else
        mk_value_number(m, type_of[(uint8_t)type], v, bytes);
}

static void define_outer(struct lab *l, struct mk *m, const struct evkind *k)
{
    mk_open(m, "Event", true), mk_attr(m, "xmlns"), mk_text(m, "http://schemas.microsoft.com/win/2004/08/events/event"), mk_shut(m);
    mk_open(m, "System", false), mk_shut(m);
    mk_open(m, "Provider", true);
    if (k->guid)
        mk_attr_more(m, "Name"), mk_text(m, k->provider), mk_attr(m, "Guid"), mk_text(m, pool_fmt(&l->keep, "{%s}", k->guid));
    else
        mk_attr(m, "Name"), mk_text(m, k->provider);
    mk_empty(m);
    mk_open(m, "EventID", !k->guid);
    if (!k->guid)
        mk_attr(m, "Qualifiers"), mk_text(m, "16384");
    mk_shut(m), mk_sub(m, 0, 6), mk_end(m);
    mk_leaf(m, "Version", NULL, 1, 4), mk_leaf(m, "Level", NULL, 2, 4), mk_leaf(m, "Task", NULL, 3, 6), mk_leaf(m, "Opcode", NULL, 4, 4), mk_leaf(m, "Keywords", NULL, 5, 21);
    mk_tag(m, "TimeCreated", "SystemTime", NULL, 6, 17);
    mk_leaf(m, "EventRecordID", NULL, 7, 10);
    mk_open(m, "Execution", true), mk_attr_more(m, "ProcessID"), mk_sub(m, 8, 8), mk_attr(m, "ThreadID"), mk_sub(m, 9, 8), mk_empty(m);
    mk_leaf(m, "Channel", evchannel_table[k->chan].name, -1, 0), mk_leaf(m, "Computer", computer(l), -1, 0);
    mk_tag(m, "Security", "UserID", NULL, 10, 19);
    mk_end(m);
    mk_sub(m, FRAGMENT, 33);
    mk_end(m);
}

static void define_inner(struct lab *l, struct mk *m, const struct evkind *k, const struct field *f, size_t n)
{
    const char *at = strchr(k->fields, '@'), *hash = strchr(k->fields, '#');
    const char *element = k->shape != 'U' ? NULL : pool_fmt(&l->keep, "%.*s", (int)(at - k->fields), k->fields);

    mk_open(m, k->shape == 'U' ? "UserData" : "EventData", false), mk_shut(m);
    if (k->shape == 'U')
        mk_open(m, element, true), mk_attr(m, "xmlns"), mk_text(m, pool_fmt(&l->keep, "%.*s", (int)(hash - at - 1), at + 1)), mk_shut(m);
    for (size_t i = 0; i < n && k->shape != 'A'; i++) {
        const char *name = pool_fmt(&l->keep, "%.*s", (int)f[i].name_n, f[i].name);
        if (k->shape == 'U')
            mk_leaf(m, name, NULL, (int)i, type_of[(uint8_t)f[i].type]);
        else
            mk_data(m, name, (int)i, type_of[(uint8_t)f[i].type]);
    }
    if (k->shape == 'A') {
        mk_data(m, NULL, 0, 0x81);
        mk_open(m, "Binary", false), mk_shut(m), mk_sub(m, 1, 14), mk_end(m);
    }
    if (k->shape == 'U')
        mk_end(m);
    mk_end(m);
}

static void instance(struct mk *m, uint32_t id, uint32_t *def, void (*define)(void *ctx), void *ctx)
{
    if (*def) {
        mk_template(m, id, *def);
        return;
    }
    *def = mk_template(m, id, 0);
    define(ctx);
    mk_template_end(m);
}

struct defining { struct lab *l; struct mk *m; const struct evkind *k; const struct field *f; size_t n; };
static void outer_now(void *ctx) { struct defining *d = ctx; define_outer(d->l, d->m, d->k); }
static void inner_now(void *ctx) { struct defining *d = ctx; define_inner(d->l, d->m, d->k, d->f, d->n); }

static void put_fragment(struct writer *w, const struct rec *r, struct defining *d)
{
    static uint8_t array[2 * MK_CHUNK];
    struct mk     *m = &w->m;
    size_t         values = m->values, at = m->n, bytes = 0;

    mk_put(m, 0x0001010F, 4);
    instance(m, 1001 + 2 * r->kind, &w->inner[r->kind], inner_now, d);
    mk_values(m, d->k->shape == 'A' ? 2 : (uint32_t)d->n);
    if (d->k->shape == 'A') {
        for (size_t i = 0; i < d->n; i++) {
            bytes += ev_wide(array + bytes, r->value[i]);
            array[bytes++] = 0, array[bytes++] = 0;
        }
        mk_value(m, 0x81, array, bytes), mk_value(m, 0, NULL, 0);
    } else {
        for (size_t i = 0; i < d->n; i++)
            put_value(m, d->f[i].type, r->value[i]);
    }
    mk_put(m, 0, 1);
    mk_set(m, values + 4 * FRAGMENT, m->n - at, 2), mk_set(m, values + 4 * FRAGMENT + 2, 33, 1);
}

static void put_record(struct lab *l, struct writer *w, const struct rec *r)
{
    const struct evkind *k = &evkind_table[r->kind];
    struct field         f[FIELDS_MAX];
    struct defining      d = { l, &w->m, k, f, fields_of(k, f) };
    struct mk           *m = &w->m;
    uint64_t             filetime = (uint64_t)(r->at_us * 10 + INT64_C(116444736000000000));

    mk_record(m, w->id, filetime);
    instance(m, 1000 + 2 * r->kind, &w->outer[r->kind], outer_now, &d);
    mk_values(m, SYSTEM_VALUES + 1);
    mk_value_number(m, 6, k->id, 2), mk_value_number(m, 4, k->version, 1), mk_value_number(m, 4, k->level, 1), mk_value_number(m, 6, k->task, 2), mk_value_number(m, 4, 0, 1);
    mk_value_number(m, 21, k->keywords, 8), mk_value_number(m, 17, filetime, 8), mk_value_number(m, 10, w->id, 8), mk_value_number(m, 8, k->chan == CH_SECURITY ? 4 : 1216, 4);
    mk_value_number(m, 8, 100 + w->id % 40 * 4, 4);
    if (k->shape == 'A' || k->chan == CH_SECURITY)
        mk_value(m, 0, NULL, 0);
    else
        ev_put_sid(m, "S-1-5-18");
    put_fragment(w, r, &d);
    mk_record_end(m);
}

static void chunk_begin(struct writer *w)
{
    mk_chunk(&w->m, w->chunk);
    memset(w->outer, 0, sizeof w->outer);
    memset(w->inner, 0, sizeof w->inner);
}

static void chunk_out(struct writer *w)
{
    mk_chunk_end(&w->m);
    if (fwrite(w->chunk, 1, MK_CHUNK, w->out) != MK_CHUNK)
        lab_die("an event log cannot be written");
    w->chunks++;
}

static int by_time(const void *x, const void *y)
{
    const struct rec *a = x, *b = y;

    if (a->at_us != b->at_us)
        return a->at_us < b->at_us ? -1 : 1;
    return a->seq < b->seq ? -1 : a->seq > b->seq;
}

/* May the record not fit any more? Templates, names and numbers of one take less than TEMPLATES_MAX. */
static bool near_end(const struct writer *w, const struct rec *r)
{
    struct field f[FIELDS_MAX];
    size_t       n = fields_of(&evkind_table[r->kind], f), bytes = TEMPLATES_MAX;

    for (size_t i = 0; i < n; i++)
        bytes += 2 * strlen(r->value[i]) + 2;
    return w->m.n + bytes > MK_CHUNK;
}

static void log_write(struct lab *l, enum chan c, struct log *log)
{
    static struct writer w, before;
    const char *path = pool_fmt(&l->keep, "C/Windows/System32/winevt/Logs/%s.evtx", evchannel_table[c].file);
    uint8_t     head[4096];
    int64_t     last = l->start_us;

    qsort(log->rec, log->n, sizeof *log->rec, by_time);
    memset(&w, 0, sizeof w);
    w.out = file_create(l, path);
    w.id  = 1 + (uint64_t)c * 977;
    memset(head, 0, sizeof head);
    fwrite(head, 1, sizeof head, w.out);
    chunk_begin(&w);
    for (size_t i = 0; i < log->n; i++) {
        if (log->rec[i].at_us < log->cleared_us) {
            w.id++;
            continue;
        }
        if (near_end(&w, &log->rec[i]))
            before = w;
        put_record(l, &w, &log->rec[i]);
        if (w.m.n > MK_CHUNK) {
            w = before;
            if (w.m.n == 512)
                lab_die("an event is larger than a chunk");
            memset(w.chunk + w.m.n, 0, sizeof w.chunk - w.m.n);
            chunk_out(&w);
            chunk_begin(&w);
            put_record(l, &w, &log->rec[i]);
        }
        last = log->rec[i].at_us;
        w.id++;
    }
    chunk_out(&w);
    mk_file(head, w.chunks, 0);
    struct mk m = { .p = head };
    mk_set(&m, 24, w.id, 8), mk_set(&m, 124, crc32(0, head, 120), 4);
    if (fseek(w.out, 0, SEEK_SET) || fwrite(head, 1, sizeof head, w.out) != sizeof head)
        lab_die("an event log cannot be written");
    file_close(w.out, path);
    file_touch(l, path, last);
}

void evlog_write(struct lab *l)
{
    if (!l->evlogs)
        return;
    if (evkind_n > KINDS_MAX)
        lab_die("more kinds of events than the writer takes");
    for (enum chan c = 0; c < CH_COUNT; c++) {
        if (l->evlogs->log[c].n)
            log_write(l, c, &l->evlogs->log[c]);
        free(l->evlogs->log[c].rec);
    }
    free(l->evlogs);
    l->evlogs = NULL;
}
