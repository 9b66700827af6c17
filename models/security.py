"""Row-level security, append-only triggers and grants' exceptions, generated from the models' declarations.

`statements()` is run by every migrate, after the migrations: what is declared here can never lag behind the code.
"""

from core.grants import APPLICATION, READERS
from models import ledger_sql
from models.base import Row, Scoped
from models.closing_sql import CLOSING
from models.guards import GUARDS
from models.performance import IMMUTABLE
from models.registry import MODELS
from models.wallets import LedgerAccount

APPEND_ONLY = ("event", "audit")
"""Tables whose rows are numbered once by the sequencer and never change otherwise."""

_NUMBERED = {"event": ("sequence",), "audit": ("seq", "previous_hash", "hash")}

_FUNCTIONS = (
    """
    create or replace function refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception 'append-only table %', tg_table_name using errcode = 'restrict_violation',
        constraint = tg_table_name || '_append_only';
    end $$
    """,
    """
    create or replace function refuse_renumbering() returns trigger language plpgsql as $$
    begin
      if (to_jsonb(old) ->> tg_argv[0]) is not null
         or (to_jsonb(old) - tg_argv) is distinct from (to_jsonb(new) - tg_argv) then
        raise exception 'append-only table %', tg_table_name using errcode = 'restrict_violation',
          constraint = tg_table_name || '_append_only';
      end if;
      return new;
    end $$
    """,
)


def statements() -> list[str]:
    """Idempotent SQL: a policy set per table, the guards that ask about others, triggers of the append-only tables."""
    lines = [*_FUNCTIONS, *GUARDS, *CLOSING, *_names_in_messages()]
    for model in MODELS:
        lines += _policies(str(model._meta.db_table), model.scope)  # type: ignore[attr-defined]
    for table in APPEND_ONLY:
        lines += _append_only(table)
    lines += IMMUTABLE
    return lines + ledger_sql.statements(condition(LedgerAccount.scope))


def _names_in_messages() -> list[str]:
    """`guard_message_names(account, messages)`: the names that the account's own messages mention.

    A customer that has left is named in the message of its leaving as it was in the mail, to whoever got it.
    """
    named = [(model, model.named_by) for model in MODELS if issubclass(model, Row) and model.named_by]
    looked_up = " union all ".join(
        f"select m.message_id, m.parameter, named.{column}::text from mentioned m"  # noqa: S608
        f" join \"{model._meta.db_table}\" named on m.kind = '{model.__name__}' and named.id = m.row_id"
        for model, column in named
    )
    return [
        f"""
        create or replace function guard_message_names(of_account uuid, of_messages uuid[])
        returns table (message_id uuid, parameter text, name text)
        language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
          with mentioned as (
            select message.id as message_id, entry.key as parameter, entry.value ->> 0 as kind,
                   (entry.value ->> 1)::uuid as row_id
            from message cross join lateral jsonb_each(message.parameters -> 'names') as entry
            where message.id = any (of_messages) and message.account_id = of_account
              and (current_setting('app.kind', true) = 'all'
                   or of_account = nullif(current_setting('app.account', true), '')::uuid)
          ) {looked_up}
        $$
        """,  # noqa: S608
        "revoke all on function guard_message_names(uuid, uuid[]) from public",
    ]


def condition(scope: Scoped) -> str:
    """The SQL condition under which the transaction's scope owns a row: sees it and may write it."""
    # In a subselect: of a comparison of settings PostgreSQL believes that one row in two hundred passes it, and would
    # not walk an index in order for a page of those who see every row.
    terms = ["(select current_setting('app.kind', true) = 'all')"]
    terms += [f"({_acting(kind)}{column} {_among(kind)})" for kind, column in scope.columns()]
    return " or ".join(terms)


def through_condition(table: str, scope: Scoped) -> str:
    """The SQL condition under which somebody sees, and only sees, a row that a row of another table leads to."""
    return " or ".join(
        f"({_acting(way.kind)}exists (select 1 from {way.link} as link"  # noqa: S608
        f' where link.{way.points_at} = "{table}".{way.row} and link.{way.owner} {_among(way.kind)}'
        f"{'' if way.until is None else f' and link.{way.until} is null'}))"
        for way in scope.through
    )


def _acting(kind: str) -> str:
    """Whether the scope is of the kind: every signed-in one has an account."""
    return "" if kind == "account" else f"current_setting('app.kind', true) = '{kind}' and "


def _among(kind: str) -> str:
    """The comparison by which a column is the scope's own."""
    if kind == "account":
        return "= nullif(current_setting('app.account', true), '')::uuid"
    return "= any (string_to_array(current_setting('app.ids', true), ',')::uuid[])"


def _policies(table: str, scope: Scoped) -> list[str]:
    owns = condition(scope)
    lines = [f'alter table "{table}" enable row level security']
    wanted = {"scope": f"for all using ({owns}) with check ({owns})"}
    if scope.closed:
        wanted = {"scope": f"for select using ({owns})"}
        lines.append(f'revoke insert, update, delete on "{table}" from {APPLICATION}')
    if scope.public:
        wanted["readable"] = "for select using (true)"
    if scope.append:
        wanted["append"] = "for insert with check (true)"
    # Who reads beside the transaction says himself whose rows, so that PostgreSQL need not ask row by row.
    wanted["readers"] = f"for select to {READERS} using (true)"
    if scope.through:
        wanted["through"] = f"for select using ({through_condition(table, scope)})"
    for name in ("scope", "readable", "append", "through", "readers"):
        lines.append(f'drop policy if exists {name} on "{table}"')
        if name in wanted:
            lines.append(f'create policy {name} on "{table}" {wanted[name]}')
    return lines


def _append_only(table: str) -> list[str]:
    numbered = ", ".join(f"'{column}'" for column in _NUMBERED[table])
    return [
        f'create or replace trigger {table}_no_delete before delete on "{table}"'
        " for each row execute function refuse_change()",
        f'create or replace trigger {table}_no_truncate before truncate on "{table}"'
        " for each statement execute function refuse_change()",
        f'create or replace trigger {table}_numbered_once before update on "{table}"'
        f" for each row execute function refuse_renumbering({numbered})",
    ]
