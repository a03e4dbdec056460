"""Who may import whom, and facts that stand in more than one place."""

import ast
import tomllib
from pathlib import Path

import pytest

from texgan_core import generator, grid, maps, noise

ROOT = Path(__file__).parents[1]
PURE_ROOMS = (
    *("errors", "values", "jobs", "processes", "packages", "installer"),
    *("records", "map_files", "child", "models", "finishing", "exporting", "lessons", "engine"),
)
"""Modules of texgan_blender that run in the background thread as well."""
TO_THE_CORE = {"records", "map_files", "models", "finishing", "exporting", "lessons", "engine"}
"""Those of them that import the core, inside functions."""
BLENDER_ORDER = (
    *PURE_ROOMS,
    *("thumbnails", "translations", "pump", "drawing", "preferences", "settings", "history"),
    *(
        "wiring",
        "images",
        "nodes",
        "building",
        "materials",
        "assets",
        "previews",
        "variations",
        "background",
        "operators",
        "improving",
        "again",
        "learning",
        "keeping",
        "setup",
        "output",
        "live",
        "panels",
        "menus",
        "__init__",
    ),
)
"""Each room of texgan_blender stands only on those before it."""


def modules(package: str) -> list[Path]:
    paths = sorted((ROOT / package).rglob("*.py"))
    assert paths
    return [path for path in paths if "development" not in path.parts]


def imports(path: Path) -> list[str]:
    """Dotted names of all that a module imports, anywhere in it; relative ones from the repository's root."""
    package = path.relative_to(ROOT).parts[:-1]
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            name = ".".join([*base, *([node.module] if node.module else [])])
            found += [name, *(f"{name}.{alias.name}" for alias in node.names)]
    return found


def tops(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path)}


@pytest.mark.parametrize("path", modules("texgan_core"), ids=lambda p: p.stem)
def test_core_stands_on_nothing_of_ours(path):
    assert not tops(path) & {"texgan_blender", "training", "tests", "bpy"}


@pytest.mark.parametrize("path", modules("training"), ids=lambda p: p.stem)
def test_training_stands_on_the_core_only(path):
    assert not tops(path) & {"texgan_blender", "tests", "bpy"}


@pytest.mark.parametrize("path", modules("texgan_blender"), ids=lambda p: p.stem)
def test_rooms_of_the_add_on(path):
    if path.stem not in TO_THE_CORE:
        assert not tops(path) & {"texgan_core", "torch", "PIL"}, "only these reach the core"
    if path.stem in PURE_ROOMS:
        assert not tops(path) & {"bpy", "mathutils"}, "the background thread never touches Blender"
    if path.stem != "jobs":
        assert not tops(path) & {"threading", "queue", "concurrent", "multiprocessing", "asyncio"}
    assert not tops(path) & {"training", "tests"}
    below = BLENDER_ORDER[: BLENDER_ORDER.index(path.stem)]
    ours = {n.split(".")[1] for n in imports(path) if n.startswith("texgan_blender.")} & set(BLENDER_ORDER)
    assert ours <= set(below)


@pytest.mark.parametrize("name", TO_THE_CORE)
def test_the_core_is_imported_only_inside_functions(name):
    tree = ast.parse((ROOT / "texgan_blender" / f"{name}.py").read_text(encoding="utf-8"))
    top = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    assert top and not [n for n in top if n.level == 2 or (n.module or "").split(".")[0] in ("torch", "numpy", "PIL")]


def test_only_images_writes_blender_s_images():
    for path in modules("texgan_blender"):
        text = path.read_text(encoding="utf-8")
        assert path.stem == "images" or not any(w in text for w in ("data.images", ".pack(", ".pixels")), path.name


def test_entry_imports_nothing_at_the_top():
    tree = ast.parse((ROOT / "__init__.py").read_text(encoding="utf-8"))
    assert not [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]


def test_version_is_the_same_everywhere():
    from texgan_core import __version__

    manifest = tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = next(line for line in changelog.splitlines() if line.startswith("## "))
    assert manifest["version"] == __version__
    assert newest.lstrip("# []v").startswith(__version__)
    assert "version" in project["project"]["dynamic"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "texgan_core.__version__"}


def test_panel_and_core_agree_on_maps_seeds_and_sizes():
    """The panel must draw before the core can be imported, so it has these facts a second time."""
    tree = ast.parse((ROOT / "texgan_blender" / "settings.py").read_text(encoding="utf-8"))
    said = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).isupper():
            exec(ast.unparse(node), said)
    assert said["MAPS"] == tuple(maps.MAPS)
    assert said["DEFAULT_MAPS"] == set(maps.DEFAULT_MAPS)
    assert said["LARGEST_SEED"] == noise.LARGEST_SEED
    assert said["SIZE_STEP"] == grid.STRIDE
    assert said["NOISE_SIZE_STEP"] == generator.SIZE_STEP


def test_python_is_no_newer_than_blender_s():
    manifest = tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))
    assert manifest["blender_version_min"] == "4.2.0", "which brings Python 3.11"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["requires-python"] == ">=3.11"
