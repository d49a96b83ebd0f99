/* command_line: how a command line is read: variables, arguments, program, paths, and the flattened text that rules look at. */
#include "detect/command_inner.h"

#include "base/num.h"
#include "base/winpath.h"

#include <string.h>

/* '*' stands for the letter of the system drive. A service has no profile: its temporary folder is Windows'. */
static const struct { struct str name, value; } variables[] = {
    { STR_INIT("comspec"), STR_INIT("*:\\Windows\\System32\\cmd.exe") }, { STR_INIT("systemroot"), STR_INIT("*:\\Windows") },
    { STR_INIT("windir"), STR_INIT("*:\\Windows") },                     { STR_INIT("systemdrive"), STR_INIT("*:") },
    { STR_INIT("programfiles"), STR_INIT("*:\\Program Files") },         { STR_INIT("programw6432"), STR_INIT("*:\\Program Files") },
    { STR_INIT("programfiles(x86)"), STR_INIT("*:\\Program Files (x86)") }, { STR_INIT("programdata"), STR_INIT("*:\\ProgramData") },
    { STR_INIT("allusersprofile"), STR_INIT("*:\\ProgramData") },        { STR_INIT("public"), STR_INIT("*:\\Users\\Public") },
    { STR_INIT("temp"), STR_INIT("*:\\Windows\\Temp") },                 { STR_INIT("tmp"), STR_INIT("*:\\Windows\\Temp") },
    { STR_INIT("userprofile"), STR_INIT("*:\\Users\\%user%") },          { STR_INIT("appdata"), STR_INIT("*:\\Users\\%user%\\AppData\\Roaming") },
    { STR_INIT("localappdata"), STR_INIT("*:\\Users\\%user%\\AppData\\Local") },
    { STR_INIT("commonprogramfiles"), STR_INIT("*:\\Program Files\\Common Files") },
};
enum { VARIABLE_MAX = 40 };

/* Length of a variable that begins here, in the spelling of cmd or of PowerShell; 0: none. */
static size_t variable(struct str s, struct str *ret_value)
{
    for (size_t i = 0; i < COUNT_OF(variables); i++) {
        struct str name = variables[i].name;
        size_t n = 0;
        if (s.p[0] == '%' && str_istarts(str_from(s, 1), name) && s.n > name.n + 1 && s.p[name.n + 1] == '%')
            n = name.n + 2;
        else if (str_istarts(s, STR("$env:")) && str_istarts(str_from(s, 5), name) && (s.n == name.n + 5 || !ch_alnum(s.p[name.n + 5])) &&
                 (s.n == name.n + 5 || s.p[name.n + 5] != '('))
            n = name.n + 5;
        if (n) {
            *ret_value = variables[i].value;
            return n;
        }
    }
    return 0;
}

struct str command_expand(struct arena *a, struct str line, uint8_t sys)
{
    size_t marks = 0;

    line = str_sub(line, 0, COMMAND_TEXT_MAX);
    for (size_t i = 0; i < line.n; i++)
        marks += line.p[i] == '%' || line.p[i] == '$';
    uint8_t *p = TAKE(a, uint8_t, line.n + marks * VARIABLE_MAX + 1);
    size_t   n = 0;
    if (!p)
        return STR_EMPTY;
    for (size_t i = 0; i < line.n;) {
        struct str value;
        size_t     took = line.p[i] == '%' || line.p[i] == '$' ? variable(str_from(line, i), &value) : 0;
        if (!took) {
            p[n++] = line.p[i] ? line.p[i] : ' ';
            i++;
            continue;
        }
        memcpy(p + n, value.p, value.n);
        p[n] = sys ? sys : 'C';
        n += value.n;
        i += took;
    }
    return (struct str){ p, n };
}

bool command_split(struct arena *a, struct str line, struct command_arg *ret, size_t *ret_n)
{
    size_t i = 0, n = 0;

    while (n < COMMAND_ARGS_MAX) {
        while (i < line.n && ch_space(line.p[i]))
            i++;
        if (i >= line.n)
            break;
        size_t   from = i, len = 0;
        bool     inside = false;
        for (; i < line.n && (inside || !ch_space(line.p[i])); i++)
            inside ^= line.p[i] == '"' && !(i > from && line.p[i - 1] == '\\' && (i < from + 2 || line.p[i - 2] != ':'));
        uint8_t *p = TAKE(a, uint8_t, i - from + 1);
        if (!p)
            return false;
        for (size_t k = from; k < i; k++) {
            bool quoted = line.p[k] == '\\' && k + 1 < i && line.p[k + 1] == '"' && (k == from || line.p[k - 1] != ':');
            if (quoted)
                p[len++] = line.p[++k];
            else if (line.p[k] != '"')
                p[len++] = line.p[k];
        }
        ret[n++] = (struct command_arg){ { p, len }, from, i };
    }
    *ret_n = n;
    return true;
}

