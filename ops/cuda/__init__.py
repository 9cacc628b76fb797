"""The operations as CUDA kernels, compiled at run time. Importing this package imports neither torch nor CUDA.

Of `ops` it imports `base` and itself; `cuda_backend` is what the operations import.
"""
