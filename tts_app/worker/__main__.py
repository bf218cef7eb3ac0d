"""`PYTHON tts_app/worker KIND JSON_OPTIONS`: one engine in a process of its own, in any virtual environment.

Python puts this folder, and nothing else of ours, on the path; its one package has a name that no engine has.
"""

from importlib import import_module

if __name__ == "__main__":
    import_module("vox_worker.main").main()
