#include "survey/probe_scope.h"

#include "base/net_special.h"
#include "base/num.h"

#include <string.h>

/* One line of a file, trimmed; empty and comment lines are passed over. */
struct file { struct str rest; uint32_t line; };

static bool next_line(struct file *f, struct str *ret)
{
    struct str s;

    while (str_cut(&f->rest, '\n', &s)) {
        f->line++;
        s = str_trim(s);
        if (s.n && s.p[0] != '#') {
            *ret = s;
            return true;
        }
    }
    return false;
}

static struct file file_of(struct str s)
{
    return (struct file){ .rest = str_starts(s, STR("\xef\xbb\xbf")) ? str_from(s, 3) : s };
}

static bool at_line(const struct file *f, struct err *e) { return err_where(e, "line %u", f->line); }

bool probe_name(struct arena *a, struct str s, struct str *ret)
{
    size_t label = 0, dots = 0;
    bool   letter = false;

    if (s.n && s.p[s.n - 1] == '.')
        s.n--;
    if (s.n == 0 || s.n > PROBE_NAME_BYTES)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (c == '.') {
            if (label == 0 || s.p[i - 1] == '-')
                return false;
            label = 0;
            letter = false;
            dots++;
        } else if (!(ch_alnum(c) || c == '_' || (c == '-' && label)) || ++label > 63) {
            return false;
        }
        letter |= ch_alpha(c);
    }
    /* The last label has a letter, or it is a number's shape: 192.0.2, 1.2.3.4.5 */
    if (label == 0 || !dots || !letter || s.p[s.n - 1] == '-')
        return false;
    *ret = str_lower(a, s);
    return ret->p != NULL;
}

static bool head_line(struct probe_scope *out, struct str line, bool *ret_is, struct err *e)
{
    static const char *const key[] = { "authority", "valid-from", "valid-until" };
    size_t                   colon = str_chr(line, ':');

    *ret_is = false;
    for (size_t i = 0; colon != STR_NONE && i < COUNT_OF(key); i++) {
        if (!str_ieq(str_trim(str_sub(line, 0, colon)), str_c(key[i])))
            continue;
        struct str value = str_trim(str_from(line, colon + 1));
        int64_t    at;
        *ret_is = true;
        if (i == 0 ? out->authority.n != 0 : (i == 1 ? out->from_us : out->until_us) != TIME_NONE)
            return err_set(e, ERR_FORMAT, "scope: \"%s\" stands there twice", key[i]);
        if (i == 0) {
            out->authority = value;
            return true;
        }
        if (!time_parse(value, &at))
            return err_set(e, ERR_FORMAT, "scope: \"%.*s\" is no date", STR_ARG(str_sub(value, 0, 40)));
        if (i == 1)
            out->from_us = at;
        else
            out->until_us = value.n == 10 ? at + TIME_DAY : at;
        return true;
    }
    return true;
}

static bool valid(const struct probe_scope *s, int64_t now_us, struct err *e)
{
    char text[TIME_TEXT];

    if (s->authority.n < 3)
        err_set(e, ERR_USAGE, "scope: it names no authority");
    else if (s->from_us == TIME_NONE || s->until_us == TIME_NONE)
        err_set(e, ERR_USAGE, "scope: it does not say from when until when it is valid");
    else if (now_us < s->from_us) {
        time_text(s->from_us, text);
        err_set(e, ERR_USAGE, "scope: not valid before %s", text);
    } else if (now_us >= s->until_us) {
        time_text(s->until_us, text);
        err_set(e, ERR_USAGE, "scope: not valid any more since %s", text);
    } else
        return true;
    return err_hint(e, "A scope begins with lines \"authority: WHO ORDERED IT, REFERENCE\", \"valid-from: DATE\" and \"valid-until: DATE\".");
}

static bool network_fits(const struct net *n, bool loose, bool lab, struct err *e)
{
    char                      text[NET_TEXT];
    const struct net_special *special = net_special_within(n);

    net_text(n, text);
    if (loose)
        return err_set(e, ERR_FORMAT, "scope: bits are set behind the prefix; %s was meant?", text);
    if (n->bits == 0 || (net_is4(n->ip) && n->bits == NET_BITS_4))
        return err_set(e, ERR_USAGE, "scope: %s is everybody", text);
    if (net_count(n) > PROBE_TARGETS_MAX)
        return err_set(e, ERR_LIMIT, "scope: %s holds more than %d addresses", text, PROBE_TARGETS_MAX);
    if (special && !lab) {
        err_set(e, ERR_USAGE, "scope: %s is %s", text, special->name);
        return err_hint(e, "Special-purpose addresses are asked only with --lab.");
    }
    return true;
}

/* Counts networks and names first, so that their tables are made once. */
static void count(struct str file, size_t *ret_lines)
{
    struct file f = file_of(file);
    struct str  line;

    for (*ret_lines = 0; next_line(&f, &line);)
        ++*ret_lines;
}

static bool parts(struct probe_scope *out, struct arena *a, struct err *e)
{
    out->part = NEW(a, struct net, out->nets.n + 1);
    out->first = NEW(a, uint64_t, out->nets.n + 1);
    if (!out->part || !out->first)
        return err_set(e, ERR_MEMORY, "no room for the scope");
    for (size_t i = 0; i < out->nets.n; i++) {
        if (out->nets.entry[i].parent != NET_NONE)
            continue;
        out->first[out->part_n] = out->addresses;
        out->part[out->part_n++] = out->nets.entry[i].net;
        out->addresses += net_count(&out->nets.entry[i].net);
        if (out->addresses > PROBE_TARGETS_MAX) {
            err_set(e, ERR_LIMIT, "scope: more than %d addresses", PROBE_TARGETS_MAX);
            return err_hint(e, "Ask those of whom an import says that they are Exchange; or part the scope.");
        }
    }
    return true;
}

