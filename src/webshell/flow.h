/*
 * flow: walks the code of a page and reports every dangerous use, with what is known of each of its arguments and how they came there.
 *
 * How      abstract interpretation over ir, for all units of a page together: start of the page in order, then every method that nothing called
 *          (event handlers, Page_Load, web methods with marked parameters, ProcessRequest ...), twice, since fields carry values from one to the next.
 *          Calls of the page's own functions are walked with their arguments. Branches whose condition is known are decided, others are joined.
 *          Loops with known bounds run; others are walked twice. Folded text that is run as code is parsed and walked too.
 * Bounds   FLOW_STEPS_MAX nodes walked a page (and FLOW_STEPS_BYTE for each of its bytes, FLOW_STEPS_ALL in all), FLOW_CALLS_MAX nested calls, FLOW_NEST_MAX levels of code in code, FLOW_USES_MAX uses. Beyond: `cut`;
 *          what was found stays.
 * Same     one page, one result: no clock, no addresses.
 * Errors   false: the arena is full.
 * Not done aliasing of fields through copies, exceptions as control flow, threads.
 */
#ifndef WEBSHELL_FLOW_H
#define WEBSHELL_FLOW_H

#include "webshell/api.h"
#include "webshell/container.h"

enum { FLOW_STEPS_MAX = 2000000, FLOW_STEPS_BYTE = 64, FLOW_STEPS_ALL = 14000000, FLOW_CALLS_MAX = 24, FLOW_NEST_MAX = 6, FLOW_USES_MAX = 512, FLOW_ROLES = 8 };

struct role { char letter; struct val v; };
struct use {
    enum sink        sink;
    uint32_t         line;
    const struct ir *at;
    struct str       call;               /* "Process.Start", "eval": what was called, as the table spells it */
    struct role      role[FLOW_ROLES];
    size_t           role_n;
    uint32_t         nest;               /* levels of folded code above it */
    bool             binding;            /* inside <%# %> */
    bool             reached;            /* from the start of the page or an event; else only in code that nothing calls */
};

/* A comparison of request content with a constant, that code depends on. */
struct gate { uint32_t line; struct str key; struct str constant; bool hashed; };

struct flow {
    struct use  *use;   size_t use_n;
    struct gate *gate;  size_t gate_n;
    uint32_t     sources;                /* how often request content was read */
    uint32_t     key_n;
    struct str   key[32];                /* request items read, in order of first sight */
    uint32_t     swallowed;              /* empty handlers, On Error Resume Next */
    uint32_t     decoded_code;           /* pieces of folded text that were code */
    uint32_t     unread, escaped;
    bool         unclosed, cut;
    bool         page_text;              /* bytes or a stream were made of a fixed text that is a page with code */
    bool         late_names;             /* members or types were chosen by texts built from pieces */
};

/* False: no memory before anything was found; where it ends later, `cut`. units: parsed; control events and objects come from the container. */
bool flow_walk(struct flow *ret, struct arena *a, const struct container *page, const struct ir_unit *unit, size_t n);

#endif
