/* files_remote_set: settings and traces of remote tools, keys, the hosts file, autostart folders, ransom notes. Rules: files_remote.c. */
#include "detect/files_command.h"
#include "detect/files_remote.h"

#include "base/utf.h"
#include "detect/place.h"
#include "formats/runs.h"

#include <string.h>

static struct str text_of(struct files_node *n)
{
    size_t     skip = 0;
    struct str head = str_sub(n->body, 0, 256 << 10);
    enum utf_kind kind = utf_guess(head, &skip);

    return utf_to8(&n->scratch, str_from(head, skip), kind);
}

/* "key = value", "key: value", "key=value": the value of the first line that begins so, without quotes. */
static struct str value_of(struct str text, const char *key)
{
    struct str line, name = str_c(key);

    while (str_cut(&text, '\n', &line)) {
        line = str_trim(line);
        if (!str_istarts(line, name))
            continue;
        struct str v = str_trim(str_from(line, name.n));
        if (v.n == 0 || (v.p[0] != '=' && v.p[0] != ':'))
            continue;
        v = str_trim(str_from(v, 1));
        if (v.n >= 2 && (v.p[0] == '"' || v.p[0] == '\''))
            v = str_sub(v, 1, v.p[v.n - 1] == v.p[0] ? v.n - 1 : v.n);
        return str_sub(v, 0, 200);
    }
    return STR_EMPTY;
}

/* What follows `key` up to a sign that ends it: "&h=relay.example&p=443". */
static struct str value_in(struct str text, const char *key, const char *ends)
{
    size_t at = str_ifind(text, str_c(key)), n = 0;

    if (at == STR_NONE)
        return STR_EMPTY;
    struct str v = str_from(text, at + strlen(key));
    while (v.n && v.p[0] == ' ')
        v = str_from(v, 1);
    while (n < v.n && n < 200 && !strchr(ends, (char)v.p[n]) && v.p[n] > ' ')
        n++;
    return str_sub(v, 0, n);
}

static bool is_systems(struct str path) { return str_ihas(path, STR("\\config\\systemprofile\\")) || str_ihas(path, STR("\\ServiceProfiles\\")); }

static struct file_fact *told(struct files_context *c, struct files_node *n, bool accuse, const char *what, const char *name, enum severity severity, const char *title)
{
    struct file_fact *f = files_may_tell(c, TOLD_REMOTE) ? files_fact_at(c, n->node, accuse ? FILE_FACT_WAY_BACK : FILE_FACT_NOTE, "files/remote-settings", accuse ? SEV_HIGH : severity, accuse ? 0.85 : 0.4) : NULL;

    if (!f)
        return NULL;
    f->what    = str_c(what);
    f->name    = *name ? str_c(name) : f->name;
    f->time_us = n->node->btime_us != TIME_NONE ? n->node->btime_us : n->node->mtime_us;
    f->title   = str_c(title);
    return f;
}

/* Remote desktop and the like, by their ports, handed to somebody outside. */
static bool opens_logon(struct str text)
{
    static const char *const key[] = { "local_port", "localPort", "addr" };

    for (size_t i = 0; i < COUNT_OF(key); i++)
        for (struct str rest = text, line; str_cut(&rest, '\n', &line);) {
            struct str v = value_of(line, key[i]);
            if (str_iends(v, STR("3389")) || str_iends(v, STR("5985")) || str_iends(v, STR("5986")) || str_iends(v, STR("445")))
                return true;
        }
    return false;
}

