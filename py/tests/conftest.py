"""Tests of the pytest plugin run pytest."""

pytest_plugins = ["pytester"]
