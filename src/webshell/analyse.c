/*
 * From bytes to a verdict: the container, the front ends, the walk, the judgement, and what is told of it.
 */
#include "webshell/analyse.h"

#include "base/num.h"
#include "webshell/basic.h"
#include "webshell/clike.h"
#include "webshell/explain.h"
#include "webshell/il.h"
#include "webshell/judge.h"
#include "webshell/quiet.h"

enum { NODES_MAX = 1500000, CONTEXT_MAX = 16, WRITTEN_MAX = 4, KEY_SHOWN_MAX = 64 };

const char *analyse_verdict_name(enum page_verdict v)
{
    static const char *const name[] = { [PAGE_CLEAN] = "clean", [PAGE_INERT] = "inert", [PAGE_REVIEW] = "review", [PAGE_BACK_DOOR] = "back_door" };
    return name[(size_t)v < COUNT_OF(name) ? v : PAGE_REVIEW];
}

static const struct { const char *name, *is, *title; } what_table[WHAT_KINDS] = {
    [WHAT_NONE]         = { "none", "", "Page" },
    [WHAT_EVALUATOR]    = { "evaluator", "runs, as code, what a visitor sends", "Page that runs code sent to it" },
    [WHAT_COMMAND]      = { "command", "starts programs that a visitor names", "Page that starts programs named by the request" },
    [WHAT_UPLOADER]     = { "uploader", "writes what a visitor sends into files", "Page that writes files sent to it" },
    [WHAT_FILE_MANAGER] = { "file_manager", "lists, reads and changes the files that a visitor names", "Page that manages the files of the server" },
    [WHAT_TUNNEL]       = { "tunnel", "passes a visitor's connections on to other machines", "Page that opens connections named by the request" },
    [WHAT_SQL]          = { "sql_console", "runs the database statements that a visitor sends", "Page that runs database statements sent to it" },
    [WHAT_LOADER]       = { "loader", "loads and runs programs that are brought to it", "Page that loads programs sent to it" },
    [WHAT_SECRETS]      = { "secret_dump", "hands out keys or passwords of the server", "Page that hands out secrets of the server" },
    [WHAT_READER]       = { "reader", "hands out the files that a visitor names", "Page that hands out files" },
    [WHAT_LISTER]       = { "lister", "lists the folders that a visitor names", "Page that lists folders" },
    [WHAT_DELETER]      = { "deleter", "deletes the files that a visitor names", "Page that deletes files" },
    [WHAT_DOWNLOADER]   = { "downloader", "fetches files to the server", "Page that fetches files to the server" },
    [WHAT_PROXY]        = { "proxy", "fetches addresses that a visitor names", "Page that fetches addresses" },
    [WHAT_OTHER]        = { "other", "changes the server as a visitor says", "Page that changes the server" },
};
const char *analyse_what_name(enum page_what w) { return what_table[w < WHAT_KINDS ? w : WHAT_OTHER].name; }

const char *analyse_what_title(enum page_what w) { return what_table[w < WHAT_KINDS ? w : WHAT_OTHER].title; }

/* A file under a name that IIS does not run: read as what its text looks like, since somebody may have kept a page there. */
static enum page_kind kind_by_text(struct str bytes)
{
    struct str head = str_sub(bytes, 0, 64 << 10);

    if (str_ihas(head, STR("<%@")))
        return str_ihas(head, STR("webhandler")) ? PAGE_ASHX : str_ihas(head, STR("webservice")) ? PAGE_ASMX : str_ihas(head, STR("vbscript")) ? PAGE_ASP : PAGE_ASPX;
    if (str_ihas(head, STR("runat")) && str_ihas(head, STR("server")))
        return PAGE_ASPX;
    return str_has(head, STR("<%")) ? PAGE_ASP : PAGE_NOT;
}

struct telling { struct analysis *to; struct arena *keep; size_t cap; bool full; };

static void context(struct telling *t, const char *text)
{
    if (t->to->context_n >= CONTEXT_MAX)
        return;
    struct str *c = GROW(t->keep, t->to->context, t->to->context_n, &t->cap);
    t->full = t->full || !c;
    if (!c)
        return;
    *c = str_c(text);
    t->to->context_n++;
}

