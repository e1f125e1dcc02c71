class FrenchStemmer:
    def stemWord(self, word: str) -> str: ...  # noqa: N802
