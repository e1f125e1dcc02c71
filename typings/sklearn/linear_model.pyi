from typing import Any, Self

import numpy as np
import numpy.typing as npt

class LogisticRegression:
    coef_: npt.NDArray[np.float64]
    intercept_: npt.NDArray[np.float64]
    def __init__(self, *, C: float = 1.0, max_iter: int = 100, tol: float = 1e-4) -> None: ...
    def fit(self, X: npt.NDArray[Any], y: npt.NDArray[Any], sample_weight: npt.NDArray[Any] | None = None) -> Self: ...
    def predict_proba(self, X: npt.NDArray[Any]) -> npt.NDArray[np.float64]: ...
