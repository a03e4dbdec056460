"""The strip of variations."""

import bpy
import numpy as np
import pytest

from .looking import image_nodes, pixels


@pytest.fixture
def variations(room, texgan, material):
    yield room("variations")
    room("variations").shown.clear()


def test_they_differ_in_the_chosen_seed(texgan, variations):
    texgan.layout_seed, texgan.style_seed = 11, 12
    for vary, kept in (("LAYOUT", (None, 12)), ("STYLE", (11, None)), ("BOTH", (None, None))):
        texgan.vary = vary
        assert bpy.ops.texgan.variations() == {"FINISHED"}
        for own, index in zip(kept, (0, 1), strict=True):
            seeds = {(v.layout_seed, v.style_seed)[index] for v in variations.shown}
            assert len(variations.shown) == 6 and len(seeds) == (1 if own else 6) and (own is None or seeds == {own})


def test_a_taken_one_makes_what_its_picture_shows(texgan, variations, material):
    texgan.width = texgan.height = 128
    bpy.ops.texgan.variations()
    assert bpy.ops.texgan.take_variation(number=2) == {"FINISHED"}
    taken = variations.shown[2]
    assert (texgan.layout_seed, texgan.style_seed) == (taken.layout_seed, taken.style_seed)
    made = pixels(image_nodes(material)["base_color"].image)[::-1]
    np.testing.assert_allclose(taken.rgba.reshape(128, 128, 4), made, atol=0.003)


def test_what_cannot_be_made_is_not_taken(texgan, variations, material):
    """The seeds come with the textures."""
    bpy.ops.texgan.variations()
    tree = material.node_tree
    emission = tree.nodes.new("ShaderNodeEmission")
    tree.links.new(emission.outputs[0], tree.nodes["Material Output"].inputs["Surface"])
    tree.nodes.remove(tree.nodes["Principled BSDF"])
    seeds = texgan.layout_seed, texgan.style_seed
    with pytest.raises(RuntimeError, match="no Principled BSDF"):
        bpy.ops.texgan.take_variation(number=2)
    assert (texgan.layout_seed, texgan.style_seed) == seeds


def test_pictures_are_where_the_panel_finds_them(texgan, variations):
    bpy.ops.texgan.variations()
    preview = variations._pictures["0"]
    shown = np.empty(128 * 128 * 4, np.float32)
    preview.image_pixels_float.foreach_get(shown)
    np.testing.assert_allclose(shown, variations.shown[0].rgba, atol=0.01)
    variations.icon(5)  # a number that only a window has


def test_there_is_none_of_that_number(texgan, variations):
    with pytest.raises(RuntimeError, match="no variation 3"):
        bpy.ops.texgan.take_variation(number=3)


def test_they_go_when_anything_but_the_seeds_changes(texgan, variations):
    made = variations.shown
    bpy.ops.texgan.variations()
    texgan.layout_seed += 1
    assert made
    texgan.width *= 2
    assert not made


def test_they_go_with_another_file_of_other_settings(texgan, variations):
    bpy.ops.texgan.variations()
    bpy.ops.wm.read_homefile(use_empty=True)
    assert not variations.shown
