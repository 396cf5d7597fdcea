"""The pytest plugin, by running pytest."""

import pytest
from common import LAST_PAGE

from s390_iommu import KERNELS, Link

NEWEST = KERNELS[-1]


@pytest.fixture(autouse=True)
def scenario(pytester: pytest.Pytester) -> None:
    pytester.makefile(".zpci.toml", last=LAST_PAGE)


def test_scenario_files_are_tests(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest("-v", "--kernel", "p4,p6")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["last.zpci.toml::p4 PASSED*", "last.zpci.toml::p6 PASSED*"])


def test_a_failure_is_readable(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest("-q")
    result.assert_outcomes(failed=1)
    lines = result.stdout.lines
    start = next(i for i, line in enumerate(lines) if line.startswith("last.zpci.toml:7: "))
    end = next(i for i, line in enumerate(lines) if line.startswith("link: "))
    assert end - start < 25
    assert lines[start] == "last.zpci.toml:7: on v6.1-rc2: step 2, map 0x1fffff000 phys 0x80000000 size 0x1000 rw in d0 -> -EINVAL"
    assert lines[start + 1 : start + 3] == ["  expected rc = 0", "  got      rc = -EINVAL"]
    assert lines[start + 3] == "last events:"
    assert lines[start + 4].startswith("  1 cpu0 ")
    page, _, fragment = lines[end].removeprefix("link: ").partition("#")
    assert page == "http://127.0.0.1:8080/"
    assert Link.decode(f"#{fragment}") == Link(LAST_PAGE.rstrip(), step=2)


def test_a_failed_walk_is_shown(pytester: pytest.Pytester) -> None:
    text = LAST_PAGE.replace(", expect = { rc = 0 } }", " }").replace('for = "f0" }', 'for = "f0", expect = { fault = "none" } }')
    pytester.makefile(".zpci.toml", walk=text)
    result = pytester.runpytest("walk.zpci.toml", "--kernel", "base", "-o", "zpci_page=https://here/")
    result.stdout.fnmatch_lines(
        [
            "walk.zpci.toml:8: on v6.1-rc2: step 3, walk 0x1fffff123 for f0 read -> fault invalid-entry",
            "walk:",
            "  region-third[[]0x3[]] at 0x*: 0x*",
            "  read of 0x1fffff123: fault invalid-entry",
            "  An entry on the way is invalid*",
            "link: https://here/#1*",
        ]
    )


def test_a_long_failure_is_cut(pytester: pytest.Pytester) -> None:
    wrong = 'expect = { rc = "EIO", refreshes = 9, calls = 9, warns = ["x"], hw = ["y"] }'
    steps = f'  {{ unmap = 0x1_0000_0000, size = "4 KiB", in = "d0", {wrong} }},\n'
    head, _, _ = LAST_PAGE.partition("  { map")
    pytester.makefile(".zpci.toml", long=head + steps * 20 + "]\n")
    result = pytester.runpytest("long.zpci.toml", "-q")
    lines = result.stdout.lines
    start = next(i for i, line in enumerate(lines) if line.startswith("long.zpci.toml:7: "))
    end = next(i for i, line in enumerate(lines) if line.startswith("link: "))
    assert end - start < 25
    assert "  and 2 more" in lines
    assert "and 19 more steps with expectations that did not hold" in lines


def test_a_file_with_mistakes_is_an_error_with_its_place(pytester: pytest.Pytester) -> None:
    pytester.makefile(".zpci.toml", last=LAST_PAGE.replace("phys", "psyh"))
    result = pytester.runpytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["last.zpci.toml:7:*: error[[]S010[]]: unknown key `psyh`", " 7 |*psyh*", "   | *^^^^"])
    assert "Traceback" not in result.stdout.str()


def test_a_machine_is_on_the_kernel_under_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_newest(machine):
            assert machine().kernel == machine(memory=1 << 40).kernel

        def test_own(machine, zpci_kernel):
            assert machine("p2").kernel == "p2"
            assert machine().kernel == zpci_kernel
            assert machine("base", ["p1", "p4"], "zvm").kernel == "v6.1-rc2+p1,p4"
        """
    )
    result = pytester.runpytest("-v", "-k", "test_")
    result.assert_outcomes(passed=2, deselected=1)
    result.stdout.fnmatch_lines([f"*::test_newest[[]{NEWEST}[]] PASSED*"])
    pytester.runpytest("-k", "test_", "--kernel", "p1..p3", "--kernel", "v6.8").assert_outcomes(passed=8, deselected=4)


def test_a_failed_test_shows_the_last_events(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_wrong(machine):
            system = machine("p6")
            f0 = system.function("f0", dma=(0x1_0000_0000, 0x1_ffff_ffff))
            f0.attach(system.domain("d0"))
            assert f0.domain == "d1"
        """
    )
    result = pytester.runpytest("-k", "test_wrong")
    result.assert_outcomes(failed=1, deselected=1)
    result.stdout.fnmatch_lines(["*- last events on p6 -*", "*register f0*"])


@pytest.mark.parametrize(("kernels", "message"), [("p9", "unknown kernel"), (" ", "names no kernel"), ("p3..p1", "the older one first")])
def test_wrong_kernels_are_refused(pytester: pytest.Pytester, kernels: str, message: str) -> None:
    result = pytester.runpytest("--kernel", kernels)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: *{message}*"])
