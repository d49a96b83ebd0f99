/* VB.NET and JScript.NET, and the other kinds of page that C# stands in. See matrix_cs.h. */
#ifndef MATRIX_NET_H
#define MATRIX_NET_H

#include "matrix.h"

static const char *const vb_sources[] = {
    "{r}(\"k\")", "{r}.Form(\"k\")", "{r}.QueryString(\"k\")", "{r}.Params(\"k\")", "{r}.Item(\"k\")", "{r}.Cookies(\"k\").Value", "{r}.Headers(\"k\")", "{r}.ServerVariables(\"HTTP_K\")", "HttpContext.Current.{r}(\"k\")",
    "New StreamReader({r}.InputStream).ReadToEnd()", "{r}.Form.Get(\"k\")", "Me.{r}(\"k\")", "Context.{r}.Form(\"k\")", "Page.{r}.QueryString.Get(\"k\")", "CStr({r}(\"k\"))", "{r}(\"k\").ToString()", "CType({r}(\"k\"), String)",
    "DirectCast({r}(\"k\"), String)", "If({r}(\"k\"), \"\")", "$\"{{r}(\"k\")}\"", "String.Format(\"{0}\", {r}(\"k\"))", "StrReverse({r}(\"k\"))", "Mid({r}(\"k\"), 2)", "{r}!k", "{r}.Form!k", "{r}.Form.GetValues(\"k\")(0)",
    "Encoding.UTF8.GetString(Convert.FromBase64String({r}(\"k\")))", "{r}.Url.Query", "{r}.RawUrl", "{r}.UserAgent", "{r}.Form(0)", "Replace({r}(\"k\"), \"a\", \"b\")", "{r}.BinaryRead(9).ToString()",
};

