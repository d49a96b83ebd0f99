#include "detect/evttell.h"

#include "base/hash.h"
#include "base/num.h"
#include "base/winpath.h"
#include "detect/command.h"

enum { NAME_MAX = 300, PATH_MAX_BYTES = 1024, FIELD_MAX = 160, FIELDS_TOLD = 8, WHY_MAX = 800 };

int64_t evt_filetime_us(uint64_t ticks)
{
    static const uint64_t EPOCH_US = UINT64_C(11644473600000000);
    return (int64_t)(ticks / 10) - (int64_t)EPOCH_US;
}

int64_t evt_time(struct evt_view *v, const struct evtx_record *r)
{
    struct evtx_value t = v->ev->system[EVTX_TIME];
    uint64_t          ticks;
    int64_t           us;

    if (t.type == EVTX_FILETIME && evtx_value_number(t, &ticks) && ticks)
        return evt_filetime_us(ticks);
    if (t.type != EVTX_NULL) {
        struct str s = evtx_value_text(v->a, t);
        if (s.n && time_parse(s, &us))
            return us;
    }
    return r->written ? evt_filetime_us(r->written) : TIME_NONE;
}

/* --- fields for people --- */

#define N(text) STR_INIT(text)

/* Whole texts of scripts, tasks and traces: only how long they are. */
static bool is_body(struct str name)
{
    static const struct str body[] = { N("ScriptBlockText"), N("Payload"), N("ContextInfo"), N("TaskContent"), N("TaskContentNew"), N("CallTrace"), N("Binary"), N("xml"), N("EventXml") };

    for (size_t i = 0; i < COUNT_OF(body); i++)
        if (str_iends(name, body[i]))
            return true;
    return false;
}

static int rank(struct str name)
{
    static const struct str telling[] = {
        N("CommandLine"), N("NewProcessName"), N("Image"), N("ParentProcessName"), N("ParentImage"), N("TargetFilename"), N("TargetObject"),
        N("Details"), N("ServiceName"), N("ImagePath"), N("ServiceFileName"), N("TaskName"), N("ActionName"), N("TargetUserName"), N("MemberName"),
        N("SubjectUserName"), N("User"), N("IpAddress"), N("WorkstationName"), N("LogonType"), N("ShareName"), N("Threat Name"), N("Path"), N("Action Name"), N("New Value"), N("ScriptBlockText"), N("Payload"), N("SourceImage"), N("TargetImage"), N("GrantedAccess"), N("DestinationIp"),
        N("DestinationPort"), N("QueryName"), N("PipeName"), N("Operation"), N("Query"), N("Consumer"), N("Destination"), N("ObjectName"),
        N("Configuration"), N("Param1"), N("Param2"), N("Param3"), N("connection"), N("Address"), N("url"), N("fileName"), N("name"),
        N("CreatorProcessId"), N("AccessMask"), N("Status"),
    };
    size_t dot = str_rchr(name, '.');

    for (size_t i = 0; i < COUNT_OF(telling); i++)
        if (str_ieq(dot == STR_NONE ? name : str_from(name, dot + 1), telling[i]))
            return (int)i;
    return -1;
}
#undef N

static struct str one_line(struct arena *a, struct str s)
{
    struct str t  = str_sub(s, 0, FIELD_MAX);
    uint8_t   *to = TAKE(a, uint8_t, t.n + 4);
    size_t     n = 0;

    for (size_t i = 0; to && i < t.n; i++)
        to[n++] = t.p[i] < 0x20 ? ' ' : t.p[i];
    for (size_t i = 0; to && t.n < s.n && i < 3; i++)
        to[n++] = '.';
    return to ? (struct str){ to, n } : STR_EMPTY;
}

static struct str excerpt(const struct evt_said *s, struct arena *a)
{
    const struct evtx_event *ev = s->view->ev;
    struct str text = str_fmt(a, "event %u", s->id);
    size_t     told = 0, items = 0;
    bool       any = false;

    for (size_t i = 0; i < ev->field_n && !any; i++)
        any = rank(ev->field[i].name) >= 0;
    for (size_t i = 0; i < ev->field_n && told < FIELDS_TOLD && text.p && text.n < EXCERPT_MAX; i++) {
        const struct evtx_field *f = &ev->field[i];
        bool unnamed = f->name.n == 0;
        if (unnamed ? items++ >= 2 : any && rank(f->name) < 0)
            continue;
        struct str v = evtx_value_text(s->view->a, f->value);
        if (!v.n || str_eq(v, STR("-")))
            continue;
        const char *sep = told++ ? ", " : ": ";
        struct str  said = unnamed ? one_line(a, v) : is_body(f->name) ? str_fmt(a, "%.*s of %zu bytes", STR_ARG(str_sub(f->name, 0, 60)), v.n)
                         : str_fmt(a, "%.*s=%.*s", STR_ARG(str_sub(f->name, 0, 60)), STR_ARG(one_line(s->view->a, v)));
        text = said.p ? str_cat(a, str_cat(a, text, str_c(sep)), said) : said;
    }
    if (text.p && s->record->slack)
        text = str_cat(a, STR("from slack: "), text);
    return text.p ? excerpt_of(a, text) : text;
}

