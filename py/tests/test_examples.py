"""The examples run and show what they promise."""

import ast
import json
import subprocess
import sys

from common import ROOT

from s390_iommu import Access, Cache, Comparison, Decoded, Outcome, Tree


def output(name: str) -> str:
    line = [sys.executable, str(ROOT / "examples" / "python" / name)]
    return subprocess.run(line, capture_output=True, text=True, check=True, timeout=300).stdout


def test_a_bug_is_compared_across_kernels() -> None:
    text = output("compare_a_bug.py")
    assert "  v6.1-rc2   expected 0, got -EINVAL\n" in text
    assert text.endswith("Gone since p3.\n")


def test_all_sets_of_patches_are_swept() -> None:
    text = output("sweep_patches.py")
    assert len(text.splitlines()) == 1 + 8 + 1
    assert " of 64 sets apart.\n" in text


def test_a_users_leak_is_found_kernel_by_kernel() -> None:
    lines = output("leak_of_a_user.py").splitlines()
    assert "v6.1-rc2   unmapped 0x3000, 3 pages still pinned, device reaches 0x80002000" in lines
    assert "v7.3       unmapped 0x3000, 0 pages still pinned, device reaches nothing" in lines


def shown(name: str) -> list[object]:
    """What the cells of a notebook show, run one after another in one namespace."""
    notebook = json.loads((ROOT / "examples" / "notebooks" / name).read_text())
    namespace: dict[str, object] = {}
    values = []
    for number, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [], "notebooks are kept without what they show"
            tree = ast.parse("".join(cell["source"]))
            last = tree.body[-1]
            if isinstance(last, ast.Expr):
                tree.body.pop()
            exec(compile(tree, f"{name}[{number}]", "exec"), namespace)
            if isinstance(last, ast.Expr):
                values.append(eval(compile(ast.Expression(last.value), f"{name}[{number}]", "eval"), namespace))
    return values


def test_the_notebook_shows_a_bug_from_several_sides() -> None:
    run, both, changes, tree, counters, access, cache, windows, schedules, word = shown("first-look.ipynb")
    assert isinstance(run, Outcome) and not run.held
    assert isinstance(both, Comparison) and both.outcomes[2].held
    assert changes == {
        "aperture": ("follows-first-device", "fixed-with-reserved-regions"),
        "probe-limits": ("unchecked", "clamp-and-reject"),
    }
    assert isinstance(tree, Tree) and tree.level == "region_second"
    assert isinstance(counters, dict) and counters["unmapped_pages"] == 256
    assert isinstance(access, Access) and access.verdict is not None and access.verdict.name == "stale"
    assert isinstance(cache, Cache) and [run.stale for run in cache] == [True, False]
    assert isinstance(windows, tuple) and len(windows) == 1
    assert schedules
    assert isinstance(word, Decoded)
    for value in (run, both, tree, access, cache, word):
        html = value._repr_html_()
        assert html.count("<") == html.count(">") > 10
    assert "<summary>region-third table" in tree._repr_html_()


def test_every_example_is_tested() -> None:
    names = {path.name for path in (ROOT / "examples" / "python").glob("*.py")}
    assert names == {"compare_a_bug.py", "leak_of_a_user.py", "sweep_patches.py"}
    assert [path.name for path in (ROOT / "examples" / "notebooks").iterdir()] == ["first-look.ipynb"]