static void tell_context(struct telling *t, const struct container *p, const struct flow *f)
{
    static const char *const wrapped[] = {
        [WRAP_NONE] = NULL, [WRAP_SETTINGS] = "The file is the settings list of an Exchange virtual directory.", [WRAP_MAILBOX] = "The file starts as a mailbox file (PST).",
        [WRAP_CERTIFICATE] = "The file starts as a certificate request.", [WRAP_IMAGE] = "The file starts as an image.", [WRAP_ARCHIVE] = "The file starts as an archive.",
        [WRAP_BINARY] = "Binary data stands before the page.",
    };
    static const char *const spelled[] = {
        [TEXT_PLAIN] = NULL, [TEXT_UTF16] = NULL, [TEXT_UTF7] = "The page is written in UTF-7, which hides it from plain search.",
        [TEXT_EBCDIC] = "The page is written in an EBCDIC code page, which hides it from plain search.", [TEXT_SCRIPT_ENCODED] = "Its code went through Script Encoder.",
        [TEXT_CODEPAGE] = NULL,
    };
    if ((size_t)p->wrap < COUNT_OF(wrapped) && wrapped[p->wrap])
        context(t, wrapped[p->wrap]);
    if ((size_t)p->text_kind < COUNT_OF(spelled) && spelled[p->text_kind])
        context(t, spelled[p->text_kind]);
    if (p->padded)
        context(t, "Nearly all of it is blanks, or its code stands far to the right or far below.");
    if (f->escaped)
        context(t, "Names are spelled with character escapes where plain letters do.");
    if (f->decoded_code)
        context(t, "Code is put together from pieces or decoded before it runs.");
    if (f->late_names)
        context(t, "Classes or members are chosen by texts that are put together at run time.");
    if (f->gate_n)
        context(t, f->gate[0].hashed ? "A request item must match a hash before the page does anything." : "A request item must match a fixed text before the page does anything.");
    if (f->swallowed)
        context(t, "Errors are silenced.");
    if (!p->behind && (p->kind == PAGE_ASPX || p->kind == PAGE_ASCX) && p->code_bytes)
        context(t, "Its code stands in the page itself, without a class behind it.");
    for (size_t i = 0; i < f->use_n; i++)
        if (f->use[i].sink == SINK_TOUCH) {
            context(t, "It changes times or attributes of files.");
            break;
        }
    if (t->to->missing_n)
        context(t, "It includes or names files that were not read with it.");
    if (t->to->cut)
        context(t, "A limit was reached: part of the page was not followed.");
    if (f->unclosed)
        context(t, "Its code ends in the middle.");
}

/* ---- the parts: the page's own units, those of the files that it names, or the methods of a library ---- */

struct parts {
    struct arena     *a;
    struct ir_builder b;
    struct unit      *code;           /* in order */
    size_t            code_n, code_cap;
    struct ir_unit   *unit;           /* the same, parsed */
    size_t            n, cap;
    bool              objects;        /* declared by an element */
    const struct analyse_input *in;
    uint32_t          files, missing;
};

static bool parse_unit(struct parts *p, const struct unit *u)
{
    struct ir_unit *to = GROW(p->a, p->unit, p->n, &p->cap);

    if (!to)
        return false;
    p->n++;
    return u->language == IR_VBNET || u->language == IR_VBSCRIPT ? basic_parse(to, &p->b, u->code, u->language, u->places) : clike_parse(to, &p->b, u->code, u->language, u->places);
}

static bool wanted(const struct page_ref *r) { return r->kind == REF_INCLUDE_FILE || r->kind == REF_INCLUDE_VIRTUAL || r->kind == REF_CODE; }

/* What a page includes is read before it, as often as files name files, each once a mention and ANALYSE_MORE_MAX in all: a circle ends there. */
static bool add_page(struct parts *p, const struct container *page, uint32_t number)
{
    for (size_t i = 0; i < page->ref_n; i++) {
        struct str       bytes;
        struct container more;
        if (!wanted(&page->ref[i]))
            continue;
        if (!p->in->more || p->files >= ANALYSE_MORE_MAX || !p->in->more(p->in->more_ctx, number, &page->ref[i], p->a, &bytes)) {
            p->missing++;
            continue;
        }
        enum page_kind kind = container_kind_of(page->ref[i].path);
        uint32_t       mine = ++p->files;
        if (!container_read(&more, p->a, bytes, kind == PAGE_NOT ? page->kind : kind) || !add_page(p, &more, mine))
            return false;
    }
    for (size_t i = 0; i < page->unit_n; i++) {
        struct unit *to = GROW(p->a, p->code, p->code_n, &p->code_cap);
        if (!to)
            return false;
        *to = page->unit[i];
        p->code_n++;
    }
    p->objects = p->objects || page->object_n;
    return true;
}

