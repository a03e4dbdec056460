"""Installing packages into the add-on's own folder, with pip for real, from small wheels."""

import os
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.wheels import make_wheels
from texgan_blender import installer, packages
from texgan_blender.errors import UserError
from texgan_blender.installer import Source, install


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "user" / "texgan"


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    return make_wheels(tmp_path / "wheels")


@pytest.fixture(autouse=True)
def same_path():
    yield
    packages.deactivate()


def never() -> bool:
    return False


def test_it_installs_tells_what_it_does_and_takes_it_into_use(folder, wheels) -> None:
    told: list[tuple[float, str]] = []
    assert install(folder, Source(str(wheels)), lambda *t: told.append(t), never) == "2.13.0+small"
    place = packages.current(folder)
    assert place is not None and (place / "torch").is_dir() and (place / "PIL").is_dir()
    assert told[0] == (0.0, "Starting pip") and told[-1] == (0.95, "Trying it out")
    assert "Successfully installed" in (folder / installer.LOG).read_text()
    packages.activate(folder)
    assert sys.path[-1] == str(place), "last, so that Blender's own come first"
    packages.deactivate()
    assert str(place) not in sys.path


def test_a_second_installation_replaces_the_first(folder, wheels) -> None:
    install(folder, Source(str(wheels)), lambda *_: None, never)
    first = packages.current(folder)
    install(folder, Source(str(wheels)), lambda *_: None, never)
    assert packages.current(folder) not in (None, first)
    assert len(list(folder.glob(f"{packages.PREFIX}*"))) == 1


def test_cancelling_is_heard_at_once_and_leaves_what_was(folder, wheels) -> None:
    install(folder, Source(str(wheels)), lambda *_: None, never)
    before = packages.current(folder)
    asked: list[float] = []

    def cancel() -> bool:
        asked.append(time.monotonic())
        return len(asked) > 2

    install(folder, Source(str(wheels)), lambda *_: None, cancel)
    assert time.monotonic() - asked[2] < 0.5
    assert packages.current(folder) == before and len(list(folder.glob(f"{packages.PREFIX}*"))) == 1


def test_what_does_not_run_never_comes_into_use(folder, tmp_path) -> None:
    broken = make_wheels(tmp_path / "broken", torch="raise OSError('libcudart is missing')")
    with pytest.raises(UserError, match=r"libcudart is missing\. The whole log is in"):
        install(folder, Source(str(broken)), lambda *_: None, never)
    assert packages.current(folder) is None and not list(folder.glob(f"{packages.PREFIX}*"))


def test_pip_s_reason_is_told(folder, wheels) -> None:
    next(wheels.glob("safetensors*")).unlink()
    with pytest.raises(UserError, match="No matching distribution found for safetensors"):
        install(folder, Source(str(wheels)), lambda *_: None, never)
    assert packages.current(folder) is None


def test_a_folder_without_wheels_and_a_full_disk(folder, tmp_path, wheels, monkeypatch) -> None:
    with pytest.raises(UserError, match="holds no wheels"):
        install(folder, Source(str(tmp_path)), lambda *_: None, never)
    monkeypatch.setattr(installer, "NEEDED_GIB", 10**9)
    with pytest.raises(UserError, match="PyTorch needs at least"):
        install(folder, Source(str(wheels)), lambda *_: None, never)
    assert not folder.exists()


def test_progress_is_of_the_file_that_is_being_fetched() -> None:
    told: list[tuple[float, str]] = []

    def report(text: str) -> tuple[float, str]:
        installer._report(text, lambda *t: told.append(t))
        return told[-1]

    text = "Collecting torch==2.13.0\n"
    assert report(text) == (0.05, "Looking up torch==2.13.0")
    text += "  Downloading torch-2.13.0-cp311.whl (200 MB)\nProgress 10 of 100\nProgress 50 of 100\n"
    assert report(text) == (pytest.approx(0.45), "Fetching torch")
    text += "Collecting pillow>=10\n  Downloading https://a.example/b/pillow-11-cp311.whl (5 MB)\n"
    assert report(text) == (0.05, "Fetching pillow")
    assert report(text + "Installing collected packages: torch, pillow\n") == (0.9, "Unpacking")


