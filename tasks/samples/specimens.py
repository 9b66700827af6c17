"""A specimen of every mail and SMS that the history did not send, in each language: the inbox shows them all."""

from rules.verifications import Channel
from tasks.messages import Post

TO = {Channel.EMAIL: "specimen@mail.example", Channel.SMS: "+8613700000000"}
"""Whose they are: nobody's."""

_ALIKE = {
    "amount": "12,600.00 CNY",
    "bills": "BILL-202601-00417",
    "bucket": "yunshan-files",
    "code": "402917",
    "count": "3",
    "days": "7",
    "deadline": "2026-12-01 18:00",
    "due": "2026-12-01 18:00",
    "end": "2026-12-31",
    "hours": "24",
    "link": "https://partners.example.com/answer/3f9c",
    "minutes": "10",
    "number": "INV-20417",
    "people": "2",
    "period": "2026-10",
    "silent": "5",
    "total": "38,400.00 CNY",
    "until": "2026-12-08 09:30",
    "granted": "150,000.00 CNY",
    "heads": "4",
    "year": "2027",
}
_EN = {
    "activity": "Forum for manufacturers",
    "address": "Accounts Payable, 15A Changi Business Park Central 1, Singapore 486035",
    "answer": "The two persons are on the list of the next month.",
    "scheme": "Certified experts",
    "company": "Yunshan Software Co., Ltd.",
    "customer": "Merlion Retail Pte. Ltd.",
    "differences": "signing entity, bank account",
    "distributor": "Blue Delta Distribution FZE",
    "entity": "Cloud Computing (Singapore) Pte. Ltd.",
    "file": "performance of 30 November",
    "kind": "the certification of a solution",
    "label": "Data warehouses",
    "manager": "Omar Haddad",
    "operation": "issuing a voucher of 500.00 CNY",
    "opportunity": "Migration of the data centre",
    "partner": "Lion Rock Cloud Pte. Ltd.",
    "party": "Lion Rock Cloud Pte. Ltd.",
    "path": "software",
    "penalty": "No applications until the end of the year.",
    "person": "Mei Tan",
    "assessor": "Z*** P***",
    "plan": "solution provider",
    "problem": "the bucket denies access",
    "reason": "The proofs are of another project.",
    "solution": "Production planning",
    "stage": "certified",
    "tier": "Advanced",
    "topic": "performance",
    "type": "a report of a customer",
}
_ZH = {
    "activity": "制造业上云论坛",
    "address": "深圳市南山区科苑路 10 号 A 座 财务共享中心（收），邮编 518057",
    "answer": "两名专家将列入下月名单。",
    "scheme": "认证专家激励",
    "company": "上海云杉软件有限公司",
    "customer": "百联生鲜连锁有限公司",
    "differences": "签约主体、银行账号",
    "distributor": "深圳华海数码分销有限公司",
    "entity": "云计算技术有限公司",
    "file": "11月30日的业绩",
    "kind": "方案认证",
    "label": "数据仓库",
    "manager": "许静",
    "operation": "发放 500.00 元代金券",
    "opportunity": "数据中心上云",
    "partner": "杭州星尘数字科技有限公司",
    "party": "杭州星尘数字科技有限公司",
    "path": "软件",
    "penalty": "取消本年度申请资格",
    "person": "周敏",
    "assessor": "周**",
    "plan": "解决方案提供商",
    "problem": "桶拒绝访问",
    "reason": "证明材料属于另一个项目。",
    "solution": "生产排程",
    "stage": "已认证",
    "tier": "领先级",
    "topic": "业绩",
    "type": "客户报备",
}
VALUES = {"en": {**_ALIKE, **_EN}, "zh-CN": {**_ALIKE, **_ZH}}
"""What a parameter of that name may be, in each language."""

Kind = tuple[str, str, str]
"""A template, a channel it takes, a language."""


def kinds(post: Post) -> set[Kind]:
    """Every mail and SMS that there is."""
    templates = (
        (name, locale, post.templates.get(name, locale)) for locale in VALUES for name in post.templates.names(locale)
    )
    return {
        (name, channel.value, locale)
        for name, locale, template in templates
        for channel, there in ((Channel.EMAIL, template.html), (Channel.SMS, template.sms))
        if there is not None
    }


async def send_specimens(post: Post, sent: set[Kind]) -> None:
    """Sends one of each kind that is not among those sent."""
    for name, channel, locale in sorted(kinds(post) - sent):
        template = post.templates.get(name, locale)
        parameters = {one: VALUES[locale][one] for one in template.parameters}
        await post.send(
            Channel(channel), TO[Channel(channel)], name, locale, parameters, f"specimen:{name}:{channel}:{locale}"
        )
