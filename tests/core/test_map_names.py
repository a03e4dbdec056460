"""What names say, by the names that texture sites and painting programs give.

The table `LIKE_NODE_WRANGLER` is what Blender 4.5's Node Wrangler makes of the same names.
"""

import pytest

from texgan_core.map_names import is_directx, sort_names

LIKE_NODE_WRANGLER: dict[str, dict[str, str]] = {
    "Bricks097": {  # ambientCG
        "base_color": "Bricks097_1K-JPG_Color.jpg",
        "normal": "Bricks097_1K-JPG_NormalGL.jpg",
        "roughness": "Bricks097_1K-JPG_Roughness.jpg",
        "height": "Bricks097_1K-JPG_Displacement.jpg",
        "ambient_occlusion": "Bricks097_1K-JPG_AmbientOcclusion.jpg",
        "not used": "Bricks097_1K-JPG_NormalDX.jpg Bricks097.png",
    },
    "MetalPlates001": {  # ambientCG, of a metal
        "base_color": "MetalPlates001_1K_Color.jpg",
        "normal": "MetalPlates001_1K_NormalGL.jpg",
        "roughness": "MetalPlates001_1K_Roughness.jpg",
        "height": "MetalPlates001_1K_Displacement.jpg",
        "metallic": "MetalPlates001_1K_Metalness.jpg",
        "not used": "MetalPlates001_1K_NormalDX.jpg MetalPlates001_PREVIEW.jpg",
    },
    "brick_wall_08": {  # Poly Haven
        "base_color": "brick_wall_08_diff_1k.jpg",
        "normal": "brick_wall_08_nor_gl_1k.jpg",
        "roughness": "brick_wall_08_rough_1k.jpg",
        "height": "brick_wall_08_disp_1k.png",
        "ambient_occlusion": "brick_wall_08_ao_1k.jpg",
        "orm": "brick_wall_08_arm_1k.jpg",
        "not used": "brick_wall_08_nor_dx_1k.jpg brick_wall_08_spec_1k.png",
    },
    "rough_metal": {  # Poly Haven, named after two maps
        "base_color": "rough_metal_diff_2k.jpg",
        "normal": "rough_metal_nor_gl_2k.exr",
        "roughness": "rough_metal_rough_2k.exr",
        "metallic": "rough_metal_metal_2k.exr",
        "not used": "",
    },
    "Bricks01_MR": {  # cgbookcase
        "base_color": "Bricks01_MR_2K_BaseColor.png",
        "normal": "Bricks01_MR_2K_Normal.png",
        "roughness": "Bricks01_MR_2K_Roughness.png",
        "height": "Bricks01_MR_2K_Height.png",
        "ambient_occlusion": "Bricks01_MR_2K_AO.png",
        "not used": "",
    },
    "Planks04": {  # CC0 Textures
        "base_color": "Planks04_col.jpg",
        "normal": "Planks04_nrm.jpg",
        "roughness": "Planks04_rgh.jpg",
        "height": "Planks04_disp.jpg",
        "ambient_occlusion": "Planks04_AO.jpg",
        "not used": "",
    },
    "TexturesCom_Brick_Modern": {
        "base_color": "TexturesCom_Brick_Modern_1K_albedo.tif",
        "normal": "TexturesCom_Brick_Modern_1K_normal.tif",
        "roughness": "TexturesCom_Brick_Modern_1K_roughness.tif",
        "height": "TexturesCom_Brick_Modern_1K_height.tif",
        "ambient_occlusion": "TexturesCom_Brick_Modern_1K_ao.tif",
        "not used": "",
    },
    "sbfhgb": {  # Quixel
        "base_color": "sbfhgb_2K_Albedo.jpg",
        "normal": "sbfhgb_2K_Normal_LOD0.jpg",
        "gloss": "sbfhgb_2K_Gloss.jpg",
        "bump": "sbfhgb_2K_Bump.jpg",
        "not used": "sbfhgb_2K_Cavity.jpg sbfhgb_2K_Specular.jpg",
    },
    "Mat": {  # Substance Painter
        "base_color": "Mat_BaseColor.png",
        "normal": "Mat_Normal_OpenGL.png",
        "roughness": "Mat_Roughness.png",
        "height": "Mat_Height.png",
        "metallic": "Mat_Metallic.png",
        "ambient_occlusion": "Mat_Mixed_AO.png",
        "not used": "Mat_Normal_DirectX.png Mat_Emissive.png",
    },
    "MetalSpottyDiscoloration001_METALNESS": {  # Poliigon
        "base_color": "MetalSpottyDiscoloration001_COL_2K_METALNESS.jpg",
        "normal": "MetalSpottyDiscoloration001_NRM16_2K_METALNESS.tif",
        "roughness": "MetalSpottyDiscoloration001_ROUGHNESS_2K_METALNESS.jpg",
        "height": "MetalSpottyDiscoloration001_DISP16_2K_METALNESS.tif",
        "metallic": "MetalSpottyDiscoloration001_METALNESS_2K_METALNESS.jpg",
        "not used": "MetalSpottyDiscoloration001_Cube.jpg MetalSpottyDiscoloration001_NRM_2K_METALNESS.jpg",
    },
    "FabricWool012_VAR1": {  # Poliigon, with variants of the colour
        "base_color": "FabricWool012_COL_VAR1_3K.jpg",
        "normal": "FabricWool012_NRM_3K.jpg",
        "gloss": "FabricWool012_GLOSS_3K.jpg",
        "height": "FabricWool012_DISP_3K.jpg",
        "not used": "FabricWool012_COL_VAR2_3K.jpg",
    },
    "Metal_006": {  # 3D Textures
        "base_color": "Metal_006_basecolor.jpg",
        "normal": "Metal_006_normal.jpg",
        "roughness": "Metal_006_roughness.jpg",
        "height": "Metal_006_height.png",
        "metallic": "Metal_006_metallic.jpg",
        "ambient_occlusion": "Metal_006_ambientOcclusion.jpg",
        "not used": "",
    },
    "metal_0010": {  # TextureCan
        "base_color": "metal_0010_color_1k.jpg",
        "normal": "metal_0010_normal_opengl_1k.png",
        "roughness": "metal_0010_roughness_1k.jpg",
        "metallic": "metal_0010_metallic_1k.jpg",
        "not used": "metal_0010_normal_directx_1k.png",
    },
    "rusted-steel": {  # FreePBR
        "base_color": "rusted-steel_albedo.png",
        "normal": "rusted-steel_normal-ogl.png",
        "metallic": "rusted-steel_metallic.png",
        "not used": "rusted-steel_preview.png",
    },
    "Wall_Transparency": {  # Unity
        "base_color": "Wall_AlbedoTransparency.png",
        "normal": "Wall_Normal.png",
        "metallic": "Wall_MetallicSmoothness.png",
        "not used": "",
    },
    "T_Wall": {  # Unreal
        "base_color": "T_Wall_BaseColor.png",
        "normal": "T_Wall_Normal.png",
        "orm": "T_Wall_ORM.png",
        "not used": "",
    },
    "": {"base_color": "basecolor.jpg", "normal": "normal_gl.jpg", "roughness": "roughness.jpg", "not used": ""},
    "fence": {"base_color": "albedo_fence.jpg", "normal": "normal_fence.jpg", "not used": ""},
    "wall.old": {"base_color": "wall.old.albedo.png", "normal": "wall.old.normal.png", "not used": ""},
    "WallTexture_002": {
        "base_color": "WallTexture_diff_2k.002.jpg",
        "normal": "WallTexture_nor_2k.002.jpg",
        "not used": "",
    },
    "Garage": {"base_color": "GarageDiffuse.png", "normal": "GarageNormal.png", "not used": ""},
    "Metal007": {  # our own
        "base_color": "Metal007_basecolor.png",
        "normal": "Metal007_normal.png",
        "roughness": "Metal007_roughness.png",
        "height": "Metal007_height.png",
        "metallic": "Metal007_metallic.png",
        "ambient_occlusion": "Metal007_ao.png",
        "not used": "",
    },
}