bool probe_scope_read(struct probe_scope *ret, struct arena *a, struct str file, int64_t now_us, bool lab, struct err *e)
{
    struct probe_scope out = { .from_us = TIME_NONE, .until_us = TIME_NONE, .lab = lab };
    struct map         seen = { .fold = false };
    struct file        f = file_of(file);
    struct str         line, name;
    struct net         n;
    size_t             lines, nets = 0;
    bool               loose, is;

    count(file, &lines);
    struct net_entry *entry = NEW(a, struct net_entry, lines + 1);
    out.name = NEW(a, struct str, lines + 1);
    if (!entry || !out.name || !hash_sha256(file, out.hash))
        return err_set(e, ERR_MEMORY, "no room for the scope");
    while (next_line(&f, &line)) {
        if (net_parse(line, &n, &loose)) {
            if (!network_fits(&n, loose, lab, e))
                return at_line(&f, e);
            entry[nets++] = (struct net_entry){ .net = n, .value = f.line };
            continue;
        }
        if (!head_line(&out, line, &is, e))
            return at_line(&f, e);
        if (is)
            continue;
        if (!probe_name(a, line, &name)) {
            err_set(e, ERR_FORMAT, "scope: \"%.*s\" is no network, address or host name", STR_ARG(str_sub(line, 0, 80)));
            err_hint(e, "One a line, nothing behind it; names beyond ASCII as \"xn--...\".");
            return at_line(&f, e);
        }
        if (map_get(&seen, name) != MAP_NONE)
            continue;
        if (out.name_n == PROBE_NAMES_MAX || !map_put(&seen, a, name, 1)) {
            err_set(e, ERR_LIMIT, "scope: more than %d names", PROBE_NAMES_MAX);
            return at_line(&f, e);
        }
        out.name[out.name_n++] = name;
    }
    if (!valid(&out, now_us, e))
        return false;
    net_set_build(&out.nets, entry, nets);
    if (!parts(&out, a, e))
        return false;
    if (out.addresses + out.name_n == 0)
        return err_set(e, ERR_USAGE, "scope: it names nobody");
    *ret = out;
    return true;
}

bool probe_scope_special(const struct probe_scope *s, const uint8_t ip[16], const char **ret_why)
{
    const struct net_special *special = net_special_find(ip);

    if (!special)
        return true;
    *ret_why = special->name;
    for (const struct net_entry *x = s->lab ? net_set_find(&s->nets, ip) : NULL; x; x = net_set_around(&s->nets, x))
        if (net_special_within(&x->net))
            return true;
    return false;
}

void probe_scope_at(const struct probe_scope *s, uint64_t i, uint8_t ret[16])
{
    size_t lo = 0, hi = s->part_n;

    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (s->first[mid] <= i)
            lo = mid;
        else
            hi = mid;
    }
    net_at(&s->part[lo], i - s->first[lo], ret);
}

bool probe_optout_read(struct probe_optout *ret, struct arena *a, struct str file, struct err *e)
{
    struct probe_optout out = { .names = { .fold = true } };
    struct file         f = file_of(file);
    struct str          line, name;
    size_t              lines, nets = 0;

    count(file, &lines);
    struct net_entry *entry = NEW(a, struct net_entry, lines + 1);
    if (!entry || !hash_sha256(file, out.hash))
        return err_set(e, ERR_MEMORY, "no room for the opt-out list");
    while (next_line(&f, &line)) {
        size_t     end = 0;
        int64_t    day;
        struct net n;
        while (end < line.n && !ch_space(line.p[end]) && line.p[end] != ',' && line.p[end] != ';')
            end++;
        struct str who = str_sub(line, 0, end), rest = str_trim(str_from(line, end + 1));
        for (end = 0; end < rest.n && !ch_space(rest.p[end]) && rest.p[end] != ',' && rest.p[end] != ';';)
            end++;
        out.undated += !time_parse(str_sub(rest, 0, end), &day);
        out.entries++;
        if (net_parse(who, &n, NULL)) {
            entry[nets++] = (struct net_entry){ .net = n, .value = f.line };
            continue;
        }
        if (!probe_name(a, str_starts(who, STR("*.")) ? str_from(who, 2) : who, &name)) {
            err_set(e, ERR_FORMAT, "opt-out: \"%.*s\" is no network, address or host name", STR_ARG(str_sub(who, 0, 80)));
            err_hint(e, "Who is meant by it might be asked: so nobody is, until the line is mended.");
            return at_line(&f, e);
        }
        if (!map_put(&out.names, a, name, f.line))
            return err_set(e, ERR_MEMORY, "no room for the opt-out list");
    }
    net_set_build(&out.nets, entry, nets);
    *ret = out;
    return true;
}

bool probe_optout_ip(const struct probe_optout *o, const uint8_t ip[16]) { return net_set_find(&o->nets, ip) != NULL; }

bool probe_optout_name(const struct probe_optout *o, struct str name)
{
    if (name.n && name.p[name.n - 1] == '.')
        name.n--;
    for (;;) {
        if (name.n && map_get(&o->names, name) != MAP_NONE)
            return true;
        size_t dot = str_chr(name, '.');
        if (dot == STR_NONE)
            return false;
        name = str_from(name, dot + 1);
    }
}