static void frp(struct files_context *c, struct files_node *n, struct str text)
{
    struct str server = value_of(text, "server_addr"), path = n->node->path;

    if (!server.n)
        server = value_of(text, "serverAddr");
    if (!server.n)
        return;
    bool         logon = opens_logon(text), accuse = place_of(path) == PLACE_HOSTILE || is_systems(path) || (logon && place_of(path) != PLACE_ORDINARY);
    struct file_fact *f = told(c, n, accuse, "tunnel", "frp", SEV_MEDIUM, accuse ? "Settings of a tunnel, where nobody keeps them" : "Settings of a tunnel");
    if (!f)
        return;
    f->why = files_text(c, "frp keeps a way into this network open through %.*s.%s%s", STR_ARG(server), logon ? " It hands out a port that people log on through." : "",
                        accuse ? "" : " Administrators use it, too: ask whether it is theirs.");
    f->cite.excerpt = files_text(c, "server %.*s", STR_ARG(server));
    files_attack(f, "T1572");
}

static void ngrok(struct files_context *c, struct files_node *n, struct str text)
{
    struct str path = n->node->path;

    if (!value_of(text, "authtoken").n && !str_ihas(text, STR("tunnels:")))
        return;
    bool         logon = opens_logon(text), accuse = place_of(path) == PLACE_HOSTILE || is_systems(path);
    struct file_fact *f = told(c, n, accuse, "tunnel", "ngrok", SEV_MEDIUM, accuse ? "Settings of a tunnel, where nobody keeps them" : "Settings of a tunnel");
    if (!f)
        return;
    f->why = files_text(c, "ngrok makes a port of this server reachable from the internet.%s%s", logon ? " It is one that people log on through." : "",
                        accuse ? "" : " Ask whether an administrator set it up.");
    f->cite.excerpt = logon ? STR("ngrok, with a port that people log on through") : STR("ngrok");
    files_attack(f, "T1572");
}

static void trace(struct files_context *c, struct files_node *n, const char *name, struct str host, const char *what)
{
    struct file_fact *f = told(c, n, false, "remote_tool", name, SEV_LOW, "Traces of remote control");

    if (!f)
        return;
    f->why = files_text(c, "%s was used or set up here%s%.*s. Ask whether it is the administrators' own; its log says who came and when.", name, host.n ? what : "", STR_ARG(host));
    f->cite.excerpt = host.n ? files_text(c, "%s%.*s", what, STR_ARG(host)) : str_c(name);
    files_attack(f, "T1219");
}

static struct str last_line(struct str text)
{
    struct str line, last = STR_EMPTY;

    while (str_cut(&text, '\n', &line))
        if (str_trim(line).n)
            last = str_trim(line);
    return str_sub(last, 0, 160);
}

static void keys(struct files_context *c, struct files_node *n, struct str text)
{
    struct str line, comment = STR_EMPTY;
    uint32_t   count = 0;

    while (str_cut(&text, '\n', &line)) {
        line = str_trim(line);
        if (line.n == 0 || line.p[0] == '#' || (!str_has(line, STR("ssh-")) && !str_has(line, STR("ecdsa-")) && !str_has(line, STR("sk-"))))
            continue;
        size_t blank = str_rchr(line, ' ');
        comment = blank == STR_NONE ? comment : str_sub(str_from(line, blank + 1), 0, 100);
        comment = comment.n > 60 ? STR_EMPTY : comment;      /* the key itself, when there is no comment */
        count++;
    }
    if (!count)
        return;
    bool         admins = str_istarts(winpath_name(n->node->path), STR("administrators_"));
    struct file_fact *f = told(c, n, false, "ssh_key", "", admins ? SEV_MEDIUM : SEV_LOW, admins ? "SSH keys that log on as an administrator" : "SSH keys that log on");
    if (!f)
        return;
    f->why = files_text(c, "%u keys let their holders log on without a password, as long as the SSH service runs. Ask whose they are.%s%.*s", count, comment.n ? " The last one calls itself " : "", STR_ARG(comment));
    f->cite.excerpt = files_text(c, "%u keys%s%.*s", count, comment.n ? ", the last: " : "", STR_ARG(comment));
    files_attack(f, "T1098.004");
}

