#include "base/winpath.h"
#include "base/num.h"

#include <string.h>

static bool is_sep(uint8_t c) { return c == '\\' || c == '/'; }

/* Where each variable points on every Windows since 2008; a drive of its own for a profile or program folder is seen in the tree only. */
static const struct { struct str name, value; } variables[] = {
    { STR_INIT("%SystemDrive%"), STR_INIT("") },
    { STR_INIT("%HomeDrive%"), STR_INIT("") },
    { STR_INIT("%SystemRoot%"), STR_INIT("Windows") },
    { STR_INIT("%windir%"), STR_INIT("Windows") },
    { STR_INIT("%ProgramFiles%"), STR_INIT("Program Files") },
    { STR_INIT("%ProgramW6432%"), STR_INIT("Program Files") },
    { STR_INIT("%ProgramFiles(x86)%"), STR_INIT("Program Files (x86)") },
    { STR_INIT("%CommonProgramFiles%"), STR_INIT("Program Files\\Common Files") },
    { STR_INIT("%ProgramData%"), STR_INIT("ProgramData") },
    { STR_INIT("%AllUsersProfile%"), STR_INIT("ProgramData") },
    { STR_INIT("%Public%"), STR_INIT("Users\\Public") },
};

/* Every target is shorter than its junction: in place, and it ends. */
static const struct { struct str from, to; } junctions[] = {
    { STR_INIT("Documents and Settings"), STR_INIT("Users") },
    { STR_INIT("Users\\All Users"), STR_INIT("ProgramData") },
    { STR_INIT("Users\\Default User"), STR_INIT("Users\\Default") },
    { STR_INIT("ProgramData\\Application Data"), STR_INIT("ProgramData") },
};

/*
 * What is built. `root` is the number of bytes that ".." may not take away: "C:\" or "\\server\share"; 0 for a relative path.
 * Room for everything is there before the first byte is put: raw and the longest variable.
 */
struct path {
    uint8_t *p;
    size_t   n, root;
    uint8_t  drive;       /* letter, '?', or 0 */
    bool     unc;
    size_t   unc_parts;   /* of server and share, so far */
};

static void put_part(struct path *o, struct str part)
{
    if (o->n && o->p[o->n - 1] != '\\')
        o->p[o->n++] = '\\';
    if (part.n)
        memcpy(o->p + o->n, part.p, part.n);
    o->n += part.n;
    if (o->unc && o->unc_parts < 2) {
        o->unc_parts++;
        o->root = o->n;
    }
}

static void pop_part(struct path *o)
{
    struct str s  = { o->p, o->n };
    size_t     at = str_rchr(s, '\\');

    if (o->n <= o->root)
        return;
    o->n = at == STR_NONE ? 0 : at < o->root ? o->root : at;
}

static void set_drive(struct path *o, uint8_t drive)
{
    drive = drive >= 'a' && drive <= 'z' ? (uint8_t)(drive - 32) : drive;
    *o = (struct path){ .p = o->p, .n = 3, .root = 3, .drive = drive };
    memcpy(o->p, (uint8_t[3]){ drive, ':', '\\' }, 3);
}

static void set_unc(struct path *o)
{
    *o = (struct path){ .p = o->p, .n = 2, .root = 2, .unc = true };
    memcpy(o->p, "\\\\", 2);
}

static void skip_seps(struct str *s)
{
    while (s->n && is_sep(s->p[0]))
        *s = str_from(*s, 1);
}

static bool take_part(struct str *s, struct str *ret)
{
    size_t n = 0;

    skip_seps(s);
    while (n < s->n && !is_sep(s->p[n]))
        n++;
    *ret = str_sub(*s, 0, n);
    *s   = str_from(*s, n);
    return n > 0;
}

/* A name of the object manager that stands for a volume whose letter we cannot know. */
static bool is_volume(struct str part)
{
    return str_istarts(part, STR("Volume{")) || str_istarts(part, STR("HarddiskVolume"));
}

