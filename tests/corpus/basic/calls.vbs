a (b), c
d.e(f) & g, h
i j, , -1 : Call k(l) : m &H41
n(1)(2).o!p = q & _
 r & "s""t" & #1/2/2003#
x=a&b&"c"&hff
