"""The examples run and print what they promise."""

import subprocess
import sys
from pathlib import Path

from common import ROOT


def output(name: str, *arguments: str | Path) -> str:
    line = [sys.executable, str(ROOT / "examples" / "python" / name), *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, check=True, timeout=300).stdout


def test_a_bug_is_compared_across_kernels() -> None:
    text = output("compare_a_bug.py")
    assert "  v6.1-rc2   expected 0, got -EINVAL\n" in text
    assert text.endswith("Gone since p3.\n")


def test_all_sets_of_patches_are_swept() -> None:
    text = output("sweep_patches.py", ROOT / "examples" / "scenarios" / "last-page.zpci.toml")
    assert len(text.splitlines()) == 1 + 8 + 1
    assert " of 64 sets apart.\n" in text


def test_every_example_is_tested() -> None:
    names = {path.name for path in (ROOT / "examples" / "python").glob("*.py")}
    assert names == {"compare_a_bug.py", "sweep_patches.py"}
