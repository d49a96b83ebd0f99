#include "webshell/cutter.h"

#include <string.h>

/* Script that stays in the browser although it reads like a server's: its author forgot, or lost, the attribute that has it run. */
static bool client_code(struct str t)
{
    static const struct str word[] = { STR_INIT("page_load"), STR_INIT("request.item"), STR_INIT("request["), STR_INIT("request.form"), STR_INIT("request.querystring") };

    for (size_t at = 0; (at = cutter_find(t, at, STR("<script"))) != STR_NONE; at += 7) {
        size_t end = cutter_find(t, at, STR("</script"));
        struct str in = str_sub(t, at, end == STR_NONE ? t.n : end);
        for (size_t i = 0; i < sizeof word / sizeof *word; i++) {
            size_t w = cutter_find(in, 0, word[i]);
            if (w != STR_NONE && w && !ch_alnum(in.p[w - 1]) && in.p[w - 1] != '.' && in.p[w - 1] != '_')
                return true;
        }
        if (end == STR_NONE)
            break;
        at = end;
    }
    return false;
}

static bool read_kind(struct cutter *k)
{
    switch (k->c->kind) {
    case PAGE_ASPX: case PAGE_ASCX: case PAGE_MASTER: case PAGE_ASAX:
        aspx_read(k);
        break;
    case PAGE_ASHX: case PAGE_ASMX: case PAGE_SVC:
        handler_read(k);
        break;
    case PAGE_ASP:
        k->classic = true;
        asp_read(k);
        break;
    case PAGE_RAZOR_CS: case PAGE_RAZOR_VB:
        razor_read(k, k->c->kind == PAGE_RAZOR_VB);
        break;
    case PAGE_CONFIG:
        config_read(k);
        break;
    case PAGE_SOURCE_CS: case PAGE_SOURCE_VB:
        k->c->language = k->c->kind == PAGE_SOURCE_CS ? IR_CSHARP : IR_VBNET;
        k->c->declared = true;
        cutter_code(k, UNIT_FILE, IR_UNKNOWN, PIECE_CODE, 0, k->text.n, false);
        break;
    case PAGE_NOT: case PAGE_KINDS:
        break;
    }
    return cutter_finish(k);
}

bool container_read(struct container *ret, struct arena *a, struct str bytes, enum page_kind kind)
{
    struct container c = { .kind = kind };
    struct cutter   *k = NEW(a, struct cutter, 1);

    if (!k)
        return false;
    if (bytes.n > CONTAINER_BYTES_MAX) {
        bytes.n = CONTAINER_BYTES_MAX;
        c.cut   = true;
    }
    if (!decode_page(&c, a, bytes))
        return false;
    cutter_open(k, &c, a, c.text);
    if (!read_kind(k))
        return false;
    c.markup_bytes = c.text.n > c.code_bytes ? c.text.n - c.code_bytes : 0;
    if (c.unit_n) {
        c.wrap = wrap_of(c.text);
    } else {
        bool net = kind == PAGE_ASPX || kind == PAGE_ASCX || kind == PAGE_MASTER || kind == PAGE_ASAX;
        c.client_code = net && client_code(c.text);
    }
    *ret = c;
    return true;
}
