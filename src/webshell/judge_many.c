/* What several uses of a page mean together, where each alone has honest reasons. */
#include "webshell/judge.h"

#include "base/num.h"
#include "base/winpath.h"

enum { ORDERS = MARK_REQUEST | MARK_UPLOAD };

static void accuse(struct verdict_of_page *v, const struct use *u, enum page_what what, char lead, const char *text)
{
    judge_add(v, (struct judged){ u, PAGE_BACK_DOOR, what, lead, text });
}

/* An address of the request's choice is fetched, and what comes back goes to the visitor: a way into the network behind the server. */
static void find_relay(struct verdict_of_page *v, const struct flow *f)
{
    const struct use *out = NULL;

    for (size_t i = 0; i < f->use_n && !out; i++)
        if (f->use[i].sink == SINK_RESPOND && (judge_marks(&f->use[i], 'o') & MARK_NETWORK))
            out = &f->use[i];
    for (size_t i = 0; i < f->use_n && out; i++)
        if (f->use[i].sink == SINK_CONNECT && judge_free_choice(&f->use[i], 'h')) {
            accuse(v, &f->use[i], WHAT_PROXY, 'h', "The address that the request names is fetched, and what comes back is given to the visitor.");
            return;
        }
}

/* Each file that is found is read and put into a database that the request names. */
static void find_packer(struct verdict_of_page *v, const struct flow *f)
{
    const struct use *made = NULL;
    bool lists = false, reads = false;

    for (size_t i = 0; i < f->use_n; i++) {
        const struct use *u = &f->use[i];
        lists = lists || u->sink == SINK_LIST;
        reads = reads || (u->sink == SINK_READ && (judge_marks(u, 'p') & MARK_LISTING));
        if (u->sink == SINK_CONNECT && str_iends(u->call, STR(".Create")) && (judge_marks(u, 'n') & ORDERS))
            made = u;
    }
    if (lists && reads && made)
        accuse(v, made, WHAT_FILE_MANAGER, 'n', "All files that are found are packed into a file that the request names.");
}

static struct str known_end(const struct val *v) { return !v ? STR_EMPTY : v->kind == VAL_TEXT ? v->text : v->tail; }

static bool is_program(struct str path)
{
    static const char *const end[] = { ".vbs", ".vbe", ".js", ".jse", ".wsf", ".wsh", ".bat", ".cmd", ".ps1", ".exe", ".com", ".scr", ".hta", ".dll", ".pif" };

    for (size_t i = 0; i < COUNT_OF(end); i++)
        if (path.n >= 3 && str_iends(path, str_c(end[i])))
            return true;
    return false;
}

static bool names(const struct val *v, struct str path)
{
    return v && ((v->text.n >= path.n && str_ihas(v->text, path)) || (v->tail.n >= path.n && str_ihas(v->tail, path)));
}

/* A program or script that the page itself writes, and starts. */
static void find_dropper(struct verdict_of_page *v, const struct flow *f)
{
    enum { TRIES = 64 };
    unsigned tries = 0;

    for (size_t i = 0; i < f->use_n && tries < TRIES; i++) {
        struct str path = f->use[i].sink == SINK_WRITE ? known_end(judge_role(&f->use[i], 'p')) : STR_EMPTY;
        if (!is_program(path))
            continue;
        tries++;
        for (size_t k = 0; k < f->use_n; k++) {
            const struct use *u = &f->use[k];
            if (u->sink == SINK_PROCESS && (names(judge_role(u, 'x'), path) || names(judge_role(u, 'a'), path))) {
                accuse(v, u, WHAT_LOADER, 'x', "A program that the page itself writes is started.");
                return;
            }
        }
    }
}

static bool is_page(struct str path) { return path.n && winpath_is_page(path); }

