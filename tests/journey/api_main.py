"""The API as `cosell serve` runs it, on the test's clock."""

from app import create_app, real_parts
from core.log import configure_logging
from core.settings import get_settings
from tests.journey.clock import shifted_clock

settings = get_settings()
configure_logging(settings)
app = create_app(settings, real_parts(settings, shifted_clock))
