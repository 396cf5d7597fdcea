"""A laboratory for the IBM Z (s390) PCI IOMMU.

It runs Linux's s390 IOMMU driver, kernel by kernel and patch by patch, on a model of the hardware.

>>> import s390_iommu
>>> text = '''
... schema = 1
... title = "One page"
... functions = [{ name = "f0", dma = [0x1_0000_0000, 0x1_ffff_ffff] }]
... domains = ["d0"]
... steps = [
...   { attach = "f0", to = "d0" },
...   { map = 0x1_0000_0000, phys = 0x8000_0000, size = "4 KiB", in = "d0", expect = { rc = 0 } },
... ]
... '''
>>> outcome = s390_iommu.run(text, kernel="p6")
>>> outcome.held
True
>>> outcome.steps[0].text
'attach f0 to d0'
"""

from s390_iommu import _engine
from s390_iommu._engine import Domain, Function, Machine, Scenario, __version__, decode, parse
from s390_iommu.errors import (
    Diagnostic,
    DmaFault,
    DriverError,
    InternalError,
    KernelCrash,
    LimitReached,
    ScenarioError,
)
from s390_iommu.links import Link
from s390_iommu.runs import compare, explain, json_schema, replay, run
from s390_iommu.values import (
    Check,
    Comparison,
    Counters,
    Decoded,
    Difference,
    Divergence,
    DomainView,
    Field,
    FunctionView,
    GroupView,
    Mismatch,
    OpResult,
    Outcome,
    Report,
    Row,
    Step,
    Translation,
    Tree,
    Walk,
    WalkStep,
)

KERNELS: tuple[str, ...] = tuple(_engine.KERNELS)
"""Kernels that can be run, oldest first: ``v6.1-rc2``, then ``p1`` to ``p6`` with that many patches."""

PATCHES: dict[str, str] = dict(_engine.PATCHES)
"""The six patches with their titles; any set of them is a kernel."""

__all__ = [
    "KERNELS",
    "PATCHES",
    "Check",
    "Comparison",
    "Counters",
    "Decoded",
    "Diagnostic",
    "Difference",
    "Divergence",
    "DmaFault",
    "Domain",
    "DomainView",
    "DriverError",
    "Field",
    "Function",
    "FunctionView",
    "GroupView",
    "InternalError",
    "KernelCrash",
    "LimitReached",
    "Link",
    "Machine",
    "Mismatch",
    "OpResult",
    "Outcome",
    "Report",
    "Row",
    "Scenario",
    "ScenarioError",
    "Step",
    "Translation",
    "Tree",
    "Walk",
    "WalkStep",
    "__version__",
    "compare",
    "decode",
    "explain",
    "json_schema",
    "parse",
    "replay",
    "run",
]
