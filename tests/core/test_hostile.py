"""Damaged, foreign and malicious inputs: each is refused by a named error of one sentence."""

import io
import json
import pickle
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.tiny import tiny_material_model, tiny_style_model
from texgan_core.cli import main
from texgan_core.errors import DeviceError, ImageError, ModelFileError, RequestError, TexganError, UnknownModelError
from texgan_core.library import find_model, load_model
from texgan_core.materials import find_materials, load_material
from texgan_core.model_file import write_model_file
from texgan_core.packing import pack
from texgan_core.pictures import read_picture
from texgan_core.request import request_from_record
from texgan_core.synthesize import TextureRequest, synthesize

Card = dict[str, object]
Tensors = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_material_model(tmp_path_factory.mktemp("good"))


@pytest.fixture
def bad(good: Path, tmp_path: Path) -> Path:
    """Where to write a bad model, with the good codec beside it."""
    (tmp_path / "codec.safetensors").write_bytes((good.parent / "codec.safetensors").read_bytes())
    return tmp_path / "bad.safetensors"


def assert_one_sentence(text: str) -> None:
    assert "\n" not in text and "Traceback" not in text
    assert text[-1] in ".?" and 10 < len(text) < 500


def assert_refused(action: Callable[[], object], kind: type[TexganError]) -> None:
    with pytest.raises(kind) as raised:
        action()
    assert_one_sentence(str(raised.value))


def split(model: bytes) -> tuple[dict, bytes]:
    """Header and tensor bytes of a safetensors file."""
    length = struct.unpack("<Q", model[:8])[0]
    return json.loads(model[8 : 8 + length]), model[8 + length :]


def join(header: dict, body: bytes) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def with_metadata(model: bytes, metadata: dict[str, str]) -> bytes:
    header, body = split(model)
    return join({**header, "__metadata__": metadata}, body)


def with_card(model: bytes, change: Callable[[Card], object]) -> bytes:
    """A file whose card was changed; its tensors are as they were."""
    header, body = split(model)
    card = json.loads(header["__metadata__"]["texgan"])
    header["__metadata__"]["texgan"] = json.dumps(change(card) or card)
    return join(header, body)


# ---------------------------------------------------------------- model files


class Trap:
    """Unpickling it would create a file."""

    def __reduce__(self) -> tuple:
        return (open, ("sprung", "w"))


def zip_of(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", content)
    return buffer.getvalue()


def flip(model: bytes, place: int) -> bytes:
    return model[:place] + bytes([model[place] ^ 0x55]) + model[place + 1 :]


FOREIGN: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda model: b"",
    "one byte": lambda model: b"\0",
    "noise": lambda model: np.random.default_rng(0).bytes(5000),
    "zeros": lambda model: bytes(5000),
    "text": lambda model: b"<!DOCTYPE html><html>Not found</html>",
    "pickle": lambda model: pickle.dumps(Trap()),
    "zip of a pickle": lambda model: zip_of(pickle.dumps(Trap())),
    "header of 2**60 bytes": lambda model: struct.pack("<Q", 2**60) + model[8:],
    "header of 99 MB": lambda model: struct.pack("<Q", 99_000_000) + model[8:],
    "header that is no JSON": lambda model: struct.pack("<Q", 64) + b"{" * 64 + model,
    "header that is a list": lambda model: struct.pack("<Q", 8) + b"[1,2,3] " + bytes(64),
    "deep header": lambda model: struct.pack("<Q", 100_000) + b'{"a":' * 20_000 + bytes(64),
    "no metadata": lambda model: with_metadata(model, {}),
    "metadata of another program": lambda model: with_metadata(model, {"format": "pt"}),
    "offsets beyond the end": lambda model: model.replace(b'"data_offsets":[0,', b'"data_offsets":[9,', 1),
    "more bytes at the end": lambda model: model + b"more",
    "bit flipped in a tensor": lambda model: flip(model, len(model) - 5),
    "card that is no JSON": lambda model: with_metadata(model, {"texgan": "{"}),
    "card that is deep": lambda model: with_metadata(model, {"texgan": "[" * 50_000}),
    "card that is a list": lambda model: with_metadata(model, {"texgan": "[]"}),
    "other format": lambda model: with_card(model, lambda card: card.update(format=99)),
    "format as text": lambda model: with_card(model, lambda card: card.update(format="1")),
    "other kind": lambda model: with_card(model, lambda card: card.update(kind="virus")),
    "kind of another network": lambda model: with_card(model, lambda card: card.update(kind="style")),
    "kind of the article": lambda model: with_card(model, lambda card: card.update(kind="classic")),
    "a part": lambda model: with_card(model, lambda card: card.update(kind="codec")),
    "other hash": lambda model: with_card(model, lambda card: card.update(hash="0" * 64)),
    "hash of no type": lambda model: with_card(model, lambda card: card.update(hash=None)),
    "name that is a number": lambda model: with_card(model, lambda card: card.update(name=5)),
    "other codec": lambda model: with_card(model, lambda card: card.update(codec="0" * 64)),
    "codec that is a path": lambda model: with_card(model, lambda card: card.update(codec="../../codec")),
    "codec of no type": lambda model: with_card(model, lambda card: card.update(codec=None)),
    "wraps that is a number": lambda model: with_card(model, lambda card: card.update(wraps=1)),
    "wraps that is short": lambda model: with_card(model, lambda card: card.update(wraps=[True])),
}
REQUIRED = ("format", "kind", "name", "class", "hash", "training_materials", "codec", "wraps")


