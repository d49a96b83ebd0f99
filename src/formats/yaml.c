#include "formats/yaml.h"

#include "base/num.h"

#include <yaml.h>

struct reader {
    yaml_parser_t     parser;
    struct arena     *a;
    struct err       *e;
    struct yaml_tree *tree;
    size_t            nodes;
};

/* What is wrong with the text is told in the tree; it is not an error of ours. Always false. */
static bool damaged(struct reader *r, size_t line, const char *what)
{
    r->tree->damaged = true;
    err_set(&r->tree->why, ERR_FORMAT, "line %zu: %s", line, what);
    return false;
}

static bool event(struct reader *r, yaml_event_t *ret)
{
    if (yaml_parser_parse(&r->parser, ret))
        return true;
    if (r->parser.error == YAML_MEMORY_ERROR)
        return err_set(r->e, ERR_MEMORY, "no memory for libyaml");
    size_t line = r->parser.problem_mark.line + 1;
    return damaged(r, line, r->parser.problem ? r->parser.problem : "not YAML");
}

static bool tag_fits(const yaml_char_t *tag, const char *want)
{
    return !tag || strcmp((const char *)tag, "!") == 0 || strcmp((const char *)tag, want) == 0;
}

static struct yaml_item *item_new(struct reader *r, const yaml_event_t *ev)
{
    if (++r->nodes > YAML_NODES_MAX) {
        err_set(r->e, ERR_LIMIT, "more than %d nodes of YAML", YAML_NODES_MAX);
        return NULL;
    }
    struct yaml_item *i = NEW(r->a, struct yaml_item, 1);
    if (!i)
        err_set(r->e, ERR_MEMORY, "no room for the YAML tree");
    else
        i->line = (uint32_t)(ev->start_mark.line + 1);
    return i;
}

static bool item_read(struct reader *r, const yaml_event_t *ev, int depth, struct yaml_item **ret);

/* The key of a map's next item, or its end (*ret_end). */
static bool key_read(struct reader *r, const struct yaml_item *map, struct str *ret, uint32_t *ret_line, bool *ret_end)
{
    yaml_event_t ev;

    if (!event(r, &ev))
        return false;
    bool   ok   = true;
    size_t line = ev.start_mark.line + 1;
    if (ev.type == YAML_MAPPING_END_EVENT) {
        *ret_end = true;
    } else if (ev.type != YAML_SCALAR_EVENT || ev.data.scalar.anchor || !tag_fits(ev.data.scalar.tag, YAML_STR_TAG)) {
        ok = damaged(r, line, "a key that is not a plain text");
    } else {
        *ret = str_dup(r->a, (struct str){ ev.data.scalar.value, ev.data.scalar.length });
        *ret_line = (uint32_t)line;
        if (!ret->p)
            ok = err_set(r->e, ERR_MEMORY, "no room for the YAML tree");
        else if (str_eq(*ret, STR("<<")) && ev.data.scalar.plain_implicit)
            ok = damaged(r, line, "a merge key");
        else if (yaml_get(map, *ret))
            ok = damaged(r, line, "one key twice");
    }
    yaml_event_delete(&ev);
    return ok;
}

static bool items_read(struct reader *r, struct yaml_item *into, int depth)
{
    struct yaml_item **last = &into->first;

    if (depth >= YAML_DEPTH_MAX)
        return err_set(r->e, ERR_LIMIT, "YAML deeper than %d levels", YAML_DEPTH_MAX);
    for (;;) {
        struct str   key = STR_EMPTY;
        uint32_t     line = 0;
        bool         end = false;
        yaml_event_t ev;

        if (into->kind == YAML_MAP) {
            if (!key_read(r, into, &key, &line, &end))
                return false;
            if (end)
                return true;
            if (into->count == YAML_KEYS_MAX)
                return err_set(r->e, ERR_LIMIT, "a map of more than %d keys", YAML_KEYS_MAX);
        }
        if (!event(r, &ev))
            return false;
        if (ev.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&ev);
            return true;
        }
        bool ok = item_read(r, &ev, depth + 1, last);
        yaml_event_delete(&ev);
        if (!ok)
            return false;
        (*last)->key = key;
        if (line)
            (*last)->line = line;
        last = &(*last)->next;
        into->count++;
    }
}

