"""How much one stranger, one login or one address may take. All such limits stand here, per process of the web server
unless they say otherwise; docs/operations/limits.md explains each, and a test compares the two.

Not here: what a document or an import may hold, and how often work is repeated; those stand where they are used.
"""

from __future__ import annotations

# --- Connections: the server reads a request whole before a thread sees it, and sends what is left without one
CONNECTIONS = 1000  # open at once; of those that say nothing, the oldest makes room
HEAD_SECONDS = 10  # from the first byte of a request to the end of its head
HEAD_BYTES = 32 * 1024
BODY_SECONDS = 30  # for a form
BODY_BYTES = 1024**2  # a form; a route that takes uploads takes more
IDLE_SECONDS = 30  # between two requests on one connection
LINGER_SECONDS = 2  # after an answer that ends the connection, for what the reader is still sending

# --- Slow readers: a connection that takes less over a whole window is cut
READER_WINDOW_SECONDS = 20
READER_BYTES_PER_SECOND = 8 * 1024

# --- Uploads, the only bodies that a thread reads
UPLOAD_BYTES = 210 * 1024**2  # an import: two files of up to 100 MB
UPLOADS = 2  # at once
UPLOAD_SILENCE_SECONDS = 10
UPLOAD_BYTES_PER_SECOND = 16 * 1024  # on average, once a window has passed

# --- Answers that are made while they are sent (ZIP, CSV), each with a thread of its own; and files
STREAMS = 12
STREAMS_OF_A_LOGIN = 3
FILES = 200
FILES_OF_A_LOGIN = 20
SELECTIONS_OF_A_LOGIN = 20  # archives to be fetched again, over all processes; one more takes the oldest's place

# --- Readers of a document that is not made yet: the worker makes it, a thread waits for it
RENDER_WAITS = 3  # threads at once; who comes then reads at once that it is being made
RENDER_WAIT_SECONDS = 8

# --- Passwords: 100 MB of memory and a tenth of a second each
HASHES = 2  # computed at once
HASHES_WAITING = 4  # with those that are computed; who comes then is asked to try again

# --- Tries, counted over all processes; see allauth for how a rate is written
SIGN_IN_RATES = {
    "login": "",  # allauth's own; "sign_in" takes its place
    "sign_in": "30/m/ip",  # from browsers that never signed in to this login
    "login_failed": "10/m/ip,5/5m/key",  # of them too; the key is the login
    "known_login_failed": "10/10m/key",  # the key is the browser and its login, whatever strangers do
    "reset_password": "20/m/ip,5/m/key",  # nosec B105
    "reset_password_from_key": "20/m/ip",  # nosec B105
    "change_password": "5/m/user",  # nosec B105
    "open_link": "30/m/ip",  # one-time links of mails (web/gate/limits.py)
}
# --- Mails that somebody makes us send, in 24 hours over all processes; documents, reminders and notices to staff are
# bounded by what there is to send
MAILS_A_DAY = {  # to one address, by kind of letter
    "access_letter": 10,
    "access_added": 10,
    "address_changed": 5,
    "email_changed": 5,
    "forward": 20,
    "password_changed": 5,  # nosec B105
    "password_reset_key": 10,  # nosec B105
}
MAILS_OF_A_LOGIN = 50  # of all kinds, caused by one customer's login
CONTACTS_OF_A_CUSTOMER = 30

# --- Browsers and sessions
KNOWN_BROWSER_DAYS = 365
STAFF_IDLE_SECONDS = 8 * 3600  # after that a session of staff has ended
LOGINS_OF_A_BROWSER = 10  # whose sign-in it remembers
TYPED_BYTES = 128 * 1024  # of a form that is kept while its login signs in again
TYPED_SECONDS = 3600  # for which it is kept
