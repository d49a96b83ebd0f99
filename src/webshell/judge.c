#include "webshell/judge.h"

#include "base/num.h"
#include "base/winpath.h"

#include <string.h>

enum {
    ORDERS  = MARK_REQUEST | MARK_UPLOAD,                     /* a visitor chooses it */
    OUTSIDE = ORDERS | MARK_NETWORK,                          /* somebody outside does */
};

const struct val *judge_role(const struct use *u, char letter)
{
    for (size_t i = 0; i < u->role_n; i++)
        if (u->role[i].letter == letter)
            return &u->role[i].v;
    return NULL;
}

static bool is_number(const struct val *v) { return v->kind == VAL_NUMBER || v->kind == VAL_FRACTION || v->kind == VAL_BOOL; }

uint32_t judge_marks(const struct use *u, char letter)
{
    const struct val *v = judge_role(u, letter);

    return !v || is_number(v) ? 0 : v->marks;
}

bool judge_free_choice(const struct use *u, char letter)
{
    const struct val *v = judge_role(u, letter);

    if (!v || is_number(v) || !(v->marks & (MARK_REQUEST | MARK_UPLOAD)))
        return false;
    return v->whole || v->leads;
}

static struct str known_tail(const struct val *v)
{
    return !v ? STR_EMPTY : v->kind == VAL_TEXT ? v->text : v->tail;
}

/* A path that ends in an extension which the server runs. */
static bool runs_there(const struct val *v) { return v && known_tail(v).n && winpath_is_page(known_tail(v)); }

static bool has_word(const struct val *v, struct str word) { return v && (str_ihas(v->text, word) || str_ihas(v->tail, word)); }

struct rule { enum sink sink; bool (*fits)(const struct use *u); enum page_verdict grade; enum page_what what; char lead; const char *text; };

/* Facts about the visit are no orders where they are shown or compared; what is run as code or as a program is another matter: each of them can be sent by hand. */
static bool sent_by_hand(const struct use *u, char letter)
{
    const struct val *v = judge_role(u, letter);
    return v && !is_number(v) && (v->whole || v->leads) && v->kind != VAL_TEXT && !v->text.n && (v->marks & (MARK_IDENTITY | MARK_FILE_NAME)) && !v->tail.n;
}
static bool code_of_request(const struct use *u) { return ((judge_marks(u, 'c') | judge_marks(u, 'b')) & ORDERS) || sent_by_hand(u, 'c'); }
static bool code_chosen(const struct use *u) { return judge_marks(u, 'c') & MARK_CHOSEN; }
static bool code_from_outside(const struct use *u) { return (judge_marks(u, 'c') | judge_marks(u, 'b')) & (MARK_NETWORK | MARK_DATABASE); }
static bool code_stored(const struct use *u) { return (judge_marks(u, 'c') | judge_marks(u, 'b')) & (MARK_STORED | MARK_FILE); }
static bool code_decoded(const struct use *u) { return (judge_marks(u, 'c') | judge_marks(u, 'b')) & (MARK_DECODED | MARK_CODE); }

static bool load_of_request(const struct use *u) { return ((judge_marks(u, 'b') | judge_marks(u, 'c')) & OUTSIDE) || (judge_marks(u, 'p') & ORDERS); }
static bool load_by_name(const struct use *u) { return (judge_marks(u, 't') | judge_marks(u, 'm')) & ORDERS; }
static bool any_member(const struct use *u) { return judge_free_choice(u, 'm') && (judge_marks(u, 't') & ORDERS) && (judge_marks(u, 'd') & ORDERS); }
static bool any_load(const struct use *u) { return (judge_marks(u, 'b') | judge_marks(u, 'p')) & (MARK_DECODED | MARK_FILE | MARK_STORED | MARK_CODE | MARK_DATABASE); }

static bool own_pages(const struct use *u) { return str_ihas(u->call, STR("RegisterVirtualPathProvider")); }

static bool bytes_of_request(const struct use *u) { return judge_marks(u, 'b') & OUTSIDE; }
static bool always(const struct use *u) { (void)u; return true; }

