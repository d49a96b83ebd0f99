#include "cli/events_out.h"

#include "base/map.h"
#include "emit/json.h"

enum { FEW = 24 };      /* so many names are compared one by one */

struct texts { struct str system[EVTX_SYSTEM_N], *field, *name; uint32_t *next; bool *later; bool any_name; };

/* Everything that needs memory is made before the first byte is written. */
static bool texts(struct arena *a, const struct evtx_event *ev, struct texts *t)
{
    for (size_t i = 0; i < EVTX_SYSTEM_N; i++)
        if (ev->system[i].type != EVTX_NULL && !(t->system[i] = evtx_value_text(a, ev->system[i])).p)
            return false;
    t->field = NEW(a, struct str, ev->field_n + 1);
    t->name  = NEW(a, struct str, ev->field_n + 1);
    t->next  = NEW(a, uint32_t, ev->field_n + 1);
    t->later = NEW(a, bool, ev->field_n + 1);
    if (!t->field || !t->name || !t->next || !t->later)
        return false;
    for (size_t i = 0; i < ev->field_n; i++) {
        t->any_name |= ev->field[i].name.n > 0;
        t->name[i]   = ev->field[i].name.n ? ev->field[i].name : STR("Data");
        t->next[i]   = MAP_NONE;
        if (ev->field[i].value.type != EVTX_NULL && !(t->field[i] = evtx_value_text(a, ev->field[i].value)).p)
            return false;
    }
    return true;
}

/* Chains equal names. */
static bool chains(struct arena *a, size_t n, struct texts *t)
{
    struct map last = { 0 };

    for (size_t i = 0; i < n; i++) {
        uint32_t before = MAP_NONE;
        if (n <= FEW) {
            for (size_t k = i; k-- > 0 && before == MAP_NONE;)
                if (str_eq(t->name[k], t->name[i]))
                    before = (uint32_t)k;
        } else {
            before = map_get(&last, t->name[i]);
            if (!map_put(&last, a, t->name[i], (uint32_t)i))
                return false;
        }
        if (before != MAP_NONE) {
            t->next[before] = (uint32_t)i;
            t->later[i]     = true;
        }
    }
    return true;
}

static void text(struct js *j, struct str s)
{
    if (s.p)
        js_str(j, s);
    else
        js_null(j);
}

static void data(struct js *j, const struct evtx_event *ev, const struct texts *t)
{
    if (!t->any_name && ev->field_n) {
        js_array(j);
        for (size_t i = 0; i < ev->field_n; i++)
            text(j, t->field[i]);
        js_end(j);
        return;
    }
    js_object(j);
    for (size_t i = 0; i < ev->field_n; i++) {
        if (t->later[i])
            continue;
        js_key_str(j, t->name[i]);
        if (t->next[i] == MAP_NONE) {
            text(j, t->field[i]);
            continue;
        }
        js_array(j);
        for (uint32_t k = (uint32_t)i; k != MAP_NONE; k = t->next[k])
            text(j, t->field[k]);
        js_end(j);
    }
    js_end(j);
}

static void number(struct js *j, const char *key, struct evtx_value v)
{
    uint64_t n;

    js_key(j, key);
    if (evtx_value_number(v, &n))
        js_u64(j, n);
    else
        js_null(j);
}

static void named(struct js *j, const char *key, struct str s)
{
    js_key(j, key);
    text(j, s);
}

static struct str written(struct arena *a, uint64_t ticks)
{
    uint8_t raw[8];

    for (size_t i = 0; i < sizeof raw; i++)
        raw[i] = (uint8_t)(ticks >> 8 * i);
    return evtx_value_text(a, (struct evtx_value){ EVTX_FILETIME, { raw, sizeof raw } });
}

bool events_out_json(struct out *o, struct arena a, const struct events_said *s)
{
    const struct evtx_event *ev = s->event;
    struct texts             t = { 0 };
    struct js                j;

    if (!texts(&a, ev, &t) || !chains(&a, ev->field_n, &t))
        return false;
    struct str time = ev->system[EVTX_TIME].type == EVTX_FILETIME ? t.system[EVTX_TIME] : written(&a, s->record->written);
    if (!time.p)
        return false;
    js_open(&j, o, true);
    js_object(&j);
    named(&j, "file", s->file);
    js_key(&j, "record");
    js_u64(&j, s->record->id);
    named(&j, "time", time);
    named(&j, "channel", t.system[EVTX_CHANNEL]);
    named(&j, "provider", t.system[EVTX_PROVIDER]);
    number(&j, "event_id", ev->system[EVTX_EVENT_ID]);
    number(&j, "level", ev->system[EVTX_LEVEL]);
    named(&j, "computer", t.system[EVTX_COMPUTER]);
    named(&j, "user", t.system[EVTX_USER]);
    if (s->system) {
        js_key(&j, "system");
        js_object(&j);
        for (size_t i = 0; i < EVTX_SYSTEM_N; i++)
            if (t.system[i].p)
                named(&j, evtx_system_name((enum evtx_system)i), t.system[i]);
        js_end(&j);
    }
    js_key(&j, "data");
    data(&j, ev, &t);
    if (s->record->slack) {
        js_key(&j, "slack");
        js_bool(&j, true);
    }
    if (s->checksum_bad) {
        js_key(&j, "checksum");
        js_bool(&j, false);
    }
    if (ev->damaged) {
        js_key(&j, "damaged");
        js_c(&j, ev->damaged);
    }
    js_end(&j);
    out_c(o, "\n");
    return true;
}
