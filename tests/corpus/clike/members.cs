namespace A.B;
using X = C.D;
[WebMethod(Name = "a")] public class E<T> : F where T : new() { int a = 1, b; public int G { get; set; } = 2; E(int c) : base(c) { } int this[int i] => a; void H() => b(); ~E() {} public static E operator +(E x, E y) { return x; } }