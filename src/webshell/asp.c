#include "webshell/cutter.h"

/*
 * Classic ASP, read as asp.dll does: <% ends at the first %>, also inside a text or a comment; HTML comments and client script stop nothing. There are no
 * comments of its own: <%-- is code. Script blocks of another language than the page's run before it, those of the page's language after it.
 */

static size_t skip(struct str t, size_t at)
{
    while (at < t.n && ch_space(t.p[at]))
        at++;
    return at;
}
static bool has_text(struct str t, size_t from, size_t to) { return skip(str_sub(t, 0, to), from) < to; }

/* A directive that only ASP.NET knows. */
static bool is_net(struct str name)
{
    static const char *const word[] = { "page", "control", "webhandler", "webservice", "master", "application", "servicehost" };
    for (size_t i = 0; i < sizeof word / sizeof *word; i++)
        if (str_ieq_c(name, word[i]))
            return true;
    return false;
}

static size_t block(struct cutter *k, size_t at, size_t *last, bool *ret_net)
{
    struct str t = k->text;
    size_t     in = at + 2, head = skip(t, in);

    if (head < t.n && t.p[head] == '@') {
        struct directive d;
        size_t           end = cutter_directive(k, at, head + 1, &d);
        *ret_net = *ret_net || is_net(d.name);
        return end;
    }
    size_t          end = str_find(str_from(t, in), STR("%>")), stop = end == STR_NONE ? t.n : in + end;
    enum piece_kind how = PIECE_CODE;
    if (head < stop && t.p[head] == '=') {
        how = PIECE_EXPR;
        in  = head + 1;
    }
    cutter_code(k, UNIT_RENDER, IR_UNKNOWN, how, in, stop, *last != STR_NONE && has_text(t, *last, at));
    if (end == STR_NONE)
        cutter_unclosed(k, UNIT_RENDER, IR_UNKNOWN);
    *last = end == STR_NONE ? t.n : stop + 2;
    return *last;
}

static size_t script(struct cutter *k, size_t at, const struct tag *tag)
{
    struct str       t = k->text, v;
    enum ir_language own = IR_UNKNOWN;

    if (container_attribute(tag->attributes, STR("language"), &v) || container_attribute(tag->attributes, STR("type"), &v))
        own = language_of(v, true);
    if (container_attribute(tag->attributes, STR("src"), &v))
        cutter_ref(k, REF_SCRIPT, v, cutter_line(k, at));
    size_t end = cutter_find(t, tag->end, STR("</script")), stop = end == STR_NONE ? t.n : end;
    for (size_t i = tag->end; (i = cutter_find(str_sub(t, 0, stop), i, STR("<!--"))) != STR_NONE; i += 4)
        cutter_include(k, i);

    cutter_code(k, UNIT_RENDER, own, PIECE_CODE, tag->end, stop, false);
    if (end == STR_NONE)
        cutter_unclosed(k, UNIT_RENDER, own);
    return end == STR_NONE ? t.n : end + 8;
}

void asp_read(struct cutter *k)
{
    struct str t = k->text;
    size_t     last = STR_NONE;
    bool       net = false;

    for (size_t at = 0; at < t.n && !k->full;) {
        size_t p = str_chr(str_from(t, at), '<');
        if (p == STR_NONE || p + at + 1 >= t.n)
            break;
        p += at;
        uint8_t    c = t.p[p + 1];
        struct tag tag;
        at = p + 1;
        if (c == '%') {
            at = block(k, p, &last, &net);
            if (net) {
                /* A page of ASP.NET under the name of a classic one. */
                struct container *page = k->c;
                page->misnamed = true;
                cutter_open(k, page, k->a, t);
                page->directive_n = page->ref_n = page->object_n = 0;
                page->directive = NULL;
                page->ref = NULL;
                page->object = NULL;
                page->language = IR_UNKNOWN;
                page->declared = false;
                page->code_bytes = 0;
                aspx_read(k);
                return;
            }
        } else if (c == '!') {
            if (str_starts(str_from(t, p), STR("<!--")))
                cutter_include(k, p);
        } else if ((ch_lower(c) == 's' || ch_lower(c) == 'o') && cutter_may_serve(k, p) && cutter_tag(k, p, &tag) && tag.server) {
            if (str_ieq(tag.name, STR("script")))
                at = script(k, p, &tag);
            else if (str_ieq(tag.name, STR("object")))
                cutter_object(k, &tag, cutter_line(k, p));
        }
    }
}