BEYOND_NODE_WRANGLER: dict[str, dict[str, str]] = {
    "Brick_Wall_013": {"base_color": "Brick_Wall_013_COLOR.jpg", "ambient_occlusion": "Brick_Wall_013_OCC.jpg"},
    "wood_13": {"base_color": "wood_13_basecolor-1K.png", "ambient_occlusion": "wood_13_ambientocclusion-1K.png"},
    "street-stones": {"base_color": "street-stones_albedo.png", "normal": "street-stones_normal-dx.png"},
    "Helmet": {"base_color": "Helmet_BaseColor.png", "orm": "Helmet_occlusionRoughnessMetallic.png"},
    "Crate": {"base_color": "Crate_BaseMap.png", "normal": "Crate_Normal.png", "mask": "Crate_MaskMap.png"},
    "gravel": {"plain": "gravel.jpg", "orm": "gravel_orm.png"},
    "stone": {
        "plain": "stone.jpg",
        "normal": "stone_n.jpg",
        "roughness": "stone_r.png",
        "height": "stone_h.png",
        "ambient_occlusion": "stone_ao.png",
        "not used": "stone_s.png",
    },
    "T_Floor": {"base_color": "T_Floor_D.png", "normal": "T_Floor_N.png", "not used": "T_Floor.png T_Floor_E.png"},
    "T_Roof": {
        "base_color": "T_Roof_BC.png",
        "normal": "T_Roof_N.png",
        "orm": "T_Roof_ORM.png",
        "metallic": "T_Roof_M.png",
    },
    "slate": {"base_color": "slate_c_2k.png", "normal": "slate_nrm_2k.png", "roughness": "slate_r_2k.png"},
    "brick": {"plain": "brick.jpg", "normal": "brick_normal.jpg", "roughness": "brick_rough.jpg"},
}