/* What the request brought was written under a harmless name: then the file becomes a page, is unpacked where the request says, or is run as it is. */
static void find_moved(struct verdict_of_page *v, const struct flow *f)
{
    enum { TRIES = 64, PATH_MIN = 4 };
    unsigned tries = 0;

    for (size_t i = 0; i < f->use_n && tries < TRIES; i++) {
        const struct use *w = &f->use[i];
        struct str path = w->sink == SINK_WRITE && (judge_marks(w, 'd') & (ORDERS | MARK_NETWORK)) ? known_end(judge_role(w, 'p')) : STR_EMPTY;
        size_t slash = str_rchr(path, '\\'), other = str_rchr(path, '/');
        slash = slash == STR_NONE || (other != STR_NONE && other > slash) ? other : slash;
        path = slash == STR_NONE ? path : str_from(path, slash + 1);       /* the file's own name: folders are often not known */
        if (path.n < PATH_MIN)
            continue;
        tries++;
        for (size_t k = 0; k < f->use_n; k++) {
            const struct use *u = &f->use[k];
            bool from = names(judge_role(u, 'g'), path);
            if (from && (u->sink == SINK_RENAME || u->sink == SINK_WRITE) && (is_page(known_end(judge_role(u, 'p'))) || ((judge_marks(u, 'p') & ORDERS) && !known_end(judge_role(u, 'p')).n))) {
                accuse(v, u, WHAT_UPLOADER, 'p', "What the request brings is written to a file, which is then made a page or put where the request says.");
                return;
            }
            if ((u->sink == SINK_INCLUDE || u->sink == SINK_CODE || u->sink == SINK_LOAD) && (names(judge_role(u, 'p'), path) || names(judge_role(u, 'b'), path))) {
                accuse(v, u, WHAT_EVALUATOR, 'p', "What the request brings is written to a file, which is then run as code.");
                return;
            }
        }
    }
}

static bool has_any(struct str key, const char *const *word, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_ihas(key, str_c(word[i])))
            return true;
    return false;
}

/* Names and passwords that visitors type, written down as they are. */
static void find_listener(struct verdict_of_page *v, const struct flow *f)
{
    static const char *const pass[] = { "passw", "pword", "pwd", "passwd", "mima" }, *const user[] = { "user", "login", "account", "email" };
    const struct use *at = NULL;
    bool              typed = false, named = false;

    for (size_t i = 0; i < f->use_n; i++) {
        const struct use *u = &f->use[i];
        const struct val *d = u->sink == SINK_WRITE ? judge_role(u, 'd') : NULL;
        if (!d || !(judge_marks(u, 'd') & MARK_REQUEST) || (judge_marks(u, 'p') & ORDERS))
            continue;
        bool secret = has_any(d->key, pass, COUNT_OF(pass)) || str_ieq(d->key, STR("pass"));
        typed = typed || secret;
        named = named || has_any(d->key, user, COUNT_OF(user));
        at = secret || !at ? u : at;
    }
    for (size_t i = 0; i < f->key_n && !typed; i++)
        typed = named && (has_any(f->key[i], pass, COUNT_OF(pass)) || str_ieq(f->key[i], STR("pass")));
    if (at && typed && named)
        accuse(v, at, WHAT_OTHER, 'd', "Names and passwords that visitors type are written to a file.");
}

/* Pages that lie nowhere: their text stands in this one, and the server is told to ask it. */
static void find_ghost(struct verdict_of_page *v, const struct flow *f)
{
    for (size_t i = 0; i < f->use_n && f->page_text; i++)
        if (f->use[i].sink == SINK_LOAD && str_ihas(f->use[i].call, STR("RegisterVirtualPathProvider"))) {
            accuse(v, &f->use[i], WHAT_LOADER, 'b', "The server is made to run a page that lies in no file, but as a text in this one.");
            return;
        }
}

void judge_together(struct verdict_of_page *v, const struct flow *f)
{
    find_relay(v, f);
    find_packer(v, f);
    find_dropper(v, f);
    find_moved(v, f);
    find_ghost(v, f);
    find_listener(v, f);
}
