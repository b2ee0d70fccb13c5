"""Stage 9, Voice: it understands what is said and answers aloud.

Adds: recordings become the question, and the answer becomes sound while it is still being written. Both happen beside
the turn, which is that of stage 2: the model reads and writes text, as ever.
Leaves out: models that hear and speak by themselves, and languages other than English where no provider helps.
"""

from controller.stages.chatbot_with_memory import MemoryController


class VoiceController(MemoryController):
    """A conversation by voice; what is heard and spoken is in `controller/stages/voice/service.py`."""

    slug = "voice"
