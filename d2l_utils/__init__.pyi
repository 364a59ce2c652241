# The public names, read by type checkers and, at run time, by `__init__.py`.
from .calculus import check_gradient as check_gradient
from .calculus import numerical_diff as numerical_diff
from .calculus import numerical_gradient as numerical_gradient
from .descent import gradient_descent as gradient_descent
from .plotting import plot_contours as plot_contours
from .plotting import plot_path as plot_path
from .plotting import plot_trace as plot_trace
from .plotting import show as show

__version__: str
