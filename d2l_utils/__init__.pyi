# The public names, read by type checkers and, at run time, by `__init__.py`.
from .calculus import check_gradient as check_gradient
from .calculus import numerical_diff as numerical_diff
from .calculus import numerical_gradient as numerical_gradient
from .datasets import load_benchmark as load_benchmark
from .datasets import load_wine as load_wine
from .descent import gradient_descent as gradient_descent
from .descent import train_2d as train_2d
from .optimizers import SGD as SGD
from .optimizers import AdaGrad as AdaGrad
from .optimizers import Adam as Adam
from .optimizers import AdamW as AdamW
from .optimizers import Momentum as Momentum
from .optimizers import Nesterov as Nesterov
from .optimizers import Optimizer as Optimizer
from .optimizers import RMSProp as RMSProp
from .plotting import label_lines as label_lines
from .plotting import optimizer_color as optimizer_color
from .plotting import plot_contours as plot_contours
from .plotting import plot_path as plot_path
from .plotting import plot_trace as plot_trace
from .plotting import show as show
from .plotting import show_trace_2d as show_trace_2d
from .regression import data_iter as data_iter
from .regression import linreg as linreg
from .regression import load_array as load_array
from .regression import sgd as sgd
from .regression import squared_loss as squared_loss
from .regression import synthetic_data as synthetic_data
from .schedules import cosine_decay as cosine_decay
from .schedules import exponential_decay as exponential_decay
from .schedules import step_decay as step_decay
from .schedules import warmup as warmup

__version__: str
