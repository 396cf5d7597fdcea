"""Two CPUs, and steps in the words of scenario files."""

import pickle

import pytest

from s390_iommu import DriverError, Machine, OpResult, Race, ScenarioError

ATTACH: list[dict[str, object]] = [{"attach": "f0", "to": "d0"}]
RELEASE: list[dict[str, object]] = [{"release": "f0"}]


def system(kernel: str) -> Machine:
    machine = Machine(kernel)
    machine.function("f0", dma=(0x1_0000_0000, 0x1_FFFF_FFFF))
    machine.domain("d0")
    return machine


def stale(race: Race) -> bool:
    """Whether the function is gone and the machine still walks its domain."""
    function = race.machine.functions["f0"]
    return function.registered == "d0"


def test_attach_against_release_is_found_and_pinned() -> None:
    machine = system("base")
    before = machine.trace_hash
    races = list(machine.explore(ATTACH, RELEASE))
    assert {stale(race) for race in races} == {True, False}
    assert machine.trace_hash == before
    found = next(race for race in races if stale(race))
    again = machine.together(ATTACH, RELEASE, found.schedule)
    assert stale(again)
    assert (again.schedule, again.results) == (found.schedule, found.results)
    assert again.machine.trace == machine.trace == found.machine.trace


def test_results_are_by_cpu_and_step() -> None:
    race = system("v7.3").together(
        [*ATTACH, {"map": 0x1_0000_0000, "phys": 0, "size": "8 KiB", "in": "d0"}], [{"iova_to_phys": 0, "in": "d0"}]
    )
    assert [[result.rc for result in results] for results in race.results] == [[0, 0], [0]]
    assert pickle.loads(pickle.dumps(race.results)) == race.results


def test_preemptions_bound_the_search() -> None:
    counts = [len(list(system("p1").explore(ATTACH, RELEASE, preemptions))) for preemptions in (0, 1, 2)]
    assert counts == sorted(counts)
    assert counts[0] == 2


def test_a_step_is_an_operation() -> None:
    machine = system("p6")
    assert isinstance(machine.step({"attach": "f0", "to": "d0"}), OpResult)
    machine.step({"map": 0x1_0000_0000, "phys": 0xFFFF_FFFF_FFFF_F000, "size": 4096, "prot": "r", "in": "d0"})
    assert machine.functions["f0"].walk(0x1_0000_0000).phys == 0xFFFF_FFFF_FFFF_F000
    with pytest.raises(DriverError, match="map 0x100000000 phys"):
        machine.step({"map": 0x1_0000_0000, "phys": 0, "size": 1, "in": "d0"})


@pytest.mark.parametrize(
    ("step", "code", "path"),
    [
        ({"mapp": 1}, "S014", "steps[0]"),
        ({"attach": "f7", "to": "d0"}, "S032", "steps[0].attach"),
        ({"attach": "f0", "to": "d7"}, "S033", "steps[0].to"),
        ({"map": -1, "phys": 0, "size": 4096, "in": "d0"}, "S021", "steps[0].map"),
        ({"walk": 0, "for": "f0"}, "R004", ""),
    ],
)
def test_mistakes_in_steps_have_a_code_and_a_path(step: dict[str, object], code: str, path: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        system("p6").step(step)
    assert (caught.value.code, caught.value.first.path, caught.value.line) == (code, path, 0)
    assert f"error[{code}]" in caught.value.render("here")


def test_what_is_no_step_is_refused() -> None:
    machine = system("p6")
    with pytest.raises(TypeError):
        machine.step({"attach": object()})
    with pytest.raises(ValueError, match="leave `cpu` out"):
        machine.together([{"release": "f0", "cpu": "cpu0"}], [])
    with pytest.raises(ValueError, match="CPUxTIMES"):
        machine.together(ATTACH, RELEASE, "soon")
