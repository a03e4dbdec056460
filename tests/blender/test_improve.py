"""Pictures that a material already shows, made better."""

from pathlib import Path

import bpy
import numpy as np
import pytest
from PIL import Image

from texgan_core.measure import seam
from texgan_core.pictures import to_linear, write_picture

from .looking import image_nodes, pixels

WALL = Path(__file__).parents[1] / "assets" / "Bricks097" / "Bricks097_1K-JPG_Color.jpg"
SIZE = (240, 200)


@pytest.fixture
def shown(texgan, material, tmp_path):
    """The material shows a part of a wall that does not tile, and is to be kept whole."""
    texgan.crop = False
    wall = bpy.data.images.load(str(WALL))
    part = np.tile(pixels(wall), (3, 3, 1))[10 : 10 + SIZE[1], 5 : 5 + SIZE[0]]
    image = bpy.data.images.new("Photo", *SIZE)
    image.pixels.foreach_set(np.ascontiguousarray(part[::-1], np.float32).ravel())
    image.filepath_raw, image.file_format = str(tmp_path / "photo.png"), "PNG"
    image.save()
    tree = material.node_tree
    node = tree.nodes.new("ShaderNodeTexImage")
    node.image = image
    tree.links.new(node.outputs["Color"], tree.nodes["Principled BSDF"].inputs["Base Color"])
    return node


def test_a_photo_tiles_and_is_kept(texgan, material, shown):
    photo = shown.image
    before = pixels(photo)
    texgan.complete = False
    assert bpy.ops.texgan.improve() == {"FINISHED"}
    assert set(image_nodes(material)) == {"base_color"} and image_nodes(material)["base_color"] == shown
    improved = pixels(shown.image)[..., :3]
    assert shown.image != photo and shown.image.packed_file is not None
    assert max(seam(before[..., :3])) > 1.5 > max(seam(improved))
    np.testing.assert_array_equal(pixels(photo), before)
    middle = (slice(60, 140), slice(60, 180))
    np.testing.assert_allclose(improved[middle], before[..., :3][middle], atol=1e-6)


def test_what_repeats_is_cropped_so_that_it_meets(texgan, material, shown):
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]]
    floor = np.where((rows % 36 < 4) | (columns % 52 < 5), 0.8, 0.3)[..., None] * np.ones(4)
    floor[..., :3] += np.random.default_rng(0).uniform(-0.05, 0.05, (*floor.shape[:2], 3))
    shown.image.pixels.foreach_set(np.ascontiguousarray(floor, np.float32).ravel())
    shown.image.pack()
    texgan.complete, texgan.crop = False, True
    bpy.ops.texgan.improve()
    assert tuple(shown.image.size) == (208, 180)
    assert records_of(material)[0] == "Material, cropped, seamless"
    texgan.crop = False
    bpy.ops.texgan.improve()
    assert tuple(shown.image.size) == SIZE


def test_a_larger_map_keeps_its_size_and_its_middle(texgan, material, shown):
    color = pixels(shown.image)[..., 0]
    image = bpy.data.images.new("Rough", SIZE[0] * 2, SIZE[1] * 2)
    rough = np.dstack([color.repeat(2, 0).repeat(2, 1)] * 3 + [np.ones((SIZE[1] * 2, SIZE[0] * 2))])
    image.colorspace_settings.name = "Non-Color"
    image.pixels.foreach_set(np.ascontiguousarray(rough[::-1], np.float32).ravel())
    image.pack()
    tree = material.node_tree
    node = tree.nodes.new("ShaderNodeTexImage")
    node.image = image
    tree.links.new(node.outputs["Color"], tree.nodes["Principled BSDF"].inputs["Roughness"])
    before, texgan.complete = pixels(image), False
    assert bpy.ops.texgan.improve() == {"FINISHED"}
    improved = pixels(node.image)
    assert node.image != image and improved.shape[:2] == (SIZE[1] * 2, SIZE[0] * 2)
    assert pixels(shown.image).shape[:2] == (SIZE[1], SIZE[0])
    middle = (slice(120, 280), slice(120, 360))
    np.testing.assert_allclose(improved[middle][..., 0], before[middle][..., 0], atol=1e-6)
    assert max(seam(improved[..., 0])) < 1.5 < max(seam(before[..., 0]))


def test_before_and_after(texgan, material, shown):
    with pytest.raises(RuntimeError, match="no improved pictures"):
        bpy.ops.texgan.before_after()
    photo, texgan.complete = shown.image, False
    bpy.ops.texgan.improve()
    improved = shown.image
    bpy.ops.texgan.before_after()
    assert shown.image == photo
    bpy.ops.texgan.before_after()
    assert shown.image == improved


