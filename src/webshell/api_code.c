/* Code from text or bytes: compilers, reflection, deserialisers, style sheets, memory. */
#include "webshell/api_table.h"

static const struct api_member compiler_m[] = {
    USE_GIVES("CompileAssemblyFromDom", SINK_CODE, "-c*", MARK_CODE, "CompilerResults"),
    USE_GIVES("CompileAssemblyFromFile", SINK_CODE, "-p*", MARK_CODE, "CompilerResults"),
    USE_GIVES("CompileAssemblyFromFileBatch", SINK_CODE, "-p", MARK_CODE, "CompilerResults"),
    USE_GIVES("CompileAssemblyFromSource", SINK_CODE, "-c*", MARK_CODE, "CompilerResults"),
    USE_GIVES("CompileAssemblyFromSourceBatch", SINK_CODE, "-c", MARK_CODE, "CompilerResults"), GIVES("CreateCompiler", "CodeDomProvider"),
    GIVES("CreateGenerator", "CodeDomProvider"), GIVES("CreateProvider", "CodeDomProvider"), CLEAN("GenerateCodeFromCompileUnit"),
    CLEAN("IsDefinedLanguage"), FIELD("new", "-"),
};
CLASS(compiler, "CodeDomProvider", NULL, compiler_m);
static const struct api_member compiled_m[] = {
    PASS("CompiledAssembly", MARK_CODE, "Assembly"), CLEAN("Errors"), CLEAN("NativeCompilerReturnValue"), CLEAN("Output"),
    PASS("PathToAssembly", MARK_CODE, NULL),
};
CLASS_MARKED(compiled, "CompilerResults", NULL, compiled_m, MARK_CODE);
static const struct api_member parameters_m[] = {
    FIELD("CompilerOptions", "a"), CLEAN("GenerateExecutable"), CLEAN("GenerateInMemory"), FIELD("OutputAssembly", "-"),
    CLEAN("ReferencedAssemblies"),
};
CLASS(compiler_parameters, "CompilerParameters", NULL, parameters_m);
static const struct api_member roslyn_m[] = {
    USE("ContinueWithAsync", SINK_CODE, "c"), USE_GIVES("Create", SINK_CODE, "c", 0, "CSharpScript"), USE("EvaluateAsync", SINK_CODE, "c"),
    FIELD_GIVES("ParseText", "c", "CSharpCompilation"), USE("Run", SINK_CODE, "c"), USE_GIVES("RunAsync", SINK_CODE, "c", 0, "CSharpScript"),
};
CLASS(roslyn_script, "CSharpScript", NULL, roslyn_m);
static const struct api_member compilation_m[] = {
    FIELD("AddReferences", "-"), FIELD("AddSyntaxTrees", "c*"), FIELD_GIVES("Create", "-c*", ""),
    { "Emit", API_SINK, SINK_CODE, "r", MARK_CODE, NULL }, FIELD_GIVES("ParseText", "c", ""),
};
CLASS(roslyn_compilation, "CSharpCompilation", NULL, compilation_m);
static const struct api_member jscript_eval_m[] = {
    USE("Eval", SINK_CODE, "c"), USE("EvalToString", SINK_CODE, "c"), USE("JScriptEvaluate", SINK_CODE, "c"),
    USE("JScriptEvaluateToObject", SINK_CODE, "c"),
};
CLASS(jscript_eval, "Microsoft.JScript.Eval", NULL, jscript_eval_m);
static const struct api_member vsa_m[] = {
    { "Compile", API_SINK, SINK_CODE, "-", MARK_CODE, NULL }, GIVES("CreateEngine", "VsaEngine"), GIVES("CreateEngineAndGetGlobalScope", "VsaEngine"),
    FIELD_GIVES("CreateItem", "", "VsaEngine"), GIVES("engine", "VsaEngine"), GIVES("GetGlobalScope", "VsaEngine"),
    GIVES("GetMainScope", "VsaEngine"), CLEAN("Run"), FIELD("SourceText", "c"),
};
CLASS(vsa_engine, "VsaEngine", NULL, vsa_m);

