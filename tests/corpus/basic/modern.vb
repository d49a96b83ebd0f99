Dim f = Function(a, b) a + b
Dim t As New Thread(Sub()
  q()
 End Sub)
x = If(a, b, c) ?? d
y = CType(a, List(Of T)).M(DirectCast(b, T()))
z = $"a{b,5:N2}{{c}}" & <a b=<%= c %>><%= d %></a>
q = From v In w Where v.A Select v.B
Await g() : Yield 1
For i As Integer = 0 To 1
For j = 0 To 1
Next j, i
AddHandler a.B, AddressOf C
#If D Then
<a> Async Function I() As Task(Of T)
