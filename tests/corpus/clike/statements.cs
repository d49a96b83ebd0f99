for (int i = 0, j = 1; i < 3; i++, --j) { if (i > 1) continue; else if (j << 2 == 1) break; else goto end; }
foreach (var (a, b) in c) lock (d) using (var e = f()) fixed (byte* g = h) { }
do { x >>= 1; y >>>= 2; z ??= w; } while (!a && b || c);
switch (a) { case 1: case "b" when c: d(); break; case string s: return s; default: throw new E(); }
try { a(); } catch (E e) when (e.x) { } catch { } finally { b(); }
yield return 1; checked { a++; } unsafe { *p = &q; } end: ; int l(int m) => m; var (o, p) = (1, 2);
if (a is string s && b is not null) c = (int)d + (e) - (f)(g) as h ?? i;
