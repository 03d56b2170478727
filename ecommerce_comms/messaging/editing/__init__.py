"""How a merchant changes a text: drafts, versions, the linter and the preview."""
