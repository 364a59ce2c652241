"""Run by IPython at its start, among the names of the reader: it leaves none."""

__import__("in_page").install()
__import__("in_page.kept").kept.install()