/* Programs that take any order as an argument; an unknown one may be such. */
static bool interpreter(const struct use *u)
{
    static const char *const name[] = { "cmd", "powershell", "pwsh", "bash", "comspec", "wscript", "cscript", "mshta", "rundll32", "wmic", "sqlcmd", "osql", "python", "perl", "msbuild", "regsvr32", "forfiles", "schtasks", "psexec", "winrs",
                                        "/sh", "pcalua", "installutil", "certutil", "bitsadmin" };
    const struct val *x = judge_role(u, 'x');
    struct str        is = !x ? STR_EMPTY : x->kind == VAL_TEXT ? x->text : str_iends(x->tail, STR(".exe")) && x->tail.n > 6 ? x->tail : STR_EMPTY;

    for (size_t i = 0; i < COUNT_OF(name) && is.n; i++)
        if (str_ihas(is, str_c(name[i])))
            return true;
    return !is.n;
}
/* What follows the page's own name in the path is a visitor's choice: cut out of it, and given to a shell. */
static bool path_part(const struct val *v)
{
    static const char *const name[] = { "Path", "AbsolutePath", "LocalPath", "PATH_INFO", "URL", "PATH_TRANSLATED", "PhysicalPath", "CurrentExecutionFilePath" };
    unsigned steps = 0;

    if (!v || is_number(v) || v->kind == VAL_TEXT || !(v->marks & MARK_IDENTITY))
        return false;
    for (size_t i = 0; i < COUNT_OF(name); i++)
        if (str_ieq_c(v->key, name[i]))
            return true;
    for (const struct trail *t = v->trail; t && steps < 64; t = t->from, steps++)
        for (size_t i = 0; i < COUNT_OF(name) && t->what == TRAIL_SOURCE; i++)
            if (str_ieq_c(t->name, name[i]))
                return true;
    return false;
}
static bool starts_by_path(const struct use *u)
{
    const struct val *x = judge_role(u, 'x'), *a = judge_role(u, 'a');
    return (x && x->kind == VAL_TEXT && path_part(a) && interpreter(u)) || (path_part(x) && str_istarts(x->text, STR("cmd")));
}
static bool starts_by_request(const struct use *u) { return (judge_marks(u, 'x') & OUTSIDE) || sent_by_hand(u, 'x') || (sent_by_hand(u, 'a') && interpreter(u)) || ((judge_marks(u, 'a') & OUTSIDE) && interpreter(u)); }
static bool starts_with_request(const struct use *u) { return judge_marks(u, 'a') & OUTSIDE; }
static bool starts_stored(const struct use *u) { return (judge_marks(u, 'x') | judge_marks(u, 'a')) & (MARK_STORED | MARK_DATABASE | MARK_FILE | MARK_DECODED); }

/* What is written comes from the request, or from an address. */
static bool brought(const struct use *u) { return (judge_marks(u, 'd') & OUTSIDE) || judge_role(u, 'h'); }
static bool writes_anywhere(const struct use *u) { return brought(u) && judge_free_choice(u, 'p'); }
static bool writes_page(const struct use *u) { return brought(u) && runs_there(judge_role(u, 'p')); }
static bool writes_named_text(const struct use *u) { return (judge_marks(u, 'd') & (MARK_REQUEST | MARK_NETWORK)) && !(judge_marks(u, 'd') & MARK_UPLOAD) && (judge_marks(u, 'p') & MARK_REQUEST) && !known_tail(judge_role(u, 'p')).n; }
/* Its own text, which the server runs again with what was written into it. */
static bool writes_itself(const struct use *u)
{
    static const char *const own[] = { "SCRIPT_NAME", "PATH_INFO", "PATH_TRANSLATED", "URL" };
    const struct val *p = judge_role(u, 'p');

    if (!p || p->kind == VAL_TEXT || p->marks != MARK_IDENTITY || p->tail.n || (p->text.n && !str_eq(p->text, STR("~/"))) || !(judge_marks(u, 'd') & OUTSIDE))
        return false;
    for (size_t i = 0; i < COUNT_OF(own); i++)
        if (str_ieq_c(p->key, own[i]))
            return true;
    return false;
}
static bool writes_request(const struct use *u) { return judge_marks(u, 'd') & OUTSIDE; }
/* Fixed text with server code in it, under a name that the server runs. */
static bool writes_code(const struct use *u)
{
    const struct val *d = judge_role(u, 'd');
    return d && d->text.n && runs_there(judge_role(u, 'p')) && (str_has(d->text, STR("<%")) || str_has(d->text, STR("<!--#")) || (str_ihas(d->text, STR("runat")) && str_ihas(d->text, STR("server"))));
}
/* Beside the page itself, where pages run, under the name that the file brings. */
static bool uploads_beside(const struct use *u)
{
    const struct val *p = judge_role(u, 'p');
    return (judge_marks(u, 'd') & MARK_UPLOAD) && p && (p->marks & MARK_FILE_NAME) && (p->marks & MARK_IDENTITY) && !known_tail(p).n && !(p->text.n && str_has(str_from(p->text, 1), STR("\\")));
}
static bool path_of_request(const struct use *u) { return judge_free_choice(u, 'p') || judge_free_choice(u, 'g'); }
static bool path_partly(const struct use *u) { return judge_marks(u, 'p') & ORDERS; }

