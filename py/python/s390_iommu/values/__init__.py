"""What the engine shows, as plain values: frozen, comparable and, but for `Race`, picklable."""

from s390_iommu.values.comparisons import Comparison, Difference, Divergence
from s390_iommu.values.dumps import DumpWalk, Finding, LintReport, MappedRange
from s390_iommu.values.kernels import Kernel, WhatIf
from s390_iommu.values.operations import Counters, OpResult
from s390_iommu.values.outcomes import Check, Outcome, Step
from s390_iommu.values.races import Race
from s390_iommu.values.replays import Mismatch, Report
from s390_iommu.values.trees import Row, Tree
from s390_iommu.values.views import DomainView, FunctionView, GroupView, Translation
from s390_iommu.values.walks import Walk, WalkStep
from s390_iommu.values.words import Decoded, Field

__all__ = [
    "Check",
    "Comparison",
    "Counters",
    "Decoded",
    "Difference",
    "Divergence",
    "DomainView",
    "DumpWalk",
    "Field",
    "Finding",
    "FunctionView",
    "GroupView",
    "Kernel",
    "LintReport",
    "MappedRange",
    "Mismatch",
    "OpResult",
    "Outcome",
    "Race",
    "Report",
    "Row",
    "Step",
    "Translation",
    "Tree",
    "Walk",
    "WalkStep",
    "WhatIf",
]
