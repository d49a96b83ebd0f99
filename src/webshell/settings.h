/*
 * settings: the settings list that Exchange writes when a virtual directory is reset; as a page it is the mark of CVE-2021-27065.
 *
 * Shape    text lines "Name<pad>: value"; a line that starts with a blank goes on with the value before it.
 * Bounds   SETTINGS_BYTES_MAX; larger text is none.
 * Errors   false: not such a list.
 * Owner    values are views into the text.
 * Source   evidence sheet, 8.2, "OAB export file".
 */
#ifndef WEBSHELL_SETTINGS_H
#define WEBSHELL_SETTINGS_H

#include "base/str.h"

enum { SETTINGS_BYTES_MAX = 64 << 10 };

enum settings_key {
    SET_NAME, SET_PATH, SET_VERSION, SET_SERVER, SET_INTERNAL_URL, SET_EXTERNAL_URL, SET_CHANGED, SET_CHANGED_UTC, SET_CREATED_UTC, SET_ORIGIN,
    SET_BOOKS, SET_TOKEN_CHECKING, SET_INTERNAL_METHODS, SET_GUID, SET_CLASS, SET_DN, SET_VALID, SET_KEYS
};
struct settings {
    struct str value[SET_KEYS];      /* p == NULL: not there */
    size_t     known;                /* how many of the keys are there */
};

bool settings_read(struct settings *ret, struct str text);
const char *settings_key_name(enum settings_key k);

#endif
