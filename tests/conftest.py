"""What holds for every test."""

from hypothesis import HealthCheck, settings

# No test is a measurement: on a busy machine an example may take long, and that proves nothing.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
