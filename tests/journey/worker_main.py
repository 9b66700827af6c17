"""The worker as `cosell worker` runs it, on the test's clock."""

from tasks.worker import main
from tests.journey.clock import shifted_clock

if __name__ == "__main__":
    main(clock=shifted_clock)
