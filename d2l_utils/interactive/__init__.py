"""Interactive figures: a module of JavaScript each, and beside it one of Python.

``NAME.js`` draws the figure in the page, ``NAME.py`` its still picture and writes the
alternative text. Nothing else is needed: no network, no kernel, no package.
"""
