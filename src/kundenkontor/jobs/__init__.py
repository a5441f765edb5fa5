"""Work in the background: jobs are functions that run after commit, retried, and safe to run twice.

Jobs are deferred by function from ``reactions``, or by the package that owns them; no screen enqueues
anything. Staff may start a failed one again.
"""
