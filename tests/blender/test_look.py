"""How it looks: sliders, and going some of the way to another model."""

import json

import bpy
import numpy as np
import pytest

from texgan_core.look import RANGES, Look

from .looking import image_nodes, pixels


def record(material):
    return json.loads(material["texgan_record"])


def color(material) -> np.ndarray:
    return pixels(image_nodes(material)["base_color"].image)[..., :3]


def test_sliders_are_those_of_the_core(room, texgan):
    assert tuple(RANGES) == room("settings").LOOK
    for name, (lowest, highest) in RANGES.items():
        slider = texgan.bl_rna.properties[name]
        assert (slider.hard_min, slider.hard_max, slider.default) == (lowest, highest, getattr(Look(), name))


def test_a_slider_changes_the_maps_and_is_recorded(texgan, material):
    bpy.ops.texgan.generate()
    plain = color(material)
    texgan.lightness = 0.4
    bpy.ops.texgan.generate()
    lit = color(material)
    assert (lit - plain).mean() > 0.1
    assert record(material)["look"]["lightness"] == pytest.approx(0.4)
    bpy.ops.texgan.reset_look()
    assert texgan.lightness == 0
    bpy.ops.texgan.regenerate()
    np.testing.assert_array_equal(color(material), lit)


def test_a_blend_is_made_and_made_again(texgan, material):
    texgan.model, texgan.blend, texgan.blend_share = "Bricks097-noise", "Grass004-noise", 0.25
    texgan.width = texgan.height = 128
    bpy.ops.texgan.generate()
    assert record(material)["blend"]["model"] == "Grass004-noise"
    before = color(material)
    texgan.property_unset("blend")
    bpy.ops.texgan.generate()
    assert record(material)["blend"] is None and (color(material) != before).any()


@pytest.mark.parametrize("wrong", [{"joints": "Grass004"}, {"blend": {"model": "Tiny", "share": "half"}}, {"look": 3}])
def test_a_damaged_record_is_said(texgan, material, wrong):
    bpy.ops.texgan.generate()
    material["texgan_record"] = json.dumps(record(material) | wrong)
    with pytest.raises(RuntimeError, match=r"damaged; generate anew|not a record"):
        bpy.ops.texgan.regenerate()