static void hosts(struct files_context *c, struct files_node *n, struct str text)
{
    static const char *const protect[] = { "windowsupdate.com", "update.microsoft.com", "wdcp.microsoft.com", "wd.microsoft.com", "definitionupdates.microsoft.com", "symantec.com",
                                           "mcafee.com", "trendmicro.com", "sophos.com", "kaspersky.com", "eset.com", "crowdstrike.com", "sentinelone.net", "virustotal.com" };
    struct str line, first = STR_EMPTY;
    uint32_t   count = 0;
    uint64_t   number = 0, at = 0;

    while (str_cut(&text, '\n', &line)) {
        number++;
        line = str_trim(line);
        size_t hash = str_chr(line, '#');
        line = hash == STR_NONE ? line : str_trim(str_sub(line, 0, hash));
        for (size_t i = 0; line.n && i < COUNT_OF(protect); i++)
            if (str_iends(line, str_c(protect[i]))) {
                count++;
                if (!first.n)
                    first = line, at = number;
                break;
            }
    }
    struct file_fact *f = count ? told(c, n, false, "hosts_entry", "", SEV_MEDIUM, "Names of update or protection services are bent by hand") : NULL;
    if (!f)
        return;
    f->why = files_text(c, "%u lines of the hosts file send names of such services elsewhere: updates or protection may not reach this server.", count);
    f->cite.line    = at;
    f->cite.excerpt = files_quote(c, first);
    files_attack(f, "T1562.001");
}

/* Words of those who demand money. Two of the three kinds, and the demand itself. */
static bool demands(struct str text)
{
    bool locked = str_ihas(text, STR("encrypted")) && (str_ihas(text, STR("your files")) || str_ihas(text, STR("your network")) || str_ihas(text, STR("your data")) || str_ihas(text, STR("all files")));
    bool pay    = str_ihas(text, STR("bitcoin")) || str_ihas(text, STR("btc")) || str_ihas(text, STR("monero")) || str_ihas(text, STR("ransom")) || str_ihas(text, STR("payment"));
    bool reach  = str_ihas(text, STR(".onion")) || str_ihas(text, STR("tor browser")) || str_ihas(text, STR("protonmail")) || str_ihas(text, STR("tutanota")) || str_ihas(text, STR("personal id")) ||
                  str_ihas(text, STR("decryptor"));

    return locked && pay && reach;
}

static void ransom(struct files_context *c, struct files_node *n)
{
    struct file_fact *f = files_may_tell(c, TOLD_RANSOM) ? files_fact_at(c, n->node, FILE_FACT_RANSOM, "files/ransom-text", SEV_HIGH, 0.85) : NULL;

    if (!f)
        return;
    f->title   = STR("Ransom note");
    f->why     = STR("Its text says that files were encrypted, demands money and says how to reach whoever wrote it.");
    f->time_us = n->node->btime_us != TIME_NONE ? n->node->btime_us : n->node->mtime_us;
    f->cite.excerpt = files_text(c, "%.*s, %llu bytes", STR_ARG(winpath_name(n->node->path)), (unsigned long long)n->node->size_bytes);
    files_attack(f, "T1486");
}

static void psexec(struct files_context *c, struct files_node *n)
{
    struct str   name = winpath_name(n->node->path), host = str_from(name, 7);
    size_t       dash = str_chr(host, '-');
    struct file_fact *f = told(c, n, false, "remote_tool", "PsExec", SEV_MEDIUM, "PsExec was used against this server");

    if (!f)
        return;
    host   = dash == STR_NONE ? STR_EMPTY : str_sub(host, 0, dash);
    f->why = files_text(c, "PsExec leaves such a file where it started a program from another computer%s%.*s. Administrators use it, too.", host.n ? ": " : "", STR_ARG(host));
    f->cite.excerpt = files_quote(c, name);
    files_attack(f, "T1569.002");
}

