"""The operations as CUDA kernels, compiled at run time. Importing this package imports neither torch nor CUDA."""