static const struct way vb_ways[] = {
    { "Sub Page_Load(o As Object, e As EventArgs)\n@K\nEnd Sub", "@S", "at once" },
    { "Sub Page_Load(o As Object, e As EventArgs)\nDim v As String = @S\n@K\nEnd Sub", "v", "a variable" },
    { "Sub Page_Load(o As Object, e As EventArgs)\nDim v = @S\nDim w = v\n@K\nEnd Sub", "w", "two variables" },
    { "Private f As String\nSub Page_Load(o As Object, e As EventArgs) Handles Me.Load\nf = @S\nG()\nEnd Sub\nSub G()\n@K\nEnd Sub", "f", "a field" },
    { "Function G() As String\nReturn @S\nEnd Function\nSub Page_Load(o As Object, e As EventArgs)\n@K\nEnd Sub", "G()", "a function" },
    { "Function G() As String\nG = @S\nEnd Function\nSub Page_Load(o As Object, e As EventArgs)\n@K\nEnd Sub", "G", "a function by its name" },
    { "Sub Page_Load(o As Object, e As EventArgs)\nG(@S)\nEnd Sub\nSub G(ByVal v As String)\n@K\nEnd Sub", "v", "a parameter" },
    { "Sub Page_Load(o As Object, e As EventArgs)\nG(b:=1, v:=@S)\nEnd Sub\nSub G(v As String, Optional b As Integer = 0)\n@K\nEnd Sub", "v", "a parameter by its name" },
    { "Sub Page_Load(o As Object, e As EventArgs)\nDim v As String = \"\"\nG(v)\n@K\nEnd Sub\nSub G(ByRef a As String)\na = @S\nEnd Sub", "v", "by reference" },
    { "ReadOnly Property P As String\nGet\nReturn @S\nEnd Get\nEnd Property\nSub Page_Load(o As Object, e As EventArgs)\n@K\nEnd Sub", "P", "a property that reads" },
    { "Property P As String\nSub Page_Load(o As Object, e As EventArgs)\nP = @S\n@K\nEnd Sub", "P", "a property" },
    { "Sub Page_Load(o As Object, e As EventArgs)\nSession(\"s\") = @S\n@K\nEnd Sub", "Session(\"s\")", "the session" },
    { "Sub Page_Load(o As Object, e As EventArgs)\nApplication.Add(\"s\", @S)\n@K\nEnd Sub", "Application(\"s\").ToString()", "the application" },
    { "Sub Page_Load(o As Object, e As EventArgs)\nDim g = Sub(v As String)\n@K\nEnd Sub\ng(@S)\nEnd Sub", "v", "a lambda" },
    { "Sub Page_Load(o As Object, e As EventArgs)\nDim g As Func(Of String) = Function() @S\n@K\nEnd Sub", "g()", "a lambda that reads" },
    { "Delegate Sub D(v As String)\nSub Page_Load(o As Object, e As EventArgs)\nDim g As D = AddressOf H\ng.Invoke(@S)\nEnd Sub\nSub H(v As String)\n@K\nEnd Sub", "v", "a delegate" },
    { "Sub Page_Load(o As Object, e As EventArgs)\nFor Each v As String In @S.Split(\"|\"c)\n@K\nNext\nEnd Sub", "v", "each part" },
    { "Sub Page_Load(o As Object, e As EventArgs)\nDim l As New List(Of String)\nl.Add(@S)\n@K\nEnd Sub", "l(0)", "a list" },
    { "Sub Page_Load(o As Object, e As EventArgs)\nDim l As New Dictionary(Of String, String) From {{\"a\", @S}}\n@K\nEnd Sub", "l(\"a\")", "a dictionary" },
    { "Sub Page_Load(o As Object, e As EventArgs)\nDim l As New Hashtable()\nl(\"a\") = @S\n@K\nEnd Sub", "l(\"a\")", "a table" },
    { "Sub Page_Load(o As Object, e As EventArgs)\nDim a() As String = {\"x\", @S}\n@K\nEnd Sub", "a(1)", "an array" },
    { "Sub Page_Load(o As Object, e As EventArgs)\nDim a = New With {.F = @S}\n@K\nEnd Sub", "a.F", "a nameless object" },
    { "Class A\nPublic F As String\nEnd Class\nSub Page_Load(o As Object, e As EventArgs)\nDim a1 As New A With {.F = @S}\n@K\nEnd Sub", "a1.F", "an object" },
    { "Class A\nPrivate f As String\nPublic Sub New(x As String)\nf = x\nEnd Sub\nPublic Function G() As String\nReturn f\nEnd Function\nEnd Class\nSub Page_Load(o As Object, e As EventArgs)\nDim a1 As New A(@S)\n@K\nEnd Sub", "a1.G()", "an object by its constructor" },
    { "Structure A\nPublic F As String\nEnd Structure\nSub Page_Load(o As Object, e As EventArgs)\nDim a1 As A\na1.F = @S\n@K\nEnd Sub", "a1.F", "a structure" },
    { "Module M\nPublic Function G(x As String) As String\nReturn x\nEnd Function\nEnd Module\nSub Page_Load(o As Object, e As EventArgs)\nDim v = M.G(@S)\n@K\nEnd Sub", "v", "a module" },
    { "Sub Page_Load(o As Object, e As EventArgs)\nWith {r}\nDim v = .Form(\"k\")\n@K\nEnd With\nEnd Sub", "v", "with" },
    { "Sub Page_Load(o As Object, e As EventArgs)\nTry\nThrow New Exception(@S)\nCatch x As Exception\n@K\nEnd Try\nEnd Sub", "x.Message", "what is thrown" },
    { "Sub Page_Load(o As Object, e As EventArgs)\nUsing r As New StringReader(@S)\nDim v = r.ReadToEnd()\n@K\nEnd Using\nEnd Sub", "v", "using" },
    { "Sub Page_Load(o As Object, e As EventArgs)\nDim v As String = \"\"\nFor i As Integer = 0 To @S.Length - 1\nv &= Chr(Asc(@S(i)) Xor 3)\nNext\n@K\nEnd Sub", "v", "letter by letter" },
    { "Sub Page_Load(o As Object, e As EventArgs)\nDim v = (From x In @S.Split(\"|\"c) Where x <> \"\" Select x).First()\n@K\nEnd Sub", "v", "a query" },
    { "Sub Page_Load(o As Object, e As EventArgs)\nSelect Case 1\nCase 1 To 3\nDim v = @S\n@K\nEnd Select\nEnd Sub", "v", "a choice" },
    { "Sub Page_Load(o As Object, e As EventArgs)\nDim b As New StringBuilder\nb.Append(@S)\n@K\nEnd Sub", "b.ToString", "a builder" },
    { "Sub Page_Load(o As Object, e As EventArgs)\nDim v As String = @S _\n& \"\"\n@K\nEnd Sub", "v", "lines that go on" },
    { "Protected Overrides Sub OnLoad(e As EventArgs)\nDim v = @S\n@K\nEnd Sub", "v", "what the page overrides" },
    { "Sub Page_Load(o As Object, e As EventArgs)\nAddHandler Me.PreRender, AddressOf H\nEnd Sub\nSub H(o As Object, e As EventArgs)\nDim v = @S\n@K\nEnd Sub", "v", "an event of the page" },
    { "Async Sub Page_Load(o As Object, e As EventArgs)\nDim v = Await G()\n@K\nEnd Sub\nAsync Function G() As Task(Of String)\nReturn @S\nEnd Function", "v", "async" },
    { "Sub Page_Load(o As Object, e As EventArgs)\nOn Error Resume Next\nDim v$ = @S : @K\nEnd Sub", "v", "errors that nobody sees" },
};

