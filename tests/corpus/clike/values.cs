x = $"a{b:x2}{{c}}{d ? "e" : $"f{g}"}" + @"h""i\" + """ raw "q" """ + 'c' + '\u0041' + 0x1F_FFul + 1.5e3m + "\x41\u0042\U00000043";
var q = from a in b where a > 1 let c = a join d in e on a equals d orderby a descending select new { a, c.d, E = 1 };
f<g, h<i>>(j)?.k?[l]!.m(n: 1, ref o, out var p, out int r, in s); t = a < b > c; u = (v, w) => v + w; x = async (int y) => { await z; }; a = delegate (int b) { return b; };
var y = b switch { 1 or > 2 and < 3 => "c", { D: 1 } e => f, (1, _) => g, _ => throw h };
z = new[] { 1, 2 }; z = new A { B = 1, ["c"] = 2, D = { 3 } }; z = new int[2, 3][]; z = new(1); z = stackalloc int[] { 1 }; z = [1, .. b, ^1]; z = a[1..^2]; z = typeof(A<,>); z = default(int); z = nameof(a.b);
\u0061b = @if;
