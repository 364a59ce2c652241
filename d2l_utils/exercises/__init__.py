"""The exercises of the lessons: ``ch01.py`` holds those of lesson 01, and so on.

Each exercise holds its stub, its solution, its hints, its checks, and answers, right
and wrong, that prove the checks. The other modules are the engine behind `d2l.check`.
"""