static const struct reach vb_sinks[] = {
    { "{p}.Start(@V)", "a program" }, { "Shell(\"cmd.exe /c \" & @V)", "an order for a shell" }, { "Dim p9 As New {p}()\np9.StartInfo.FileName = \"cmd\"\np9.StartInfo.Arguments = \"/c \" & @V\np9.Start()", "a process" },
    { "Dim p9 As New {p}StartInfo(\"cmd.exe\", \"/c \" & @V)\n{p}.Start(p9)", "what a start is told" }, { "Interaction.Shell(@V, AppWinStyle.Hide)", "by its class" }, { "CreateObject(\"WSc\" & \"ript.Sh\" & \"ell\").Run(@V)", "the script host's shell" },
    { "Dim w9 As Object = Server.CreateObject(\"WSc\" & \"ript.Sh\" & \"ell\")\nw9.Exec(@V)", "the same by the server" }, { "CallByName(New {p}, \"Start\", CallType.Method, @V)", "a member by its name" },
    { "Dim c9 As New VBCodeProvider()\nc9.CompileAssemblyFromSource(New CompilerParameters(), @V)", "a compiler" }, { "Assembly.Load(Convert.FromBase64String(@V)).CreateInstance(\"A\")", "a library of bytes" },
    { "File.WriteAllText(@V, {r}(\"c\"))", "a file" }, { "My.Computer.FileSystem.WriteAllText(@V, {r}(\"c\"), False)", "a file, VB's way" }, { "Dim w9 As New StreamWriter(@V)\nw9.Write({r}(\"c\"))\nw9.Close()", "a writer" },
    { "{r}.Files(0).{f}(@V)", "a file that was sent" }, { "FileOpen(1, @V, OpenMode.Output)\nPrint(1, {r}(\"c\"))", "a file, an older way" }, { "GetObject(\"winmgmts:Win32_Pro\" & \"cess\").Create(@V)", "management" },
    { "Dim s9 = PowerShell.Create()\ns9.AddScript(@V)\ns9.Invoke()", "a script" }, { "Dim b9 As New BinaryFormatter()\nb9.Deserialize(New MemoryStream(Convert.FromBase64String(@V)))", "objects of bytes" },
    { "GetType({p}).GetMethod(\"Start\", {GetType(String)}).Invoke(Nothing, New Object() { @V })", "a method by its name" }, { "Dim a9 = CreateObject(\"MSScriptControl.ScriptControl\")\na9.Language = \"VBScript\"\na9.{x}Statement(@V)", "a script engine" },
};