static void moved_data(struct files_context *c, struct files_node *n, const char *name, struct str kind)
{
    struct str   path = n->node->path;
    bool         odd = place_of(path) == PLACE_HOSTILE || is_systems(path);
    struct file_fact *f = told(c, n, false, "transfer_tool", name, odd ? SEV_MEDIUM : SEV_LOW, "Settings of a program that moves files elsewhere");

    if (!f)
        return;
    f->why = files_text(c, "%s is set up here%s%.*s. %s", name, kind.n ? ", with a storage of the kind " : "", STR_ARG(kind), odd ? "Nobody keeps its settings in this place. " : "Ask whether it is the administrators' own.");
    f->cite.excerpt = kind.n ? files_text(c, "%s, %.*s", name, STR_ARG(kind)) : str_c(name);
    files_attack(f, "T1567.002");
}

/* Nobody makes such a folder but with a name that the usual programs cannot open. */
static void hidden(struct files_context *c, struct files_node *n)
{
    bool below = str_ihas(n->node->path, STR("\\ProgramData\\"));

    for (struct str rest = str_from(n->node->path, 3), part; below && str_cut(&rest, '\\', &part);) {
        if (!winpath_reserved(part) && !(part.n > 2 && winpath_hidden_name(part)))
            continue;
        struct file_fact *f = files_may_tell(c, TOLD_HIDDEN) ? files_fact_at(c, n->node, FILE_FACT_NOTE, "files/hidden-name", SEV_HIGH, 0.7) : NULL;
        if (!f)
            return;
        f->title = STR("A file in a folder that hides by its name");
        f->why   = files_text(c, "Windows' own programs cannot open \"%.*s\": who made it did so on purpose. Pages are hidden in such folders, served through a virtual directory.", STR_ARG(part));
        f->cite.excerpt = files_quote(c, n->node->path);
        files_attack(f, "T1564");
        return;
    }
}

bool remote_settings(struct files_context *c, struct files_node *n, struct err *e)
{
    struct str path = n->node->path, name = winpath_name(path), ext = winpath_ext(path);
    bool       small = n->node->size_bytes <= (1 << 20);

    (void)e;
    hidden(c, n);
    if (str_istarts(name, STR("psexec-")) && str_ieq(ext, STR(".key")))
        psexec(c, n);
    if (!small)
        return true;
    bool plain = str_ieq(ext, STR(".txt")) || str_ieq(ext, STR(".hta")) || str_ieq(ext, STR(".html")) || str_ieq(ext, STR(".htm"));
    bool ours  = str_istarts(name, STR("frp")) || str_istarts(name, STR("ngrok")) || str_ieq(ext, STR(".conf")) || str_ieq(ext, STR(".config")) || str_ieq(ext, STR(".msh")) ||
                 str_ieq(ext, STR(".ini")) || str_ieq(ext, STR(".toml")) || str_ieq(ext, STR(".yml")) || str_ieq(ext, STR(".xml")) || str_ieq(ext, STR(".trace")) ||
                 str_ieq(name, STR("hosts")) || str_ihas(name, STR("authorized_keys"));
    if (!plain && !ours)
        return true;
    struct str text = text_of(n);
    if (plain && demands(text)) {
        ransom(c, n);
        return true;
    }
    if (str_ieq(ext, STR(".ini")) || str_ieq(ext, STR(".toml")))
        frp(c, n, text);
    if (str_ieq(ext, STR(".yml")) && (str_istarts(name, STR("ngrok")) || str_ihas(path, STR("\\ngrok\\"))))
        ngrok(c, n, text);
    if (str_ieq(ext, STR(".yml")) && str_ihas(path, STR("cloudflared")) && value_of(text, "tunnel").n)
        trace(c, n, "cloudflared", value_in(text, "hostname:", "\r\n#"), ", for ");
    if (str_ieq(name, STR("connection_trace.txt")) && str_ihas(path, STR("\\AnyDesk\\")))
        trace(c, n, "AnyDesk", last_line(text), ", last connection: ");
    else if (str_ieq(name, STR("ad_svc.trace")))
        trace(c, n, "AnyDesk", STR_EMPTY, "");
    if (str_ieq(name, STR("connections_incoming.txt")))
        trace(c, n, "TeamViewer", last_line(text), ", last connection: ");
    if (str_ihas(path, STR("\\ScreenConnect Client (")) && str_ieq(name, STR("system.config")))
        trace(c, n, "ScreenConnect", value_in(text, "&h=", "&\"<"), ", its relay: ");
    if (str_ieq(ext, STR(".msh")))
        trace(c, n, "MeshAgent", value_of(text, "MeshServer"), ", its server: ");
    if (str_ieq(name, STR("rustdesk2.toml")))
        trace(c, n, "RustDesk", value_of(text, "rendezvous_server"), ", its server: ");
    if (str_ieq(name, STR("client32.ini")))
        trace(c, n, "NetSupport", value_of(text, "GatewayAddress"), ", its gateway: ");
    if (str_ihas(name, STR("authorized_keys")))
        keys(c, n, text);
    if (str_ieq(name, STR("hosts")) && str_ihas(path, STR("\\drivers\\etc\\")))
        hosts(c, n, text);
    if (str_ieq(name, STR("rclone.conf")))
        moved_data(c, n, "rclone", value_of(text, "type"));
    if (str_ieq(name, STR("winscp.ini")))
        moved_data(c, n, "WinSCP", STR_EMPTY);
    if (str_ihas(path, STR("\\FileZilla\\")) && (str_ieq(name, STR("recentservers.xml")) || str_ieq(name, STR("sitemanager.xml"))))
        moved_data(c, n, "FileZilla", STR_EMPTY);
    return true;
}

