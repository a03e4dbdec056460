"""Folders of pictures and PBR sets into map stacks."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from texgan_core.errors import ImageError
from texgan_core.export import ExportOptions, export
from texgan_core.maps import CHANNELS, MAPS, picture_from_stack
from texgan_core.materials import MaterialFiles, find_materials, gathered, load_material, read_pictures
from texgan_core.pictures import read_color, to_linear, write_picture

ASSETS = Path(__file__).parents[1] / "assets"
SIDE = 64
RELIEF = np.sin(np.linspace(0, 4 * np.pi, SIDE, endpoint=False))[None, :].repeat(SIDE, 0)
RAMP = np.linspace(0, 1, SIDE)[:, None].repeat(SIDE, 1)
BASE = np.stack([RAMP, RAMP, 1 - RAMP], 2)
DOWN = np.full((SIDE, SIDE, 3), [0.5, 0.1, 0.8])  # as OpenGL, it faces down the picture


def put(folder: Path, **pictures: np.ndarray) -> Path:
    for name, picture in pictures.items():
        write_picture(folder / f"{name}.png", picture)
    return folder


def only_material(folder: Path):
    (files,) = find_materials(folder)
    return load_material(files)


def one_map(material, name: str) -> np.ndarray:
    return picture_from_stack(material.stack.astype(np.float32), name)


def test_three_real_sets_are_found_with_all_their_maps() -> None:
    found = {m.name: set(m.files) for m in find_materials(ASSETS)}
    usual = {"base_color", "normal", "roughness"}
    assert found == {
        "Bricks097": usual,
        "MetalPlates03": usual | {"metallic"},
        "Wicker004": usual | {"height", "ambient_occlusion"},
    }


def test_a_real_set_loads_as_it_was_photographed() -> None:
    material = load_material(find_materials(ASSETS / "Wicker004")[0])
    assert material.name == "Wicker004"
    assert material.stack.shape == (CHANNELS, 176, 176)
    assert material.stack.dtype == np.float16
    assert material.known == frozenset(MAPS)  # metallic: by its absence
    base = read_color(ASSETS / "Wicker004" / "wicker004_basecolor.jpg")
    np.testing.assert_allclose(one_map(material, "base_color"), base, atol=1e-3)
    assert one_map(material, "metallic").max() == 0
    assert one_map(material, "height").mean() == pytest.approx(0.5, abs=0.02)


def test_a_missing_height_is_integrated_from_the_normals(tmp_path: Path) -> None:
    slope = np.gradient(RELIEF * 4, axis=1)
    vectors = np.stack([-slope, np.zeros_like(slope), np.ones_like(slope)], 2)
    vectors /= np.linalg.norm(vectors, axis=2, keepdims=True)
    material = only_material(put(tmp_path, wall_color=BASE, wall_normal=vectors * 0.5 + 0.5))
    assert "height" in material.known
    assert np.corrcoef(one_map(material, "height").ravel(), RELIEF.ravel())[0, 1] > 0.99


def test_a_colour_alone_says_nothing_of_its_other_maps(tmp_path: Path) -> None:
    material = only_material(put(tmp_path, photo=BASE))
    assert material.name == "photo"
    assert material.known == {"base_color"}
    np.testing.assert_array_equal(material.known_flags(), [1, 0, 0, 0, 0, 0])


@pytest.mark.parametrize(("name", "green"), [("wall_normal_gl", 0.1), ("wall_normal_dx", 0.9), ("wall_normal", 0.1)])
def test_directx_normals_are_turned(tmp_path: Path, name: str, green: float) -> None:
    material = only_material(put(tmp_path, wall_color=BASE, **{name: DOWN}))
    assert one_map(material, "normal")[..., 1].mean() == pytest.approx(green, abs=0.02)


def test_opengl_normals_are_preferred(tmp_path: Path) -> None:
    put(tmp_path, wall_color=BASE, wall_normal_dx=DOWN, wall_normal_gl=DOWN[..., [1, 0, 2]])
    assert one_map(only_material(tmp_path), "normal")[..., 0].mean() == pytest.approx(0.1, abs=0.02)


def test_gloss_is_inverted_roughness_and_roughness_comes_first(tmp_path: Path) -> None:
    put(tmp_path / "a", wall_color=BASE, wall_gloss=RAMP)
    put(tmp_path / "b", wall_color=BASE, wall_gloss=RAMP, wall_rough=RAMP)
    glossy, rough = (one_map(load_material(m), "roughness") for m in find_materials(tmp_path))
    np.testing.assert_allclose(glossy, 1 - RAMP, atol=0.005)
    np.testing.assert_allclose(rough, RAMP, atol=0.005)


@pytest.mark.parametrize("name", ["wall_arm", "wall_ORM", "wall_occlusionRoughnessMetallic"])
def test_three_maps_in_one_picture(tmp_path: Path, name: str) -> None:
    put(tmp_path, wall_color=BASE, **{name: np.dstack([RAMP, 1 - RAMP, RAMP.T])})
    material = only_material(tmp_path)
    assert material.known >= {"ambient_occlusion", "roughness", "metallic"}
    np.testing.assert_allclose(one_map(material, "ambient_occlusion"), RAMP, atol=0.005)
    np.testing.assert_allclose(one_map(material, "roughness"), 1 - RAMP, atol=0.005)
    np.testing.assert_allclose(one_map(material, "metallic"), RAMP.T, atol=0.005)


def test_unity_s_mask_map_has_an_opacity_and_other_masks_have_none(tmp_path: Path) -> None:
    channels = np.dstack([RAMP.T, RAMP, 0 * RAMP, RAMP])
    for bits in (8, 16):
        put(tmp_path / str(bits), wall_color=BASE)
        write_picture(tmp_path / str(bits) / "wall_MaskMap.png", channels, bits)
        material = only_material(tmp_path / str(bits))
        np.testing.assert_allclose(one_map(material, "metallic"), RAMP.T, atol=0.005)
        np.testing.assert_allclose(one_map(material, "ambient_occlusion"), RAMP, atol=0.005)
        np.testing.assert_allclose(one_map(material, "roughness"), 1 - RAMP, atol=0.005)
    put(tmp_path / "other", wall_color=BASE, wall_mask=channels[..., :3], wall_normal=DOWN)
    assert "roughness" not in only_material(tmp_path / "other").known


def test_a_picture_of_one_map_comes_before_one_of_three(tmp_path: Path) -> None:
    packed = np.dstack([RAMP, RAMP, RAMP])
    put(tmp_path / "a", wall_color=BASE, wall_rough=1 - RAMP, wall_orm=packed)
    put(tmp_path / "b", wall_color=BASE, wall_gloss=RAMP, wall_orm=packed)
    for files in find_materials(tmp_path):
        material = load_material(files)
        np.testing.assert_allclose(one_map(material, "roughness"), 1 - RAMP, atol=0.005)
        np.testing.assert_allclose(one_map(material, "ambient_occlusion"), RAMP, atol=0.005)


def test_a_packed_picture_of_another_size_or_shape(tmp_path: Path) -> None:
    put(tmp_path, wall_color=BASE, wall_orm=np.dstack([RAMP] * 3)[::2, ::2])
    assert one_map(only_material(tmp_path), "roughness").shape == (SIDE, SIDE)
    put(tmp_path, wall_orm=np.dstack([RAMP] * 3)[:, :40])
    with pytest.raises(ImageError, match=r"wall_orm\.png is 40 x 64, its base color 64 x 64"):
        only_material(tmp_path)


def test_single_letters(tmp_path: Path) -> None:
    put(tmp_path, stone=BASE, stone_n=DOWN, stone_r=RAMP, stone_h=1 - RAMP, stone_ao=RAMP.T)
    material = only_material(tmp_path)
    assert one_map(material, "normal")[..., 1].mean() == pytest.approx(0.1, abs=0.02)
    np.testing.assert_allclose(one_map(material, "roughness"), RAMP, atol=0.005)
    np.testing.assert_allclose(one_map(material, "ambient_occlusion"), RAMP.T, atol=0.005)
    assert one_map(material, "height")[-1].mean() < one_map(material, "height")[0].mean() - 0.4


def test_what_is_exported_is_read_again(tmp_path: Path) -> None:
    maps = {"base_color": BASE, "roughness": RAMP, "metallic": RAMP.T, "ambient_occlusion": 1 - RAMP}
    for packing in ("orm", "mask"):
        export(maps, tmp_path / packing, "wall", ExportOptions(packing))
        material = only_material(tmp_path / packing)
        for name in ("roughness", "metallic", "ambient_occlusion"):
            np.testing.assert_allclose(one_map(material, name), maps[name], atol=0.005)


def test_bump_serves_as_height_and_height_comes_first(tmp_path: Path) -> None:
    put(tmp_path / "a", wall_color=BASE, wall_bump=RAMP)
    put(tmp_path / "b", wall_color=BASE, wall_bump=RAMP, wall_disp=1 - RAMP)
    bump, height = (one_map(load_material(m), "height") for m in find_materials(tmp_path))
    assert bump[-1].mean() > bump[0].mean() + 0.4
    assert height[-1].mean() < height[0].mean() - 0.4


def test_maps_of_other_sizes_are_brought_to_the_base_color(tmp_path: Path) -> None:
    small = RAMP[::2, ::2]
    material = only_material(put(tmp_path, wall_color=BASE, wall_rough=small, wall_normal=DOWN[:32, :32]))
    assert material.stack.shape == (CHANNELS, SIDE, SIDE)
    np.testing.assert_allclose(one_map(material, "roughness"), RAMP, atol=0.03)


def test_pictures_keep_their_sizes(tmp_path: Path) -> None:
    packed = np.dstack([RAMP, 1 - RAMP, RAMP])
    (files,) = find_materials(put(tmp_path, wall_color=BASE, wall_orm=packed[::2, ::2], wall_normal=DOWN[:32, :32]))
    pictures = read_pictures(files)
    assert pictures["base_color"].shape == (SIDE, SIDE, 3) and pictures["normal"].shape == (32, 32, 3)
    np.testing.assert_allclose(pictures["roughness"], 1 - RAMP[::2, ::2], atol=0.005)


def test_a_map_of_another_shape_is_refused(tmp_path: Path) -> None:
    put(tmp_path, wall_color=BASE, wall_rough=RAMP[:, :40])
    with pytest.raises(ImageError, match=r"40 x 64, its base color 64 x 64"):
        only_material(tmp_path)


def test_a_set_without_base_color_is_refused_by_name(tmp_path: Path) -> None:
    put(tmp_path, wall_normal=DOWN, wall_roughness=RAMP, photo=BASE)
    sets = {m.name: m for m in find_materials(tmp_path)}
    assert load_material(sets["photo"]).known == {"base_color"}
    with pytest.raises(ImageError, match="wall has no base color"):
        load_material(sets["wall"])


def test_maps_as_openexr(tmp_path: Path) -> None:
    """Normals and greys as they are; colours, which OpenEXR has linear, as sRGB."""
    write_picture(tmp_path / "wall_color.exr", to_linear(BASE), 16)
    write_picture(tmp_path / "wall_normal.exr", DOWN, 16)
    write_picture(tmp_path / "wall_rough.exr", RAMP, 32)
    from_exr = only_material(tmp_path)
    for path in tmp_path.iterdir():
        path.unlink()
    put(tmp_path, wall_color=BASE, wall_normal=DOWN, wall_rough=RAMP)
    np.testing.assert_allclose(from_exr.stack, only_material(tmp_path).stack, atol=0.01)


def test_a_damaged_openexr_map_is_refused_by_name_and_not_passed_over(tmp_path: Path) -> None:
    put(tmp_path, wall_color=BASE, wall_rough=RAMP)
    (tmp_path / "wall_normal.exr").write_bytes(b"v/1\x01")
    with pytest.raises(ImageError, match=r"wall_normal\.exr cannot be read"):
        only_material(tmp_path)
    put(tmp_path, wall_normal=DOWN)
    assert "normal" in only_material(tmp_path).known


def test_names_come_from_folders_for_sets_and_from_files_for_the_rest(tmp_path: Path) -> None:
    put(tmp_path / "bricks" / "Old", x_color=BASE, x_normal=DOWN)
    put(tmp_path / "flat", Wood01_col=BASE, Wood01_nrm=DOWN, Wood02_col=BASE, Wood02_nrm=DOWN)
    put(tmp_path / "loose", metal_plate=BASE, rough_wood=BASE, Normal_Street=BASE)
    put(tmp_path, photo=BASE)
    assert [m.name for m in find_materials(tmp_path)] == [
        "bricks/Old",
        "flat/Wood01",
        "flat/Wood02",
        "loose/Normal_Street",
        "loose/metal_plate",
        "loose/rough_wood",
        "photo",
    ]
    assert find_materials(tmp_path / "bricks" / "Old")[0].name == "Old"


def test_the_picture_beside_a_single_set_is_its_preview(tmp_path: Path) -> None:
    put(tmp_path, Material_2079=BASE, Metal_006_basecolor=BASE, Metal_006_normal=DOWN)
    (files,) = find_materials(tmp_path)
    assert {path.stem for path in files.files.values()} == {"Metal_006_basecolor", "Metal_006_normal"}


def test_named_pictures_are_gathered_into_their_sets(tmp_path: Path) -> None:
    put(tmp_path, wall_normal=DOWN, photo_2=BASE, wall_color=BASE, photo_1=BASE)
    put(tmp_path / "else", wall_roughness=RAMP)
    names = ["wall_normal", "photo_2", "else", "wall_color", "else/wall_roughness", "photo_1"]
    paths = [tmp_path / (name if name == "else" else f"{name}.png") for name in names]
    wall, second, folder, rough, first = gathered(paths)
    assert wall == MaterialFiles("wall", {"base_color": paths[3], "normal": paths[0]})
    assert folder == paths[2]
    alone = {"photo_2": paths[1], "wall_roughness": paths[4], "photo_1": paths[5]}
    assert [second, rough, first] == [MaterialFiles(name, {"base_color": path}) for name, path in alone.items()]


def test_of_what_was_named_nothing_is_taken_for_a_preview(tmp_path: Path) -> None:
    put(tmp_path, wall_color=BASE, wall_normal=DOWN, photo=BASE)
    found = gathered(sorted(tmp_path.iterdir()))
    assert [files.name for files in found] == ["photo", "wall"]


def test_hidden_files_and_other_files_are_passed_over(tmp_path: Path) -> None:
    put(tmp_path, photo=BASE)
    (tmp_path / "._photo.png").write_bytes(b"\0\5\x16\7")
    (tmp_path / "readme.txt").write_text("hello")
    (tmp_path / "folder.png").mkdir()
    assert [m.name for m in find_materials(tmp_path)] == ["photo"]


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="holds no pictures"):
        find_materials(tmp_path)
    with pytest.raises(ImageError, match="is not a folder"):
        find_materials(tmp_path / "absent")


def test_a_map_may_be_of_any_kind_of_picture(tmp_path: Path) -> None:
    put(tmp_path, wall_color=BASE)
    Image.fromarray((RAMP * 65535).astype(np.uint16)).save(tmp_path / "wall_height.png")
    Image.fromarray((RAMP * 255).astype(np.uint8)).convert("P").save(tmp_path / "wall_rough.png")
    Image.fromarray((RAMP * 255).astype(np.uint8)).convert("LA").save(tmp_path / "wall_ao.png")
    material = only_material(tmp_path)
    for name in ("roughness", "ambient_occlusion"):
        np.testing.assert_allclose(one_map(material, name), RAMP, atol=0.005)


def test_a_damaged_map_is_named(tmp_path: Path) -> None:
    put(tmp_path, wall_color=BASE)
    (tmp_path / "wall_normal.png").write_bytes((tmp_path / "wall_color.png").read_bytes()[:200])
    with pytest.raises(ImageError, match=r"wall_normal\.png"):
        only_material(tmp_path)


def test_files_may_be_given_without_searching(tmp_path: Path) -> None:
    put(tmp_path, anything=BASE)
    assert load_material(MaterialFiles("mine", {"base_color": tmp_path / "anything.png"})).name == "mine"
