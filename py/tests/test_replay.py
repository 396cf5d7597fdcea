"""Recordings and words."""

import gzip
import json
import pickle

import pytest
from common import RECORDING

from s390_iommu import decode, explain, explainable, replay


def recorded() -> list[str]:
    with gzip.open(RECORDING, "rt") as file:
        return file.readlines()


def test_the_recording_of_the_series_replays() -> None:
    report = replay(recorded())
    assert str(report) == "931 scenarios, 6085 operations, 0 mismatches"
    assert pickle.loads(pickle.dumps(report)) == report


def test_a_changed_result_is_found() -> None:
    record = json.loads(recorded()[0])
    record["results"][0]["rc"] = -5
    report = replay([json.dumps(record)])
    assert report.mismatches == 1
    assert report.details[0].place == "results[0].rc"
    assert (report.details[0].recorded, report.details[0].here) == (-5, 0)


def test_a_line_that_is_none_is_a_mismatch() -> None:
    assert replay(["", "{}", "nonsense"]).mismatches == 2


def test_a_word_is_explained() -> None:
    decoded = decode("page", 0x7FEE_D200)
    assert decoded.meaning == "page entry: frame 0x7feed000, read-only"
    assert sum(high - low + 1 for high, low in (field.lsb for field in decoded.fields)) == 64
    assert decoded.kind == "page"
    assert decode("region-third", 0x20).kind == "region-third"
    assert "LSB-0" in str(decoded)
    assert pickle.loads(pickle.dumps(decoded)) == decoded
    with pytest.raises(ValueError, match="iota, region-first"):
        decode("pte", 0)
    with pytest.raises(OverflowError):
        decode("page", 1 << 64)


@pytest.mark.parametrize(
    "code",
    ["S001", "invalid-entry", "detach_wrong_domain", "EINVAL", "-ENOMEM", "list-never-ends", "p3", "v6.8", "range-check"],
)
def test_what_is_named_is_explained(code: str) -> None:
    assert len(explain(code)) > 10


def test_everything_that_is_listed_is_explained() -> None:
    listed = explainable()
    assert {"kernels", "patches", "what-ifs", "decisions", "faults"} <= set(listed)
    for names in listed.values():
        assert all(len(explain(name)) > len(name) for name in names)


def test_what_is_not_known_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="nothing is called"):
        explain("S999")