/* An address of another machine. */
static struct str far(struct str v)
{
    static const char *const near[] = { "127.", "::1", "-", "local", "0.0.0.0", "::", "fe80:" };
    struct str s = str_istarts(v, STR("::ffff:")) ? str_from(v, 7) : v;
    size_t     dots = 0, colons = 0;

    for (size_t i = 0; i < s.n; i++) {
        if (ch_hex(s.p[i]) < 0 && s.p[i] != '.' && s.p[i] != ':')
            return STR_EMPTY;
        dots += s.p[i] == '.';
        colons += s.p[i] == ':';
    }
    for (size_t i = 0; i < COUNT_OF(near); i++)
        if (i == 0 || i == 6 ? str_istarts(s, str_c(near[i])) : str_ieq(s, str_c(near[i])))
            return STR_EMPTY;
    return s.n <= 45 && (dots == 3 || colons >= 2) ? s : STR_EMPTY;
}

static struct str client(struct evt_view *v)
{
    static const char *const name[] = { "IpAddress", "ClientAddress", "SourceNetworkAddress", "Address", "Param3", "ClientIP", "SourceAddress" };
    struct str s = STR_EMPTY;

    for (size_t i = 0; i < COUNT_OF(name) && !s.n; i++)
        s = far(evt_named(v, str_c(name[i])));
    return s;
}

static struct str first_of(struct evt_view *v, const char *const *name, size_t n)
{
    struct str s = STR_EMPTY;

    for (size_t i = 0; i < n && !s.n; i++) {
        s = evt_named(v, str_c(name[i]));
        s = str_eq(s, STR("-")) ? STR_EMPTY : s;
    }
    return s;
}

static struct str account(const struct evt_said *s)
{
    static const char *const logon[] = { "TargetUserName", "User", "SubjectUserName", "Param1" }, *const other[] = { "User", "SubjectUserName", "CmdletUser", "UserName" };
    bool is_logon = s->family == FAM_EVTX_SECURITY && (s->id == 4624 || s->id == 4625 || s->id == 4648 || (s->id >= 4768 && s->id <= 4777));

    if (is_logon || s->family == FAM_EVTX_RDP)
        return first_of(s->view, logon, COUNT_OF(logon));
    return s->family == FAM_EVTX_MANAGEMENT ? evt_named(s->view, STR("CmdletUser")) : first_of(s->view, other, 2);
}

static struct str file_of(const struct evt_said *s)
{
    static const char *const name[] = { "TargetFilename", "Image", "ServiceFileName", "ImagePath", "Path", "TargetObject", "TaskName" };
    return first_of(s->view, name, COUNT_OF(name));
}

/* --- templates: "{Field}" --- */

/* A brace of the evidence's own must not read as a placeholder later on. */
static struct str harmless(struct arena *a, struct str v, bool why)
{
    struct str s = why ? one_line(a, v) : v;
    uint8_t   *to = why ? TAKE(a, uint8_t, s.n + 1) : NULL;

    if (!why)
        return s;
    for (size_t i = 0; to && i < s.n; i++)
        to[i] = s.p[i] == '{' ? '(' : s.p[i] == '}' ? ')' : s.p[i];
    return to ? (struct str){ to, s.n } : STR_EMPTY;
}

/* keep: words of the report's own ({client}, {count}) stay, for it to fill. */
static struct str fill(const struct evt_said *s, struct arena *a, struct str t, bool why, bool keep)
{
    struct str out = STR("");

    while (t.n && out.p && out.n < WHY_MAX) {
        size_t open = str_chr(t, '{'), close = open == STR_NONE ? STR_NONE : str_chr(str_from(t, open), '}');
        if (close == STR_NONE)
            return str_cat(a, out, t);
        struct str name = str_sub(t, open + 1, open + close), v = evt_named(s->view, name);
        if (keep && name.n && name.p[0] >= 'a' && name.p[0] <= 'z')
            v = str_sub(t, open, open + close + 1);
        else
            v = v.n ? harmless(a, v, why) : why ? STR("nothing") : STR("");
        out = str_cat(a, str_cat(a, out, str_sub(t, 0, open)), v);
        t   = str_from(t, open + close + 1);
    }
    return out;
}

