"""Stage 8: it creates images from some context. Read next: view/image_generation.py."""

from view.image_generation import ImageGenerationView

ImageGenerationView().render()