static const struct api_member assembly_m[] = {
    PASS("CodeBase", MARK_SYSTEM, NULL), MAKE("CreateInstance", "t"), SAME("Default"), GIVES("DefinedTypes", "Type"), GIVES("EntryPoint", "MethodInfo"),
    GIVES("ExportedTypes", "Type"), CLEAN("FullName"), CLEAN_GIVES("GetAssembly", ""), CLEAN_GIVES("GetCallingAssembly", ""),
    CLEAN("GetCustomAttributes"), CLEAN_GIVES("GetEntryAssembly", ""), CLEAN_GIVES("GetExecutingAssembly", ""), GIVES("GetExportedTypes", "Type"),
    CLEAN("GetManifestResourceStream"), CLEAN("GetName"), MAKE("GetType", "t"), GIVES("GetTypes", "Type"),
    USE_GIVES("Load", SINK_LOAD, "b", MARK_CODE, ""), USE_GIVES("LoadFile", SINK_LOAD, "b", MARK_CODE, ""),
    USE_GIVES("LoadFrom", SINK_LOAD, "b", MARK_CODE, ""), USE_GIVES("LoadFromAssemblyPath", SINK_LOAD, "b", MARK_CODE, ""),
    USE_GIVES("LoadFromStream", SINK_LOAD, "b", MARK_CODE, ""), USE_GIVES("LoadModule", SINK_LOAD, "-b", MARK_CODE, ""),
    USE_GIVES("LoadWithPartialName", SINK_LOAD, "b", MARK_CODE, ""), PASS("Location", MARK_SYSTEM, NULL), PASS("ReflectionOnlyLoad", 0, ""),
    USE_GIVES("UnsafeLoadFrom", SINK_LOAD, "b", MARK_CODE, ""),
};
CLASS(assembly, "Assembly", NULL, assembly_m);
static const struct api_member domain_m[] = {
    EVENT("AssemblyResolve", "f"), PASS("BaseDirectory", MARK_SYSTEM, NULL), GIVES("CreateDomain", "AppDomain"),
    USE_GIVES("CreateInstance", SINK_LOAD, "bt", 0, NULL), USE_GIVES("CreateInstanceAndUnwrap", SINK_LOAD, "bt", 0, NULL),
    USE_GIVES("CreateInstanceFrom", SINK_LOAD, "bt", 0, NULL), USE_GIVES("CreateInstanceFromAndUnwrap", SINK_LOAD, "bt", 0, NULL),
    GIVES("CurrentDomain", "AppDomain"), GIVES("DefineDynamicAssembly", "ILGenerator"), EVENT("DoCallBack", "f"),
    USE("ExecuteAssembly", SINK_LOAD, "b"), USE("ExecuteAssemblyByName", SINK_LOAD, "b"), CLEAN("FriendlyName"), GIVES("GetAssemblies", "Assembly"),
    STORED("GetData", "s"), USE_GIVES("Load", SINK_LOAD, "b", MARK_CODE, "Assembly"), USE("SetData", SINK_STORE, "sv"),
};
CLASS(app_domain, "AppDomain", NULL, domain_m);
static const struct api_member activator_m[] = {
    USE_GIVES("CreateComInstanceFrom", SINK_LOAD, "bt", 0, NULL), MAKE("CreateInstance", "t"),
    USE_GIVES("CreateInstanceFrom", SINK_LOAD, "bt", 0, NULL), USE_GIVES("GetObject", SINK_CONNECT, "th", 0, NULL),
};
CLASS(activator, "Activator", NULL, activator_m);
static const struct api_member type_m[] = {
    GIVES("Assembly", "Assembly"), GIVES("BaseType", "Type"), CLEAN("EmptyTypes"), CLEAN("FullName"),
    FIELD_GIVES("GetConstructor", "-", "ConstructorInfo"), GIVES("GetConstructors", "ConstructorInfo"), CLEAN("GetCustomAttributes"),
    FIELD_GIVES("GetEvent", "m", "PropertyInfo"), FIELD_GIVES("GetField", "m", "PropertyInfo"), GIVES("GetFields", "PropertyInfo"),
    FIELD_GIVES("GetMember", "m", "MethodInfo"), FIELD_GIVES("GetMethod", "m", "MethodInfo"), FIELD_GIVES("GetMethods", "-", "MethodInfo"),
    FIELD_GIVES("GetNestedType", "t", "Type"), GIVES("GetProperties", "PropertyInfo"), FIELD_GIVES("GetProperty", "m", "PropertyInfo"),
    FIELD_GIVES("GetRuntimeMethod", "m", "MethodInfo"), MAKE("GetType", "t"), CLEAN("GetTypeCode"), MAKE("GetTypeFromCLSID", "t"),
    MAKE("GetTypeFromProgID", "t"), CLEAN("GUID"), INVOKE("InvokeMember", "m--fv"), CLEAN("IsAssignableFrom"), CLEAN("IsSubclassOf"),
    FIELD_GIVES("MakeGenericType", "-", ""), CLEAN("Name"), CLEAN("Namespace"),
};
CLASS(type, "Type", NULL, type_m);
/* What every class has: the way from an object or a type to its members by name. */
static const struct api_member object_m[] = {
    FIELD_GIVES("GetConstructor", "-", "ConstructorInfo"), GIVES("GetConstructors", "ConstructorInfo"), FIELD_GIVES("GetField", "m", "PropertyInfo"),
    GIVES("GetFields", "PropertyInfo"), FIELD_GIVES("GetMember", "m", "MethodInfo"), FIELD_GIVES("GetMethod", "m", "MethodInfo"),
    FIELD_GIVES("GetMethods", "-", "MethodInfo"), GIVES("GetProperties", "PropertyInfo"), FIELD_GIVES("GetProperty", "m", "PropertyInfo"),
    FIELD_GIVES("GetRuntimeMethod", "m", "MethodInfo"), MAKE("GetType", "t"), INVOKE("InvokeMember", "m--fv"), SAME("Unwrap"),
};
CLASS(object, "Object", NULL, object_m);
static const struct api_member method_info_m[] = {
    FIELD_GIVES("CreateDelegate", "-f", "Delegate"), GIVES("DeclaringType", "Type"), GIVES("GetBaseDefinition", "MethodInfo"),
    CLEAN("GetCustomAttributes"), CLEAN("GetParameters"), INVOKE("Invoke", "fv"), SAME("MakeGenericMethod"),
    GIVES("MethodHandle", "RuntimeMethodHandle"), CLEAN("Name"), CLEAN("ReturnType"),
};
CLASS(method_info, "MethodInfo", NULL, method_info_m);
static const struct api_member handle_m[] = { PASS("GetFunctionPointer", MARK_CODE, NULL), GIVES("Value", NULL) };
CLASS(method_handle, "RuntimeMethodHandle", NULL, handle_m);
static const struct api_member property_info_m[] = {
    EVENT("AddEventHandler", "-f"), CLEAN("FieldType"), CLEAN("GetCustomAttributes"), FIELD_GIVES("GetGetMethod", "", "MethodInfo"),
    FIELD_GIVES("GetSetMethod", "", "MethodInfo"), INVOKE("GetValue", "f-"), CLEAN("Name"), CLEAN("PropertyType"), INVOKE("SetValue", "fv"),
};
CLASS(property_info, "PropertyInfo", NULL, property_info_m);
static const struct api_member constructor_info_m[] = { MAKE("Invoke", "v") };
CLASS(constructor_info, "ConstructorInfo", NULL, constructor_info_m);
static const struct api_member delegate_m[] = {
    EVENT("BeginInvoke", "v*"), FIELD_GIVES("CreateDelegate", "-fm", "Delegate"), EVENT("DynamicInvoke", "v*"), EVENT("Invoke", "v*"),
    GIVES("Method", "MethodInfo"), TEXT("Target"),
};
CLASS(delegate, "Delegate", NULL, delegate_m);
static const struct api_member interaction_m[] = {
    INVOKE("CallByName", "fm-v*"), PASS("Command", MARK_SYSTEM, NULL), MAKE("CreateObject", "t"), PASS("Environ", MARK_SYSTEM, NULL),
    MAKE("GetObject", "-t"), USE("SaveSetting", SINK_REGISTRY, "pppv"), USE("Shell", SINK_PROCESS, "x"),
};
CLASS(interaction, "Interaction", NULL, interaction_m);
static const struct api_member late_m[] = {
    INVOKE("LateCall", "f-mv"), INVOKE("LateGet", "f-mv"), INVOKE("LateIndexGet", "fv"), INVOKE("LateSet", "f-mv"),
};
CLASS(late_binding, "NewLateBinding", NULL, late_m);
static const struct api_member il_m[] = {
    GIVES("CreateDelegate", "Delegate"), { "CreateMethodBody", API_SINK, SINK_CODE, "c", MARK_CODE, NULL }, PASS("CreateType", MARK_CODE, "Type"),
    CLEAN("DefineDynamicAssembly"), FIELD_GIVES("DefineDynamicModule", "", "ILGenerator"), FIELD_GIVES("DefineMethod", "", "ILGenerator"),
    FIELD_GIVES("DefinePInvokeMethod", "m", "ILGenerator"), FIELD_GIVES("DefineType", "", "ILGenerator"), CLEAN("Emit"),
    FIELD_GIVES("GetDynamicILInfo", "", "ILGenerator"), FIELD_GIVES("GetILGenerator", "", "ILGenerator"), INVOKE("Invoke", "fv"),
    FIELD_GIVES("new", "m", "ILGenerator"), { "SetCode", API_SINK, SINK_CODE, "c", MARK_CODE, NULL },
};
CLASS(il_generator, "ILGenerator", NULL, il_m);
static const struct api_member expression_m[] = {
    FIELD("Call", "ff"), GIVES("Compile", "Delegate"), FIELD("Constant", "-"), FIELD_GIVES("Lambda", "f", "Expression"),
    USE("ParseLambda", SINK_CODE, "--c"),
};
CLASS(expression, "Expression", NULL, expression_m);

