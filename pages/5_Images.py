"""Stage 5: it looks at your pictures, and at the pictures in your documents."""

from view.pages import draw_page
from view.stages.images import ImagesView

draw_page(ImagesView)
