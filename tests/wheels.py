"""Small wheels that stand in for PyTorch and its companions, so that installing can be tested in seconds."""

import zipfile
from pathlib import Path

CONTENTS = {
    ("torch", "2.13.0"): {"torch/__init__.py": "__version__ = '2.13.0+small'\n"},
    ("pillow", "11.0.0"): {"PIL/__init__.py": "", "PIL/Image.py": ""},
    ("safetensors", "0.5.0"): {"safetensors/__init__.py": ""},
    ("openimageio", "3.0.0"): {"OpenImageIO/__init__.py": ""},
}


def make_wheels(folder: Path, torch: str = "") -> Path:
    """A folder with the wheels; `torch` is what PyTorch's says when it is imported."""
    folder.mkdir()
    for (name, version), files in CONTENTS.items():
        if name == "torch" and torch:
            files = {"torch/__init__.py": torch}
        _write(folder, name, version, files)
    return folder


def _write(folder: Path, name: str, version: str, files: dict[str, str]) -> None:
    info = f"{name}-{version}.dist-info"
    said = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in [*files, *said, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, text in {**files, **said, f"{info}/RECORD": record}.items():
            wheel.writestr(path, text)
