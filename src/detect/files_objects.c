/*
 * objects: lists that somebody printed of the mail server's settings: virtual directories, roles, rules, permissions.
 *
 * Rule 1   an address of a virtual directory is a URL. Script text in one is a back door that waits in the directory: each export of that object writes it out
 *          again. It accuses. Any other text that is no URL asks.
 * Rule 2   roles, rules and permissions are people's business: what gives mail away or gives rights that nobody has by default is a note, and says why.
 * Source   ways back in, 3; evidence sheet, 8.2 (form of the planted address).
 */
#include "detect/config.h"

#include "formats/objects.h"
#include "webshell/words.h"

static bool wants(const struct files_context *c, const struct ev_node *n)
{
    static const char *const ext[] = { ".txt", ".csv", ".json", ".ldf", ".ldif" };
    static const char *const part[] = { "virtualdirector", "vdir", ".ldf", ".ldif", "roleassignment", "inboxrule", "transportrule", "mailboxpermission", "folderpermission", "mailboxes",
                                        "get-mailbox", "journalrule", "transportagent" };
    struct str name = winpath_name(n->path);
    bool       list = false, told = false;

    (void)c;
    for (size_t i = 0; i < COUNT_OF(ext); i++)
        list = list || str_ieq(winpath_ext(name), str_c(ext[i]));
    for (size_t i = 0; list && i < COUNT_OF(part); i++)
        told = told || str_ihas(name, str_c(part[i]));
    return told && n->family == FAM_NONE && !str_ihas(n->path, STR("\\Setup\\Data\\"));      /* the product's own schema */
}

struct look { struct files_context *c; struct files_node *n; const struct objects *o; size_t i; };

static struct str get(const struct look *l, const char *name) { return objects_get(l->o, l->i, str_c(name)); }

/* As people know the object. */
static struct str identity(const struct look *l)
{
    static const char *const name[] = { "Identity", "dn", "DistinguishedName", "Name", "DisplayName" };

    for (size_t i = 0; i < COUNT_OF(name); i++) {
        struct str v = get(l, name[i]);
        if (v.n)
            return v;
    }
    return STR("");
}

static struct file_fact *tell(const struct look *l, enum file_fact_kind kind, const char *what, const char *detector, enum severity severity, double confidence, const char *title, const char *why)
{
    struct file_fact *f = files_fact_at(l->c, l->n->node, kind, detector, severity, confidence);

    if (!f)
        return NULL;
    f->what  = str_c(what);
    f->name  = files_quote(l->c, identity(l));
    f->title = str_c(title);
    f->why   = str_c(why);
    f->url   = STR_EMPTY;
    f->hash_hex   = STR_EMPTY;
    f->created_us = TIME_NONE;
    f->reachable  = REACH_UNKNOWN;
    f->cite.line  = l->o->object[l->i].line;
    return f;
}

/* ---- virtual directories ---- */

/* Words of a page's script, masked (words.h): markup, a server script, an evaluation, a handler of its loading. */
static bool scripted(struct str v)
{
    static const struct str word[] = { STR_INIT("=tdsjqu"), STR_INIT("svobu"), STR_INIT("fwbm)"), STR_INIT("qbhf`mpbe"), STR_INIT("=&"), STR_INIT("sfrvftu/") };

    for (size_t i = 0; i < COUNT_OF(word); i++)
        if (words_has(v, word[i]))
            return true;
    return false;
}

static bool is_url(struct str v) { return str_istarts(v, STR("http://")) || str_istarts(v, STR("https://")); }

static bool address_name(struct str name)
{
    static const char *const known[] = { "ExternalUrl", "InternalUrl", "ExternalUrl.AbsoluteUri", "InternalUrl.AbsoluteUri", "ExternalUrl.OriginalString", "InternalUrl.OriginalString",
                                         "msExchExternalHostName", "msExchInternalHostName" };
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (str_ieq(name, str_c(known[i])))
            return true;
    return false;
}

