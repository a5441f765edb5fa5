"""One request, one effect: who repeats a request with its key gets the first answer, and nothing changes twice (I-M5).

Principal, key and digest in; status, headers and body out. Knows no HTTP library, so a form, a JSON face and a
signed-out page are answered alike. A face adds how it reads the key and writes the answer, nothing else.
"""
