import pytest

from dlcore.errors import Message
from dlcore.queue.slots import Slots
from dlcore.worker.placement import Place, place

CPU = Place("cpu", {"CUDA_VISIBLE_DEVICES": "-1"})


def shared(threads):
    share = {"TF_NUM_INTRAOP_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    return Place("cpu", {**CPU.environment, **share})


def gpu(index):
    visible = {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", "CUDA_VISIBLE_DEVICES": str(index)}
    return Place(f"gpu:{index}", visible)


@pytest.mark.parametrize(("wanted", "gpus", "total"), [(0, 0, 1), (0, 1, 1), (0, 2, 2), (3, 0, 3), (1, 2, 1)])
def test_there_is_a_slot_a_gpu_or_one_on_the_cpu_unless_the_settings_say_otherwise(wanted, gpus, total):
    assert Slots.of(wanted, gpus) == Slots(total, gpus)


@pytest.mark.parametrize(
    ("slots", "wanted", "taken", "expected"),
    [
        (Slots(1, 0), "auto", [], CPU),
        (Slots(1, 0), "cpu", [], CPU),
        (Slots(1, 0), "auto", ["cpu"], None),
        (Slots(2, 0, cores=5), "auto", ["cpu"], shared(2)),
        (Slots(4, 0, cores=2), "auto", ["cpu"], shared(1)),
        (Slots(1, 1), "auto", [], gpu(0)),
        (Slots(1, 1), "gpu:0", [], gpu(0)),
        (Slots(1, 1), "cpu", [], CPU),
        (Slots(1, 1), "auto", ["gpu:0"], None),
        (Slots(2, 2), "auto", ["gpu:0"], gpu(1)),
        (Slots(2, 2), "auto", ["gpu:1"], gpu(0)),
        (Slots(2, 2), "gpu:1", ["gpu:1"], None),
        (Slots(2, 2), "gpu:0", ["gpu:1"], gpu(0)),
        (Slots(2, 2), "auto", ["gpu:0", "gpu:1"], None),
        (Slots(4, 2), "auto", ["gpu:0", "gpu:1", "gpu:0"], gpu(1)),
        (Slots(4, 2), "gpu:0", ["gpu:0", "gpu:0"], None),
    ],
)
def test_a_run_gets_the_device_that_has_least_to_do(slots, wanted, taken, expected):
    assert place(slots, wanted, taken) == expected


@pytest.mark.parametrize("slots", [Slots(1, 0), Slots(2, 2)])
def test_a_gpu_that_is_not_there_is_refused_for_good(slots):
    refused = place(slots, "gpu:2", [])
    assert isinstance(refused, Message)
    assert f"it asks for gpu:2; GPUs of this machine: {slots.gpu_count}." in refused.text()