def test_a_picture_as_openexr_is_improved_too(texgan, material, shown, tmp_path):
    texgan.complete = False
    photo = pixels(shown.image)[..., :3]
    write_picture(tmp_path / "photo.exr", to_linear(photo), 32)
    shown.image = bpy.data.images.load(str(tmp_path / "photo.exr"))
    assert bpy.ops.texgan.improve() == {"FINISHED"}
    middle = (slice(60, 140), slice(60, 180))
    np.testing.assert_allclose(pixels(shown.image)[..., :3][middle], photo[middle], atol=0.005)


def show(material, socket: str, path: Path, output: str = "Color", color_space: str = "Non-Color"):
    """A node that shows a file in an input of the Principled BSDF."""
    tree = material.node_tree
    node = tree.nodes.new("ShaderNodeTexImage")
    node.image = bpy.data.images.load(str(path))
    node.image.colorspace_settings.name = color_space
    tree.links.new(node.outputs[output], tree.nodes["Principled BSDF"].inputs[socket])
    return node


def test_sixteen_bits_stay(texgan, material, shown, tmp_path):
    """Of what does not change, every level; in what is made anew in a region, outside it."""
    deep = np.random.default_rng(0).random((SIZE[1], SIZE[0]))
    write_picture(tmp_path / "rough.png", deep, 16)
    node = show(material, "Roughness", tmp_path / "rough.png")
    before, texgan.complete = pixels(node.image)[..., 0], False
    bpy.ops.texgan.improve()
    middle = (slice(60, 140), slice(60, 180))
    np.testing.assert_array_equal(pixels(node.image)[..., 0][middle], before[middle])
    assert pixels(shown.image).shape[2] >= 3 and not shown.image.is_float, "eight bits stay eight"
    before = pixels(node.image)[..., 0]
    mask = bpy.data.images.new("Mask", *SIZE)
    values = np.zeros((SIZE[1], SIZE[0], 4), np.float32)
    values[20:90, 20:90] = 1
    mask.pixels.foreach_set(values.ravel())
    texgan.region = mask
    bpy.ops.texgan.reroll_region()
    outside = values[::-1, :, 0] == 0
    np.testing.assert_array_equal(pixels(node.image)[..., 0][outside], before[outside])


def test_a_cutout_stays_one(texgan, material, shown, tmp_path):
    photo = pixels(shown.image)[..., :3]
    opacity = (photo.mean(2) > 0.4).astype(np.float32)
    write_picture(tmp_path / "leaf.png", np.dstack([photo, opacity]))
    shown.image = bpy.data.images.load(str(tmp_path / "leaf.png"))
    shown.image.alpha_mode = "CHANNEL_PACKED"
    material.node_tree.links.new(shown.outputs["Alpha"], material.node_tree.nodes["Principled BSDF"].inputs["Alpha"])
    texgan.complete = False
    bpy.ops.texgan.improve()
    made = pixels(shown.image)
    assert shown.image.alpha_mode == "CHANNEL_PACKED"
    middle = (slice(60, 140), slice(60, 180))
    np.testing.assert_array_equal(made[middle][..., 3], opacity[middle])
    assert 0.05 < made[..., 3].mean() < 0.95 and (made[..., 3] != opacity).any()


