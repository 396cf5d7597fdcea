"""Captures of real guests: runs, walks, and what is none of these."""

import gzip
import json
import shutil
from pathlib import Path

import pytest
from common import ROOT, command

CAPTURES = ROOT / "engine" / "tests" / "captures"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run that can be changed."""
    return Path(shutil.copytree(CAPTURES / "runs" / "mut-k72-steprot", tmp_path / "run"))


def test_captures_end_with_the_summary() -> None:
    done = command("capture", CAPTURES)
    assert (done.returncode, done.stderr) == (0, "")
    last = done.stdout.splitlines()[-1]
    assert last.startswith("30 runs, ")
    assert last.endswith(" checks, 0 mismatches")
    assert any(line.startswith("k612-nvme-lazy ") for line in done.stdout.splitlines())


def test_as_json(run: Path) -> None:
    report = json.loads(command("capture", run, "--json").stdout)
    assert (report["mismatches"], report["runs"][0]["error_events"]) == (0, 2)


def test_what_differs_is_shown_with_its_place(run: Path) -> None:
    log = run / "events.jsonl.gz"
    text = gzip.decompress(log.read_bytes()).decode()
    log.write_bytes(gzip.compress(text.replace('"pec":4', '"pec":7', 1).encode()))
    done = command("capture", run)
    assert done.returncode == 1
    assert "mut-k72-steprot/events.jsonl:" in done.stdout
    assert ": event 661: error event: recorded " in done.stdout
    assert done.stdout.endswith(", 1 mismatches\n")


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("run.json", b"{", "run.json:1:1: error[C001]: not a description of a captured run"),
        ("events.jsonl.gz", gzip.compress(b"\n{]"), "events.jsonl.gz:2:2: error[C001]"),
        ("events.jsonl.gz", gzip.compress(b"\xff\n"), "events.jsonl.gz:1: error[F004]: this is not UTF-8 text"),
        ("events.jsonl.gz", b"\x1f\x8b\x08\x00garbage", "damaged gzip file"),
        ("events.jsonl.gz", gzip.compress(b'{"s":0,"e":"checkpoint","name":"../x"}'), "is no name of a checkpoint"),
        ("ck00-preload.tab.gz", gzip.compress(b"abc"), "ends within the record at byte 0"),
        ("ck00-preload.json.gz", gzip.compress(b"[]"), "not a checkpoint"),
    ],
)
def test_what_is_no_capture_is_told(run: Path, file: str, content: bytes, message: str) -> None:
    (run / file).write_bytes(content)
    done = command("capture", run)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_file_and_an_empty_directory(run: Path, tmp_path: Path) -> None:
    (run / "ck00-preload.json.gz").unlink()
    assert "cannot be read: No such file" in command("capture", run).stderr
    empty = tmp_path / "empty"
    empty.mkdir()
    done = command("capture", empty)
    assert (done.returncode, "error[F010]: no captures here" in done.stderr) == (2, True)
    assert command("capture", tmp_path / "nowhere").returncode == 2
