/*
 * mplog: the protection log of Windows Defender (MPLog-*.log, MPDetection-*.log): what it detected and took away, and the command lines that it
 * thought worth a line.
 *
 * Shape    fed line by line, as UTF-8. An item for each threat and path, repeats folded (first and last time, count); a command line each for
 *          "command line reported as"; an item without a threat, but with a hash, for each file that its cloud was asked about.
 * Units    microseconds UTC: lines carry their time with a Z. The times inside of blocks ("Start Time:12-15-2022 11:24:33") have no zone: they
 *          are not taken, the last line with a Z says when.
 * Bounds   MPLOG_ITEMS_MAX items, MPLOG_COMMANDS_MAX command lines; more are counted. Texts are cut at MPLOG_TEXT_MAX.
 * Errors   ERR_MEMORY.
 * Owner    texts in the arena.
 * Not done telemetry blocks, what was scanned without being detected, exclusions.
 * Source   ways back in, 1.8; samples of lines in public notes on the log (artefacts.help, "Windows Defender - Support logs", January 2024).
 */
#ifndef FORMATS_MPLOG_H
#define FORMATS_MPLOG_H

#include "base/err.h"
#include "base/map.h"
#include "base/time.h"

enum { MPLOG_ITEMS_MAX = 5000, MPLOG_COMMANDS_MAX = 2000, MPLOG_TEXT_MAX = 4096 };

struct mplog_item {
    struct str threat, path;      /* "Backdoor:ASP/Chopper.F!dha"; path empty: none named, or not a file */
    int64_t    first_us, last_us; /* TIME_NONE: no line with a time came before */
    int64_t    removed_us;        /* last time that a line says so; TIME_NONE: none does */
    bool       removed;
    uint32_t   count;
    uint64_t   line;
    uint8_t    sha256[32];        /* asked about: of the file at that time */
    bool       asked;
};
struct mplog_command { struct str image, line; bool threat; int64_t time_us; uint64_t at; };

struct mplog {
    struct arena         *a;
    struct mplog_item    *item;     size_t n, cap;
    struct mplog_command *command;  size_t command_n, command_cap;
    uint64_t              more;
    struct map            known;
    int64_t               time_us, oldest_us, newest_us;
    uint8_t               threat[128];  /* of the block that is open */
    size_t                threat_n;
};

void mplog_open(struct mplog *m, struct arena *a);
bool mplog_line(struct mplog *m, struct str line, uint64_t number, struct err *e);

/* Is this a threat's name, "Type:Platform/Family"? */
bool mplog_is_threat(struct str s);
/* "\\?\C:\x", "file:_C:\x", "C:\x->(UTF-8)", with blanks: the path of the file on the disk. Empty: it names no file.
   "\Device\HarddiskVolume4\x" is "?:\x": which drive it was the log does not say. */
struct str mplog_path(struct str s);

#endif
