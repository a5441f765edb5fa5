"""The real web server on a database of the test, and a real browser. Filled below in this file's fixtures."""
