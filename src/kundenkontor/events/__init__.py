"""Append-only events with their actor, the sealed hash chain over them, and the business clock.

An event is written by the command that did the thing, in the same transaction. The seal job
chains all visible events; the chain's order is the seal's.
"""
