"""What must hold of performance: sheets are the sum of their lines, and closed ones say what their digest says."""

from resolvers.incentives.performance_months import RECORD
from resolvers.verify import invariant

invariant(
    "P1",
    "a performance sheet is the sum of its lines",
    """
    select format('sheet %s: %s of %s lines, they are %s of %s', sheet.id, sheet.total, sheet.line_count,
                  coalesce(lines.total, 0), coalesce(lines.many, 0))
    from performance_sheet sheet
    left join (select sheet_id, sum(amount) as total, count(*) as many from performance_line group by sheet_id) lines
      on lines.sheet_id = sheet.id
    where (sheet.total, sheet.line_count) is distinct from (coalesce(lines.total, 0), coalesce(lines.many, 0))
    """,
)
invariant(
    "P2",
    "a closed sheet's digest is that of its lines",
    f"""
    select format('sheet %s: its lines are not those that were closed', sheet.id) from performance_sheet sheet
    left join lateral (
      select sha256(convert_to(string_agg({RECORD}, '' order by line.consumption_line_id), 'UTF8')) as digest
      from performance_line line join consumption_line consumed on consumed.id = line.consumption_line_id
      where line.sheet_id = sheet.id
    ) counted on true
    where sheet.status <> 'ESTIMATE' and sheet.digest is distinct from counted.digest
    """,  # noqa: S608 - a constant
)
