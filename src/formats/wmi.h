/*
 * wmi: permanent event subscriptions carved from a WMI repository (OBJECTS.DATA), without its index.
 *
 * Shape    filters (name, query), consumers that run a command line or a script (name, text), and bindings of a filter to a consumer of any
 *          class. Objects are found by the names of their classes and read as the texts that follow, ASCII or UTF-16. The same object met again
 *          (the repository keeps older copies of its pages) counts in `copies`.
 * Fed      in windows that overlap by WMI_OVERLAP bytes, in order: an object belongs to the window in which its class name begins, but
 *          for the last WMI_OVERLAP bytes of any window that is not the last.
 * Bounds   WMI_ITEMS_MAX distinct objects, WMI_TEXT_MAX bytes of a text, WMI_STRINGS_MAX texts of an object. Work is linear in the bytes.
 * Errors   ERR_MEMORY. Beyond WMI_ITEMS_MAX: counted in `more`.
 * Owner    texts in the arena given.
 * Not done which pages are in use: an object found here may have been deleted since. Whoever shows it has to say so.
 * Source   ways back in, 6.5; the order of properties by MOF of __EventFilter, CommandLineEventConsumer and ActiveScriptEventConsumer
 *          (Microsoft, WMI reference); libyal, "WMI repository file format".
 */
#ifndef FORMATS_WMI_H
#define FORMATS_WMI_H

#include "base/err.h"
#include "base/map.h"

enum { WMI_ITEMS_MAX = 4096, WMI_TEXT_MAX = 16 << 10, WMI_STRINGS_MAX = 12, WMI_OVERLAP = 64 << 10 };

enum wmi_kind { WMI_FILTER, WMI_COMMAND, WMI_SCRIPT, WMI_BINDING };
struct wmi_item {
    enum wmi_kind kind;
    struct str    name;           /* of the filter or consumer; of a binding: its consumer's */
    struct str    text;           /* query; command line (its parts joined); script; of a binding: its filter's name */
    struct str    consumer;       /* binding: class of the consumer, "CommandLineEventConsumer" */
    uint64_t      off;            /* of the first copy */
    uint32_t      copies;
    /* Texts as they were found, for consumers and filters: which of them is the name only a binding tells. */
    struct str    part[WMI_STRINGS_MAX];
    size_t        part_n;
};

struct wmi {
    struct arena    *a;
    struct wmi_item *item;
    size_t           n, cap;
    uint64_t         more;
    struct map       known, filter, consumer;     /* objects; names that bindings use, folded */
};

void wmi_open(struct wmi *w, struct arena *a);
/* `off`: of the window's first byte in the file. `scratch` by value: gives back what it takes. */
bool wmi_scan(struct wmi *w, struct str window, uint64_t off, bool last, struct arena scratch, struct err *e);
/* After the last window: names and texts of consumers and filters are settled by the bindings that name them. */
bool wmi_settle(struct wmi *w, struct err *e);
/* The consumer or filter that a binding names; NULL: not found. */
const struct wmi_item *wmi_find(const struct wmi *w, enum wmi_kind kind, struct str name);

#endif
