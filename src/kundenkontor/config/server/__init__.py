"""The web server's worker: one loop for all connections, threads only for requests that are there as a whole.

A loop that never waits for anybody reads requests and sends answers; a slow or silent peer costs a connection, never
a thread. Threads compute answers; those that are made while they are sent have threads of their own. Requests are
parsed, and answers written, by gunicorn's own strict code.
"""
