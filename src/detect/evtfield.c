#include "detect/evtfield.h"

#include "base/num.h"
#include "detect/command.h"

#include <string.h>

enum known_kind { K_PLAIN, K_SYSTEM, K_ITEM, K_DATA, K_MESSAGE, K_USER, K_INTEGRITY, K_HASH, K_TARGET_OBJECT, K_TARGET_PART, K_TASK, K_HOST_APPLICATION, K_COMMAND_VERDICT, K_PARAMETER };

/* kind K_PLAIN: `other` are names that stand for it, the first that the record has. own: the record's own field goes first. */
struct evt_known { struct str name; uint8_t kind; uint8_t arg; bool own; struct str other[4]; };

#define N(text) STR_INIT(text)
static const struct evt_known table[] = {
    { N("EventID"), K_SYSTEM, EVTX_EVENT_ID, false, { N("") } }, { N("Channel"), K_SYSTEM, EVTX_CHANNEL, false, { N("") } },
    { N("Provider_Name"), K_SYSTEM, EVTX_PROVIDER, false, { N("") } }, { N("Provider"), K_SYSTEM, EVTX_PROVIDER, true, { N("") } },
    { N("Source"), K_SYSTEM, EVTX_PROVIDER, true, { N("") } }, { N("Computer"), K_SYSTEM, EVTX_COMPUTER, true, { N("") } },
    { N("ComputerName"), K_SYSTEM, EVTX_COMPUTER, true, { N("") } }, { N("Level"), K_SYSTEM, EVTX_LEVEL, true, { N("") } },
    { N("Keywords"), K_SYSTEM, EVTX_KEYWORDS, true, { N("") } }, { N("Task"), K_SYSTEM, EVTX_TASK, true, { N("") } },
    { N("Opcode"), K_SYSTEM, EVTX_OPCODE, true, { N("") } }, { N("Version"), K_SYSTEM, EVTX_VERSION, true, { N("") } },
    { N("EventRecordID"), K_SYSTEM, EVTX_RECORD_ID, false, { N("") } }, { N("UserID"), K_SYSTEM, EVTX_USER, true, { N("") } },

    { N("Image"), K_PLAIN, 0, true, { N("NewProcessName"), N("ProcessName"), N("Application") } },
    { N("ParentImage"), K_PLAIN, 0, true, { N("ParentProcessName") } }, { N("ParentProcessId"), K_PLAIN, 0, true, { N("ProcessId") } },
    { N("LogonId"), K_PLAIN, 0, true, { N("SubjectLogonId") } }, { N("Details"), K_PLAIN, 0, true, { N("NewValue") } },
    { N("DestinationIp"), K_PLAIN, 0, true, { N("DestAddress") } }, { N("DestinationPort"), K_PLAIN, 0, true, { N("DestPort") } },
    { N("SourceIp"), K_PLAIN, 0, true, { N("SourceAddress") } }, { N("Signature"), K_PLAIN, 0, true, { N("ThreatName") } },
    { N("Filename"), K_PLAIN, 0, true, { N("Path") } }, { N("Hashes"), K_PLAIN, 0, true, { N("Hash") } }, { N("Hash"), K_PLAIN, 0, true, { N("Hashes") } },
    { N("TargetFilename"), K_PLAIN, 0, true, { N("TargetFileName") } },

    { N("Data"), K_DATA, 0, true, { N("") } }, { N("Message"), K_MESSAGE, 0, true, { N("") } }, { N("User"), K_USER, 0, true, { N("") } },
    { N("IntegrityLevel"), K_INTEGRITY, 0, true, { N("MandatoryLabel") } }, { N("md5"), K_HASH, 0, true, { N("Hashes"), N("Hash") } },
    { N("sha1"), K_HASH, 1, true, { N("Hashes"), N("Hash") } }, { N("sha256"), K_HASH, 2, true, { N("Hashes"), N("Hash") } }, { N("Imphash"), K_HASH, 3, true, { N("Hashes"), N("Hash") } },
    { N("TargetObject"), K_TARGET_OBJECT, 0, true, { N("ObjectName"), N("ObjectValueName") } },
    { N("TargetKey"), K_TARGET_PART, 1, true, { N("TargetObject"), N("ObjectName"), N("ObjectValueName") } },
    { N("TargetValue"), K_TARGET_PART, 0, true, { N("TargetObject"), N("ObjectName"), N("ObjectValueName") } },
    { N("Cmdlet"), K_ITEM, 0, true, { N("") } }, { N("CmdletParameters"), K_ITEM, 1, true, { N("") } }, { N("CmdletUser"), K_ITEM, 2, true, { N("") } },
    { N("TaskCommand"), K_TASK, 0, true, { N("TaskContent"), N("TaskContentNew") } }, { N("HostApplication"), K_HOST_APPLICATION, 0, true, { N("") } },
    { N("CommandVerdict"), K_COMMAND_VERDICT, 0, true, { N("CommandLine"), N("ImagePath"), N("ServiceFileName"), N("TaskContent") } },
};
static const struct evt_known parameter = { N("Parameter."), K_PARAMETER, 1, true, { N("") } };
#undef N