static const struct api_member formatter_m[] = {
    CLEAN("Binder"), USE("Deserialize", SINK_DESERIALISE, "b"), USE("DeserializeMethodResponse", SINK_DESERIALISE, "b"), FIELD("new", "-"),
    USE("Read", SINK_DESERIALISE, "b"), USE("ReadObject", SINK_DESERIALISE, "b"), TEXT("Serialize"), USE("UnsafeDeserialize", SINK_DESERIALISE, "b"),
};
CLASS(formatter, "BinaryFormatter", NULL, formatter_m);
/* Resources may hold objects of any class. */
static const struct api_member resources_m[] = { USE("FromFileContents", SINK_DESERIALISE, "b"), USE("new", SINK_DESERIALISE, "b") };
CLASS(resources, "ResourceReader", NULL, resources_m);
static const struct api_member xaml_m[] = {
    USE("Load", SINK_DESERIALISE, "b"), USE("LoadAsync", SINK_DESERIALISE, "b"), USE("Parse", SINK_DESERIALISE, "b"),
    USE("Transform", SINK_DESERIALISE, "b"),
};
CLASS(xaml, "XamlReader", NULL, xaml_m);
static const struct api_member data_provider_m[] = {
    { "MethodName", API_INVOKE, SINK_NONE, "m", 0, NULL }, GIVES("MethodParameters", "MethodParameters"), FIELD("ObjectInstance", "f"), FIELD("ObjectType", "t"),
};
CLASS(object_data_provider, "ObjectDataProvider", NULL, data_provider_m);
static const struct api_member provider_arguments_m[] = { USE("Add", SINK_CODE, "c"), USE("Insert", SINK_CODE, "-c"), USE("item", SINK_CODE, "-c") };
CLASS(provider_arguments, "MethodParameters", NULL, provider_arguments_m);
static const struct api_member workflow_m[] = {
    USE("Compile", SINK_CODE, "-c*"), USE_GIVES("CreateWorkflow", SINK_DESERIALISE, "b", 0, NULL), USE("Load", SINK_DESERIALISE, "b"),
};
CLASS(workflow, "WorkflowRuntime", NULL, workflow_m);
static const struct api_member xml_reader_m[] = {
    FIELD_GIVES("Create", "d", ""), FIELD("new", "d"), TEXT("ReadInnerXml"), TEXT("ReadOuterXml"), TEXT("Value"),
};
CLASS(xml_reader, "XmlReader", NULL, xml_reader_m);
static const struct api_member xslt_m[] = { FIELD("Load", "c-"), FIELD("new", "-"), { "Transform", API_SINK, SINK_CODE, "-", 0, NULL } };
CLASS(xslt, "XslCompiledTransform", NULL, xslt_m);      /* flow_api.c runs the scripts of a style sheet whose text is known */
static const struct api_member razor_m[] = {
    USE("Compile", SINK_CODE, "c"), GIVES("CreateEngine", "Engine"), FIELD_GIVES("CreateScriptSourceFromFile", "p", "Engine"),
    FIELD_GIVES("CreateScriptSourceFromString", "c", "Engine"), USE("DoString", SINK_CODE, "c"), USE("Eval", SINK_CODE, "c"),
    USE("Evaluate", SINK_CODE, "c"), USE("Execute", SINK_CODE, "c"), USE("Load", SINK_CODE, "c"), USE("LoadString", SINK_CODE, "c"), FIELD("new", "-"), USE("Parse", SINK_CODE, "c"), GIVES("Razor", "Engine"),
    USE("RunCompile", SINK_CODE, "c"), GIVES("SetValue", "Engine"),
};
CLASS(engine, "Engine", NULL, razor_m);

