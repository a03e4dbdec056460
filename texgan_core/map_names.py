"""What the names of picture files say: which map a picture is, and of which material.

The words for maps are those of Blender's Node Wrangler. Words also describe subjects ("metal_plate",
"rough_wood"), so a name has several readings, and the names beside it decide between them: the
reading that makes the fullest set wins. A single letter stands for a map only where all that it tells apart are such
letters, and a normal map or a word is among them: "stone_d.png", "stone_n.png", but not "photo_a.png" to "photo_f.png".
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePath

WORDS = {
    "base_color": "diffuse diff dif albedo base col color colour basecolor basecolour",
    "normal": "normal normals nor norm nrm nrml",
    "roughness": "roughness rough rgh",
    "gloss": "gloss glossy glossiness smoothness",
    "height": "displacement displace disp dsp height heightmap",
    "bump": "bump bmp",
    "metallic": "metallic metalness metal mtl met",
    "ambient_occlusion": "ao ambient occlusion ambientocclusion occ",
    # Several maps in one picture, see `materials.PACKED`.
    "orm": "orm arm occlusionroughnessmetallic occlusionroughnessmetalness occlusionroughmetal",
    "mask": "mask",
    # Known to be no picture of the material that we could use.
    "unused": "specularity specular spec spc transmission transparency emission emissive emit alpha opacity "
    "refl reflection cavity curvature preview thumb thumbnail render sphere cube flat",
}
KIND_OF_WORD = {word: kind for kind, words in WORDS.items() for word in words.split()}
SUBJECT_WORDS = frozenset({"metal", "rough", "glossy", "bump", "ambient", "arm", "mask", *WORDS["unused"].split()})
"""Words that may describe what a photograph shows; the others stand for a map and nothing else."""
LETTERS = {
    "base_color": "c d bc",
    "normal": "n",
    "roughness": "r",
    "height": "h",
    "metallic": "m",
    "unused": "a b e g o s",  # which mean one thing here and another there
}
KIND_OF_LETTER = {letter: kind for kind, letters in LETTERS.items() for letter in letters.split()}
"""The last letter of a name, where nothing else would be said of it."""
SERIES = "series"
"""The kind of a letter that stands for no map: then those beside it number pictures."""
JOINERS = frozenset({"unused", "orm", "mask"})
"""Kinds that are of a set, but make none."""
DIRECTX = frozenset({"dx", "directx"})
SILENT = re.compile(
    r"dx|directx|gl|ogl|opengl|map|mixed|png|jpe?g|tiff?|exr|\d*bits?|\d*k|(512|1024|2048|4096|8192)(x\d+)?(px)?"
)
"""Words for conventions, formats and resolutions, which may differ between the maps of one set."""
TOKEN = re.compile(
    r"(?i:occlusion[\W_]?rough(?:ness)?[\W_]?metal(?:lic|ness)?)|DirectX|OpenGL|[A-Z0-9]+(?![a-z])|[A-Z]?[^\W_A-Z]+"
)
PLAIN = "plain"
"""The kind of a name that says no map: the base color, beside maps of the same material."""


@dataclass(frozen=True)
class Reading:
    """One way to read a name: a map of `kind`, of the material `key`; `title` is the key as it was written.

    `before` is the part of the key before the word for the map, `clear` if that word is no subject's,
    `last` if no word follows it, `letter` if it is a letter.
    """

    kind: str
    key: str
    title: str
    before: str
    clear: bool
    last: bool
    letter: bool = False


@dataclass
class NameSet:
    """The names of one material's pictures, by kind; `key` and `before` as in `Reading`, of its base color."""

    title: str
    key: str
    before: str
    names: dict[str, str]


def is_directx(name: str) -> bool:
    """Whether a name says that its normals point down where green is high."""
    return any(token.group().lower() in DIRECTX for token in TOKEN.finditer(PurePath(name).stem))


def readings_of(name: str) -> list[Reading]:
    """All ways to read a file name, the plain one first, then by the place of the word for the map."""
    stem = PurePath(name).stem
    tokens = list(TOKEN.finditer(stem))
    silent = [t.span() for t in tokens if SILENT.fullmatch(t.group().lower())]
    spans = [t.span() for t in tokens if t.span() not in silent]
    words = [re.sub(r"[\d\W_]", "", stem[slice(*span)].lower()) for span in spans]
    kinds = [KIND_OF_WORD.get(word) for word in words]
    whole = _cut(stem, silent)
    found = [Reading(PLAIN, _key(whole), whole, _key(whole), clear=False, last=True)]
    for end, kind in enumerate(kinds):
        start = end
        while kind and start >= 0 and kinds[start] == kind:  # "Base", "Color" may be one word or two
            title = _cut(stem, silent + spans[start : end + 1])
            before = _cut(stem[: spans[start][0]], silent)
            clear = any(word not in SUBJECT_WORDS for word in words[start : end + 1])
            found.append(Reading(kind, _key(title), title, _key(before), clear, end == len(words) - 1))
            start -= 1
    if spans and spans[-1][0] and not stem[spans[-1][0] - 1].isalnum():
        written, title = stem[slice(*spans[-1])].lower(), _cut(stem, [*silent, spans[-1]])
        if written in KIND_OF_LETTER or (len(written) == 1 and written.isalpha()):
            kind = KIND_OF_LETTER.get(written, SERIES)
            found.append(Reading(kind, _key(title), title, _key(title), kind == "normal", last=True, letter=True))
    return found


