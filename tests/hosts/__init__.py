"""Host shops whose orders look nothing like ours, and each other's."""
