# The native module's types, by hand; stubtest compares them with the module itself.
from typing import Final

__all__ = ["__version__"] # PyO3 lists here all that the module adds, in that order

__version__: Final[str]
