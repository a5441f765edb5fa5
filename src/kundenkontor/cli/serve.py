"""``kundenkontor serve``: the web server."""

from __future__ import annotations

import os
import resource
from typing import Any

import click

from kundenkontor.cli.start import end_with_parent, grace_seconds, needs_django
from kundenkontor.kernel import limits


@click.command()
@click.option("--bind", envvar="BIND", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", envvar="PORT", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", envvar="WEB_WORKERS", default=1, show_default=True, type=int, help="Processes.")
def command(bind: str, port: int, workers: int) -> None:
    """Serve portal and office over HTTP; several threads per process (WEB_THREADS)."""
    os.environ["BIND"] = bind
    threads = os.environ.get("WEB_THREADS", "8")
    if threads.isdigit():  # else the settings say what is wrong
        os.environ.setdefault("DATABASE_POOL", str(int(threads) + limits.STREAMS))
    serve(bind, port, workers)


@needs_django
def serve(bind: str, port: int, workers: int) -> None:
    """Refuse weak settings, then run gunicorn with a pool of one database connection per thread at most."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    os.environ.pop("SCRIPT_NAME", None)  # gunicorn would cut it from every path
    from django.conf import settings  # noqa: PLC0415  # needs Django
    from django.db import connection  # noqa: PLC0415

    from kundenkontor.config.checks import refuse_weak_settings  # noqa: PLC0415

    refuse_weak_settings(with_database=True)
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # gunicorn forks: each process opens its own
    end_with_parent()
    host = f"[{bind}]" if ":" in bind else bind
    run_gunicorn(
        {
            "bind": [f"{host}:{port}"],
            "workers": workers,
            "worker_class": "kundenkontor.config.server.worker.LoopWorker",
            "threads": settings.WEB_THREADS,
            "timeout": 120,
            "graceful_timeout": int(grace_seconds()),
            # nobody's headers change path, scheme or address: Django reads two of the proxy's, if BEHIND_PROXY says so
            "forwarded_allow_ips": "",
            "forwarder_headers": "",
            "secure_scheme_headers": {},
            "proc_name": "kundenkontor",
            "logger_class": "kundenkontor.config.server.log.ServerLog",
            "loglevel": "warning",
            "control_socket_disable": True,
            "worker_tmp_dir": "/dev/shm" if os.path.isdir("/dev/shm") else None,  # nosec B108  # a heartbeat file
        }
    )


def run_gunicorn(options: dict[str, Any]) -> None:
    """Run until SIGTERM (finishes requests) or SIGINT (at once)."""
    from gunicorn.app.base import BaseApplication  # noqa: PLC0415  # slow to load

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn is not typed
        def load_config(self) -> None:
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            from kundenkontor.config.wsgi import application  # noqa: PLC0415

            return application

    Server().run()
