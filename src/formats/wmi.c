#include "formats/wmi.h"

#include "base/num.h"
#include "base/utf.h"
#include "formats/runs.h"

#include <string.h>

void wmi_open(struct wmi *w, struct arena *a) { *w = (struct wmi){ .a = a }; }

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the subscriptions of a WMI repository"); }

/* Names of properties and types: what follows the name of a class in its definition, not in an object of it. */
static bool is_definition(struct str s)
{
    static const char *const word[] = { "CommandLineTemplate", "ExecutablePath", "ScriptText", "ScriptFileName", "ScriptingEngine", "EventNamespace", "QueryLanguage", "EventAccess",
                                        "__EventConsumer", "__IndicationRelated", "__SystemClass", "CreatorSID", "KillTimeout", "MachineName", "Consumer" };
    for (size_t i = 0; i < COUNT_OF(word); i++)
        if (str_ieq(s, str_c(word[i])))
            return true;
    return false;
}

static bool is_hash(struct str s)
{
    if (s.n != 32 && s.n != 64)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (ch_hex(s.p[i]) < 0)
            return false;
    return true;
}

/* Another object begins here. */
static bool is_next(struct str s)
{
    return str_ends(s, STR("EventConsumer")) || str_ends(s, STR("__EventFilter")) || str_ends(s, STR("__FilterToConsumerBinding")) || is_hash(s) ||
           str_has(s, STR("EventConsumer.Name=\"")) || str_has(s, STR("__EventFilter.Name=\""));
}

static bool add(struct wmi *w, const struct wmi_item *it, struct arena scratch, struct err *e)
{
    struct str key = str_fmt(&scratch, "%d\1%.*s\1%.*s\1%.*s", (int)it->kind, STR_ARG(it->name), STR_ARG(it->text), STR_ARG(it->consumer));

    for (size_t i = 0; key.p && i < it->part_n; i++) {
        key = str_cat(&scratch, key, STR("\1"));
        key = key.p ? str_cat(&scratch, key, it->part[i]) : key;
    }
    if (!key.p)
        return no_room(e);
    uint32_t at = map_get(&w->known, key);
    if (at != MAP_NONE) {
        w->item[at].copies += w->item[at].copies < UINT32_MAX;
        return true;
    }
    if (w->n >= WMI_ITEMS_MAX) {
        w->more++;
        return true;
    }
    struct wmi_item *to = GROW(w->a, w->item, w->n, &w->cap);
    struct str       kept = str_dup(w->a, key);
    if (!to || !kept.p || !map_put(&w->known, w->a, kept, (uint32_t)w->n))
        return no_room(e);
    *to = *it;
    to->copies   = 1;
    to->name     = it->name.n ? str_dup(w->a, it->name) : STR("");
    to->text     = it->text.n ? str_dup(w->a, it->text) : STR("");
    to->consumer = it->consumer.n ? str_dup(w->a, it->consumer) : STR("");
    bool ok = to->name.p && to->text.p && to->consumer.p;
    for (size_t i = 0; i < to->part_n; i++) {
        to->part[i] = str_dup(w->a, it->part[i]);
        ok = ok && to->part[i].p;
    }
    w->n++;
    return ok || no_room(e);
}

/* The texts of an object, behind the name of its class. False: it is the definition of the class, or nothing. */
static bool parts_of(struct wmi_item *it, struct str in, struct arena *scratch, struct err *e)
{
    struct run r;

    for (size_t pos = 0; it->part_n < WMI_STRINGS_MAX && runs_next(in, &pos, 3, &r);) {
        struct str s = runs_text(scratch, in, r);
        if (!s.p)
            return no_room(e);
        if (is_next(s))
            break;
        if (is_definition(s)) {
            it->part_n = 0;
            return true;
        }
        it->part[it->part_n++] = str_sub(s, 0, WMI_TEXT_MAX);
    }
    return true;
}

/* The quoted name that begins at `at`, in either encoding. Empty: there is none. False: no room. */
static bool quoted(struct str in, size_t at, bool wide, struct arena *scratch, struct str *ret)
{
    enum { NAME_MAX_UNITS = 260 };
    size_t step = wide ? 2 : 1, i = at;

    for (size_t n = 0; n < NAME_MAX_UNITS && i + step <= in.n; n++, i += step) {
        bool high = wide && in.p[i + 1] != 0;
        if (!high && in.p[i] == '"') {
            struct str s = str_sub(in, at, i);
            *ret = wide && s.n ? utf_to8(scratch, s, UTF_16LE) : s;
            return s.n == 0 || ret->p;
        }
        if (!high && in.p[i] < 0x20)
            break;
    }
    *ret = STR_EMPTY;
    return true;
}

static struct str widen(struct str s, uint8_t to[128])
{
    size_t n = s.n < 64 ? s.n : 64;

    for (size_t i = 0; i < n; i++)
        to[2 * i] = s.p[i], to[2 * i + 1] = 0;
    return (struct str){ to, 2 * n };
}

