"""What the installation of the test holds: two issued invoices, a stored file, a sealed and anchored chain."""

SCRIPT = """
import django

django.setup()
from kundenkontor.documents.commands import store_file
from kundenkontor.events import seals
from tests.support.builders import TODAY, ada, alpenhost, issue

seller = alpenhost()
customer = ada(seller)
issue(customer)
issue(customer)
store_file(b"%PDF-1.7 test", "application/pdf")
seals.seal_events(everything=True)
seals.anchor_day(TODAY)
"""
