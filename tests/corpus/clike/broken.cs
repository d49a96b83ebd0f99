if (a) { b(; c) } } else { d( { e = "f
 g }}} class H { void i( { € $"{j