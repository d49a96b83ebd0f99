/*
 * command_rules: what command lines say, as one table. Facts of Windows and of how it is abused in general.
 *
 * Order    by what it says. Words are those of the flattened text (command_flat): lower case, no quotes, no ".exe".
 * Source   ways back in, 1.7, 2.2, 2.3, 6.1, 6.2, 6.6, 8, 9 and 10; ATT&CK pages of the technique named.
 */
#include "detect/command_inner.h"

#include "base/num.h"

#define FETCHES "downloadstring|downloaddata|downloadfile|invoke-webrequest|=iwr|invoke-restmethod|=irm|openread(|internetexplorer.application|xmlhttp|winhttp|start-bitstransfer|=curl|=wget"
#define RUNS_TEXT "=iex|invoke-expression|scriptblock]::create|.invokescript|assembly]::load|reflection.assembly]::load"
enum { NO = COMMAND_ORDINARY, LOOK = COMMAND_LOOK, ACC = COMMAND_ACCUSE };

const struct command_rule command_rules[] = {
    /* Fetching and running. */
    { NULL, { RUNS_TEXT, FETCHES }, ACC, ACC, true, "it runs what it fetches from the network", "T1059.001" },
    { NULL, { RUNS_TEXT, "http:|https:|ftp:" }, ACC, LOOK, true, "it runs what it fetches from the network", "T1059.001" },
    { NULL, { FETCHES "|=certutil|=bitsadmin", "http:|https:|ftp:" }, LOOK, LOOK, true, "it fetches something from the network", "T1105" },
    { "mshta", { "http:|https:|javascript:|vbscript:" }, ACC, ACC, false, "mshta runs script from the network or from the command line itself", "T1218.005" },
    { "regsvr32", { "scrobj|http:|https:" }, ACC, ACC, false, "regsvr32 registers a script instead of a library", "T1218.010" },
    { "rundll32", { "javascript:|vbscript:|runhtmlapplication|http:|https:" }, ACC, ACC, false, "rundll32 runs script instead of a library", "T1218.011" },
    { "msiexec", { "http:|https:" }, LOOK, LOOK, true, "msiexec installs from the network", "T1218.007" },
    { "wscript cscript", { "http:|https:" }, LOOK, LOOK, true, "a script host is given an address", "T1059.005" },
    { "certutil", { "urlcache|verifyctl", "http:|https:|ftp:" }, ACC, LOOK, true, "certutil is used to download", "T1105" },
    { "certutil", { "-decode|/decode|-encode|/encode" }, LOOK, LOOK, false, "certutil is used to unpack or pack a file", "T1140" },
    { "bitsadmin", { "setnotifycmdline" }, ACC, ACC, false, "a transfer job is told to start a program", "T1197" },
    { "wmic", { "/format:", "http:|https:" }, ACC, ACC, false, "wmic runs a style sheet from the network", "T1220" },
    /* Text that hides. */
    { NULL, { "frombase64string", RUNS_TEXT "|gzipstream|deflatestream|entrypoint.invoke|memorystream" }, ACC, LOOK, false, "it unpacks text and runs it", "T1027" },
    { NULL, { "get-itemproperty|=gp|=gpv|getvalue(|get-itempropertyvalue", "hklm:|hkcu:|registry::|software\\|registry]::", RUNS_TEXT "|-enc|-encodedcommand|frombase64string" }, ACC, LOOK,
      false, "it runs text that is kept in the registry", "T1027.011" },
    { NULL, { RUNS_TEXT, "get-content|=gc|readalltext" }, LOOK, LOOK, false, "it runs text that it reads from a file", "T1059.001" },
    { "cmd", { "=set", "call %|%%|!" , "&&set |& set |&set |&& set " }, LOOK, LOOK, false, "its words are put together from variables", "T1027.010" },
    { NULL, { "amsiutils|amsiinitfailed|amsiscanbuffer|amsi.dll" }, ACC, ACC, false, "it switches the antivirus interface of script hosts off", "T1562.001" },
    { NULL, { "virtualalloc|createthread|getdelegateforfunctionpointer|virtualprotect", "marshal|dllimport|getprocaddress|unsafenativemethods|kernel32" }, ACC, LOOK, false,
      "it puts machine code into memory", "T1620" },
    { NULL, { "net.sockets.tcpclient|net.sockets.tcplistener", "getstream", RUNS_TEXT "|=cmd|process" }, ACC, ACC, false, "it hands a shell to a network connection", "T1059.001" },
    { NULL, { "invoke-mimikatz|sekurlsa::|lsadump::|invoke-powershelltcp|=powercat|invoke-shellcode|invoke-reflectivepeinjection|invoke-dcsync" }, ACC, ACC, false,
      "it names an attack tool", "T1588.002" },
    /* Shells from afar. */
    { NULL, { "\\\\127.0.0.1\\admin$|\\\\127.0.0.1\\c$|\\\\localhost\\admin$|\\\\localhost\\c$", ">" }, ACC, ACC, false, "its output goes to this computer's own share, as remote shells do", "T1021.002" },
    { NULL, { "echo [s]", "echo [e]" }, ACC, ACC, false, "it frames its output as a web shell's client does", "T1505.003" },
    { NULL, { "=plink|=ssh", " -r " }, LOOK, LOOK, false, "it builds a tunnel back into this network", "T1572" },
    { NULL, { "portproxy", "=add" }, LOOK, LOOK, false, "it forwards a port", "T1090.001" },
    /* Passwords. */
    { NULL, { "comsvcs", "minidump|#24|#+24|#-" }, ACC, ACC, false, "it writes the memory of a process with a library of Windows", "T1003.001" },
    { NULL, { "procdump|=-ma|=/ma|sqldumper|rdrleakdiag|createdump|out-minidump", "=lsass|lsass.dmp|get-process lsass" }, ACC, ACC, false, "it writes the memory of the logon process", "T1003.001" },
    { NULL, { "=copy|=xcopy|=robocopy|=cp|copy-item|=esentutl", "harddiskvolumeshadowcopy|globalroot", "ntds.dit|\\config\\sam|\\config\\system|\\config\\security" }, ACC, ACC, false,
      "it copies password stores out of a shadow copy", "T1003.003" },
    { "reg powershell pwsh cmd", { "=reg save|=reg export", "=hklm\\sam|=hklm\\security|hkey_local_machine\\sam|hkey_local_machine\\security" }, LOOK, LOOK, false, "it saves hives that hold passwords", "T1003.002" },
    { NULL, { "ntdsutil", "ifm|ac i ntds|activate instance" }, LOOK, LOOK, false, "it writes a copy of the domain's passwords", "T1003.003" },
    { NULL, { "appcmd", "list", "/text:|/config|/@:" }, LOOK, LOOK, false, "it lists passwords of application pools", "T1552.001" },
    { NULL, { "aspnet_regiis", "-pdf|-pd " }, LOOK, LOOK, false, "it decrypts sections of a configuration", "T1552.001" },
    { NULL, { "uselogoncredential" }, LOOK, LOOK, false, "it makes Windows keep passwords in clear", "T1112" },
    /* Accounts. */
    { NULL, { "=net user|=net1 user|new-localuser", "/add|new-localuser" }, LOOK, LOOK, false, "it adds an account", "T1136.001" },
    { NULL, { "localgroup|add-localgroupmember|=net group|=net1 group", "/add|add-localgroupmember" }, LOOK, LOOK, false, "it adds an account to a group", "T1098" },
    /* Traces and defences. */
    { NULL, { "delete shadows|shadowcopy delete", "/all|/quiet|shadowcopy delete" }, ACC, ACC, false, "it deletes all shadow copies", "T1490" },
    { NULL, { "win32_shadowcopy", ".delete()|remove-wmiobject|remove-ciminstance" }, ACC, ACC, false, "it deletes all shadow copies", "T1490" },
    { NULL, { "recoveryenabled no|bootstatuspolicy ignoreallfailures|wbadmin delete" }, LOOK, LOOK, false, "it switches recovery off", "T1490" },
    { NULL, { "=wevtutil cl|=wevtutil clear-log|clear-eventlog|remove-eventlog" }, LOOK, LOOK, false, "it clears event logs", "T1070.001" },
    { NULL, { "set-mppreference|add-mppreference", "-disable|-exclusion" }, LOOK, LOOK, false, "it weakens the antivirus", "T1562.001" },
    { NULL, { "=netsh", "firewall", "state off|opmode disable|opmode mode=disable" }, LOOK, LOOK, false, "it switches the firewall off", "T1562.004" },
    { NULL, { "rename-machine|dontlog:true|/dontlog:true|httplogging /dontlog" }, LOOK, LOOK, false, "it switches logging of the web server off", "T1562.002" },
    { NULL, { "remove-mailboxexportrequest|remove-mailboxsearch", "-confirm:$false|-confirm $false|confirm:0" }, LOOK, LOOK, false, "it removes traces of a mailbox export", "T1070.008" },
    /* Parts of web and mail server. */
    { NULL, { "install module|add module|new-webglobalmodule|install-transportagent|=gacutil" }, LOOK, LOOK, false, "it adds a module to the web or mail server", "T1505.004" },
    { NULL, { "new-mailboxexportrequest|new-exchangecertificate", ".aspx|.ashx|.asmx|.asp " }, ACC, ACC, false, "it has Exchange write a page", "T1505.003" },
    /* Packing. */
    { NULL, { "=rar|=winrar|=7z|=7za", " -hp| -p" }, LOOK, LOOK, false, "it packs files with a password", "T1560.001" },
    { NULL, { "=rclone", "=copy|=sync|=move" }, LOOK, LOOK, false, "it copies files to a storage service", "T1567.002" },
};
const size_t command_rule_n = COUNT_OF(command_rules);

