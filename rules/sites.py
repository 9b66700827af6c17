"""The two sites, which differ in rules, zone, language and money; accounts of one are unknown to the other."""

from enum import StrEnum
from zoneinfo import ZoneInfo


class Site(StrEnum):
    """A site of the vendor. The value is stored, sent and shown as it stands."""

    CN = "CN"
    INTL = "INTL"

    @property
    def zone(self) -> ZoneInfo:
        """Where the site's days begin: deadlines, months and accounting days are cut there."""
        return _ZONES[self]

    @property
    def locale(self) -> str:
        """Language of a person who has chosen none and asks for none."""
        return _LOCALES[self]

    @property
    def currency(self) -> str:
        """ISO 4217 code of an amount whose source names no currency."""
        return _CURRENCIES[self]


# Not dated policy: a zone that changed with the day would move the deadlines already promised.
_ZONES = {Site.CN: ZoneInfo("Asia/Shanghai"), Site.INTL: ZoneInfo("UTC")}
_LOCALES = {Site.CN: "zh-CN", Site.INTL: "en"}
_CURRENCIES = {Site.CN: "CNY", Site.INTL: "USD"}
