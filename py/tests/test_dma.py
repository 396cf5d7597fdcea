"""The DMA API: what device drivers call."""

import errno

import pytest

from s390_iommu import KERNELS, DmaFault, DriverError, Function, Machine, ScenarioError

START, LAST = 0x1_0000_0000, 0x1_FFFF_FFFF
OWN_ALLOCATOR = KERNELS[: KERNELS.index("v6.8")]


def system(kernel: str, strict: bool = False) -> tuple[Machine, Function]:
    machine = Machine(kernel, strict=strict)
    return machine, machine.function("f0", dma=(START, LAST))


@pytest.mark.parametrize("kernel", KERNELS)
def test_memory_is_handed_to_a_device_and_taken_back(kernel: str) -> None:
    machine, f0 = system(kernel, strict=True)
    address = f0.dma_map(0x8000_0123, 0x1000, "to")
    # Early kernels give addresses from the bottom, later ones from the top.
    assert (address < START + 0x1000_0000) == (kernel in OWN_ALLOCATOR)
    walk = f0.walk(address)
    assert (walk.phys, walk.writable) == (0x8000_0123, False)
    f0.dma_unmap(address, 0x1000, "to")
    assert machine.last.refreshes == 1
    with pytest.raises(DmaFault):
        f0.walk(address)
    own = f0.dma_alloc(0x9000_0000, 0x3000)
    assert f0.walk(own + 0x2FFF, write=True).phys == 0x9000_2FFF
    f0.dma_free(own, 0x3000)


@pytest.mark.parametrize("kernel", ["v6.8", "v7.3"])
@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("on_bus", [False, True])
def test_flushes_are_put_off_unless_strict(kernel: str, strict: bool, on_bus: bool) -> None:
    machine = Machine(kernel, strict=strict)
    f0 = machine.function("f0", dma=(START, LAST), probe=not on_bus)
    if on_bus:
        f0.add()
    f0.dma_unmap(f0.dma_map(0x8000_0000, 0x1000), 0x1000)
    assert machine.counters.rpcits == int(strict)
    machine.advance(9)
    assert (machine.now, machine.counters.rpcits) == (9, int(strict))
    machine.advance(1)
    assert (machine.now, machine.counters.rpcits) == (10, 1)


def test_want_of_memory_is_an_error() -> None:
    for kernel in ("p6", "v7.3"):
        machine, f0 = system(kernel)
        f0.dma_unmap(f0.dma_map(0x8000_0000, 0x1000), 0x1000)
        machine.inject("alloc_table")
        with pytest.raises(DriverError, match="dma_map f0") as caught:
            f0.dma_map(0x8000_0000, 0x20_0000)
        assert caught.value.errno == errno.ENOMEM
    with pytest.raises(ValueError, match="bidi, to, from, none"):
        f0.dma_map(0x8000_0000, 0x1000, "sideways")


def test_steps_know_buffers_by_name() -> None:
    machine, f0 = system("v6.12")
    machine.step({"dma_map": 0x8000_0000, "size": "4 KiB", "as": "b0"})
    copy = machine.snapshot()
    for each in (machine, copy):
        each.step({"dma_unmap": "b0"})
        with pytest.raises(ScenarioError, match="no buffer b0"):
            each.step({"dma_unmap": "b0"})
    machine.step({"advance": 10})
    assert machine.now == 10
    machine.together([{"dma_map": 0x8000_0000, "size": 4096, "as": "b1"}], [{"dma_map": 0x9000_0000, "size": 4096, "as": "b2"}])
    machine.step({"dma_unmap": "b1"})
    machine.step({"dma_unmap": "b2"})
    assert f0.domain is not None
