"""The product with a triangle, which numpy does not offer: half the work of a full one.

scipy publishes the addresses of its BLAS for compiled code; called by address, other threads run meanwhile, which
scipy's own wrapper does not let them.
"""

import ctypes
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LEFT, _LOWER, _AS_IT_IS, _ANY_DIAGONAL = b"L", b"L", b"N", b"N"


def multiply_by_upper(rows: NDArray[np.float64], upper: NDArray[np.float64]) -> None:
    """Replace ``rows`` (n, size) by ``rows @ upper``; ``upper`` (size, size) is taken as 0 below its diagonal.

    Raises ValueError for arrays of other shapes, types or layouts than contiguous float64.
    """
    size = len(upper)
    if upper.shape != (size, size) or rows.ndim != 2 or rows.shape[1] != size:
        raise ValueError(f"rows {rows.shape} do not fit a triangle {upper.shape}")
    for array in (rows, upper):
        if array.dtype != np.float64 or not array.flags.c_contiguous:
            raise ValueError("rows and triangle must be contiguous float64")
    if not rows.flags.writeable:
        raise ValueError("rows are replaced and must be writeable")
    # Seen by columns, as BLAS does, the arrays are transposed: upper is a lower triangle, applied from the left.
    count, order, one = ctypes.c_int(len(rows)), ctypes.c_int(size), ctypes.c_double(1.0)
    n, m, alpha = ctypes.byref(count), ctypes.byref(order), ctypes.byref(one)
    triangle, target = ctypes.c_void_p(upper.ctypes.data), ctypes.c_void_p(rows.ctypes.data)
    _dtrmm()(_LEFT, _LOWER, _AS_IT_IS, _ANY_DIAGONAL, m, n, alpha, triangle, m, target, m)


@cache
def _dtrmm() -> Any:
    from scipy.linalg import cython_blas

    capsule = cython_blas.__pyx_capi__["dtrmm"]
    name_of = ctypes.PYFUNCTYPE(ctypes.c_char_p, ctypes.py_object)(("PyCapsule_GetName", ctypes.pythonapi))
    address_of = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
        ("PyCapsule_GetPointer", ctypes.pythonapi)
    )
    prototype = ctypes.CFUNCTYPE(None, *[ctypes.c_char_p] * 4, *[ctypes.c_void_p] * 7)
    return prototype(address_of(capsule, name_of(capsule)))
