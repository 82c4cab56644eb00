"""A simulator of Redo, the returns portal."""
