"""How fast documents are indexed and searched, what 50,000 passages take in memory, and how often the right is found.

`python -m benchmarks.documents FOLDER` is the process whose memory is measured: it holds the index in a folder,
searches it, and prints what that took. Read next: `benchmarks/documents/README.md`.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.document_files import TEXTS, make_files
from benchmarks.table import Figures, Row
from model.documents.document import Document
from model.documents.library import DocumentLibrary
from model.documents.search import LEXICAL_SHARE, PassageIndex
from settings import ROOT
from utils.reading.block import Block
from utils.reading.isolated import read_isolated
from utils.retrieval.chunking import Passage, chunk
from utils.retrieval.embeddings import Encoder
from utils.threads.stop import CancellationToken

COUNT = 50_000
ROUNDS = 15
WAYS = {"BM25": 1000.0, "vectors": 0.0, "both": LEXICAL_SHARE}


def documents(folder: Path) -> Iterator[Row]:
    """Yield speed, memory and quality."""
    encoder = Encoder()
    files = make_files(folder / "documents")
    passages = [_read(path, encoder) for path in files]
    yield _indexing(passages, encoder)
    yield from _qualities([path.stem for path in files], passages, encoder)
    yield from _large(folder, [passage for some in passages for passage in some])


def _read(path: Path, encoder: Encoder) -> list[Passage]:
    blocks = [read for read in read_isolated(path, path.name, CancellationToken()) if isinstance(read, Block)]
    return list(chunk(blocks, encoder.count_tokens))


def _indexing(passages: Sequence[Sequence[Passage]], encoder: Encoder) -> Row:
    """Measure tokens per second, from passages to what is written on disk."""
    texts = [passage.with_heading for some in passages for passage in some]
    tokens = sum(encoder.count_tokens(texts))
    flat = [passage for some in passages for passage in some]
    encoder.encode(texts[:8])
    rates = []
    for _ in range(3):
        began_at = time.perf_counter()
        Document.of(flat, encoder.encode(texts), tokens).to_bytes()
        rates.append(tokens / (time.perf_counter() - began_at))
    return Row("Documents, indexing", "tokens/s", 4000, Figures(rates), is_least=True)


def _qualities(names: list[str], passages: Sequence[Sequence[Passage]], encoder: Encoder) -> Iterator[Row]:
    """Yield how often the right passage is among the first, for three ways of searching and two kinds of questions."""
    questions: list[dict[str, str]] = json.loads((TEXTS / "questions.json").read_text(encoding="utf-8"))
    made = [Document.of(some, encoder.encode([passage.with_heading for passage in some]), 0) for some in passages]
    index = PassageIndex.of(made)
    vectors = encoder.encode([question["question"] for question in questions])
    asked = [pair for pair in zip(questions, vectors, strict=True) if pair[0]["document"]]
    ranks = {
        way: [_rank(index.search(q["question"], vector, 20, share), q, names) for q, vector in asked]
        for way, share in WAYS.items()
    }
    for kind in ("exact", "paraphrase", ""):
        chosen = [number for number, (q, _) in enumerate(asked) if kind in ("", q["kind"])]
        of_kind = {way: [ranks[way][number] for number in chosen] for way in WAYS}
        yield from _quality(f"{len(chosen)} {kind} questions".replace("  ", " "), of_kind["both"], of_kind["BM25"])
    yield from _quality("vectors alone", ranks["vectors"], ranks["BM25"])
    yield from _floor(index, questions, vectors)


def _rank(found: Sequence[Any], question: dict[str, str], names: list[str]) -> int:
    """Return the place of the first passage that holds the answer; 0 where none does."""
    for rank, one in enumerate(found, 1):
        text = " ".join(one.passage.with_heading.split())
        if names[one.document] == question["document"] and question["answer"] in text:
            return rank
    return 0


def _quality(what: str, ranks: Sequence[int], by_words: Sequence[int]) -> Iterator[Row]:
    """Yield how good the places of the right passages are, beside those that BM25 alone gives them."""
    for most, goal in ((1, None), (3, 90.0 if what.startswith("72") else None)):
        shares = [[100 * float(np.mean([0 < rank <= most for rank in some]))] for some in (ranks, by_words)]
        measure = (
            f"Documents, {what}: right passage among the first {most}" if most > 1 else f"Documents, {what}: first"
        )
        yield Row(measure, "%", goal, Figures(shares[0], raw=shares[1]), is_least=True)
    means = [[float(np.mean([1 / rank if rank else 0 for rank in some]))] for some in (ranks, by_words)]
    yield Row(f"Documents, {what}: mean of 1/place", "", None, Figures(means[0], raw=means[1]))


def _floor(index: PassageIndex, questions: Sequence[dict[str, str]], vectors: Any) -> Iterator[Row]:
    """Yield how often it is told rightly whether the documents hold the answer at all."""
    pairs = list(zip(questions, vectors, strict=True))
    for has_answer, name in ((True, "answered, and not turned away"), (False, "without an answer, and turned away")):
        some = [
            index.has_answer(q["question"], vector) == has_answer
            for q, vector in pairs
            if bool(q["answer"]) == has_answer
        ]
        yield Row(f"Documents, {len(some)} questions {name}", "%", None, Figures([100 * float(np.mean(some))]))


def _large(folder: Path, passages: Sequence[Passage]) -> Iterator[Row]:
    """Yield what searching 50,000 passages takes; their texts are real sentences, mixed, and their vectors random."""
    library = DocumentLibrary(folder / "passages", Encoder.name)
    random = np.random.default_rng(1)
    words = " ".join(passage.text for passage in passages).split()
    begins = random.integers(0, len(words) - 150, COUNT)
    texts = [Passage(" ".join(words[begin : begin + 150]), f"page {n}") for n, begin in enumerate(begins)]
    vectors = random.standard_normal((COUNT, Encoder.size), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    library.save("a" * 64, Document.of(texts, vectors, COUNT * 200))
    del texts, vectors
    command = [sys.executable, "-m", "benchmarks.documents", str(library.folder)]
    taken = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    yield Row(f"Documents, question over {COUNT:,} passages", "ms", 60, Figures(taken["search_ms"]))
    yield Row(f"Documents, opening {COUNT:,} passages after a restart", "s", None, Figures([taken["open_s"]]))
    yield Row(f"Documents, memory of a process with {COUNT:,} passages", "MB", 600, Figures([taken["memory_mb"]]))


def main() -> None:
    """Hold an index, search it, and print what that took."""
    library, encoder = DocumentLibrary(Path(sys.argv[1]), Encoder.name), Encoder()
    began_at = time.perf_counter()
    index = library.index(["a" * 64])
    open_s = time.perf_counter() - began_at
    search_ms = []
    questions = [row["question"] for row in json.loads((TEXTS / "questions.json").read_text(encoding="utf-8"))]
    encoder.encode(questions[:1])
    for question in questions[:ROUNDS]:
        began_at = time.perf_counter()
        index.search(question, encoder.encode([question])[0], 6)
        search_ms.append(1000 * (time.perf_counter() - began_at))
    memory_mb = psutil.Process().memory_info().rss / 2**20
    print(json.dumps({"search_ms": search_ms, "open_s": open_s, "memory_mb": memory_mb}))


if __name__ == "__main__":
    main()