/* A page that can do nothing is not parsed: most of those that were written by hand long ago. */
static bool quiet(const struct parts *p) { return !p->objects && quiet_units(p->code, p->code_n); }

static bool walk_page(struct flow *ret, struct parts *p, const struct container *page)
{
    if (!add_page(p, page, 0))
        return false;
    if (quiet(p))
        return true;
    /* Of the room that is left, three fifths for the trees: the walk needs the rest, and what it finds in half a page counts more than a whole tree. */
    size_t fit = arena_room(p->a) / 5 * 3 / sizeof(struct ir);
    p->b.nodes_max = fit > NODES_MAX ? NODES_MAX : fit ? fit : 1;
    for (size_t i = 0; i < p->code_n; i++)
        if (!parse_unit(p, &p->code[i]))
            return false;
    return !p->b.full && flow_walk(ret, p->a, page, p->unit, p->n);
}

static bool walk_library(struct flow *ret, struct parts *p, const struct container *page, bool *ret_net, struct err *e)
{
    struct pe      *file = NEW(p->a, struct pe, 1);
    struct clr     *c = NEW(p->a, struct clr, 1);
    struct ir_unit *u = NEW(p->a, struct ir_unit, 1);

    *ret_net = false;
    if (!file || !c || !u)
        return false;
    if (!pe_parse(file, p->a, p->in->bytes, e) || !clr_open(c, file, e)) {
        *e = (struct err){ 0 };               /* not a .NET file: nothing of a page in it */
        return true;
    }
    *ret_net = true;
    return il_read(u, &p->b, c) && flow_walk(ret, p->a, page, u, 1);
}

/* Where the form alone says that somebody wrote code through a channel meant for data. */
static bool decisive_form(const struct container *p)
{
    return p->code_bytes && (p->wrap == WRAP_SETTINGS || p->wrap == WRAP_MAILBOX || p->wrap == WRAP_CERTIFICATE);
}

static void settle(struct analysis *r, struct telling *t, const struct container *p, const struct flow *f, const struct verdict_of_page *v, bool runs)
{
    r->verdict = v->verdict;
    r->what = v->what;
    r->confidence = v->confidence;
    for (size_t i = 0; i < v->n; i++)
        explain_flow(&r->flow[r->flow_n++], t->keep, &v->flow[i]);
    for (size_t i = 0; i < v->n && !r->key.n; i++)
        r->key = explain_key(t->keep, &v->flow[i]);
    if (f->gate_n) {
        r->gate_key = explain_name(t->keep, f->gate[0].key);
        r->gate     = explain_name(t->keep, f->gate[0].constant);
    }
    if (decisive_form(p) && r->verdict != PAGE_BACK_DOOR) {
        r->verdict    = PAGE_BACK_DOOR;
        r->confidence = 0.97;
    }
    if (!runs && r->verdict >= PAGE_REVIEW)
        r->verdict = PAGE_INERT;
}

static void say_why(struct analysis *r, struct arena *keep, bool runs, bool form)
{
    const char *is = what_table[r->what].is;

    switch (r->verdict) {
    case PAGE_BACK_DOOR:
        r->why = form && r->what == WHAT_NONE ? STR("Server script stands in a file that was written through a channel meant for data.")
               : r->key.n ? str_fmt(keep, "The page %s. The request item \"%.*s\" carries the orders.", is, STR_ARG(r->key)) : str_fmt(keep, "The page %s.", is);
        break;
    case PAGE_REVIEW:
        r->why = r->flow_n ? str_fmt(keep, "%.*s That has honest uses: look at it.", STR_ARG(r->flow[0].text)) : STR("It could not be followed to its end: look at it.");
        break;
    case PAGE_INERT:
        r->why = str_fmt(keep, "The file holds code that %s, but it cannot run as it is stored.", is[0] ? is : "would be dangerous");
        break;
    default:
        r->why = !runs && !r->script ? STR("Not a page that the server runs.") : r->script ? STR("Nothing dangerous that a visitor could choose was seen in its code.")
                                                                                          : STR("There is no server-side code in it.");
    }
    if (!r->why.p)
        r->why = STR("");
}

