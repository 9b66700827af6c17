"""What must hold of performance: sheets are the sum of their lines, and closed ones say what their digest says."""

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
# The canonical form of `rules.incentives.performance.canonical`, written once more and apart from it.
invariant(
    "P2",
    "a closed sheet's digest is that of its lines",
    """
    select format('sheet %s: its lines are not those that were closed', sheet.id) from performance_sheet sheet
    left join lateral (
      select sha256(convert_to(string_agg(
        format('{"amount":%s,"association":"%s","association_type":"%s","currency":"%s","customer":"%s","left_out":{%s},'
               '"line":"%s","paid_at":"%s","partner":"%s","period":"%s","product":%s,"reference":%s}' || chr(10),
               line.amount, line.association_id, line.association_type, line.currency, line.customer_id,
               (select string_agg(format('"%s":%s', key, value), ',' order by key collate "C")
                from jsonb_each_text(line.left_out)),
               line.consumption_line_id, to_char(line.paid_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
               line.partner_id, sheet.period, to_json(line.product_code), to_json(consumed.reference)),
        '' order by line.consumption_line_id), 'UTF8')) as digest
      from performance_line line join consumption_line consumed on consumed.id = line.consumption_line_id
      where line.sheet_id = sheet.id
    ) counted on true
    where sheet.status <> 'ESTIMATE' and sheet.digest is distinct from counted.digest
    """,
)
