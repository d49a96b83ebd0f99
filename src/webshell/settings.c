#include "webshell/settings.h"

static const char *const key_name[SET_KEYS] = {
    [SET_NAME] = "Name", [SET_PATH] = "Path", [SET_VERSION] = "AdminDisplayVersion", [SET_SERVER] = "Server",
    [SET_INTERNAL_URL] = "InternalUrl", [SET_EXTERNAL_URL] = "ExternalUrl", [SET_CHANGED] = "WhenChanged",
    [SET_CHANGED_UTC] = "WhenChangedUTC", [SET_CREATED_UTC] = "WhenCreatedUTC", [SET_ORIGIN] = "OriginatingServer",
    [SET_BOOKS] = "OfflineAddressBooks", [SET_TOKEN_CHECKING] = "ExtendedProtectionTokenChecking",
    [SET_INTERNAL_METHODS] = "InternalAuthenticationMethods", [SET_GUID] = "Guid", [SET_CLASS] = "ObjectClass",
    [SET_DN] = "DistinguishedName", [SET_VALID] = "IsValid",
};

const char *settings_key_name(enum settings_key k) { return k < SET_KEYS ? key_name[k] : ""; }

/* "ExternalUrl     : http://..." The key may be followed by blanks only. */
static int key_of(struct str line, struct str *ret_value)
{
    size_t colon = str_chr(str_sub(line, 0, 64), ':');

    if (colon == STR_NONE || colon == 0 || ch_space(line.p[0]))
        return -1;
    struct str key = str_trim(str_sub(line, 0, colon));
    for (int k = 0; k < SET_KEYS; k++)
        if (str_ieq_c(key, key_name[k])) {
            *ret_value = str_trim(str_from(line, colon + 1));
            return k;
        }
    return -2;
}

bool settings_read(struct settings *ret, struct str text)
{
    struct settings out = { .known = 0 };
    struct str      rest = text, line, v = STR_EMPTY;
    int             at = -1;

    if (text.n > SETTINGS_BYTES_MAX)
        return false;
    while (str_cut(&rest, '\n', &line)) {
        int k = key_of(line, &v);
        if (k >= 0 && !out.value[k].p) {
            out.value[k] = v.p ? v : STR("");
            out.known++;
            at = k;
        } else if (k == -1 && at >= 0 && line.n && ch_space(line.p[0]) && str_trim(line).n) {
            /* A value that goes on in the next line: one view from its start to this end. */
            struct str t = str_trim(line), *to = &out.value[at];
            if (to->n && to->p >= text.p)
                to->n = (size_t)(t.p + t.n - to->p);
            else
                *to = t;
        } else {
            at = -1;
        }
    }
    bool address_book = out.value[SET_BOOKS].p || out.value[SET_TOKEN_CHECKING].p || out.value[SET_INTERNAL_METHODS].p;
    bool url = out.value[SET_EXTERNAL_URL].p || out.value[SET_INTERNAL_URL].p;
    if (out.known < 6 || !address_book || !url)
        return false;
    *ret = out;
    return true;
}
