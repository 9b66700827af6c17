"""Installed dependencies are not older than the last hole that concerns us."""

import importlib.metadata
import tomllib
from pathlib import Path

import pytest
from packaging.version import Version

FLOORS = tomllib.loads(Path(__file__).with_name("floors.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("package", FLOORS)
def test_the_installed_version_is_above_the_floor(package: str) -> None:
    entry = FLOORS[package]
    try:
        installed = Version(importlib.metadata.version(package))
    except importlib.metadata.PackageNotFoundError:
        assert entry.get("optional"), f"{package} is not installed: is its floor still needed?"
        return
    assert installed >= Version(entry["floor"]), entry["why"]
    if "below" in entry:
        assert installed < Version(entry["below"])


def test_every_floor_says_why() -> None:
    assert [package for package, entry in FLOORS.items() if not entry.get("why")] == []


def test_what_speaks_to_the_network_has_a_floor() -> None:
    """A dependency that reads strangers' bytes belongs into the table, if only with its present version."""
    assert {"starlette", "strawberry-graphql", "graphql-core", "tortoise-orm", "redis", "arq"} <= FLOORS.keys()