static const char *const runnable[] = {
    ".exe", ".com", ".scr", ".bat", ".cmd", ".ps1", ".psm1", ".vbs", ".vbe", ".js", ".jse", ".wsf", ".wsh", ".hta", ".dll", ".cpl", ".ocx", ".py", ".pyw", ".jar", ".msi",
    ".sct", ".inf", ".lnk", ".sys", ".pif", ".msc", ".csproj", ".proj", ".xsl", ".wsc",
};

bool command_runnable(struct str path)
{
    struct str ext = winpath_ext(path);

    for (size_t i = 0; i < COUNT_OF(runnable); i++)
        if (str_ieq(ext, str_c(runnable[i])))
            return true;
    return false;
}

/* A path ends where its extension ends: "C:\Program Files\x y.exe -a". Its length, or 0. */
static size_t to_extension(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '.')
            continue;
        for (size_t k = 0; k < COUNT_OF(runnable); k++) {
            size_t end = i + strlen(runnable[k]);
            if (str_istarts(str_from(s, i), str_c(runnable[k])) && (end == s.n || ch_space(s.p[end]) || s.p[end] == '"' || s.p[end] == ','))
                return end;
        }
    }
    return 0;
}

struct str command_program(struct str line, size_t *ret_rest)
{
    size_t at = 0, end;

    while (at < line.n && (ch_space(line.p[at]) || line.p[at] == '@' || line.p[at] == '&' || line.p[at] == '('))
        at++;
    struct str rest = str_from(line, at);
    if (rest.n && (rest.p[0] == '"' || rest.p[0] == '\'')) {
        size_t close = str_chr(str_from(rest, 1), rest.p[0]);
        end = close == STR_NONE ? rest.n : close + 2;
        *ret_rest = at + end;
        return str_trim(str_sub(rest, 1, close == STR_NONE ? rest.n : close + 1));
    }
    for (end = 0; end < rest.n && !ch_space(rest.p[end]) && rest.p[end] != '"';)
        end++;
    struct str first = str_sub(rest, 0, end);
    bool rooted = str_chr(first, '\\') != STR_NONE || str_chr(first, '/') != STR_NONE;
    if (rooted && !command_runnable(first)) {
        size_t quote = str_chr(rest, '"'), whole = to_extension(str_sub(rest, 0, quote == STR_NONE ? rest.n : quote));
        end = whole ? whole : end;
    }
    *ret_rest = at + end;
    return str_sub(rest, 0, end);
}

static bool ends_path(uint8_t c) { return c == '"' || c == '\'' || c == '|' || c == ';' || c == '<' || c == '>' || c == '*' || c == '?' || c == ')' || c == '&' || c == '`' || c < ' '; }

bool command_next_path(struct str text, size_t *pos, struct str *ret)
{
    for (size_t i = *pos; i + 2 < text.n; i++) {
        bool drive = ch_alpha(text.p[i]) && text.p[i + 1] == ':' && (text.p[i + 2] == '\\' || text.p[i + 2] == '/') && (i == 0 || !ch_alnum(text.p[i - 1])) &&
                     !(i + 3 < text.n && text.p[i + 2] == '/' && text.p[i + 3] == '/');
        bool unc   = text.p[i] == '\\' && text.p[i + 1] == '\\' && ch_alnum(text.p[i + 2]) && (i == 0 || text.p[i - 1] != '\\');
        if (!drive && !unc)
            continue;
        size_t end = i + 2;
        while (end < text.n && !ends_path(text.p[end]) && !(text.p[end] == ',' && command_runnable(str_sub(text, i, end))))
            end++;
        size_t whole = to_extension(str_sub(text, i, end));
        if (whole)
            end = i + whole;
        *pos = end;
        *ret = str_trim(str_sub(text, i, end));
        bool quoted = i && (text.p[i - 1] == '"' || text.p[i - 1] == '\'') && end < text.n && text.p[end] == text.p[i - 1];
        if (!whole && !quoted && str_chr(*ret, ' ') != STR_NONE)
            *ret = str_sub(*ret, 0, str_chr(*ret, ' '));
        return true;
    }
    return false;
}

/* Letters between which a mark does nothing but break the word. A backtick before these is a control character of PowerShell. */
static bool breaks(struct str s, size_t i)
{
    if (i == 0 || i + 1 >= s.n || !ch_alpha(s.p[i - 1]) || !ch_alpha(s.p[i + 1]))
        return false;
    return s.p[i] == '^' || !memchr("0abefnrtuv", s.p[i + 1], 10);
}

