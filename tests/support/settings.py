"""Settings of the test run: the product's own, with cheap passwords."""

from __future__ import annotations

import os
import sys

# hundreds of processes are started: they keep what they compile, whatever the environment says
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

os.environ["KUNDENKONTOR_MODE"] = "test"
# each pytest process its own: the anchors of one's database are ahead of another's; a worker inherits the controller's
if os.environ.get("KUNDENKONTOR_VAR") in (None, "var/test/alone"):
    os.environ["KUNDENKONTOR_VAR"] = f"var/test/{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
from kundenkontor.config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["tests.support.passwords.CheapArgon2"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405  # WhiteNoise warns of a folder that is not there
