"""The command: output, exit codes, messages, signals."""

import gzip
import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from common import LAST_PAGE, RECORDING, SCENARIOS, command

from s390_iommu import Link


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "last.zpci.toml"
    path.write_text(LAST_PAGE)
    return path


def test_run_prints_steps_and_verdicts(scenario: Path) -> None:
    run = command("run", scenario)
    assert run.returncode == 1
    assert "   2  map 0x1fffff000 phys 0x80000000 size 0x1000 rw in d0 -> -EINVAL\n" in run.stdout
    assert f"      FAIL  rc: expected 0, got -EINVAL ({scenario}:7)\n" in run.stdout
    assert run.stdout.endswith("1 expectation, 1 not held\n")
    assert command("run", scenario, "--kernel", "p6").returncode == 0
    assert command("run", scenario, "--patches", "p1", "--profile", "zvm").returncode == 1


def test_run_takes_many_files_and_standard_input() -> None:
    assert command("run", *SCENARIOS[:5]).returncode == 0
    assert command("run", "-", "--kernel", "p6", text=LAST_PAGE).returncode == 0


def test_run_as_json(scenario: Path) -> None:
    (outcome,) = json.loads(command("run", scenario, "--json").stdout)
    assert outcome["held"] is False
    assert outcome["steps"][1]["rc"] == -22


def test_a_mistake_is_shown_with_file_line_column_and_caret(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(LAST_PAGE.replace("phys", "psyh"))
    run = command("run", path)
    lines = run.stderr.splitlines()
    assert run.returncode == 2
    assert run.stdout == ""
    at = next(i for i, line in enumerate(lines) if line.startswith(f"{path}:7:") and "psyh" in line)
    assert lines[at + 2].count("^") == len("psyh")
    assert lines[at + 1].index("psyh") == lines[at + 2].index("^")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "nowhere.toml"), "nowhere.toml: error[F001]: cannot be read: No such file"),
        (("run", str(SCENARIOS[0]), "--kernel", "v9"), "known: base, v6.1-rc2"),
        (("run", str(SCENARIOS[0]), "--patches", "p9"), "known: p1, p2"),
        (("run", str(SCENARIOS[0]), "--profile", "x"), "lpar, zvm, qemu"),
        (("compare", str(SCENARIOS[0]), "--kernels", "p3,x"), "unknown kernel"),
        (("compare", str(SCENARIOS[0]), "--kernels", ""), "no kernel"),
        (("decode", "pte", "0"), "one of: iota"),
        (("decode", "page", "twelve"), "no number"),
        (("decode", "page", "0x1_0000_0000_0000_0000"), "more than 64 bits"),
        (("explain", "S999"), "nothing is called"),
        (("link", "nowhere.toml"), "cannot be read"),
        (("replay", "nowhere.jsonl"), "cannot be read"),
        ((), "COMMAND"),
        (("fly",), "invalid choice"),
    ],
)
def test_bad_input_is_told_and_exits_with_2(arguments: tuple[str, ...], message: str) -> None:
    run = command(*arguments)
    assert (run.returncode, run.stdout) == (2, "")
    assert message in run.stderr
    assert "Traceback" not in run.stderr


def test_compare_describes_the_first_difference(scenario: Path) -> None:
    run = command("compare", scenario, "--kernels", "base,p1,p6")
    assert run.returncode == 0
    assert run.stdout.index("v6.1-rc2 and p1: nothing differs") < run.stdout.index("v6.1-rc2 and p6")
    assert re.search(r"^v6\.1-rc2( +\d+){7}$", run.stdout, re.MULTILINE)
    assert "v6.1-rc2 and p6: first differ at step 2, map 0x1fffff000" in run.stdout
    assert "  rc: -EINVAL | 0\n" in run.stdout
    alike = command("compare", scenario, "--kernels", "base,v6.12..,v7.3~map-errors-lost").stdout
    assert "v6.1-rc2 and v6.12, v6.16, v6.18, v7.3, v7.3~map-errors-lost: first differ at" in alike
    both = json.loads(command("compare", scenario, "--kernels", "base base+p1,p4", "--json").stdout)
    assert both["differences"][0]["right"] == "v6.1-rc2+p1,p4"


STALE = """\
schema = 1
title = "A refresh that fails"
functions = [{ name = "f0", dma = [0x1_0000_0000, 0x1_ffff_ffff] }]
domains = ["d0"]
steps = [
  { attach = "f0", to = "d0" },
  { map = 0x1_0000_0000, phys = 0x8000_0000, size = "4 KiB" },
  { read = 0x1_0000_0000, by = "f0" },
  { inject = "refresh_trans", rc = "EIO" },
  { unmap = 0x1_0000_0000, size = "4 KiB" },
  { read = 0x1_0000_0000, by = "f0" },
  { evict = 0x1_0000_0000, by = "f0" },
  { read = 0x1_0000_0000, by = "f0" },
]
"""


