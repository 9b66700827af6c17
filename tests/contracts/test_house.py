"""The house's own rules that no tool knows: names, sizes, and words that may not appear."""

import importlib.metadata
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import GraphQLObjectType

from models.registry import MODELS
from tests.contracts.root_fields import SCHEMA

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ("schema", "resolvers", "rules", "models", "tasks", "gateways")
TOP_LEVEL = {"app", "cli", "core", "migrations", "locales", "scripts", "tests", "benchmarks", *LAYERS}

# fmt: off
DOMAINS = {
    "accounts", "verifications", "partners", "paths", "solutions", "capabilities", "plans", "members", "specialists",
    "reviews", "business_info", "funds", "benefits", "customers", "associations", "opportunities", "resellers",
    "wallets", "vouchers", "orders", "bills", "incentives", "experts", "invoices", "feeds", "todos", "messages",
    "integrations", "uploads",
}
# fmt: on
"""The one list of domain names; every layer uses these and nothing else."""

# fmt: off
MACHINERY = {
    "schema": {
        "actions", "batch", "build", "challenges", "columns", "compiling", "contents", "context", "documents", "enums",
        "errors", "events", "explorer", "explorer_tabs", "fields", "http", "inbox", "inputs", "nodes", "pages",
        "planning", "rules", "scalars", "static",
    },
    "resolvers": {
        "actions", "batch", "codes", "command", "context", "counters", "events", "inbox", "journal", "keys", "locking",
        "nodes", "outbox", "pages", "per_parent", "policy", "query", "refusals", "related", "revealing", "rules",
        "seals", "step_up", "system", "verify",
    },
    "rules": {
        "access", "calendar", "contacts", "credit_codes", "documents", "error_codes", "errors", "money", "passwords",
        "permissions", "policy", "policy_data", "registry", "sites", "statements", "texts", "transitions",
    },
    "models": {
        "audit", "base", "closing_sql", "config", "events", "guards", "idempotency", "inbox", "ledger_sql", "outbox",
        "performance", "policy", "registry", "schedules", "security",
    },
    "tasks": {
        "due", "exports", "import_cli", "outbox", "outbox_cli", "retention", "samples", "schedules", "seals",
        "sequencer", "staff_cli", "verify_cli", "webhooks", "wiring", "worker",
    },
    "gateways": {
        "buckets", "delivery", "email", "providers", "recognition", "recording", "scanning", "settlement", "sms",
        "storage", "wakeup",
    },
}
# fmt: on
"""What a layer has besides its domains. A new name here is a decision, not a habit."""

VAGUE = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "services",
    "service",
    "repositories",
    "misc",
    "platform",
    "locale",
}
TECHNICAL = re.compile(r"(Payload|Connection|Edge|Error)$|^(Query|Mutation|PageInfo|Count|Effect)$")
"""Types that GraphQL or the conventions of the API ask for; they are no words of the product."""
UNSEEN = {".git", ".venv", ".run", "node_modules", "build", "dist", "__pycache__", ".hypothesis"}
CODE = {".py", ".mjs", ".js", ".css", ".html"}
FORBIDDEN = {
    "a package registry's host": re.compile(
        r"py" r"pi\.org|python" r"hosted\.org|npm" r"js\.(org|com)|deb" r"ian\.org"
    ),
    "a note to self": re.compile(r"\bTO" r"DO\b|\bFIX" r"ME\b|\bX" r"XX\b"),
    "a path of somebody's machine": re.compile(r"/wo" r"rk/|/ho" r"me/[a-z]|shared/(des" r"ign|dom" r"ain|see" r"ds)"),
}


def files() -> Iterator[Path]:
    """Every file of the repository, tracked or about to be."""
    for folder, names, found in os.walk(ROOT):
        names[:] = [name for name in names if name not in UNSEEN and not name.endswith("_cache")]
        yield from (Path(folder) / name for name in found if name not in UNSEEN and not name.endswith(".pyc"))


