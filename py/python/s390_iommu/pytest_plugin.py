"""The pytest plugin: scenario files are tests, and tests in Python get machines.

Every `*.zpci.toml` that pytest meets is run, on the kernel it names or on those of ``--kernel``, and passes if its
expectations hold. Tests in Python ask for the fixture `machine`, a function that makes a `Machine` on the kernel under test.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import pytest

from s390_iommu import KERNELS, Machine, Outcome, Scenario, ScenarioError, describe, kernels, parse, run
from s390_iommu.failures import failure

SUFFIX = ".zpci.toml"
EVENTS = 10

MACHINES = pytest.StashKey[list[Machine]]()


class MakeMachine(Protocol):
    """What the fixture `machine` is: `Machine` with the kernel under test in place of the usual one."""

    def __call__(
        self,
        kernel: str | None = None,
        patches: Sequence[str] | None = None,
        profile: str = "lpar",
        *,
        memory: int | None = None,
        aperture_factor: int = 1,
        strict: bool = False,
        dma_avail: int | None = None,
        checks: Sequence[str] | None = None,
    ) -> Machine: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds ``--kernel`` and the setting ``zpci_page``."""
    parser.getgroup("s390-iommu").addoption(
        "--kernel",
        action="append",
        dest="zpci_kernels",
        metavar="LIST",
        help="run scenarios and tests with a machine on these kernels: p6, base,v6.8, p1..p6, all",
    )
    parser.addini("zpci_page", "address of the playground, for links", default="http://127.0.0.1:8080/")


def chosen(config: pytest.Config) -> list[str] | None:
    """The kernels of ``--kernel``; `None` without it."""
    given: list[str] | None = config.getoption("zpci_kernels")
    if given is None:
        return None
    try:
        names = kernels(" ".join(given))
    except ValueError as error:
        raise pytest.UsageError(f"--kernel: {error}") from None
    if not names:
        raise pytest.UsageError("--kernel names no kernel")
    return names


def pytest_configure(config: pytest.Config) -> None:
    """Refuses wrong kernels before anything runs."""
    chosen(config)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
    """Scenario files are collected."""
    return ScenarioFile.from_parent(parent, path=file_path) if file_path.name.endswith(SUFFIX) else None


class ScenarioFile(pytest.File):
    """A scenario file: one test for each kernel."""

    def collect(self) -> Iterator[ScenarioItem]:
        """Reads it."""
        name = os.path.relpath(self.path, self.config.invocation_params.dir)
        try:
            scenario = parse(self.path.read_text(encoding="utf-8"))
        except ScenarioError as error:
            raise self.CollectError(error.render(name)) from None
        except UnicodeDecodeError:
            raise self.CollectError(f"{name}: error[F002]: this is not UTF-8 text") from None
        names: Sequence[str | None] = chosen(self.config) or [None]
        for kernel in names:
            item = kernel or describe(scenario.kernel, scenario.patches).name
            yield ScenarioItem.from_parent(self, name=item, scenario=scenario, kernel=kernel)


class NotHeld(Exception):
    """An expectation did not hold."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.title)
        self.outcome = outcome


class ScenarioItem(pytest.Item):
    """A scenario on one kernel."""

    def __init__(self, *, scenario: Scenario, kernel: str | None, **rest: object) -> None:
        super().__init__(**rest)  # type: ignore[arg-type]
        self.scenario, self.kernel = scenario, kernel

    def runtest(self) -> None:
        """Runs it."""
        outcome = run(self.scenario, self.kernel)
        if not outcome.held:
            raise NotHeld(outcome)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: str | None = None) -> str:
        """What failed, in at most 25 lines."""
        error = excinfo.value
        name = os.path.relpath(self.path, self.config.invocation_params.dir)
        match error:
            case NotHeld():
                return failure(error.outcome, self.scenario.source, name, self.config.getini("zpci_page"), self.kernel)
            case ScenarioError():
                return error.render(name)
            case _:
                return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it is and what it is called."""
        return self.path, None, f"{self.path.name.removesuffix(SUFFIX)} on {self.name}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with `zpci_kernel`, or a `machine`, runs once for each kernel."""
    if "zpci_kernel" in metafunc.fixturenames:
        metafunc.parametrize("zpci_kernel", chosen(metafunc.config) or [KERNELS[-1]])


@pytest.fixture
def machine(request: pytest.FixtureRequest, zpci_kernel: str) -> MakeMachine:
    """A function that makes a `Machine`, on the kernel of ``--kernel`` or else the newest, unless it is told another one."""
    made = request.node.stash.setdefault(MACHINES, [])

    def make(
        kernel: str | None = None,
        patches: Sequence[str] | None = None,
        profile: str = "lpar",
        *,
        memory: int | None = None,
        aperture_factor: int = 1,
        strict: bool = False,
        dma_avail: int | None = None,
        checks: Sequence[str] | None = None,
    ) -> Machine:
        new = Machine(
            kernel or zpci_kernel,
            patches,
            profile,
            memory=memory,
            aperture_factor=aperture_factor,
            strict=strict,
            dma_avail=dma_avail,
            checks=checks,
        )
        made.append(new)
        return new

    return make


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that failed shows the last events of its machines."""
    report = yield
    if report.failed:
        for each in item.stash.get(MACHINES, []):
            report.sections.append((f"last events on {each.kernel}", "\n".join(each.trace[1:][-EVENTS:])))
    return report