/* Decides what kind of path *s is, puts its root, and leaves *s behind it. */
static void begin(struct path *o, struct str *s, uint8_t sys)
{
    for (;;) {
        size_t     seps = 0;
        struct str rest = *s, part;
        while (seps < s->n && is_sep(s->p[seps]))
            seps++;
        take_part(&rest, &part);
        bool device = (seps >= 2 && (str_eq(part, STR("?")) || str_eq(part, STR(".")))) || (seps == 1 && str_eq(part, STR("??")));
        if (device) {
            *s   = str_from(rest, 1);          /* one separator only: a prefix may stand before a prefix */
            rest = *s;
            take_part(&rest, &part);
            while (str_ieq(part, STR("GLOBALROOT")) || str_ieq(part, STR("Device")))
                take_part(&rest, &part);
            if (str_ieq(part, STR("UNC"))) {
                *s = rest;
                set_unc(o);
                return;
            }
            if (is_volume(part)) {
                *s = rest;
                set_drive(o, '?');
                return;
            }
            continue;
        }
        if (seps >= 2 && part.n) {
            *s = str_from(*s, seps);
            set_unc(o);
        } else if (seps == 1 && str_ieq(part, STR("SystemRoot"))) {
            *s = rest;
            set_drive(o, sys);
            put_part(o, STR("Windows"));
        } else if (seps) {
            *s = str_from(*s, seps);
            set_drive(o, '?');
        } else if (s->n >= 2 && s->p[1] == ':' && (ch_alpha(s->p[0]) || s->p[0] == '?')) {
            set_drive(o, s->p[0]);
            *s = str_from(*s, 2);
        } else {
            *o = (struct path){ .p = o->p };
            for (size_t i = 0; i < COUNT_OF(variables); i++) {
                if (!str_istarts(*s, variables[i].name))
                    continue;
                set_drive(o, sys);
                if (variables[i].value.n)
                    put_part(o, variables[i].value);
                *s = str_from(*s, variables[i].name.n);
                break;
            }
        }
        return;
    }
}

/* Replaces `from` behind the drive by `to`. True: it was there. */
static bool redirect(struct path *o, struct str from, struct str to)
{
    struct str tail = { o->p + 3, o->n - 3 };

    if (!str_istarts(tail, from) || (tail.n > from.n && tail.p[from.n] != '\\'))
        return false;
    size_t skip = from.n;
    if (to.n == 0 && tail.n > skip)
        skip++;                         /* the separator goes with an empty target */
    memcpy(o->p + 3, to.p, to.n);
    memmove(o->p + 3 + to.n, o->p + 3 + skip, tail.n - skip);
    o->n = 3 + to.n + (tail.n - skip);
    return true;
}

static bool drop_device(struct path *o)
{
    struct str tail = { o->p + 3, o->n - 3 };

    if (!str_istarts(tail, STR("Device\\HarddiskVolume")))
        return false;
    size_t end = sizeof "Device\\" - 1;
    while (end < tail.n && tail.p[end] != '\\')
        end++;
    return redirect(o, str_sub(tail, 0, end), (struct str){ o->p, 0 });
}

struct str winpath_canon(struct arena *a, struct str raw, uint8_t sys)
{
    struct str  s = raw, part;
    struct path o = { .p = NEW(a, uint8_t, raw.n + 64) };

    if (!o.p || !ch_alpha(sys))
        sys = 'C';
    if (!o.p)
        return STR_EMPTY;
    begin(&o, &s, sys);
    for (;;) {
        struct str at = s;
        if (!take_part(&s, &part))
            break;
        if (str_eq(part, STR(".")))
            continue;
        if (str_eq(part, STR(".."))) {
            pop_part(&o);
            continue;
        }
        /* "..\%windir%", "x\..\C:..": what comes to stand first decides the kind of path anew. */
        if (o.n == 0 && at.n < raw.n) {
            skip_seps(&at);
            begin(&o, &at, sys);
            if (o.n) {
                s = at;
                continue;
            }
        }
        if (o.unc && o.unc_parts == 0 && (str_eq(part, STR("?")) || str_eq(part, STR("??"))))
            continue;
        put_part(&o, part);
    }
    if (o.unc && o.unc_parts == 0)
        set_drive(&o, '?');
    if (o.drive) {
        for (bool more = true; more;) {
            more = o.drive == '?' && drop_device(&o);
            for (size_t i = 0; (o.drive == '?' || o.drive == (sys & ~0x20)) && i < COUNT_OF(junctions); i++)
                more |= redirect(&o, junctions[i].from, junctions[i].to);
        }
    }
    return (struct str){ o.p, o.n };
}

struct str winpath_name(struct str path)
{
    size_t at = str_rchr(path, '\\');
    return at == STR_NONE ? path : str_from(path, at + 1);
}

