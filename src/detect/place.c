#include "detect/place.h"

#include "base/num.h"
#include "base/winpath.h"

/* `top`: right below the drive only; "Microsoft Office\\root" holds programs. */
static const struct { const char *part; enum place grade; bool top; } places[] = {
    { "\\users\\public\\", PLACE_HOSTILE, false }, { "\\perflogs\\", PLACE_HOSTILE, true }, { "\\$recycle.bin\\", PLACE_HOSTILE, false }, { "\\recycler\\", PLACE_HOSTILE, false },
    { "\\windows\\debug\\", PLACE_HOSTILE, false }, { "\\windows\\help\\", PLACE_HOSTILE, false }, { "\\windows\\tasks\\", PLACE_HOSTILE, false }, { "\\windows\\fonts\\", PLACE_HOSTILE, false },
    { "\\windows\\media\\", PLACE_HOSTILE, false }, { "\\spool\\drivers\\color\\", PLACE_HOSTILE, false }, { "\\windows\\tracing\\", PLACE_HOSTILE, false },
    { "\\windows\\registration\\crmlog\\", PLACE_HOSTILE, false }, { "\\crypto\\rsa\\machinekeys\\", PLACE_HOSTILE, false }, { "\\windows\\cursors\\", PLACE_HOSTILE, false }, { "\\windows\\system32\\tasks\\", PLACE_HOSTILE, false }, { "\\system volume information\\", PLACE_HOSTILE, false },
    { "\\frontend\\httpproxy\\owa\\auth\\", PLACE_HOSTILE, false }, { "\\frontend\\httpproxy\\ecp\\auth\\", PLACE_HOSTILE, false }, { "\\aspnet_client\\", PLACE_HOSTILE, false },
    { "\\users\\", PLACE_ODD, false }, { "\\windows\\temp\\", PLACE_ODD, false }, { "\\inetpub\\", PLACE_ODD, false }, { "\\intel\\", PLACE_ODD, true }, { ":\\root\\", PLACE_ODD, false },
    { "\\temp\\", PLACE_ODD, false }, { "\\tmp\\", PLACE_ODD, false },
};

enum place place_of(struct str path)
{
    static const struct str data = STR_INIT("\\programdata\\");
    enum place most = str_starts(path, STR("\\\\")) ? PLACE_ODD : PLACE_ORDINARY;

    for (size_t i = 0; i < COUNT_OF(places); i++)
        if (places[i].grade > most && (places[i].top ? str_istarts(str_from(path, 2), str_c(places[i].part)) : str_ihas(path, str_c(places[i].part))))
            most = places[i].grade;
    /* ProgramData itself holds no files; Microsoft's and packages' own folders in it hold programs. */
    size_t at = str_ifind(path, data);
    if (at != STR_NONE) {
        struct str rest = str_from(path, at + data.n);
        bool known = str_istarts(rest, STR("Microsoft\\")) || str_istarts(rest, STR("Package Cache\\")) || str_istarts(rest, STR("chocolatey\\"));
        enum place here = str_chr(rest, '\\') == STR_NONE ? PLACE_HOSTILE : known ? PLACE_ORDINARY : PLACE_ODD;
        most = here > most ? here : most;
    }
    for (struct str rest = path, part; str_cut(&rest, '\\', &part);)
        if (winpath_reserved(part) || (part.n > 2 && winpath_hidden_name(part)))
            return PLACE_HOSTILE;
    return most;
}

bool place_imitates_system(struct str path)
{
    /* Each is started by Windows itself and from one folder. */
    static const char *const name[] = { "svchost.exe", "lsass.exe", "csrss.exe", "smss.exe", "services.exe", "wininit.exe", "winlogon.exe", "spoolsv.exe", "taskhost.exe",
                                        "taskhostw.exe", "dwm.exe", "lsm.exe", "fontdrvhost.exe", "sihost.exe", "runtimebroker.exe" };
    if (str_chr(path, '\\') == STR_NONE || str_ihas(path, STR("\\windows\\system32\\")) || str_ihas(path, STR("\\windows\\syswow64\\")) || str_ihas(path, STR("\\windows\\winsxs\\")) ||
        str_ihas(path, STR("\\windows\\sysnative\\")))
        return false;
    for (size_t i = 0; i < COUNT_OF(name); i++)
        if (str_ieq(winpath_name(path), str_c(name[i])))
            return true;
    return false;
}
