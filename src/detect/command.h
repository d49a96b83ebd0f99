/*
 * command: what a command line, or the path of a program, says about whoever wrote it.
 *
 * One judgement for everything that starts programs: tasks, services, run keys, WMI consumers, BITS jobs, process events. What the rules know
 * is Windows, not one campaign: published names and hosts are the caller's (see `url`, `image`, `target`, `decoded`).
 *
 * Shape    COMMAND_ACCUSE  an honest administrator or product does not write this
 *          COMMAND_LOOK    it is unusual and deserves a look
 *          COMMAND_ORDINARY  nothing here speaks against it; that is not proof that the program is good
 *          COMMAND_STORED is for what a configuration starts again and again, COMMAND_RAN for what somebody typed once: people type odder
 *          things than they store.
 * Reads    quotes and unquoted paths with blanks, variables of Windows, "cmd /c" and other wrappers to COMMAND_DEPTH_MAX, -EncodedCommand,
 *          words broken up by ^, ` and '+'.
 * Bounds   COMMAND_TEXT_MAX bytes are read (Windows' own limit), COMMAND_ARGS_MAX arguments, 64 command lines within one another; COMMAND_REASONS_MAX reasons, strongest first.
 * Errors   ERR_MEMORY only.
 * Owner    texts in the arena, reasons are constants.
 * Not done running, expanding or fetching anything; the content of scripts that are only named.
 * Source   ways back in, 1.7, 6.1, 6.2, 6.6, 9 and 10; MITRE ATT&CK for the identifiers; Microsoft Learn: about_PowerShell_exe, cmd, rundll32.
 */
#ifndef DETECT_COMMAND_H
#define DETECT_COMMAND_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { COMMAND_TEXT_MAX = 32768, COMMAND_ARGS_MAX = 128, COMMAND_DEPTH_MAX = 4, COMMAND_REASONS_MAX = 6, COMMAND_ATTACK_MAX = 4 };

enum command_verdict { COMMAND_ORDINARY, COMMAND_LOOK, COMMAND_ACCUSE };
enum command_from { COMMAND_STORED, COMMAND_RAN };

struct command_reason { enum command_verdict grade; const char *why; };   /* "it runs what it fetches from the network": no capital, no full stop */

struct command {
    enum command_verdict  verdict;
    struct command_reason reason[COMMAND_REASONS_MAX]; size_t reason_n;
    const char           *attack[COMMAND_ATTACK_MAX];  size_t attack_n;   /* "T1059.001", of the reasons kept */
    struct str            image;      /* what is started first: canonical path, or a bare name; empty: the line is blank */
    struct str            target;     /* the script, library or program that an interpreter is told to run: canonical; empty: none seen */
    struct str            decoded;    /* text of -EncodedCommand, UTF-8 */
    struct str            url;        /* the first address named, in the line or in `decoded` */
};

/* `sys`: letter of the system drive, as winpath_canon wants it. A path alone (ServiceDll, a module) is a command line, too. */
bool command_judge(struct command *ret, struct arena *a, struct str line, enum command_from from, uint8_t sys, struct err *e);

/* The reasons as one sentence: "It runs ...; it starts ..." Empty without reasons. .p == NULL: arena full, or none. */
struct str command_why(struct arena *a, const struct command *c);

/* A name that nobody thought up: "xkqzvbrt", "a8F3kPq9". Only a reason to look: products have such names, too. */
bool command_random_name(struct str name);

#endif
