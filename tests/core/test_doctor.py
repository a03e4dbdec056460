"""The doctor's report."""

import pytest

from tests.tiny import tiny_material_model
from texgan_core import doctor, library
from texgan_core.cli import main


@pytest.fixture
def bundle(tmp_path, monkeypatch):
    tiny_material_model(tmp_path)
    monkeypatch.setattr(library, "BUNDLED", tmp_path)
    library._bundled.cache_clear()
    yield tmp_path
    library._bundled.cache_clear()


def test_all_is_well(bundle, capsys) -> None:
    report = doctor.examine()
    assert report.troubles == 0 and "1 models" in report.lines
    assert report.lines[-1].startswith("Tiny, 256 x 256 on cpu")
    assert main(["doctor"]) == 0
    assert capsys.readouterr().out.endswith("All is well.\n")


def test_a_damaged_model_is_named(bundle, capsys) -> None:
    path = bundle / "Tiny.safetensors"
    library.list_models()
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    report = doctor.examine()
    assert report.troubles == 1 and str(path) in report.lines[-1] and report.lines[-1].startswith("! ")
    main(["doctor"])
    assert capsys.readouterr().out.endswith("1 troubles\n")


def test_a_model_of_one_s_own_with_a_bundled_name_is_named(bundle, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(library, "OWN", tmp_path / "own")
    path = tiny_material_model(tmp_path / "own", "tiny")
    report = doctor.examine()
    assert report.troubles == 1 and f"! {path} has the name of a model that comes" in report.text()


def test_no_models_and_little_memory(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(library, "BUNDLED", tmp_path)
    monkeypatch.setattr(doctor, "SMALLEST_GIB", 10**6)
    library._bundled.cache_clear()
    report = doctor.examine()
    library._bundled.cache_clear()
    assert report.troubles == 2
    assert "install TexGAN again" in report.text() and "keep to 2048 x 2048" in report.text()