/* Length of what stands between two joined pieces of text: ' + '. 0: nothing of the kind begins here. */
static size_t joint(struct str s, size_t i)
{
    size_t k = i + 1;

    if (s.p[i] != '\'' && s.p[i] != '"')
        return 0;
    while (k < s.n && s.p[k] == ' ')
        k++;
    if (k >= s.n || s.p[k] != '+')
        return 0;
    for (k++; k < s.n && s.p[k] == ' ';)
        k++;
    return k < s.n && (s.p[k] == '\'' || s.p[k] == '"') ? k + 1 - i : 0;
}

struct str command_flat(struct arena *a, struct str text, struct command_tricks *ret)
{
    uint8_t *p = TAKE(a, uint8_t, text.n + 2);
    size_t   n = 0;

    *ret = (struct command_tricks){ 0 };
    if (!p)
        return STR_EMPTY;
    p[n++] = ' ';
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = ch_lower(text.p[i]);
        size_t  skip = joint(text, i);
        if (skip) {
            ret->joined += i && ch_alpha(text.p[i - 1]) && i + skip < text.n && ch_alpha(text.p[i + skip]);
            i += skip - 1;
            continue;
        }
        if (c == '^' || c == '`') {
            ret->broken += breaks(text, i);
            continue;
        }
        if (c == '"' || c == '\'')
            continue;
        ret->cut_out += c == ':' && i + 2 < text.n && text.p[i + 1] == '~' && (ch_digit(text.p[i + 2]) || text.p[i + 2] == '-');
        ret->codes   += str_istarts(str_from(text, i), STR("[char]"));
        if (c == '.' && str_istarts(str_from(text, i), STR(".exe")) && (i + 4 >= text.n || !ch_alnum(text.p[i + 4]))) {
            i += 3;
            continue;
        }
        c = ch_space(c) ? ' ' : c;
        if (c != ' ' || p[n - 1] != ' ')
            p[n++] = c;
    }
    if (p[n - 1] != ' ')
        p[n++] = ' ';
    return (struct str){ p, n };
}

bool command_next_url(struct str text, size_t *pos, struct str *ret)
{
    for (size_t i = *pos; i < text.n; i++) {
        struct str s = str_from(text, i);
        size_t head = str_istarts(s, STR("http://")) ? 7 : str_istarts(s, STR("https://")) ? 8 : str_istarts(s, STR("ftp://")) ? 6 : 0, end = head;
        if (!head)
            continue;
        while (end < s.n && s.p[end] > ' ' && !memchr("\"'|;<>)`^", s.p[end], 9))
            end++;
        *pos = i + end;
        *ret = str_sub(s, 0, end);
        return true;
    }
    return false;
}

struct str command_host(struct str url, bool *ret_public)
{
    size_t     at = str_find(url, STR("://"));
    struct str host = at == STR_NONE ? url : str_from(url, at + 3);
    size_t     end = 0, part_n = 0;
    uint32_t   part[4] = { 0 };
    bool       numeric = true;

    while (end < host.n && !memchr("/?#\\", host.p[end], 4))
        end++;
    host = str_sub(host, 0, end);
    at = str_rchr(host, '@');
    host = at == STR_NONE ? host : str_from(host, at + 1);
    if (host.n == 0 || host.p[0] != '[')
        host = str_sub(host, 0, str_chr(host, ':'));
    for (struct str rest = host, one; str_cut(&rest, '.', &one); part_n++)
        numeric = numeric && part_n < 4 && num_u32(one, &part[part_n]);
    bool v4 = numeric && part_n == 4;
    bool private = v4 && (part[0] == 10 || part[0] == 127 || (part[0] == 172 && part[1] >= 16 && part[1] < 32) || (part[0] == 192 && part[1] == 168) ||
                          (part[0] == 169 && part[1] == 254));
    /* One number alone is an address, too: only those who hide write it so. */
    *ret_public = (v4 && !private) || (numeric && part_n == 1);
    return host;
}

/* Publishers whose documentation asks administrators to fetch and run a script. Source: their install pages. */
bool command_known_host(struct str host)
{
    static const char *const known[] = { "microsoft.com", "aka.ms", "chocolatey.org", "scoop.sh", "powershellgallery.com", "windowsupdate.com", "digicert.com" };

    for (size_t i = 0; i < COUNT_OF(known); i++) {
        struct str k = str_c(known[i]);
        if (str_ieq(host, k) || (host.n > k.n && str_iends(host, k) && host.p[host.n - k.n - 1] == '.'))
            return true;
    }
    return false;
}
