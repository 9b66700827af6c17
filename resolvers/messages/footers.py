"""What stands at the end of a mail: why its reader gets it, and where that can be changed."""

from core.i18n import translate
from rules.messages import TYPE_OF, MessageType

_REASONS = {
    MessageType.VERIFICATION: "verification",
    MessageType.SECURITY: "security",
    MessageType.INVITATION: "invitation",
    MessageType.REVIEW: "review",
    MessageType.ACCOUNT_CHANGE: "account",
    MessageType.ACCOUNT_BALANCE: "account",
}
"""Of types that nobody can deselect."""


def footer(template: str, locale: str, *, of_partner: bool) -> list[str]:
    """The lines of a mail's footer; `of_partner` says that its reader is one of a partner's people or contacts."""
    kind = TYPE_OF[template]
    reason = _REASONS.get(kind) or ("settings" if of_partner else "own")
    title = translate(f"enums.MessageType.{kind.value}", locale).rstrip(".。")
    lines = [translate(f"footers.{reason}", locale, {"type": title} if reason in ("settings", "own") else {})]
    if reason not in ("verification", "invitation"):
        lines.append(translate("footers.preferences", locale))
    return lines
