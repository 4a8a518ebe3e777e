"""How long a worker takes from nothing to its first answer, and the memory it then holds."""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

BEGAN = time.perf_counter()


def main(urls: list[str]) -> None:
    """Prints seconds to the first answer, and resident megabytes after every page of `urls` was asked often."""
    from wsgi import app

    client = app.test_client()
    client.get(urls[0])
    seconds = time.perf_counter() - BEGAN
    for _ in range(20):
        for url in urls:
            client.get(url)
    print(json.dumps({"seconds": seconds, "megabytes": _resident()}))


def _resident() -> float:
    """The most that this process ever held. `ru_maxrss` counts what its parent held before it; macOS has only that,
    in bytes."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    held = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(held.split()[1]) / 2**10


def cold(environ: dict[str, str], urls: list[str], times: int = 3) -> tuple[float, float]:
    """(seconds, megabytes) of a fresh process; the quickest of several starts, and the most memory."""
    found = []
    for _ in range(times):
        command = [sys.executable, "-m", "tests.bench.start", *urls]
        answer = subprocess.run(command, env=environ, check=True, capture_output=True, text=True)
        told = json.loads(answer.stdout.splitlines()[-1])
        found.append((told["seconds"], told["megabytes"]))
    return min(seconds for seconds, _ in found), max(megabytes for _, megabytes in found)


if __name__ == "__main__":
    main(sys.argv[1:])
