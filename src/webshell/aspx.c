#include "webshell/cutter.h"

#include <string.h>

/*
 * Pages of ASP.NET, read as its page parser does: text, then at each '<' in this order: directive, include, comment, block, tag. A block ends at the
 * first "%>", also inside a text; HTML comments and client script stop nothing; below <script runat=server> only comments, includes and the end tag are seen.
 */

static size_t skip(struct str t, size_t at)
{
    while (at < t.n && ch_space(t.p[at]))
        at++;
    return at;
}

/* Does anything but blanks stand in [from, to)? */
static bool has_text(struct str t, size_t from, size_t to) { return skip(str_sub(t, 0, to), from) < to; }

static bool rest_is_code(struct str name)
{
    return str_ieq(name, STR("webhandler")) || str_ieq(name, STR("webservice")) || str_ieq(name, STR("servicehost"));
}

/* <% ... at `at`. Gives the position behind it; *last: the end of the block before. */
static size_t block(struct cutter *k, size_t at, size_t *last)
{
    struct str t = k->text;
    size_t     in = at + 2, head = skip(t, in);

    if (str_starts(str_from(t, in), STR("--"))) {
        size_t end = str_find(str_from(t, in + 2), STR("--%>"));
        return end == STR_NONE ? t.n : in + 2 + end + 4;
    }
    if (head < t.n && t.p[head] == '@') {
        struct directive d;
        size_t           end = cutter_directive(k, at, head + 1, &d);
        if (!rest_is_code(d.name))
            return end;
        k->c->misnamed = true;
        cutter_code(k, UNIT_FILE, IR_UNKNOWN, PIECE_CODE, end, t.n, false);
        return t.n;
    }
    size_t          end = str_find(str_from(t, in), STR("%>")), stop = end == STR_NONE ? t.n : in + end;
    uint8_t         c = in < t.n ? t.p[in] : 0, h = head < stop ? t.p[head] : 0;
    enum unit_kind  kind = UNIT_RENDER;
    enum piece_kind how = PIECE_CODE;
    if (h == '=' || c == ':') {
        how = PIECE_EXPR;
        in  = (h == '=' ? head : in) + 1;
    } else if (h == '#') {
        kind = UNIT_BINDING;
        how  = PIECE_EXPR;
        in   = head + 1;
        in += in < stop && t.p[in] == ':';
        k->c->binding_n++;
    } else if (h == '$') {
        return end == STR_NONE ? t.n : stop + 2;
    }
    cutter_code(k, kind, IR_UNKNOWN, how, in, stop, *last != STR_NONE && has_text(t, *last, at));
    if (end == STR_NONE)
        cutter_unclosed(k, kind, IR_UNKNOWN);
    if (kind == UNIT_RENDER)
        *last = end == STR_NONE ? t.n : stop + 2;
    return end == STR_NONE ? t.n : stop + 2;
}

/* The end of a server script that starts at `from`: where "</script" stands. */
static size_t script_end(struct str t, size_t from)
{
    for (size_t at = from; (at = cutter_find(t, at, STR("</script"))) != STR_NONE; at += 8) {
        size_t i = skip(t, at + 8);
        if (i < t.n && t.p[i] == '>')
            return at;
    }
    return STR_NONE;
}

/* <script runat=server>: members of the page's class, comments and includes taken out. */
static size_t script(struct cutter *k, size_t at, const struct tag *tag)
{
    struct str t = k->text, v;
    enum ir_language own = IR_UNKNOWN;

    if (container_attribute(tag->attributes, STR("language"), &v) || container_attribute(tag->attributes, STR("type"), &v))
        own = language_of(v, false);
    if (!k->c->declared && own != IR_UNKNOWN) {
        k->c->language = own;
        k->c->declared = true;
    }
    /* The page has one language; the attribute may only repeat it. */
    if (own == k->c->language)
        own = IR_UNKNOWN;
    if (container_attribute(tag->attributes, STR("src"), &v))
        cutter_ref(k, REF_SCRIPT, v, cutter_line(k, at));
    if (tag->closed)
        return tag->end;
    size_t end = script_end(t, tag->end), stop = end == STR_NONE ? t.n : end, from = tag->end;
    for (size_t i = from; i < stop;) {
        size_t p = str_chr(str_sub(t, i, stop), '<');
        if (p == STR_NONE)
            break;
        p += i;
        i = p + 1;
        if (str_starts(str_from(t, p), STR("<%--"))) {
            size_t over = str_find(str_sub(t, p + 4, stop), STR("--%>"));
            if (over == STR_NONE)
                continue;
            cutter_code(k, UNIT_MEMBERS, own, PIECE_RAW, from, p, false);
            i = from = p + 4 + over + 4;
        } else if (str_starts(str_from(t, p), STR("<!--"))) {
            cutter_include(k, p);
        }
    }
    cutter_code(k, UNIT_MEMBERS, own, PIECE_CODE, from, stop, false);
    if (end == STR_NONE)
        cutter_unclosed(k, UNIT_MEMBERS, own);
    return end == STR_NONE ? t.n : skip(t, end + 8) + 1;
}

