"""What eSpeak NG speaks here: its name for each language, and the voice variants that are speakers."""

from __future__ import annotations

LANGUAGES = {"zh": "cmn", "en": "en-us", "ja": "ja", "ko": "ko", "yue": "yue"}

SPEAKERS = {
    **{f"f{number}": f"Female {number}" for number in range(1, 6)},
    **{f"m{number}": f"Male {number}" for number in range(1, 9)},
}
