"""What would download the small models."""


def ensure_models_available(model_dir, bigvgan_repo="nvidia/bigvgan_v2_22khz_80band_256x"):
    """Never to be called by a worker."""
    raise AssertionError("a download was tried")