static bool socket_call(const struct use *u)
{
    static const char *const name[] = { "socket", "tcpclient", "udpclient", "networkstream", "winsock", "namedpipe" };
    for (size_t i = 0; i < COUNT_OF(name); i++)
        if (str_ihas(u->call, str_c(name[i])))
            return true;
    return false;
}
static bool tunnels(const struct use *u) { return socket_call(u) && (judge_marks(u, 'h') & ORDERS); }
static bool relays(const struct use *u) { return socket_call(u) && (judge_marks(u, 'd') & ORDERS); }
static bool fetches(const struct use *u) { return judge_free_choice(u, 'h'); }

/* A port of the server itself, of the request's choice: services that listen there for the server alone trust who speaks to them. */
static bool own_port(const struct use *u)
{
    const struct val *h = judge_role(u, 'h');
    struct str host = !h || h->kind == VAL_TEXT ? STR_EMPTY : h->text;

    return (judge_marks(u, 'h') & ORDERS) && (str_iends(host, STR("//127.0.0.1:")) || str_iends(host, STR("//localhost:")) || str_iends(host, STR("//[::1]:")));
}

/* Every packet that the machine sees: SIO_RCVALL, by name or by number. */
static bool hears_all(const struct use *u)
{
    const struct val *t = judge_role(u, 't');
    return t && ((t->kind == VAL_TYPE && str_iends(t->name, STR("IOControlCode.ReceiveAll"))) || (t->kind == VAL_NUMBER && (uint32_t)t->number == 0x98000001u));
}

static bool sql_command(const struct use *u)
{
    const struct val *q = judge_role(u, 'q');
    static const char *const order[] = { "xp_cmdshell", "sp_oacreate", "sp_oamethod", "sp_add_jobstep", "sp_execute_external_script", "xp_regwrite", " shell('", " shell(\"", "create assembly" };

    for (size_t i = 0; (judge_marks(u, 'q') & ORDERS) && i < COUNT_OF(order); i++)
        if (has_word(q, str_c(order[i])))
            return true;
    return false;
}
static bool sql_everything(const struct use *u) { return judge_free_choice(u, 'q') && (judge_marks(u, 'n') & MARK_REQUEST); }
/* "... from" and then the request's choice. */
static bool sql_any_table(const struct use *u)
{
    const struct val *q = judge_role(u, 'q');
    struct str head = q && q->kind != VAL_TEXT ? q->text : STR_EMPTY;

    while (head.n && strchr(" \t[\"`", head.p[head.n - 1]))
        head.n--;
    return (judge_marks(u, 'q') & MARK_REQUEST) && (judge_marks(u, 'n') & MARK_REQUEST) && str_iends(head, STR(" from"));
}
/* select '...' into [a] in 'page.asp;.xls' ...; backup ... to disk = 'page.asp' */
static bool sql_page(const struct use *u)
{
    static const char *const end[] = { ".asp;", ".asp'", ".aspx;", ".aspx'", ".ashx'", ".asa'", ".asa;", ".cer'", ".cer;", ".asmx'" };
    const struct val *q = judge_role(u, 'q');

    for (size_t i = 0; q && (q->marks & MARK_REQUEST) && i < COUNT_OF(end); i++)
        if (has_word(q, str_c(end[i])) && (has_word(q, STR(" into ")) || has_word(q, STR("disk")) || has_word(q, STR("excel"))))
            return true;
    return false;
}
static bool sql_console(const struct use *u) { return judge_free_choice(u, 'q'); }

