x = “a” ’ c
Ｄim y z = "a
b"
