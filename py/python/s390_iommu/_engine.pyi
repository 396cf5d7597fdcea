# The native module's types, by hand; stubtest compares them with the module itself.
from typing import Final

__version__: Final[str]