struct str winpath_dir(struct str path)
{
    size_t at = str_rchr(path, '\\');
    return at == STR_NONE ? STR_EMPTY : str_sub(path, 0, at);
}

/* What Win32 drops from the end of a name before it opens the file. */
static struct str trim_tail(struct str s)
{
    while (s.n && (s.p[s.n - 1] == '.' || s.p[s.n - 1] == ' '))
        s.n--;
    return s;
}

struct str winpath_ext(struct str path)
{
    struct str name  = winpath_name(path);
    size_t     colon = str_chr(name, ':'), dot;

    if (colon != STR_NONE)
        name = str_sub(name, 0, colon);
    name = trim_tail(name);
    dot  = str_rchr(name, '.');
    return dot == STR_NONE ? STR_EMPTY : str_from(name, dot);
}

bool winpath_below(struct str path, struct str dir)
{
    while (dir.n && dir.p[dir.n - 1] == '\\')
        dir.n--;
    return dir.n && str_istarts(path, dir) && (path.n == dir.n || path.p[dir.n] == '\\');
}

struct str winpath_rest(struct str path, struct str dir)
{
    while (dir.n && dir.p[dir.n - 1] == '\\')
        dir.n--;
    return winpath_below(path, dir) && path.n > dir.n ? str_from(path, dir.n + 1) : STR_EMPTY;
}

bool winpath_reserved(struct str component)
{
    static const struct str plain[] = { STR_INIT("CON"), STR_INIT("PRN"), STR_INIT("AUX"), STR_INIT("NUL"), STR_INIT("CONIN$"), STR_INIT("CONOUT$") };
    size_t end = 0;

    while (end < component.n && component.p[end] != '.' && component.p[end] != ':')
        end++;
    struct str base = trim_tail(str_sub(component, 0, end));
    for (size_t i = 0; i < COUNT_OF(plain); i++)
        if (str_ieq(base, plain[i]))
            return true;
    if (!str_istarts(base, STR("COM")) && !str_istarts(base, STR("LPT")))
        return false;
    struct str number = str_from(base, 3);
    /* The superscript digits 1 to 3 count as digits here: U+00B9, U+00B2, U+00B3. */
    return (number.n == 1 && number.p[0] >= '1' && number.p[0] <= '9') ||
           (number.n == 2 && number.p[0] == 0xc2 && (number.p[1] == 0xb9 || number.p[1] == 0xb2 || number.p[1] == 0xb3));
}

bool winpath_hidden_name(struct str component)
{
    return winpath_reserved(component) || (component.n && trim_tail(component).n != component.n);
}

/* The characters of a long name as its short name has them: blanks and dots go, others that FAT does not know become '_'. */
static size_t short_letters(struct str s, uint8_t *out, size_t cap)
{
    size_t n = 0;

    for (size_t i = 0; i < s.n && n < cap; i++) {
        uint8_t c = s.p[i];
        if (c == ' ' || c == '.')
            continue;
        out[n++] = c >= 0x80 || c == '+' || c == ',' || c == ';' || c == '=' || c == '[' || c == ']' ? '_' : ch_lower(c);
    }
    return n;
}

bool winpath_short_fits(struct str shortname, struct str longname)
{
    size_t     dot = str_rchr(shortname, '.'), long_dot = str_rchr(longname, '.');
    struct str base = dot == STR_NONE ? shortname : str_sub(shortname, 0, dot), ext = dot == STR_NONE ? STR_EMPTY : str_from(shortname, dot + 1);
    size_t     tilde = str_rchr(base, '~');
    uint8_t    have[9];

    if (tilde == STR_NONE || tilde == 0 || tilde > 6 || base.n > 8 || base.n == tilde + 1 || ext.n > 3)
        return false;
    for (size_t i = tilde + 1; i < base.n; i++)
        if (!ch_digit(base.p[i]))
            return false;
    /* A leading dot does not begin an extension: ".config" is all base. */
    if (long_dot == 0)
        long_dot = STR_NONE;
    struct str long_ext = long_dot == STR_NONE ? STR_EMPTY : str_from(longname, long_dot + 1);
    size_t     n        = short_letters(long_ext, have, 3);
    if (!str_ieq(ext, (struct str){ have, n }))
        return false;

    n = short_letters(long_dot == STR_NONE ? longname : str_sub(longname, 0, long_dot), have, sizeof have);
    struct str letters = str_sub(base, 0, tilde);
    if (letters.n <= n && str_ieq(letters, (struct str){ have, letters.n }))
        return letters.n == n || base.n == 8;     /* cut only as far as eight characters ask */
    /* From the fifth collision on: two letters and four hex digits of a checksum. */
    size_t lead = n < 2 ? n : 2;
    if (letters.n != lead + 4 || !str_ieq(str_sub(letters, 0, lead), (struct str){ have, lead }))
        return false;
    for (size_t i = lead; i < letters.n; i++)
        if (ch_hex(letters.p[i]) < 0)
            return false;
    return true;
}

