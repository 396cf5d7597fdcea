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
from s390_iommu._engine import (
    Container,
    Device,
    Domain,
    Dump,
    Exploration,
    Function,
    Group,
    Hwpt,
    Ioas,
    Iommufd,
    Machine,
    Scenario,
    VfioGroup,
    __version__,
    decode,
    describe,
    kernels,
    parse,
)
from s390_iommu.dumps import DumpError, load_dump
from s390_iommu.errors import (
    Diagnostic,
    DmaFault,
    DriverError,
    InternalError,
    KernelCrash,
    LimitReached,
    ScenarioError,
    Unsupported,
)
from s390_iommu.links import Link
from s390_iommu.runs import compare, explain, explainable, json_schema, replay, run
from s390_iommu.values import (
    Access,
    Cache,
    CachedRun,
    Check,
    Comparison,
    Counters,
    Decoded,
    Difference,
    Divergence,
    DomainView,
    DumpWalk,
    ErrorEvent,
    Exposure,
    Field,
    Finding,
    FunctionView,
    GroupStatus,
    GroupView,
    IoasRanges,
    IommuInfo,
    Kernel,
    LintReport,
    MachineView,
    MappedRange,
    Mismatch,
    Moment,
    OpResult,
    Outcome,
    Race,
    Registers,
    Report,
    Row,
    Step,
    Translation,
    Tree,
    UserMapping,
    Verdict,
    Violation,
    Walk,
    WalkStep,
    WhatIf,
    Window,
)

KERNELS: tuple[str, ...] = tuple(_engine.KERNELS)
"""Kernels that can be run, oldest first: ``v6.1-rc2``, ``p1`` to ``p6`` with that many patches, ``v6.2`` to ``v7.3``."""

PATCHES: dict[str, str] = dict(_engine.PATCHES)
"""The six patches with their titles; any set of them is a kernel: ``v6.1-rc2+p1,p4``."""

WHAT_IFS: dict[str, WhatIf] = {what_if[0]: WhatIf(*what_if) for what_if in _engine.WHAT_IFS}
"""Behaviours that never lasted, by name; each goes with any kernel: ``p1~reattach-on-failure``."""

__all__ = [
    "KERNELS",
    "PATCHES",
    "WHAT_IFS",
    "Access",
    "Cache",
    "CachedRun",
    "Check",
    "Comparison",
    "Container",
    "Counters",
    "Decoded",
    "Device",
    "Diagnostic",
    "Difference",
    "Divergence",
    "DmaFault",
    "Domain",
    "DomainView",
    "DriverError",
    "Dump",
    "DumpError",
    "DumpWalk",
    "ErrorEvent",
    "Exploration",
    "Exposure",
    "Field",
    "Finding",
    "Function",
    "FunctionView",
    "Group",
    "GroupStatus",
    "GroupView",
    "Hwpt",
    "InternalError",
    "Ioas",
    "IoasRanges",
    "IommuInfo",
    "Iommufd",
    "Kernel",
    "KernelCrash",
    "LimitReached",
    "Link",
    "LintReport",
    "Machine",
    "MachineView",
    "MappedRange",
    "Mismatch",
    "Moment",
    "OpResult",
    "Outcome",
    "Race",
    "Registers",
    "Report",
    "Row",
    "Scenario",
    "ScenarioError",
    "Step",
    "Translation",
    "Tree",
    "Unsupported",
    "UserMapping",
    "Verdict",
    "VfioGroup",
    "Violation",
    "Walk",
    "WalkStep",
    "WhatIf",
    "Window",
    "compare",
    "decode",
    "describe",
    "explain",
    "explainable",
    "json_schema",
    "kernels",
    "load_dump",
    "parse",
    "replay",
    "run",
    "__version__",
]