/* Those from SubjectUserSid on are no texts in the records, as far as the events of Windows and Sysmon are known: searching for them would find nothing. */
const char *const evt_derived_names[] = {
    "EventID", "Channel", "Provider_Name", "Provider", "Source", "Computer", "ComputerName", "Level", "Keywords", "Task", "Opcode", "Version", "EventRecordID",
    "UserID", "User", "IntegrityLevel", "md5", "sha1", "sha256", "Imphash", "TaskCommand", "HostApplication", "CommandVerdict", "TargetKey", "TargetValue", "SubjectUserSid", "TargetUserSid", "TargetSid",
    "LogonId", "SubjectLogonId", "TargetLogonId", "Binary", "Initiated", "KeyLength", "LogonType", "GrantedAccess", "AccessMask", "Status", "SubStatus", "TicketEncryptionType", "TicketOptions", NULL,
};

static bool is_filler(uint8_t c) { return c == ' ' || c == '_'; }

static bool same_name(struct str x, struct str y)
{
    size_t i = 0, j = 0;

    for (;;) {
        while (i < x.n && is_filler(x.p[i]))
            i++;
        while (j < y.n && is_filler(y.p[j]))
            j++;
        if (i == x.n || j == y.n)
            return i == x.n && j == y.n;
        if (ch_lower(x.p[i++]) != ch_lower(y.p[j++]))
            return false;
    }
}

/* A nested one ("LogFileCleared.Channel") by its last part as well. */
static bool name_fits(struct str event, struct str rule)
{
    size_t dot;

    /* Whichever part of it is compared, both end alike. */
    if (event.n == 0 || rule.n == 0 || (ch_lower(event.p[event.n - 1]) != ch_lower(rule.p[rule.n - 1]) && !is_filler(event.p[event.n - 1]) && !is_filler(rule.p[rule.n - 1])))
        return false;
    if (same_name(event, rule))
        return true;
    dot = str_rchr(event, '.');
    return dot != STR_NONE && same_name(str_from(event, dot + 1), rule);
}

bool evt_fields_make(struct evt_fields *ret, const struct sigma *s, struct arena *a, struct err *e)
{
    struct evt_fields f = { .sigma = s, .n = s->field_n, .known = NEW(a, const struct evt_known *, s->field_n + 1) };

    if (!f.known)
        return err_set(e, ERR_MEMORY, "no room for the fields of %zu rules", s->rule_n);
    for (size_t i = 0; i < f.n; i++) {
        for (size_t k = 0; k < COUNT_OF(table) && !f.known[i]; k++)
            if (str_ieq(s->field[i], table[k].name))
                f.known[i] = &table[k];
        if (str_istarts(s->field[i], parameter.name))
            f.known[i] = &parameter;
    }
    *ret = f;
    return true;
}

