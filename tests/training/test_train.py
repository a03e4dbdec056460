"""Training end to end: it learns, survives being killed, shares work, and says when it goes wrong."""

import csv
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch

from tests.sets import write_sets
from tests.tiny import TINY, tiny_codec, tiny_networks
from texgan_core.codec import CodecConfig
from texgan_core.crops import window
from texgan_core.errors import ModelFileError, TrainingError
from texgan_core.estimator import OUTPUTS
from texgan_core.generator import normalize_style
from texgan_core.generator_stage import GeneratorStage, GeneratorTraining
from texgan_core.latents import LatentMaterial, encode_material, two_means
from texgan_core.library import load_model
from texgan_core.maps import CHANNELS, MAPS
from texgan_core.materials import Material
from texgan_core.model_file import read_card
from texgan_core.networks import read_codec, read_estimator, read_upscaler
from texgan_core.synthesize import TextureRequest, synthesize
from texgan_core.team import Team
from training.choose import Choice, load_materials
from training.classic_stage import ClassicStage, ClassicTraining
from training.codec_stage import CodecStage, CodecTraining
from training.data import Colors, CropSampler, orient
from training.halves import halves
from training.loop import Budget, Files, Progress, Stage, check_collapse, mixed_precision, run
from training.picture_stage import PictureStage, PictureTraining
from training.tasks import TASKS, Cleaning, Pair, Upscaling, wear
from training.train import main

ROOT = Path(__file__).parents[2]
CPU = torch.device("cpu")
IN_FLOAT32 = """
import sys

import torch

from training.train import main

torch.cpu.get_capabilities = dict  # as on a processor that does not multiply bfloat16, whose rounding would add up
sys.exit(main())
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sets(tmp_path_factory.mktemp("sets"), size=320)


@pytest.fixture(scope="module")
def codec(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A codec after a few real steps of both phases."""
    out = tmp_path_factory.mktemp("codec") / "codec.safetensors"
    options = ["--stage", "codec", "--data", str(data), "--out", str(out), "--steps", "40", "--batch", "2"]
    assert main([*options, "--log-every", "1", "--adversarial-from", "0.8", "--device", "cpu"]) == 0
    return out


def losses(model: Path, name: str) -> list[float]:
    with (model.with_suffix(".run") / "log.csv").open() as file:
        return [float(row["value"]) for row in csv.DictReader(file) if row["figure"] == name]


def codec_command(data: Path, codec: Path, out: Path, *more: str) -> list[str]:
    """Twelve steps from a codec that is there, as to fit a new one takes long."""
    options = ["--stage", "codec", "--data", str(data), "--start-from", str(codec), "--out", str(out), "--steps", "12"]
    options += ["--batch", "2", "--save-every", "2", "--log-every", "1", "--device", "cpu"]
    return ["-m", "training.train", *options, *more]


def test_the_codec_learns_in_both_phases(codec: Path) -> None:
    l1 = losses(codec, "l1")
    assert np.mean(l1[29:32]) < 0.9 * np.mean(l1[:3])
    assert len(losses(codec, "critic")) == 8
    assert max(losses(codec, "penalty")) > 0
    assert read_card(codec)["training_materials"] == ["soil/grain", "walls/bricks"]
    assert list(codec.with_suffix(".run").glob("step_*.png"))


