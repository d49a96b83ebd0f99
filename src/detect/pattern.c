#include "detect/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { HEAP_MAX_KIB = 8192, NEST_MAX = 50 };

struct room { struct arena *a; bool full; };
struct pattern { pcre2_code *code; struct room room; };

static void *take(PCRE2_SIZE n, void *ctx)
{
    struct room *r = ctx;
    void        *p = arena_push(r->a, 1, n, 16);

    r->full |= !p;
    return p;
}
static void  give(void *p, void *ctx) { (void)p, (void)ctx; }     /* the arena goes as a whole */

bool pattern_compile(struct pattern **ret, struct arena *a, struct str text, struct pattern_flags f, struct err *e)
{
    if (text.n > PATTERN_MAX)
        return err_set(e, ERR_FORMAT, "regular expression of %zu bytes, at most %d accepted", text.n, PATTERN_MAX);
    if (str_starts(text, STR("(*")))
        return err_set(e, ERR_FORMAT, "regular expression starts with a verb");

    /* PCRE2 keeps the allocator's context with the code, and asks it for nothing any more once the code is made. */
    struct pattern        *p  = NEW(a, struct pattern, 1);
    if (!p)
        return err_set(e, ERR_MEMORY, "no room for a regular expression");
    p->room.a = a;
    pcre2_general_context *g  = pcre2_general_context_create(take, give, &p->room);
    pcre2_compile_context *cc = g ? pcre2_compile_context_create(g) : NULL;
    if (!cc)
        return err_set(e, ERR_MEMORY, "no room for a regular expression");
    pcre2_set_parens_nest_limit(cc, NEST_MAX);

    uint32_t opt = PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C | (f.fold ? PCRE2_CASELESS : 0) |
                   (f.multiline ? PCRE2_MULTILINE : 0) | (f.dot_all ? PCRE2_DOTALL : 0);
    int        why;
    PCRE2_SIZE at;
    p->code = pcre2_compile(text.n ? text.p : (const uint8_t *)"", text.n, opt, &why, &at, cc);
    if (!p->code) {
        char say[100] = "";
        if (p->room.full)
            return err_set(e, ERR_MEMORY, "no room for a regular expression");
        pcre2_get_error_message(why, (PCRE2_UCHAR *)say, sizeof say);
        return err_set(e, ERR_FORMAT, "regular expression: %s at %zu", say, (size_t)at);
    }
#ifndef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
    pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE);     /* where it may not run the interpreter does, slower and equal */
    if (p->room.full) {
        pcre2_code_free(p->code);
        return err_set(e, ERR_MEMORY, "no room for a regular expression");
    }
#endif
    p->room.a = NULL;                                   /* the arena's handle may not live as long as the pattern */
    *ret = p;
    return true;
}

enum pattern_answer pattern_match(const struct pattern *p, struct str in, struct arena scratch)
{
    struct room            room = { &scratch, false };
    pcre2_general_context *g  = pcre2_general_context_create(take, give, &room);
    pcre2_match_context   *mc = g ? pcre2_match_context_create(g) : NULL;
    pcre2_match_data      *md = mc ? pcre2_match_data_create(1, g) : NULL;

    if (!md)
        return PATTERN_LIMIT;
    pcre2_set_match_limit(mc, PATTERN_STEPS_MAX);
    pcre2_set_heap_limit(mc, HEAP_MAX_KIB);
    int rc = pcre2_match(p->code, in.n ? in.p : (const uint8_t *)"", in.n, 0, 0, md, mc);
    return rc >= 0 ? PATTERN_YES : rc == PCRE2_ERROR_NOMATCH ? PATTERN_NO : PATTERN_LIMIT;
}

void pattern_close(struct pattern *p)
{
    if (p)
        pcre2_code_free(p->code);
}
