"""What has to hold for the installed package as such."""

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import s390_iommu


def test_the_native_module_and_the_package_have_one_version() -> None:
    assert s390_iommu.__version__ == importlib.metadata.version("s390-iommu")


def test_the_command_prints_its_version() -> None:
    # The command of this very environment, whatever PATH says.
    command = Path(sys.executable).with_name("s390-iommu")
    run = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert run.stdout == f"s390-iommu {s390_iommu.__version__}\n"
