"""Both kinds of storage by the same tests: a folder, and a bucket of an S3-compatible service that runs here."""

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from core.settings import Env, Settings
from gateways.delivery import TransientFailure
from gateways.storage import Storage, open_storage


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    """The address of an S3-compatible service with one bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    with urllib.request.urlopen(urllib.request.Request(f"{address}/papers", method="PUT")):
        pass
    yield address
    server.stop()


def bucket(address: str, url: str = "s3://papers") -> Storage:
    return open_storage(
        Settings(
            env=Env.TEST,
            storage_url=url,
            storage_endpoint=address,
            storage_region="eu-1",
            storage_access_key="key",
            storage_secret_key=SecretStr("secret"),
        )
    )


@pytest.fixture(params=["folder", "bucket", "folder of a bucket"])
def storage(request: pytest.FixtureRequest, service: str, tmp_path: Path) -> Storage:
    if request.param == "folder":
        return open_storage(Settings(env=Env.TEST, storage_url=str(tmp_path / "files")))
    return bucket(service, "s3://papers" if request.param == "bucket" else "s3://papers/of/cosell")


async def test_what_is_put_is_there_until_it_is_deleted(storage: Storage) -> None:
    assert await storage.get("one") is None
    await storage.put("one", b"first")
    await storage.put("one", b"\x00second" * 100_000)
    await storage.put("other", b"")
    assert await storage.get("one") == b"\x00second" * 100_000
    assert await storage.get("other") == b""
    for _ in range(2):
        await storage.delete("one")
        assert await storage.get("one") is None
    await storage.delete("other")


async def test_folders_of_one_bucket_do_not_meet(service: str) -> None:
    here, there = bucket(service, "s3://papers/here"), bucket(service, "s3://papers/there")
    await here.put("one", b"mine")
    assert (await here.get("one"), await there.get("one")) == (b"mine", None)


async def test_a_service_that_does_not_answer_is_worth_another_try() -> None:
    gone = bucket("http://127.0.0.1:9")
    with pytest.raises(TransientFailure):
        await gone.put("one", b"x")
    with pytest.raises(TransientFailure):
        await gone.get("one")
    with pytest.raises(TransientFailure):
        await gone.delete("one")


async def test_a_bucket_that_is_missing_is_no_empty_one(service: str) -> None:
    with pytest.raises(TransientFailure):
        await bucket(service, "s3://nowhere").put("one", b"x")


async def test_the_secret_is_told_to_nobody(service: str) -> None:
    with pytest.raises(TransientFailure) as failure:
        await bucket("http://127.0.0.1:9").get("one")
    assert failure.value.reason == "storage: GenericError"
