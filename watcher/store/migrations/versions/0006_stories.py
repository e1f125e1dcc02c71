"""Mark the schema whose editions tell their stories: what was told of them is frozen in editions.content, in no table."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Change nothing: documents.story_id and editions.content are there already."""