static bool secret_out(const struct use *u) { return judge_marks(u, 'o') & MARK_SECRET; }
static bool secret_sent(const struct use *u) { return judge_marks(u, 'd') & MARK_SECRET; }
static bool file_out(const struct use *u) { return (judge_marks(u, 'o') & MARK_FILE) && (judge_marks(u, 'o') & MARK_STORED); }
static bool output_out(const struct use *u) { return judge_marks(u, 'o') & MARK_PROCESS; }
static bool anything_of_request(const struct use *u)
{
    for (size_t i = 0; i < u->role_n; i++)
        if (!is_number(&u->role[i].v) && u->role[i].v.marks & ORDERS)
            return true;
    return false;
}

/* The first that fits a use is its answer. */
static const struct rule rules[] = {
    { SINK_CODE, code_of_request, PAGE_BACK_DOOR, WHAT_EVALUATOR, 'c', "What the request says is run as code." },
    { SINK_CODE, code_chosen, PAGE_BACK_DOOR, WHAT_EVALUATOR, 'c', "The file that the request names, wherever it lies, is run as code." },
    { SINK_CODE, code_from_outside, PAGE_BACK_DOOR, WHAT_LOADER, 'c', "What comes from another machine or a database is run as code." },
    { SINK_CODE, code_stored, PAGE_REVIEW, WHAT_LOADER, 'c', "What was stored before is run as code." },
    { SINK_CODE, code_decoded, PAGE_REVIEW, WHAT_LOADER, 'c', "A text that is put together or decoded here is run as code." },
    { SINK_LOAD, load_of_request, PAGE_BACK_DOOR, WHAT_LOADER, 'b', "A program that the request brings or names is loaded and can run." },
    { SINK_LOAD, own_pages, PAGE_REVIEW, WHAT_LOADER, 'b', "From now on the server asks this page's code what other pages hold." },
    { SINK_LOAD, any_member, PAGE_BACK_DOOR, WHAT_EVALUATOR, 'm', "Any member of any class that the request names is called with what it says." },
    { SINK_LOAD, load_by_name, PAGE_REVIEW, WHAT_LOADER, 't', "A class or member that the request names is used." },
    { SINK_LOAD, any_load, PAGE_REVIEW, WHAT_LOADER, 'b', "A program that is kept or decoded here is loaded." },
    { SINK_DESERIALISE, bytes_of_request, PAGE_BACK_DOOR, WHAT_LOADER, 'b', "Objects are made of bytes that the request brings, by a reader that runs code in them." },
    { SINK_MEMORY, bytes_of_request, PAGE_BACK_DOOR, WHAT_LOADER, 'b', "Machine code that the request brings is put into memory and run." },
    { SINK_MEMORY, always, PAGE_BACK_DOOR, WHAT_LOADER, 'b', "Machine code is put into memory and run." },
    { SINK_PROCESS, starts_by_request, PAGE_BACK_DOOR, WHAT_COMMAND, 'x', "A program that the request names is started." },
    { SINK_PROCESS, starts_by_path, PAGE_BACK_DOOR, WHAT_COMMAND, 'a', "A shell is started with what a visitor puts into the address of the page." },
    { SINK_PROCESS, starts_with_request, PAGE_REVIEW, WHAT_COMMAND, 'a', "A fixed program is started with what the request says." },
    { SINK_PROCESS, starts_stored, PAGE_REVIEW, WHAT_COMMAND, 'x', "A program is started with what was stored before." },
    { SINK_PROCESS, always, PAGE_REVIEW, WHAT_COMMAND, 'x', "A program is started." },
    { SINK_WRITE, writes_anywhere, PAGE_BACK_DOOR, WHAT_UPLOADER, 'p', "What the request brings is written to the path that it names." },
    { SINK_WRITE, writes_page, PAGE_BACK_DOOR, WHAT_UPLOADER, 'd', "What the request brings is written as a page that the server runs." },
    { SINK_WRITE, writes_named_text, PAGE_BACK_DOOR, WHAT_UPLOADER, 'p', "A text of the request is written under the name that it gives, with any extension." },
    { SINK_WRITE, uploads_beside, PAGE_BACK_DOOR, WHAT_UPLOADER, 'p', "A file of any kind that the request brings is written beside the page." },
    { SINK_WRITE, writes_itself, PAGE_BACK_DOOR, WHAT_UPLOADER, 'd', "What the request brings is written into the page itself." },
    { SINK_WRITE, writes_code, PAGE_REVIEW, WHAT_UPLOADER, 'd', "A page with code in it is written." },
    { SINK_WRITE, writes_request, PAGE_REVIEW, WHAT_UPLOADER, 'd', "What the request brings is written to a fixed place." },
    { SINK_WRITE, path_of_request, PAGE_REVIEW, WHAT_UPLOADER, 'p', "A file is written to the path that the request names." },
    { SINK_DELETE, path_of_request, PAGE_REVIEW, WHAT_DELETER, 'p', "The file or folder that the request names is deleted." },
    { SINK_RENAME, path_of_request, PAGE_REVIEW, WHAT_FILE_MANAGER, 'p', "Files are moved or copied where the request says." },
    { SINK_TOUCH, path_partly, PAGE_REVIEW, WHAT_FILE_MANAGER, 'p', "Times or attributes of the file that the request names are changed." },
    { SINK_READ, path_of_request, PAGE_REVIEW, WHAT_READER, 'p', "The file that the request names is read." },
    { SINK_LIST, path_of_request, PAGE_REVIEW, WHAT_LISTER, 'p', "The folder that the request names is listed." },
    { SINK_CONNECT, own_port, PAGE_BACK_DOOR, WHAT_TUNNEL, 'h', "What the request says is sent to services of the server itself, at the port that it names." },
    { SINK_CONNECT, tunnels, PAGE_REVIEW, WHAT_TUNNEL, 'h', "A connection is opened to where the request says." },
    { SINK_CONNECT, fetches, PAGE_REVIEW, WHAT_PROXY, 'h', "The address that the request names is fetched." },
    { SINK_SEND, secret_sent, PAGE_BACK_DOOR, WHAT_SECRETS, 'd', "Keys or passwords of the server are sent to another machine." },
    { SINK_SEND, relays, PAGE_BACK_DOOR, WHAT_TUNNEL, 'd', "What the request brings is sent through a connection that the page holds." },
    { SINK_RECEIVE, hears_all, PAGE_BACK_DOOR, WHAT_OTHER, 't', "Everything that passes the server's network is listened to." },
    { SINK_SQL, sql_command, PAGE_BACK_DOOR, WHAT_COMMAND, 'q', "The database is told to start what the request says." },
    { SINK_SQL, sql_everything, PAGE_BACK_DOOR, WHAT_SQL, 'q', "Any statement that the request brings is run on any database that it names." },
    { SINK_SQL, sql_any_table, PAGE_BACK_DOOR, WHAT_SQL, 'q', "Any table of any database that the request names is read." },
    { SINK_SQL, sql_page, PAGE_BACK_DOOR, WHAT_UPLOADER, 'q', "What the request says is written by the database into a page that the server runs." },
    { SINK_SQL, sql_console, PAGE_REVIEW, WHAT_SQL, 'q', "The statement that the request brings is run on a database." },
    { SINK_RESPOND, secret_out, PAGE_BACK_DOOR, WHAT_SECRETS, 'o', "Keys or passwords of the server are sent to the visitor." },
    { SINK_RESPOND, output_out, PAGE_REVIEW, WHAT_COMMAND, 'o', "What a program printed is sent to the visitor." },
    { SINK_RESPOND, file_out, PAGE_REVIEW, WHAT_READER, 'o', "A file of the request's choice is sent to the visitor." },
    { SINK_REGISTRY, anything_of_request, PAGE_REVIEW, WHAT_OTHER, 'p', "The registry is changed as the request says." },
    { SINK_ACCOUNT, anything_of_request, PAGE_REVIEW, WHAT_OTHER, 'u', "Accounts are changed as the request says." },
    { SINK_INCLUDE, path_of_request, PAGE_REVIEW, WHAT_LOADER, 'p', "The page that the request names is run in this one." },
};

