"""Narration under fire: killed, on a full disk, while somebody sets the clock."""

import pytest

pytest.register_assert_rewrite("tests.solutions.narration.fire.audio")
