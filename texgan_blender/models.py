"""The models that there are: the bundled and the user's own, and those that are loaded.

As in all rooms below Blender's, the core is imported when it is first needed.
"""

import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from . import packages
from .errors import UserError
from .records import check_packages, errors_for_the_user
from .values import ModelChoice, Request

if TYPE_CHECKING:
    from ..texgan_core.library import ModelInfo
    from ..texgan_core.models import Model

DEFAULT_MODEL = "Bricks097"
"""What a new scene has chosen."""


def bundled_models() -> list[ModelChoice]:
    """The menu, by class and name; empty while packages are missing. Reads the models' headers, without PyTorch."""
    if packages.missing():
        return []
    from ..texgan_core.library import is_own, list_models

    return [
        ModelChoice(
            info.name, info.material_class, info.kind == "style", str(info.card.get("licence", "")), is_own(info)
        )
        for info in list_models()
    ]


def is_learned(name: str, noise: bool) -> bool:
    """Whether the user has the model that learning under this name makes."""
    from ..texgan_core.own import learned_name

    return any(choice.is_own and choice.name == learned_name(name, noise) for choice in bundled_models())


def rename_model(name: str, new: str) -> str:
    """Call a model of the user's own otherwise; returns what it is called now.

    Raises:
        UserError: there is none, or the name cannot be.
    """
    check_packages()
    with errors_for_the_user():
        from ..texgan_core.own import rename

        return rename(name, new)


def delete_model(name: str) -> None:
    """Delete a model of the user's own with all that is its alone.

    Raises:
        UserError: there is none, or it cannot be deleted.
    """
    check_packages()
    with errors_for_the_user():
        from ..texgan_core.own import delete

        delete(name)


def own_models() -> Path:
    """The folder of the user's own models."""
    from ..texgan_core.library import OWN

    return OWN


def load_all(request: Request) -> "Model":
    """The request's model, blended and with the joints that it asks for."""
    from ..texgan_core.blend import Blend
    from ..texgan_core.mixture import Mixture

    model = _load(request.model)
    if request.blend:
        model = Blend(model, _load(request.blend), request.share)
    if request.joints:
        model = Mixture(model, _load(request.joints))
    return model


def _load(name_or_path: str) -> "Model":
    from ..texgan_core.library import find_model

    path = find_model(name_or_path).path
    return _load_file(str(path), path.stat().st_mtime_ns)


@lru_cache(maxsize=3)
def _load_file(path: str, modified: int) -> "Model":
    from ..texgan_core.library import load_model

    return load_model(path)


def model_of_record(name: str, model_hash: str, model_file: str) -> str:
    """The path of what has a record's hash, whatever it is called by now: of a model in the menu, or the chosen file.
    Records of old have no hash; then it is the menu's model of this name, or the chosen file.

    Raises:
        UserError: neither is it.
    """
    from ..texgan_core.library import describe

    if found := in_menu(name, model_hash):
        return str(found.path)
    if model_file and (not model_hash or describe(Path(model_file)).card["hash"] == model_hash):
        return model_file
    if in_menu(name, ""):
        raise UserError(
            f"The model {name} has changed since the texture was made; choose the file that it was then as Model File "
            "in the panel, or generate anew."
        )
    if model_file:
        raise UserError(
            f"The texture was made with the model {name}, which {model_file} is not; choose the file that it was then "
            "as Model File in the panel."
        )
    raise UserError(f"The model {name} is not in the menu; choose its file as Model File in the panel.")


def in_menu(name: str, model_hash: str) -> "ModelInfo | None":
    """The model of a hash, or of a name if the hash is empty."""
    from ..texgan_core.library import list_models

    known = {info.card["hash"] if model_hash else info.name: info for info in list_models()}
    return known.get(model_hash or name)


def device_in_use() -> str:
    """What PyTorch would compute on; nothing before it has been loaded."""
    return device_type("auto") if "torch" in sys.modules else ""


def device_type(name: str) -> str:
    from ..texgan_core.devices import choose_device

    return choose_device(name).type


def uses_accelerator() -> bool:
    """Whether a graphics card's memory may be in use."""
    return bool(device_in_use()) and device_in_use() != "cpu" and _load_file.cache_info().currsize > 0


def forget_models() -> None:
    """Give back the memory of loaded models, the graphics card's too."""
    _load_file.cache_clear()
    if "torch" in sys.modules:
        from ..texgan_core.networks import forget_codecs
        from ..texgan_core.synthesize import release_memory

        forget_codecs()
        release_memory()