def test_pip_packed_in_ensurepip_serves_where_none_is_installed(folder, wheels, monkeypatch) -> None:
    monkeypatch.setattr(installer, "find_spec", lambda name: None if name == "pip" else find_spec(name))
    try:
        installer._packed_pip()
    except UserError:
        pytest.skip("this Python comes without a packed pip")
    assert install(folder, Source(str(wheels)), lambda *_: None, never) == "2.13.0+small"


def test_a_python_without_any_pip_says_so(folder, wheels, monkeypatch) -> None:
    monkeypatch.setattr(installer, "find_spec", lambda name: None)
    with pytest.raises(UserError, match="came without pip"):
        install(folder, Source(str(wheels)), lambda *_: None, never)


def test_where_packages_come_from() -> None:
    torch, others = installer.TORCH, [*installer.COMPANIONS]
    assert Source().steps() == [[torch, *others]]
    assert Source(index="https://a.example/simple").steps() == [
        ["--index-url", "https://a.example/simple", torch],
        others,
    ]
    offline = ["--no-index", "--find-links", "/w", torch, *others]
    assert Source(wheels="/w", index="https://a.example").steps() == [offline]


def index_of(folder: Path, wheels: list[Path]) -> str:
    """A package index that pip can read, of a few wheels: its address."""
    for wheel in wheels:
        page = folder / wheel.name.split("-")[0]
        page.mkdir(parents=True)
        (page / wheel.name).write_bytes(wheel.read_bytes())
        (page / "index.html").write_text(f'<a href="{wheel.name}">{wheel.name}</a>')
    return folder.as_uri()


@pytest.fixture
def two_indexes(wheels, tmp_path, monkeypatch) -> Source:
    """One that has PyTorch alone, and the usual one, which has another build of it, and the rest."""
    other = next(make_wheels(tmp_path / "other", torch="raise OSError('the usual build')").glob("torch*"))
    usual = index_of(tmp_path / "usual", [other, *(set(wheels.iterdir()) - set(wheels.glob("torch*")))])
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", usual)
    return Source(index=index_of(tmp_path / "special", [*wheels.glob("torch*")]))


def test_an_index_of_one_s_own_needs_pytorch_alone(folder, two_indexes) -> None:
    told: list[tuple[float, str]] = []
    assert install(folder, two_indexes, lambda *t: told.append(t), never) == "2.13.0+small"
    place = packages.current(folder)
    assert place is not None and {"torch", "PIL", "safetensors", "OpenImageIO"} <= {p.name for p in place.iterdir()}
    assert told[-1] == (0.95, "Trying it out")
    assert (folder / installer.LOG).read_text().count("Successfully installed") == 2


def test_what_only_half_of_came_never_comes_into_use(folder, two_indexes, tmp_path) -> None:
    (tmp_path / "usual" / "safetensors" / "index.html").unlink()
    with pytest.raises(UserError, match="No matching distribution found for safetensors"):
        install(folder, two_indexes, lambda *_: None, never)
    assert packages.current(folder) is None and not list(folder.glob(f"{packages.PREFIX}*"))


@pytest.mark.skipif(sys.platform == "win32", reason="paths would be too long there")
def test_it_unpacks_where_the_free_space_was_looked_at(folder, wheels, tmp_path, monkeypatch) -> None:
    full = tmp_path / "full"
    full.mkdir(mode=0o500)
    monkeypatch.setenv("TMPDIR", str(full))
    seen: set[str] = set()

    def look() -> bool:
        seen.update(path.parent.name for path in folder.glob(f"{packages.PREFIX}*-unpacked/pip-*"))
        return False

    install(folder, Source(str(wheels)), lambda *_: None, look)
    assert len(seen) == 1 and not list(full.iterdir())
    assert list(folder.glob(f"{packages.PREFIX}*")) == [packages.current(folder)]


def test_remove_and_tidy(folder, wheels) -> None:
    install(folder, Source(str(wheels)), lambda *_: None, never)
    (folder / f"{packages.PREFIX}1").mkdir()
    packages.tidy(folder)
    assert not (folder / f"{packages.PREFIX}1").exists() and packages.current(folder)
    packages.activate(folder)
    packages.remove(folder)
    assert packages.current(folder) is None and not list(folder.glob(f"{packages.PREFIX}*"))


@pytest.mark.parametrize("name", ["../elsewhere", "packages-../..", "", "packages-gone", "\0"])
def test_a_damaged_note_of_what_is_in_use_is_no_trouble(folder, name) -> None:
    folder.mkdir(parents=True)
    (folder / packages.CURRENT).write_text(name)
    assert packages.current(folder) is None
    packages.activate(folder)


