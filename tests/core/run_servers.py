"""Run as a program: starts both servers in the folder named, tells their processes and addresses, and waits."""

import json
import signal
import sys
from pathlib import Path

from core.servers import PostgresServer, RedisServer

folder = Path(sys.argv[1])
postgres = PostgresServer.start(folder / "postgres", database="shop", owner="keeper")
broker = RedisServer.start(folder / "redis")
pids = [postgres.pid, broker.pid]
told = {"pids": pids, "postgres": postgres.url("keeper", "shop"), "redis": broker.url}
sys.stdout.write(json.dumps(told) + "\n")
sys.stdout.flush()
signal.pause()
