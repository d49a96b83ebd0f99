Imports A.B, C = D.E
<WebService(Namespace:="x")> _
Public Class F
 Inherits G
 Implements IH
 Private Shared a As String = "b", c, d As Integer, e() As Byte = {1, 2}
 Property P As Integer = 3
 ReadOnly Property Q(i As Integer) As T
  Get
   Return i
  End Get
 End Property
 Declare Auto Function V Lib "k" Alias "v" (ByVal a As IntPtr) As IntPtr
 Sub s(ByVal a As Object, Optional b As Integer = 1) Handles Me.Load, x.Click
  Using r As New T(f) With {.A = 1}, q = g()
  End Using
  Try
   Throw New X("y")
  Catch ex As Y When z
  Finally
  End Try
  a &= b : c += 1
 End Sub
End Class
