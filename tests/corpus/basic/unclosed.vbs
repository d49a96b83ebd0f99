Do
For i=1 To 2With a
If b Then If c Then d Else e Else f
Select Case