"""A VFIO user unmaps memory while its device is in error: what the kernel says, what stays pinned, what the device reaches.

    python examples/python/leak_of_a_user.py
"""

from s390_iommu import KERNELS, DmaFault, DriverError, Machine

START = 0x1_0000_1000


def unmap_in_error(kernel: str) -> str:
    machine = Machine(kernel, profile="qemu")
    f0 = machine.function("f0", dma=(0x1_0000_0000, 0x1_FFFF_FFFF), refresh=True)
    f0.add()
    f0.bind()
    container, group = machine.container("c0"), f0.open_group("g0")
    group.set_container(container)
    container.set_iommu()
    device = group.open_device("v0", f0)
    try:
        container.user_map(START, phys=0x8000_1000, size=0x3000)
    except DriverError as error:
        return f"cannot map: {error.strerror}"
    f0.device_error()
    unmapped = container.user_unmap(START, 0x3000)
    device.hot_reset()
    try:
        reached = hex(f0.walk(START + 0x1000).phys or 0)
    except DmaFault:
        reached = "nothing"
    return f"unmapped {unmapped:#x}, {machine.pinned} pages still pinned, device reaches {reached}"


def main() -> None:
    for kernel in KERNELS:
        print(f"{kernel:10} {unmap_in_error(kernel)}")


if __name__ == "__main__":
    main()