static int severity(const struct judged *j)
{
    /* In code that nothing calls, or inside data binding: still there, but told after what a visitor reaches. */
    return (int)j->grade * 64 + (j->use->reached ? 32 : 0) - (int)j->what;
}

static void keep(struct verdict_of_page *v, struct judged j)
{
    size_t at = v->n;

    for (size_t i = 0; i < v->n; i++)
        if (v->flow[i].use->line == j.use->line && v->flow[i].what == j.what) {
            if (v->flow[i].grade >= j.grade)
                return;
            memmove(&v->flow[i], &v->flow[i + 1], (--v->n - i) * sizeof v->flow[0]);
            at = v->n;
            break;
        }
    while (at && severity(&v->flow[at - 1]) < severity(&j))
        at--;
    if (at == ANALYSE_FLOWS_MAX)
        return;
    size_t moved = v->n - at - (v->n == ANALYSE_FLOWS_MAX);
    memmove(&v->flow[at + 1], &v->flow[at], moved * sizeof v->flow[0]);
    v->flow[at] = j;
    v->n += v->n < ANALYSE_FLOWS_MAX;
}

void judge_add(struct verdict_of_page *v, struct judged j)
{
    keep(v, j);
    if (j.grade > v->verdict) {
        v->verdict    = j.grade;
        v->what       = j.what;
        v->confidence = j.grade == PAGE_BACK_DOOR ? 0.97 : 0.5;
    }
}

