/*
 * A target for KAPE: one entry a place and mask.
 *
 * Id       one for each campaign, made from its name (uuid.h), so that the target keeps it when it is written anew.
 * Places   KAPE replaces the drive "C:" by its source, knows "%user%" and '*' in a folder's name, and cannot read the registry: the
 *          usual folders are named, and the text says what to change where Exchange or the sites lie elsewhere.
 * Source   KapeFiles, Targets/Logs/IISLogFiles.tkape and Targets/Windows/$J.tkape (keys and their order), read 2026. Not tried with KAPE itself.
 */
#include "report/collect.h"

#include "report/uuid.h"

static const char *const place[GATHER_BASES] = {
    [GATHER_EXCHANGE] = "C:\\Program Files\\Microsoft\\Exchange Server\\V*\\", [GATHER_WINDOWS] = "C:\\Windows\\", [GATHER_DRIVE] = "C:\\",
    [GATHER_PROFILES] = "C:\\Users\\%user%\\", [GATHER_SITE_LOGS] = "C:\\inetpub\\logs\\LogFiles\\", [GATHER_SITE_PAGES] = NULL,
};

static const char *title_of(const struct gather_row *row)
{
    for (int f = FAM_NONE + 1; f < FAM_COUNT; f++)
        if (row->families & GATHER_BIT(f))
            return family_table[f].title;
    return "places where files are staged";
}

/* Paths are plain words between single quotes: nothing of them holds a quote. */
static void entry(struct out *o, const struct gather_row *row, const char *base, struct str path, struct str mask)
{
    out_fmt(o, "    -\n        Name: '%s'\n        Category: Exchange\n        Path: '%s", title_of(row), base);
    out_str(o, path);
    out_c(o, path.n ? "\\'\n        FileMask: '" : "'\n        FileMask: '");
    out_str(o, mask);
    out_c(o, "'\n");
    if (row->deep)
        out_c(o, "        Recursive: true\n");
    if (row->max_mib)
        out_fmt(o, "        MaxSize: %u\n", row->max_mib << 20);
    if (row->guarded || row->kind != GATHER_FOLDER)
        out_c(o, "        AlwaysAddToQueue: true\n");
}

static bool row_write(struct out *o, const struct gather_row *row, struct arena scratch)
{
    struct str path = str_c(row->path), rest = str_c(row->masks ? row->masks : "*"), mask;

    if (row->kind == GATHER_CHANNEL) {
        mask = gather_channel_file(path, &scratch);
        if (mask.p)
            entry(o, row, place[GATHER_WINDOWS], STR("System32\\winevt\\Logs"), mask);
        return mask.p;
    }
    if (row->kind == GATHER_HIVE) {
        entry(o, row, place[GATHER_WINDOWS], STR("System32\\config"), path);
        mask = str_cat(&scratch, path, STR(".LOG*"));        /* what Windows had not written into the hive yet */
        if (mask.p)
            entry(o, row, place[GATHER_WINDOWS], STR("System32\\config"), mask);
        return mask.p;
    }
    if (row->kind == GATHER_RAW) {
        size_t at = str_rchr(path, '\\');
        entry(o, row, place[GATHER_DRIVE], at == STR_NONE ? STR_EMPTY : str_sub(path, 0, at), at == STR_NONE ? path : str_from(path, at + 1));
        size_t colon = str_chr(path, ':');
        if (colon != STR_NONE) {
            out_c(o, "        SaveAsFileName: '");
            out_str(o, str_from(path, colon + 1));
            out_c(o, "'\n");
        }
        return true;
    }
    while (place[row->base] && gather_mask(&rest, &mask))
        entry(o, row, place[row->base], path, mask);
    return true;
}

static bool kape_write(struct out *o, const struct collect *c, struct arena scratch, struct err *e)
{
    struct str title = collect_title(c, &scratch), name = str_cat(&scratch, STR("collect/kape/"), c->campaign);
    uint8_t    id[UUID_BYTES];
    char       text[UUID_TEXT];
    const struct gather_row *row;

    if (!title.p || !name.p)
        return err_set(e, ERR_MEMORY, "no room for the title");
    if (!uuid5(uuid_ours, name, id, e))
        return false;
    uuid_text(id, text);
    out_c(o, "Description: 'Exchange: what afterpatch hunt reads (");
    out_str(o, title);
    out_c(o, ")'\nAuthor: Afterpatch\nVersion: 1.0\nId: ");
    out_c(o, text);
    out_c(o, "\nRecreateDirectories: true\nTargets:\n");
    for (size_t at = 0; (row = collect_next(c, &at));)
        if (!row_write(o, row, scratch))
            return err_set(e, ERR_MEMORY, "no room for a path");
    out_c(o, "\n# Unverified: written after the targets that KAPE comes with; this text was not tried with KAPE itself.\n"
             "# KAPE cannot look into the registry. Where Exchange or a site lies elsewhere (HKLM\\SOFTWARE\\Microsoft\\ExchangeServer\\v15\\Setup,\n"
             "# MsiInstallPath; appcmd list vdir), change the paths above, and run KAPE once for each drive.\n"
             "# kape.exe --tsource C: --tdest E:\\collect --target Afterpatch\n");
    return true;
}

const struct collect_kind collect_kape = { "kape", "Afterpatch.tkape", "a target for KAPE", kape_write };