bool evt_field_feeds(const struct evt_fields *f, uint32_t field, struct str name)
{
    const struct evt_known *k = f->known[field];

    if (!k)
        return name_fits(name, f->sigma->field[field]);
    if (k->kind == K_MESSAGE || (k->own && name_fits(name, f->sigma->field[field])))
        return true;
    if (k->kind == K_DATA || k->kind == K_ITEM || k->kind == K_PARAMETER || k->kind == K_HOST_APPLICATION)
        return name.n == 0;
    for (size_t i = 0; i < COUNT_OF(k->other) && k->other[i].n; i++)
        if (name_fits(name, k->other[i]))
            return true;
    return false;
}

/* --- answers --- */

struct answer { struct evt_view *v; struct str *to; size_t n; struct str rest; };

static struct str text_of(struct evt_view *v, struct evtx_value x)
{
    struct str s = evtx_value_text(v->a, x);
    v->full |= !s.p;
    return s;
}

static void say(struct answer *w, struct str s)
{
    if (!s.p)
        return;
    if (w->n < SIGMA_VALUES_MAX) {
        w->to[w->n++] = s;
        return;
    }
    /* One too many: the last is all that came since. */
    struct str both = str_cat(w->v->a, str_cat(w->v->a, w->to[w->n - 1], STR("\n")), s);
    if (both.p)
        w->to[w->n - 1] = both;
    else
        w->v->full = true;
}

static bool is_hex(uint8_t type) { return type == EVTX_HEX32 || type == EVTX_HEX64 || type == EVTX_SIZE || type == EVTX_HANDLE; }

static void say_value(struct answer *w, struct evtx_value x)
{
    uint64_t n;

    say(w, text_of(w->v, x));
    if (is_hex(x.type) && x.raw.n && evtx_value_number(x, &n))
        say(w, str_fmt(w->v->a, "%llu", (unsigned long long)n));
}

static bool by_name(struct answer *w, struct str name)
{
    const struct evtx_event *ev = w->v->ev;
    bool any = false;

    for (size_t i = 0; i < ev->field_n; i++)
        if (name_fits(ev->field[i].name, name)) {
            say_value(w, ev->field[i].value);
            any = true;
        }
    return any;
}

static const struct evtx_field *first_named(const struct evt_view *v, const char *name)
{
    for (size_t i = 0; i < v->ev->field_n; i++)
        if (name_fits(v->ev->field[i].name, str_c(name)))
            return &v->ev->field[i];
    return NULL;
}

static struct str first_text(struct evt_view *v, const char *name)
{
    const struct evtx_field *f = first_named(v, name);
    return f ? text_of(v, f->value) : STR_EMPTY;
}

static bool is_text(struct evtx_value x)
{
    uint8_t base = x.type == EVTX_TEXT ? x.type : x.type & (uint8_t)~EVTX_ARRAY;
    return base == EVTX_STRING || base == EVTX_ANSI || base == EVTX_XML || base == EVTX_TEXT;
}

/* Item k of those without a name; k SIZE_MAX: all. */
static void items(struct answer *w, size_t k)
{
    const struct evtx_event *ev = w->v->ev;
    size_t at = 0;

    for (size_t i = 0; i < ev->field_n; i++)
        if (ev->field[i].name.n == 0 && is_text(ev->field[i].value) && (k == SIZE_MAX || at++ == k))
            say(w, text_of(w->v, ev->field[i].value));
}

static void user(struct answer *w)
{
    static const char *const pair[][2] = { { "SubjectDomainName", "SubjectUserName" }, { "TargetDomainName", "TargetUserName" } };

    for (size_t i = 0; i < COUNT_OF(pair) && w->n == 0; i++) {
        struct str domain = first_text(w->v, pair[i][0]), name = first_text(w->v, pair[i][1]);
        if (!name.n || str_eq(name, STR("-")))
            continue;
        if (domain.n)
            say(w, str_cat(w->v->a, str_cat(w->v->a, domain, STR("\\")), name));
        say(w, name);
    }
}