def test_run_names_verdicts_violations_and_exposure() -> None:
    text = command("run", "-", "--kernel", "v6.8", text=STALE).stdout
    for line in (
        "   3  read 0x100000000 size 0x8 by f0 -> 8 bytes from 0x80000000",
        "      violates order: exposed f0 0x100000000..=0x100000fff",
        "   6  read 0x100000000 size 0x8 by f0 -> 8 bytes from 0x80000000, cached",
        "      verdict stale: unmapped at step 5, no refresh covers it",
        "        intent unmapped at step 5",
        "        cache  0x80000000 rw",
        "   8  read 0x100000000 size 0x8 by f0 -> fault invalid-entry, event 0x7",
        "  exposed: f0 0x100000000, 1 page, unmapped at step 5, still open",
    ):
        assert f"{line}\n" in text
    assert text.count("verdict") == 1, "agreement is quiet"
    (outcome,) = json.loads(command("run", "-", "--kernel", "v6.8", "--json", text=STALE).stdout)
    assert outcome["steps"][5]["access"]["verdict"]["name"] == "stale"
    assert outcome["steps"][4]["violations"][0]["what"] == "exposed"
    assert outcome["windows"][0]["closed"] is None
    assert outcome["machine"][0]["registers"]["error"] == 7
    shadow = command("run", "-", "--kernel", "v6.8", "--profile", "zvm", text=STALE).stdout
    assert "verdict not-visible: mapped at step 2, and the hypervisor was not told" in shadow


def test_compare_shows_what_is_judged_differently() -> None:
    text = command("compare", "-", "--kernels", "base,p6,v6.8,v7.3", text=STALE).stdout
    assert (
        "step 6, read 0x100000000 size 0x8 by f0\n"
        "  v6.1-rc2, p6: lost: mapped at step 2, and the tables say no\n"
        "  v6.8, v7.3: stale: unmapped at step 5, no refresh covers it\n"
    ) in text
    assert "step 3," not in text


def test_replay_ends_with_the_summary() -> None:
    run = command("replay", RECORDING)
    assert (run.returncode, run.stdout) == (0, "931 scenarios, 6085 operations, 0 mismatches\n")
    assert run.stderr == ""


def test_replay_tells_what_differs(tmp_path: Path) -> None:
    with gzip.open(RECORDING, "rt") as file:
        record = json.loads(file.readline())
    record["results"][0]["rc"] = -5
    path = tmp_path / "changed.jsonl"
    path.write_text(json.dumps(record))
    run = command("replay", path)
    assert run.returncode == 1
    assert "results[0].rc: recorded -5, here 0" in run.stdout
    assert run.stdout.splitlines()[-1].endswith(", 1 mismatches")
    assert json.loads(command("replay", path, "--json").stdout)["mismatches"] == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "there is nothing in it"),
        (b"schema = 1\n", "the line is not JSON"),
        (b'{"a": 1}\n', ":1:1: error[F006]: not a recording"),
        (b"[1, 2]\n", ":1:1: error[F006]: not a recording"),
        (b'\n\n{"id": "x", "config": {}, "init": {}}\n', ":3:1: error[F006]: not a recording"),
        (b"\xff\xfe", "not UTF-8"),
        (b"\x1f\x8b\x08\x00garbage", "damaged gzip file"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_recording_is_told(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "some.jsonl"
    path.write_bytes(content)
    run = command("replay", path)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith(str(path))
    assert message in run.stderr
    assert "Traceback" not in run.stderr


def test_decode_and_explain_print_the_engines_words() -> None:
    assert "frame 0x7feed000, read-only" in command("decode", "page", "0x7feed200").stdout
    assert json.loads(command("decode", "page", "0", "--json").stdout)["kind"] == "page"
    assert "already invalid" not in command("explain", "protection").stdout
    assert command("explain", "invalid-entry").stdout.startswith("Fault: An entry on the way is invalid")
    assert "refresh: gathered -> gathered-with-retry" in command("explain", "v6.8").stdout
    everything = command("explain").stdout
    assert all(name in everything for name in ("v7.3", "reattach-on-failure", "range-check", "list-never-ends", "R004"))


def test_link_prints_a_fragment_that_opens(scenario: Path) -> None:
    run = command("link", scenario, "--kernel", "p3")
    assert run.returncode == 0
    assert Link.decode(run.stdout.strip()) == Link(LAST_PAGE, "p3")
    assert command("link", scenario, "--page", "http://here/").stdout.startswith("http://here/#1")


def test_help_has_examples() -> None:
    text = command("--help").stdout
    for name in ("run", "compare", "replay", "capture", "tables", "walk", "decode", "link", "explain"):
        assert f"    {name} " in text
        assert f"s390-iommu {name}" in text or name == "link"
        assert command(name, "--help").returncode == 0


def test_a_closed_pipe_is_no_error() -> None:
    line = [sys.executable, "-m", "s390_iommu", "run", *map(str, SCENARIOS)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0


def listen_to_interrupts() -> None:
    """Undoes what a shell does to the programs it starts in the background, and they to theirs."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_an_interrupt_ends_it_with_130(tmp_path: Path) -> None:
    # Long enough to be interrupted on any machine: every step writes or takes back 16 GiB of page entries.
    size = 'size = "16 GiB", in = "d0"'
    step = f"{{ map = 0x1_0000_0000, phys = 0x8000_0000, {size} }}, {{ unmap = 0x1_0000_0000, {size} }},\n"
    head, _, _ = LAST_PAGE.partition("  { map")
    path = tmp_path / "long.toml"
    path.write_text(head + step * 4000 + "]\n")
    line = [sys.executable, "-m", "s390_iommu", "run", str(path), "--kernel", "p6"]
    with subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=listen_to_interrupts
    ) as process:
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        sent = time.monotonic()
        out, error = process.communicate(timeout=60)
        # It takes some 20 ms; a machine that is busy with other things gets more.
        assert time.monotonic() - sent < 2
    assert (process.returncode, out, error) == (130, "", "s390-iommu: interrupted\n")
