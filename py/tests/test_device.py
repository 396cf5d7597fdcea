"""Devices that read and write: bytes, faults, verdicts, caches, registers."""

import json
import pickle
from array import array

import pytest

from s390_iommu import KERNELS, Access, DmaFault, Domain, Function, Machine, Verdict

START, LAST = 0x1_0000_0000, 0x1_FFFF_FFFF


def system(kernel: str = "v6.8", profile: str = "lpar", iotlb: int | None = None) -> tuple[Machine, Function, Domain]:
    machine = Machine(kernel, profile=profile)
    f0 = machine.function("f0", dma=(START, LAST), iotlb=iotlb)
    d0 = machine.domain("d0")
    f0.attach(d0)
    return machine, f0, d0


def last(machine: Machine) -> Access:
    access = machine.last.access
    assert access is not None
    return access


def told(access: Access) -> Verdict:
    assert access.verdict is not None
    return access.verdict


@pytest.mark.parametrize("kernel", KERNELS)
def test_bytes_come_back_across_pages_and_frames(kernel: str) -> None:
    machine, f0, d0 = system(kernel)
    d0.map(START, phys=0x9000_0000, size=0x1000)
    d0.map(START + 0x1000, phys=0x8000_0000, size=0x1000)
    data = bytes(range(64))
    f0.write(START + 0x1000 - 32, data)
    assert f0.read(START + 0x1000 - 32, 64) == data
    assert machine.peek(0x8000_0000) == int.from_bytes(data[32:40])
    access = last(machine)
    assert (access.moved, access.phys, access.cached, access.data) == (64, 0x9000_0FE0, True, data.hex())
    assert told(access).agrees
    machine.poke(0x8000_0000, 0x0102030405060708)
    assert f0.read(START + 0x1000, 8) == bytes(range(1, 9))


def test_whatever_has_bytes_can_be_written() -> None:
    _, f0, d0 = system()
    d0.map(START, phys=0x8000_0000, size=0x1000)
    for data in (b"abcd", bytearray(b"abcd"), memoryview(b"abcd"), array("B", b"abcd")):
        f0.write(START, data)
        assert f0.read(START, 4) == b"abcd"
    f0.write(START, b"")
    assert f0.read(START, 0) == b""
    with pytest.raises(BufferError):
        f0.write(START, array("I", [1]))
    for call in (lambda: f0.read(START, 0x1_0001), lambda: f0.write(START, bytes(0x1_0001))):
        with pytest.raises(ValueError, match="at most 65536 bytes at once"):
            call()
    for call in (lambda: f0.read(-1, 1), lambda: f0.read(0, 1 << 64), lambda: f0.write(1 << 64, b"")):
        with pytest.raises(OverflowError):
            call()


def test_a_fault_has_kind_event_verdict_and_walk() -> None:
    machine, f0, d0 = system()
    d0.map(START, phys=0x8000_0000, size=0x1000, prot="r")
    with pytest.raises(DmaFault, match="protection at 0x100000000") as caught:
        f0.write(START, b"1")
    fault = caught.value
    assert fault.event is not None and fault.verdict is not None and fault.access is not None
    assert (fault.kind, fault.event.code, fault.event.fid, fault.event.address) == ("protection", 4, 0x10, START)
    assert fault.verdict.name == "agree"
    assert [step.level for step in fault.walk.steps] == ["region_third", "segment", "page"]
    assert fault.access == machine.last.access
    again = pickle.loads(pickle.dumps(fault))
    assert (again.access, again.walk, str(again)) == (fault.access, fault.walk, str(fault))
    # The machine stops it, and says nothing more.
    assert (f0.state, f0.registers.in_error, f0.registers.error) == ("error", True, 4)
    with pytest.raises(DmaFault, match="blocked") as caught:
        f0.read(START, 1)
    assert caught.value.event is None
    assert caught.value.verdict is not None and caught.value.verdict.name == "stopped"
    assert "Verdict stopped: mapped at step 5" in str(caught.value)
    assert f0.reset_error() == 0
    assert f0.read(START, 1) == b"\0"


def test_pages_before_the_fault_are_moved() -> None:
    machine, f0, d0 = system()
    d0.map(START, phys=0x8000_0000, size=0x1000)
    with pytest.raises(DmaFault) as caught:
        f0.write(START + 0xFFC, b"abcdefgh")
    assert caught.value.iova == START + 0x1000
    assert (last(machine).moved, machine.peek(0x8000_0FF8)) == (4, int.from_bytes(b"abcd"))


