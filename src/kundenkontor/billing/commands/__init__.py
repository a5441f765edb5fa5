"""Everything that changes billing: runs, their chunks, one-off items."""

from kundenkontor.billing.commands.chunks import bill_chunk, retry_parked
from kundenkontor.billing.commands.runs import (
    begin_issuing,
    confirm_run,
    discard_run,
    finish_run,
    forget_preview,
    preview_run,
    run_chunks,
    start_run,
    take_confirmation,
)

__all__ = [
    "begin_issuing",
    "bill_chunk",
    "confirm_run",
    "discard_run",
    "finish_run",
    "forget_preview",
    "preview_run",
    "retry_parked",
    "run_chunks",
    "start_run",
    "take_confirmation",
]
