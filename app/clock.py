"""The only reader of the time; everything else is told `now`."""

import zoneinfo
from datetime import UTC, datetime

zoneinfo.reset_tzpath(())  # every machine uses the pinned tzdata package, not the rules it happens to carry


def utcnow() -> datetime:
    """The present moment as an aware UTC datetime, to the microsecond."""
    return datetime.now(UTC)