static bool item_read(struct reader *r, const yaml_event_t *ev, int depth, struct yaml_item **ret)
{
    struct yaml_item *i = item_new(r, ev);
    bool              ok;

    if (!i)
        return false;
    switch (ev->type) {
    case YAML_SCALAR_EVENT:
        if (ev->data.scalar.anchor)
            return damaged(r, i->line, "an anchor");
        if (!tag_fits(ev->data.scalar.tag, YAML_STR_TAG))
            return damaged(r, i->line, "a tag");
        i->plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !ev->data.scalar.tag;
        i->text  = str_dup(r->a, (struct str){ ev->data.scalar.value, ev->data.scalar.length });
        ok = i->text.p || err_set(r->e, ERR_MEMORY, "no room for the YAML tree");
        break;
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        i->kind = ev->type == YAML_MAPPING_START_EVENT ? YAML_MAP : YAML_LIST;
        if (i->kind == YAML_MAP ? ev->data.mapping_start.anchor != NULL : ev->data.sequence_start.anchor != NULL)
            return damaged(r, i->line, "an anchor");
        if (!tag_fits(i->kind == YAML_MAP ? ev->data.mapping_start.tag : ev->data.sequence_start.tag,
                      i->kind == YAML_MAP ? YAML_MAP_TAG : YAML_SEQ_TAG))
            return damaged(r, i->line, "a tag");
        ok = items_read(r, i, depth);
        break;
    case YAML_ALIAS_EVENT:
        return damaged(r, i->line, "an alias");
    default:
        return damaged(r, i->line, "an unexpected end");
    }
    if (ok)
        *ret = i;
    return ok;
}

static bool documents_read(struct reader *r)
{
    struct yaml_item **last = &r->tree->doc;

    for (;;) {
        yaml_event_t      ev;
        struct yaml_item *doc = NULL;

        if (!event(r, &ev))
            return false;
        yaml_event_type_t type = ev.type;
        if (type == YAML_STREAM_START_EVENT || type == YAML_DOCUMENT_START_EVENT || type == YAML_DOCUMENT_END_EVENT) {
            yaml_event_delete(&ev);
            continue;
        }
        bool ok = type == YAML_STREAM_END_EVENT || item_read(r, &ev, 0, &doc);
        yaml_event_delete(&ev);
        if (!ok)
            return false;
        if (type == YAML_STREAM_END_EVENT)
            return true;
        *last = doc;
        last  = &doc->next;
        r->tree->count++;
    }
}

bool yaml_read(struct yaml_tree *ret, struct arena *a, struct str in, struct err *e)
{
    struct yaml_tree tree = { .doc = NULL };
    struct err       mine = { 0 };
    struct reader    r    = { .a = a, .e = &mine, .tree = &tree };

    if (in.n > YAML_BYTES_MAX)
        return err_set(e, ERR_LIMIT, "%zu bytes of YAML, at most %d accepted", in.n, YAML_BYTES_MAX);
    if (!yaml_parser_initialize(&r.parser))
        return err_set(e, ERR_MEMORY, "no memory for libyaml");
    yaml_parser_set_input_string(&r.parser, in.n ? in.p : (const uint8_t *)"", in.n);
    documents_read(&r);
    yaml_parser_delete(&r.parser);
    if (mine.kind != ERR_NONE) {
        *e = mine;
        return false;
    }
    *ret = tree;
    return true;
}

const struct yaml_item *yaml_get(const struct yaml_item *m, struct str key)
{
    if (!m || m->kind != YAML_MAP)
        return NULL;
    for (const struct yaml_item *i = m->first; i; i = i->next)
        if (str_eq(i->key, key))
            return i;
    return NULL;
}

struct str yaml_text(const struct yaml_item *m, struct str key)
{
    const struct yaml_item *i = yaml_get(m, key);
    return i && i->kind == YAML_TEXT ? i->text : STR_EMPTY;
}

static bool one_of(struct str s, const char *const *word)
{
    for (; *word; word++)
        if (str_eq(s, str_c(*word)))
            return true;
    return false;
}

bool yaml_null(const struct yaml_item *i)
{
    static const char *const word[] = { "", "~", "null", "Null", "NULL", NULL };
    return i->kind == YAML_TEXT && i->plain && one_of(i->text, word);
}

bool yaml_number(const struct yaml_item *i)
{
    struct str d = i->text;

    if (i->kind != YAML_TEXT || !i->plain)
        return false;
    if (d.n && d.p[0] == '-')
        d = str_from(d, 1);
    for (size_t k = 0; k < d.n; k++)
        if (!ch_digit(d.p[k]))
            return false;
    return d.n > 0 && d.n < 20;
}

bool yaml_bool(const struct yaml_item *i, bool *ret)
{
    static const char *const yes[] = { "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", NULL };
    static const char *const no[]  = { "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", NULL };

    if (i->kind != YAML_TEXT || !i->plain || (!one_of(i->text, yes) && !one_of(i->text, no)))
        return false;
    *ret = one_of(i->text, yes);
    return true;
}
