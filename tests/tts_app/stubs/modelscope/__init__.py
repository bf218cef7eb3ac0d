"""Downloads are never made in tests: whoever asks for one without `local_files_only` is told off."""


def snapshot_download(model_id, local_dir=None, revision=None, local_files_only=False, **named):
    """The folder of a model in the cache; there is none."""
    if not local_files_only:
        raise AssertionError("a download was tried")
    raise ValueError(f"Cannot find the requested files in the cached path for {model_id}")
