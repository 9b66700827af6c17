"""Whose rows a transaction may touch."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows a transaction may touch; row-level security reads it from the transaction's settings.

    `kind` names the column family of the models' declarations (`partner`, `customer`), or is `all` or `none`;
    `ids` are that family's ids; `account` is the acting account, which always sees its own rows.
    """

    kind: str
    ids: tuple[UUID, ...] = ()
    account: UUID | None = None

    def settings(self) -> tuple[str, str, str]:
        """The three transaction settings: kind, comma-separated ids, account (empty for none)."""
        return self.kind, ",".join(map(str, self.ids)), "" if self.account is None else str(self.account)


EVERYTHING = Scope("all")
NOTHING = Scope("none")
