"""What the kernels after the series have: static domains, deeper tables, refreshes that are gathered, groups."""

import errno
import pickle
from functools import partial

import pytest

from s390_iommu import KERNELS, DriverError, Machine, Unsupported

START, LAST = 0x1_0000_0000, 0x1_FFFF_FFFF
LATER = KERNELS[KERNELS.index("v6.12") :]


def test_static_domains_are_named() -> None:
    for kernel in LATER:
        machine = Machine(kernel)
        f0 = machine.function("f0", dma=(START, LAST), relaxed=True)
        f0.attach(machine.domain("d0"))
        f0.attach("blocking")
        assert (f0.domain, f0.registered) == ("blocking", None)
        f0.attach("d0")
        assert f0.domain == "d0"
    f0.attach("identity")
    assert (f0.domain, f0.registered) == ("identity", "identity")
    with pytest.raises(ValueError, match="no domain"):
        f0.attach("d7")


def test_what_a_kernel_does_not_have_is_told() -> None:
    for kernel in KERNELS:
        machine = Machine(kernel)
        f0, d0 = machine.function("f0", dma=(START, LAST), relaxed=True), machine.domain("d0")
        f0.attach(d0)
        for operation, there in (
            (partial(f0.detach, "d0"), kernel != "v6.8"),
            (partial(f0.attach, "blocking"), kernel in LATER),
            (partial(f0.attach, "identity"), kernel in LATER[1:]),
        ):
            if there:
                operation()
            else:
                with pytest.raises(Unsupported, match="f0: this kernel has no such operation") as caught:
                    operation()
                assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_tables_are_as_deep_as_the_function_needs() -> None:
    machine = Machine("v6.16")
    small = machine.function("f0", dma=(START, LAST))
    large = machine.function("f1", dma=(START, (1 << 50) - 1), dtsm=0x48)
    assert machine.domain("d0").levels == 3
    d1 = machine.domain("d1", function=large)
    assert (d1.levels, d1.view().level, d1.aperture) == (4, "region_second", (0, (1 << 53) - 1))
    large.attach(d1)
    d1.map(1 << 45, 0x8000_0000, 0x1000)
    assert [step.level for step in large.walk(1 << 45).steps] == ["region_second", "region_third", "segment", "page"]
    assert Machine("v6.12").function("f1", dma=(START, (1 << 50) - 1), dtsm=0x48).view().range[1] == (1 << 42) - 1
    with pytest.raises(ValueError, match="another Machine"):
        Machine("v6.16").domain("d0", function=small)


def test_a_domain_is_for_a_function() -> None:
    machine = Machine("v7.3")
    with pytest.raises(ValueError, match="add a function first"):
        machine.domain("d0")
    machine.function("f0", dma=(START, LAST))
    machine.domain("d0")
    for name in ("d0", "a b", "identity", "core3"):
        with pytest.raises(ValueError, match="there already|cannot be a name|meaning of its own"):
            machine.domain(name)
    with pytest.raises(ValueError, match="there already"):
        machine.function("f0", dma=(START, LAST))
    machine.domains["d0"].free()
    machine.domain("d0")


def test_memory_limits_the_range() -> None:
    for factor, last in ((1, START + (1 << 30) - 1), (4, LAST), (0, LAST)):
        machine = Machine("v6.8", memory=1 << 30, aperture_factor=factor)
        assert machine.function("f0", dma=(START, LAST)).view().range == (START, last)
    f0 = Machine("v6.8", memory=1 << 30).function("f0", dma=(START, LAST), probe=False)
    assert f0.view().range == (START, LAST)
    assert f0.init_iommu() == (START, START + (1 << 30) - 1)


def test_refreshes_are_gathered_and_counted() -> None:
    machine = Machine("v6.8")
    f0, d0 = machine.function("f0", dma=(START, LAST)), machine.domain("d0")
    f0.attach(d0)
    d0.map(START, 0x8000_0000, 0x3000)
    assert d0.gather is None
    d0.unmap_fast(START, 0x1000)
    d0.unmap_fast(START + 0x2000, 0x1000)
    assert d0.gather == (START, START + 0x2FFF)
    d0.iotlb_sync()
    assert d0.gather is None
    names = ["global_rpcits", "mapped_pages", "sync_map_rpcits", "sync_rpcits", "unmapped_pages"]
    assert sorted(d0.counters) == names
    assert [d0.counters[name] for name in names] == [0, 3, 0, 1, 2]
    assert machine.last.calls["iotlb_sync"] == 1


def test_the_driver_says_what_it_can_do() -> None:
    def capable(kernel: str, ism: bool = False) -> list[bool]:
        f0 = Machine(kernel).function("f0", dma=(START, LAST), ism=ism)
        return [f0.capable(each) for each in ("cache_coherency", "intr_remap", "deferred_flush", "noexec")]

    assert capable("p6") == [True, True, False, False]
    assert capable("v6.8") == [True, False, True, False]
    assert capable("v6.8", ism=True) == [True, False, False, False]
    machine = Machine("v6.8")
    assert machine.function("f0", dma=(START, LAST), refresh=True).shadow_on_flush()
    assert not machine.function("f1", dma=(START, LAST)).shadow_on_flush()
    with pytest.raises(ValueError, match="deferred_flush"):
        machine.functions["f0"].capable("flight")


def test_what_is_current_is_registered_again() -> None:
    machine = Machine("v6.12")
    f0, d0 = machine.function("f0", dma=(START, LAST)), machine.domain("d0")
    f0.attach(d0)
    f0.deregister()
    assert f0.registered is None
    assert f0.re_register() == (0, 0)
    assert f0.registered == "d0"


def test_groups_have_owners() -> None:
    machine = Machine("v6.12")
    f0 = machine.function("f0", dma=(START, LAST), probe=False)
    assert f0.group.view() is None
    assert repr(f0.group) == "<Group of f0: none>"
    f0.add()
    d0 = machine.domain("d0")
    f0.group.use_default()
    f0.group.hold()
    with pytest.raises(DriverError) as caught:
        f0.group.claim(owner=1)
    assert caught.value.errno == errno.EPERM
    f0.group.unuse_default()
    f0.group.claim(owner=1)
    f0.group.attach(d0)
    view = f0.group.view()
    assert view is not None
    assert (view.domain, view.owner, view.owner_cnt) == ("d0", 1, 1)
    assert f0.view().group == view
    f0.group.detach()
    f0.group.release_owner()
    f0.group.drop()
    f0.remove()
    assert machine.last.warnings == ()
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(f0.group)