def test_an_environment_of_the_user_s_own(tmp_path) -> None:
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for inside in ("lib/" + python + "/site-packages", "Lib/site-packages", ""):
        root = tmp_path / (inside.split("/")[0] or "plain")
        (root / inside / "torch").mkdir(parents=True)
        assert packages.site_packages(str(root)) == root / inside
        packages.check_environment(str(root))
        packages.activate(tmp_path / "none", str(root))
        assert sys.path[-1] == str(root / inside)
    (tmp_path / "other" / "lib" / "python2.7" / "site-packages" / "torch").mkdir(parents=True)
    for wrong in (str(tmp_path / "other"), str(tmp_path / "absent"), ""):
        with pytest.raises(UserError, match="has no PyTorch for Python"):
            packages.check_environment(wrong)


def test_what_another_blender_is_installing_is_left_alone(folder, wheels) -> None:
    half = folder / f"{packages.PREFIX}7"
    half.mkdir(parents=True)
    busy = folder / packages.BUSY
    busy.touch()
    packages.tidy(folder)
    assert half.is_dir()
    with pytest.raises(UserError, match="Another Blender is installing"):
        install(folder, Source(str(wheels)), lambda *_: None, never)
    assert half.is_dir() and busy.is_file()
    long_ago = time.time() - 2 * packages.BUSY_SECONDS
    os.utime(busy, (long_ago, long_ago))
    install(folder, Source(str(wheels)), lambda *_: None, never)
    assert not half.exists() and not busy.exists() and packages.current(folder)


def test_it_says_that_it_is_at_work(folder, wheels) -> None:
    seen: list[bool] = []
    install(folder, Source(str(wheels)), lambda *_: seen.append(packages.is_busy(folder)), never)
    assert any(seen) and not packages.is_busy(folder)


def test_what_is_for_another_python_is_not_used(folder, wheels) -> None:
    install(folder, Source(str(wheels)), lambda *_: None, never)
    place = packages.current(folder)
    assert place is not None
    other = place.rename(folder / place.name.replace(packages.PREFIX, "packages-3.9-"))
    (folder / packages.CURRENT).write_text(other.name)
    assert packages.current(folder) is None
    packages.tidy(folder)
    assert not other.exists()


def test_an_environment_that_was_chosen_comes_before_what_was_installed(folder, wheels, tmp_path) -> None:
    install(folder, Source(str(wheels)), lambda *_: None, never)
    (tmp_path / "own" / "torch").mkdir(parents=True)
    packages.activate(folder, str(tmp_path / "own"))
    assert sys.path[-1] == str(tmp_path / "own") and str(packages.current(folder)) not in sys.path
    packages.activate(folder, str(tmp_path / "nothing"))
    assert sys.path[-1] == str(packages.current(folder))


def test_a_newer_pip_is_fetched_where_the_old_one_cannot_tell_its_progress(folder, wheels, monkeypatch) -> None:
    commands: list[list[str]] = []

    def run(command, log, *_):
        commands.append(command)
        if "torch" not in " ".join(command):
            raise UserError("no network")
        return "1.0"

    monkeypatch.setattr(installer, "_version_of", lambda pip: (24, 1) if str(pip[-1]).endswith("-pip/pip") else (23, 2))
    monkeypatch.setattr(installer, "_run", run)
    install(folder, Source(), lambda *_: None, never)
    assert commands[0][-1] == "pip>=24.1" and "off" in commands[1], "it works without, too"
    commands.clear()
    monkeypatch.setattr(installer, "_run", lambda command, *_: commands.append(command) or "1.0")
    install(folder, Source(), lambda *_: None, never)
    assert "raw" in commands[1] and any(part.endswith("-pip/pip") for part in commands[1])


def test_what_the_doctor_needs_to_know_of_an_installation(folder, wheels) -> None:
    assert "GiB free" in installer.report(folder) and "The log" not in installer.report(folder)
    install(folder, Source(str(wheels)), lambda *_: None, never)
    told = installer.report(folder).splitlines()
    assert f"({len(str(folder))} letters)" in told[1] and any("Successfully installed" in line for line in told)
    assert len(told) <= 3 + installer.LAST_LINES
