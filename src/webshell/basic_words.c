/* The key words of VB.NET and VBScript. */
#include "webshell/basic_inner.h"

#include <string.h>

enum { VBS = 1, NET = 2, BOTH = 3, SOFT = 4 };
struct word { const char *name; uint8_t n, key, in; };
#define W(text, key, in) { text, sizeof(text) - 1, key, in }
/* By length, so that a name is compared with few of them. SOFT: a name wherever the key word makes no sense. */
static const struct word word[] = {
    W("as", K_AS, BOTH), W("do", K_DO, BOTH), W("if", K_IF, BOTH), W("in", K_IN, BOTH), W("is", K_IS, BOTH), W("me", K_ME, BOTH), W("of", K_OF, NET), W("on", K_ON, BOTH),
    W("or", K_OR, BOTH), W("to", K_TO, BOTH),
    W("and", K_AND, BOTH), W("dim", K_DIM, BOTH), W("end", K_END, BOTH), W("eqv", K_EQV, VBS), W("for", K_FOR, BOTH), W("get", K_GET, BOTH | SOFT), W("imp", K_IMP, VBS),
    W("let", K_LET, BOTH), W("lib", K_LIB, NET | SOFT), W("mod", K_MOD, BOTH), W("new", K_NEW, BOTH), W("not", K_NOT, BOTH), W("rem", K_REM, BOTH), W("set", K_SET, BOTH),
    W("sub", K_SUB, BOTH), W("try", K_TRY, NET), W("xor", K_XOR, BOTH),
    W("call", K_CALL, BOTH), W("case", K_CASE, BOTH), W("each", K_EACH, BOTH), W("else", K_ELSE, BOTH), W("enum", K_ENUM, NET), W("exit", K_EXIT, BOTH), W("from", K_FROM, NET | SOFT),
    W("goto", K_GOTO, BOTH), W("like", K_LIKE, NET), W("loop", K_LOOP, BOTH), W("next", K_NEXT, BOTH), W("null", K_NULL, VBS), W("step", K_STEP, BOTH | SOFT), W("then", K_THEN, BOTH),
    W("true", K_TRUE, BOTH), W("wend", K_WEND, BOTH), W("when", K_WHEN, NET | SOFT), W("with", K_WITH, BOTH),
    W("async", K_ASYNC, NET | SOFT), W("await", K_AWAIT, NET | SOFT), W("byref", K_BYREF, BOTH), W("byval", K_BYVAL, BOTH), W("catch", K_CATCH, NET), W("class", K_CLASS, BOTH),
    W("const", K_CONST, BOTH), W("ctype", K_CTYPE, NET), W("empty", K_EMPTY, VBS), W("endif", K_ENDIF, BOTH), W("erase", K_ERASE, BOTH | SOFT), W("event", K_EVENT, NET),
    W("false", K_FALSE, BOTH), W("isnot", K_ISNOT, NET), W("redim", K_REDIM, BOTH), W("throw", K_THROW, NET), W("until", K_UNTIL, BOTH | SOFT), W("using", K_USING, NET),
    W("while", K_WHILE, BOTH), W("yield", K_YIELD, NET | SOFT),
    W("custom", K_CUSTOM, NET | SOFT), W("elseif", K_ELSEIF, BOTH), W("friend", K_FRIEND, NET), W("global", K_GLOBAL, NET), W("module", K_MODULE, NET), W("mybase", K_MYBASE, NET),
    W("option", K_OPTION, BOTH), W("orelse", K_ORELSE, NET), W("public", K_PUBLIC, BOTH), W("resume", K_RESUME, BOTH | SOFT), W("return", K_RETURN, NET), W("select", K_SELECT, BOTH),
    W("shared", K_SHARED, NET), W("static", K_STATIC, NET), W("typeof", K_TYPEOF, NET),
    W("andalso", K_ANDALSO, NET), W("declare", K_DECLARE, NET), W("default", K_DEFAULT, BOTH | SOFT), W("finally", K_FINALLY, NET), W("gettype", K_GETTYPE, NET),
    W("handles", K_HANDLES, NET), W("imports", K_IMPORTS, NET), W("myclass", K_MYCLASS, NET), W("nothing", K_NOTHING, BOTH), W("partial", K_PARTIAL, NET), W("private", K_PRIVATE, BOTH),
    W("shadows", K_SHADOWS, NET), W("trycast", K_TRYCAST, NET),
    W("continue", K_CONTINUE, NET), W("delegate", K_DELEGATE, NET), W("function", K_FUNCTION, BOTH), W("inherits", K_INHERITS, NET), W("iterator", K_ITERATOR, NET | SOFT),
    W("operator", K_OPERATOR, NET), W("optional", K_OPTIONAL, BOTH), W("preserve", K_PRESERVE, BOTH | SOFT), W("property", K_PROPERTY, BOTH | SOFT), W("readonly", K_READONLY, NET),
    W("synclock", K_SYNCLOCK, NET), W("widening", K_WIDENING, NET),
    W("addressof", K_ADDRESSOF, NET), W("interface", K_INTERFACE, NET), W("namespace", K_NAMESPACE, NET), W("narrowing", K_NARROWING, NET), W("overloads", K_OVERLOADS, NET),
    W("overrides", K_OVERRIDES, NET), W("protected", K_PROTECTED, NET), W("structure", K_STRUCTURE, NET), W("writeonly", K_WRITEONLY, NET),
    W("addhandler", K_ADDHANDLER, NET), W("directcast", K_DIRECTCAST, NET), W("implements", K_IMPLEMENTS, NET), W("paramarray", K_PARAMARRAY, BOTH), W("raiseevent", K_RAISEEVENT, NET),
    W("withevents", K_WITHEVENTS, NET),
    W("mustinherit", K_MUSTINHERIT, NET), W("overridable", K_OVERRIDABLE, NET),
    W("mustoverride", K_MUSTOVERRIDE, NET),
    W("removehandler", K_REMOVEHANDLER, NET),
    W("notinheritable", K_NOTINHERITABLE, NET), W("notoverridable", K_NOTOVERRIDABLE, NET),
};
/* Where the words of each length begin. */
static const uint8_t word_from[16] = { 0, 0, 0, 10, 27, 45, 65, 80, 93, 105, 114, 120, 122, 123, 124, 126 };
_Static_assert(COUNT_OF(word) == 126, "word_from counts the words of each length");

bool basic_same(const uint8_t *p, const char *lower, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((p[i] | 32) != lower[i])
            return false;
    return true;
}

enum basic_key basic_key_of(struct str s, bool net)
{
    if (s.n < 2 || s.n > 14)
        return K_NONE;
    for (size_t i = word_from[s.n]; i < word_from[s.n + 1]; i++)
        if ((s.p[0] | 32) == word[i].name[0] && basic_same(s.p, word[i].name, s.n))
            return word[i].in & (net ? NET : VBS) ? (enum basic_key)word[i].key : K_NONE;
    return K_NONE;
}

bool basic_soft(const struct basic_tok *t)
{
    if (t->kind == TOK_NAME)
        return true;
    if (t->kind != TOK_KEY)
        return false;
    for (size_t i = word_from[t->text.n < 15 ? t->text.n : 0]; i < COUNT_OF(word); i++)
        if (word[i].key == t->key)
            return word[i].in & SOFT;
    return false;
}

bool basic_word_is(const struct basic *p, const char *lower)
{
    size_t n = strlen(lower);

    return basic_word(&p->t) && p->t.text.n == n && basic_same(p->t.text.p, lower, n);
}
