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

enum { SIGMA_NODES_MAX = 20000, SIGMA_DEPTH_MAX = 32, SIGMA_VALUE_MAX = 4096, SIGMA_GLOB_STEPS_MAX = 1 << 24 };
#define SIGMA_RAW UINT32_MAX          /* test.field: the record as it stands */

enum sigma_op {
    OP_IS, OP_CONTAINS, OP_STARTS, OP_ENDS, OP_GLOB, OP_PATTERN, OP_NET, OP_ABSENT, OP_EXISTS, OP_GT, OP_GTE, OP_LT, OP_LTE
};
enum { GLOB_STAR = 256, GLOB_ONE = 257 };

struct sigma_net { uint8_t p[16]; uint8_t bytes, bits; };          /* bytes: 4 or 16 */

struct sigma_test {
    enum sigma_op    op;
    uint32_t         field;
    bool             cased;
    bool             number;      /* a plain number: too common to search for */
    struct str       text;        /* OP_IS to OP_ENDS; OP_PATTERN: its source */
    const uint16_t  *glob;        /* OP_GLOB: bytes, GLOB_STAR, GLOB_ONE */
    size_t           glob_n;
    struct pattern  *pattern;
    struct pattern_flags flags;
    double           limit;
    struct sigma_net net;
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
};

struct sigma_node *sigma_node_new(struct sigma_builder *b, enum sigma_node_kind kind);   /* NULL: e is set */
/* The index of a field name in s->field; false: no room. */
bool sigma_field_index(struct sigma_builder *b, struct str name, uint32_t *ret);

/* One selection of `detection:` (map, list of maps, list of keywords). */
bool sigma_selection_read(struct sigma_builder *b, const struct yaml_item *i, struct sigma_node **ret);
/* A condition, or a list of them. */
bool sigma_condition_read(struct sigma_builder *b, const struct yaml_item *i, const struct sigma_selection *sel, size_t n,
                          struct sigma_node **ret);

/* Values. `open_left`, `open_right`: a modifier opened that end. */
bool sigma_value_read(struct sigma_builder *b, struct str value, bool open_left, bool open_right, struct sigma_test *ret);
bool sigma_net_parse(struct str s, struct sigma_net *ret);
bool sigma_number_parse(struct str s, double *ret);
/* Does one value fit the test? *limits grows when a limit ended the try. */
bool sigma_test_value(const struct sigma_test *t, struct str value, struct arena scratch, uint64_t *limits);

#endif