def test_a_photo_that_a_camera_marked_as_turned_is_as_blender_shows_it(texgan, material, shown, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = Image.fromarray(np.round(pixels(shown.image)[..., :3] * 255).astype(np.uint8))
    stored.save(tmp_path / "phone.jpg", exif=exif, quality=95)
    shown.image = bpy.data.images.load(str(tmp_path / "phone.jpg"))
    before = pixels(shown.image)[..., :3]
    texgan.region = bpy.data.images.new("Mask", *SIZE)
    values = np.zeros((SIZE[1], SIZE[0], 4), np.float32)
    values[20:90, 20:90] = 1
    texgan.region.pixels.foreach_set(values.ravel())
    assert bpy.ops.texgan.reroll_region() == {"FINISHED"}
    outside = values[::-1, :, 0] == 0
    np.testing.assert_allclose(pixels(shown.image)[..., :3][outside], before[outside], atol=0.02)


def test_missing_maps_are_estimated(texgan, material, shown):
    texgan.maps = {"base_color", "normal", "roughness", "height"}
    bpy.ops.texgan.improve()
    nodes = image_nodes(material)
    assert set(nodes) == {"base_color", "normal", "roughness", "height"}
    assert all(tuple(node.image.size) == SIZE for node in nodes.values())
    assert nodes["normal"].image.colorspace_settings.name == "Non-Color"
    assert pixels(nodes["normal"].image)[..., 2].mean() > 0.7, "normals point out of the surface"


def test_estimated_maps_are_marked(texgan, material, shown):
    texgan.maps = {"base_color", "normal", "roughness"}
    bpy.ops.texgan.improve()
    nodes = image_nodes(material)
    assert records_of(material)[1] == "Estimated: Normal, Roughness"
    assert nodes["base_color"].label == "Base Color" and nodes["normal"].label == "Normal (estimated)"
    nodes["roughness"].label = "Mine"
    bpy.ops.texgan.generate()
    assert nodes["normal"].label == "Normal" and nodes["roughness"].label == "Mine"


def test_what_was_estimated_stays_marked_when_a_region_is_made_anew(texgan, material, shown):
    texgan.maps = {"base_color", "normal", "roughness"}
    bpy.ops.texgan.improve()
    nodes = image_nodes(material)
    paint(nodes["roughness"].image, slice(0, 9), slice(0, 9))
    nodes["roughness"].image.pack()
    guess = nodes["normal"].image
    mark(texgan, (slice(60, 130), slice(80, 160)))
    for seed in (1, 2):
        texgan.border_seed = seed
        bpy.ops.texgan.reroll_region()
        assert records_of(material)[1] == "Estimated: Normal", "the other is the painter's by now"
        assert nodes["normal"].label == "Normal (estimated)" and nodes["roughness"].label == "Roughness"
    assert nodes["normal"].image != guess
    bpy.ops.texgan.before_after()
    assert nodes["normal"].image == guess
    bpy.ops.texgan.before_after()
    texgan.close = "both"
    bpy.ops.texgan.improve()
    assert records_of(material)[1] == "Estimated: Normal"


def mark(texgan, place):
    """A mask over a place, rows from the top."""
    values = np.zeros((SIZE[1], SIZE[0], 4), np.float32)
    values[place] = 1
    texgan.region = bpy.data.images.new("Mask", *SIZE)
    texgan.region.pixels.foreach_set(np.ascontiguousarray(values[::-1]).ravel())


def test_what_drives_other_inputs_is_left_alone(texgan, material, shown):
    tree = material.node_tree
    principled = tree.nodes["Principled BSDF"]
    ramp, bump = tree.nodes.new("ShaderNodeValToRGB"), tree.nodes.new("ShaderNodeBump")
    tree.links.new(shown.outputs[0], ramp.inputs["Fac"])
    tree.links.new(ramp.outputs[0], principled.inputs["Roughness"])
    tree.links.new(shown.outputs[0], bump.inputs["Height"])
    tree.links.new(bump.outputs[0], principled.inputs["Normal"])
    tree.links.new(tree.nodes.new("ShaderNodeTexNoise").outputs[0], principled.inputs["Metallic"])
    texgan.maps = {"base_color", "normal", "roughness", "height", "metallic"}
    bpy.ops.texgan.improve()
    assert set(image_nodes(material)) == {"base_color", "normal"}, "behind the bump, nothing gave normals"
    assert principled.inputs["Roughness"].links[0].from_node == ramp
    assert bump.inputs["Height"].links[0].from_node == shown
    assert principled.inputs["Metallic"].links[0].from_node.type == "TEX_NOISE"
    assert not tree.nodes["Material Output"].inputs["Displacement"].is_linked


@pytest.fixture
def packed(material, shown, tmp_path):
    """Ambient occlusion, roughness and metallic in one picture beside the photo, as glTF has it."""
    color = pixels(shown.image)[..., :3]
    together = np.stack([color[..., 0], 1 - color[..., 1], np.full(color.shape[:2], 0.2)], 2)
    write_picture(tmp_path / "orm.png", together, 8)
    tree = material.node_tree
    node, parts = tree.nodes.new("ShaderNodeTexImage"), tree.nodes.new("ShaderNodeSeparateColor")
    node.image = bpy.data.images.load(str(tmp_path / "orm.png"))
    node.image.colorspace_settings.name = "Non-Color"
    tree.links.new(node.outputs["Color"], parts.inputs["Color"])
    tree.links.new(parts.outputs["Green"], tree.nodes["Principled BSDF"].inputs["Roughness"])
    tree.links.new(parts.outputs["Blue"], tree.nodes["Principled BSDF"].inputs["Metallic"])
    return node


def test_maps_in_one_picture_stay_in_it_and_in_step(texgan, material, shown, packed, tmp_path):
    texgan.maps = {"base_color", "normal", "roughness", "metallic", "ambient_occlusion"}
    before, photo, links = pixels(packed.image), shown.image, len(material.node_tree.links)
    bpy.ops.texgan.improve()
    assert set(image_nodes(material)) == {"base_color", "normal"}, "only normals were not there at all"
    assert len(material.node_tree.links) - links == 2, "the new normal map, and nothing else"
    assert packed.image.name == "Material Ambient Occlusion, Roughness, Metallic"
    made = pixels(packed.image)[..., :3]
    assert max(seam(made)) < 1.5 < max(seam(before[..., :3]))
    np.testing.assert_allclose(made[60:140, 60:180], before[60:140, 60:180, :3], atol=1e-6)
    assert abs(made[..., 2] - 0.2).max() < 0.1
    assert bpy.ops.texgan.export(directory=str(tmp_path / "out")) == {"FINISHED"}
    saved = pixels(bpy.data.images.load(str(tmp_path / "out" / "Material_roughness.png")))
    np.testing.assert_allclose(saved[..., 0], made[..., 1], atol=1e-6)
    bpy.ops.texgan.before_after()
    assert shown.image == photo and (pixels(packed.image) == before).all()


def test_improving_twice_keeps_what_was_there_at_first(texgan, material, shown):
    photo, texgan.complete = shown.image, False
    bpy.ops.texgan.improve()
    texgan.close, texgan.even = "none", 0.5
    bpy.ops.texgan.improve()
    twice = shown.image
    bpy.ops.texgan.before_after()
    assert shown.image == photo
    bpy.ops.texgan.before_after()
    assert shown.image == twice


def test_an_improved_material_becomes_an_asset_without_a_licence(no_preview, texgan, material, shown):
    texgan.complete = False
    bpy.ops.texgan.improve()
    assert bpy.ops.texgan.mark_asset() == {"FINISHED"}
    assert material.asset_data.license == "" and material.asset_data.author == "Improved with TexGAN"


@pytest.mark.parametrize(("form", "suffix"), [("png", "png"), ("png16", "png"), ("exr", "exr")])
def test_improved_pictures_are_saved_as_they_are(texgan, material, shown, tmp_path, form, suffix):
    """No record makes them again, with whatever bits."""
    texgan.complete = False
    bpy.ops.texgan.improve()
    assert bpy.ops.texgan.export(directory=str(tmp_path), format=form) == {"FINISHED"}
    saved = bpy.data.images.load(str(tmp_path / f"Material_basecolor.{suffix}"))
    saved.colorspace_settings.name = "Non-Color"
    expected = pixels(shown.image)[..., :3]
    expected = to_linear(expected) if form == "exr" else expected
    np.testing.assert_allclose(pixels(saved)[..., :3], expected, atol=0.002)


def test_no_record_makes_improved_pictures_again_and_the_button_says_so(texgan, material, shown):
    texgan.complete = False
    assert bpy.ops.texgan.regenerate.poll()
    bpy.ops.texgan.improve()
    assert not bpy.ops.texgan.regenerate.poll()
    with pytest.raises(RuntimeError, match="go back by Before / After"):
        bpy.ops.texgan.regenerate()


def test_what_was_generated_is_kept_too(texgan, material):
    bpy.ops.texgan.generate()
    generated = image_nodes(material)["base_color"].image
    before = pixels(generated)
    texgan.close = "both"
    texgan.width = texgan.height = 128
    bpy.ops.texgan.generate()
    bpy.ops.texgan.improve()
    assert image_nodes(material)["base_color"].image != generated
    assert pixels(generated).shape != before.shape, "generating fills its own images; improving makes new ones"


def test_what_cannot_be_improved_is_said(texgan, material, shown):
    shown.image.pixels[0] = 0.5
    with pytest.raises(RuntimeError, match="save or pack it first"):
        bpy.ops.texgan.improve()
    shown.image = bpy.data.images.new("Blank", *SIZE)
    with pytest.raises(RuntimeError, match="Blank has no file; save or pack it first"):
        bpy.ops.texgan.improve()
    shown.image = None
    with pytest.raises(RuntimeError, match="no picture as its base color"):
        bpy.ops.texgan.improve()
    bpy.context.object.active_material = None
    with pytest.raises(RuntimeError, match="no material to improve"):
        bpy.ops.texgan.improve()


def test_it_is_enlarged_cleaned_and_says_so(texgan, material, shown):
    texgan.complete, texgan.close, texgan.enlarge, texgan.clean, texgan.even = False, "none", "2", 1.0, 0.5
    assert bpy.ops.texgan.improve() == {"FINISHED"}
    assert tuple(shown.image.size) == (SIZE[0] * 2, SIZE[1] * 2)
    assert records_of(material) == ["Material, cleaned, evenly lit, 2x as large", "Did not tile before"]


def records_of(material):
    from texgan_blender import records

    return records.describe(material["texgan_record"])


def paint(image, rows, columns):
    """As a brush would, rows from the top."""
    values = pixels(image).copy()
    values[rows, columns, :3] = (1, 0, 0)
    image.pixels.foreach_set(np.ascontiguousarray(values[::-1], np.float32).ravel())
    image.update()


def test_a_painted_region_is_made_anew_and_again(texgan, material, shown):
    photo, texgan.close = shown.image, "both"
    before = pixels(photo)
    assert bpy.ops.texgan.mark_region() == {"FINISHED"}
    assert texgan.region != photo and texgan.region.name == "Material Region"
    with pytest.raises(RuntimeError, match="region is empty"):
        bpy.ops.texgan.reroll_region()
    region = (slice(60, 130), slice(80, 160))
    paint(texgan.region, *region)
    assert bpy.ops.texgan.reroll_region() == {"FINISHED"}
    first = pixels(shown.image)
    texgan.border_seed = 5
    bpy.ops.texgan.reroll_region()
    second = pixels(shown.image)
    outside = np.ones(before.shape[:2], bool)
    outside[region] = False
    for made in (first, second):
        np.testing.assert_allclose(made[outside], before[outside], atol=1e-6)
    inner = (slice(80, 110), slice(100, 140))
    assert (first[inner] != before[inner]).mean() > 0.5 and (second[inner] != first[inner]).any()
    np.testing.assert_array_equal(pixels(photo), before)


def test_a_mask_marks_where_it_is_white(texgan, material, shown):
    before = pixels(shown.image)
    mask = bpy.data.images.new("Mask", *SIZE)
    values = np.zeros((SIZE[1], SIZE[0], 4), np.float32)
    values[20:90, 20:90] = 1
    mask.pixels.foreach_set(values.ravel())
    texgan.region = mask
    bpy.ops.texgan.reroll_region()
    changed = (pixels(shown.image) != before).any(2)
    assert changed.any() and not changed[values[::-1, :, 0] == 0].any()


def test_a_region_is_there_and_of_its_picture_s_size(texgan, material, shown):
    with pytest.raises(RuntimeError, match="There is no region"):
        bpy.ops.texgan.reroll_region()
    texgan.region = bpy.data.images.new("Small", 64, 64)
    with pytest.raises(RuntimeError, match="The region is 64 x 64, the picture 240 x 200"):
        bpy.ops.texgan.reroll_region()
    bpy.ops.texgan.mark_region()
    texgan.region.scale(120, 100)
    with pytest.raises(RuntimeError, match="was scaled; press Mark Region again"):
        bpy.ops.texgan.reroll_region()


def test_a_packed_picture_can_be_marked(texgan, material):
    bpy.ops.texgan.generate()
    bpy.ops.texgan.mark_region()
    np.testing.assert_array_equal(pixels(texgan.region), pixels(image_nodes(material)["base_color"].image))


def improved(material, **chosen):
    """What a fresh improvement of what is shown now gives: pixels by map."""
    for name, value in chosen.items():
        setattr(bpy.context.scene.texgan, name, value)
    assert bpy.ops.texgan.improve() == {"FINISHED"}
    return {name: pixels(node.image) for name, node in image_nodes(material).items()}


def test_improving_again_begins_with_the_original(texgan, material, shown):
    photo, once = shown.image, {"close": "auto", "even": 0.5, "enlarge": "1", "border_seed": 4}
    first = improved(material, **once, maps={"base_color", "normal"})
    larger = improved(material, enlarge="2", even=1.0)
    assert tuple(shown.image.size) == (SIZE[0] * 2, SIZE[1] * 2)
    assert improved(material, enlarge="2", complete=False)["normal"].shape == larger["normal"].shape, "x2, not x4"
    other = improved(material, **once | {"border_seed": 7})
    assert (other["base_color"] != first["base_color"]).any() and (other["normal"] != first["normal"]).any()
    again = improved(material, **once)
    for name, made in first.items():
        np.testing.assert_array_equal(again[name], made)
    bpy.ops.texgan.before_after()
    assert shown.image == photo
    again = improved(material, **once | {"border_seed": 7})
    np.testing.assert_array_equal(again["base_color"], other["base_color"])
    bpy.ops.texgan.before_after()
    assert shown.image == photo


def test_what_was_rerolled_or_painted_is_not_lost_by_improving(texgan, material, shown):
    photo, texgan.complete = shown.image, False
    texgan.region = bpy.data.images.new("Mask", *SIZE)
    values = np.zeros((SIZE[1], SIZE[0], 4), np.float32)
    values[70:130, 80:160] = 1
    texgan.region.pixels.foreach_set(values.ravel())
    improved(material)
    bpy.ops.texgan.reroll_region()
    rerolled, middle = pixels(shown.image), (slice(80, 110), slice(100, 140))
    for even in (0.5, 0.0):
        made = improved(material, even=even, close="both")
    np.testing.assert_allclose(made["base_color"][middle], rerolled[middle], atol=1e-6)
    paint(shown.image, *middle)
    shown.image.pack()
    made = improved(material)
    np.testing.assert_allclose(made["base_color"][middle][..., :3], np.broadcast_to((1, 0, 0), (30, 40, 3)), atol=0.01)
    bpy.ops.texgan.before_after()
    assert shown.image == photo


def test_where_nothing_is_to_be_done_that_is_said(texgan, material, shown):
    texgan.complete, texgan.close = False, "none"
    photo, count = shown.image, len(bpy.data.images)
    with pytest.raises(RuntimeError, match="Nothing would change"):
        bpy.ops.texgan.improve()
    assert shown.image == photo and len(bpy.data.images) == count


def mixed(material, first, second):
    """One picture times another as the base color."""
    tree = material.node_tree
    mix = tree.nodes.new("ShaderNodeMix")
    mix.data_type, mix.blend_type = "RGBA", "MULTIPLY"
    inputs = [socket for socket in mix.inputs if socket.type == "RGBA"]
    tree.links.new(first.outputs["Color"], inputs[0])
    tree.links.new(second.outputs["Color"], inputs[1])
    result = next(socket for socket in mix.outputs if socket.type == "RGBA")
    tree.links.new(result, tree.nodes["Principled BSDF"].inputs["Base Color"])


@pytest.mark.parametrize("is_first", [True, False])
def test_colours_are_told_from_the_occlusion_on_them_and_what_is_left_is_named(
    texgan, material, shown, tmp_path, is_first, capfd
):
    write_picture(tmp_path / "occlusion.png", pixels(shown.image)[..., 0])
    write_picture(tmp_path / "glow.png", pixels(shown.image)[..., :3])
    occlusion = show(material, "Alpha", tmp_path / "occlusion.png")
    glow = show(material, "Emission Color", tmp_path / "glow.png", color_space="sRGB")
    mixed(material, *((occlusion, shown) if is_first else (shown, occlusion)))
    photo, texgan.complete = shown.image, False
    assert bpy.ops.texgan.improve() == {"FINISHED"}
    assert shown.image != photo
    assert (occlusion.image.name, glow.image.name) == ("occlusion.png", "glow.png")
    said = capfd.readouterr().out
    assert "left as they were: " in said and {"occlusion.png", "glow.png"} == left_in(said)


def left_in(said: str) -> set[str]:
    return set(said.partition("left as they were: ")[2].splitlines()[0].split(", "))


def test_a_picture_alone_is_improved_in_the_active_node(texgan, material, shown):
    tree, photo = material.node_tree, shown.image
    emission = tree.nodes.new("ShaderNodeEmission")
    tree.nodes.remove(tree.nodes["Principled BSDF"])
    tree.links.new(shown.outputs["Color"], emission.inputs["Color"])
    tree.links.new(emission.outputs[0], tree.get_output_node("ALL").inputs["Surface"])
    tree.nodes.active = emission
    with pytest.raises(RuntimeError, match="no picture as its base color"):
        bpy.ops.texgan.improve()
    tree.nodes.active, count = shown, len(tree.nodes)
    assert bpy.ops.texgan.improve() == {"FINISHED"}
    assert len(tree.nodes) == count and shown.image != photo
    assert max(seam(pixels(shown.image)[..., :3])) < 1.5
    bpy.ops.texgan.before_after()
    assert shown.image == photo
