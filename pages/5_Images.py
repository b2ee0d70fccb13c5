"""Stage 5: it looks at your pictures, and at the pictures in your documents.

Read next: `controller/images.py`.
"""

from view.images import ImagesView

ImagesView().render()
