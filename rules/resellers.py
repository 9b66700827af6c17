"""Stand-in until the domain arrives."""

from enum import StrEnum


class LinkStatus(StrEnum):
    """x"""

    ACTIVE = "ACTIVE"
    EXITING = "EXITING"
    ENDED = "ENDED"
