"""What the engine shows, as plain values: frozen, comparable and, but for `Race`, picklable."""

from s390_iommu.values.accesses import Access, ErrorEvent, Verdict
from s390_iommu.values.checks import Exposure, Moment, Violation, Window
from s390_iommu.values.comparisons import Comparison, Difference, Divergence
from s390_iommu.values.dumps import DumpWalk, Finding, LintReport, MappedRange
from s390_iommu.values.kernels import Kernel, WhatIf
from s390_iommu.values.machines import Cache, CachedRun, MachineView, Registers
from s390_iommu.values.operations import Counters, OpResult
from s390_iommu.values.outcomes import Check, Outcome, Step
from s390_iommu.values.races import Race
from s390_iommu.values.replays import Mismatch, Report
from s390_iommu.values.trees import Row, Tree
from s390_iommu.values.users import GroupStatus, IoasRanges, IommuInfo, UserMapping
from s390_iommu.values.views import DomainView, FunctionView, GroupView, Translation
from s390_iommu.values.walks import Walk, WalkStep
from s390_iommu.values.words import Decoded, Field

__all__ = [
    "Access",
    "Cache",
    "CachedRun",
    "Check",
    "Comparison",
    "Counters",
    "Decoded",
    "Difference",
    "Divergence",
    "DomainView",
    "DumpWalk",
    "ErrorEvent",
    "Exposure",
    "Field",
    "Finding",
    "FunctionView",
    "GroupStatus",
    "GroupView",
    "IoasRanges",
    "IommuInfo",
    "Kernel",
    "LintReport",
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
    "Step",
    "Translation",
    "Tree",
    "UserMapping",
    "Verdict",
    "Violation",
    "Walk",
    "WalkStep",
    "WhatIf",
    "Window",
]
