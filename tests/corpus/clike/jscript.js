function a(b : String) : int { var c = /d[/]e/g, f = { g: 1, "h": [2, 3] };
 for (i in f) c = f[i]
 do { } while (0) 
 with (f) { g = function() { return } } }
@if (@x) y @end
new this["z"](1), typeof q === "r" >>> 2