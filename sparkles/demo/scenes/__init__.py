"""Scenes that look a little like photos, drawn with Pillow."""
