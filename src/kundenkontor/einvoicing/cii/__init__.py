"""UN/CEFACT Cross Industry Invoice (D16B) in the Factur-X profile EN 16931: ``write_cii`` and ``read_cii``."""

from kundenkontor.einvoicing.cii.reader import read_cii
from kundenkontor.einvoicing.cii.writer import write_cii

__all__ = ["read_cii", "write_cii"]
