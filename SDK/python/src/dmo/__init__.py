"""Studies of dmo in Python: ``dmo.read("study.dmo")``."""
from ._study import Infeasible, Study, read

__all__ = ["Infeasible", "Study", "read"]
__version__ = "0.1.0"
