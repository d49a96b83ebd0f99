/*
 * shape_text: page texts for tests, put together at run time from words kept apart, so that no source file and no program holds a text
 * that a scanner of back doors would take for one.
 *
 *   {o} {c}  the marks that open and close server code     {e} the word that evaluates    {r} the request object
 *   {s} the script element's name    {u} the flag that lifts limits    {j} {l} JScript, Language    {x} the word that executes
 *   {p} the process class   {w} the method that writes a text file   {f} the method that saves a posted file   {a} runat="server"
 */
#ifndef SHAPE_TEXT_H
#define SHAPE_TEXT_H

#include <stddef.h>
#include <string.h>

static inline size_t shape_text(char *to, size_t cap, const char *plan)
{
    static const struct { char key; const char *word[2]; } part[] = {
        { 'o', { "<", "%" } }, { 'c', { "%", ">" } }, { 'e', { "ev", "al" } }, { 'r', { "Req", "uest" } }, { 's', { "scr", "ipt" } },
        { 'u', { "uns", "afe" } }, { 'j', { "JSc", "ript" } }, { 'l', { "Lang", "uage" } }, { 'x', { "Exec", "ute" } }, { 'p', { "Pro", "cess" } },
        { 'w', { "WriteAll", "Text" } }, { 'f', { "Save", "As" } }, { 'a', { "runat=\"", "server\"" } },
    };
    size_t n = 0;

    for (const char *p = plan; *p && n + 1 < cap; p++) {
        size_t k = 0;
        if (p[0] == '{' && p[1] && p[2] == '}')
            while (k < sizeof part / sizeof *part && part[k].key != p[1])
                k++;
        else
            k = sizeof part / sizeof *part;
        if (k == sizeof part / sizeof *part) {
            to[n++] = *p;
            continue;
        }
        for (int i = 0; i < 2; i++)
            for (const char *w = part[k].word[i]; *w && n + 1 < cap; w++)
                to[n++] = *w;
        p += 2;
    }
    to[n] = 0;
    return n;
}

/* The settings list of an OAB directory as a reset writes it; `url` is the plan of its ExternalUrl. Names are invented. */
static inline size_t shape_settings(char *to, size_t cap, const char *url)
{
    static const char *const before =
        "Name                            : OAB (Default Web Site)\r\n"
        "PollInterval                    : 480\r\n"
        "OfflineAddressBooks             : \\Default Offline Address Book\r\n"
        "RequireSSL                      : True\r\n"
        "BasicAuthentication             : False\r\n"
        "WindowsAuthentication           : True\r\n"
        "MetabasePath                    : IIS://EXCH01.bakery.example/W3SVC/1/ROOT/OAB\r\n"
        "Path                            : D:\\Exch\\V15\\FrontEnd\\HttpProxy\\OAB\r\n"
        "ExtendedProtectionTokenChecking : None\r\n"
        "AdminDisplayVersion             : Version 15.1 (Build 2106.2)\r\n"
        "Server                          : EXCH01\r\n"
        "InternalUrl                     : https://exch01.bakery.example/OAB\r\n"
        "InternalAuthenticationMethods   : WindowsIntegrated\r\n"
        "ExternalUrl                     : ";
    static const char *const after =
        "\r\nExternalAuthenticationMethods   : WindowsIntegrated\r\n"
        "DistinguishedName               : CN=OAB (Default Web Site),CN=HTTP,CN=Protocols,CN=EXCH01,DC=bakery,DC=example\r\n"
        "Identity                        : EXCH01\\OAB (Default Web Site)\r\n"
        "ObjectClass                     : top\r\n"
        "WhenChanged                     : 3/3/2021 7:59:20 AM\r\n"
        "WhenChangedUTC                  : 3/3/2021 6:59:20 AM\r\n"
        "WhenCreatedUTC                  : 11/4/2020 5:40:00 PM\r\n"
        "OriginatingServer               : dc01.bakery.example\r\n"
        "IsValid                         : True\r\n";
    size_t n = shape_text(to, cap, before);

    n += shape_text(to + n, cap - n, url);
    return n + shape_text(to + n, cap - n, after);
}

#endif
