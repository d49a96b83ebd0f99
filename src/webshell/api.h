/*
 * api: what the classes of .NET, COM, ASP and the languages' own functions mean to the analyser. Tables, no code.
 *
 * Shape    a class is known by the last part of its name; COM classes also by ProgID and CLSID. A member has one effect. `roles` says, a letter an
 *          argument, what each argument is (below); the last letter followed by '*' repeats. Fields of an object keep what was stored under a letter, so
 *          that a sink sees what earlier calls set: a StreamWriter's constructor stores 'p', its Write is a sink with 'd'.
 * Roles    c code to run   x program or command line   a arguments of it   p path   g path that it comes from   d content that is written   h host, address, URL   q query text
 *          n connection string   k name of a request item   t type, ProgID or CLSID by name   m member by name   b assembly, image or serialised bytes
 *          o sent to the response   s session or cache key   v value stored under it   u user or password   f a function   - nothing
 *          r the argument receives what the call gives (Stream.Read's buffer)   w an object that receives what self holds: a write where it has a path
 *          Where an argument is itself an object of a known class (a stream, a ProcessStartInfo), what is stored in it stands for it: under p, x, h, n and q
 *          an object is never itself the path or the command. The marks of SINK_READ rows hold only where there is a p.
 *          SINK_WRITE and SINK_RESPOND without d or o in their roles write what self holds, or was stored in it under d, and `marks` of the row (SaveAs).
 *          API_FIELD as a property: set, it stores; read, it gives the same object seen as `gives` (p.StartInfo.FileName = x stores x in p).
 *          API_STORED "sv": read, it gives what was stored under s; set, it stores. API_SINK rows with v in their roles are also written by assignment
 *          (Response.Body = x); the value assigned is then the last argument.
 *          API_LIMITED: marks of the arguments survive as far as they are in `marks`, and it is never `whole`.
 *          API_PASS rows with `marks` add those.
 * Natives  functions of DLLs are members of the class "DllImport": for methods with that attribute (VB: Declare), which have no body.
 * Globals  names that stand for an object without a declaration (Request, Response, Server, Session, Application, Context, Cache, User, WScript) are found by
 *          api_class_find; in ASP.NET also the members of the class "Page", whose page the code is.
 * Variables  MARK_REQUEST | MARK_IDENTITY of ServerVariables: api_variable_marks of its key says which of them.
 * Root     api_member_find ends at the class "Object": reflection works on whatever there is (GetType, GetMethod, InvokeMember).
 * Names    compared without case (VB, COM); `cls` "" holds functions that stand alone, by language bit.
 * Source   .NET API reference, ASP 3.0, ADO, Scripting Runtime, WMI scripting (Microsoft Learn); ways back in, 1.4.
 */
#ifndef WEBSHELL_API_H
#define WEBSHELL_API_H

#include "webshell/value.h"

enum sink {
    SINK_NONE,
    SINK_CODE,          /* text run as code, compiled, a script engine, a template with code */
    SINK_LOAD,          /* assembly or DLL loaded from bytes or path; types made by name */
    SINK_DESERIALISE,   /* bytes to objects by a reader that runs code */
    SINK_MEMORY,        /* native code: memory made executable, threads on it */
    SINK_PROCESS,
    SINK_WRITE, SINK_DELETE, SINK_RENAME /* move, copy */, SINK_TOUCH /* set times, attributes */,
    SINK_READ, SINK_LIST,
    SINK_CONNECT,       /* a connection, request or socket to somewhere */
    SINK_SEND, SINK_RECEIVE,  /* bytes through it */
    SINK_SQL,
    SINK_RESPOND,       /* to the response */
    SINK_REGISTRY,      /* registry written */
    SINK_ACCOUNT,       /* accounts, groups, directory entries changed */
    SINK_INCLUDE,       /* Server.Execute, Transfer, ParseControl of a path */
    SINK_STORE,         /* Session, Application, Cache */
    SINK_KINDS
};

enum api_effect {
    API_PASS,           /* the result carries the marks of self and arguments (what is not listed does that too) */
    API_SOURCE,         /* the result carries `marks` (and whole); its key is the argument of role k */
    API_SINK,           /* `sink`, with its roles; the result carries `marks` */
    API_FIELD,          /* arguments are stored in self by their role letters; the result is self's class if `gives` is "" */
    API_CLEAN,          /* the result carries no marks: Length, IsDate, Count, MD5 ... */
    API_NUMBER,         /* the result is a number or date made of the argument: marks stay, but it cannot be a text of the request's choice */
    API_LIMITED,        /* the result is one of few fixed things whatever is asked (Server.MapPath: a path below the site; Path.GetFileName): see `marks` */
    API_MAKE,           /* CreateObject, Activator.CreateInstance, GetTypeFromProgID: class by role t */
    API_INVOKE,         /* late call: member by role m on self or role f */
    API_STORED,         /* read from Session, Application, Cache: joins what was stored under role s */
    API_EVENT           /* role f is a function that is called later (delegates, timers, threads) */
};

struct api_member {
    const char     *name;
    uint8_t         effect, sink;
    const char     *roles;
    uint32_t        marks;
    const char     *gives;          /* class of the result, NULL: unknown, "" : same as self */
};

struct api_class {
    const char              *name;      /* "Process", "StreamWriter", "WScript.Shell" */
    const char              *base;      /* looked at next; NULL: none */
    const struct api_member *member;
    size_t                   n;
    const char              *progid, *clsid;   /* other names of a COM class */
    uint32_t                 marks;     /* every value of this class carries these */
};

/* Both compare without case and take "System.IO.File", "File" or "new:{clsid}"; generic arguments are ignored. NULL: not known. */
const struct api_class  *api_class_find(struct str name);
const struct api_member *api_member_find(const struct api_class *cls, struct str name);   /* "new" is the constructor, "item" the default member or index */
/* Functions that stand alone: Eval, Execute, CreateObject, MsgBox ... */
const struct api_member *api_function_find(enum ir_language l, struct str name);
/* Server variables: what the item of this name carries: MARK_REQUEST (HTTP_..., QUERY_STRING), MARK_IDENTITY (LOGON_USER, SCRIPT_NAME ...), MARK_SYSTEM. */
uint32_t api_variable_marks(struct str key);
const char *sink_name(enum sink s);      /* for people: "starts a program", "writes a file" ... */

#endif
