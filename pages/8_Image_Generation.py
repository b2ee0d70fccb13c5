"""Stage 8: it creates images from some context."""

from view.stages.image_generation.page import ImageGenerationView

ImageGenerationView().render()