def used(names: dict[str, str]) -> dict[str, str]:
    """Without what is not read: other maps, and the plain name beside a base color, which is a preview."""
    idle = {"unused", "not used"} | ({"plain"} if "base_color" in names else set())
    return {kind: name for kind, name in names.items() if kind not in idle}


def files_of(names: dict[str, str]) -> list[str]:
    return [*used(names).values(), *names.get("not used", "").split()]


@pytest.mark.parametrize("title", [*LIKE_NODE_WRANGLER, *BEYOND_NODE_WRANGLER])
def test_a_set_is_read_as_it_is_meant(title: str) -> None:
    expected = (LIKE_NODE_WRANGLER | BEYOND_NODE_WRANGLER)[title]
    sets, alone = sort_names(files_of(expected))
    assert [(s.title, used(s.names)) for s in sets] == [(title, used(expected))]
    assert alone == []


def test_all_sets_in_one_folder_are_told_apart() -> None:
    together = {t: names for t, names in (LIKE_NODE_WRANGLER | BEYOND_NODE_WRANGLER).items() if t}
    sets, alone = sort_names(file for names in together.values() for file in files_of(names))
    assert {s.title: used(s.names) for s in sets} == {title: used(names) for title, names in together.items()}
    assert alone == []


@pytest.mark.parametrize(
    "names",
    [
        ["metal_plate.png", "rough_wood.jpg", "Normal_Street.jpg"],
        ["rusty_metal.jpg", "brushed_metal_05.jpg", "speed_bump.jpg", "flat_roof.jpg"],
        ["metal_wall.jpg", "rough_wall.jpg", "wall.jpg"],
        ["color_metal.jpg", "color_wall.jpg"],
        ["wall_512.jpg", "wall_1024.jpg"],
        ["a_col.png", "b_col.png"],
        ["IMG_0001.jpg", "IMG_0002.jpg"],
        ["banana-color.webp"],
        ["photo_a.jpg", "photo_b.jpg", "photo_c.jpg", "photo_d.jpg"],
        [f"photo_{letter}.jpg" for letter in "abcdefghijklmno"],
        ["hall.jpg", "hall_l.jpg", "hall_r.jpg"],
        ["sky.jpg", "sky_e.jpg", "sky_n.jpg", "sky_s.jpg", "sky_w.jpg"],
        ["road.jpg", "road_r.jpg"],
        ["route_n.jpg"],
        ["n.png", "plan9.png"],
        ["wall_d1.png", "wall_n1.png"],
        ["robot.jpg", "robot_arm.jpg"],
        ["robot.jpg", "robot_mask.jpg"],
    ],
)
def test_loose_pictures_stay_loose_whatever_their_subject(names: list[str]) -> None:
    assert sort_names(names) == ([], sorted(names))


def test_numbers_tell_materials_apart_and_resolutions_do_not() -> None:
    sets, alone = sort_names(["W1_col_1k.png", "W1_nrm_2k.png", "W2_col_2k.png", "W2_nrm_2k.png", "W3.png"])
    assert [s.title for s in sets] == ["W1", "W2"]
    assert alone == ["W3.png"]


def test_maps_without_a_base_color_are_a_set_and_not_loose() -> None:
    sets, alone = sort_names(["Bricks_normal.png", "Bricks_roughness.png", "photo.jpg"])
    assert [s.names for s in sets] == [{"normal": "Bricks_normal.png", "roughness": "Bricks_roughness.png"}]
    assert alone == ["photo.jpg"]


def test_the_order_of_names_does_not_matter() -> None:
    names = [file for names in LIKE_NODE_WRANGLER.values() for file in files_of(names)]
    assert sort_names(names) == sort_names(reversed(names))


@pytest.mark.parametrize(
    ("name", "directx"),
    [
        ("Bricks097_1K-JPG_NormalDX.jpg", True),
        ("brick_wall_08_nor_dx_1k.png", True),
        ("Mat_Normal_DirectX.png", True),
        ("rusted-steel_normal-dx.png", True),
        ("Bricks097_1K-JPG_NormalGL.jpg", False),
        ("Foxdx_Normal.png", False),
        ("wall_normal.png", False),
    ],
)
def test_directx_is_recognised_by_name(name: str, directx: bool) -> None:
    assert is_directx(name) == directx
