"""What a page imports before anybody asks for it: time and memory that every start would pay."""

import os
import subprocess
import sys

import pytest

from controller.stages import STAGES
from settings import ROOT

# Each takes 10 MB or more, or a tenth of a second; what needs one imports it when it is needed.
HEAVY = {
    "alembic",
    "anthropic",
    "av",
    "docx",
    "faster_whisper",
    "fpdf",
    "hibari",
    "llama_index",
    "lxml",
    "mcp",
    "onnxruntime",
    "openpyxl",
    "pandas",
    "pptx",
    "psycopg",
    "pypdfium2",
    "rapidocr",
    "sqlalchemy",
    "tokenizers",
    "trafilatura",
    "xllamacpp",
}
SCRIPT = """
import importlib, sys, warnings
warnings.simplefilter("ignore")
for name in sys.argv[1:]:
    importlib.import_module(name)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


@pytest.mark.parametrize("row", STAGES, ids=lambda row: row.slug)
def test_a_page_opens_without_heavy_libraries(row):
    command = [sys.executable, "-c", SCRIPT, row.view.rpartition(".")[0], "view.pages"]
    modules = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert "streamlit" in modules
    assert not HEAVY & set(modules)


USED = """
import sys
from view.app import RunningApp
services = RunningApp().services_of()
services.conversations.list_conversations()
services.conversations.search("x")
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


@pytest.mark.parametrize("has_database", [False, True])
def test_only_who_has_a_database_loads_what_speaks_to_one(has_database, tmp_path):
    address = f"sqlite:///{tmp_path / 'conversations.db'}" if has_database else ""
    command = [sys.executable, "-W", "ignore", "-c", USED]
    environ = os.environ | {"DATABASE_URL": address}
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environ)
    assert run.returncode == 0, run.stderr
    assert ("sqlalchemy" in run.stdout.split()) is has_database
