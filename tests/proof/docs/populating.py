"""What the installation of the test holds: two issued invoices, a stored file, a sealed and anchored chain."""

SCRIPT = """
import django

django.setup()
from kundenkontor.documents.commands import store_file
from kundenkontor.events import anchors, seals
from kundenkontor.invoicing.issuing.releasing import last_numbers
from kundenkontor.kernel.clock import utc_now
from tests.support.builders import ada, alpenhost, issue, record_what_was_built

seller = alpenhost()
customer = ada(seller)
issue(customer)
issue(customer)
record_what_was_built()
store_file(b"%PDF-1.7 test", "application/pdf")
seals.seal_events(everything=True)
anchors.anchor_chain(last_numbers(), now=utc_now())
"""
