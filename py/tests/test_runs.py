"""Scenarios: read, run, compared, kept."""

import copy
import json
import pickle
from pathlib import Path

import pytest
from common import LAST_PAGE, SCENARIOS

import s390_iommu
from s390_iommu import (
    Link,
    Outcome,
    ScenarioError,
    compare,
    decode,
    describe,
    json_schema,
    kernels,
    parse,
    run,
)


def test_an_outcome_says_what_happened() -> None:
    outcome = run(LAST_PAGE)
    assert (outcome.title, outcome.revision) == ("The last page of the aperture", "v6.1-rc2")
    assert not outcome.held
    step = outcome.steps[1]
    assert (step.number, step.line, step.rc, step.errno) == (2, 7, -22, "EINVAL")
    assert step.checks[0].to_dict() == {"what": "rc", "expected": "0", "got": "-EINVAL", "held": False}
    assert outcome.steps[2].walk is not None
    assert outcome.steps[2].walk.fault == "invalid-entry"


def test_the_kernel_can_be_chosen_by_name_and_by_patches() -> None:
    assert run(LAST_PAGE, "p6").held
    assert run(LAST_PAGE, patches=["p4"]).revision == "v6.1-rc2+p4"
    assert run(LAST_PAGE, "p6", patches=[]).revision == "v6.1-rc2"
    assert run(LAST_PAGE, profile="qemu").steps[1].rc == -22
    assert "p6 builds on" in run(LAST_PAGE, patches=["p6"]).unmet[0]


def test_a_path_a_parsed_scenario_and_json_are_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.zpci.toml"
    path.write_text(LAST_PAGE)
    expected = run(LAST_PAGE).trace_hash
    scenario = parse(LAST_PAGE)
    for source in (path, str(path), scenario, scenario.to_json(), scenario.to_toml()):
        assert run(source).trace_hash == expected
    with pytest.raises(FileNotFoundError):
        run(tmp_path / "none.toml")


def test_unknown_names_are_value_errors() -> None:
    with pytest.raises(ValueError, match="known: base, v6.1-rc2, p1"):
        run(LAST_PAGE, kernel="v9")
    with pytest.raises(ValueError, match="unknown patch"):
        run(LAST_PAGE, patches=["p7"])
    with pytest.raises(ValueError, match="lpar, zvm, qemu"):
        run(LAST_PAGE, profile="vmware")


def test_a_scenario_error_says_where_and_survives_pickling() -> None:
    with pytest.raises(ScenarioError) as caught:
        parse(LAST_PAGE.replace('in = "d0"', 'in = "d7"'))
    error = caught.value
    assert (error.line, error.code[0]) == (7, "S")
    assert error.column > 1
    assert error.diagnostics[0].excerpt.splitlines()[1].strip(" |") == "^" * len('"d7"')
    again = pickle.loads(pickle.dumps(error))
    assert (again.diagnostics, again.source, str(again)) == (error.diagnostics, error.source, str(error))
    assert "d7" in error.render("x.toml").splitlines()[0]


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_the_gallery_holds_prints_and_pickles(path: Path) -> None:
    scenario = parse(path.read_text())
    outcome = run(scenario)
    assert outcome.held, [check for step in outcome.steps for check in step.checks if not check.held]
    assert parse(scenario.to_toml()) == scenario == parse(scenario.to_json())
    assert pickle.loads(pickle.dumps(scenario)) == scenario
    assert pickle.loads(pickle.dumps(outcome)) == outcome == copy.deepcopy(outcome)
    assert json.loads(outcome.to_json())["trace_hash"] == outcome.trace_hash


def test_running_twice_gives_the_same() -> None:
    assert run(LAST_PAGE, "p3") == run(LAST_PAGE, "p3")


def test_comparing_names_the_first_difference() -> None:
    both = compare(LAST_PAGE, ["base", "base", "p3"])
    assert both.kernels == ("v6.1-rc2", "v6.1-rc2", "p3")
    same, other = both.differences
    assert same.divergence is None
    assert other.divergence is not None
    assert (other.divergence.step, other.divergence.what) == (2, "rc")
    assert not both.same
    assert pickle.loads(pickle.dumps(both)) == both


def test_comparing_nothing_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="kernel"):
        compare(LAST_PAGE, [])


def test_html_escapes() -> None:
    text = LAST_PAGE.replace("The last page", "<b>&")
    assert "&lt;b&gt;&amp;" in run(text)._repr_html_()
    assert "<td>p3</td>" in compare(text, ["base", "p3"])._repr_html_()
    assert isinstance(run(text), Outcome)
    assert "<td>frame</td>" in decode("page", 0x7FEE_D200)._repr_html_()


def test_links_hold_what_they_were_given() -> None:
    link = Link(LAST_PAGE, "p3", ("p1", "p4"), "p6", 2, 0xFFFF_FFFF_FFFF_F000)
    assert link.encode().startswith("#1")
    assert Link.decode(link.encode()) == link == pickle.loads(pickle.dumps(link))
    for bad in ("", "#1", "#9abc", "#1!!!", link.encode()[:-9]):
        with pytest.raises(ValueError):
            Link.decode(bad)


def test_the_schema_accepts_the_gallery() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json_schema()
    for path in SCENARIOS:
        jsonschema.validate(json.loads(parse(path.read_text()).to_json()), schema)


def test_the_kernels_and_patches() -> None:
    assert s390_iommu.KERNELS[:7] == ("v6.1-rc2", "p1", "p2", "p3", "p4", "p5", "p6")
    assert s390_iommu.KERNELS[7:] == ("v6.2", "v6.6", "v6.8", "v6.12", "v6.16", "v6.18", "v7.3")
    assert list(s390_iommu.PATCHES) == ["p1", "p2", "p3", "p4", "p5", "p6"]


def test_what_ifs_are_kernels_of_their_own() -> None:
    assert "reattach-on-failure" in s390_iommu.WHAT_IFS
    for name, what_if in s390_iommu.WHAT_IFS.items():
        kernel = describe(what_if.kernel)
        assert (kernel.what_if, kernel.name) == (name, what_if.kernel)
        assert kernel.decisions != describe(what_if.seen_on).decisions
        assert what_if.origin and what_if.why_not
        assert run(LAST_PAGE, what_if.kernel).revision == what_if.kernel
    assert describe("base", ["p1", "p4"]).patches == ("p1", "p4")
    assert pickle.loads(pickle.dumps(kernel)) == kernel
    with pytest.raises(ValueError, match="unknown what-if"):
        describe("p1~weather")


def test_kernels_can_be_named_as_one_text() -> None:
    assert compare(LAST_PAGE, "p1..p3").kernels == ("p1", "p2", "p3")
    assert compare(LAST_PAGE, "all").kernels == s390_iommu.KERNELS
    assert kernels("base+p1,p4 p6") == ["v6.1-rc2+p1,p4", "p6"]
    with pytest.raises(ValueError, match="the older one first"):
        compare(LAST_PAGE, "p3..p1")
