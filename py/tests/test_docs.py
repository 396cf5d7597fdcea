"""Examples in docstrings run, those of the native module too."""

import doctest
import importlib
import pkgutil
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from common import ROOT, command

import s390_iommu
from s390_iommu import _engine


def modules() -> Iterator[ModuleType]:
    yield s390_iommu
    for found in pkgutil.walk_packages(s390_iommu.__path__, "s390_iommu."):
        if not found.name.endswith(("._engine", ".__main__")):
            yield importlib.import_module(found.name)


def examples(finder: doctest.DocTestFinder) -> Iterator[doctest.DocTest]:
    for module in modules():
        yield from finder.find(module, module.__name__)
    for name in _engine.__all__:
        thing = getattr(_engine, name)
        documented = {name: thing, **{f"{name}.{member}": each for member, each in vars(thing).items()}} if isinstance(
            thing, type
        ) else {name: thing}
        for where, each in documented.items():
            text = getattr(each, "__doc__", None) or ""
            yield doctest.DocTestParser().get_doctest(text, {}, where, None, None)


def test_every_example_runs() -> None:
    runner = doctest.DocTestRunner()
    for test in examples(doctest.DocTestFinder()):
        runner.run(test)
    assert runner.summarize().failed == 0
    assert runner.tries > 20


PAGES = [ROOT / "README.md", ROOT / "py" / "README.md", ROOT / "book" / "src" / "python.md"]


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of this language on a page."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_programs_on_pages_run_and_print_what_they_say(
    page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    namespace: dict[str, object] = {}
    programs = blocks(page, "python")
    assert programs
    for program in programs:
        exec(compile(program, page.name, "exec"), namespace)
        said = re.findall(r"print\(.*\)  # (.*)$", program, re.MULTILINE)
        printed = capsys.readouterr().out.splitlines()
        assert [line for line in said if line not in printed] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_sessions_on_pages_are_what_the_command_prints(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for session in blocks(page, "console"):
        for part in session.removeprefix("$ ").split("\n$ "):
            line, _, expected = part.partition("\n")
            name, *arguments = shlex.split(line)
            if name == "s390-iommu":
                assert command(*arguments).stdout.rstrip() == expected.rstrip(), line


def test_everything_public_is_documented() -> None:
    for name in s390_iommu.__all__:
        thing = getattr(s390_iommu, name)
        assert isinstance(thing, (str, tuple, dict)) or thing.__doc__, name
    for kind in (each for each in vars(_engine).values() if isinstance(each, type)):
        for name, member in vars(kind).items():
            assert name.startswith("_") or member.__doc__, f"{kind.__name__}.{name}"
