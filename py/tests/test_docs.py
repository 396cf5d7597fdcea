"""Examples in docstrings run, those of the native module too."""

import doctest
import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import s390_iommu
from s390_iommu import _engine


def modules() -> Iterator[ModuleType]:
    yield s390_iommu
    for found in pkgutil.iter_modules(s390_iommu.__path__):
        if found.name not in ("_engine", "__main__"):
            yield importlib.import_module(f"s390_iommu.{found.name}")


def examples(finder: doctest.DocTestFinder) -> Iterator[doctest.DocTest]:
    for module in modules():
        yield from finder.find(module, module.__name__)
    for name in _engine.__all__:
        text = getattr(getattr(_engine, name), "__doc__", None) or ""
        yield doctest.DocTestParser().get_doctest(text, {}, name, None, None)


def test_every_example_runs() -> None:
    runner = doctest.DocTestRunner()
    for test in examples(doctest.DocTestFinder()):
        runner.run(test)
    assert runner.summarize().failed == 0
    assert runner.tries > 20


def test_everything_public_is_documented() -> None:
    for name in s390_iommu.__all__:
        thing = getattr(s390_iommu, name)
        assert isinstance(thing, (str, tuple, dict)) or thing.__doc__, name
    for kind in (_engine.Machine, _engine.Function, _engine.Domain, _engine.Scenario):
        for name, member in vars(kind).items():
            assert name.startswith("_") or member.__doc__, f"{kind.__name__}.{name}"
