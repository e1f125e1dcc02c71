"""How quickly texts are judged, and how soon the first one is, beside a plain linear model on characters.

The reference is what a few lines of scikit-learn give: TF-IDF of character n-grams and a logistic regression for relevance
alone, which says no reason. Both judge the same real texts of the length of the labelled ones, one by one, on one thread.
"""

import sys
from pathlib import Path

from benchmarks.measure import Figure, figure, in_turns, median, run, timed
from watcher import seeds

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
WORDS = 126  # the mean of the labelled texts
ROUNDS = 3


def measure() -> list[Figure]:
    """Return texts a second of CPU, ours over the reference, and the seconds until a first verdict."""
    ours, reference = in_turns(
        ROUNDS, lambda: run("benchmarks.classifying", "ours"), lambda: run("benchmarks.classifying", "reference")
    )
    first, plain = in_turns(
        ROUNDS, lambda: run("benchmarks.classifying", "first"), lambda: run("benchmarks.classifying", "imports")
    )
    speed, plain_speed = (median(samples, lambda s: s.amount / s.cpu) for samples in (ours, reference))
    cold, plain_cold = (median(samples, lambda s: s.whole_cpu) for samples in (first, plain))
    rss = median(ours, lambda s: s.rss_mb)
    return [
        figure("texts judged a second of CPU", speed, plain_speed, "texts/s", required=1.5, rss=rss),
        figure("CPU until a first verdict, loading included", cold, plain_cold, "s", required=3.0, at_most=True),
    ]


def texts() -> list[str]:
    """Return stretches of real texts that no training saw, each of WORDS words."""
    corpus = seeds.load(SEEDS)
    unseen = seeds.read_examples(SEEDS / seeds.UNSEEN, frozenset(theme.id for theme in corpus.themes))
    stretches: list[str] = []
    for text in unseen:
        words = text.text.split()
        stretches += [" ".join(words[start : start + WORDS]) for start in range(0, max(len(words) - WORDS, 1), WORDS)]
    return stretches


def judge() -> None:
    """Judge the texts with the shipped classifier, loaded and warm."""
    from watcher import classify

    corpus = seeds.load(SEEDS)
    classifier = classify.load(corpus.themes, corpus.seeds, corpus.model, rule=corpus.rule)
    for example in corpus.examples:
        classifier.verdict(example.title, example.text)
    classifier.verdict("A headline", "A text in another language, for which the detector of languages is loaded.")
    some = texts()
    timed(lambda: float(sum(1 for text in some if classifier.verdict("", text).classifier)))


def judge_plainly() -> None:
    """Judge the texts with character n-grams and a logistic regression."""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    corpus = seeds.load(SEEDS)
    labelled = (*corpus.examples, *corpus.negatives)
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2)
    matrix = vectorizer.fit_transform([f"{one.title}\n{one.text}" for one in labelled])
    model = LogisticRegression(max_iter=500).fit(matrix, np.array([one.relevance >= 2 for one in labelled]))
    some = texts()
    with threadpool_limits(limits=1):
        timed(lambda: float(sum(len(model.predict_proba(vectorizer.transform([text]))) for text in some)))


def first() -> None:
    """Load the classifier and give one verdict."""
    from watcher import classify

    corpus = seeds.load(SEEDS)
    classifier = classify.load(corpus.themes, corpus.seeds, corpus.model, rule=corpus.rule)
    timed(lambda: float(bool(classifier.verdict("Un titre", "L’IA change les métiers de l’industrie.").classifier)))


def imports() -> None:
    """Import the libraries that reading a text needs: what no classifier in Python could start without."""
    import numpy as np
    import simplemma

    timed(lambda: float(np.array([len(simplemma.lemmatize("métiers", lang="fr"))])[0]))


if __name__ == "__main__":
    {"ours": judge, "reference": judge_plainly, "first": first, "imports": imports}[sys.argv[1]]()