@pytest.mark.parametrize("what", FOREIGN)
def test_a_foreign_file_is_refused(good: Path, bad: Path, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(bad.parent)
    bad.write_bytes(FOREIGN[what](good.read_bytes()))
    assert_refused(lambda: load_model(bad), ModelFileError)
    assert not (bad.parent / "sprung").exists()


@pytest.mark.parametrize("key", REQUIRED)
def test_a_card_that_lacks_something_is_refused(good: Path, bad: Path, key: str) -> None:
    bad.write_bytes(with_card(good.read_bytes(), lambda card: {k: v for k, v in card.items() if k != key}))
    assert_refused(lambda: load_model(bad), ModelFileError)


def test_a_truncated_file_is_refused_wherever_it_ends(good: Path, bad: Path) -> None:
    whole = good.read_bytes()
    for length in {*range(0, 64), *range(0, len(whole), 97), len(whole) - 1}:
        bad.write_bytes(whole[:length])
        assert_refused(lambda: load_model(bad), ModelFileError)


def test_a_file_with_any_byte_changed_loads_unharmed_or_is_refused(good: Path, bad: Path) -> None:
    whole, latent = good.read_bytes(), load_model(good).exemplar
    rng = np.random.default_rng(1)
    for place in rng.integers(0, len(whole), 200):
        bad.write_bytes(flip(whole, int(place)))
        try:
            model = load_model(bad)
        except ModelFileError as error:
            assert_one_sentence(str(error))
        else:  # a change to what is only said of the model
            np.testing.assert_array_equal(model.exemplar, latent)


def material_card(good: Path) -> Card:
    return json.loads(split(good.read_bytes())[0]["__metadata__"]["texgan"])


LATENT = pack(np.zeros((8, 24, 24), np.float32))
SHAPE = np.array([8, 24, 24], np.int32)
WRONG_TENSORS: dict[str, Tensors] = {
    "nothing": {"other": SHAPE},
    "no shape": {"latent": LATENT},
    "no latent": {"latent_shape": SHAPE},
    "half a latent": {"latent": LATENT[: len(LATENT) // 2], "latent_shape": SHAPE},
    "too few values": {"latent": pack(np.zeros((4, 24, 24), np.float32)), "latent_shape": SHAPE},
    "too many values": {"latent": pack(np.zeros((9, 24, 24), np.float32)), "latent_shape": SHAPE},
    "flat latent": {"latent": LATENT, "latent_shape": SHAPE[:2]},
    "a shape that deep": {"latent": LATENT, "latent_shape": np.array([8, 24, 24, 1], np.int32)},
    "a negative shape": {"latent": LATENT, "latent_shape": np.array([-8, -24, 24], np.int32)},
    "an endless shape": {"latent": LATENT, "latent_shape": np.array([2**30, 2**30, 2**30], np.int32)},
    "a shape of fractions": {"latent": LATENT, "latent_shape": SHAPE + 0.5},
    "NaN": {"latent": LATENT, "latent_shape": SHAPE * np.nan},
}


@pytest.mark.parametrize("what", WRONG_TENSORS)
def test_wrong_tensors_are_refused_though_the_hash_is_right(good: Path, bad: Path, what: str) -> None:
    write_model_file(bad, material_card(good), WRONG_TENSORS[what])
    assert_refused(lambda: load_model(bad), ModelFileError)


@pytest.mark.parametrize("cells", [(0, 24), (1, 1), (1, 100), (7, 7)])
def test_a_latent_too_small_to_lay_out_is_refused(good: Path, bad: Path, cells: tuple[int, int]) -> None:
    tensors = {"latent": pack(np.zeros((8, *cells), np.float32)), "latent_shape": np.array([8, *cells], np.int32)}
    write_model_file(bad, material_card(good), tensors)
    assert_refused(lambda: synthesize(load_model(bad), TextureRequest((64, 64))), TexganError)


WRONG_CONFIGS: list[object] = [
    None,
    {},
    {"latent_channels": None},
    {"widths": [8, 12]},
    {"widths": 8},
    {"latent_channels": [8, 8, 8]},
    {"latent_channels": "many"},
    {"latent_channels": 9},
    {"latent_channels": -1},
    {"latent_channels": 0, "widths": [0, 0, 0]},
    {"latent_channels": 10**12},
    {"widths": [4096, 4096, 4096]},  # gigabytes, if the network were built before its weights are looked at
]


@pytest.mark.parametrize("part", ["codec", "generator"])
@pytest.mark.parametrize("config", WRONG_CONFIGS, ids=str)
def test_a_network_that_does_not_fit_its_config_is_refused(tmp_path: Path, part: str, config: object) -> None:
    model = (tiny_material_model if part == "codec" else tiny_style_model)(tmp_path)
    path = tmp_path / f"{part}.safetensors"
    path.write_bytes(with_card(path.read_bytes(), lambda card: card.update(config=config and card["config"] | config)))
    assert_refused(lambda: load_model(model), ModelFileError)


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.safetensors").mkdir()
    assert_refused(lambda: load_model(tmp_path / "folder.safetensors"), ModelFileError)
    assert_refused(lambda: load_model(tmp_path / "absent.safetensors"), ModelFileError)
    assert_refused(lambda: load_model(tmp_path), UnknownModelError)
    (tmp_path / "notes.txt").write_text("hello")
    assert_refused(lambda: load_model(tmp_path / "notes.txt"), ModelFileError)


@pytest.mark.parametrize("name", ["", ".", "..", "no such model", "a" * 5000, "a\0b", "../" * 50, "\x1b[2J", "ü" * 300])
def test_unknown_names_are_refused(name: str) -> None:
    with pytest.raises(TexganError) as raised:
        find_model(name)
    assert "\n" not in str(raised.value)


# ---------------------------------------------------------------- pictures


def png(width: int, height: int) -> bytes:
    """A PNG that promises more than it holds."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


PICTURES: dict[str, bytes] = {
    "empty": b"",
    "text": b"hello",
    "noise": np.random.default_rng(0).bytes(4000),
    "a bomb": png(60_000, 60_000),
    "a small bomb": png(10_000, 10_000),
    "a long one": png(60_000, 64),
    "cut short": png(4000, 4000),
    "tiny": png(8, 8),
    "no width": png(0, 64),
    "only a signature": png(64, 64)[:8],
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "a program": b"\x7fELF" + bytes(200),
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n(sprung) (w) file\n",
}


@pytest.mark.parametrize("what", PICTURES)
def test_a_bad_picture_is_refused(tmp_path: Path, what: str) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(PICTURES[what])
    assert_refused(lambda: read_picture(path), ImageError)
    assert_refused(lambda: load_material(find_materials(tmp_path)[0]), ImageError)


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "webp", "tga", "bmp", "gif"])
def test_a_damaged_picture_is_read_or_refused(tmp_path: Path, suffix: str) -> None:
    rng = np.random.default_rng(2)
    path = tmp_path / f"picture.{suffix}"
    Image.fromarray(rng.integers(0, 256, (40, 40, 3), dtype=np.uint8)).save(path)
    whole = path.read_bytes()
    for place in rng.integers(0, min(len(whole), 400), 40):
        for damaged in (whole[:place], flip(whole, int(place))):
            path.write_bytes(damaged)
            try:
                picture = read_picture(path)
            except ImageError as error:
                assert_one_sentence(str(error))
            else:
                assert picture.dtype == np.float32 and 0 <= picture.min() <= picture.max() <= 1


def test_pictures_that_are_none_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.png", tmp_path / ("a" * 5000), Path("a\0b.png")):
        with pytest.raises(ImageError):
            read_picture(path)


# ---------------------------------------------------------------- requests

REQUESTS: dict[str, dict[str, object]] = {
    "size 0": {"size": (0, 0)},
    "negative size": {"size": (-64, 64)},
    "a huge size": {"size": (10**9, 10**9)},
    "a huge width": {"size": (10**9, 64)},
    "size 7": {"size": (7, 7)},
    "no multiple": {"size": (1001, 1024)},
    "size of floats": {"size": (64.0, 64.0)},
    "size of text": {"size": ("64", "64")},
    "no maps": {"maps": ()},
    "unknown map": {"maps": ("base_color", "smell")},
    "a map of no name": {"maps": ("",)},
    "negative layout": {"layout_seed": -1},
    "negative style": {"style_seed": -1},
    "large layout": {"layout_seed": 2**40},
    "large style": {"style_seed": 2**31},
    "layout of half": {"layout_seed": 0.5},
}


@pytest.mark.parametrize("what", REQUESTS)
def test_a_bad_request_is_refused(good: Path, what: str) -> None:
    request = TextureRequest(**({"size": (64, 64)} | REQUESTS[what]))
    assert_refused(lambda: synthesize(load_model(good), request), RequestError)


def test_the_nearest_sizes_are_offered(good: Path) -> None:
    with pytest.raises(RequestError, match="1000 and 1008"):
        synthesize(load_model(good), TextureRequest((1001, 1024)))


@pytest.mark.parametrize("device", ["", "gpu", "cuda:99", "tpu"])
def test_an_unknown_device_is_refused(good: Path, device: str) -> None:
    assert_refused(lambda: synthesize(load_model(good), TextureRequest((64, 64)), device), DeviceError)


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"size": 5},
        {"size": [64], "layout_seed": 0, "style_seed": 0, "maps": ["normal"]},
        {"size": [64, 64], "layout_seed": "x", "style_seed": 0, "maps": ["normal"]},
        {"size": [64, 64], "layout_seed": 0, "style_seed": 0, "maps": None},
        {"size": [64, 64], "layout_seed": 0, "style_seed": 0, "maps": ["smell"]},
        {"size": [64, 64], "layout_seed": float("inf"), "style_seed": 0, "maps": ["normal"]},
        {"size": [7, 7], "layout_seed": 0, "style_seed": 0, "maps": ["normal"]},
        [],
        None,
        "record",
    ],
)
def test_a_bad_record_is_refused(record: object) -> None:
    assert_refused(lambda: request_from_record(record), RequestError)


# ---------------------------------------------------------------- command line

CALLS = [
    "",
    "make",
    "generate",
    "generate GOOD EXTRA",
    "generate GOOD --unknown",
    "generate GOOD --se 3",
    "generate GOOD --seed",
    "generate GOOD --seed x",
    "generate GOOD --seed 1.5",
    "generate GOOD --seed -1",
    "generate GOOD --seed 1099511627776",
    "generate GOOD --style -1",
    "generate GOOD --size 0",
    "generate GOOD --size 7",
    "generate GOOD --size 1001",
    "generate GOOD --size -64",
    "generate GOOD --size 64x",
    "generate GOOD --size 64x64x64",
    "generate GOOD --size 1000000000",
    "generate GOOD --size 99999999999999999999999",
    "generate GOOD --maps ,",
    "generate GOOD --maps smell",
    "generate GOOD --maps basecolor",
    "generate GOOD --device gpu --size 64",
    "generate GOOD --size 64 --out FILE",
    "generate GOOD --size 64 --out FILE/folder",
    "generate BAD",
    "generate nothing",
    "info BAD",
    "info nothing",
    "info",
    "models GOOD",
    "variations",
    "variations FILE",
    "variations absent.png",
    "variations EMPTY",
    "measure",
    "measure FILE",
    "measure absent.png",
    "measure EMPTY",
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("as_json", [False, True])
def test_bad_calls_end_with_2_and_one_sentence(
    good: Path, bad: Path, call: str, as_json: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bad.parent)
    bad.write_bytes(good.read_bytes()[:-1])
    (bad.parent / "FILE").write_text("hello")
    (bad.parent / "EMPTY").mkdir()
    words = {"GOOD": str(good), "BAD": str(bad)}
    arguments = [words.get(word, word) for word in call.split()]
    assert main([*arguments, *(["--json"] if as_json and arguments else [])]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    *progress, sentence = captured.err.splitlines()
    assert sentence.startswith("texgan: ")
    assert_one_sentence(sentence)
    assert progress in ([], ["Loading ..."])
    assert sorted(p.name for p in bad.parent.iterdir()) == ["EMPTY", "FILE", "bad.safetensors", "codec.safetensors"]
