"""What computes."""

import pytest
import torch

from texgan_core.devices import choose_device, ran_out
from texgan_core.errors import DeviceError


def test_devices_that_are_not_there_are_named() -> None:
    with pytest.raises(DeviceError, match="choose auto or one of"):
        choose_device("quantum")


def test_the_processor_s_own_complaint_is_known() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**60, dtype=torch.uint8)
    assert ran_out(caught.value)
    assert not ran_out(RuntimeError("shapes do not match")) and not ran_out(ValueError("out of memory"))
