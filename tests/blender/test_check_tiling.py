"""Whether a picture tiles is told before anything is done to it."""

import re

import bpy
import numpy as np
import pytest

from texgan_core.pictures import write_picture

SIZE = (96, 64)


def wave(length: int, tiles: bool) -> np.ndarray:
    """One that meets itself, or not; at its ends it is neither flat nor at its steepest."""
    return np.sin(2 * np.pi * (np.arange(length) / length * (1 if tiles else 0.7) + 1 / 8))


@pytest.fixture
def show(material, tmp_path):
    """Let the material show a picture that tiles in x and y or not."""

    def show(x: bool, y: bool) -> bpy.types.Node:
        grey = 0.5 + 0.2 * (wave(SIZE[0], x) + wave(SIZE[1], y)[:, None])
        write_picture(tmp_path / "waves.png", np.dstack([grey] * 3))
        node = material.node_tree.nodes.new("ShaderNodeTexImage")
        node.image = bpy.data.images.load(str(tmp_path / "waves.png"))
        socket = material.node_tree.nodes["Principled BSDF"].inputs["Base Color"]
        material.node_tree.links.new(node.outputs["Color"], socket)
        return node

    return show


@pytest.mark.parametrize(
    ("tiles", "said"),
    [
        ((True, True), r"waves\.png: tiles left and right \(seam [01]\.\d\d\) and top and bottom \([01]\.\d\d\)"),
        ((True, False), r"waves\.png: tiles left and right \(seam [01]\.\d\d\); top and bottom do not meet \(\d\d\."),
        ((False, True), r"waves\.png: left and right do not meet \(seam \d\d\..*\); tiles top and bottom \([01]\."),
        ((False, False), r"waves\.png: left and right do not meet \(seam \d\d\..*\), nor top and bottom \(\d\d\."),
    ],
)
def test_each_axis_is_told(show, capfd, tiles, said):
    show(*tiles)
    assert bpy.ops.texgan.check_tiling() == {"FINISHED"}
    assert re.search(said, capfd.readouterr().out)


def test_it_agrees_with_what_improving_finds(texgan, material, show, room, capfd):
    show(True, False)
    bpy.ops.texgan.check_tiling()
    assert "tiles left and right" in capfd.readouterr().out
    texgan.complete = False
    bpy.ops.texgan.improve()
    assert "Tiled in x before" in room("records").describe(material["texgan_record"])


def test_the_file_stays_as_it_is(material, show, room, tmp_path):
    node = show(False, False)
    image, before = node.image, kept()
    bpy.ops.texgan.check_tiling()
    assert kept() == before and node.image == image and not list(material.keys()) and not list(image.keys())
    operator = room("improving").TEXGAN_OT_check_tiling
    assert operator.undo == "" and "UNDO" not in operator.bl_options, "so no step back is needed"


def kept() -> list[str]:
    """All that is in the file."""
    kinds = (bpy.data.images, bpy.data.materials, bpy.data.scenes, bpy.data.objects)
    return [repr(block) for kind in kinds for block in kind]


def test_a_picture_alone_is_checked_in_the_active_node(material, show, capfd):
    node, tree = show(True, True), material.node_tree
    tree.nodes.remove(tree.nodes["Principled BSDF"])
    tree.nodes.active = tree.get_output_node("ALL")
    with pytest.raises(RuntimeError, match="no picture as its base color"):
        bpy.ops.texgan.check_tiling()
    tree.nodes.active = node
    assert bpy.ops.texgan.check_tiling() == {"FINISHED"}
    assert "waves.png: tiles left and right" in capfd.readouterr().out


def test_what_is_no_picture_any_more_is_said(material, show, tmp_path):
    show(True, True)
    (tmp_path / "waves.png").write_bytes(b"no picture")
    with pytest.raises(RuntimeError, match="cannot be read"):
        bpy.ops.texgan.check_tiling()
