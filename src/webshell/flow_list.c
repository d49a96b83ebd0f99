/* What is done to builders of texts and to lists. */
#include "webshell/flow_inner.h"

#include <string.h>

#include "base/num.h"

bool builder_call(struct walk *w, const struct ir *at, const struct val *self, struct str name, const struct val *arg, size_t n, struct val *ret)
{
    struct object *o = self->object;
    struct val     c = o->content.v, t;

    if (IN(name, "Append", "Write", "AppendLine", "WriteLine", "AppendFormat", "AppendJoin")) {
        struct val add = n ? arg[0] : val_str(STR(""));
        if (IN(name, "AppendFormat") || (n > 1 && IN(name, "Write", "WriteLine"))) {
            if (fold_call(&w->fold, w->ctx->language, STR("String"), STR("Format"), NULL, arg, n, &add) != FOLD_DONE)
                add = val_mix(w, NULL, arg, n);
        } else if (n == 2 && arg[1].kind == VAL_NUMBER && !arg[1].maybe && arg[0].kind == VAL_TEXT && arg[1].number >= 0 && arg[1].number < 4096) {
            for (int64_t i = 1; i < arg[1].number; i++)
                c = eval_join(w, at, SIGN_JOIN, c, arg[0]);
        } else if (add.kind == VAL_NUMBER && !add.maybe)
            add = fold_text(&w->fold, &add);
        t = eval_join(w, at, SIGN_JOIN, c, add);
        if (IN(name, "AppendLine", "WriteLine"))
            t = eval_join(w, at, SIGN_JOIN, t, val_str(STR("\r\n")));
        slot_set(w, &o->content, &t);
        *ret = val_refresh(self);
        return true;
    }
    if (IN(name, "Insert", "Replace", "Remove")) {
        c.object = NULL;
        if (fold_call(&w->fold, w->ctx->language, STR(""), name, &c, arg, n, &t) != FOLD_DONE)
            t = val_mix(w, &c, arg, n);
        slot_set(w, &o->content, &t);
        *ret = val_refresh(self);
        return true;
    }
    if (IN(name, "Clear")) {
        t = val_str(STR(""));
        slot_set(w, &o->content, &t);
        *ret = val_refresh(self);
        return true;
    }
    return false;
}

bool list_call(struct walk *w, const struct val *self, struct str name, const struct val *arg, size_t n, struct val *ret)
{
    struct object *o = self->object;
    struct val     c = o->content.v;

    if (IN(name, "Add", "Push", "Enqueue", "AddLast", "TryAdd") && n) {
        for (size_t i = 0; i < n; i++)
            content_add(w, o, &arg[i]);
        *ret = (struct val){ .kind = VAL_FRACTION };
        return true;
    }
    if (IN(name, "AddRange", "CopyFrom") && n) {
        if (arg[0].kind == VAL_LIST)
            for (size_t i = 0; i < arg[0].item_n && i < VAL_ITEMS_MAX; i++)
                content_add(w, o, &arg[0].item[i]);
        else
            content_mix(w, o, &arg[0]);
        *ret = (struct val){ .kind = VAL_NULL };
        return true;
    }
    if (IN(name, "Pop", "Dequeue") && c.kind == VAL_LIST && c.item_n) {
        bool first = IN(name, "Dequeue");
        *ret = c.item[first ? 0 : c.item_n - 1];
        if (first) {
            c.item++;
            c.number = c.number > 0 ? c.number - 1 : 0;
        }
        c.item_n--;
        slot_set(w, &o->content, &c);
        return true;
    }
    if (IN(name, "Insert", "Unshift") && n) {
        if (c.kind == VAL_LIST && n == 2 && arg[0].kind == VAL_NUMBER && arg[0].number >= 0 && (size_t)arg[0].number <= c.item_n && w->steps + c.item_n < w->limit) {
            size_t i = (size_t)arg[0].number;
            content_add(w, o, &arg[1]);
            struct val *p = TAKE(w->a, struct val, c.item_n + 1);
            c = o->content.v;
            if (p && c.kind == VAL_LIST && c.item_n) {
                memcpy(p, c.item, i * sizeof *p);
                p[i] = arg[1];
                memcpy(p + i + 1, c.item + i, (c.item_n - 1 - i) * sizeof *p);
                c.item = p;
                c.number = (int64_t)c.item_n;
                w->steps += c.item_n / 8;
                slot_set(w, &o->content, &c);
            }
        } else
            content_mix(w, o, &arg[n - 1]);
        *ret = (struct val){ .kind = VAL_NULL };
        return true;
    }
    if (IN(name, "Clear")) {
        struct val none = { .kind = VAL_LIST };
        slot_set(w, &o->content, &none);
        *ret = (struct val){ .kind = VAL_NULL };
        return true;
    }
    if (IN(name, "Reverse") && c.kind == VAL_LIST && n == 0) {
        struct val *p = TAKE(w->a, struct val, c.item_n + 1);
        for (size_t i = 0; p && i < c.item_n; i++)
            p[i] = c.item[c.item_n - 1 - i];
        if (p) {
            c.item = p;
            c.number = (int64_t)c.item_n;
            w->steps += c.item_n / 8;
            slot_set(w, &o->content, &c);
        }
        *ret = val_refresh(self);
        return true;
    }
    if (IN(name, "ToArray", "ToList", "AsEnumerable", "ToCharArray")) {
        *ret = val_refresh(self);
        return true;
    }
    return false;
}
