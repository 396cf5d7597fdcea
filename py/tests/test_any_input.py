"""Whatever comes in, only documented errors come out."""

import string

from common import LAST_PAGE
from hypothesis import example, given, settings
from hypothesis import strategies as st

from s390_iommu import DriverError, Link, Machine, Scenario, ScenarioError, decode, parse, replay, run

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
@given(st.lists(st.tuples(st.booleans(), ANY, ANY, st.integers(0, 1 << 24)), max_size=8), st.integers(0, 6))
def test_any_calls_of_a_domain(calls: list[tuple[bool, int, int, int]], kernel: int) -> None:
    machine = Machine("v6.1-rc2" if kernel == 0 else f"p{kernel}")
    domain = machine.domain("d0")
    machine.function("f0", dma=(0x1_0000_0000, 0x1_FFFF_FFFF)).attach(domain)
    for is_map, iova, phys, size in calls:
        try:
            if is_map:
                domain.map(iova & 0x1_FFFF_F000, phys & ~0xFFF, size)
            else:
                domain.unmap(iova & 0x1_FFFF_F000, size)
        except DriverError as error:
            assert error.errno
