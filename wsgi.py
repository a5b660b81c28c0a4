"""The entry point: `app` for any WSGI server, and a server of its own when run directly."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # told in one line instead of failing on newer syntax
    sys.exit("Same Side needs Python 3.11 or newer; this is %d.%d." % sys.version_info[:2])  # noqa: UP031  # old Pythons run this line

from app import create_app
from app.config import ConfigError
from app.content import ContentError
from app.server import serve

try:
    app = create_app()
    if __name__ == "__main__":
        serve(app)
except ConfigError as error:
    sys.exit(f"Same Side did not start. {error}")
except ContentError as error:
    sys.exit(f"Same Side did not start. To mend in content/:\n{error}")