/* Security identifiers of integrity levels: MS-DTYP 2.4.2.4. Some records have a text for them. */
static void integrity(struct answer *w)
{
    static const struct { const char *sid, *name; } level[] = {
        { "S-1-16-0", "Untrusted" }, { "S-1-16-4096", "Low" }, { "S-1-16-8192", "Medium" }, { "S-1-16-8448", "Medium Plus" }, { "S-1-16-12288", "High" },
        { "S-1-16-16384", "System" }, { "S-1-16-20480", "Protected" },
    };
    struct str s = first_text(w->v, "MandatoryLabel");

    for (size_t i = 0; i < COUNT_OF(level) && s.n; i++)
        if (str_eq(s, str_c(level[i].sid))) {
            say(w, str_c(level[i].name));
            say(w, s);
        }
}

/* "SHA1=...,MD5=...,IMPHASH=..." */
static void one_hash(struct answer *w, uint8_t which)
{
    static const char *const mark[] = { "MD5=", "SHA1=", "SHA256=", "IMPHASH=" };
    struct str s = first_text(w->v, "Hashes"), word;

    if (!s.n)
        s = first_text(w->v, "Hash");
    while (str_cut(&s, ',', &word)) {
        word = str_trim(word);
        if (str_istarts(word, str_c(mark[which])))
            say(w, str_from(word, strlen(mark[which])));
    }
}

/* 4657: "\REGISTRY\MACHINE\SOFTWARE\..." as Sysmon writes it. */
static void target_object(struct answer *w)
{
    struct str key = first_text(w->v, "ObjectName"), value = first_text(w->v, "ObjectValueName");

    if (!key.n || !str_istarts(key, STR("\\REGISTRY\\")))
        return;
    if (str_istarts(key, STR("\\REGISTRY\\MACHINE")))
        key = str_cat(w->v->a, STR("HKLM"), str_from(key, sizeof "\\REGISTRY\\MACHINE" - 1));
    else if (str_istarts(key, STR("\\REGISTRY\\USER")))
        key = str_cat(w->v->a, STR("HKU"), str_from(key, sizeof "\\REGISTRY\\USER" - 1));
    if (key.p && value.n && !str_eq(value, STR("-")))
        key = str_cat(w->v->a, str_cat(w->v->a, key, STR("\\")), value);
    say(w, key);
}

/* The last part of TargetObject (0), or the one before it. */
static void target_part(struct answer *w, uint8_t which)
{
    struct str    room[SIGMA_VALUES_MAX], s = first_text(w->v, "TargetObject");
    struct answer at = { .v = w->v, .to = room };

    if (!s.n) {
        target_object(&at);
        s = at.n ? room[0] : STR_EMPTY;
    }
    for (uint8_t i = 0; i <= which && s.n; i++) {
        size_t slash = str_rchr(s, '\\');
        if (i == which)
            say(w, slash == STR_NONE ? s : str_from(s, slash + 1));
        s = slash == STR_NONE ? STR_EMPTY : str_sub(s, 0, slash);
    }
}

/* Text of the first element of that name; entities of XML are undone. */
static struct str element(struct evt_view *v, struct str xml, const char *name)
{
    static const struct { struct str entity; uint8_t c; } known[] = {
        { STR_INIT("&amp;"), '&' }, { STR_INIT("&lt;"), '<' }, { STR_INIT("&gt;"), '>' }, { STR_INIT("&quot;"), '"' }, { STR_INIT("&apos;"), '\'' },
    };
    struct str open = str_fmt(v->a, "<%s>", name), close = str_fmt(v->a, "</%s>", name);
    size_t     at = open.p ? str_ifind(xml, open) : STR_NONE, end;
    if (at == STR_NONE || !close.p || (end = str_ifind(str_from(xml, at), close)) == STR_NONE)
        return STR_EMPTY;
    struct str s  = str_sub(xml, at + open.n, at + end);
    uint8_t   *to = TAKE(v->a, uint8_t, s.n + 1);
    size_t     n = 0;
    for (size_t i = 0; to && i < s.n;) {
        size_t k = 0;
        while (k < COUNT_OF(known) && !str_starts(str_from(s, i), known[k].entity))
            k++;
        to[n++] = k < COUNT_OF(known) ? known[k].c : s.p[i];
        i += k < COUNT_OF(known) ? known[k].entity.n : 1;
    }
    v->full |= !to;
    return to ? (struct str){ to, n } : STR_EMPTY;
}

