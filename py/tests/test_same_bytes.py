"""The same input gives the same bytes as in Rust and in the browser."""

from common import ROOT

from s390_iommu import run


def test_gallery_traces_are_those_of_the_native_engine() -> None:
    pinned = [line.split() for line in (ROOT / "engine/tests/gallery.hashes").read_text().splitlines()]
    assert len(pinned) > 30
    for name, kernel, digest in pinned:
        outcome = run(ROOT / f"examples/scenarios/{name}.zpci.toml")
        assert (outcome.revision, outcome.trace_hash) == (kernel, digest), name
