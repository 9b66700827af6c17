"""What may be asked about experts of other partners."""

from rules.experts import WAITING, ExpertIncentiveStatus

_WAITING = ", ".join(f"'{status}'" for status in sorted(WAITING))

GUARDS: tuple[str, ...] = (
    # On which lists that have not expired, marked or not, these persons are, whichever partner's: the scheme and the
    # month of each, one list left out.
    f"""
    create or replace function guard_expert_places(of_accounts uuid[], at_instant timestamptz, without_list uuid)
    returns table (account_id uuid, scheme text, period text)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select distinct line.account_id, list.scheme, list.period
      from expert_incentive_line line join expert_incentive list on list.id = line.incentive_id
      where line.account_id = any (of_accounts) and list.id is distinct from without_list
        and list.status <> '{ExpertIncentiveStatus.EXPIRED}'
        and not (list.status in ({_WAITING}) and list.deadline <= at_instant)
    $$
    """,  # noqa: S608
    "revoke all on function guard_expert_places(uuid[], timestamptz, uuid) from public",
)
