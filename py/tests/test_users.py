"""Users of the driver: VFIO, iommufd, resets, slots."""

import errno
import pickle
from collections.abc import Callable

import pytest

from s390_iommu import KERNELS, Container, DmaFault, DriverError, Function, Machine, VfioGroup

START, LAST = 0x1_0000_0000, 0x1_FFFF_FFFF
IOMMUFD = KERNELS[KERNELS.index("v6.8") :]


def plugged(machine: Machine, name: str = "f0", last: int = LAST, *, refresh: bool = False, flr: bool = False) -> Function:
    """A function that vfio-pci has."""
    function = machine.function(name, dma=(START, last), refresh=refresh, flr=flr)
    function.add()
    function.bind()
    return function


def contained(
    kernel: str, profile: str = "lpar", *, refresh: bool = False, flr: bool = False
) -> tuple[Machine, Function, Container, VfioGroup]:
    """A function in a container that maps."""
    machine = Machine(kernel, profile=profile)
    f0 = plugged(machine, refresh=refresh, flr=flr)
    c0, g0 = machine.container("c0"), f0.open_group("g0")
    g0.set_container(c0)
    c0.set_iommu()
    return machine, f0, c0, g0


def refused(number: int, call: Callable[[], object]) -> None:
    with pytest.raises(DriverError) as caught:
        call()
    assert errno.errorcode[caught.value.errno or 0] == errno.errorcode[number]
    assert pickle.loads(pickle.dumps(caught.value)).errno == number


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_container_maps_for_its_function(kernel: str) -> None:
    machine, f0, c0, g0 = contained(kernel)
    assert (f0.domain, f0.registered) == ("c0.d0", "c0.d0")
    assert g0.status().member
    info = c0.iommu_info()
    assert (info.ranges, info.available) == (((START, LAST),), 65535)
    c0.user_map(START, [(0x8000_0000, 0x1000), (0x9000_0000, 0x2000)], 0x3000)
    assert [f0.walk(START + page).phys for page in (0, 0x1000, 0x2000)] == [0x8000_0000, 0x9000_0000, 0x9000_1000]
    assert (machine.pinned, c0.iommu_info().available) == (3, 65534)
    # What a container's user was told is not followed.
    assert f0.verdict(START) is None
    f0.write(START, b"1")
    assert machine.last.access is not None and machine.last.access.verdict is None
    (mapping,) = c0.mappings
    assert (mapping.iova, mapping.size, mapping.read, mapping.write) == (START, 0x3000, True, True)
    refused(errno.EEXIST, lambda: c0.user_map(START + 0x2000, 0, 0x1000))
    refused(errno.EINVAL, lambda: c0.user_map(LAST + 1, 0, 0x1000))
    refused(errno.EFAULT, lambda: c0.user_map(START + 0x10000, [(0xA000_0000, 0x1000)], 0x2000))
    refused(errno.EINVAL, lambda: c0.user_unmap(START + 0x1000, 0x1000))
    assert c0.user_unmap(START, 0x3000) == 0x3000
    assert c0.user_unmap(all=True) == 0
    assert (machine.pinned, c0.mappings) == (0, ())


def test_handles_close_in_any_order_and_at_once() -> None:
    machine, f0, c0, g0 = contained("v6.12")
    v0 = g0.open_device("v0", f0)
    c0.user_map(START, 0x8000_0000, 0x1000)
    assert machine.open_files == ["c0", "g0", "v0"]
    c0.close()
    g0.close()
    assert (f0.domain, machine.pinned) == ("c0.d0", 1), "the device keeps them"
    refused(errno.EBADF, c0.iommu_info)
    v0.close()
    assert (f0.domain != "c0.d0", machine.pinned, machine.open_files) == (True, 0, [])
    assert repr(v0) == "<Device v0, closed>"
    machine, f0, c0, g0 = contained("v6.12")
    c0.user_map(START, 0x8000_0000, 0x1000)
    machine.kill()
    assert (machine.open_files, machine.pinned, machine.domains["c0.d0"].freed) == ([], 0, True)


