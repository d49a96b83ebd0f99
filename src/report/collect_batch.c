/*
 * A batch file for the Command Prompt: src/report/collect.cmd with one call for each place.
 *
 * Lines end with CR LF, as old versions of cmd.exe find labels only then; plain ASCII, so no code page matters.
 * Source: "robocopy /?", "wevtutil /?", "reg /?", "certutil /?", "for /?", "call /?" of Windows Server 2008 R2 to 2022.
 */
#include "report/collect.h"

#include "report/collect_batch.h"

static const char *const place[GATHER_BASES] = {
    [GATHER_EXCHANGE] = "exchange", [GATHER_WINDOWS] = "windows", [GATHER_DRIVE] = "drive", [GATHER_PROFILES] = "profiles",
    [GATHER_SITE_LOGS] = "site_logs", [GATHER_SITE_PAGES] = "site_pages",
};

static void folder(struct out *o, const struct gather_row *row)
{
    /* Where masks choose, /S leaves out folders that stay empty. "C:\." is the root: a backslash before a quote would escape it. */
    out_fmt(o, "call :%s \"%s\" \"%s%s", place[row->base], row->path[0] ? row->path : ".", row->deep ? (row->masks ? "/S" : "/E") : "",
            row->guarded ? " /B" : "");
    if (row->max_mib)
        out_fmt(o, "%s/MAX:%u", row->deep || row->guarded ? " " : "", row->max_mib << 20);
    out_fmt(o, "\" \"%s\"", row->masks ? row->masks : "*.*");
    if (row->without)
        out_fmt(o, " \"%s\"", row->without);
    out_c(o, "\r\n");
}

/* Windows writes %4 for the slash in a channel's name. */
static void channel(struct out *o, const struct gather_row *row)
{
    struct str rest = str_c(row->path), head;

    out_fmt(o, "set \"CHANNEL=%s\"\r\nset \"FILE=", row->path);
    str_cut(&rest, '/', &head);
    out_str(o, head);
    if (rest.n) {
        out_c(o, "%%4");
        out_str(o, rest);
    }
    out_c(o, ".evtx\"\r\ncall :channel\r\n");
}

static void rows(struct out *o, const struct collect *c)
{
    const struct gather_row *row;

    for (size_t at = 0; (row = collect_next(c, &at));) {
        if (row->kind == GATHER_FOLDER)
            folder(o, row);
        else if (row->kind == GATHER_CHANNEL)
            channel(o, row);
        else if (row->kind == GATHER_HIVE)
            out_fmt(o, "call :hive \"%s\"\r\n", row->path);
    }
}

static void raws(struct out *o, const struct collect *c)
{
    const struct gather_row *row;

    for (size_t at = 0; (row = collect_next(c, &at));)
        if (row->kind == GATHER_RAW)
            out_fmt(o, "set \"SAY=Not copied: %s. Windows keeps it locked; a disk image, KAPE or Velociraptor can take it.\"\r\ncall :say\r\n",
                    row->path);
}

static bool batch_write(struct out *o, const struct collect *c, struct arena scratch, struct err *e)
{
    struct str title = collect_title(c, &scratch), rest = { collect_cmd, collect_cmd_bytes }, line;

    if (!title.p)
        return err_set(e, ERR_MEMORY, "no room for the title");
    while (rest.n && str_cut(&rest, '\n', &line)) {
        size_t at;
        if (str_eq(line, STR("@ROWS@"))) {
            rows(o, c);
            continue;
        }
        if (str_eq(line, STR("@RAW@"))) {
            raws(o, c);
            continue;
        }
        while ((at = str_find(line, STR("@TITLE@"))) != STR_NONE) {
            out_str(o, str_sub(line, 0, at));
            out_str(o, title);
            line = str_from(line, at + sizeof "@TITLE@" - 1);
        }
        out_str(o, line);
        out_c(o, "\r\n");
    }
    return true;
}

const struct collect_kind collect_batch = {
    "batch", "collect.cmd", "a batch file for the Command Prompt, with what Windows itself has", batch_write };