def test_every_file_can_be_read_in_one_sitting() -> None:
    sizes = {
        file.relative_to(ROOT): len(file.read_text(encoding="utf-8").splitlines())
        for file in files()
        if file.suffix in CODE and file.parent != ROOT / "migrations"
    }
    assert len(sizes) > 30
    assert {str(name): size for name, size in sizes.items() if size > 400} == {}, "split it into a package"


def test_no_name_is_vague() -> None:
    vague = [str(path) for path in (file.relative_to(ROOT) for file in files()) if VAGUE & {path.stem, *path.parts}]
    assert vague == [], "say what it does; platform and locale would hide the standard library's"


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_holds_only_domains_and_its_own_machinery(layer: str) -> None:
    entries = {
        entry.stem
        for entry in (ROOT / layer).iterdir()
        if (entry.suffix == ".py" or entry.is_dir()) and not entry.stem.startswith("__")
    }
    assert entries - DOMAINS - MACHINERY[layer] == set(), "two layers may not use two names for one thing"


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_contains(what: str) -> None:
    found = []
    for file in files():
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{file.relative_to(ROOT)}: {match[0]}" for match in FORBIDDEN[what].finditer(text)]
    assert found == []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a package registry's host", "https://files.python" + "hosted.org/x"),
        ("a note to self", "# TO" + "DO later"),
        ("a path of somebody's machine", "see /wo" + "rk/main"),
    ],
)
def test_the_words_are_recognised(what: str, text: str) -> None:
    assert FORBIDDEN[what].search(text)


def test_no_installed_distribution_has_packages_of_our_names() -> None:
    """A distribution called `schema` on the path would be imported instead of ours by tools started elsewhere."""
    provided = importlib.metadata.packages_distributions()
    clashes = {name: provided[name] for name in TOP_LEVEL & provided.keys() if set(provided[name]) != {"cosell"}}
    assert clashes == {}


def test_every_word_of_the_product_stands_in_the_glossary() -> None:
    """A class of the models or a type of the schema is a word: one for one thing, in both languages."""
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    words = {name for code in re.findall(r"`([^`]+)`", glossary) for name in re.findall(r"\w+", code)}
    kinds = [kind for name, kind in SCHEMA.type_map.items() if not name.startswith("__")]
    types = {kind.name for kind in kinds if isinstance(kind, GraphQLObjectType) and not TECHNICAL.search(kind.name)}
    assert ({model.__name__ for model in MODELS} | types) - words == set(), (
        "docs/glossary.md: Chinese, English, code, meaning"
    )


@pytest.mark.parametrize("page", [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
def test_what_a_page_points_at_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = [target for target in re.findall(r"\]\(([^)#\s]+)\)", text) if "://" not in target]
    assert [target for target in links if not (page.parent / target).exists()] == []
    named = re.findall(r"`((?:[a-z_]+/)+[a-z_]*(?:\.\w+)+|(?:[a-z_]+/)+)`", text)
    named = [path for path in named if not re.search(r"[/_]x\.py$", path)]  # x: of the reader's own
    top = TOP_LEVEL | {"docs"}
    assert [path for path in named if path.split("/")[0] in top and not (ROOT / path).exists()] == []


def test_a_decision_says_why_and_what_else_there_was() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for page in pages:
        heads = re.findall(r"^## (.*)$", page.read_text(encoding="utf-8"), re.M)
        assert heads == ["Context", "Decision", "Consequences", "Alternatives"], page.name


def test_decisions_are_listed_in_their_order() -> None:
    folder = ROOT / "docs" / "decisions"
    heads = {page.name: page.read_text(encoding="utf-8").partition("\n")[0] for page in sorted(folder.glob("0*.md"))}
    expected = [f"- [{head[2:6]}]({name}) {head[8:]}" for name, head in heads.items()]
    index = (folder / "README.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in index if line.startswith("- ")] == expected
