"""``kundenkontor seal-key``"""

from __future__ import annotations

import click

from kundenkontor.cli.start import needs_django


@click.command()
@click.option("--new", "is_new", is_flag=True, help="Begin a new key; keys that the file does not hold are lost.")
@needs_django
def command(is_new: bool) -> None:
    """Show which keys sealed the event chain, by their fingerprints, or begin a new one.

    The file that holds them is in no backup: keep a copy where neither the database nor the backups are.
    """
    from kundenkontor.events.keys import key_file, read_keys  # noqa: PLC0415  # needs Django

    if is_new:
        begin_key()
    keys = read_keys()
    for key in keys:
        click.echo(f"{key.id} {'seals' if key == keys[-1] else 'sealed before' if key.secret else 'is lost'}")
    click.echo(str(key_file()))


def begin_key() -> None:
    """Events go on with a new key; the change is an event itself."""
    from kundenkontor.events.actor import Actor  # noqa: PLC0415  # needs Django
    from kundenkontor.events.commands import Subject, record_events  # noqa: PLC0415
    from kundenkontor.events.keys import add_key, read_keys  # noqa: PLC0415
    from kundenkontor.events.models import EventSeal  # noqa: PLC0415
    from kundenkontor.events.names import SEAL_KEY_CHANGED  # noqa: PLC0415
    from kundenkontor.events.queries import business_date  # noqa: PLC0415

    held = {key.id for key in read_keys()}
    used = EventSeal.objects.order_by("key_id").values_list("key_id", flat=True).distinct()
    lost = [id_ for id_ in used if id_ not in held]
    key = add_key(lost)
    subject = Subject(payload={"key": key.id, "lost": lost})
    record_events(SEAL_KEY_CHANGED, [subject], actor=Actor("operator", "seal-key"), on=business_date())
