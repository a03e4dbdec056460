"""A new codec's first weights already reconstruct."""

import pytest
import torch
from torch import Tensor

from tests.sets import write_sets
from tests.tiny import TINY
from texgan_core.codec import Codec, CodecConfig
from texgan_core.maps import MAPS
from training.choose import load_materials
from training.codec_stage import MAP_WEIGHTS
from training.data import Batch, CropSampler
from training.start import start_codec


@pytest.fixture(scope="module")
def sampler(tmp_path_factory: pytest.TempPathFactory) -> CropSampler:
    return CropSampler(load_materials(write_sets(tmp_path_factory.mktemp("sets"), size=320)), 96, seed=0)


def explained(codec: Codec, batch: Batch, name: str) -> float:
    """Share of a map's variance that a codec reconstructs; 0 is a flat picture of the right mean."""
    with torch.no_grad():
        output = codec.decoder(codec.encoder(batch.stack, batch.known))
    known = batch.known[:, list(MAPS).index(name)].bool()
    real, got = (x[known][:, MAPS[name].span] for x in (batch.stack, output))
    return 1 - float(spread(real - got) / spread(real - real.mean((0, 2, 3), keepdim=True)))


def spread(x: Tensor) -> Tensor:
    return x.square().mean()


@pytest.mark.parametrize("config", [CodecConfig(), TINY], ids=["full", "tiny"])
def test_a_codec_starts_with_colours_and_normals(sampler: CropSampler, config: CodecConfig) -> None:
    torch.manual_seed(0)
    codec = Codec(config)
    unseen = sampler.batch(1, range(8))
    before = {name: explained(codec, unseen, name) for name in ("base_color", "normal")}
    start_codec(codec, sampler.batch(0, range(24)), MAP_WEIGHTS)
    after = {name: explained(codec, unseen, name) for name in before}
    assert all(share < 0.1 for share in before.values())
    assert all(share > 0.3 for share in after.values())


def test_the_start_is_the_same_every_time(sampler: CropSampler) -> None:
    batch, codecs = sampler.batch(0, range(8)), []
    for seed in (0, 0):
        torch.manual_seed(seed)
        codecs.append(Codec(TINY))
        start_codec(codecs[-1], batch, MAP_WEIGHTS)
    for a, b in zip(codecs[0].parameters(), codecs[1].parameters(), strict=True):
        torch.testing.assert_close(a, b, atol=0, rtol=0)