/* A field's name, or a text: with a blank, or with {Field} in it. */
static struct str named(const struct evt_said *s, struct arena *a, struct str t)
{
    struct str v = str_chr(t, '{') != STR_NONE ? fill(s, a, t, false, false) : str_chr(t, ' ') != STR_NONE ? t : evt_named(s->view, t);
    return str_eq(v, STR("-")) ? STR_EMPTY : str_trim(v);
}

static bool cite(const struct evt_said *s, struct arena *a, struct cite *ret)
{
    *ret = (struct cite){ .node = s->node, .record = s->record->id, .offset = s->at, .time_us = evt_time(s->view, s->record), .has_raw = true };
    ret->excerpt = excerpt(s, a);
    return ret->excerpt.p && hash_sha256(s->raw, ret->raw_sha256);
}

/* What an event says of somebody's coming, for a sentence that begins with who. in: it let somebody in. */
static const struct { enum family family; uint32_t id; bool in; const char *what; } comings[] = {
    { FAM_EVTX_SECURITY, 4624, true, "signed in" }, { FAM_EVTX_SECURITY, 4625, false, "tried to sign in" },
    { FAM_EVTX_SECURITY, 4648, false, "stands in a sign-in with typed-in credentials" }, { FAM_EVTX_SECURITY, 4672, true, "signed in with great rights" },
    { FAM_EVTX_SECURITY, 4688, true, "started a process" }, { FAM_EVTX_SECURITY, 4768, false, "asked for a ticket" },
    { FAM_EVTX_SECURITY, 4769, false, "asked for a ticket" }, { FAM_EVTX_SECURITY, 4771, false, "was refused a ticket" },
    { FAM_EVTX_SECURITY, 4776, false, "had its password checked" }, { FAM_EVTX_SECURITY, 4778, true, "took up a session again" },
    { FAM_EVTX_SECURITY, 4779, true, "left a session" }, { FAM_EVTX_SECURITY, 5140, true, "opened a share" }, { FAM_EVTX_SECURITY, 5145, true, "reached for a file on a share" },
    { FAM_EVTX_RDP, 21, true, "signed in by remote desktop" }, { FAM_EVTX_RDP, 22, true, "had a desktop started" }, { FAM_EVTX_RDP, 24, true, "left a remote desktop" },
    { FAM_EVTX_RDP, 25, true, "came back to a remote desktop" }, { FAM_EVTX_RDP, 1149, false, "reached remote desktop" },
    { FAM_EVTX_RDP, 131, false, "reached remote desktop" }, { FAM_EVTX_RDP, 140, false, "was refused by remote desktop" },
};

static void coming(const struct evt_said *s, struct hit *h)
{
    h->method = STR("stands in a record");
    for (size_t i = 0; i < COUNT_OF(comings); i++)
        if (comings[i].family == s->family && comings[i].id == s->id) {
            h->method = str_c(comings[i].what);
            h->active = comings[i].in;
        }
}

bool evt_tell_hit(const struct evt_said *s, struct arena *a, struct hit *ret)
{
    static const char *const typed[] = { "CommandLine", "CmdletParameters", "HostApplication" };
    struct hit h = { .rule = s->index, .sign = s->rule->sign, .family = s->family, .count = 1 };

    if (!cite(s, a, &h.first))
        return false;
    h.event    = s->id;
    if (s->pivot)
        coming(s, &h);
    h.last     = h.first;
    h.first_us = h.last_us = h.first.time_us;
    h.client   = client(s->view);
    h.account  = str_sub(account(s), 0, NAME_MAX);
    h.path     = str_sub(s->rule->thing_path.n ? named(s, a, s->rule->thing_path) : file_of(s), 0, PATH_MAX_BYTES);
    h.server   = str_sub(evt_named(s->view, STR("Computer")), 0, 64);
    h.command  = excerpt_of(a, str_sub(first_of(s->view, typed, COUNT_OF(typed)), 0, EXCERPT_MAX));
    h.why      = s->rule->why.n ? fill(s, a, s->rule->why, true, true) : STR_EMPTY;
    h.why      = str_sub(h.why, 0, WHY_MAX);
    *ret = h;
    return true;
}

/* Defender: "file:_C:\x; containerfile:_..." */
static struct str first_file(struct str s)
{
    static const char *const head[] = { "containerfile:_", "file:_", "process:_", "regkey:_" };

    for (size_t i = 0; i < COUNT_OF(head); i++)
        if (str_istarts(s, str_c(head[i]))) {
            s = str_from(s, str_c(head[i]).n);
            break;
        }
    size_t end = str_find(s, STR("; ")), inner = str_find(str_sub(s, 0, end), STR("->"));
    return str_trim(str_sub(s, 0, inner < end ? inner : end));
}

