/*
 * A batch file that runs dissect's acquire: the default profile and our folders and globs on top.
 *
 * Why      acquire's profiles are built in, and none takes HttpProxy logs and pages. It reads arguments from a file (one a line, no comments),
 *          so the batch file writes that file first: a command line would be too long.
 * Places   acquire cannot look into the registry for us: the usual folders are named.
 * Source   fox-it/acquire, acquire/utils.py (-p, -d, -g, "@file"); read 2026. Not tried with acquire itself.
 */
#include "report/collect.h"

static const char *const place[GATHER_BASES] = {
    [GATHER_EXCHANGE] = "C:/Program Files/Microsoft/Exchange Server/V15", [GATHER_WINDOWS] = "C:/Windows", [GATHER_DRIVE] = "C:",
    [GATHER_PROFILES] = "C:/Users/*", [GATHER_SITE_LOGS] = "C:/inetpub/logs/LogFiles", [GATHER_SITE_PAGES] = NULL,
};

static void slashes(struct out *o, struct str path)
{
    for (size_t i = 0; i < path.n; i++)
        out_str(o, path.p[i] == '\\' ? STR("/") : str_sub(path, i, i + 1));
}

/* In a batch file "%4" is written "%%4". */
static void percents(struct out *o, struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        out_str(o, s.p[i] == '%' ? STR("%%") : str_sub(s, i, i + 1));
}

static void argument(struct out *o, const char *option, const char *base, struct str path, const char *between, struct str mask)
{
    out_fmt(o, "echo %s\r\necho %s", option, base);
    if (path.n)
        out_c(o, "/");
    slashes(o, path);
    out_c(o, between);
    percents(o, mask);
    out_c(o, "\r\n");
}

static bool row_write(struct out *o, const struct gather_row *row, struct arena scratch)
{
    struct str path = str_c(row->path), rest = str_c(row->masks ? row->masks : ""), mask;

    if (row->kind == GATHER_CHANNEL) {
        mask = gather_channel_file(path, &scratch);
        if (mask.p)
            argument(o, "-f", "C:/Windows/System32/winevt/Logs", STR_EMPTY, "/", mask);
        return mask.p;
    }
    if (row->kind == GATHER_HIVE)
        argument(o, "-g", "C:/Windows/System32/config", STR_EMPTY, "/", str_cat(&scratch, path, STR("*")));
    if (row->kind != GATHER_FOLDER || !place[row->base])
        return true;                                /* $MFT and $J are in the default profile */
    if (!row->masks && row->base == GATHER_SITE_LOGS)
        argument(o, "-d", place[row->base], STR_EMPTY, "", STR_EMPTY);
    else if (!row->masks)
        argument(o, "-d", place[row->base], path, "", STR_EMPTY);
    while (gather_mask(&rest, &mask))
        argument(o, "-g", place[row->base], path, row->deep ? "/**/" : "/", mask);
    return true;
}

static bool acquire_write(struct out *o, const struct collect *c, struct arena scratch, struct err *e)
{
    struct str title = collect_title(c, &scratch);
    const struct gather_row *row;

    if (!title.p)
        return err_set(e, ERR_MEMORY, "no room for the title");
    out_c(o, "@echo off\r\nrem ");
    out_str(o, title);
    out_c(o, ": runs acquire with the folders that `afterpatch hunt` reads.\r\n"
             "rem Put it beside acquire.exe and run it as administrator. What follows its name goes to acquire: -o E:\\collect\r\n"
             "rem Unverified: written after acquire's source; this text was not tried with acquire itself. Look at a first collection before you rely on it.\r\n"
             "rem Exchange and the sites are looked for in their usual folders. Change the lines below where they lie elsewhere\r\n"
             "rem (MsiInstallPath below HKLM\\SOFTWARE\\Microsoft\\ExchangeServer\\v15\\Setup; appcmd list vdir).\r\n"
             "setlocal EnableExtensions DisableDelayedExpansion\r\nset \"LIST=%TEMP%\\afterpatch-acquire-%RANDOM%.txt\"\r\n"
             ">\"%LIST%\" (\r\necho --profile\r\necho default\r\n");
    for (size_t at = 0; (row = collect_next(c, &at));)
        if (!row_write(o, row, scratch))
            return err_set(e, ERR_MEMORY, "no room for a path");
    out_c(o, ")\r\n\"%~dp0acquire.exe\" \"@%LIST%\" %*\r\nexit /b %ERRORLEVEL%\r\n");
    return true;
}

const struct collect_kind collect_acquire = {
    "acquire", "collect-acquire.cmd", "a batch file that runs dissect's acquire with the folders that its profiles lack", acquire_write };
