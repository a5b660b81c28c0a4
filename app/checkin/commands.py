"""Commands about check-ins."""

import click


@click.command()
def demo() -> None:
    """Make a demo couple with some months of history."""
