"""What several tests use."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECORDING = ROOT / "engine" / "tests" / "recordings" / "series.jsonl.gz"
SCENARIOS = sorted((ROOT / "examples" / "scenarios").glob("*.zpci.toml"))

LAST_PAGE = """\
schema = 1
title = "The last page of the aperture"
functions = [{ name = "f0", dma = [0x1_0000_0000, 0x1_ffff_ffff] }]
domains = ["d0"]
steps = [
  { attach = "f0", to = "d0" },
  { map = 0x1_ffff_f000, phys = 0x8000_0000, size = "4 KiB", in = "d0", expect = { rc = 0 } },
  { walk = 0x1_ffff_f123, for = "f0" },
]
"""
"""Fails where the aperture follows the function and its end is excluded: v6.1-rc2, p1, p2."""


def command(*arguments: str | Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
    """Runs the command of this environment."""
    line = [sys.executable, "-m", "s390_iommu", *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, input=text, check=False, timeout=120)