@pytest.mark.parametrize(("kind", "lessons", "channels", "factor"), [("estimator", 16, 4, 1), ("upscaler", 24, 9, 2)])
def test_networks_from_pictures_to_pictures_learn_in_both_phases(
    data: Path, tmp_path: Path, kind: str, lessons: int, channels: int, factor: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.tasks.DOUBLINGS", 1)  # else the upscaler's lessons are not alike
    out = tmp_path / f"{kind}.safetensors"
    options = ["--stage", kind, "--data", str(data), "--out", str(out), "--steps", "40", "--batch", "2"]
    assert main([*options, "--log-every", "1", "--device", "cpu"]) == 0
    l1 = losses(out, "l1")
    alone = 40 - lessons
    assert np.mean(l1[alone - 4 : alone]) < 0.95 * np.mean(l1[:3])
    assert len(losses(out, "critic")) == lessons
    assert max(losses(out, "penalty")) > 0
    network = read_estimator(out) if kind == "estimator" else partial(read_upscaler(out), known=torch.ones(1, 6))
    given = torch.rand(1, 3 if kind == "estimator" else 9, 64, 80) * 2 - 1
    made = network(given)
    assert made.shape == (1, channels, 64 * factor, 80 * factor) and torch.isfinite(made).all()
    torch.testing.assert_close(network(given.roll((8, 16), (2, 3))), made.roll((8 * factor, 16 * factor), (2, 3)))


def test_the_upscaler_learns_to_double_once_and_twice(data: Path) -> None:
    stage = PictureStage(load_materials(data), Upscaling, PictureTraining(batch=2), Team(), CPU)
    pairs = [stage.task.pair(stage.sampler.batch(step, range(2)), step) for step in range(8)]
    assert {pair.given[0].shape[2] for pair in pairs} == {40, 80}
    for pair in pairs:
        assert stage.task.made(stage.network, pair).shape == pair.answer.shape == (2, CHANNELS, 160, 160)
        assert all(row.shape[2:] == (160, 160) for row in stage.task.rows(pair, pair.answer))


def test_the_cleaner_learns_to_take_wear_away() -> None:
    rows, columns = np.mgrid[:128, :128] * (2 * np.pi / 64)
    stack = np.zeros((CHANNELS, 128, 128), np.float16) + (0.5 * np.sin(rows) * np.cos(columns)).astype(np.float16)
    waves = Material("waves", stack, frozenset({"base_color"}))
    stage = PictureStage([waves], Cleaning, PictureTraining(batch=4, learning_rate=5e-3), Team(), CPU)
    for step in range(60):
        stage.step(step, 0.0)
    pair = stage.task.pair(stage.sampler.batch(1000, range(8)), 1000)
    with torch.no_grad():
        cleaned = stage.network(*pair.given)
    assert (cleaned - pair.answer).abs().mean() < 0.9 * (pair.given[0] - pair.answer).abs().mean()


def test_wear_differs_by_chance_and_repeats() -> None:
    color = np.random.default_rng(0).random((3, 64, 64)).astype(np.float32) * 2 - 1
    worn = [wear(color, np.random.default_rng(seed)) for seed in range(6)]
    np.testing.assert_array_equal(wear(color, np.random.default_rng(3)), worn[3])
    distances = [np.abs(picture - color).mean() for picture in worn]
    assert len({round(float(d), 6) for d in distances}) >= 4
    assert all(picture.shape == color.shape and np.abs(picture).max() <= 1 for picture in worn)


def test_other_colours_leave_all_else(data: Path) -> None:
    plain, shaded = (CropSampler(load_materials(data), 64, 5, c).batch(3, range(8)) for c in (None, Colors(0.1, 1.0)))
    color = MAPS["base_color"].span
    rest = [channel for channel in range(CHANNELS) if channel not in range(CHANNELS)[color]]
    torch.testing.assert_close(shaded.stack[:, rest], plain.stack[:, rest], rtol=0, atol=0)
    assert not torch.equal(shaded.stack[:, color], plain.stack[:, color])
    assert float(shaded.stack.abs().max()) <= 1
    swapped = CropSampler(load_materials(data), 64, 5, Colors(swapped=1.0)).batch(3, range(8)).stack[:, color]
    torch.testing.assert_close(swapped.sort(1).values, plain.stack[:, color].sort(1).values)


def test_killed_and_resumed_it_ends_at_the_same_weights(data: Path, codec: Path, tmp_path: Path) -> None:
    unbroken, broken = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    subprocess.run([sys.executable, *codec_command(data, codec, unbroken)], cwd=ROOT, check=True, timeout=200)
    process = subprocess.Popen([sys.executable, *codec_command(data, codec, broken)], cwd=ROOT)
    checkpoint = broken.with_suffix(".run") / "checkpoint.pt"
    for _ in range(2000):
        if checkpoint.exists() or process.poll() is not None:
            break
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    stopped_at = torch.load(checkpoint, weights_only=True)["progress"]["step"]
    assert 0 < stopped_at < 12
    subprocess.run([sys.executable, *codec_command(data, codec, broken, "--resume")], cwd=ROOT, check=True, timeout=200)
    assert read_card(broken)["hash"] == read_card(unbroken)["hash"]


def test_two_processes_see_the_same_losses_as_one(data: Path, codec: Path, tmp_path: Path) -> None:
    alone, shared, script = tmp_path / "a.safetensors", tmp_path / "b.safetensors", tmp_path / "train.py"
    script.write_text(IN_FLOAT32, "utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    for command, out in (([sys.executable], alone), (launcher, shared)):
        _, _, *options = codec_command(data, codec, out)
        subprocess.run([*command, str(script), *options], env=environment, check=True, timeout=300)
    for name in ("l1", "gradient", "low_frequency"):
        # Rounding adds up to 0.003 in twelve steps; processes that did not share would be 0.06 or more apart.
        np.testing.assert_allclose(losses(shared, name), losses(alone, name), rtol=1e-2, atol=1e-3)


def test_processes_of_a_team_go_by_one_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each measures its own time; were they to end by it, one would wait for the other for ever."""

    class Slow(Team):
        size = 2

        def average(self, values: dict[str, float]) -> dict[str, float]:
            return {name: value + 30 if name == "seconds" else value for name, value in values.items()}

        def meet(self) -> None:
            pass

    class Idle:
        state: ClassVar[dict[str, object]] = {}
        device = torch.device("cpu")
        steps = 0

        def step(self, step: int, fraction: float) -> dict[str, float]:
            self.steps += 1
            return {"loss": 0.0}

    monkeypatch.setattr("training.loop._keep", lambda *_: None)
    monkeypatch.setattr("training.loop._report", lambda *_: None)
    monkeypatch.setattr("torch.distributed.init_process_group", lambda *_: None)
    stage = Idle()
    run(stage, Budget(minutes=2), Files(tmp_path / "x.safetensors"), Slow(), resume=False, log_every=1, save_every=1)
    assert stage.steps == 4


def test_the_latent_generator_trains_and_exports_styles(data: Path, codec: Path, tmp_path: Path) -> None:
    out = tmp_path / "generator.safetensors"
    options = ["--stage", "generator", "--data", str(data), "--codec", str(codec), "--out", str(out), "--cells", "28"]
    assert main([*options, "--steps", "4", "--log-every", "1", "--device", "cpu"]) == 0
    assert len(losses(out, "layout patches")) == len(losses(out, "detail patches")) == 4
    assert len(losses(out, "coherence")) == len(losses(out, "map patches")) == 4
    assert len(losses(out, "follows")) == 2
    assert read_card(out)["styles"] == ["soil/grain", "walls/bricks"]


def latents_of(data: Path, codec: Path) -> list[LatentMaterial]:
    return [encode_material(material, *read_codec(codec), 28) for material in load_materials(data)]


def test_a_generator_begins_with_the_layouts_of_another(data: Path, codec: Path, tmp_path: Path) -> None:
    materials = latents_of(data, codec)
    config = GeneratorTraining(cells=28)
    first = GeneratorStage(materials, codec, config, Team(), torch.device("cpu"))
    first.averaged.layout.head.get_parameter("bias").data.fill_(0.25)
    first.export(tmp_path / "first.safetensors")
    second = GeneratorStage(materials[1:], codec, config, Team(), torch.device("cpu"), tmp_path / "first.safetensors")
    torch.testing.assert_close(second.generator.styles.weight[0], first.averaged.styles.weight[1], atol=1e-3, rtol=0)
    assert (second.generator.layout.head.get_parameter("bias") == 0.25).all()
    details = (stage.generator.detail.head.weight for stage in (first, second))
    torch.testing.assert_close(*details, atol=1e-1, rtol=0)  # of one codec, so they are taken, too; half precision
    vectors = (stage.generator.styles.weight[[index]] for stage, index in ((first, 1), (second, 0)))
    of_first, of_second = (
        stage.generator.detail.codes_of(normalize_style(vector)) for stage, vector in zip((first, second), vectors)
    )
    torch.testing.assert_close(of_second, of_first, atol=2e-2, rtol=0)


def test_two_classes_are_parted_between_them() -> None:
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.normal(-2, 0.2, 300), rng.normal(1, 0.3, 900)]).astype(np.float32)
    threshold = two_means(values)
    assert ((values < threshold) == (np.arange(1200) < 300)).all()


@pytest.mark.parametrize("faithful", [True, False])
def test_the_classic_trains_and_runs(data: Path, tmp_path: Path, faithful: bool) -> None:
    out = tmp_path / "classic.safetensors"
    options = ["--stage", "classic", "--data", str(data), "--out", str(out), "--batch", "8", "--steps", "4"]
    assert main([*options, "--log-every", "1", "--device", "cpu", *(["--faithful"] if faithful else [])]) == 0
    assert len(losses(out, "critic")) == 4
    size = (64, 64) if faithful else (128, 64)
    picture = synthesize(load_model(out), TextureRequest(size, maps=("base_color",)), "cpu").maps["base_color"]
    assert picture.shape == (64, size[0], 3)
    assert picture.std() > 0


def classic_options(data: Path, out: Path, *more: str) -> list[str]:
    options = ["--stage", "classic", "--data", str(data), "--out", str(out), "--batch", "4", "--device", "cpu"]
    return [*options, "--log-every", "1", "--save-every", "1", *more]


def contents(out: Path) -> dict[Path, bytes]:
    """The model and the checkpoint of a run."""
    return {path: path.read_bytes() for path in (out, Files(out).checkpoint)}


def test_divergence_is_noticed_and_the_last_state_kept(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The losses of the first wild step are of good weights; those that it leaves are not."""
    out = tmp_path / "classic.safetensors"
    assert main(classic_options(data, out, "--steps", "1")) == 0
    kept = contents(out)
    assert main(classic_options(data, out, "--steps", "20", "--resume", "--learning-rate", "1e8")) == 2
    said = capsys.readouterr().err
    assert "diverged at step 2: a weight of the generator" in said and "--resume and a lower --learning-rate" in said
    assert contents(out) == kept
    assert main(classic_options(data, out, "--steps", "2", "--resume")) == 0
    assert main(classic_options(data, tmp_path / "x.safetensors", "--steps", "20", "--learning-rate", "1e30")) == 2
    assert "Nothing had been saved yet" in capsys.readouterr().err and not (tmp_path / "x.safetensors").exists()


def test_an_earlier_run_is_replaced_only_if_that_is_wanted(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "classic.safetensors"
    assert main(classic_options(data, out, "--steps", "3")) == 0
    kept = contents(out)
    assert main(classic_options(data, out, "--steps", "2")) == 2
    assert "--resume" in (said := capsys.readouterr().err) and "--overwrite" in said
    assert contents(out) == kept
    assert main(classic_options(data, out, "--steps", "2", "--overwrite", "--seed", "1")) == 0
    assert contents(out) != kept
    assert len(losses(out, "critic")) == len(list(Files(out).folder.glob("step_*.png"))) == 2


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--stage", "upscaler"], "a run with --stage classic, not upscaler"),
        (["--stage", "classic", "--only", "soil"], "walls/bricks is not in both"),
        (["--stage", "classic", "--faithful"], "other sizes"),
    ],
)
def test_a_checkpoint_knows_its_run(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], says: str
) -> None:
    out = tmp_path / "classic.safetensors"
    assert main(classic_options(data, out, "--steps", "1")) == 0
    capsys.readouterr()
    given = ["--data", str(data), "--out", str(out), "--steps", "2", "--resume", "--device", "cpu"]
    assert main([*options, *given]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert says in line
    Files(out).checkpoint.write_bytes(b"half")
    assert main(classic_options(data, out, "--steps", "2", "--resume")) == 2
    assert "damaged" in capsys.readouterr().err


def test_the_checkpoint_is_written_before_what_may_fail(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "classic.safetensors"
    monkeypatch.setattr(ClassicStage, "sheet", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        main(classic_options(data, out, "--steps", "1"))
    monkeypatch.undo()
    assert main(classic_options(data, out, "--steps", "2", "--resume")) == 0


def test_sheets_are_made_on_any_device() -> None:
    """The meta device refuses tensors of another one, as an accelerator does."""
    color, answer = torch.empty(2, 3, 8, 8, device="meta"), torch.empty(2, OUTPUTS, 8, 8, device="meta")
    pair = Pair((color,), answer, torch.ones(2, OUTPUTS, 1, 1, device="meta"))
    rows = TASKS["estimator"]().rows(pair, answer)
    assert [tuple(row.shape) for row in rows] == [(2, 3, 8, 8), (2, CHANNELS, 8, 8), (2, CHANNELS, 8, 8)]
    assert all(row.device.type == "meta" for row in rows)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_it_saves_first(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: int
) -> None:
    out = tmp_path / "classic.safetensors"
    step = ClassicStage.step

    def interrupted(self: ClassicStage, count: int, fraction: float) -> dict[str, float]:
        if count == 1:
            os.kill(os.getpid(), number)
        return step(self, count, fraction)

    monkeypatch.setattr(ClassicStage, "step", interrupted)
    before = signal.getsignal(number)
    assert main([*classic_options(data, out, "--steps", "4"), "--save-every", "100"]) == 130
    assert "Stopped after step 2, which is saved; go on with --resume." in capsys.readouterr().err
    assert signal.getsignal(number) == before
    assert torch.load(Files(out).checkpoint, weights_only=True)["progress"]["step"] == 2
    assert main([*classic_options(data, out, "--steps", "4"), "--resume"]) == 0
    assert len(losses(out, "critic")) == 4


def test_checkpoints_go_by_time_unless_counted(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[int] = []
    monkeypatch.setattr("training.loop._keep", lambda stage, progress, files: kept.append(progress.step))
    stage = ClassicStage(load_materials(data), ClassicTraining(batch=2), Team(), CPU)
    files = Files(tmp_path / "classic.safetensors")
    run(stage, Budget(steps=3), files, Team(), resume=False, log_every=9, save_every=None)
    assert kept == [3]
    monkeypatch.setattr("training.loop.SAVE_SECONDS", 0.0)
    run(stage, Budget(steps=3), files, Team(), resume=False, log_every=9, save_every=None)
    assert kept == [3, 1, 2, 3]


def test_networks_of_pictures_go_on_from_a_model(data: Path, tmp_path: Path) -> None:
    path = tiny_networks(tmp_path)["upscaler"]
    stage = PictureStage(load_materials(data), TASKS["upscaler"], PictureTraining(batch=2), Team(), CPU, path)
    trained = read_upscaler(path).state_dict()
    for name, tensor in stage.network.state_dict().items():
        torch.testing.assert_close(tensor, trained[name], rtol=0, atol=0)
    values = stage.step(200, 0.0)
    assert np.isfinite(values["l1"])
    assert any(not torch.equal(tensor, trained[name]) for name, tensor in stage.network.state_dict().items())
    with pytest.raises(ModelFileError, match="where a cleaner is needed"):
        PictureStage(load_materials(data), TASKS["cleaner"], PictureTraining(batch=2), Team(), CPU, path)


def test_a_codec_goes_on_from_a_model_of_any_size(data: Path, tmp_path: Path) -> None:
    codec = tiny_codec(tmp_path)
    stage = CodecStage(load_materials(data), CodecConfig(), CodecTraining(batch=2), Team(), CPU, codec)
    assert stage.codec.config == TINY
    assert np.isfinite(stage.step(0, 0.0)["l1"])


@pytest.mark.parametrize("kind", ["codec", *TASKS, "classic"])
def test_the_learning_rate_is_heard_in_every_phase(data: Path, tmp_path: Path, kind: str) -> None:
    given = ["--stage", kind, "--data", str(data), "--out", str(tmp_path / "x.safetensors"), "--batch", "2"]
    more = ["--steps", "1", "--device", "cpu", "--learning-rate", "1e-9"]
    assert main([*given, *more, *(["--adversarial-from", "0"] if kind == "codec" else [])]) == 0
    parts = torch.load(Files(tmp_path / "x.safetensors").checkpoint, weights_only=True)["parts"]
    rates = {name: part["param_groups"][0]["lr"] for name, part in parts.items() if "param_groups" in part}
    rates.pop("reconstruct_optimizer", None)  # the first phase, which is left out
    if kind in TASKS:
        rates.pop("critic_optimizer")  # the second one, which does not come
    assert rates and max(rates.values()) < 1e-8


@pytest.mark.parametrize(
    ("stage", "option"),
    [
        ("generator", ["--batch", "4"]),
        ("classic", ["--start-from", "x.safetensors"]),
        ("generator", ["--adversarial-from", "0"]),
        ("codec", ["--cells", "32"]),
        ("estimator", ["--codec", "x.safetensors"]),
        ("upscaler", ["--faithful"]),
    ],
)
def test_options_that_a_stage_does_not_take_are_refused(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], stage: str, option: list[str]
) -> None:
    given = ["--data", str(data), "--out", str(tmp_path / "x.safetensors"), "--steps", "1"]
    assert main(["--stage", stage, *given, *option]) == 2
    assert f"--stage {stage} takes no {option[0]}" in capsys.readouterr().err


def test_collapse_is_noticed(data: Path, tmp_path: Path) -> None:
    stage = ClassicStage(load_materials(data), ClassicTraining(batch=4), Team(), torch.device("cpu"))
    for parameter in stage.generator.parameters():
        parameter.data.zero_()
    files, progress = Files(tmp_path / "classic.safetensors"), Progress(step=100)
    check_collapse(stage.diversity(), progress, files)
    check_collapse(0.8, progress, files)
    with pytest.raises(TrainingError, match="collapsed by step 100"):
        check_collapse(stage.diversity(), progress, files)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--steps", "1", "--data", "nowhere"], "not a folder"),
        ([], "--steps or --minutes"),
        (["--steps", "1", "--only", "cheese"], "holds no material"),
        (["--steps", "1", "--resume"], "no checkpoint"),
        (["--steps", "1", "--device", "abacus"], "not available"),
        (["--steps", "1", "--learning-rate", "0"], "--learning-rate must be above 0"),
    ],
)
def test_wrong_calls_get_one_sentence(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], says: str
) -> None:
    given = ["--stage", "classic", "--data", str(data), "--out", str(tmp_path / "x.safetensors"), "--batch", "4"]
    assert main([*given, *options]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert says in line


def test_crops_depend_on_seed_step_and_place_alone(data: Path) -> None:
    sampler = CropSampler(load_materials(data), 64, seed=5)
    whole = sampler.batch(3, range(4))
    halves = [sampler.batch(3, range(0, 2)), sampler.batch(3, range(2, 4))]
    torch.testing.assert_close(torch.cat([h.stack for h in halves]), whole.stack)
    assert not torch.equal(sampler.batch(4, range(4)).stack, whole.stack)
    assert bool((whole.given <= whole.known).all())


def test_turning_a_crop_turns_its_normals() -> None:
    rows, columns = np.mgrid[:32, :32] / 32 * 2 * np.pi
    height = np.sin(columns) + 0.3 * np.cos(2 * rows + columns)
    stack = torch.zeros(CHANNELS, 32, 32)
    stack[MAPS["normal"].span] = normals_of(torch.from_numpy(height))
    stack[MAPS["height"].span] = torch.from_numpy(height)
    for which in range(8):
        turned = orient(stack.clone(), which)
        expected = normals_of(turned[MAPS["height"].span][0])
        torch.testing.assert_close(turned[MAPS["normal"].span], expected, atol=1e-5, rtol=0)


def normals_of(height: torch.Tensor) -> torch.Tensor:
    slope_x = (height.roll(-1, 1) - height.roll(1, 1)) / 2
    slope_y = -(height.roll(-1, 0) - height.roll(1, 0)) / 2
    return (torch.stack([-slope_x, -slope_y]) / (1 + slope_x**2 + slope_y**2).sqrt()).float()


def test_every_stage_trains_in_mixed_precision(data: Path, codec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for task in TASKS.values():
        monkeypatch.setattr(task, "crop", 128)
    materials, cpu, small = load_materials(data), CPU, CodecTraining(batch=1, crop=64, adversarial_from=0)
    stages: list[Stage] = [
        CodecStage(materials, CodecConfig(), small, Team(), cpu, codec),
        *(PictureStage(materials, task, PictureTraining(batch=1), Team(), cpu) for task in TASKS.values()),
        GeneratorStage(latents_of(data, codec), codec, GeneratorTraining(cells=28), Team(), cpu),
        ClassicStage(materials, ClassicTraining(batch=2), Team(), cpu),
    ]
    for stage in stages:
        with torch.autocast("cpu", torch.bfloat16):
            values = stage.step(0, 0.9)
        assert all(np.isfinite(value) for value in values.values()), values


@pytest.mark.parametrize(
    ("able", "dtype"), [({"avx512_bf16": True}, torch.bfloat16), ({"avx512_bf16": False}, torch.float32)]
)
def test_the_precision_is_what_the_processor_multiplies(
    monkeypatch: pytest.MonkeyPatch, able: dict[str, bool], dtype: torch.dtype
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    with mixed_precision(torch.device("cpu")):
        assert (torch.ones(1, 1) @ torch.ones(1, 1)).dtype == dtype


def test_half_a_material_is_what_evaluate_lets_methods_see(tmp_path: Path) -> None:
    material = load_materials(write_sets(tmp_path, size=128))[0]
    exemplar, reference = halves(material, 64)
    np.testing.assert_array_equal(np.concatenate([exemplar.stack, reference.stack], 1), material.stack)
    assert halves(material, 65) == (material, material)


def test_crops_cross_only_borders_that_tile(data: Path) -> None:
    rng = np.random.default_rng(0)
    across = [window(64, True, 40, rng) for _ in range(50)]
    inside = [window(64, False, 40, rng) for _ in range(400)]
    assert any((np.diff(w) != 1).any() for w in across)
    assert all((np.diff(w) == 1).all() for w in inside)
    assert {w[0] for w in inside} == set(range(25))


def test_named_materials_must_be_there(data: Path) -> None:
    assert [m.name for m in load_materials(data, Choice(frozenset({"walls/bricks"})))] == ["walls/bricks"]
    with pytest.raises(TrainingError, match="walls/stone is not in"):
        load_materials(data, Choice(frozenset({"walls/stone"})))