/* A page that writes a fixed text as a page is what that text is. */
static void judge_written(struct verdict_of_page *v, struct arena scratch, const struct flow *f)
{
    unsigned looked = 0;

    for (size_t i = 0; i < f->use_n && looked < WRITTEN_MAX && v->verdict != PAGE_BACK_DOOR; i++) {
        const struct val *p = f->use[i].sink == SINK_WRITE ? judge_role(&f->use[i], 'p') : NULL, *d = p ? judge_role(&f->use[i], 'd') : NULL;
        struct str        name = !d ? STR_EMPTY : p->kind == VAL_TEXT ? p->text : p->tail;
        enum page_kind    kind = container_kind_of(name);
        struct arena      a = scratch;
        struct container  page;
        struct flow       inner = { 0 };
        struct verdict_of_page of_it;
        struct parts      parts = { .a = &a, .b = { .a = &a }, .in = &(const struct analyse_input){ .kind = PAGE_NOT } };
        if (!d || d->kind != VAL_TEXT || !d->text.n || kind == PAGE_NOT || kind == PAGE_CONFIG)
            continue;
        looked++;
        if (!container_read(&page, &a, d->text, kind) || !walk_page(&inner, &parts, &page))
            continue;
        judge_page(&of_it, &inner);
        if (of_it.verdict == PAGE_BACK_DOOR)
            judge_add(v, (struct judged){ &f->use[i], PAGE_BACK_DOOR, WHAT_UPLOADER, 'd', "A page that is a back door itself is written." });
    }
}

static bool finish(struct analysis *ret, struct telling *t, struct arena scratch, const struct container *p, const struct flow *f, bool runs)
{
    struct verdict_of_page v;

    judge_page(&v, f);
    judge_written(&v, scratch, f);
    settle(t->to, t, p, f, &v, runs);
    /* What does not fit is told, not guessed. */
    if (t->to->cut && t->to->verdict == PAGE_CLEAN)
        t->to->verdict = PAGE_REVIEW;
    if (t->to->script)
        tell_context(t, p, f);
    say_why(t->to, t->keep, runs, decisive_form(p));
    *ret = *t->to;
    return true;
}

bool analyse_page(struct analysis *ret, struct arena *keep, struct arena scratch, const struct analyse_input *in, struct err *e)
{
    struct arena     a = scratch;
    struct container page = { .kind = PAGE_NOT };
    struct flow      f = { 0 };
    struct analysis  r = { .kind = in->kind };
    struct telling   t = { .to = &r, .keep = keep };
    struct parts     parts = { .a = &a, .b = { .a = &a }, .in = in };
    bool             runs = in->kind != PAGE_NOT && in->kind != PAGE_SOURCE_CS && in->kind != PAGE_SOURCE_VB, ok = true;
    enum page_kind   kind = in->kind != PAGE_NOT ? in->kind : kind_by_text(str_sub(in->bytes, 0, CONTAINER_BYTES_MAX));

    if (str_starts(in->bytes, STR("MZ")) && in->kind == PAGE_NOT) {
        ok = walk_library(&f, &parts, &page, &r.compiled, e);
        r.script   = runs = r.compiled;
        r.language = IR_IL;
    } else if (kind != PAGE_NOT) {
        if (!container_read(&page, &a, in->bytes, kind))
            return err_set(e, ERR_MEMORY, "no room to look at a page of %zu bytes", in->bytes.n);
        r.kind = kind;
        r.language = page.language;
        r.behind   = page.behind;
        r.cut      = page.cut;
        ok = walk_page(&f, &parts, &page);
        r.script = parts.code_n > 0;
        runs = runs && !(page.client_code && !page.unit_n) && !page.odd_quotes;
    }
    if (!ok)
        f = (struct flow){ .cut = true };
    r.cut = r.cut || (in->cut && in->kind != PAGE_NOT) || f.cut || parts.b.cut || !ok;
    r.escaped   = f.escaped > 0;
    r.more_n    = parts.files;
    r.missing_n = parts.missing;
    return finish(ret, &t, a, &page, &f, runs);
}
