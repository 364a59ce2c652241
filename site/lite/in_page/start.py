"""Run by IPython at its start, among the names of the reader: it leaves none."""

__import__("in_page").install()
__import__("in_page.kept").kept.install()
__import__("in_page.streams").streams.install()
# It would look for jedi, which is not here.
__import__("IPython").get_ipython().Completer.use_jedi = False
