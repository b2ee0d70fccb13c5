"""Files make models: parts are one, what makes a model see goes with it, and one of them suits a machine best."""

import pytest

from model.providers.local_models.catalogue import Machine
from model.providers.local_models.files import ModelFiles, best_fitting, models_in, quantisation_of
from utils.local_models.hub.repository import RemoteFile

GB = 1_000_000_000


def file(name: str, size_bytes: int = GB) -> RemoteFile:
    return RemoteFile(name, size_bytes, "0" * 64)


def names(models: list[ModelFiles]) -> list[str]:
    return [model.name for model in models]


@pytest.mark.parametrize(
    ("name", "quantisation"),
    [
        ("Qwen3-0.6B-Q8_0.gguf", "Q8_0"),
        ("SmolLM3-Q4_K_M.gguf", "Q4_K_M"),
        ("gemma-3-4b-it-f16.gguf", "F16"),
        ("model.i1-IQ3_XXS.gguf", "IQ3_XXS"),
        ("UD/big-UD-Q4_K_XL-00001-of-00002.gguf", "UD-Q4_K_XL"),
        ("gpt-oss-20b-MXFP4.gguf", "MXFP4"),
        ("mine.gguf", ""),
    ],
)
def test_a_name_tells_how_weights_are_rounded(name: str, quantisation: str):
    assert quantisation_of(name) == quantisation


def test_parts_are_one_model_and_one_with_a_missing_part_is_none():
    found = models_in(
        file(name) for name in ("a-00002-of-00002.gguf", "b-00001-of-00002.gguf", "a-00001-of-00002.gguf")
    )
    assert names(found) == ["a-00001-of-00002.gguf"]
    assert [part.name for part in found[0].parts] == ["a-00001-of-00002.gguf", "a-00002-of-00002.gguf"]
    assert found[0].size_bytes == 2 * GB


def test_what_answers_nobody_is_no_model():
    others = ("README.md", "model.safetensors", "mmproj-f16.gguf", "x.imatrix.gguf", "mtp-x-Q4_0.gguf", "x-lora.gguf")
    assert names(models_in(file(name) for name in (*others, "x-Q4_0.gguf"))) == ["x-Q4_0.gguf"]


def test_what_makes_it_see_goes_with_it_and_lies_beside_it():
    [model] = models_in(
        map(file, ("BF16/x-BF16.gguf", "mmproj-F16.gguf", "mmproj-BF16.gguf", "other/mmproj-Q8_0.gguf"))
    )
    assert model.projector and model.projector.name == "mmproj-F16.gguf"
    assert [str(model.place_of(one)) for one in model.files] == ["BF16/x-BF16.gguf", "BF16/mmproj-F16.gguf"]


def test_the_usual_one_is_best_where_it_fits_else_the_largest_that_does():
    found = models_in([file("x-Q2_K.gguf", GB), file("x-Q4_K_M.gguf", 3 * GB), file("x-Q8_0.gguf", 6 * GB)])
    small, middle, large = (Machine(memory, 100 * GB) for memory in (3 * GB, 6 * GB, 32 * GB))
    best = [best_fitting(found, machine) for machine in (small, middle, large)]
    assert [one and one.quantisation for one in best] == ["Q2_K", "Q4_K_M", "Q4_K_M"]
    assert best_fitting(found, Machine(32 * GB, GB // 2)) is None and best_fitting(found, Machine(GB, 100 * GB)) is None
    wanted = best_fitting(found, small, "Q8_0")
    assert wanted and wanted.quantisation == "Q8_0"  # a person may want what does not fit
