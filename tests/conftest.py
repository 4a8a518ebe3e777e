pytest_plugins = ["tests.postgres", "tests.smtp"]
