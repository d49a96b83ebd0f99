#if A
int x;
#else
int y;
#endif
#region "z