void aspx_read(struct cutter *k)
{
    struct str t = k->text;
    size_t     last = STR_NONE;

    for (size_t at = 0; at < t.n && !k->full;) {
        size_t p = str_chr(str_from(t, at), '<');
        if (p == STR_NONE || p + at + 1 >= t.n)
            break;
        p += at;
        uint8_t    c = t.p[p + 1];
        struct tag tag;
        at = p + 1;
        if (c == '%') {
            at = block(k, p, &last);
        } else if (c == '!') {
            if (str_starts(str_from(t, p), STR("<!--")))
                cutter_include(k, p);
        } else if ((ch_alpha(c) || c == '_') && cutter_may_serve(k, p) && cutter_tag(k, p, &tag) && tag.server) {
            uint32_t line = cutter_line(k, p);
            if (str_ieq(tag.name, STR("script"))) {
                at = script(k, p, &tag);
            } else if (str_ieq(tag.name, STR("object"))) {
                cutter_object(k, &tag, line);
            } else {
                cutter_control(k, &tag, line);
            }
        }
    }
}

/* Do attributes follow up to "%>"? The parser of handlers looks for directives anywhere, and takes what does not read like one for text. */
static bool directive_fits(struct str t, size_t at)
{
    for (;;) {
        at = skip(t, at);
        if (str_starts(str_from(t, at), STR("%>")))
            return true;
        size_t name = at;
        while (at < t.n && (ch_alnum(t.p[at]) || t.p[at] == '_' || (at > name && t.p[at] == ':') || t.p[at] >= 0x80))
            at++;
        if (at == name)
            return false;
        size_t eq = skip(t, at);
        if (eq >= t.n || t.p[eq] != '=')
            continue;
        at = skip(t, eq + 1);
        uint8_t quote = at < t.n && (t.p[at] == '"' || t.p[at] == '\'') ? t.p[at] : 0;
        if (quote) {
            size_t end = str_chr(str_from(t, at + 1), quote);
            if (end == STR_NONE)
                return false;
            at += end + 2;
        } else {
            while (at < t.n && !ch_space(t.p[at]) && !strchr("\"'%>", t.p[at]))
                at++;
        }
    }
}

/* Handlers and services: what follows a directive is a file of code. What stands before the first one is not looked at by anybody. */
void handler_read(struct cutter *k)
{
    struct str t = k->text;
    bool       ours = false;
    size_t     from = STR_NONE;

    for (size_t at = 0; at < t.n && !k->full;) {
        size_t p = str_find(str_from(t, at), STR("<%"));
        if (p == STR_NONE)
            break;
        p += at;
        size_t head = skip(t, p + 2);
        at = p + 2;
        if (head >= t.n || t.p[head] != '@' || (ours && !directive_fits(t, head + 1)))
            continue;
        /* Text between two directives: the parser takes what follows the last one; where it is blank there, what stood before is shown as well. */
        if (from != STR_NONE)
            cutter_code(k, UNIT_FILE, IR_UNKNOWN, PIECE_CODE, from, p, false);
        struct directive d;
        from = at = cutter_directive(k, p, head + 1, &d);
        if (rest_is_code(d.name)) {
            ours = true;
        } else if (!ours && (str_ieq(d.name, STR("page")) || str_ieq(d.name, STR("control")) || str_ieq(d.name, STR("master")) || str_ieq(d.name, STR("application")))) {
            /* A page under a handler's name. */
            struct container *c = k->c;
            c->misnamed = true;
            c->directive_n = 0;
            aspx_read(k);
            return;
        }
    }
    if (from != STR_NONE)
        cutter_code(k, UNIT_FILE, IR_UNKNOWN, PIECE_CODE, from, t.n, false);
    else if (cutter_find(t, 0, STR("runat")) != STR_NONE)
        aspx_read(k);
}
