/*
 * An artifact for Velociraptor: a table of places as a parameter, and one query that finds the bases, globs and uploads.
 *
 * Places   Exchange from the registry, sites and log folders from applicationHost.config, as the server says. Windows and its drive by name.
 * Hostile  a site may be told to serve a whole drive: roots of drives, Windows and the folder of profiles are left out, as in the batch file.
 * Source   docs.velociraptor.app: artifact fields; glob, upload, expand, parse_records_with_regex, chain; read 2026. Windows.KapeFiles.Targets for
 *          its use of accessors. Not tried with Velociraptor itself.
 */
#include "report/collect.h"

static const char *const place[GATHER_BASES] = {
    [GATHER_EXCHANGE] = "Exchange", [GATHER_WINDOWS] = "Windows", [GATHER_DRIVE] = "Drive", [GATHER_PROFILES] = "Profiles",
    [GATHER_SITE_LOGS] = "SiteLogs", [GATHER_SITE_PAGES] = "SitePages",
};

static void slashes(struct out *o, struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        out_str(o, s.p[i] == '\\' ? STR("/") : str_sub(s, i, i + 1));
}

/* A glob with '/' for '\'. Nothing of ours holds a comma or a quote, so that the CSV needs none. */
static void glob(struct out *o, const char *base, struct str path, bool deep, struct str mask, uint32_t max_mib, const char *accessor)
{
    out_fmt(o, "      %s,", base);
    slashes(o, path);
    if (path.n)
        out_c(o, "/");
    if (deep)
        out_c(o, str_eq(mask, STR("*")) ? "*" : "**/");
    slashes(o, mask);
    out_fmt(o, ",%u,%s\n", max_mib, accessor);
}

static bool row_write(struct out *o, const struct gather_row *row, struct arena scratch)
{
    struct str path = str_c(row->path), rest = str_c(row->masks ? row->masks : "*"), mask;

    switch (row->kind) {
    case GATHER_CHANNEL:
        mask = gather_channel_file(path, &scratch);
        if (mask.p)
            glob(o, "Windows", STR("System32/winevt/Logs"), false, mask, 0, "auto");
        return mask.p;
    case GATHER_HIVE:
        glob(o, "Windows", STR("System32/config"), false, path, 0, "auto");
        mask = str_cat(&scratch, path, STR(".LOG*"));
        if (mask.p)
            glob(o, "Windows", STR("System32/config"), false, mask, 0, "auto");
        return mask.p;
    case GATHER_RAW:
        glob(o, "Volume", STR_EMPTY, false, path, 0, "ntfs");
        return true;
    case GATHER_FOLDER:
        while (gather_mask(&rest, &mask))
            glob(o, place[row->base], path, row->deep, mask, row->max_mib, "auto");
        return true;
    }
    return true;
}

static const char head[] =
    "type: CLIENT\n"
    "precondition: SELECT OS FROM info() WHERE OS = 'windows'\n"
    "parameters:\n"
    "  - name: Places\n"
    "    description: What to take. Place is a base that the query finds, Glob lies below it; files above MaxMiB stay (0 takes all).\n"
    "    type: csv\n"
    "    default: |\n"
    "      Place,Glob,MaxMiB,Accessor\n";

static const char query[] =
    "  - name: Config\n"
    "    description: Where IIS keeps its sites.\n"
    "    default: C:\\Windows\\System32\\inetsrv\\config\\applicationHost.config\n"
    "sources:\n"
    "  - name: Files\n"
    "    query: |\n"
    "      LET Sites(Regex) = SELECT expand(path=Path) AS Root\n"
    "        FROM parse_records_with_regex(file=Config, accessor='auto', regex=Regex)\n"
    "      LET Bases <= SELECT Base, Root FROM chain(\n"
    "        a={ SELECT 'Exchange' AS Base, Data.value AS Root\n"
    "            FROM glob(globs='''HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\ExchangeServer\\v1*\\Setup\\MsiInstallPath''', accessor='registry') },\n"
    "        b={ SELECT 'Windows' AS Base, expand(path='''%SystemRoot%''') AS Root FROM scope() },\n"
    "        c={ SELECT 'Drive' AS Base, expand(path='''%SystemDrive%''') + '/' AS Root FROM scope() },\n"
    "        d={ SELECT 'Volume' AS Base, expand(path='''%SystemDrive%''') AS Root FROM scope() },\n"
    "        e={ SELECT 'Profiles' AS Base, expand(path='''%SystemDrive%''') + '/Users/*' AS Root FROM scope() },\n"
    "        f={ SELECT 'SiteLogs' AS Base, expand(path='''%SystemDrive%''') + '/inetpub/logs/LogFiles' AS Root FROM scope() },\n"
    "        g={ SELECT 'SiteLogs' AS Base, Root FROM Sites(Regex='''<logFile[^>]* directory=\"(?P<Path>[^\"]+)\"''') },\n"
    "        h={ SELECT 'SitePages' AS Base, Root FROM Sites(Regex='''physicalPath=\"(?P<Path>[^\"]+)\"''')\n"
    "            WHERE NOT Root =~ '''^.:[\\\\/]*$''' AND NOT Root =~ '''^.:[\\\\/]+(Windows([\\\\/]+System32)?|Users|ProgramData|Program Files)[\\\\/]*$''' })\n"
    "      GROUP BY Base, Root\n"
    "      LET Found = SELECT * FROM foreach(row=Places, query={\n"
    "        SELECT * FROM foreach(row={ SELECT Base, Root FROM Bases WHERE Base = Place }, query={\n"
    "          SELECT OSPath, Size, Mtime, Atime, Ctime, Btime, Accessor\n"
    "          FROM glob(globs=if(condition=Base = 'Profiles', then=Root + '/' + Glob, else=Glob),\n"
    "                    root=if(condition=Base = 'Profiles', then='/', else=Root), accessor=Accessor)\n"
    "          WHERE NOT IsDir AND (int(int=MaxMiB) = 0 OR Size < int(int=MaxMiB) * 1048576)\n"
    "            AND NOT OSPath =~ '''ProgramData.Package Cache'''\n"
    "        })\n"
    "      })\n"
    "      SELECT OSPath, Size, Mtime,\n"
    "        upload(file=OSPath, accessor=Accessor, mtime=Mtime, atime=Atime, ctime=Ctime, btime=Btime) AS Upload\n"
    "      FROM Found GROUP BY OSPath\n";

static bool velociraptor_write(struct out *o, const struct collect *c, struct arena scratch, struct err *e)
{
    struct str title = collect_title(c, &scratch);
    const struct gather_row *row;

    if (!title.p)
        return err_set(e, ERR_MEMORY, "no room for the title");
    out_c(o, "# Unverified: written after Velociraptor's documentation; this text was not tried with Velociraptor itself. Look at a first\n"
             "# collection before you rely on it: Exchange's Logging, the sites and both IIS logs (W3SVC1, W3SVC2) must be in it.\n"
             "name: Custom.Windows.Afterpatch.Exchange\ndescription: |\n  Takes from an Exchange server what `afterpatch hunt` reads. ");
    out_str(o, title);
    out_c(o, ".\n  The folders of Exchange and of IIS are found from the registry and from applicationHost.config.\n");
    out_c(o, head);
    for (size_t at = 0; (row = collect_next(c, &at));)
        if (!row_write(o, row, scratch))
            return err_set(e, ERR_MEMORY, "no room for a path");
    out_c(o, query);
    return true;
}

const struct collect_kind collect_velociraptor = {
    "velociraptor", "Afterpatch.yaml", "an artifact for Velociraptor, for a client or an offline collector", velociraptor_write };
