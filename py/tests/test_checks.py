"""What is found wrong: checks, violations, exposure windows."""

import pickle

import pytest
from common import ROOT

from s390_iommu import Function, Machine, Window, run

START, LAST = 0x1_0000_0000, 0x1_FFFF_FFFF
CHECKS = ("stale", "agree", "leak", "shape", "order")


def exposed(machine: Machine) -> Function:
    """Unmaps a page that the device has used, with a refresh that fails."""
    f0, d0 = machine.function("f0", dma=(START, LAST)), machine.domain("d0")
    f0.attach(d0)
    d0.map(START, phys=0x8000_0000, size=0x1000)
    f0.read(START, 1)
    machine.inject("refresh_trans", rc=-5)
    d0.unmap(START, 0x1000)
    return f0


def test_all_checks_are_on_unless_told_otherwise() -> None:
    machine = Machine("v6.8")
    assert machine.checks == CHECKS
    exposed(machine)
    assert [(each.check, each.what) for each in machine.violations] == [("order", "exposed"), ("stale", "stale")]
    assert machine.violations == machine.last.violations
    assert {found.step for found in machine.violations} == {machine.last.step}
    assert machine.violations[0].range == (START, START + 0xFFF)
    assert pickle.loads(pickle.dumps(machine.violations)) == machine.violations


def test_checks_can_be_switched() -> None:
    some = Machine("v6.8", checks=["stale"])
    exposed(some)
    assert [each.check for each in some.violations] == ["stale"]
    none = Machine("v6.8", checks=[])
    f0 = exposed(none)
    assert list(none.violations) == []
    # Verdicts and windows are there all the same.
    assert str(f0.verdict(START)).startswith("stale: ")
    assert len(none.windows) == 1
    none.checks = ("leak", "shape")
    assert none.checks == ("leak", "shape")
    none.domains["d0"].free()
    assert {each.check for each in none.violations} == {"leak"}
    with pytest.raises(ValueError, match="one of: stale, agree, leak, shape, order"):
        none.checks = ("weather",)
    with pytest.raises(ValueError, match="one of: stale"):
        Machine(checks=["weather"])


def test_a_window_opens_with_the_unmap_and_closes_with_the_refresh() -> None:
    machine = Machine("v6.12")
    f0 = machine.function("f0", dma=(START, LAST))
    address = f0.dma_map(0x8000_0000, 0x2000)
    f0.dma_unmap(address, 0x2000)
    (window,) = machine.windows
    assert (window.function, window.iova, window.pages, window.kind) == ("f0", address, 2, "deferred")
    assert window.open and window.opened.step == machine.last.step
    assert str(window).endswith(f"deferred at step {machine.last.step}, still open")
    machine.advance(10)
    (window,) = machine.windows
    assert not window.open and window.closed is not None
    assert (window.closed.step, window.closed.ms) == (machine.last.step, 10)
    (summary,) = machine.exposure
    assert (summary.windows, summary.deferred, summary.open, summary.pages) == (1, 1, 0, 2)
    assert str(summary) == "f0 was exposed in 1 window (1 deferred, 0 open), 2 pages, 1 step at most"
    assert machine.violations == ()
    assert pickle.loads(pickle.dumps((window, summary))) == (window, summary)


def test_copies_keep_what_was_found() -> None:
    machine = Machine("v6.8")
    exposed(machine)
    copy = machine.snapshot()
    assert (copy.violations, copy.windows) == (machine.violations, machine.windows)
    machine.domains["d0"].flush_iotlb_all()
    assert not machine.windows[0].open and copy.windows[0].open


def test_two_cpus_find_something_wrong_together() -> None:
    machine = Machine("v6.8")
    f0 = exposed(machine)
    race = machine.together([{"read": START, "size": 4, "by": "f0"}], [{"flush_iotlb_all": "d0"}])
    access = race.results[0][0].access
    assert access is not None and access.verdict is not None
    assert access.verdict.name == "stale"
    assert race.results[0][0].step + 1 == race.results[1][0].step
    known = machine.violations
    for way in machine.explore([{"attach": "f0", "to": "d0"}], [{"release": "f0"}]):
        assert way.machine.violations[: len(known)] == known
    assert str(f0.verdict(START)) == "agree"


def test_outcomes_of_scenarios_have_all_of_it() -> None:
    outcome = run(ROOT / "examples" / "scenarios" / "lazy-window.zpci.toml")
    accesses = [step.access for step in outcome.steps if step.access]
    assert [access.verdict.name for access in accesses if access.verdict] == [
        "agree",
        "agree",
        "deferred",
        "agree",
        "deferred",
        "agree",
    ]
    assert [window.function for window in outcome.windows] == ["f0", "guest"]
    assert all(isinstance(window, Window) for window in outcome.windows)
    assert [each.function for each in outcome.exposure] == ["f0", "guest"]
    assert [each.function for each in outcome.machine] == ["f0", "guest"]
    assert outcome.machine[0].registers.in_error
    assert pickle.loads(pickle.dumps(outcome)) == outcome
    assert "deferred: unmapped at step 5" in outcome._repr_html_()