static void task(struct answer *w)
{
    struct str xml = first_text(w->v, "TaskContent");

    if (!xml.n)
        xml = first_text(w->v, "TaskContentNew");
    if (!xml.n)
        return;
    struct str command = element(w->v, xml, "Command"), arguments = element(w->v, xml, "Arguments");
    if (command.n && arguments.n)
        command = str_cat(w->v->a, str_cat(w->v->a, command, STR(" ")), arguments);
    if (command.n)
        say(w, command);
}

static void host_application(struct answer *w)
{
    struct answer all = { .v = w->v, .to = w->to };
    struct str    found = STR_EMPTY;

    items(&all, SIZE_MAX);
    for (size_t i = 0; i < all.n && !found.n; i++) {
        size_t at = str_ifind(w->to[i], STR("HostApplication="));
        if (at != STR_NONE) {
            found = str_from(w->to[i], at + sizeof "HostApplication=" - 1);
            found = str_trim(str_sub(found, 0, str_chr(found, '\n')));
        }
    }
    if (found.n)
        say(w, found);
}

/* What command.h makes of the command that the record holds: one judgement, whichever log tells of it. */
static void command_verdict(struct answer *w, const struct evt_known *k)
{
    static const char *const word[] = { [COMMAND_ORDINARY] = "ordinary", [COMMAND_LOOK] = "look", [COMMAND_ACCUSE] = "accuse" };
    struct str        text[SIGMA_VALUES_MAX];
    struct answer     at = { .v = w->v, .to = text };
    struct command    c;
    struct err        e = { 0 };
    enum command_from from = COMMAND_RAN;

    for (size_t i = 0; i < 3 && at.n == 0; i++) {
        by_name(&at, k->other[i]);
        from = i ? COMMAND_STORED : COMMAND_RAN;
    }
    if (at.n == 0) {
        from = COMMAND_STORED;
        task(&at);
    }
    if (at.n == 0) {
        from = COMMAND_RAN;
        host_application(&at);
    }
    if (at.n && text[0].n && command_judge(&c, w->v->a, str_sub(text[0], 0, COMMAND_TEXT_MAX), from, 'c', &e))
        say(w, str_c(word[c.verdict]));
    w->v->full |= e.kind == ERR_MEMORY;
}

/* -ExternalUrl "value" or -Force value, in the parameters of a cmdlet. A doubled quote stands for one. */
static void one_parameter(struct answer *w, struct str name)
{
    struct str    item[SIGMA_VALUES_MAX];
    struct answer all = { .v = w->v, .to = item };

    items(&all, parameter.arg);
    struct str s = all.n ? item[0] : STR_EMPTY;
    for (size_t i = 0; i + 1 < s.n; i++) {
        if (s.p[i] == '"') {                                /* over a value */
            for (i++; i < s.n && s.p[i] != '"'; i++)
                ;
            continue;
        }
        if (s.p[i] != '-' || (i && s.p[i - 1] != ' ') || !str_istarts(str_from(s, i + 1), name))
            continue;
        struct str rest = str_from(s, i + 1 + name.n);
        if (!rest.n || rest.p[0] != ' ')
            continue;
        rest = str_trim(rest);
        if (rest.n && rest.p[0] == '"') {
            size_t end = 1;
            while (end < rest.n && (rest.p[end] != '"' || (end + 1 < rest.n && rest.p[end + 1] == '"' && (end++, true))))
                end++;
            say(w, str_sub(rest, 1, end));
        } else {
            say(w, str_sub(rest, 0, str_chr(rest, ' ')));
        }
        return;
    }
}

/* As the viewer of Windows shows it: winmeta.xml. */
static void level_name(struct answer *w)
{
    static const char *const name[] = { "Information", "Critical", "Error", "Warning", "Information", "Verbose" };
    uint64_t n;

    if (evtx_value_number(w->v->ev->system[EVTX_LEVEL], &n) && n < COUNT_OF(name))
        say(w, str_c(name[n]));
}

