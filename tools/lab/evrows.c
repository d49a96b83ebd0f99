/*
 * evrows: an event log out of the lines that `afterpatch events` prints.
 *
 * Rows     one JSON object a line: time, channel, provider, event_id, and as far as they are there record, level, computer, user, data. `data` is an object of names
 *          and texts (null: no value; a list: the same name again; "Data": without a name) or a list of texts without names. What else a line has is left out.
 * Values   are texts, whatever they were; numbers of System stand as numbers. So what is printed of the log is what was put in, but for the file's name.
 * Use      records for rules that somebody else wrote (tests/oracle), and data sets that are published as JSON.
 */
#include "lab/evlog.h"

#include "make_evtx.h"

#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 300, MADE_MAX = 600, LINE_MAX_BYTES = 8 << 20, SYSTEM_VALUES = 7, VALUES_MAX = 40000, DEFINITION_MAX = 20000 };

struct row { const char *channel, *provider, *computer, *user, *name[FIELDS_MAX], *value[FIELDS_MAX]; size_t n; uint64_t record, time, level; uint32_t id; bool array; };
struct made { uint64_t key; uint32_t off; };
struct rows {
    struct mk   m;
    uint8_t     chunk[3 * MK_CHUNK];
    struct made made[MADE_MAX];
    size_t      made_n;
    FILE       *out;
    uint64_t    next;
    uint16_t    chunks;
};

static const char *text(struct json_object *o, const char *key)
{
    struct json_object *v;
    return json_object_object_get_ex(o, key, &v) && v ? json_object_get_string(v) : NULL;
}

static uint64_t number(struct json_object *o, const char *key, uint64_t other)
{
    struct json_object *v;
    return json_object_object_get_ex(o, key, &v) && v ? (uint64_t)json_object_get_int64(v) : other;
}

static uint64_t ticks(const char *s)
{
    char    head[24] = { 0 };
    int64_t us;
    uint64_t more = 0;

    if (!s || strlen(s) < 20)
        return s ? strtoull(s, NULL, 10) : 0;
    memcpy(head, s, 19), head[19] = 'Z';
    if (!time_parse(str_c(head), &us))
        lab_die("%s is no time", s);
    if (s[19] == '.') {
        size_t n = 0;
        for (const char *p = s + 20; *p >= '0' && *p <= '9' && n < 7; p++, n++)
            more = more * 10 + (uint64_t)(*p - '0');
        for (; n < 7; n++)
            more *= 10;
    }
    return (uint64_t)(us * 10 + INT64_C(116444736000000000)) + more;
}

static void field(struct row *r, const char *name, struct json_object *v)
{
    if (r->n == FIELDS_MAX)
        lab_die("a record of %d fields is too much", FIELDS_MAX);
    r->name[r->n]    = name;
    r->value[r->n++] = v ? json_object_get_string(v) : NULL;
}

static void fields(struct row *r, struct json_object *data)
{
    if (json_object_is_type(data, json_type_array)) {
        r->array = true;
        for (size_t i = 0; i < json_object_array_length(data); i++)
            field(r, NULL, json_object_array_get_idx(data, i));
    } else if (json_object_is_type(data, json_type_object)) {
        json_object_object_foreach(data, key, v) {
            const char *name = !strcmp(key, "Data") ? NULL : key;
            if (!json_object_is_type(v, json_type_array))
                field(r, name, v);
            for (size_t i = 0; json_object_is_type(v, json_type_array) && i < json_object_array_length(v); i++)
                field(r, name, json_object_array_get_idx(v, i));
        }
    }
}

static void row_of(struct rows *w, struct json_object *o, struct row *r)
{
    struct json_object *data = NULL;

    memset(r, 0, sizeof *r);
    r->channel  = text(o, "channel");
    r->provider = text(o, "provider");
    r->computer = text(o, "computer");
    r->user     = text(o, "user");
    r->id       = (uint32_t)number(o, "event_id", 0);
    r->level    = number(o, "level", 4);
    r->record   = number(o, "record", w->next);
    r->time     = ticks(text(o, "time"));
    w->next     = r->record + 1;
    (void)json_object_object_get_ex(o, "data", &data);
    fields(r, data);
}

static uint64_t key_of(const struct row *r)
{
    uint64_t h = str_hash(str_c(r->channel ? r->channel : "-")) * 31 ^ str_hash(str_c(r->provider ? r->provider : "-")) * 37 ^ str_hash(str_c(r->computer ? r->computer : "-"));

    for (size_t i = 0; i < r->n && !r->array; i++)
        h = (h ^ str_hash(r->name[i] ? str_c(r->name[i]) : STR("-"))) * UINT64_C(0x9E3779B97F4A7C15) + i;
    return h + r->array;
}

