"""Stage 8: it creates images from some context."""

from view.pages import draw_page
from view.stages.image_generation.page import ImageGenerationView

draw_page(ImageGenerationView)
