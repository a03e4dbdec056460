"""Animations in the material's image nodes."""

import json
from types import SimpleNamespace

import bpy
import numpy as np
import pytest
from PIL import Image

from .looking import image_nodes


def test_frames_are_saved_and_played(texgan, material, tmp_path):
    texgan.maps = {"base_color", "height"}
    assert bpy.ops.texgan.animate(directory=str(tmp_path / "loop"), frames=4, styles=1) == {"FINISHED"}
    names = sorted(path.name for path in (tmp_path / "loop").iterdir())
    assert names == sorted(f"Material_{word}_000{n}.png" for word in ("basecolor", "height") for n in (1, 2, 3, 4))
    node = image_nodes(material)["base_color"]
    assert node.image.source == "SEQUENCE" and node.image.filepath.endswith("Material_basecolor_0001.png")
    user = node.image_user
    assert (user.frame_duration, user.use_cyclic, user.use_auto_refresh) == (4, True, True)
    assert image_nodes(material)["height"].image.colorspace_settings.name == "Non-Color"


def test_frames_are_as_wide_as_wanted_and_move_with_the_file(texgan, material, tmp_path):
    texgan.maps = {"base_color"}
    texgan.metres = 2
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    bpy.ops.texgan.animate(directory=str(tmp_path / "loop"), frames=2, styles=1)
    mapping = next(node for node in material.node_tree.nodes if node.type == "MAPPING")
    assert mapping.inputs["Scale"].default_value[:] == (0.5, 1.0, 1.0)  # 128 x 64
    assert image_nodes(material)["base_color"].image.filepath == "//loop/Material_basecolor_0001.png"


def test_the_first_frame_is_the_texture_itself(texgan, material, tmp_path):
    texgan.maps = {"base_color"}
    bpy.ops.texgan.generate()
    bpy.ops.texgan.export(directory=str(tmp_path))
    still = np.asarray(Image.open(tmp_path / "Material_basecolor.png"))
    bpy.ops.texgan.animate(directory=str(tmp_path), frames=3)
    frames = [np.asarray(Image.open(tmp_path / f"Material_basecolor_000{n}.png")) for n in (1, 2, 3)]
    np.testing.assert_array_equal(frames[0], still)
    assert (frames[1] != frames[2]).any()


def test_a_cancelled_animation_leaves_nothing(room, texgan, material, tmp_path):
    asked = []
    request = room("settings").request(bpy.context)
    to = room("values").Destination(str(tmp_path), "a", overwrite=False)

    def cancel() -> bool:
        asked.append(1)
        return len(asked) > 20

    with pytest.raises(room("errors").UserError):
        room("engine").animate(request, 1, 50, to, lambda *_: None, cancel)
    assert not list(tmp_path.iterdir())


def test_the_material_s_own_record_is_animated(texgan, material, tmp_path):
    """The settings may have gone on to something else by then."""
    texgan.layout_seed, texgan.style_seed, texgan.maps = 7, 3, {"base_color"}
    bpy.ops.texgan.generate()
    bpy.ops.texgan.export(directory=str(tmp_path))
    still = np.asarray(Image.open(tmp_path / "Material_basecolor.png"))
    texgan.layout_seed, texgan.style_seed, texgan.width = 8, 0, 64
    bpy.ops.texgan.animate(directory=str(tmp_path), frames=2, styles=1)
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "Material_basecolor_0001.png")), still)
    record = json.loads(material["texgan_record"])
    assert (record["layout_seed"], record["style_seed"], record["styles"], record["moment"]) == (7, 3, [4], 0)


def test_what_was_not_generated_is_animated_by_the_settings(texgan, material, tmp_path):
    texgan.maps, texgan.layout_seed = {"base_color"}, 1
    material["texgan_record"] = json.dumps({"source": "Photo", "tiled": {"x": True, "y": True}})
    bpy.ops.texgan.animate(directory=str(tmp_path), frames=2)
    assert json.loads(material["texgan_record"])["layout_seed"] == 1 and material["texgan_seam"]


@pytest.mark.parametrize("form", ["png", "png16"])
def test_saved_is_the_first_frame_and_it_is_said(room, texgan, material, tmp_path, form):
    texgan.maps = {"base_color"}
    bpy.ops.texgan.animate(directory=str(tmp_path / "loop"), frames=2)
    chosen = {"overwrite": False, "packing": "none", "directx": False, "format": form}
    operator = SimpleNamespace(folder=lambda: str(tmp_path), **chosen)
    work, deliver = room("output").TEXGAN_OT_export.start(operator, bpy.context)
    assert "the first frame" in deliver(work(lambda *_: None, lambda: False))
    saved = np.asarray(Image.open(tmp_path / "Material_basecolor.png")).astype(float)
    frame = np.asarray(Image.open(tmp_path / "loop" / "Material_basecolor_0001.png")).astype(float)
    assert np.abs(saved - frame).max() <= 1


def test_no_file_is_overwritten_unless_it_is_wanted(texgan, material, tmp_path):
    texgan.maps = {"base_color"}
    taken = tmp_path / "Material_basecolor_0002.png"
    taken.write_text("mine")
    with pytest.raises(RuntimeError, match=f"{taken.name} is there already"):
        bpy.ops.texgan.animate(directory=str(tmp_path), frames=2)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"] and not image_nodes(material)
    assert bpy.ops.texgan.animate(directory=str(tmp_path), frames=2, overwrite=True) == {"FINISHED"}
    assert Image.open(taken).size == (128, 64)


def test_what_cannot_be_animated_is_said(texgan, material, tmp_path):
    with pytest.raises(RuntimeError, match="Choose the folder"):
        bpy.ops.texgan.animate()
    (tmp_path / "file").write_text("")
    with pytest.raises(RuntimeError, match="cannot be written"):
        bpy.ops.texgan.animate(directory=str(tmp_path / "file"), frames=2)
    assert not image_nodes(material)


def test_a_frame_s_record_makes_the_frame_again(texgan, material, tmp_path):
    texgan.maps = {"base_color"}
    bpy.ops.texgan.animate(directory=str(tmp_path), frames=3)
    bpy.ops.texgan.generate()
    record = json.loads(material["texgan_record"])
    material["texgan_record"] = json.dumps(record | {"styles": [1, 2], "moment": 1 / 3})
    bpy.ops.texgan.regenerate()
    frame = np.asarray(Image.open(tmp_path / "Material_basecolor_0002.png"))
    bpy.ops.texgan.export(directory=str(tmp_path))
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "Material_basecolor.png")), frame)