/* What tools print for "none". */
static bool nothing(struct str v) { return v.n == 0 || str_eq(v, STR("{}")) || str_ieq(v, STR("$null")) || str_ieq(v, STR("null")); }

static void directory(struct look *l)
{
    const struct object *x = &l->o->object[l->i];

    for (size_t k = 0; k < x->n; k++) {
        const struct object_pair *p = &l->o->pair[x->first + k];
        if (!address_name(p->name) || nothing(p->value))
            continue;
        bool script = scripted(p->value);
        if (!script && (is_url(p->value) || str_chr(p->value, ' ') == STR_NONE))
            continue;
        struct file_fact *f = script ? tell(l, FILE_FACT_WAY_BACK, "virtual_directory", "config/directory-script", SEV_CRITICAL, 0.95, "Script in the address of a virtual directory",
                                            "The address stands in Active Directory: every export or reset of the object writes it into a file again. Deleting the file does not end that.")
                                : tell(l, FILE_FACT_NOTE, "virtual_directory", "config/directory-text", SEV_MEDIUM, 0.5, "Address of a virtual directory that is no address",
                                       "The value should be a URL or empty: look at it, and set it anew.");
        if (!f)
            return;
        f->path = STR_EMPTY;
        f->cite.excerpt = files_text(l->c, "%.*s: %.*s", STR_ARG(str_sub(files_quote(l->c, p->name), 0, 60)), STR_ARG(str_sub(files_quote(l->c, p->value), 0, 160)));
        if (script) {
            files_attack(f, "T1505.003");
            return;                       /* once an object */
        }
    }
}

/* ---- people's business ---- */

static struct str domain_of(struct str address)
{
    size_t at = str_rchr(address, '@'), end = 0;

    address = at == STR_NONE ? STR_EMPTY : str_from(address, at + 1);
    while (end < address.n && (ch_alnum(address.p[end]) || address.p[end] == '.' || address.p[end] == '-'))
        end++;
    return str_sub(address, 0, end);
}

/* Outside the domains that the object itself and the server name. */
static bool outside(const struct look *l, struct str to)
{
    struct str domain = domain_of(to), own = l->c->found->server.domain;
    static const char *const name[] = { "PrimarySmtpAddress", "WindowsEmailAddress", "UserPrincipalName", "MailboxOwnerId", "Mailbox" };

    if (domain.n == 0)
        return false;
    for (size_t i = 0; i < COUNT_OF(name); i++)
        if (str_ieq(domain_of(get(l, name[i])), domain))
            return false;
    return own.n == 0 || !(str_ieq(domain, own) || str_iends(domain, own) || str_iends(own, domain));
}

static bool yes(struct str v) { return str_ieq(v, STR("True")); }

static void business(const struct look *l, const char *detector, enum severity severity, const char *title, const char *why, struct str excerpt, const char *attack)
{
    struct file_fact *f = tell(l, FILE_FACT_NOTE, "", detector, severity, 0.4, title, why);

    if (!f)
        return;
    f->cite.excerpt = excerpt;
    files_attack(f, attack);
}

static void role(const struct look *l)
{
    struct str role = get(l, "Role"), who = get(l, "RoleAssigneeName"), type = get(l, "RoleAssigneeType");
    bool       grave = str_ihas(role, STR("ApplicationImpersonation")) || str_ihas(role, STR("Mailbox Import Export"));

    /* By default groups of the product hold them to delegate, and nobody to use. */
    if (!grave || who.n == 0 || str_ieq(get(l, "RoleAssignmentDelegationType"), STR("DelegatingOrgWide")) || str_ihas(get(l, "Name"), STR("-Delegating")) || str_ieq(type, STR("RoleGroup")) ||
        str_ieq(who, STR("Hygiene Management")) || str_ieq(who, STR("Exchange Servers")))
        return;
    business(l, "config/role", SEV_MEDIUM, "A role over all mailboxes is held directly", "Nobody holds this role by default; accounts of backup, migration and booking products do. Ask whose this is.",
             files_text(l->c, "%.*s for %.*s, %.*s", STR_ARG(str_sub(files_quote(l->c, role), 0, 80)), STR_ARG(str_sub(files_quote(l->c, who), 0, 100)), STR_ARG(str_sub(files_quote(l->c, get(l, "WhenCreated")), 0, 40))),
             "T1098.002");
}

