"""The agent: Python that runs on a target, standard library only, Python 2.7 and 3.5 or newer."""