static bool edge(struct str flat, size_t at) { return at >= flat.n || !(ch_alnum(flat.p[at]) || flat.p[at] == '_' || flat.p[at] == '-'); }

/* "=word": nothing of a word directly before or after it. Its own first sign may be one that is no letter. */
static bool has_word(struct str flat, struct str word)
{
    for (size_t from = 0, at; from < flat.n && (at = str_find(str_from(flat, from), word)) != STR_NONE; from += at + 1)
        if ((from + at == 0 || edge(flat, from + at - 1)) && edge(flat, from + at + word.n))
            return true;
    return false;
}

static bool any_of(const char *list, struct str flat)
{
    struct str rest = str_c(list), one;

    while (str_cut(&rest, '|', &one))
        if (one.n && (one.p[0] == '=' ? has_word(flat, str_from(one, 1)) : str_has(flat, one)))
            return true;
    return false;
}

bool command_fits(const struct command_rule *r, struct str image, struct str flat)
{
    bool right = r->image == NULL;

    for (struct str rest = str_c(r->image), one; !right && str_cut(&rest, ' ', &one);)
        right = str_ieq(one, image);
    for (size_t i = 0; right && i < COUNT_OF(r->all) && r->all[i]; i++)
        right = any_of(r->all[i], flat);
    return right;
}
