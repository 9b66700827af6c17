"""The API as `cosell serve` runs it, on the test's clock and in the suite's mode."""

import pytest

from app import create_app, real_parts
from core.log import configure_logging
from core.settings import get_settings
from tests import modes
from tests.journey.clock import shifted_clock

settings = get_settings()
configure_logging(settings)
modes.enter(pytest.MonkeyPatch())
app = create_app(settings, real_parts(settings, shifted_clock))
