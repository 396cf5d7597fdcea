"""The live machine."""

import copy
import errno
import pickle

import pytest

from s390_iommu import DmaFault, Domain, DriverError, Function, KernelCrash, LimitReached, Machine

START, LAST = 0x1_0000_0000, 0x1_FFFF_FFFF


def system(kernel: str = "p6") -> tuple[Machine, Function, Domain]:
    machine = Machine(kernel)
    function, domain = machine.function("f0", dma=(START, LAST)), machine.domain("d0")
    function.attach(domain)
    return machine, function, domain


def test_a_mapping_can_be_walked_and_taken_away() -> None:
    machine, function, domain = system()
    domain.map(START, 0x8000_0000, 0x10_0000)
    walk = function.walk(START + 0x5123)
    assert (walk.phys, walk.writable, len(walk.steps)) == (0x8000_5123, True, 3)
    assert str(walk).endswith("read of 0x100005123: 0x80005123, rw")
    assert [line.partition("[")[0] for line in str(walk).splitlines()[:3]] == ["region-third", "segment", "page"]
    assert domain.iova_to_phys(START + 0x5000) == 0x8000_5000
    assert [(each.iova, each.pages) for each in domain.translations] == [(START, 256)]
    assert domain.tables == (1, 1, 1)
    assert domain.devices == ["f0"]
    assert (function.domain, function.registered, function.state) == ("d0", "d0", "enabled")
    assert "0x80000000" in str(domain.tree())
    assert domain.unmap(START, 0x10_0000) == 0x10_0000
    with pytest.raises(DmaFault) as caught:
        function.walk(START)
    assert (caught.value.kind, caught.value.iova) == ("invalid-entry", START)
    assert len(caught.value.walk.steps) == 3
    assert pickle.loads(pickle.dumps(caught.value)).kind == "invalid-entry"
    function.detach(domain)
    domain.free()
    assert domain.freed
    assert machine.counters.registers >= 1


def test_protection_is_the_machines() -> None:
    _, function, domain = system()
    domain.map(START, 0x8000_0000, 0x1000, "r")
    assert function.walk(START).writable is False
    with pytest.raises(DmaFault, match="protection"):
        function.walk(START, write=True)


def test_the_driver_answers_with_errno() -> None:
    machine, _, domain = system()
    with pytest.raises(DriverError) as caught:
        domain.map(START + 1, 0, 0x1000)
    assert caught.value.errno == errno.EINVAL
    assert isinstance(caught.value, OSError)
    assert machine.last.rc == -errno.EINVAL
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.errno, str(again)) == (caught.value.errno, str(caught.value))


def test_injected_failures_strike_and_stop() -> None:
    machine, _, domain = system()
    machine.inject("alloc_table", count=1)
    with pytest.raises(DriverError) as caught:
        domain.map(START, 0x8000_0000, 0x1000)
    assert caught.value.errno == errno.ENOMEM
    domain.map(START, 0x8000_0000, 0x1000)
    machine.inject("refresh_trans", rc=-5)
    machine.clear_inject()
    assert domain.unmap(START, 0x1000) == 0x1000
    with pytest.raises(ValueError, match="alloc_table, alloc_struct"):
        machine.inject("weather")


def test_reserved_regions_by_kernel() -> None:
    assert system("p2")[1].reserved_regions() is None
    assert system("p3")[1].reserved_regions() == [(0, START), (LAST + 1, (1 << 42) - LAST - 1)]


def test_a_snapshot_is_independent() -> None:
    machine, _, domain = system()
    for make in (Machine.snapshot, copy.copy, copy.deepcopy):
        other = make(machine)
        other.domains["d0"].map(START, 0x8000_0000, 0x1000)
        assert other.domains["d0"].translations != domain.translations == ()
        assert other.trace != machine.trace
        assert other.trace_hash != machine.trace_hash
        with pytest.raises(ValueError, match="another Machine"):
            machine.functions["f0"].attach(other.domains["d0"])


def test_a_machine_is_not_pickled() -> None:
    for each in system():
        with pytest.raises(TypeError, match="cannot be pickled"):
            pickle.dumps(each)


def test_states_block_and_release_accesses() -> None:
    _, function, domain = system()
    domain.map(START, 0x8000_0000, 0x1000)
    function.error()
    with pytest.raises(DmaFault, match="blocked"):
        function.walk(START)
    function.recover()
    assert function.walk(START).phys == 0x8000_0000
    function.unplug()
    assert function.state == "removed"


def test_a_crash_of_the_kernel_is_an_exception_and_final() -> None:
    machine = Machine("v6.1-rc2", patches=["p2"])
    f0, f1 = (machine.function(name, dma=(START, LAST)) for name in ("f0", "f1"))
    d0, d1 = machine.domain("d0"), machine.domain("d1")
    with pytest.raises(KernelCrash) as caught:
        for function, domain in ((f0, d0), (f1, d0), (f0, d1), (f1, d1), (f0, d0), (f1, d0)):
            function.attach(domain)
            domain.map(START, 0x8000_0000, 0x1000)
            domain.unmap(START, 0x1000)
    assert caught.value.kind == "list-never-ends"
    assert "one function is on the lists" in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    with pytest.raises(KernelCrash):
        f0.probe()


def test_too_much_is_refused_and_final() -> None:
    _, _, domain = system()
    with pytest.raises(LimitReached, match="too-much"):
        domain.map(0, 0, 1 << 41)


def test_numbers_have_64_bits() -> None:
    machine, function, _ = system()
    for call in (lambda: machine.poke(-8, 0), lambda: function.walk(1 << 64)):
        with pytest.raises(OverflowError):
            call()


def test_the_trace_can_be_left_out() -> None:
    full, less = Machine(trace=True), Machine(trace=False)
    for machine in (full, less):
        machine.function("f0", dma=(START, LAST)).attach(machine.domain("d0"))
    assert len(full.trace) > len(less.trace) > 1
    assert full.trace[0] == less.trace[0] == "#s390-iommu trace 1"
