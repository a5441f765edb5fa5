"""``make faults``: small bugs planted one at a time, to see whether a test catches each.

A drawn fault is one change of one place in ``src``; the tests that reach it run against a copy of the tree.
What no test can see because nothing changes stands with its reason in ``equivalents.py``.
"""
