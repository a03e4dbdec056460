"""A material cut in two: the exemplar, all that a method under test may see, and the reference it is held to."""

import numpy as np

from texgan_core.materials import Material

SIZE = 512
"""Pixels a side of the pictures that the figures are usually taken of."""


def is_cut(material: Material, size: int = SIZE) -> bool:
    """Whether both halves would hold a picture of size x size; a smaller material stays whole."""
    return max(material.stack.shape[1:]) >= 2 * size


def halves(material: Material, size: int = SIZE) -> tuple[Material, Material]:
    """Exemplar and reference, cut across the longer side; twice the whole if it is too small to be cut."""
    if not is_cut(material, size):
        return material, material
    stack = material.stack
    axis = 1 if stack.shape[1] >= stack.shape[2] else 2
    first, second = np.split(stack, [stack.shape[axis] // 2], axis)
    return Material(material.name, first, material.known), Material(material.name, second, material.known)