/* "\\127.0.0.1\c$\x" of this machine is C:\x. */
static struct str own_share(const struct evt_said *s, struct arena *a, struct str path)
{
    struct str rest = str_from(path, 2), host, computer = evt_named(s->view, STR("Computer"));

    if (!str_starts(path, STR("\\\\")) || !str_cut(&rest, '\\', &host) || rest.n < 3 || !ch_alpha(rest.p[0]) || rest.p[1] != '$' || rest.p[2] != '\\')
        return path;
    if (!str_eq(host, STR("127.0.0.1")) && !str_ieq(host, STR("localhost")) && !str_ieq(host, computer) &&
        !str_ieq(host, str_sub(computer, 0, str_chr(computer, '.'))))
        return path;
    return str_fmt(a, "%c:%.*s", rest.p[0], STR_ARG(str_from(rest, 2)));
}

static bool path_of(const struct evt_said *s, struct arena *a, struct str text, struct str *ret)
{
    struct arena  *scratch = s->view->a;
    struct command c;
    struct err     why = { 0 };

    *ret = STR_EMPTY;
    if (!text.n)
        return true;
    if (s->rule->about == ABOUT_PLANTED || s->rule->about == ABOUT_REMOVED) {
        if (!command_judge(&c, scratch, str_sub(text, 0, COMMAND_TEXT_MAX), COMMAND_STORED, s->system_drive, &why))
            return false;
        text = c.image;
    } else {
        text = own_share(s, scratch, first_file(text));
        if (!text.p)
            return false;
        text = winpath_canon(scratch, str_sub(text, 0, PATH_MAX_BYTES), s->system_drive);
    }
    *ret = text.n ? str_dup(a, str_sub(text, 0, PATH_MAX_BYTES)) : STR_EMPTY;
    return !text.n || ret->p;
}

static const struct { enum file_fact_kind kind; bool made, gone; const char *what; } kinds[] = {
    [ABOUT_PLANTED]      = { FILE_FACT_WAY_BACK, true, false, "" },    [ABOUT_REMOVED]    = { FILE_FACT_WAY_BACK, false, true, "" },
    [ABOUT_SECRET]       = { FILE_FACT_SECRET, false, false, "exposed_secret" }, [ABOUT_TOOL] = { FILE_FACT_TOOL, false, false, "" },
    [ABOUT_LOOT]         = { FILE_FACT_LOOT, true, false, "" },        [ABOUT_RANSOM]     = { FILE_FACT_RANSOM, true, false, "" },
    [ABOUT_PAGE]         = { FILE_FACT_PAGE_LEFT, true, false, "unknown" }, [ABOUT_PAGE_REMOVED] = { FILE_FACT_PAGE_LEFT, false, true, "unknown" },
    [ABOUT_AV]           = { FILE_FACT_AV, false, false, "unknown" },  [ABOUT_AV_REMOVED] = { FILE_FACT_AV, false, true, "unknown" },
    [ABOUT_NOTE]         = { FILE_FACT_NOTE, false, false, "" },
};

bool evt_tell_fact(const struct evt_said *s, struct arena *a, struct file_fact *ret)
{
    const struct sigma_rule *r = s->rule;
    enum sigma_about         about = r->about;
    struct file_fact f = { .kind = kinds[about].kind, .severity = r->level, .confidence = r->confidence, .title = r->title, .detector = r->name.n ? r->name : r->id,
                           .what = r->way.n ? r->way : str_c(kinds[about].what), .state = kinds[about].gone ? THING_REMOVED : THING_UNKNOWN, .created_us = TIME_NONE,
                           .removed_us = TIME_NONE, .used_us = TIME_NONE, .bytes = s->index };
    struct arena *scratch = s->view->a;

    if (!cite(s, a, &f.cite))
        return false;
    f.time_us = f.cite.time_us;
    if (kinds[about].made)
        f.created_us = f.time_us;
    if (kinds[about].gone)
        f.removed_us = f.time_us;
    struct str name = str_sub(named(s, scratch, r->thing_name), 0, NAME_MAX);
    if (!path_of(s, a, named(s, scratch, r->thing_path), &f.path))
        return false;
    f.name = name.n ? str_dup(a, name) : f.path.n ? winpath_name(f.path) : STR_EMPTY;
    f.why  = r->why.n ? fill(s, scratch, r->why, true, false) : r->description;
    f.why  = str_dup(a, str_sub(f.why, 0, WHY_MAX));
    for (size_t i = 0; i < r->attack_n && f.attack_n < COUNT_OF(f.attack); i++)
        f.attack[f.attack_n++] = r->attack[i];
    for (size_t i = 0; i < r->cve_n && f.cve_n < COUNT_OF(f.cve); i++)
        f.cve[f.cve_n++] = r->cve[i];
    *ret = f;
    return (f.why.p || !r->description.n) && (!name.n || f.name.p);
}
