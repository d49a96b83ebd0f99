/*
 * place: what a folder says about a program that lies in it.
 *
 * Shape    a canonical Windows path (winpath_canon) of a file in, one of three grades out. Known by name only: the tree is not asked.
 *          PLACE_ODD       nobody installs servers' programs there, but people and updaters sometimes leave them: profiles, temporary folders,
 *                          unknown folders of ProgramData, inetpub, other computers.
 *          PLACE_HOSTILE   no honest product or administrator keeps programs there: Users\Public, PerfLogs, recycle bins, folders of Windows
 *                          that hold no programs, sign-in folders of web sites, ProgramData itself, names that hide.
 * Source   ways back in, 1.1, 2.3, 6.1, 6.4; evidence sheet, 8.1; folders of Windows that any account may write: published lists of AppLocker bypasses.
 */
#ifndef DETECT_PLACE_H
#define DETECT_PLACE_H

#include "base/str.h"

enum place { PLACE_ORDINARY, PLACE_ODD, PLACE_HOSTILE };
enum place place_of(struct str path);

/* A program that exists in System32 (or Windows) only, seen elsewhere: "C:\ProgramData\x\svchost.exe". */
bool place_imitates_system(struct str path);

#endif
