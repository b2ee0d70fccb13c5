"""Measure the import of a large ChatGPT export: `python -m benchmarks.large_import --mb 500`.

It makes the export up, imports it in a process of its own, and prints how long that took and how much memory.
Not part of `benchmarks.run`: it needs a gigabyte or two of disk, and a minute.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from model.store.json_store import JsonStore
from model.transfer import importing

WORDS = [f"word{number}" for number in range(2000)]


def main() -> None:
    """Make the export, import it elsewhere, and print the figures."""
    parser = argparse.ArgumentParser(description="Measure the import of a large ChatGPT export.")
    parser.add_argument("--mb", type=int, default=500)
    parser.add_argument("--measure", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(*options.measure)
        return
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "conversations.json"
        write_export(export, options.mb)
        store = Path(folder) / "store.json"
        command = [sys.executable, "-m", "benchmarks.large_import", "--measure", str(export), str(store)]
        subprocess.run(command, check=True)


def measure(export: Path, path: Path) -> None:
    """Read the export alone, then import it, and print time and memory of both."""
    process = psutil.Process()
    size_mb = export.stat().st_size / 1e6
    before_mb = process.memory_info().rss / 1e6
    for what in ("read", "import"):
        began_at = time.monotonic()
        with export.open("rb") as file:
            if what == "read":
                count = sum(1 for _ in importing.read(file))
            else:
                count = importing.import_all(file, JsonStore(path)).count(importing.TAKEN)
        print(
            f"{what}: {count:,} conversations, {size_mb:,.0f} MB in {time.monotonic() - began_at:.1f} s, "
            f"memory before {before_mb:,.0f} MB, at its peak {peak_mb():,.0f} MB"
        )
    print(f"The store is {path.stat().st_size / 1e6:,.0f} MB.")


def peak_mb() -> float:
    """Return the most memory that this process has had."""
    import resource

    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes / 1e6 if sys.platform == "darwin" else kilobytes / 1e3


def write_export(path: Path, size_mb: int) -> None:
    """Write an export of about this size, in the shape that ChatGPT's has."""
    chance = random.Random(1)
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        number = 0
        while file.tell() < size_mb * 1_000_000:
            file.write((", " if number else "") + json.dumps(conversation(number, chance)))
            number += 1
        file.write("]")


def conversation(number: int, chance: random.Random) -> dict[str, object]:
    """Return a conversation of 2 to 80 messages."""
    root = f"root-{number}"
    mapping: dict[str, object] = {root: {"id": root, "message": None, "parent": None, "children": []}}
    parent = root
    for index in range(chance.randrange(2, 80)):
        node_id = f"{number}-{index}"
        mapping[node_id] = {"id": node_id, "message": message(node_id, index, chance), "parent": parent, "children": []}
        parent = node_id
    title = " ".join(chance.choices(WORDS, k=4))
    return {"title": title, "create_time": 1.7e9 + number, "mapping": mapping, "current_node": parent}


def message(node_id: str, index: int, chance: random.Random) -> dict[str, object]:
    """Return a question or an answer, with as much around it as ChatGPT puts there."""
    text = " ".join(chance.choices(WORDS, k=chance.randrange(5, 400)))
    return {
        "id": node_id,
        "author": {"role": ("user", "assistant")[index % 2], "name": None, "metadata": {}},
        "create_time": 1.7e9 + index,
        "content": {"content_type": "text", "parts": [text]},
        "status": "finished_successfully",
        "weight": 1.0,
        "metadata": {"model_slug": "gpt-5", "request_id": node_id * 3, "finish_details": {"type": "stop"}},
        "recipient": "all",
    }


if __name__ == "__main__":
    main()