bool winpath_is_page(struct str path)
{
    static const struct str page[] = {
        STR_INIT(".aspx"), STR_INIT(".ashx"), STR_INIT(".asmx"), STR_INIT(".ascx"), STR_INIT(".asax"), STR_INIT(".master"),
        STR_INIT(".cshtml"), STR_INIT(".vbhtml"), STR_INIT(".svc"), STR_INIT(".asp"), STR_INIT(".asa"), STR_INIT(".cer"), STR_INIT(".cdx"),
        STR_INIT(".soap"), STR_INIT(".rem"), STR_INIT(".axd"), STR_INIT(".php"), STR_INIT(".jsp"),
    };
    struct str ext = winpath_ext(path);

    for (size_t i = 0; i < COUNT_OF(page); i++)
        if (str_ieq(ext, page[i]))
            return true;
    return false;
}

/* "(S(abc))": ASP.NET takes such a segment out before it looks for the page (cookieless session state and tickets). */
static bool is_cookieless(struct str s)
{
    return s.n >= 5 && s.p[0] == '(' && ch_alpha(s.p[1]) && s.p[2] == '(' && str_ends(s, STR("))"));
}

/*
 * How much of a component names the page; 0: none. What Windows drops when it opens the file goes: a stream (":$DATA"), dots and blanks at the
 * end (IIS logs a blank as '+'). So does a parameter (";.js"): whoever answers to it, answers as the page.
 */
static size_t page_name(struct str part)
{
    size_t colon = str_chr(part, ':');

    if (colon != STR_NONE)
        part = str_sub(part, 0, colon);
    while (part.n && (part.p[part.n - 1] == '.' || part.p[part.n - 1] == ' ' || part.p[part.n - 1] == '+'))
        part.n--;
    return winpath_is_page(part) ? part.n : 0;
}

static size_t page_part(struct str part)
{
    size_t whole = page_name(part), semicolon = str_chr(part, ';');

    return whole || semicolon == STR_NONE ? whole : page_name(str_sub(part, 0, semicolon));
}

static struct str url_canon(struct arena *a, struct str raw, bool cut_info)
{
    size_t host = str_istarts(raw, STR("http://")) ? 7 : str_istarts(raw, STR("https://")) ? 8 : 0;
    size_t n = 0, part_at = 0;

    if (host) {
        raw = str_from(raw, host);
        size_t slash = str_chr(raw, '/');
        raw = slash == STR_NONE ? STR("/") : str_from(raw, slash);
    }
    size_t query = str_chr(raw, '?');
    if (query != STR_NONE)
        raw = str_sub(raw, 0, query);
    struct str in = str_unpercent(a, raw);
    uint8_t   *p  = in.p || !in.n ? NEW(a, uint8_t, in.n + 2) : NULL;
    if (!p)
        return STR_EMPTY;
    struct str part;
    while (take_part(&in, &part)) {
        if (str_eq(part, STR(".")) || is_cookieless(part))
            continue;
        if (str_eq(part, STR(".."))) {
            size_t slash = str_rchr((struct str){ p, n }, '/');
            n = slash == STR_NONE ? 0 : slash;
            continue;
        }
        p[n++]  = '/';
        part_at = n;
        for (size_t i = 0; i < part.n; i++)
            p[n++] = ch_lower(part.p[i]);
        size_t page = cut_info ? page_part((struct str){ p + part_at, n - part_at }) : 0;
        if (page) {
            n = part_at + page;
            break;
        }
    }
    if (n == 0)
        p[n++] = '/';
    return (struct str){ p, n };
}

struct str urlpath_canon(struct arena *a, struct str raw) { return url_canon(a, raw, true); }
struct str urlpath_fold(struct arena *a, struct str raw) { return url_canon(a, raw, false); }