/* `at`: the place of `Name="` of a consumer's reference. Its class stands before it, the filter's reference behind it or before. */
static bool binding(struct wmi *w, struct str in, size_t at, size_t len, bool wide, uint64_t off, struct arena scratch, struct err *e)
{
    enum { NEAR = 2048, CLASS_MAX = 64 };
    size_t          step = wide ? 2 : 1, from = at;
    uint8_t         room[128];
    struct wmi_item it = { .kind = WMI_BINDING, .off = off + at };
    struct str      ref = STR("__EventFilter.Name=\""), tail = wide ? widen(ref, room) : ref;

    while (from >= step && at - from < CLASS_MAX * step && (ch_alnum(in.p[from - step]) || in.p[from - step] == '_') && (!wide || in.p[from - 1] == 0))
        from -= step;
    struct str cls = str_sub(in, from, at + len - (wide ? 14 : 7));
    it.consumer = wide ? utf_to8(&scratch, cls, UTF_16LE) : cls;
    if (!it.consumer.p || !quoted(in, at + len, wide, &scratch, &it.name))
        return no_room(e);
    struct str after = str_sub(in, at + len, at + len + NEAR), before = str_sub(in, at > NEAR ? at - NEAR : 0, at);
    size_t k = str_find(after, tail), b = k == STR_NONE ? str_find(before, tail) : STR_NONE;
    struct str near = k != STR_NONE ? after : before;
    k = k != STR_NONE ? k : b;
    if (k != STR_NONE && !quoted(near, k + tail.n, wide, &scratch, &it.text))
        return no_room(e);
    if (!it.name.n || !it.text.n)
        return true;
    return add(w, &it, scratch, e);
}

static bool object(struct wmi *w, enum wmi_kind kind, struct str in, size_t at, size_t len, uint64_t off, struct arena scratch, struct err *e)
{
    struct wmi_item it = { .kind = kind, .off = off + at };

    /* A whole name, and the end of a text: "\0" stands behind it in an object. */
    if ((at > 0 && (ch_alnum(in.p[at - 1]) || in.p[at - 1] == '_')) || at + len >= in.n || in.p[at + len] != 0)
        return true;
    if (!parts_of(&it, str_sub(in, at + len, at + len + WMI_OVERLAP / 2), &scratch, e))
        return false;
    return it.part_n == 0 || add(w, &it, scratch, e);
}

bool wmi_scan(struct wmi *w, struct str window, uint64_t off, bool last, struct arena scratch, struct err *e)
{
    static const struct { struct str word; enum wmi_kind kind; bool reference; } marks[] = {
        { STR_INIT("EventConsumer.Name=\""), WMI_BINDING, true },
        { STR_INIT("CommandLineEventConsumer"), WMI_COMMAND, false },
        { STR_INIT("ActiveScriptEventConsumer"), WMI_SCRIPT, false },
        { STR_INIT("__EventFilter"), WMI_FILTER, false },
    };
    size_t  to = last ? window.n : window.n > WMI_OVERLAP ? window.n - WMI_OVERLAP : 0;
    uint8_t room[128];

    for (size_t m = 0; m < COUNT_OF(marks); m++) {
        for (int wide = 0; wide < 1 + (marks[m].reference ? 1 : 0); wide++) {
            struct str word = wide ? widen(marks[m].word, room) : marks[m].word;
            for (size_t from = 0; from < to;) {
                size_t at = str_find(str_from(window, from), word);
                if (at == STR_NONE || from + at >= to)
                    break;
                at += from;
                from = at + word.n;
                if (!(marks[m].reference ? binding(w, window, at, word.n, wide, off, scratch, e) : object(w, marks[m].kind, window, at, word.n, off, scratch, e)))
                    return false;
            }
        }
    }
    return true;
}

/* Queries are the parts that look like one; commands, what stands before the name; scripts, the longest part that is not the name. */
static void settle(struct wmi_item *it, size_t name)
{
    static const struct str no_name = STR_INIT("");
    size_t                  best = STR_NONE;

    it->name = name == STR_NONE ? no_name : it->part[name];
    if (it->kind == WMI_FILTER)
        for (size_t i = 0; i < it->part_n && best == STR_NONE; i++)
            best = str_istarts(str_trim(it->part[i]), STR("select ")) ? i : STR_NONE;
    else if (it->kind == WMI_COMMAND)
        best = name == 0 && it->part_n > 1 ? 1 : 0;
    else
        for (size_t i = 0; i < it->part_n; i++)
            if (i != name && !str_ieq(it->part[i], STR("VBScript")) && !str_ieq(it->part[i], STR("JScript")) &&
                (best == STR_NONE || it->part[i].n > it->part[best].n))
                best = i;
    it->text = best == STR_NONE ? no_name : it->part[best];
    if (it->kind == WMI_FILTER && name == STR_NONE && best != STR_NONE && best > 0)
        it->name = it->part[best - 1];
}

bool wmi_settle(struct wmi *w, struct err *e)
{
    w->filter.fold = w->consumer.fold = true;
    for (size_t i = 0; i < w->n; i++)
        if (w->item[i].kind == WMI_BINDING &&
            (!map_put(&w->filter, w->a, w->item[i].text, (uint32_t)i) || !map_put(&w->consumer, w->a, w->item[i].name, (uint32_t)i)))
            return no_room(e);
    for (size_t i = 0; i < w->n; i++) {
        struct wmi_item *it = &w->item[i];
        size_t           name = STR_NONE;
        if (it->kind == WMI_BINDING)
            continue;
        for (size_t p = 0; p < it->part_n && name == STR_NONE; p++)
            if (map_get(it->kind == WMI_FILTER ? &w->filter : &w->consumer, it->part[p]) != MAP_NONE)
                name = p;
        settle(it, name);
        /* A command line and the program it is given to: both are parts before the name. */
        if (it->kind == WMI_COMMAND && name != STR_NONE && name > 1) {
            it->text = str_fmt(w->a, "%.*s %.*s", STR_ARG(it->part[0]), STR_ARG(it->part[1]));
            if (!it->text.p)
                return no_room(e);
        }
    }
    return true;
}

const struct wmi_item *wmi_find(const struct wmi *w, enum wmi_kind kind, struct str name)
{
    for (size_t i = 0; i < w->n; i++)
        if (w->item[i].kind == kind && str_ieq(w->item[i].name, name))
            return &w->item[i];
    return NULL;
}
