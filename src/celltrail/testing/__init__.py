"""Contracts that every member of a seam keeps, ours and strangers' alike: subclass one in your own tests.

Not imported by celltrail itself. Written for pytest, which collects the methods of a subclass named `Test…`.
"""

from celltrail.testing.flavors import DescriberContract, FlavorContract
from celltrail.testing.probes import Heard, ProbeContract

__all__ = ["DescriberContract", "FlavorContract", "Heard", "ProbeContract"]
