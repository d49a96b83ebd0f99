Class a
 Private b()
 Public Default Property Get c(d)
  c = b(d)
 End Property
 Property Let c(d, e): b(d) = e: End Property
 Sub Class_Initialize: ReDim b(3): ReDim Preserve b(4): Erase b: End Sub
End Class
Set x = New a
Const y = &HFFFF&, z = 1.5e3
