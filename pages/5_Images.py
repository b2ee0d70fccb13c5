"""Stage 5: it looks at your pictures, and at the pictures in your documents."""

from view.stages.images import ImagesView

ImagesView().render()