def test_groups_join_and_conflict() -> None:
    machine, _, c0, _ = contained("p3")
    c0.user_map(0x1_9000_0000, 0x8000_0000, 0x1000)
    f1 = plugged(machine, "f1", 0x1_7FFF_FFFF)
    g1 = f1.open_group("g1")
    refused(errno.EINVAL, lambda: g1.set_container(c0))
    assert c0.user_unmap(0x1_9000_0000, 0x1000) == 0x1000
    g1.set_container(c0)
    assert c0.iommu_info().ranges == ((START, 0x1_7FFF_FFFF),)
    g1.unset_container()
    assert not g1.status().member
    refused(errno.EBUSY, lambda: f1.open_group("g2"))
    g1.close()
    assert f1.unbind() is True
    refused(errno.ENOENT, lambda: f1.open_group("g3"))


def test_names_belong_to_one_handle_and_one_machine() -> None:
    machine, f0, c0, g0 = contained("v6.12")
    with pytest.raises(ValueError, match="is there already"):
        machine.container("g0")
    with pytest.raises(ValueError, match="cannot be a name|name"):
        machine.container("a name")
    other = Machine("v6.12")
    with pytest.raises(ValueError, match="another Machine"):
        g0.set_container(other.container("c0"))
    with pytest.raises(ValueError, match="2\\^64-1 bytes"):
        c0.user_map(START, [(0, 1 << 63), (0, 1 << 63)], 0x1000)
    for call in (lambda: c0.user_map(START, 1 << 64, 1), lambda: c0.user_unmap(-1, 1), lambda: f0.device_error(1 << 16)):
        with pytest.raises(OverflowError):
            call()
    for handle in (c0, g0, g0.open_device("v0", f0), machine.iommufd("i0")):
        with pytest.raises(TypeError, match="cannot be pickled"):
            pickle.dumps(handle)


def test_limits_and_extensions() -> None:
    machine = Machine("v6.8")
    machine.entry_limit(1)
    machine.single_pages()
    f0 = plugged(machine)
    c0, g0 = machine.container("c0"), f0.open_group("g0")
    refused(errno.EINVAL, c0.set_iommu)
    g0.set_container(c0)
    refused(errno.ENODEV, lambda: c0.set_iommu(version=5))
    c0.set_iommu(version=1)
    c0.user_map(START, 0x8000_0000, 0x3000)
    assert machine.last.calls["map"] == 3
    refused(errno.ENOSPC, lambda: c0.user_map(START + 0x10000, 0, 0x1000))
    assert [c0.check_extension(number) for number in (1, 3, 99)] == [True, True, False]


@pytest.mark.parametrize("kernel", IOMMUFD)
def test_iommufd_maps_attaches_copies_and_replaces(kernel: str) -> None:
    machine = Machine(kernel)
    f0 = plugged(machine)
    i0, v0 = machine.iommufd("i0"), f0.open_cdev("v0")
    one, two = i0.ioas(), i0.ioas()
    assert one.ranges().alignment == 1
    refused(errno.EINVAL, lambda: v0.attach_pt(one))
    device = v0.bind_iommufd(i0)
    table = v0.attach_pt(one)
    assert (one.id, two.id, device, table) == (1, 2, 3, 4)
    assert one.ranges().ranges[0][0] == START
    assert one.map(START, 0x8000_0000, 0x2000, "r") == START
    anywhere = one.map(None, 0x9000_0000, 0x1000, vaddr=0x7000_0000)
    assert (f0.walk(anywhere).phys, f0.walk(START).writable) == (0x9000_0000, False)
    refused(errno.EPERM, lambda: one.copy(START, 0x1000, two, START))
    assert one.copy(START, 0x1000, two, START + 0x5000, "r") == START + 0x5000
    assert [(each.iova, each.size) for each in two.mappings] == [(START + 0x5000, 0x1000)]
    assert v0.attach_pt(two) != table
    assert f0.walk(START + 0x5000).phys == 0x8000_0000
    refused(errno.EBUSY, two.destroy)
    hwpt = i0.hwpt(device, one)
    assert v0.attach_pt(hwpt) == hwpt.id
    assert f0.walk(anywhere).phys == 0x9000_0000
    v0.detach_pt()
    hwpt.destroy()
    assert one.unmap(0, (1 << 64) - 1) == 0x3000
    refused(errno.ENOENT, lambda: one.unmap(START, 0x1000))
    one.destroy()
    refused(errno.ENOENT, lambda: i0.destroy(one.id))
    v0.close()
    i0.close()
    assert (machine.pinned, machine.open_files) == (0, [])


def test_memory_at_the_top_can_be_copied_in_parts() -> None:
    i0 = Machine("v7.3").iommufd("i0")
    ioas = i0.ioas()
    ioas.map(START, (1 << 64) - 0x1000, 0x3000)
    assert ioas.copy(START + 0x2000, 0x1000, ioas, START + 0x10000) == START + 0x10000


