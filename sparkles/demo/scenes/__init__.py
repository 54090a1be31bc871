"""Photo-like scenes, drawn with Pillow: backdrops, objects in several variants, and a camera."""