static const struct api_member marshal_m[] = {
    CLEAN("AllocHGlobal"), MAKE("BindToMoniker", "t"), { "Copy", API_PASS, SINK_NONE, "r", 0, NULL }, CLEAN("FreeHGlobal"),
    MAKE("GetActiveObject", "t"), USE_GIVES("GetDelegateForFunctionPointer", SINK_MEMORY, "-", 0, "Delegate"), TEXT("GetFunctionPointerForDelegate"),
    CLEAN("GetLastWin32Error"), TEXT("PtrToStringAnsi"), TEXT("PtrToStringAuto"), TEXT("PtrToStringBSTR"), TEXT("PtrToStringUni"),
    TEXT("PtrToStructure"), CLEAN("ReleaseComObject"), TEXT("SecureStringToBSTR"), CLEAN("SizeOf"), TEXT("StringToHGlobalAnsi"),
    FIELD("WriteByte", "-"), FIELD("WriteIntPtr", "-"),
};
CLASS(marshal, "Marshal", NULL, marshal_m);
static const struct api_member thread_m[] = {
    CLEAN("Abort"), EVENT("ContinueWith", "f"), CLEAN("CurrentCulture"), GIVES("CurrentPrincipal", "User"), GIVES("CurrentThread", "Thread"),
    CLEAN("CurrentUICulture"), CLEAN("Delay"), EVENT("DoWork", "f"), EVENT("Elapsed", "f"), GIVES("Factory", "Thread"), EVENT("For", "--f"),
    EVENT("ForEach", "-f"), EVENT("Invoke", "f*"), CLEAN("IsBackground"), CLEAN("Join"), CLEAN("ManagedThreadId"), EVENT("new", "f"),
    EVENT("QueueUserWorkItem", "fv"), TEXT("Result"), EVENT("Run", "f"), CLEAN("Sleep"), EVENT("Start", "v"), EVENT("StartNew", "fv"),
    EVENT("Tick", "f"), TEXT("Wait"),
};
CLASS(thread, "Thread", NULL, thread_m);