/* ---- autostart folders ---- */

bool remote_startup(struct files_context *c, struct files_node *n, struct err *e)
{
    struct str          path = n->node->path, name = winpath_name(path), ext = winpath_ext(path);
    struct files_lines *l = NEW(&n->scratch, struct files_lines, 1);
    bool                program = str_starts(n->body, STR("MZ")), link = str_ieq(ext, STR(".lnk"));

    if (!l)
        return err_set(e, ERR_MEMORY, "no room for an item of an autostart folder");
    if (str_ieq(name, STR("desktop.ini")))
        return true;
    if (link) {
        struct run r;
        for (size_t pos = 0; runs_next(str_sub(n->body, 0, 64 << 10), &pos, 4, &r);) {
            struct arena a = n->scratch;
            struct str   s = runs_text(&a, n->body, r);
            if (s.p && !files_lines_judge(l, c, s, COMMAND_STORED, 0, TIME_NONE, a, e))
                return false;
        }
    } else if (!program) {
        struct str text = text_of(n), line;
        for (uint64_t number = 1; str_cut(&text, '\n', &line); number++)
            if (!files_lines_judge(l, c, line, COMMAND_STORED, number, TIME_NONE, n->scratch, e))
                return false;
    }
    bool any = false;
    for (size_t i = 0; i < l->n && !any; i++) {
        bool         sure = l->row[i].verdict == COMMAND_ACCUSE;
        struct file_fact *f = files_line_fact(c, n->node, &l->row[i], sure ? FILE_FACT_WAY_BACK : FILE_FACT_NOTE, "files/startup", sure ? "Autostart item that runs hostile commands" : "Autostart item with an unusual command",
                                              "It runs whenever somebody logs on.");
        any = true;
        if (!f)
            break;
        f->what = STR("startup_item");
        f->time_us = n->node->btime_us;
        files_attack(f, "T1547.001");
    }
    if (any || link)
        return true;
    struct file_fact *f = files_fact_at(c, n->node, FILE_FACT_NOTE, "files/startup", program ? SEV_MEDIUM : SEV_LOW, 0.4);
    if (!f)
        return true;
    f->what    = STR("startup_item");
    f->title   = program ? STR("A program in an autostart folder") : STR("A file in an autostart folder");
    f->why     = STR("It runs whenever somebody logs on. Servers rarely need that.");
    f->time_us = n->node->btime_us;
    f->cite.excerpt = files_text(c, "%.*s, %llu bytes", STR_ARG(name), (unsigned long long)n->node->size_bytes);
    files_attack(f, "T1547.001");
    return true;
}