static void forward(const struct look *l)
{
    static const struct { const char *name, *title; } way[] = {
        { "ForwardTo", "A rule of a mailbox forwards mail" }, { "ForwardAsAttachmentTo", "A rule of a mailbox forwards mail" }, { "RedirectTo", "A rule of a mailbox redirects mail" },
        { "ForwardingSmtpAddress", "A mailbox forwards its mail" }, { "BlindCopyTo", "A rule of the organisation copies mail" }, { "CopyTo", "A rule of the organisation copies mail" },
        { "RedirectMessageTo", "A rule of the organisation redirects mail" }, { "JournalEmailAddress", "All mail is copied to a journal" },
    };
    struct str name = get(l, "Name");

    for (size_t i = 0; i < COUNT_OF(way); i++) {
        struct str to = get(l, way[i].name);
        bool       out = outside(l, to), hides = name.n <= 1 || yes(get(l, "DeleteMessage"));
        if (nothing(to) || !(out || (hides && str_ihas(to, STR("@")))))
            continue;
        business(l, "config/forwarding", out && hides ? SEV_HIGH : SEV_LOW, way[i].title,
                 out && hides ? "It sends mail out of the organisation, and its name or its deletion hides it." : out ? "It sends mail out of the organisation: ask whether its owner wanted that."
                                                                                                                      : "Its name or its deletion hides it: ask whether its owner wanted that.",
                 files_text(l->c, "%s %.*s, name \"%.*s\"", way[i].name, STR_ARG(str_sub(files_quote(l->c, to), 0, 160)), STR_ARG(str_sub(files_quote(l->c, name), 0, 60))), "T1114.003");
        return;
    }
}

static void permission(const struct look *l)
{
    struct str user = get(l, "User"), rights = get(l, "AccessRights"), folder = get(l, "FolderName");
    bool       all = str_ieq(user, STR("Default")) || str_ieq(user, STR("Anonymous"));

    if (!all || rights.n == 0 || str_ihas(rights, STR("None")) || str_ihas(rights, STR("AvailabilityOnly")) || str_ihas(rights, STR("LimitedDetails")) || str_ihas(folder, STR("Calendar")) ||
        str_ihas(folder, STR("Kalender")))
        return;
    business(l, "config/folder-permission", SEV_MEDIUM, "Everybody may read a folder of a mailbox", "Default and Anonymous have no rights beside the calendar; this lets any account read mail.",
             files_text(l->c, "%.*s: %.*s for %.*s", STR_ARG(str_sub(files_quote(l->c, folder), 0, 80)), STR_ARG(str_sub(files_quote(l->c, rights), 0, 80)), STR_ARG(user)), "T1098.002");
}

static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    struct objects o;
    struct err     mine = { 0 };

    if (!objects_parse(&o, &n->scratch, n->body, &mine)) {
        if (mine.kind == ERR_FORMAT)
            return true;                  /* a text of that name that is no list */
        *e = mine;
        return false;
    }
    /* A list belongs to no family whose coverage it could shorten: it is told beside what was refused. */
    if (o.damaged || n->cut) {
        struct err why = { 0 };
        err_set(&why, ERR_FORMAT, "%zu objects were read; then: %s", o.n, o.damaged ? o.what : "only its first part was read");
        ev_refuse_err(c->ev, n->node->path, "read in part", &why);
    }
    for (size_t i = 0; i < o.n; i++) {
        struct look l = { c, n, &o, i };
        directory(&l);
        role(&l);
        forward(&l);
        permission(&l);
    }
    return true;
}

const struct files_detector files_objects = {
    .name = "directory", .about = "printed lists of virtual directories, roles, rules and permissions: script in an address, mail that leaves, rights nobody has by default",
    .wants = wants, .look = look,
};