def sort_names(names: Iterable[str]) -> tuple[list[NameSet], list[str]]:
    """Sort the file names of one folder into sets and pictures that stand alone.

    Of several pictures of one kind, OpenGL normals come before DirectX ones, EXR last, then the first name wins.
    Maps that belong to no base color make sets without one.
    """
    ordered = sorted(names, key=lambda n: (is_directx(n), PurePath(n).suffix.lower() == ".exr", n))
    left = _without_series({name: readings_of(name) for name in ordered})
    sets = _take_sets(left, "key", _is_set) + _take_sets(left, "before", _is_loose_set)
    sets.sort(key=lambda s: -len(s.key))
    for name, readings in list(left.items()):
        home, kind = next(((s, r.kind) for s in sets for r in readings if _belongs(r, s)), (None, ""))
        if home:
            home.names.setdefault(kind, name)
            del left[name]
    maps = {name: [r for r in readings if _is_map(r) and r.last and not r.letter] for name, readings in left.items()}
    headless = _take_sets(maps, "key", bool)
    return sets + headless, [name for name in left if name in maps]


def _without_series(left: dict[str, list[Reading]]) -> dict[str, list[Reading]]:
    """Without the letters of names that only a letter tells apart, if one of these letters stands for no map."""
    series = {reading.key for readings in left.values() for reading in readings if reading.kind == SERIES}
    return {name: [r for r in found if not (r.letter and r.key in series)] for name, found in left.items()}


def _take_sets(left: dict[str, list[Reading]], by: str, accepts: Callable[[list[Reading]], bool]) -> list[NameSet]:
    """Move the groups of names that agree in a field of their readings out of `left`, the fullest first."""
    groups: dict[str, dict[str, Reading]] = {}
    for name, readings in left.items():
        for reading in readings:
            groups.setdefault(getattr(reading, by), {})[name] = reading
    sets = []
    for _, group in sorted(groups.items(), key=lambda item: (-len({r.kind for r in item[1].values()}), item[0])):
        members = {name: reading for name, reading in group.items() if name in left}
        if accepts(list(members.values())):
            sets.append(_name_set(members))
            for name in members:
                del left[name]
    return sets


def _name_set(members: dict[str, Reading]) -> NameSet:
    names: dict[str, str] = {}
    for name, reading in members.items():
        names.setdefault(reading.kind, name)
    head = members[names.get("base_color") or names.get(PLAIN) or next(iter(members))]
    return NameSet(head.title, head.key, head.before, names)


def _is_set(group: list[Reading]) -> bool:
    """A base color with something else; a plain name, or a letter, is a base color only beside what is clearly a
    map."""
    kinds = {reading.kind for reading in group}
    told = any(reading.kind == "base_color" and not reading.letter for reading in group)
    guessed = bool(kinds & {"base_color", PLAIN}) and any(_is_map(r) and r.last for r in group)
    return len(kinds) > 1 and (told or guessed)


def _is_loose_set(group: list[Reading]) -> bool:
    """A base color and a map whose names differ after the word for the map ("Wool_COL_VAR1", "Wool_NRM")."""
    found = [reading for reading in group if not reading.letter]
    return any(r.kind == "base_color" and r.before for r in found) and any(_is_map(r) for r in found)


def _is_map(reading: Reading) -> bool:
    return reading.clear and reading.kind != "base_color"


def _belongs(reading: Reading, name_set: NameSet) -> bool:
    """Whether a name that is left over is one more map, or a preview, of a set.

    To a set whose names are the words for maps alone ("color.png", "normal.png"), any map of the folder does.
    """
    if reading.letter or (reading.kind in JOINERS and not reading.clear):
        return reading.key in (name_set.key, name_set.before)
    beginnings = [f"{text}_" for text in (name_set.key, name_set.before) if text]
    return _is_map(reading) and (not name_set.key or f"{reading.key}_".startswith(tuple(beginnings)))


def _cut(text: str, spans: list[tuple[int, int]]) -> str:
    """A text without some spans, of each run of separators only the first kept, none at the ends."""
    kept = "".join(c for i, c in enumerate(text) if not any(start <= i < end for start, end in spans))
    return re.sub(r"([\W_])[\W_]+", r"\1", kept).strip("_-.# ")


def _key(title: str) -> str:
    return re.sub(r"[\W_]+", "_", title.lower()).strip("_")
