/*
 * yaml: a YAML text as a bounded tree. The one file that knows libyaml.
 *
 * Shape    documents of texts, lists and maps, in the order of the file. A map's item has a key.
 * Text     scalars are text: what "on" or "4104" means, the reader decides; `plain` tells that no quotes stood around it.
 * Bounds   YAML_BYTES_MAX of input, YAML_DEPTH_MAX levels, YAML_NODES_MAX nodes in all documents, YAML_KEYS_MAX keys in one map.
 * Errors   false only for ERR_MEMORY and ERR_LIMIT. What is not usable YAML ends the tree: documents before it stand, `damaged` is set
 *          and `why` says what and at which line.
 * Refused  anchors and aliases, tags that name a type, merge keys, keys that are not texts, one key twice in a map.
 * Owner    everything is copied into the arena.
 * Source   YAML 1.1 as libyaml reads it; interchange sheet, section 4.1.
 */
#ifndef FORMATS_YAML_H
#define FORMATS_YAML_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { YAML_BYTES_MAX = 4 << 20, YAML_DEPTH_MAX = 24, YAML_NODES_MAX = 200000, YAML_KEYS_MAX = 2000 };

enum yaml_kind { YAML_TEXT, YAML_LIST, YAML_MAP };

struct yaml_item {
    enum yaml_kind    kind;
    bool              plain;      /* a text without quotes and not a block */
    uint32_t          line;       /* 1-based; of a map's item: of its key (libyaml begins a block at its first item, a line later) */
    struct str        key;        /* of a map's item */
    struct str        text;
    struct yaml_item *first;      /* of a list or map */
    struct yaml_item *next;       /* its neighbour in the same list or map; of a document: the next document */
    size_t            count;      /* items of a list or map */
};

struct yaml_tree {
    struct yaml_item *doc;        /* first document; NULL: none. An empty document is a plain empty text. */
    size_t            count;
    bool              damaged;
    struct err        why;
};

bool yaml_read(struct yaml_tree *ret, struct arena *a, struct str in, struct err *e);

/* The item of a map with this key; NULL when there is none, or m is NULL or no map. */
const struct yaml_item *yaml_get(const struct yaml_item *m, struct str key);
/* The text of that item, or an empty one when it is missing or no text. */
struct str yaml_text(const struct yaml_item *m, struct str key);
/* A plain null: "", "~", "null", "Null", "NULL". */
bool yaml_null(const struct yaml_item *i);
/* A plain decimal integer, with or without '-'. */
bool yaml_number(const struct yaml_item *i);
/* Plain true or false (yes, no, on, off too). False: it is neither. */
bool yaml_bool(const struct yaml_item *i, bool *ret);

#endif