static void known(struct answer *w, const struct evt_known *k, struct str name)
{
    if (k->own && k->kind != K_PARAMETER && by_name(w, name))
        return;
    switch ((enum known_kind)k->kind) {
    case K_SYSTEM:
        if (w->v->ev->system[k->arg].type != EVTX_NULL)
            say_value(w, w->v->ev->system[k->arg]);
        if (k->arg == EVTX_LEVEL)
            level_name(w);
        if (k->arg == EVTX_CHANNEL)                          /* a log that was cleared is named in a record of another one */
            by_name(w, name);
        break;
    case K_PLAIN:
        for (size_t i = 0; i < COUNT_OF(k->other) && k->other[i].n && w->n == 0; i++)
            by_name(w, k->other[i]);
        break;
    case K_ITEM:             items(w, k->arg); break;
    case K_DATA:             items(w, SIZE_MAX); break;
    case K_MESSAGE:          say(w, evt_raw(w->v)); break;
    case K_USER:             user(w); break;
    case K_INTEGRITY:        integrity(w); break;
    case K_HASH:             one_hash(w, k->arg); break;
    case K_TARGET_OBJECT:    target_object(w); break;
    case K_TARGET_PART:      target_part(w, k->arg); break;
    case K_TASK:             task(w); break;
    case K_HOST_APPLICATION: host_application(w); break;
    case K_COMMAND_VERDICT:  command_verdict(w, k); break;
    case K_PARAMETER:        one_parameter(w, str_from(name, parameter.name.n)); break;
    }
}

void evt_view_begin(struct evt_view *v, const struct evtx_event *ev, struct arena *a)
{
    v->ev      = ev;
    v->a       = a;
    v->has_raw = v->full = false;
    if (++v->age == 0) {                                     /* once in four thousand million records */
        for (size_t i = 0; i < v->fields->n; i++)
            v->memo[i].age = 0;
        v->age = 1;
    }
}

size_t evt_field(void *ctx, uint32_t field, struct str *ret)
{
    struct evt_view *v = ctx;
    struct evt_memo *m = &v->memo[field];

    if (m->age != v->age) {
        struct answer w = { .v = v, .to = m->v };
        const struct evt_known *k = v->fields->known[field];
        if (k)
            known(&w, k, v->fields->sigma->field[field]);
        else
            by_name(&w, v->fields->sigma->field[field]);
        m->n   = (uint32_t)w.n;
        m->age = v->age;
    }
    memcpy(ret, m->v, m->n * sizeof *ret);
    return m->n;
}

struct str evt_raw(struct evt_view *v)
{
    if (v->has_raw)
        return v->raw;
    struct str *list = TAKE(v->a, struct str, v->ev->field_n + 1);
    size_t      n = 0, bytes = 0;
    for (size_t i = 0; list && i < v->ev->field_n; i++)
        if (is_text(v->ev->field[i].value)) {
            list[n] = text_of(v, v->ev->field[i].value);
            bytes += list[n].n + 1;
            n += list[n].n > 0;
        }
    uint8_t *to = list ? TAKE(v->a, uint8_t, bytes + 1) : NULL;
    v->raw     = (struct str){ to, 0 };
    v->has_raw = true;
    v->full |= !to;
    for (size_t i = 0; to && i < n; i++) {
        if (i)
            to[v->raw.n++] = '\n';
        memcpy(to + v->raw.n, list[i].p, list[i].n);
        v->raw.n += list[i].n;
    }
    return v->raw;
}

struct str evt_named(struct evt_view *v, struct str name)
{
    struct str    got[SIGMA_VALUES_MAX];
    struct answer w = { .v = v, .to = got };

    for (size_t k = 0; k < COUNT_OF(table); k++)
        if (str_ieq(name, table[k].name)) {
            known(&w, &table[k], name);
            return w.n ? got[0] : STR_EMPTY;
        }
    if (str_istarts(name, parameter.name))
        known(&w, &parameter, name);
    else
        by_name(&w, name);
    return w.n ? got[0] : STR_EMPTY;
}
