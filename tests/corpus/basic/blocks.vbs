If a Then b : c Else d
If a Then:e:f
If a Then
 b
ElseIf c Then
 Select Case d
 Case 1, 2 To 3, Is > 4: e
 Case Else f
 End Select
Else
 For i = 1 To 10 Step 2: g i: Next
 For Each k In l: m: Next
End If
Do Until a Is Nothing: b: Loop
Do: c: Loop While d
While e: f: Wend
With g: .h = .i: .j .k: End With
On Error Resume Next
