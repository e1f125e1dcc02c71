from collections.abc import Sequence
from typing import Any

import numpy.typing as npt

class TfidfVectorizer:
    def __init__(
        self, *, analyzer: str = "word", ngram_range: tuple[int, int] = (1, 1), sublinear_tf: bool = False, min_df: int = 1
    ) -> None: ...
    def fit_transform(self, raw_documents: Sequence[str]) -> npt.NDArray[Any]: ...
    def transform(self, raw_documents: Sequence[str]) -> npt.NDArray[Any]: ...
