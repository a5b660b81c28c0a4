"""Lists that are shown a page at a time."""

from flask import abort, request


def page_asked_for() -> int:
    """The number in `?page=2`, from 1 to 9999; 1 when there is none, and 404 for anything else."""
    page = request.args.get("page", "1")
    if not (page.isascii() and page.isdigit() and len(page) <= 4 and int(page)):
        abort(404)
    return int(page)
