"""Commands that concern the whole server."""

import click


@click.command()
@click.argument("folder")
def backup(folder: str) -> None:
    """Copy the database to FOLDER."""