/* A connection of the request's choice is a tunnel where the page keeps it from one request to the next, or passes bytes between it and the visitor. */
static void find_tunnel(struct verdict_of_page *v, const struct flow *f)
{
    bool kept = false, sends = false, receives = false;

    for (size_t i = 0; i < f->use_n; i++) {
        const struct use *u = &f->use[i];
        kept     = kept || u->sink == SINK_STORE;         /* flow tells only connections */
        sends    = sends || (u->sink == SINK_SEND && judge_marks(u, 'd') & ORDERS);
        receives = receives || u->sink == SINK_RECEIVE || (u->sink == SINK_RESPOND && judge_marks(u, 'o') & MARK_NETWORK);
    }
    for (size_t i = 0; i < v->n && (kept || (sends && receives)); i++)
        if (v->flow[i].use->sink == SINK_CONNECT && v->flow[i].what == WHAT_TUNNEL)
            v->flow[i].grade = v->verdict = PAGE_BACK_DOOR;
}

/* Ways that are each for a person to look at, and a file manager together: it shows whatever folder the request names, and reads or changes what is in it. */
static bool manages_files(const bool *seen)
{
    bool more = seen[WHAT_READER] || seen[WHAT_DELETER] || seen[WHAT_FILE_MANAGER] || seen[WHAT_UPLOADER];
    return (seen[WHAT_LISTER] && more) || (seen[WHAT_READER] && seen[WHAT_DELETER]);
}

/* What has honest uses is not honest in code that the page keeps in a text, away from who reads it. */
static bool hidden(const struct use *u)
{
    return u->nest && (u->sink == SINK_PROCESS || u->sink == SINK_WRITE || u->sink == SINK_DELETE || u->sink == SINK_RENAME || u->sink == SINK_READ || u->sink == SINK_LIST || u->sink == SINK_CONNECT);
}

void judge_page(struct verdict_of_page *ret, const struct flow *f)
{
    struct verdict_of_page v = { 0 };
    bool                   seen[WHAT_KINDS] = { false };

    for (size_t i = 0; i < f->use_n; i++)
        for (size_t r = 0; r < COUNT_OF(rules); r++)
            if (rules[r].sink == f->use[i].sink && rules[r].fits(&f->use[i])) {
                seen[rules[r].what] = true;
                keep(&v, (struct judged){ &f->use[i], hidden(&f->use[i]) ? PAGE_BACK_DOOR : rules[r].grade, rules[r].what, rules[r].lead, rules[r].text });
                break;
            }
    v.verdict = v.n ? v.flow[0].grade : PAGE_CLEAN;
    v.what    = v.n ? v.flow[0].what : WHAT_NONE;
    find_tunnel(&v, f);
    for (size_t i = 0; i < v.n && v.verdict == PAGE_BACK_DOOR; i++)
        if (v.flow[i].grade == PAGE_BACK_DOOR) {
            v.what = v.flow[i].what;
            break;
        }
    if (manages_files(seen)) {
        v.verdict = PAGE_BACK_DOOR;
        v.what    = WHAT_FILE_MANAGER;
    }
    judge_together(&v, f);
    v.confidence = v.verdict == PAGE_BACK_DOOR ? (v.n && v.flow[0].use->reached ? 0.97 : 0.85) : v.verdict == PAGE_REVIEW ? 0.5 : 0.0;
    *ret = v;
}
