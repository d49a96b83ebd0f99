import System.IO; package P { public class C extends D implements E { static var a : int = 1; private function get b() : String { return this.c; } function C(x : int, y) { super(x); } } }
var f = function g(a, b) { return a + b; }, r = /a[/]\/b/gi, o = { a: 1, "b": [1,,2], 3: function () {} };
function h(a) { for (var i in a) { if (i) continue; else break; } for (;;) { } with (a) { b } do x++
while (x < 3) switch (typeof a) { case "b": default: delete a.b; void 0; throw a } }
a = b ? c : d, e = f = g
h(/x/.test(y)) / 2 / z
try { a } catch (e) { } finally { } label: while (1) break label
x = "\x41\u0042\103\
" + 'q' + 0x1f + 010 + .5e1; a >>>= 1; a = b >>> 2 === c !== d instanceof e in f; new A; new A.B(1).c(); new (f())(2);