def test_a_stale_translation_is_used_named_and_covered() -> None:
    machine, f0, d0 = system()
    d0.map(START, phys=0x8000_0000, size=0x3000)
    for page in range(3):
        f0.read(START + page * 0x1000, 1)
    machine.inject("refresh_trans", rc=-5)
    assert d0.unmap(START + 0x1000, 0x1000) == 0x1000
    unmapped = machine.last.step
    f0.read(START + 0x1000, 1)
    verdict = told(last(machine))
    assert (verdict.name, verdict.cause) == ("stale", unmapped)
    assert verdict == f0.verdict(START + 0x1000)
    assert (verdict.intent, verdict.tables) == (f"unmapped at step {unmapped}", "nothing")
    assert verdict.cache == "0x80001000 rw"
    assert "cached before the page was unmapped" in verdict.meaning
    assert pickle.loads(pickle.dumps(verdict)) == verdict
    assert "no refresh covers it" in verdict._repr_html_()
    assert "fault" not in last(machine)._repr_html_()

    cache = f0.cache()
    assert (cache.pages, len(cache), cache.capacity) == (3, 3, None)
    (stale,) = cache.stale
    assert (stale.iova, stale.phys, stale.size, stale.verdict) == (START + 0x1000, 0x8000_1000, 0x1000, verdict)
    assert f"<td>{verdict}</td>" in cache._repr_html_()
    assert str(f0.cache(runs=1)).endswith("and 2 more")
    assert pickle.loads(pickle.dumps(cache)) == cache

    d0.flush_iotlb_all()
    assert f0.cache().stale == ()
    after = f0.verdict(START + 0x1000)
    assert after is not None and after.agrees


def test_a_page_that_is_mapped_anew_is_stale_until_it_is_evicted() -> None:
    machine, f0, d0 = system("v6.12")
    d0.map(START, phys=0x8000_0000, size=0x1000)
    assert f0.fill(START) is True
    d0.unmap_fast(START, 0x1000)
    d0.map(START, phys=0x9000_0000, size=0x1000)
    (run,) = f0.cache()
    assert run.verdict is not None
    assert (run.stale, run.verdict.name, run.verdict.cause) == (True, "stale", machine.last.step)
    assert f0.evict(START) is True
    assert f0.evict(START) is False
    assert f0.cache().pages == 0
    assert f0.fill(START + 0x1000) is False


def test_a_small_cache_forgets() -> None:
    _, f0, d0 = system(iotlb=2)
    d0.map(START, phys=0x8000_0000, size=0x4000)
    for page in range(4):
        f0.read(START + page * 0x1000, 1)
    assert (f0.cache().pages, f0.cache().capacity, f0.registers.cached) == (2, 2, 2)


def test_a_hypervisor_that_was_not_told_has_nothing() -> None:
    machine, f0, d0 = system("v6.8", "zvm")
    d0.map(START, phys=0x8000_0000, size=0x1000)
    with pytest.raises(DmaFault) as caught:
        f0.read(START, 1)
    assert caught.value.verdict is not None
    assert caught.value.verdict.name == "not-visible"
    # The tables have it, the shadow has not.
    assert caught.value.walk.phys == 0x8000_0000
    assert machine.violations[0].what == "not-visible"


def test_host_mappings_run_out() -> None:
    machine = Machine("v6.8", profile="qemu", dma_avail=2)
    f0 = machine.function("f0", dma=(START, LAST), refresh=True)
    d0 = machine.domain("d0")
    f0.attach(d0)
    assert f0.registers.credits == 2
    d0.map(START, phys=0x8000_0000, size=0x1000)
    assert f0.registers.credits == 1


def test_registers_show_what_is_registered() -> None:
    _, f0, d0 = system()
    now = f0.registers
    assert (now.enabled, now.registered, now.in_error, now.blocked) == (True, True, False, False)
    assert (now.pba, now.pal, now.iota & ~0xFFF) == (START, LAST, d0.view().root)
    assert f0.disable() == 0x10
    assert (f0.registers.enabled, f0.registers.registered) == (False, False)
    assert f0.enable() == 0x10
    assert f0.registers.iota == 0
    f0.error()
    assert f0.reset_block() == 0
    f0.unplug()
    assert f0.registers.controls == 0


def test_values_go_to_json() -> None:
    machine, f0, d0 = system()
    d0.map(START, phys=0x8000_0000, size=0x1000)
    f0.read(START, 4)
    for value in (machine.last, f0.cache(), f0.registers, told(last(machine))):
        assert json.loads(value.to_json()) == json.loads(json.dumps(value.to_dict()))
    assert str(last(machine)) == "read of 0x100000000 by f0: 4 bytes from 0x80000000\nagree"
