"""The companies of the sample data: partners, applicants and customers, as their licences name them."""

from typing import NamedTuple

from rules.sites import Site

_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


class Company(NamedTuple):
    """A company with its number, and how its main account is reached."""

    name: str
    domain: str
    site: Site
    number: int

    @property
    def credit_code(self) -> str:
        """CN: a unified social credit code with its right check character; INTL: a registration number."""
        if self.site is Site.INTL:
            return f"REG-{70_000_000 + self.number}"
        body = f"91310000{self.number:09}"
        total = sum(_LETTERS.index(letter) * pow(3, place, 31) for place, letter in enumerate(body))
        return body + _LETTERS[-total % 31]

    @property
    def mobile(self) -> str | None:
        """A mainland number that nobody else here has; none on INTL, where people sign up by e-mail."""
        return None if self.site is Site.INTL else f"+86139{self.number:08}"

    @property
    def email(self) -> str:
        """The address of its main account."""
        return f"cloud@{self.domain}.example"


def _companies(site: Site, first: int, text: str) -> list[Company]:
    """One company a line: domain, then name."""
    lines = [line.split(maxsplit=1) for line in text.strip().splitlines()]
    return [Company(name, domain, site, first + place) for place, (domain, name) in enumerate(lines)]


PARTNERS = {
    company.domain: company
    for company in [
        *_companies(
            Site.CN,
            10_010_001,
            """
            yunshan 上海云杉软件有限公司
            xingchen 杭州星尘数字科技有限公司
            huahai 深圳华海数码分销有限公司
            jinqiao 北京金桥信息集团有限公司
            lanjing 成都蓝鲸云计算有限公司
            shanhe 武汉山河网络技术有限公司
            beidou 西安北斗系统集成有限公司
            xinyuan 南京新元信息技术有限公司
            qingteng 苏州青藤数据有限公司
            yunfan 长沙云帆信息技术有限公司
            mingyue 合肥明月网络有限公司
            lvzhou 兰州绿洲软件有限公司
            """,
        ),
        *_companies(
            Site.INTL,
            10_020_001,
            """
            lionrock Lion Rock Cloud Pte. Ltd.
            andina Andina Digital S.A.
            bluedelta Blue Delta Distribution FZE
            saigon Saigon Stack JSC
            """,
        ),
    ]
}
APPLICANTS = {
    company.domain: company
    for company in [
        *_companies(
            Site.CN,
            10_030_001,
            """
            chunhe 广州春和科技有限公司
            ruifeng 天津瑞丰软件有限公司
            minghu 济南明湖智能科技有限公司
            songhua 哈尔滨松花数据有限公司
            """,
        ),
        *_companies(Site.INTL, 10_040_001, "kilimanjaro Kilimanjaro Systems Ltd."),
    ]
}
CUSTOMERS = [
    *_companies(
        Site.CN,
        20_010_001,
        """
        bailian 百联生鲜连锁有限公司
        dongfang 东方智造装备股份有限公司
        yihe 颐和医疗信息有限公司
        xueersheng 学而胜在线教育有限公司
        lvtong 绿通物流有限公司
        heyi 和易餐饮管理有限公司
        tianmu 天目视频科技有限公司
        haoche 好车时代网络有限公司
        jinsui 金穗农业科技有限公司
        baosteel 宝衡钢铁贸易有限公司
        lvyou 环游旅行社有限公司
        zhihui 智汇园区运营有限公司
        guangying 光影互动游戏有限公司
        anxin 安心保险经纪有限公司
        kuaidi 捷达速递有限公司
        meijia 美家家居商城有限公司
        ruikang 瑞康制药有限公司
        xinghuo 星火出版传媒有限公司
        hailan 海蓝航运有限公司
        youpin 优品跨境电商有限公司
        zhongke 中科新材料有限公司
        shuangxi 双喜食品有限公司
        leyou 乐游户外用品有限公司
        dingsheng 鼎盛建设工程有限公司
        fuxing 复兴连锁药房有限公司
        jiahe 嘉禾影业有限公司
        minsheng 民生水务有限公司
        tengda 腾达汽车零部件有限公司
        """,
    ),
    *_companies(
        Site.INTL,
        20_020_001,
        """
        merlion Merlion Retail Pte. Ltd.
        batik Batik Fashion Online
        nusantara Nusantara Logistics
        orchid Orchid Health Group
        mekong Mekong Foods JSC
        pampas Pampas Agro S.A.
        condor Condor Airlines Cargo
        tango Tango Streaming S.A.
        falcon Falcon Real Estate LLC
        oasis Oasis Hospitality FZE
        savanna Savanna Pay Ltd.
        baobab Baobab Learning
        """,
    ),
]
"""Forty companies that become customers."""

PROSPECTS = [
    *_companies(
        Site.CN,
        20_030_001,
        """
        hongqi 宏启传感器有限公司
        wanli 万里轮胎有限公司
        yunding 云顶茶业有限公司
        boyuan 博远检测技术有限公司
        tianci 天赐能源有限公司
        luming 鹿鸣文化有限公司
        xiwang 希望幼教集团有限公司
        haina 海纳人力资源有限公司
        qinglan 青岚环保科技有限公司
        """,
    ),
    *_companies(
        Site.INTL,
        20_040_001,
        """
        borneo Borneo Timber Exchange
        inca Inca Mining Services
        """,
    ),
]
"""Companies that were reported and have not become customers, or not yet."""