static const char *const jsn_sources[] = {
    "{r}[\"k\"]", "{r}.Item[\"k\"]", "{r}.Form[\"k\"]", "{r}.QueryString(\"k\")", "{r}.Headers[\"k\"]", "{r}.Cookies[\"k\"].Value", "String({r}[\"k\"])", "{r}.Form.Get(\"k\")", "System.Text.Encoding.UTF8.GetString(System.Convert.FromBase64String({r}[\"k\"]))",
    "HttpContext.Current.{r}[\"k\"]", "{r}[\"Item\"](\"k\")", "{r}.Params[\"k\"]", "new System.IO.StreamReader({r}.InputStream).ReadToEnd()", "this.{r}[\"k\"]", "Page.{r}[\"k\"]", "{r}[String.fromCharCode(107)]", "{r}.Url.Query", "unescape({r}[\"k\"])",
};
static const struct way jsn_ways[] = {
    { "@K", "@S", "at once" }, { "var v = @S; @K", "v", "a variable" }, { "var v : String = @S; @K", "v", "with a type" }, { "var o = { a: @S }; @K", "o.a", "an object" }, { "var o = new Object(); o[\"a\"] = @S; @K", "o.a", "by its index" },
    { "var v = \"\"; v += @S; @K", "v", "joined" }, { "if (@S != null) { var v = @S; @K }", "v", "a branch" }, { "try { var v = @S; @K } catch (e) { }", "v", "try" }, { "var f = function (v) { @K }; f(@S);", "v", "a function" },
    { "Session[\"s\"] = @S; @K", "Session[\"s\"]", "the session" }, { "var a = [@S]; @K", "a[0]", "a list" }, { "var a : String[] = new String[1]; a[0] = @S; @K", "a[0]", "a list of texts" }, { "/*a*/var/**/v/*b*/=/*c*/@S;@K", "v", "comments" },
    { "var \\u0076 = @S; @K", "v", "a code in a name" }, { "var s = @S, v = \"\"; for (var i = 0; i < s.Length; i++) v += String.fromCharCode(s.charCodeAt(i) + 1); @K", "v", "letter by letter" }, { "switch (1) { case 1: var v = @S; @K break; }", "v", "a case" },
};
static const struct reach jsn_sinks[] = {
    { "{e}(@V, \"{u}\");", "what runs" }, { "{e}(@V, \"un\" + \"safe\");", "what runs, in pieces" }, { "{e}(@V);", "what runs safely" }, { "\\u0065val(@V, \"{u}\");", "a code in its name" }, { "this[\"ev\" + \"al\"](@V, \"{u}\");", "by pieces of its name" },
    { "var e9 = {e}; e9(@V, \"{u}\");", "another name" }, { "new Function(@V)();", "a function of a text" }, { "System.Diagnostics.{p}.Start(@V);", "a program" }, { "System.IO.File.{w}(@V, {r}[\"c\"]);", "a file" },
    { "System.Reflection.Assembly.Load(System.Convert.FromBase64String(@V)).CreateInstance(\"k\").Equals(this);", "a library" }, { "var x9 = new ActiveXObject(\"WSc\" + \"ript.Sh\" + \"ell\"); x9.Run(@V);", "the shell" },
    { "Microsoft.JScript.Eval.JScriptEvaluate(@V, Microsoft.JScript.Vsa.VsaEngine.CreateEngine());", "the engine" }, { "var i9 = new System.Diagnostics.{p}StartInfo(\"cmd\"); i9.Arguments = \"/c \" + @V; System.Diagnostics.{p}.Start(i9);", "what a start is told" },
};

#endif
