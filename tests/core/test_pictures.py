"""Picture files of every kind in, PNG and OpenEXR files out."""

import struct
import sys
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import OpenImageIO
import pytest
from PIL import Image, ImageCms

from texgan_core.errors import ImageError
from texgan_core.pictures import (
    as_blender_has_it,
    bits_of,
    decode_base_color,
    decode_picture,
    encode_both,
    encode_picture,
    read_base_color,
    read_color,
    read_cutout,
    read_grey,
    read_picture,
    resize,
    suffix_of,
    to_linear,
    to_srgb,
    write_picture,
)

SIDE = 48
RAMP = np.linspace(0, 1, SIDE * SIDE).reshape(SIDE, SIDE).astype(np.float32)
COLORS = np.stack([RAMP, RAMP.T, 1 - RAMP], 2)
GREY_BYTES = Image.fromarray((RAMP * 255).astype(np.uint8))
COLOR_BYTES = Image.fromarray((COLORS * 255).astype(np.uint8))


def png(width: int, height: int, bits: int, color_type: int, rows: bytes) -> bytes:
    """A PNG file by hand, for what Pillow does not write."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color_type, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("name", "mode", "tolerance"),
    [
        ("rgb.png", "RGB", 0.005),
        ("rgb.bmp", "RGB", 0.005),
        ("rgb.tga", "RGB", 0.005),
        ("rgb.tif", "RGB", 0.005),
        ("alpha.png", "RGBA", 0.005),
        ("rgb.jpg", "RGB", 0.06),
        ("print.jpg", "CMYK", 0.06),
        ("palette.png", "P", 0.25),
    ],
)
def test_colours_are_read(tmp_path: Path, name: str, mode: str, tolerance: float) -> None:
    COLOR_BYTES.convert(mode).save(tmp_path / name)
    picture = read_picture(tmp_path / name)
    assert picture.shape == (SIDE, SIDE, 3)
    assert picture.dtype == np.float32
    assert np.abs(picture - COLORS).max() < tolerance


@pytest.mark.parametrize(("name", "mode", "tolerance"), [("l.png", "L", 0.005), ("la.png", "LA", 0.005)])
def test_greys_are_read(tmp_path: Path, name: str, mode: str, tolerance: float) -> None:
    GREY_BYTES.convert(mode).save(tmp_path / name)
    picture = read_picture(tmp_path / name)
    assert picture.shape == (SIDE, SIDE)
    assert np.abs(picture - RAMP).max() < tolerance


def test_one_bit_is_black_and_white(tmp_path: Path) -> None:
    GREY_BYTES.convert("1", dither=Image.Dither.NONE).save(tmp_path / "bit.png")
    np.testing.assert_array_equal(read_picture(tmp_path / "bit.png"), (np.asarray(GREY_BYTES) >= 128).astype(float))


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bit_grey_keeps_its_depth(tmp_path: Path, suffix: str) -> None:
    levels = np.arange(SIDE * SIDE, dtype=np.uint16).reshape(SIDE, SIDE) + 30000
    Image.fromarray(levels).save(tmp_path / f"deep{suffix}")
    picture = read_picture(tmp_path / f"deep{suffix}")
    np.testing.assert_allclose(picture * 65535, levels, atol=0.01)


def test_sixteen_bit_colour_keeps_its_depth(tmp_path: Path) -> None:
    levels = (COLORS * 65535).astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in levels)
    (tmp_path / "deep.png").write_bytes(png(SIDE, SIDE, 16, 2, rows))
    OpenImageIO.ImageBuf(levels.astype(np.uint16)).write(str(tmp_path / "deep.tif"))
    for name in ("deep.png", "deep.tif"):
        np.testing.assert_allclose(read_picture(tmp_path / name) * 65535, levels, atol=0.01)
    (tmp_path / "deep.png").write_bytes(png(SIDE, SIDE, 16, 2, rows[:99]))
    with pytest.raises(ImageError, match=r"deep\.png cannot be read"):
        read_picture(tmp_path / "deep.png")


def test_float_tiff_is_read(tmp_path: Path) -> None:
    Image.fromarray(RAMP).save(tmp_path / "float.tif")
    np.testing.assert_array_equal(read_picture(tmp_path / "float.tif"), RAMP)


def deep(path: Path, picture: np.ndarray, names: list[str], kind: str = "float") -> Path:
    """Written by OpenImageIO, channels named so."""
    spec = OpenImageIO.ImageSpec(SIDE, SIDE, len(names), kind)
    spec.channelnames = names
    file = OpenImageIO.ImageOutput.create(str(path))
    assert file.open(str(path), spec) and file.write_image(np.ascontiguousarray(picture, np.float32)) and file.close()
    return path


@pytest.mark.parametrize(
    "names",
    [
        ["R", "G", "B"],
        ["r", "g", "b"],
        ["beauty.r", "beauty.g", "beauty.b"],
        ["diffuse.red", "diffuse.green", "diffuse.blue"],
        ["ViewLayer.Combined.R", "ViewLayer.Combined.G", "ViewLayer.Combined.B"],
    ],
)
def test_channels_of_openexr_as_renderers_name_them(tmp_path: Path, names: list[str]) -> None:
    np.testing.assert_array_equal(read_picture(deep(tmp_path / "a.exr", COLORS, names)), COLORS)
    opacity = np.clip(RAMP * 0.9 + 0.05, 0, 1)
    alpha = names[0][:-3] + "alpha" if names[0].endswith("red") else names[0][:-1] + chr(ord(names[0][-1]) - 17)
    light = np.dstack([COLORS * opacity[..., None], opacity])
    found = read_cutout(deep(tmp_path / "b.exr", light, [*names, alpha]))
    np.testing.assert_allclose(found, np.dstack([to_srgb(COLORS), opacity]), atol=1e-3)


def test_of_several_layers_the_one_to_be_seen_is_read(tmp_path: Path) -> None:
    def names(*layers: str) -> list[str]:
        return [f"{layer}{channel}" for layer in layers for channel in "RGB"]

    both = np.dstack([1 - COLORS, COLORS])
    for layers in (("ViewLayer.AO.", "ViewLayer.Combined."), ("diffuse.", ""), ("a.depth.", "b.beauty.")):
        found = read_picture(deep(tmp_path / "a.exr", both, names(*layers)))
        np.testing.assert_array_equal(found, COLORS)
    found = read_picture(deep(tmp_path / "a.exr", both, names("a.diffuse.", "b.glossy.")))
    np.testing.assert_array_equal(found, 1 - COLORS)


def half_tiff(picture: np.ndarray) -> bytes:
    """A TIFF file of half floats by hand, which OpenImageIO reads, but does not write."""
    height, width, channels = picture.shape
    pixels = picture.astype("<f2").tobytes()
    short, long = 3, 4
    bits, formats = (struct.pack(f"<{channels}H", *[value] * channels) for value in (16, 3))
    start = 8 + len(pixels)
    tags = [
        *((256, short, 1, width), (257, short, 1, height), (258, short, channels, start), (259, short, 1, 1)),
        *((262, short, 1, 2), (273, long, 1, 8), (277, short, 1, channels), (278, short, 1, height)),
        *((279, long, 1, len(pixels)), (284, short, 1, 1), (339, short, channels, start + len(bits))),
    ]
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags) + bytes(4)
    place = start + len(bits) + len(formats)
    return b"II*\0" + struct.pack("<I", place) + pixels + bits + formats + directory


def test_tiff_of_colours_in_floats_is_read_and_is_light(tmp_path: Path) -> None:
    (tmp_path / "half.tif").write_bytes(half_tiff(COLORS))
    for path in (deep(tmp_path / "float.tif", COLORS, ["R", "G", "B"]), tmp_path / "half.tif"):
        np.testing.assert_allclose(read_picture(path), COLORS, atol=1e-3)
        np.testing.assert_allclose(read_base_color(path), to_srgb(COLORS), atol=2e-3)
        np.testing.assert_allclose(decode_picture(path.read_bytes(), "float"), COLORS, atol=1e-3)
    (tmp_path / "half.tif").write_bytes(half_tiff(COLORS)[:50])
    with pytest.raises(ImageError, match=r"half\.tif cannot be read"):
        read_picture(tmp_path / "half.tif")


ADOBE = np.array([[0.60974, 0.31111, 0.01947], [0.20528, 0.62567, 0.06087], [0.14919, 0.06322, 0.74457]])
"""Red, green and blue of Adobe RGB as CIE XYZ by the light D50, a row each; its gamma is 563 / 256."""
SRGB = np.array([[0.43607, 0.22249, 0.01392], [0.38515, 0.71687, 0.09708], [0.14307, 0.06061, 0.71410]])


def icc_profile(primaries: np.ndarray, gamma: float) -> bytes:
    """A profile of three primaries and a gamma."""

    def xyz(values: np.ndarray) -> bytes:
        return b"XYZ " + bytes(4) + b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    words = b"desc" + bytes(4) + struct.pack(">I", 5) + b"mine\0" + bytes(79)
    tags = {
        b"desc": words,
        b"cprt": b"text" + bytes(4) + b"none\0" + bytes(3),
        b"wtpt": xyz(np.array([0.9642, 1, 0.8249])),
    }
    for name, primary in zip((b"r", b"g", b"b"), primaries, strict=True):
        tags |= {name + b"XYZ": xyz(primary), name + b"TRC": curve}
    place = 132 + 12 * len(tags)
    table, data = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += name + struct.pack(">II", place + len(data), len(content))
        data += content
    header = struct.pack(">I", place + len(data)) + bytes(4) + struct.pack(">I", 0x02100000) + b"mntrRGB XYZ "
    white = xyz(np.array([0.9642, 1, 0.8249]))[8:]
    return (header + bytes(12) + b"acsp" + bytes(28) + white).ljust(128, b"\0") + table + data


def by_adobe(colors: np.ndarray) -> np.ndarray:
    return to_srgb(np.clip(colors ** (563 / 256) @ ADOBE @ np.linalg.inv(SRGB), 0, 1))


def test_base_colours_are_brought_from_their_profile_to_srgb_and_data_are_not(tmp_path: Path) -> None:
    profile = icc_profile(ADOBE, 563 / 256)
    eight = np.asarray(COLOR_BYTES, np.float32) / 255
    for name in ("adobe.png", "adobe.tif"):
        COLOR_BYTES.save(tmp_path / name, icc_profile=profile)
        found = read_base_color(tmp_path / name)
        np.testing.assert_allclose(found, by_adobe(eight), atol=2.5 / 255)
        assert np.abs(found - eight).max() > 0.1 and bits_of(found) == 8
        np.testing.assert_array_equal(read_picture(tmp_path / name), eight)
        data = (tmp_path / name).read_bytes()
        np.testing.assert_array_equal(decode_base_color(data, "in Blender, which knows no profiles"), eight)


def test_profiles_of_sixteen_bits_keep_their_depth(tmp_path: Path) -> None:
    profile = icc_profile(ADOBE, 563 / 256)
    levels = np.clip(COLORS * 0.4 + 0.3, 0, 1)
    spec = OpenImageIO.ImageSpec(SIDE, SIDE, 3, "uint16")
    spec.attribute("ICCProfile", OpenImageIO.TypeDesc(f"uint8[{len(profile)}]"), np.frombuffer(profile, np.uint8))
    file = OpenImageIO.ImageOutput.create("a.tif")
    assert file.open(str(tmp_path / "a.tif"), spec) and file.write_image(levels.astype(np.float32)) and file.close()
    found = read_base_color(tmp_path / "a.tif")
    error = np.abs(found - by_adobe(levels))  # the most where red just leaves what sRGB can show
    assert error.mean() < 1 / 255 and error.max() < 0.05
    assert len(np.unique(found[..., 0])) > 1000


def test_srgb_and_damaged_profiles_change_nothing(tmp_path: Path) -> None:
    eight = np.asarray(COLOR_BYTES, np.float32) / 255
    for profile in (ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), b"no profile", bytes(200)):
        COLOR_BYTES.save(tmp_path / "a.png", icc_profile=profile)
        np.testing.assert_array_equal(read_base_color(tmp_path / "a.png"), eight)


@pytest.mark.parametrize("bad", [RAMP * 300, RAMP - 2, np.where(RAMP > 0.5, np.nan, RAMP)])
def test_values_out_of_range_are_refused(tmp_path: Path, bad: np.ndarray) -> None:
    Image.fromarray(bad.astype(np.float32)).save(tmp_path / "float.tif")
    with pytest.raises(ImageError, match="out of the range"):
        read_picture(tmp_path / "float.tif")


@pytest.mark.parametrize("name", ["moving.gif", "moving.png", "moving.webp"])
def test_of_an_animation_the_first_frame_is_read(tmp_path: Path, name: str) -> None:
    white = Image.new("RGB", (SIDE, SIDE), "white")
    COLOR_BYTES.save(tmp_path / name, save_all=True, append_images=[white, white])
    assert np.abs(read_picture(tmp_path / name) - COLORS).mean() < 0.08


def test_the_content_counts_and_not_the_suffix(tmp_path: Path) -> None:
    COLOR_BYTES.save(tmp_path / "really.jpg", format="PNG")
    assert np.abs(read_picture(tmp_path / "really.jpg") - COLORS).max() < 0.005


def test_a_turned_photograph_is_turned_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter
    COLOR_BYTES.resize((64, 32)).save(tmp_path / "turned.jpg", exif=exif)
    picture = read_picture(tmp_path / "turned.jpg")
    assert picture.shape == (64, 32, 3)
    assert picture[0, :, 2].mean() == pytest.approx(picture[-1, :, 2].mean(), abs=0.1)  # blue fell down the rows
    assert picture[:, 0, 2].mean() < picture[:, -1, 2].mean() - 0.5  # now it grows to the right


def test_what_blender_has_is_as_it_is_there(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    COLOR_BYTES.resize((64, 32)).save(tmp_path / "turned.jpg", exif=exif)
    data = (tmp_path / "turned.jpg").read_bytes()
    picture = decode_picture(data, "turned")
    assert picture.shape == (32, 64, 3)
    (tmp_path / "plain.png").write_bytes(as_blender_has_it(data))
    np.testing.assert_array_equal(read_picture(tmp_path / "plain.png"), picture)
    for other in ((tmp_path / "plain.png").read_bytes(), b"none"):
        assert as_blender_has_it(other) is other


@pytest.mark.parametrize("bits", [8, 16])
def test_opacity_is_a_fourth_channel_of_what_is_seen(tmp_path: Path, bits: int) -> None:
    picture = np.dstack([COLORS, RAMP])
    write_picture(tmp_path / "leaf.png", picture, bits)
    for found in (read_cutout(tmp_path / "leaf.png"), decode_base_color((tmp_path / "leaf.png").read_bytes(), "leaf")):
        np.testing.assert_allclose(found, picture, atol=0.6 / (2**bits - 1))
    assert read_base_color(tmp_path / "leaf.png").shape == (SIDE, SIDE, 3)
    GREY_BYTES.convert("LA").save(tmp_path / "opaque.png")
    assert read_cutout(tmp_path / "opaque.png").shape == (SIDE, SIDE, 3)


def test_light_of_openexr_has_passed_the_opacity(tmp_path: Path) -> None:
    opacity = np.clip(RAMP * 2 - 0.5, 0, 1)
    light = to_linear(COLORS) * opacity[..., None]
    write_picture(tmp_path / "leaf.exr", np.dstack([light, opacity]), 32)
    found = read_cutout(tmp_path / "leaf.exr")
    np.testing.assert_allclose(found[..., 3], opacity, atol=1e-6)
    seen = opacity > 0.01
    np.testing.assert_allclose(found[seen, :3], COLORS[seen], atol=1e-4)


def test_how_many_bits_a_picture_has(tmp_path: Path) -> None:
    COLOR_BYTES.save(tmp_path / "few.jpg")
    few = read_picture(tmp_path / "few.jpg")
    assert (bits_of(few), bits_of(1 - few), bits_of(few[..., 0]), bits_of(few.mean(2))) == (8, 8, 8, 16)
    many = few.copy()
    many[3, 5, 1] += 1 / 65535
    assert bits_of(many) == 16
    for bits in (8, 16):
        assert Image.open(BytesIO(encode_picture(COLORS, bits))).size == (SIDE, SIDE)
        np.testing.assert_allclose(decode_picture(encode_picture(COLORS, bits), ""), COLORS, atol=0.6 / (2**bits - 1))


def test_grey_and_colour_views(tmp_path: Path) -> None:
    GREY_BYTES.save(tmp_path / "grey.png")
    COLOR_BYTES.save(tmp_path / "color.png")
    grey, color = read_color(tmp_path / "grey.png"), read_grey(tmp_path / "color.png")
    assert grey.shape == (SIDE, SIDE, 3) and (grey[..., 0] == grey[..., 2]).all()
    assert color.shape == (SIDE, SIDE)
    assert np.abs(color - COLORS.mean(2)).max() < 0.005


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("picture", [RAMP, COLORS], ids=["grey", "color"])
def test_a_file_that_is_not_packed_holds_the_same(picture: np.ndarray, bits: int) -> None:
    png, unpacked = encode_both(picture, bits)
    assert png == encode_picture(picture, bits)
    assert len(unpacked) > picture.size * bits // 8
    np.testing.assert_array_equal(decode_picture(unpacked, ""), decode_picture(encode_picture(picture, bits), ""))


@pytest.mark.parametrize("bits", [8, 16])
def test_what_is_written_is_read_again(tmp_path: Path, bits: int) -> None:
    path = tmp_path / "new" / "folder" / "height.png"
    write_picture(path, RAMP, bits)
    assert np.abs(read_picture(path) - RAMP).max() <= 0.5001 / (2**bits - 1)
    assert [p.name for p in path.parent.iterdir()] == ["height.png"]


def test_the_first_row_stays_the_first(tmp_path: Path) -> None:
    write_picture(tmp_path / "c.png", COLORS)
    assert np.abs(read_picture(tmp_path / "c.png") - COLORS).max() < 0.003


def test_a_picture_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken.png").mkdir()
    with pytest.raises(ImageError, match="cannot be written"):
        write_picture(tmp_path / "taken.png", RAMP)
    assert [p.name for p in tmp_path.iterdir()] == ["taken.png"]
    (tmp_path / "file").write_text("")
    with pytest.raises(ImageError, match="cannot be written"):
        write_picture(tmp_path / "file" / "a.png", RAMP)


def test_resizing_keeps_means_and_averages_fine_detail_away() -> None:
    checks = np.indices((64, 64)).sum(0).astype(np.float32) % 2
    small = resize(checks, 16, 32)
    assert small.shape == (32, 16)
    np.testing.assert_allclose(small, 0.5, atol=0.05)
    assert resize(COLORS, 20, 10).shape == (10, 20, 3)


def test_what_tiles_is_resized_as_what_tiles() -> None:
    """Rolled by half before, or after: the same."""
    torus = np.random.default_rng(0).random((48, 64, 3)).astype(np.float32)
    for width, height in ((60, 44), (96, 80)):
        plain = resize(torus, width, height, (True, True))
        rolled = resize(np.roll(torus, (24, 32), (0, 1)), width, height, (True, True))
        np.testing.assert_allclose(rolled, np.roll(plain, (height // 2, width // 2), (0, 1)), atol=1e-5)
    assert resize(torus, 64, 48) is torus


@pytest.mark.parametrize(("bits", "tolerance"), [(16, 5e-4), (32, 1e-7)])
@pytest.mark.parametrize("picture", [COLORS, RAMP])
def test_openexr_out_and_in(tmp_path: Path, picture: np.ndarray, bits: int, tolerance: float) -> None:
    write_picture(tmp_path / "a.exr", picture, bits)
    found = read_picture(tmp_path / "a.exr")
    assert found.shape == picture.shape and found.dtype == np.float32
    np.testing.assert_allclose(found, picture, atol=tolerance)
    assert [path.name for path in tmp_path.iterdir()] == ["a.exr"]


def test_colours_of_sixteen_bits(tmp_path: Path) -> None:
    """Values between those of eight bits survive; a fourth channel is no opacity that would change the others."""
    picture = np.concatenate([COLORS, np.full((SIDE, SIDE, 1), 0.25, np.float32)], 2)
    write_picture(tmp_path / "a.png", picture, 16)
    data = (tmp_path / "a.png").read_bytes()
    assert (data[24], data[25]) == (16, 6), "bits and colour type of the header"
    found = OpenImageIO.ImageInput.open(str(tmp_path / "a.png"))
    found.spec().attribute("oiio:UnassociatedAlpha", 1)
    np.testing.assert_array_equal(found.read_image("uint16")[..., 3], round(0.25 * 65535))
    config = OpenImageIO.ImageSpec()
    config.attribute("oiio:UnassociatedAlpha", 1)
    plain = OpenImageIO.ImageInput.open(str(tmp_path / "a.png"), config).read_image("uint16")
    np.testing.assert_allclose(plain / 65535, picture, atol=1 / 65535)


def test_colours_of_openexr_are_light(tmp_path: Path) -> None:
    write_picture(tmp_path / "light.exr", to_linear(COLORS), 32)
    np.testing.assert_allclose(read_base_color(tmp_path / "light.exr"), COLORS, atol=1e-5)
    write_picture(tmp_path / "light.png", COLORS)
    np.testing.assert_allclose(read_base_color(tmp_path / "light.png"), COLORS, atol=0.003)


def test_srgb_is_the_standard_s_curve() -> None:
    light = np.array([0, 0.002, 0.0031308, 0.2140411, 1])
    encoded = np.array([0, 0.02584, 0.0404499, 0.5, 1])
    np.testing.assert_allclose(to_srgb(light), encoded, atol=1e-5)
    np.testing.assert_allclose(to_linear(encoded), light, atol=1e-5)


def test_openexr_from_memory(tmp_path: Path) -> None:
    write_picture(tmp_path / "light.exr", to_linear(COLORS), 32)
    write_picture(tmp_path / "plain.png", COLORS)
    light, plain = (path.read_bytes() for path in (tmp_path / "light.exr", tmp_path / "plain.png"))
    assert (suffix_of(light), suffix_of(plain)) == (".exr", ".png")
    for data in (light, plain):
        np.testing.assert_allclose(decode_base_color(data, "wall base_color"), COLORS, atol=0.003)
    np.testing.assert_allclose(decode_picture(light, "wall"), to_linear(COLORS), atol=1e-5)
    with pytest.raises(ImageError, match=r"wall\.exr cannot be read"):
        decode_picture(light[:100], "wall")


def test_an_openexr_picture_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"a\.exr is not there"):
        read_picture(tmp_path / "a.exr")
    (tmp_path / "a.exr").write_bytes(b"v/1\x01")
    with pytest.raises(ImageError, match="cannot be read as a picture"):
        read_picture(tmp_path / "a.exr")
    write_picture(tmp_path / "bright.exr", COLORS * 3, 32)
    with pytest.raises(ImageError, match="out of the range"):
        read_picture(tmp_path / "bright.exr")
    write_picture(tmp_path / "small.exr", COLORS[:8], 32)
    with pytest.raises(ImageError, match="48 x 8"):
        read_picture(tmp_path / "small.exr")
    with pytest.raises(ImageError, match="cannot be written"):
        write_picture(tmp_path / "small.exr" / "b.exr", COLORS, 32)


def test_without_openimageio_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "OpenImageIO", None)
    with pytest.raises(ImageError, match="pip install openimageio"):
        write_picture(tmp_path / "a.exr", COLORS, 16)
    assert not list(tmp_path.iterdir())
