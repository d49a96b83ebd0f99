/* event_aim: what a record says it was aimed at: a forged request's target, the address that a command sets, the place of a file. */
#include "detect/event_inner.h"

#include "base/num.h"
#include "base/winpath.h"

/* "ServerInfo~a]@exch01.example.com:444/ecp/x?y#": host, path and query of what a forged request reached (sheet 3.1). */
void event_read_target(struct event *e, struct arena *a, struct str anchor, struct str cookie)
{
    struct str s;

    if (str_istarts(anchor, STR("ServerInfo~")) && str_chr(anchor, '/') != STR_NONE) {
        s = str_from(anchor, 11);
    } else if (str_istarts(cookie, STR("Server~"))) {
        s = str_from(cookie, 7);
        size_t end = str_chr(s, '~');                    /* "Server~host/path~version[~date]"; the date may hold slashes */
        if (end == STR_NONE || str_chr(str_sub(s, 0, end), '/') == STR_NONE)
            return;
        s = str_sub(s, 0, end);
    } else {
        return;
    }
    e->forged       = true;
    size_t     cut  = str_chr(s, '/');
    struct str host = str_sub(s, 0, cut);
    struct str rest = str_from(s, cut);
    size_t     at   = str_rchr(host, '@');
    if (at != STR_NONE)
        host = str_from(host, at + 1);
    size_t bracket = str_rchr(host, ']');
    if (bracket != STR_NONE && bracket + 1 < host.n && host.p[bracket + 1] != ':')
        host = str_from(host, bracket + 1);
    e->target_host = event_without_port(host);
    size_t colon   = str_chr(e->target_host, ':');
    if (colon != STR_NONE && colon == str_rchr(e->target_host, ':'))
        e->target_host = str_sub(e->target_host, 0, colon);
    size_t end = 0;
    while (end < rest.n && rest.p[end] != '?' && rest.p[end] != '#')
        end++;
    e->target_path  = urlpath_fold(a, str_sub(rest, 0, end));
    e->target_query = end < rest.n && rest.p[end] == '?' ? str_from(rest, end + 1) : STR_EMPTY;
    e->canary       = event_query_value(e->target_query, STR("msExchEcpCanary"));
    e->mailbox      = event_query_value(e->target_query, STR("Email"));
}

/* An absolute address as an administrator types one. Anything above ASCII is a name of the administrator's language. */
static bool plain_url(struct str v)
{
    v = str_trim(v);
    if (str_ieq(v, STR("$null")) || v.n == 0)
        return true;
    if (!str_istarts(v, STR("http://")) && !str_istarts(v, STR("https://")))
        return false;
    for (size_t i = 0; i < v.n; i++)
        if (v.p[i] <= ' ' || v.p[i] == 0x7F || v.p[i] == '<' || v.p[i] == '>' || v.p[i] == '"' || v.p[i] == '(' || v.p[i] == '{')
            return false;
    /* No name of one letter: published drops use http://f/, http://g/, http://o/# (sheet 8.2). A real one has a dot or is a server's name. */
    struct str host  = str_from(v, str_find(v, STR("//")) + 2);
    size_t     slash = str_chr(host, '/');
    return (slash == STR_NONE ? host.n : slash) >= 2;
}

/* The value that starts here, without its quotes. */
static struct str set_value(struct str v)
{
    if (v.n && (v.p[0] == '\'' || v.p[0] == '"')) {
        /* A quote inside a planted script ends the value early; what decides stands before it or in the whole command. */
        size_t end = str_chr(str_from(v, 1), v.p[0]);
        return str_sub(v, 1, end == STR_NONE ? v.n : end + 1);
    }
    size_t end = 0;
    while (end < v.n && v.p[end] != '.' && !ch_space(v.p[end]))
        end++;
    return str_istarts(v, STR("$null")) ? str_sub(v, 0, end) : v;
}

/* ".ExternalUrl='http://...'" in an ECP command. Of several the telling one: what is no address before an address, an address before nothing. */
void event_read_set_url(struct event *e)
{
    static const struct str name[] = { STR_INIT("ExternalUrl="), STR_INIT("InternalUrl=") };
    int best = -1;

    for (size_t i = 0; i < COUNT_OF(name); i++) {
        struct str rest = e->command;
        for (int tries = 0; tries < 8; tries++) {
            size_t at = str_ifind(rest, name[i]);
            if (at == STR_NONE)
                break;
            rest = str_from(rest, at + name[i].n);
            struct str v    = set_value(rest);
            bool       none = v.n == 0 || str_ieq(v, STR("$null")), plain = plain_url(v);
            int        tell = !plain ? 2 : !none ? 1 : 0;
            if (tell <= best)
                continue;
            best         = tell;
            e->has_set   = true;
            e->set_url   = v;
            e->set_plain = plain;
        }
    }
}

struct str event_script_key(struct str text)
{
    static const struct str word = STR_INIT("request");
    struct str rest = text;

    for (int tries = 0; tries < 64; tries++) {
        size_t at = str_ifind(rest, word);
        if (at == STR_NONE)
            return STR_EMPTY;
        rest = str_from(rest, at + word.n);
        /* Up to the opening quote only the characters of an index or call may stand, with comments cut by length. */
        size_t q = 0;
        while (q < rest.n && q < 80 && rest.p[q] != '"' && rest.p[q] != '\'' && rest.p[q] != ';' && rest.p[q] != '>')
            q++;
        if (q >= rest.n || (rest.p[q] != '"' && rest.p[q] != '\''))
            continue;
        if (str_chr(str_sub(rest, 0, q), '[') == STR_NONE && str_chr(str_sub(rest, 0, q), '(') == STR_NONE)
            continue;
        size_t     from = q + 1, end = from;
        while (end < rest.n && end - from < 64 && (ch_alnum(rest.p[end]) || rest.p[end] == '_' || rest.p[end] == '-'))
            end++;
        if (end > from && end < rest.n && rest.p[end] == rest.p[q])
            return str_sub(rest, from, end);
    }
    return STR_EMPTY;
}

static bool same_name(struct str name, struct str full) { return str_ieq(name, full) || winpath_short_fits(name, full); }

/* Below a folder, each part as it is or as its short name: the service may write "C:\\PROGRA~1\\...". */
static bool below(struct str path, struct str dir)
{
    struct str want, have;

    while (str_cut(&dir, '\\', &want))
        if (!str_cut(&path, '\\', &have) || !same_name(have, want))
            return false;
    return path.n > 0;
}

/* What the service never downloads. Evidence sheet, section 5. */
static bool script_name(struct str path)
{
    static const char *const more[] = { ".js", ".cfm", ".shtml" };

    for (size_t i = 0; i < COUNT_OF(more); i++)
        if (str_ieq(winpath_ext(path), str_c(more[i])))
            return true;
    return winpath_is_page(path);
}

/* Sheet 5: legitimate only below <install>\ClientAccess\OAB\. */
bool event_foreign_path(const struct ev *ev, struct arena *a, struct str path)
{
    struct str canon = winpath_canon(a, path, ev ? ev->system_drive : 'C');

    for (size_t i = 0; ev && i < ev->install_n; i++)
        if (below(canon, str_cat(a, ev->install[i].path, STR("\\ClientAccess\\OAB"))))
            return script_name(canon);
    if (ev && ev->install_n)
        return true;
    for (struct str rest = canon, part; str_cut(&rest, '\\', &part);)   /* install folder not in the evidence: by its shape */
        if (same_name(part, STR("ClientAccess")) && below(rest, STR("OAB")))
            return script_name(canon);
    return true;
}
