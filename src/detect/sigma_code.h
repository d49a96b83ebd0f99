/*
 * sigma_code: what a rule's detection becomes. Private to the sigma_*.c files.
 *
 * Shape    a tree. Leaves test one value against one field (or the raw record); selections are shared through NODE_REF.
 * Bounds   SIGMA_NODES_MAX nodes a rule, SIGMA_DEPTH_MAX levels of condition, so matching recurses no deeper than that and a few.
 */
#ifndef DETECT_SIGMA_CODE_H
#define DETECT_SIGMA_CODE_H

#include "detect/pattern.h"
#include "detect/sigma.h"
#include "formats/yaml.h"

enum { SIGMA_NODES_MAX = 20000, SIGMA_DEPTH_MAX = 32, SIGMA_VALUE_MAX = 4096, SIGMA_GLOB_STEPS_MAX = 1 << 24, SIGMA_VARIANTS_MAX = 128 };
#define SIGMA_RAW UINT32_MAX          /* test.field: the record as it stands */

enum sigma_op {
    OP_IS, OP_CONTAINS, OP_STARTS, OP_ENDS, OP_GLOB, OP_PATTERN, OP_NET, OP_ABSENT, OP_EXISTS, OP_GT, OP_GTE, OP_LT, OP_LTE, OP_FIELD, OP_NONE
};
/* DASH: any of the five that Windows programs take for one; the last three are three bytes of UTF-8. */
enum { GLOB_STAR = 256, GLOB_ONE = 257, GLOB_DASH = 258 };

struct sigma_net { uint8_t p[16]; uint8_t bytes, bits; };          /* bytes: 4 or 16 */

struct sigma_test {
    enum sigma_op    op;
    uint32_t         field;
    bool             cased;
    bool             number;      /* a plain number: too common to search for */
    struct str       text;        /* OP_IS to OP_ENDS; OP_PATTERN: its source */
    const uint16_t  *glob;        /* OP_GLOB: bytes, GLOB_STAR, GLOB_ONE, GLOB_DASH */
    size_t           glob_n;
    struct pattern  *pattern;
    struct pattern_flags flags;
    double           limit;
    struct sigma_net net;
    uint32_t         other;       /* OP_FIELD: compared with this one, as `shape` says */
    enum sigma_op    shape;       /* OP_IS, OP_CONTAINS, OP_STARTS, OP_ENDS */
};

enum sigma_node_kind { NODE_TEST, NODE_AND, NODE_OR, NODE_NOT, NODE_REF };
struct sigma_node {
    enum sigma_node_kind kind;
    struct sigma_node   *kid, *next;
    struct sigma_test    test;
};

struct sigma_selection { struct str name; struct sigma_node *node; };

struct sigma_code {
    struct sigma_node *root;
    struct sigma_node *tests_with_pattern;      /* copies, to close them */
    _Atomic uint64_t  *limits;                  /* matches given up at a limit */
};

struct sigma_builder {
    struct arena *a;
    struct err   *e;              /* ERR_FORMAT: the rule is refused; ERR_MEMORY: the whole load fails */
    struct sigma *s;
    struct sigma_node *patterns;
    size_t        nodes;
    bool          elsewhere;      /* refused for its log source alone */
};

struct sigma_node *sigma_node_new(struct sigma_builder *b, enum sigma_node_kind kind);   /* NULL: e is set */
/* The index of a field name in s->field; false: no room. */
bool sigma_field_index(struct sigma_builder *b, struct str name, uint32_t *ret);

/* One selection of `detection:` (map, list of maps, list of keywords). */
bool sigma_selection_read(struct sigma_builder *b, const struct yaml_item *i, struct sigma_node **ret);
/* A condition, or a list of them. */
bool sigma_condition_read(struct sigma_builder *b, const struct yaml_item *i, const struct sigma_selection *sel, size_t n,
                          struct sigma_node **ret);

/* A value as a row of bytes, GLOB_STAR and GLOB_ONE. */
struct sigma_glob { uint16_t *p; size_t n; };
bool sigma_glob_read(struct sigma_builder *b, struct str value, struct sigma_glob *ret);
/* What a row tests, when a modifier opened its left or right end. */
bool sigma_glob_test(struct sigma_builder *b, const struct sigma_glob *g, bool open_left, bool open_right, struct sigma_test *ret);

/* Modifiers that change the value itself, in the order they are written. */
enum sigma_change { CHANGE_WINDASH, CHANGE_UTF16, CHANGE_UTF16LE, CHANGE_UTF16BE, CHANGE_BASE64, CHANGE_BASE64_OFFSET };
enum { SIGMA_CHANGES_MAX = 4 };
/* All the ways a value may stand in a record after these changes; they are alternatives. */
bool sigma_changes(struct sigma_builder *b, struct sigma_glob value, const enum sigma_change *change, size_t n, struct sigma_glob **ret, size_t *ret_n);

/* What stands before the colon: "name|contains|all". */
enum sigma_modifier {
    MOD_CONTAINS, MOD_STARTS, MOD_ENDS, MOD_ALL, MOD_RE, MOD_I, MOD_M, MOD_S, MOD_CIDR, MOD_EXISTS, MOD_CASED, MOD_GT, MOD_GTE, MOD_LT, MOD_LTE,
    MOD_NEQ, MOD_FIELDREF, MOD_WINDASH, MOD_UTF16, MOD_WIDE, MOD_UTF16LE, MOD_UTF16BE, MOD_BASE64, MOD_BASE64_OFFSET, MOD_COUNT
};
#define MODS_ORDER (1u << MOD_GT | 1u << MOD_GTE | 1u << MOD_LT | 1u << MOD_LTE)
struct sigma_key {
    struct str        name;
    uint32_t          field;                      /* SIGMA_RAW: keywords */
    unsigned          mods;                       /* bit per modifier */
    enum sigma_change change[SIGMA_CHANGES_MAX];
    size_t            change_n;
};
bool sigma_key_read(struct sigma_builder *b, struct str key, struct sigma_key *ret);

bool sigma_net_parse(struct str s, struct sigma_net *ret);
bool sigma_number_parse(struct str s, double *ret);
/* Does one value fit the test? *limits grows when a limit ended the try. */
bool sigma_test_value(const struct sigma_test *t, struct str value, struct arena scratch, uint64_t *limits);

#endif
