/* files_ntfs_names: which names of a file table and a journal are worth a look. Source: ways back in, 1.2, 1.6, 2.2, 6.4, 8 and 9. */
#include "detect/files_ntfs.h"

static bool ends_in(struct str name, const char *const *ext)
{
    for (; *ext; ext++)
        if (str_iends(name, str_c(*ext)))
            return true;
    return false;
}

enum filetime_kind ntfs_name_kind(struct str name)
{
    static const char *const loot[]    = { ".7z", ".rar", ".zip", ".cab", ".pst", ".001", ".gz", NULL };
    static const char *const disguise[] = { ".bin", ".txt", ".log", ".png", ".dat", ".zip", ".gz", NULL };
    static const char *const program[] = { ".exe", ".dll", ".ps1", ".bat", ".cmd", ".vbs", ".hta", ".scr", ".msi", NULL };

    if (name.n < 3)
        return FILETIME_DULL;
    if (winpath_is_page(name))
        return FILETIME_PAGE;
    /* lsass.exe, its .mui and its prefetch file are on every server. */
    if (str_iends(name, STR(".dmp")) || str_ieq(name, STR("ntds.dit")) || (str_istarts(name, STR("lsass")) && ends_in(name, disguise)))
        return FILETIME_DUMP;
    return ends_in(name, loot) ? FILETIME_LOOT : ends_in(name, program) ? FILETIME_PROGRAM : FILETIME_DULL;
}

bool ntfs_web_place(const struct files_context *c, struct arena scratch, struct str path)
{
    static const char *const part[] = { "\\inetpub\\wwwroot\\", "\\aspnet_client\\", "\\frontend\\httpproxy\\", "\\clientaccess\\", "\\wwwroot\\" };
    struct str url;

    if (path.n > 2 && path.p[0] != '?' && files_served(c, &scratch, path, &url))
        return true;
    for (size_t i = 0; i < COUNT_OF(part); i++)
        if (str_ihas(path, str_c(part[i])))
            return true;
    return false;
}

bool ntfs_extra_page(const struct files_context *c, struct str path)
{
    struct str         rest = files_proxy_rest(path), below;
    enum baseline_root root;
    size_t             at;

    if (!winpath_is_page(path) || (rest.n && files_clean_page(c->pack, rest, NULL)))
        return false;
    if (c->opt->baseline && files_baseline_place(c->ev, path, &root, &below) && baseline_first(c->opt->baseline, root, below) != MAP_NONE)
        return false;
    if (rest.n || files_in_aspnet_client(path))
        return true;
    at = str_ifind(path, STR("\\wwwroot\\"));
    return at != STR_NONE && str_chr(str_from(path, at + 9), '\\') == STR_NONE;
}

/* Backups and programs lie in program folders by the thousand; in a web folder or where nobody installs anything they are rare. */
static bool odd(const struct files_context *c, struct arena scratch, struct str path)
{
    static const char *const theirs[] = { "\\program files", "\\windows\\winsxs\\", "\\windows\\servicing\\", "\\appdata\\local\\microsoft\\", "\\appdata\\local\\temp\\", "\\package cache\\",
                                          "\\temporary asp.net files\\", "\\softwaredistribution\\", "\\windows\\installer\\" };
    if (ntfs_web_place(c, scratch, path))
        return true;
    for (size_t i = 0; i < COUNT_OF(theirs); i++)
        if (str_ihas(path, str_c(theirs[i])))
            return false;
    return files_odd_place(path);
}

enum filetime_kind ntfs_path_kind(const struct files_context *c, struct arena scratch, struct str path, enum filetime_kind by_name)
{
    switch (by_name) {
    case FILETIME_PAGE:
    case FILETIME_STREAM:
        return ntfs_web_place(c, scratch, path) ? by_name : FILETIME_DULL;
    case FILETIME_DUMP:
        if (str_iends(path, STR("\\ntds.dit")))
            return str_ihas(path, STR("\\Windows\\NTDS\\")) || str_ihas(path, STR("\\Windows\\System32\\")) || str_ihas(path, STR("\\WinSxS\\")) ? FILETIME_DULL : by_name;
        return str_ihas(path, STR("\\Windows\\WER\\")) || str_ihas(path, STR("\\LiveKernelReports\\")) || str_ihas(path, STR("\\Minidump\\")) ? FILETIME_DULL : by_name;
    case FILETIME_LOOT:
    case FILETIME_PROGRAM:
        return odd(c, scratch, path) ? by_name : FILETIME_DULL;
    default:
        return FILETIME_DULL;
    }
}

bool ntfs_log_name(struct str name)
{
    return str_iends(name, STR(".evtx")) || str_iends(name, STR(".log")) || str_ieq(name, STR("ConsoleHost_history.txt"));
}

enum ntfs_log ntfs_log_of(struct str name, struct str path)
{
    if (str_ieq(name, STR("ConsoleHost_history.txt")))
        return NTFS_LOG_HISTORY;
    if (str_iends(name, STR(".evtx")))
        return str_ihas(path, STR("\\winevt\\Logs\\")) ? NTFS_LOG_EVENT : NTFS_LOG_NONE;
    if (str_istarts(name, STR("u_ex")) || str_istarts(name, STR("httperr")))
        return NTFS_LOG_IIS;
    return str_ihas(path, STR("\\Logging\\HttpProxy\\")) || str_ihas(path, STR("\\Logging\\ECP\\")) || str_ihas(path, STR("\\Logging\\OABGenerator")) ? NTFS_LOG_EXCHANGE
                                                                                                                                                    : NTFS_LOG_NONE;
}