static void define(struct mk *m, const struct row *r)
{
    mk_open(m, "Event", false), mk_shut(m);
    mk_open(m, "System", false), mk_shut(m);
    if (r->provider)
        mk_tag(m, "Provider", "Name", r->provider, -1, 0);
    mk_leaf(m, "EventID", NULL, 0, 6), mk_leaf(m, "Level", NULL, 1, 4);
    mk_tag(m, "TimeCreated", "SystemTime", NULL, 2, 17);
    mk_leaf(m, "EventRecordID", NULL, 3, 10);
    if (r->channel)
        mk_leaf(m, "Channel", r->channel, -1, 0);
    if (r->computer)
        mk_leaf(m, "Computer", r->computer, -1, 0);
    mk_tag(m, "Security", "UserID", NULL, 4, 19);
    mk_end(m);
    mk_open(m, "EventData", false), mk_shut(m);
    if (r->array)
        mk_data(m, NULL, 5, 0x81);
    for (size_t i = 0; i < r->n && !r->array; i++)
        mk_data(m, r->name[i], (int)(5 + i), 1);
    mk_end(m), mk_end(m);
}

static void put_text(struct mk *m, const char *s)
{
    static uint8_t room[2 * VALUES_MAX];
    mk_value(m, s ? 1 : 0, room, s ? ev_wide(room, s) : 0);
}

static void put_row(struct rows *w, const struct row *r)
{
    static uint8_t array[2 * VALUES_MAX];
    struct mk     *m = &w->m;
    uint64_t       key = key_of(r);
    size_t         i = 0, bytes = 0;

    mk_record(m, r->record, r->time);
    while (i < w->made_n && w->made[i].key != key)
        i++;
    if (i < w->made_n) {
        mk_template(m, (uint32_t)key, w->made[i].off);
    } else {
        w->made[w->made_n++] = (struct made){ key, mk_template(m, (uint32_t)key, 0) };
        define(m, r);
        mk_template_end(m);
    }
    mk_values(m, (uint32_t)(5 + (r->array ? 1 : r->n)));
    mk_value_number(m, 6, r->id, 2), mk_value_number(m, 4, r->level, 1), mk_value_number(m, 17, r->time, 8), mk_value_number(m, 10, r->record, 8);
    if (r->user && !strncmp(r->user, "S-1-", 4))
        ev_put_sid(m, r->user);
    else
        mk_value(m, 0, NULL, 0);
    for (i = 0; i < r->n; i++) {
        if (!r->array) {
            put_text(m, r->value[i]);
            continue;
        }
        bytes += ev_wide(array + bytes, r->value[i] ? r->value[i] : "");
        array[bytes++] = 0, array[bytes++] = 0;
    }
    if (r->array)
        mk_value(m, 0x81, array, bytes);
    mk_record_end(m);
}

static void chunk_begin(struct rows *w)
{
    memset(w->chunk, 0, sizeof w->chunk);
    mk_chunk(&w->m, w->chunk);
    w->made_n = 0;
}

static void chunk_out(struct rows *w)
{
    mk_chunk_end(&w->m);
    if (fwrite(w->chunk, 1, MK_CHUNK, w->out) != MK_CHUNK)
        lab_die("an event log cannot be written");
    w->chunks++;
}

static void add(struct rows *w, const struct row *r)
{
    static struct rows before;
    size_t             values = 0, names = 0;

    for (size_t i = 0; i < r->n; i++) {
        values += 2 * (r->value[i] ? strlen(r->value[i]) : 0) + 6;
        names  += r->name[i] ? 2 * strlen(r->name[i]) + 60 : 60;
    }
    if (values > VALUES_MAX || names > DEFINITION_MAX)
        lab_die("record %llu does not fit into a chunk", (unsigned long long)r->record);
    before = *w;
    put_row(w, r);
    if (w->m.n <= MK_CHUNK && w->made_n < MADE_MAX)
        return;
    *w = before;
    w->m.p = w->chunk;
    memset(w->chunk + w->m.n, 0, sizeof w->chunk - w->m.n);
    chunk_out(w);
    chunk_begin(w);
    put_row(w, r);
}

int evrows_main(const char *rows, const char *to)
{
    static struct rows w = { .next = 1 };
    static char        line[LINE_MAX_BYTES];
    uint8_t            head[4096] = { 0 };
    FILE              *in = fopen(rows, "rb");

    w.out = fopen(to, "wb");
    if (!in || !w.out || fwrite(head, 1, sizeof head, w.out) != sizeof head)
        lab_die("cannot read %s or write %s", rows, to);
    chunk_begin(&w);
    while (fgets(line, sizeof line, in)) {
        static struct row   r;
        struct json_object *o = json_tokener_parse(line);
        if (!o)
            lab_die("%s: a line is no JSON: %.60s", rows, line);
        row_of(&w, o, &r);
        add(&w, &r);
        json_object_put(o);
    }
    chunk_out(&w);
    mk_file(head, w.chunks, 0);
    struct mk m = { .p = head };
    mk_set(&m, 24, w.next, 8), mk_set(&m, 124, crc32(0, head, 120), 4);
    if (fseek(w.out, 0, SEEK_SET) || fwrite(head, 1, sizeof head, w.out) != sizeof head || fclose(w.out) || fclose(in))
        lab_die("cannot write %s", to);
    return 0;
}
