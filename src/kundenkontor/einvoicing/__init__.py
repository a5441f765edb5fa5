"""Electronic invoices by EN 16931: one semantic model, its CII syntax (Factur-X, ZUGFeRD), and the rules.

``model`` holds business terms as plain values; ``cii`` writes and reads them; ``facturx`` ties
XML and PDF together; ``validation`` asks the XSD, ``rules`` the official rules in a process of
their own, ``checks`` the same questions quickly in Python before a number is drawn.
Pure: no Django, no clock, no settings. Foreign XML enters only through ``parsing.parse_xml``.
"""
