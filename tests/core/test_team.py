"""Which device and which collectives each of several processes takes."""

import pytest
import torch
import torch.distributed as dist

from texgan_core.errors import TrainingError
from texgan_core.team import Team, backend_for, own_device

CUDA, CPU, MPS = (torch.device(name) for name in ("cuda", "cpu", "mps"))


def test_each_process_takes_a_card_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert [own_device(CUDA, rank) for rank in (0, 1)] == [torch.device("cuda:0"), torch.device("cuda:1")]
    with pytest.raises(TrainingError, match="this machine has 2"):
        own_device(CUDA, 2)
    assert own_device(CPU, 5) == CPU
    with pytest.raises(TrainingError, match="--device cpu"):
        own_device(MPS, 0)


@pytest.mark.parametrize(("nccl", "collectives"), [(True, "nccl"), (False, "gloo")])
def test_collectives_go_by_the_device(monkeypatch: pytest.MonkeyPatch, nccl: bool, collectives: str) -> None:
    monkeypatch.setattr(dist, "is_nccl_available", lambda: nccl)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert (backend_for(CUDA), backend_for(CPU)) == (collectives, "gloo")


def test_a_process_of_a_team_sets_itself_up(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[object] = []
    for name, value in {"WORLD_SIZE": "4", "RANK": "3", "LOCAL_RANK": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "set_device", done.append)
    monkeypatch.setattr(dist, "init_process_group", done.append)
    monkeypatch.setattr(dist, "is_nccl_available", lambda: True)
    team = Team(CUDA)
    assert done == [torch.device("cuda:1"), "nccl"] and team.device == torch.device("cuda:1")
    assert not team.leads and team.places(8) == range(6, 8)
    with pytest.raises(TrainingError, match="4 processes cannot share a batch of 3"):
        team.places(3)
