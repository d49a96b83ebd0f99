#include "webshell/clike_inner.h"

/* Tokens are put at the far end of the arena and given back when the tree stands. */
static struct token *room_for_tokens(struct arena *a, size_t code_bytes, uint32_t *ret_cap)
{
    size_t most = code_bytes + 8 < CLIKE_TOKENS_MAX ? code_bytes + 8 : CLIKE_TOKENS_MAX, fits = arena_room(a) / 2 / sizeof(struct token);

    if (fits < 64)
        return NULL;
    *ret_cap = (uint32_t)(most < fits ? most : fits);
    uintptr_t end = ((uintptr_t)a->end - *ret_cap * sizeof(struct token)) & ~(uintptr_t)(_Alignof(struct token) - 1);
    if (end < (uintptr_t)a->beg)
        return NULL;
    return (struct token *)(a->end - ((uintptr_t)a->end - end));
}

bool clike_parse(struct ir_unit *ret, struct ir_builder *b, struct str code, enum ir_language language, struct ir_places places)
{
    struct ir_unit unit = { .language = language };
    struct clike   p = { .b = b, .unit = &unit, .places = places, .code = str_sub(code, 0, UINT32_MAX - 1), .js = language != IR_CSHARP };
    struct ir     *tail = NULL;
    uint8_t       *end = b->a->end;
    uint32_t       cap = 0;
    struct token  *room = fault_now(b->a->fault) ? NULL : room_for_tokens(b->a, code.n, &cap);

    if (!room)
        return false;
    b->a->end = (uint8_t *)room;
    clike_lex(&p, room, cap);
    unit.top = clike_node(&p, IR_BLOCK);
    p.level = 1;
    clike_list_of(&p, unit.top, &tail, p.n);
    b->a->end = end;
    if (p.full || b->full)
        return false;
    *ret = unit;
    return true;
}
