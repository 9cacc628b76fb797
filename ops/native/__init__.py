"""The C++ kernels on the CPU: the backend, and how its library is built, loaded and tested.

Of `ops` it imports `base` and itself, so that every operation can import its backend from here.
"""
