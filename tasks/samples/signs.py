"""Who of the sample data a developer can sign in as."""

from tasks.samples.stage import PASSWORD, Stage

_ROLES = (
    ("admin:CN", "vendor's administrator"),
    ("eco:CN", "vendor's ecosystem manager, audits opportunities"),
    ("psm:CN", "vendor's partner sales, verifies opportunities"),
    ("psm2:CN", "another one of the same office"),
    ("ops:CN", "vendor's operations: quotas, consumption, performance"),
    ("finance:CN", "vendor's finance: payouts against invoices"),
    ("yunshan", "partner's main account, with customers"),
    ("wu.jie", "its account manager, with own customers"),
    ("sun.li", "its member for finance and operations"),
    ("person:gao.lei", "its employee, a project specialist"),
    ("person:tang.yi", "its employee, has asked to leave"),
    ("person:he.miao", "whom it has invited"),
    ("person:cheng.shi", "whom the vendor has asked to assess its application for a label"),
    ("bailian", "its customer, asked to part"),
    ("yihe", "its customer, has asked to leave"),
    ("xingchen", "partner that switched codes on"),
    ("huahai", "distributor with quotas for its resellers"),
    ("lanjing", "its reseller, with a quota from it"),
    ("dongfang", "customer with vouchers"),
    ("qingteng", "partner that applies for its first plan"),
    ("admin:INTL", "vendor's administrator"),
    ("lionrock", "partner's main account, with customers"),
    ("andina", "partner that market funds are barred from"),
    ("merlion", "its customer, asked to part"),
)


def sign_ins(stage: Stage) -> list[str]:
    """One line each: site, what to sign in with, who it is."""
    rows = [(stage.people[name].site.value, stage.people[name].contact, role) for name, role in _ROLES]
    width = max(len(contact) for _, contact, _ in rows)
    lines = [f"  {site:<4}  {contact:<{width}}  {role}" for site, contact, role in rows]
    return [f"  Sign in with the password {PASSWORD} as", "", *lines]
