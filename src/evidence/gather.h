/*
 * gather: what to take from a server, and from where, for each family of evidence. The one list behind every form of `afterpatch collect`
 * and behind "how to get it" in the reports.
 *
 * Shape    a row is one folder (with masks), one event log, one registry hive or one file of the file system itself. `base` stands for a
 *          place that differs from server to server; each form finds it with the means of its tool.
 * Masks    file names with '*', parted by blanks; NULL: every file.
 * Other    rows of FAM_NONE are what a hunt reads beside the families: places where files are staged. Taken unless families were named.
 * Not done logs that HTTP.sys was told to write elsewhere (ErrorLoggingDir), sites on a share of another computer.
 * Source   evidence sheet, 1, 8, 9 and 9.3; ways back in, 1.1, 1.5, 2.1 and 3; src/evidence/rules.c is what is read of it.
 */
#ifndef EVIDENCE_GATHER_H
#define EVIDENCE_GATHER_H

#include "base/arena.h"
#include "base/err.h"
#include "evidence/family.h"

enum gather_kind { GATHER_FOLDER, GATHER_CHANNEL, GATHER_HIVE, GATHER_RAW };

enum gather_base {
    GATHER_EXCHANGE,          /* each Exchange install folder, as the registry names it */
    GATHER_WINDOWS,           /* %SystemRoot% */
    GATHER_DRIVE,             /* the system drive */
    GATHER_PROFILES,          /* each folder of a user */
    GATHER_SITE_LOGS,         /* each log folder that IIS was given */
    GATHER_SITE_PAGES,        /* each physicalPath of IIS */
    GATHER_BASES
};

struct gather_row {
    uint64_t         families;      /* GATHER_BIT(family) of each that it serves */
    enum gather_kind kind;
    enum gather_base base;          /* of a folder */
    const char      *path;          /* below the base; "" the base itself; or the channel, the hive below HKLM, the file. '*' in the last part only */
    const char      *masks;         /* NULL: every file */
    bool             deep;          /* with everything below */
    bool             guarded;       /* only readable with the right to make backups */
    uint32_t         max_mib;       /* larger files stay; 0: none does */
    const char      *without;       /* one folder below it that is left out, or NULL */
};

#define GATHER_BIT(f) (UINT64_C(1) << (f))

extern const struct gather_row gather_table[];
extern const size_t            gather_n;

/* "httpproxy" -> bit; 0: no family of this name. "none" is "other files". */
uint64_t gather_bit_of(struct str name);

/* Every bit that a row of the table serves. */
uint64_t gather_all(void);

/*
 * The name of the file in which Windows keeps a channel: "Microsoft-Windows-PowerShell/Operational" gives
 * "Microsoft-Windows-PowerShell%4Operational.evtx". Empty: no room.
 */
struct str gather_channel_file(struct str channel, struct arena *a);

/* The next mask of *rest; false: none left. */
bool gather_mask(struct str *rest, struct str *ret);

#endif
