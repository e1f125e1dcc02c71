"""Follow articles and parliamentary answers, say what matters and why, and mail it once a week."""

__version__ = "0.1.0"
