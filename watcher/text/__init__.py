"""Text as people write it: cleaned, taken apart into words and sentences, compared.

Use it as `from watcher import text`, then `text.plain(...)`, `text.search_tokens(...)`.
"""

from watcher.text.compare import casefold, fingerprint, language, shingles
from watcher.text.indexing import Indexed, index_pieces, index_words, indexed, words_in
from watcher.text.markup import plain
from watcher.text.repair import clean_line, mojibake, storable, valid
from watcher.text.sentences import Span, sentences
from watcher.text.tokens import Word, fold, lemma, query_tokens, search_tokens, spans, stem, words

__all__ = [
    "Indexed",
    "Span",
    "Word",
    "casefold",
    "clean_line",
    "fingerprint",
    "fold",
    "index_pieces",
    "index_words",
    "indexed",
    "language",
    "lemma",
    "mojibake",
    "plain",
    "query_tokens",
    "search_tokens",
    "sentences",
    "shingles",
    "spans",
    "stem",
    "storable",
    "valid",
    "words",
    "words_in",
]
