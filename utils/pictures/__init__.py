"""Pictures decoded safely, SVG cleaned, charts drawn. Read `decode.py` first."""
