"""Helpers to look at what the extension left in Blender."""

import bpy
import numpy as np


def pixels(image: bpy.types.Image) -> np.ndarray:
    """(height, width, 4), the first row at the top."""
    flat = np.empty(image.size[0] * image.size[1] * 4, np.float32)
    image.pixels.foreach_get(flat)
    return flat.reshape(image.size[1], image.size[0], 4)[::-1]


def image_nodes(material: bpy.types.Material) -> dict[str, bpy.types.Node]:
    """Image nodes by the map they show."""
    return {n["texgan_map"]: n for n in material.node_tree.nodes if "texgan_map" in n}


def set_pixels(material: bpy.types.Material) -> dict[str, np.ndarray]:
    return {name: pixels(node.image) for name, node in image_nodes(material).items()}


def same(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)
