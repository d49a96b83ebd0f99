/* Kinds of page, and the places in them that the server calls. See matrix_cs.h; the page is all of the way. */
#ifndef MATRIX_KINDS_H
#define MATRIX_KINDS_H

#include "matrix.h"

static const char *const kind_sources[] = { "System.Web.HttpContext.Current.{r}[\"k\"]" };
static const struct reach kind_sinks[] = {
    { "System.Diagnostics.{p}.Start(\"cmd.exe\", \"/c \" + @V);", "an order for a shell" },
    { "System.Reflection.Assembly.Load(Convert.FromBase64String(@V)).CreateInstance(\"U\").Equals(this);", "a library of bytes" },
    { "System.IO.File.WriteAllText(@V, System.Web.HttpContext.Current.{r}[\"c\"]);", "a file" },
};

static const struct way ashx_ways[] = {
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\nusing System; using System.Web;\npublic class H : IHttpHandler { public void ProcessRequest(HttpContext c) { var v = c.{r}[\"k\"]; @K } public bool IsReusable { get { return false; } } }", "v", "a handler" },
    { "{o}@ webhandler class=\"N.H\" language=\"c#\" {c}\nnamespace N { public class H : System.Web.IHttpHandler { public void ProcessRequest(System.Web.HttpContext c) { var v = c.{r}.Headers[\"k\"]; @K } public bool IsReusable => true; } }", "v", "a handler in a name space" },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\npublic class H : IHttpAsyncHandler { public IAsyncResult BeginProcessRequest(HttpContext c, AsyncCallback b, object o) { var v = c.{r}[\"k\"]; @K return null; } public void EndProcessRequest(IAsyncResult r) { } "
      "public void ProcessRequest(HttpContext c) { } public bool IsReusable { get { return true; } } }", "v", "a handler that waits" },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\npublic class H : HttpTaskAsyncHandler { public override async Task ProcessRequestAsync(HttpContext c) { var v = c.{r}[\"k\"]; await Task.Yield(); @K } }", "v", "a handler of a task" },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\npublic class H : IHttpHandler { HttpContext x; public void ProcessRequest(HttpContext c) { x = c; G(); } void G() { var v = x.{r}.Form[\"k\"]; @K } public bool IsReusable { get { return false; } } }", "v", "a handler that keeps its context" },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\npublic class H : IHttpHandler { public void ProcessRequest(HttpContext c) { new B(c).Run(); } public bool IsReusable { get { return false; } } }\nclass B { readonly Http{r} r; public B(HttpContext c) { r = c.{r}; } "
      "public void Run() { var v = r[\"k\"]; @K } }", "v", "a handler and a helper" },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\npublic class H : IHttpHandler { static H() { var v = @S; @K } public void ProcessRequest(HttpContext c) { } public bool IsReusable { get { return false; } } }", "v", "what makes a handler's class" },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\npublic class H : IHttpHandler { public void ProcessRequest(HttpContext c) { if (c.IsWebSocketRequest) c.AcceptWebSocketRequest(S); } async Task S(AspNetWebSocketContext x) { var b = new ArraySegment<byte>(new byte[99]); "
      "var r = await x.WebSocket.ReceiveAsync(b, CancellationToken.None); var v = Encoding.UTF8.GetString(b.Array, 0, r.Count); @K } public bool IsReusable { get { return false; } } }", "v", "a socket of the web" },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\npublic class H : IHttpHandler { public void ProcessRequest(HttpContext c) { c.AcceptWebSocketRequest(new W()); } public bool IsReusable { get { return false; } } }\n"
      "class W : WebSocketHandler { public override void OnMessage(string v) { @K } }", "v", "a handler of messages" },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\npublic class H : IHttpHandler, IRequiresSessionState { public void ProcessRequest(HttpContext c) { c.Session[\"a\"] = c.{r}[\"k\"]; var v = (string)c.Session[\"a\"]; @K } public bool IsReusable { get { return false; } } }", "v", "a handler with a session" },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\npublic class H : IHttpHandler { void IHttpHandler.ProcessRequest(HttpContext c) { var v = c.{r}[\"k\"]; @K } bool IHttpHandler.IsReusable { get { return false; } } }", "v", "members of the interface alone" },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\npublic class B : IHttpHandler { public virtual void P(string v) { @K } public void ProcessRequest(HttpContext c) { P(c.{r}[\"k\"]); } public bool IsReusable { get { return false; } } }\npublic class H : B { }", "v", "a handler by its base" },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\npublic class H : IHttpHandlerFactory { public IHttpHandler GetHandler(HttpContext c, string t, string u, string p) { var v = c.{r}[\"k\"]; @K return null; } public void ReleaseHandler(IHttpHandler h) { } }", "v", "what makes handlers" },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\npublic class H : IHttpHandler { public void ProcessRequest(HttpContext c) { var r = c.{r}; string v; using (var m = new System.IO.MemoryStream()) { r.InputStream.CopyTo(m); v = System.Text.Encoding.UTF8.GetString(m.ToArray()); } @K } public bool IsReusable { get { return false; } } }", "v", "the body by a copy" },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\npublic class H : IHttpHandler { public void ProcessRequest(HttpContext c) { var b = new byte[c.{r}.InputStream.Length]; c.{r}.InputStream.Read(b, 0, b.Length); for (int i = 0; i < b.Length; i++) b[i] = (byte)(b[i] ^ 0x2a); var v = System.Text.Encoding.UTF8.GetString(b); @K } "
      "public bool IsReusable { get { return false; } } }", "v", "the body byte by byte" },
};

static const struct way asmx_ways[] = {
    { "{o}@ WebService {l}=\"C#\" Class=\"S\" {c}\npublic class S : System.Web.Services.WebService { [WebMethod] public string M(string v) { @K return \"\"; } }", "v", "a service" },
    { "{o}@ WebService {l}=\"C#\" Class=\"S\" {c}\npublic class S { [System.Web.Services.WebMethod(EnableSession = true, Description = \"a\")] public void M(int a, string v) { @K } }", "v", "a service of a plain class" },
    { "{o}@ WebService {l}=\"C#\" Class=\"S\" {c}\n[WebService(Namespace = \"a\")] [ScriptService] public class S { [ScriptMethod(UseHttpGet = true)] [WebMethod] public string M(string[] p) { var v = p[0]; @K return null; } }", "v", "a service for scripts" },
    { "{o}@ WebService {l}=\"C#\" Class=\"S\" {c}\npublic class S : System.Web.Services.WebService { [WebMethod] public void M() { var v = Context.{r}[\"k\"]; @K } }", "v", "a service that reads" },
    { "{o}@ WebService {l}=\"C#\" Class=\"S\" {c}\npublic class A { public string F; } public class S { [WebMethod] public void M(A a) { var v = a.F; @K } }", "v", "a service with a class" },
    { "{o}@ WebService {l}=\"C#\" Class=\"S\" {c}\npublic class S { [WebMethod] public void M(byte[] b) { var v = Encoding.UTF8.GetString(b); @K } }", "v", "a service with bytes" },
    { "{o}@ WebService {l}=\"C#\" Class=\"S\" {c}\npublic class S { [SoapHeader(\"H\")] [WebMethod] public void M(XmlNode n) { var v = n.InnerText; @K } }", "v", "a service with a document" },
};

static const struct way svc_ways[] = {
    { "{o}@ ServiceHost {l}=\"C#\" Service=\"S\" {c}\n[ServiceContract] public interface I { [OperationContract] string M(string v); }\npublic class S : I { public string M(string v) { @K return v; } }", "v", "a contract" },
    { "{o}@ ServiceHost {l}=\"C#\" Service=\"N.S\" {c}\nnamespace N { [ServiceContract] public class S { [OperationContract] [WebInvoke(Method = \"POST\")] public void M(Stream s) { var v = new StreamReader(s).ReadToEnd(); @K } } }", "v", "a contract with a stream" },
    { "{o}@ ServiceHost {l}=\"C#\" Service=\"S\" {c}\n[ServiceContract] public class S { [WebGet(UriTemplate = \"a/{v}\")] public string M(string v) { @K return \"\"; } }", "v", "a contract by an address" },
    { "{o}@ ServiceHost {l}=\"C#\" Service=\"S\" {c}\n[ServiceContract] public class S { [OperationContract] public void M() { var v = WebOperationContext.Current.Incoming{r}.Headers[\"k\"]; @K } }", "v", "headers of an operation" },
    { "{o}@ ServiceHost {l}=\"C#\" Service=\"S\" {c}\n[ServiceContract] public class S { [OperationContract(Action = \"*\")] public void M(Message m) { var v = m.GetBody<string>(); @K } }", "v", "any message" },
};

static const struct way asax_ways[] = {
    { "{o}@ Application {l}=\"C#\" {c}<{s} {a}>void Application_BeginRequest(object o, EventArgs e) { var v = {r}[\"k\"]; @K }</{s}>", "v", "each request" },
    { "{o}@ Application {l}=\"C#\" {c}<{s} {a}>void Application_Error(object o, EventArgs e) { var v = HttpContext.Current.{r}[\"k\"]; @K }</{s}>", "v", "each error" },
    { "{o}@ Application {l}=\"C#\" {c}<{s} {a}>void Session_Start(object o, EventArgs e) { var v = Context.{r}.UserAgent; @K }</{s}>", "v", "each session" },
    { "{o}@ Application {l}=\"C#\" {c}<{s} {a}>void Application_Start() { System.Web.Hosting.HostingEnvironment.RegisterVirtualPathProvider(new P()); } class P : VirtualPathProvider { public override bool FileExists(string p) { var v = HttpContext.Current.{r}[\"k\"]; @K return true; } }</{s}>", "v", "a provider of pages" },
    { "{o}@ Application {l}=\"C#\" {c}<{s} {a}>public override void Init() { base.Init(); this.PostAuthenticateRequest += (o, e) => { var v = ((HttpApplication)o).{r}.Headers[\"k\"]; @K }; }</{s}>", "v", "an event of the application" },
    { "{o}@ Application {l}=\"C#\" {c}<{s} {a}>class M : IHttpModule { public void Init(HttpApplication a) { a.BeginRequest += new EventHandler(H); } void H(object o, EventArgs e) { HttpApplication a = (HttpApplication)o; var v = a.Context.{r}[\"k\"]; @K } public void Dispose() { } }</{s}>", "v", "a module" },
};

static const struct way part_ways[] = {
    { "{o}@ Control {l}=\"C#\" {c}<{s} {a}>protected void Page_Load(object o, EventArgs e) { var v = {r}[\"k\"]; @K }</{s}>", "v", "a part" },
    { "{o}@ Control {l}=\"C#\" {c}{o} var v = {r}[\"k\"]; @K {c}", "v", "a part that writes" },
    { "{o}@ Control {l}=\"C#\" {c}<asp:TextBox id=\"T\" {a} /><asp:Button {a} OnClick=\"B\" /><{s} {a}>void B(object o, EventArgs e) { string v = T.Text; @K }</{s}>", "v", "a control of a part" },
};
static const struct way page_ways[] = {
    { "{o}@ Page {l}=\"C#\" {c}{o} var v = {r}[\"k\"]; @K {c}", "v", "code in the page" },
    { "{o}@Page Language=C#{c}{o}var v={r}[\"k\"];@K{c}", "v", "no quotes, no blanks" },
    { "{o} var v = {r}[\"k\"]; @K {c}", "v", "no directive" },
    { "{o}@ Page {l}=\"C#\" AutoEventWireup=\"true\" {c}\n{o}@ Import Namespace=\"System\" {c}\n<html><body>{o} if ({r}[\"k\"] != null) { {c} <b>{o}= 1 {c}</b> {o} var v = {r}[\"k\"]; @K } {c}</body></html>", "v", "code between text" },
    { "{o}@ Page {l}=\"C#\" {c}{o}= G() {c}<{s} {a}>string G() { var v = {r}[\"k\"]; @K return v; }</{s}>", "v", "a value in the page" },
    { "{o}@ Page {l}=\"C#\" {c}{o}: G() {c}<{s} {a}>string G() { var v = {r}[\"k\"]; @K return v; }</{s}>", "v", "an encoded value" },
    { "{o}@ Page {l}=\"C#\" {c}<form {a}><asp:Label {a} Text='{o}# G() {c}' /></form><{s} {a}>string G() { var v = {r}[\"k\"]; @K return v; } void Page_Load() { DataBind(); }</{s}>", "v", "a bound value" },
    { "{o}@ Page {l}=\"C#\" {c}<asp:TextBox ID=\"T\" {a}></asp:TextBox><asp:LinkButton {a} OnCommand=\"B\" /><{s} {a}>void B(object o, CommandEventArgs e) { var v = T.Text; @K }</{s}>", "v", "a button" },
    { "{o}@ Page {l}=\"C#\" {c}<asp:HiddenField ID=\"T\" {a} OnValueChanged=\"B\" /><{s} {a}>void B(object o, EventArgs e) { var v = T.Value; @K }</{s}>", "v", "a hidden field" },
    { "{o}@ Page {l}=\"C#\" {c}<input type=\"text\" id=\"T\" {a} /><{s} {a}>void Page_Load(object o, EventArgs e) { var v = T.Value; @K }</{s}>", "v", "a field of HTML" },
    { "{o}@ Page {l}=\"C#\" {c}<textarea id=\"T\" {a}></textarea><{s} {a}>void Page_Load(object o, EventArgs e) { var v = ((HtmlTextArea)FindControl(\"T\")).Value; @K }</{s}>", "v", "a field that is found" },
    { "{o}@ Page {l}=\"C#\" {c}<asp:DropDownList ID=\"T\" {a} OnSelectedIndexChanged=\"B\" AutoPostBack=\"true\" /><{s} {a}>void B(object o, EventArgs e) { var v = T.SelectedValue; @K }</{s}>", "v", "a list" },
    { "{o}@ Page {l}=\"C#\" {c}<asp:Repeater ID=\"R\" {a} OnItemCommand=\"B\"></asp:Repeater><{s} {a}>void B(object o, RepeaterCommandEventArgs e) { var v = (string)e.CommandArgument; @K }</{s}>", "v", "a command's argument" },
    { "{o}@ Page {l}=\"C#\" Async=\"true\" {c}<{s} {a}>[System.Web.Services.WebMethod] public static string M(string v) { @K return v; }</{s}>", "v", "a method for scripts" },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>public class C : System.Web.UI.ICallbackEventHandler { public void RaiseCallbackEvent(string v) { @K } public string GetCallbackResult() { return null; } }</{s}>", "v", "a call back" },
    { "<{s} {l}=\"C#\" {a}>void Page_Load() { var v = {r}[\"k\"]; @K }</{s}>", "v", "an element alone" },
    { "<SCRIPT LANGUAGE='C#' RUNAT=SERVER>void Page_Load() { var v = {r}[\"k\"]; @K }</SCRIPT>", "v", "an element in capitals" },
    { "<{s}\n\t{l}\n=\n'c#'\nrunat = 'server' >void Page_Load() { var v = {r}[\"k\"]; @K }</{s}\n>", "v", "an element on many lines" },
    { "{o}@ Page {l}=\"C#\" Inherits=\"System.Web.UI.Page\" {c}{o}-- {r} --{c}<{s} {a}>void Page_Load() { var v = {r}[\"k\"]; @K }</{s}>", "v", "a note before it" },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Load() { G(this.Context); } static void G(HttpContext c) { var v = c.{r}[\"k\"]; @K }</{s}>", "v", "the context handed over" },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Load() { G({r}.Form); } void G(NameValueCollection n) { foreach (string q in n) { var v = n[q]; @K } }</{s}>", "v", "the form handed over" },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>class W { public static Http{r} R { get { return HttpContext.Current.{r}; } } } void Page_Load() { var v = W.R[\"k\"]; @K }</{s}>", "v", "the request by a property" },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Load() { foreach (string q in {r}.Files) { var v = new System.IO.StreamReader({r}.Files[q].InputStream).ReadToEnd(); @K } }</{s}>", "v", "what a file that was sent says" },
    { "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n{o}@ Page {l}=\"C#\" {c}{o} /*\n*/ var v /**/ = {r} [ \"k\" ] ; @K {c}", "v", "far below" },
    { "GIF89a{o}@ Page {l}=\"C#\" {c}{o} var v = {r}[\"k\"]; @K {c}", "v", "behind an image's mark" },
};

static const struct way razor_ways[] = {
    { "@{ var v = {r}[\"k\"]; @K }", "v", "a block" },
    { "@{\n    Layout = null;\n    var v = {r}.Form[\"k\"];\n    @K\n}\n<p>a</p>", "v", "a block with a layout" },
    { "@using System.Diagnostics\n@if ({r}[\"k\"] != null) { var v = {r}[\"k\"]; @K }", "v", "a branch" },
    { "@functions { string G() { var v = {r}[\"k\"]; @K return v; } }\n<p>@G()</p>", "v", "functions" },
    { "@code { void G(string v) { @K } }@{ G({r}[\"k\"]); }", "v", "code" },
    { "@helper G(string v) { @K <b>a</b> }\n@G({r}[\"k\"])", "v", "a helper" },
    { "@foreach (string q in {r}.Form.AllKeys) { var v = {r}.Form[q]; @K <li>@q</li> }", "v", "each item" },
    { "@(G({r}[\"k\"]))@functions{ object G(string v) { @K return null; } }", "v", "a value" },
    { "@{ Page.S = {r}[\"k\"]; }@{ string v = Page.S; @K }", "v", "the page's own bag" },
    { "@{ ViewBag.S = {r}[\"k\"]; }@{ string v = ViewBag.S; @K }", "v", "the view's bag" },
    { "@try { var v = {r}.QueryString[\"k\"]; @K } catch (Exception x) { <i>@x.Message</i> }", "v", "try" },
    { "@{ if (IsPost) { var v = {r}[\"k\"]; @K } }<form method=\"post\"></form>", "v", "a form" },
};

#endif
