"""Figures that answer: a module of JavaScript each, and beside it one of Python.

``NAME.js`` draws the figure in the page, ``NAME.py`` its still picture and the text for
those who cannot see it. Nothing else is needed: no network, no kernel, no package.
"""