def test_early_kernels_have_no_iommufd() -> None:
    machine = Machine("v6.6")
    refused(errno.ENOENT, lambda: machine.iommufd("i0"))


def test_an_iommufd_stands_for_a_container() -> None:
    machine = Machine("v7.3")
    f0 = plugged(machine)
    i0, g0 = machine.iommufd("i0"), f0.open_group("g0")
    ioas = i0.ioas()
    i0.use_as_container(ioas)
    g0.set_container(i0)
    g0.open_device("v0", f0)
    ioas.map(START, 0x8000_0000, 0x1000)
    assert f0.walk(START).phys == 0x8000_0000


def test_unmap_in_error_reports_success_and_leaks() -> None:
    machine, f0, c0, g0 = contained("p1", "qemu", refresh=True)
    c0.user_map(START + 0x1000, 0x8000_1000, 0x3000)
    v0 = g0.open_device("v0", f0)
    f0.device_error()
    assert c0.user_unmap(START + 0x1000, 0x3000) == 0x3000
    assert machine.last.warnings == (("user_unmap_failed", 1),)
    assert machine.pinned > 0
    v0.hot_reset()
    assert f0.walk(START + 0x2000).phys == 0x8000_2000


@pytest.mark.parametrize(("kernel", "works"), [("v6.1-rc2", False), ("v6.12", False), ("v7.3", True)])
def test_recovery_is_the_kernels(kernel: str, works: bool) -> None:
    machine, f0, c0, g0 = contained(kernel, "qemu", refresh=True, flr=True)
    v0 = g0.open_device("v0", f0)
    c0.user_map(START, 0x8000_0000, 0x1000)
    f0.device_error(4)
    assert machine.handle_errors() == 1
    assert (f0.state == "enabled") == works
    v0.reset()
    assert f0.walk(START).phys == 0x8000_0000


def test_slots_wait_for_who_has_the_function_open() -> None:
    machine, f0, c0, g0 = contained("v6.12")
    v0 = g0.open_device("v0", f0)
    assert f0.power_off() is False
    refused(errno.EAGAIN, v0.reset)
    v0.close()
    assert not f0.registers.enabled
    refused(errno.EIO, f0.power_off)
    f0.power_on()
    assert f0.registers.enabled
    refused(errno.EIO, f0.power_on)
    assert c0.mappings == ()


def test_surprise_removal_and_types() -> None:
    machine, f0, c0, _ = contained("v6.12")
    c0.user_map(START, 0x8000_0000, 0x1000)
    f0.unplug()
    with pytest.raises(DmaFault, match="blocked"):
        f0.read(START, 1)
    assert c0.user_unmap(all=True) == 0x1000
    machine = Machine("v6.12")
    f0 = machine.function("f0", dma=(START, LAST), probe=False)
    f0.add()
    f0.group_type("dma")
    assert f0.group.view() is not None
    with pytest.raises(ValueError, match="dma, dma_fq, identity"):
        f0.group_type("blocked")
    with pytest.raises(ValueError, match="vfio-pci, no-handlers"):
        f0.bind("weather")


def test_the_administrator_and_the_machine_have_their_say() -> None:
    machine, f0, _, g0 = contained("v7.3")
    g0.give_to_guest()
    v0 = g0.open_device("v0", f0)
    refused(errno.EINVAL, v0.give_to_guest)
    refused(errno.EBUSY, f0.recover_function)
    machine.kill()
    f0.recover_function()
    f0.machine_event(0x306)
    assert machine.handle_errors() == 1
    own = machine.function("f1", dma=(START, LAST))
    own.add()
    own.bind("wants-reset")
    own.device_error()
    machine.handle_errors()
    assert own.state == "enabled"


def test_steps_say_the_same() -> None:
    machine, _, c0, _ = contained("v6.12")
    assert machine.step({"iommu_info": "c0"}).value == c0.iommu_info().ranges
    machine.step({"user_map": START, "phys": 0x8000_0000, "size": "4 KiB", "in": "c0"})
    assert c0.mappings[0].size == 0x1000
    machine.step({"iommufd": "i0"})
    machine.step({"ioas": "i0"})
    assert machine.step({"ioas_ranges": "i0"}).value == ((0, (1 << 64) - 1),)
