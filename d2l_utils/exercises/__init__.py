"""The exercises of the lessons: ``ch01/chain.py`` holds ``01.chain``, and so on.

Each exercise holds its stub, its solution, its hints, its checks, and answers, right
and wrong, that prove the checks. ``EXERCISES`` of a lesson is their order. Files that
begin with ``_`` are shared. The other modules are the engine behind `d2l.check`.
"""
