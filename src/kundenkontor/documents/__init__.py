"""Stored files: bytes by SHA-256, written once, and streams of many of them as one ZIP. Knows no owners.

A file's place follows from its hash alone, so no name from outside ever becomes a path.
"""
