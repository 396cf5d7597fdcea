"""Whatever comes in, only documented errors come out."""

import string

from common import LAST_PAGE
from hypothesis import example, given, settings
from hypothesis import strategies as st

from s390_iommu import (
    KERNELS,
    WHAT_IFS,
    DriverError,
    KernelCrash,
    LimitReached,
    Link,
    Machine,
    Scenario,
    ScenarioError,
    Unsupported,
    decode,
    describe,
    kernels,
    parse,
    replay,
    run,
)

RUNNABLE = [*KERNELS, *(what_if.kernel for what_if in WHAT_IFS.values())]
ANY = st.integers(0, (1 << 64) - 1)
WORDS = ["steps", "map", "=", "0x1_0000", '"f0"', "[", "]", "{", "}", "\n", ",", "size", "expect", "'", '"', "1e9", "é"]


@given(st.text() | st.lists(st.sampled_from(WORDS)).map(" ".join))
@example("\ud800")
@example("{" * 10_000)
@example("a=[" + "[" * 10_000)
def test_any_text_parses_or_is_refused(text: str) -> None:
    try:
        assert isinstance(parse(text), Scenario)
    except UnicodeEncodeError:
        # Half a surrogate pair is no text.
        assert any("\ud800" <= each <= "\udfff" for each in text)
    except ScenarioError as error:
        assert error.diagnostics
        assert error.render("x")


@given(st.integers(0, len(LAST_PAGE)), st.text(max_size=4), st.integers(0, 8))
def test_any_change_of_a_scenario_runs_or_is_refused(at: int, text: str, gone: int) -> None:
    try:
        run(LAST_PAGE[:at] + text + LAST_PAGE[at + gone :] + "\n")
    except (ScenarioError, UnicodeEncodeError):
        pass


@given(st.text(), ANY)
def test_any_word_of_any_kind(kind: str, word: int) -> None:
    try:
        decode(kind, word)
    except ValueError:
        pass


@given(st.sampled_from(["iota", "region-first", "region-second", "region-third", "segment", "page"]), ANY)
def test_every_bit_of_any_word_is_explained(kind: str, word: int) -> None:
    decoded = decode(kind, word)
    assert sum(field.value << field.lsb[1] for field in decoded.fields) == word


@given(st.text() | st.text(string.ascii_letters + string.digits + "-_").map("#1".__add__))
def test_any_link(text: str) -> None:
    try:
        Link.decode(text)
    except ValueError:
        pass


@given(st.lists(st.text()))
def test_any_recording(lines: list[str]) -> None:
    try:
        replay(lines)
    except UnicodeEncodeError:
        pass


@settings(max_examples=50)
@given(st.lists(st.tuples(st.booleans(), ANY, ANY, st.integers(0, 1 << 24)), max_size=8), st.sampled_from(RUNNABLE))
def test_any_calls_of_a_domain(calls: list[tuple[bool, int, int, int]], kernel: str) -> None:
    machine = Machine(kernel)
    function = machine.function("f0", dma=(0x1_0000_0000, 0x1_FFFF_FFFF))
    domain = machine.domain("d0")
    function.attach(domain)
    for is_map, iova, phys, size in calls:
        try:
            if is_map:
                domain.map(iova & 0x1_FFFF_F000, phys & ~0xFFF, size)
            else:
                domain.unmap(iova & 0x1_FFFF_F000, size)
        except DriverError as error:
            assert error.errno


@given(st.text() | st.lists(st.sampled_from(["p1", "base", "v6.8", "..", ",", "+", "~", " ", "all", "free-at-once"])).map("".join))
def test_any_name_of_a_kernel(text: str) -> None:
    for read in (kernels, describe):
        try:
            assert read(text) is not None
        except (ValueError, UnicodeEncodeError):
            pass


VALUES = ANY | st.sampled_from(["f0", "d0", "blocking", "identity", "4 KiB", "rw", "alloc_table"]) | st.booleans()
VERBS = [
    "probe", "release", "alloc", "free", "attach", "detach", "map", "unmap", "unmap_fast", "iotlb_sync", "flush_iotlb_all",
    "map_pages", "unmap_pages", "iova_to_phys", "resv_regions", "init_iommu", "capable", "shadow_on_flush", "re_register",
    "refresh", "register", "deregister", "error", "recover", "unplug", "poke", "inject", "add", "remove", "hold_group",
    "drop_group", "use_default", "claim", "release_owner", "attach_group", "detach_group", "attach_device", "replace",
    "dma_map", "dma_unmap", "dma_alloc", "dma_free", "advance",
]  # fmt: skip
KEYS = ["to", "from", "in", "for", "phys", "size", "table", "owner", "pgsize", "pgcount", "iova", "type", "value", "as", "dir"]
STEPS = st.builds(
    lambda verb, value, more: {verb: value, **more},
    st.sampled_from(VERBS),
    VALUES,
    st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4),
)


@settings(max_examples=200)
@given(st.lists(STEPS, max_size=6), st.sampled_from(RUNNABLE))
def test_any_steps(steps: list[dict[str, object]], kernel: str) -> None:
    machine = Machine(kernel)
    machine.function("f0", dma=(0x1_0000_0000, 0x1_FFFF_FFFF))
    machine.domain("d0")
    for step in steps:
        try:
            machine.step(step)
        except (DriverError, KernelCrash, LimitReached, ScenarioError, Unsupported) as error:
            assert str(error)


RACERS: list[dict[str, object]] = [
    {"attach": "f0", "to": "d0"},
    {"attach": "f0", "to": "d1"},
    {"release": "f0"},
    {"map": 0x1_0000_0000, "phys": 0x8000_0000, "size": 4096, "in": "d0"},
    {"unmap": 0x1_0000_0000, "size": 4096, "in": "d0"},
    {"free": "d0"},
    {"error": "f0"},
]


@settings(max_examples=100)
@given(*[st.lists(st.sampled_from(RACERS), max_size=3)] * 2, st.sampled_from(RUNNABLE), st.text("01x ", max_size=12))
def test_any_race(first: list[dict[str, object]], second: list[dict[str, object]], kernel: str, schedule: str) -> None:
    machine = Machine(kernel)
    machine.function("f0", dma=(0x1_0000_0000, 0x1_FFFF_FFFF)).add()
    for name in ("d0", "d1"):
        machine.domain(name)
    start = machine.snapshot()
    try:
        race = machine.together(first, second, schedule)
    except ValueError:
        return
    again = start.together(first, second, race.schedule)
    assert (again.schedule, again.results, start.trace_hash) == (race.schedule, race.results, machine.trace_hash)
