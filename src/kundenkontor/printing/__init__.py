"""Invoices as PDF/A-3: frozen values in, the same bytes out, for ever.

Nothing in this package imports Django or reads a database. ``frozen`` is the whole
input, ``sheet`` turns it into the strings that stand on the paper, ``template/`` lays
them out, ``compile`` makes the PDF with the embedded XML, ``pool`` does so in processes
of their own.
"""
