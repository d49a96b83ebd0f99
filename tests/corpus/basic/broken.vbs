Sub a(
If b Then
 x = "open
 y = (((1
End Sub
Else
Next
End Wend Loop
] } ) >> f
Class
