"""What the demo speaks: sentences in five languages, nine emotions, and bad input among them. Pure.

The same seed and number give the same requests, but for their ids.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import cycle

EMOTIONS = ("neutral", "happy", "angry", "sad", "afraid", "disgusted", "melancholic", "surprised", "calm")

SENTENCES: dict[str, tuple[str, ...]] = {
    "zh": (
        "早上好啊。",
        "你好,欢迎。",
        "您的快递已经到达楼下。",
        "今天下午三点开会,请准时参加。",
        "尊敬的乘客,列车即将进站,请站在黄线以外。",
        "这首歌让我想起了小时候的夏天。",
        "系统检测到异常登录,请立即修改密码。",
        "他推开门,院子里落满了银杏叶,风一吹,像下了一场金色的雨。",
        "根据最新的天气预报,明天上午多云转晴,气温在十五到二十三度之间,适合外出。",
        "如果您对本次服务满意,请按一;需要人工帮助,请按零。",
    ),
    "en": (
        "Good morning.",
        "Your parcel has arrived.",
        "The meeting starts at three o'clock sharp.",
        "Please stand behind the yellow line, the train is arriving.",
        "I can't believe we finally made it to the top of the mountain!",
        "Chapter seven. The rain had not stopped for eleven days, and nobody in the village spoke of anything else.",
        "For technical support press one, for billing press two, or stay on the line.",
        "Tomorrow will be mostly sunny, with a light breeze from the west and a high of twenty-one degrees.",
    ),
    "ja": (
        "こんにちは。",
        "本日はご来店ありがとうございます。",
        "次の駅は新宿です。お出口は左側です。",
        "明日の天気は晴れ、最高気温は二十度です。",
        "彼女は窓を開けて、静かに海を見ていた。",
        "会議は午後三時から始まりますので、資料を準備してください。",
        "この本を読んで、昔の友達のことを思い出しました。",
    ),
    "ko": (
        "안녕하세요.",
        "주문하신 상품이 도착했습니다.",
        "이번 역은 서울역입니다. 내리실 문은 오른쪽입니다.",
        "내일은 전국이 대체로 맑고 낮 기온은 이십 도까지 오르겠습니다.",
        "회의는 오후 세 시에 시작하니 늦지 않게 와 주세요.",
        "그는 창문을 열고 조용히 바다를 바라보았다.",
    ),
    "yue": (
        "早晨,食咗飯未?",
        "多謝你嘅幫忙,我哋下次再傾。",
        "列車即將到站,請小心月台空隙。",
        "聽日天氣好好,我哋一齊去行山啦。",
        "佢打開窗,靜靜望住個海,一句說話都冇講。",
        "呢間茶餐廳嘅奶茶好出名,排隊都要等半個鐘。",
    ),
}
SPEAKERS = ("f1", "f2", "f3", "m1", "m2", "m3")
# Requests by wished length in characters: most are short, as they are in services, a few reach 600.
LENGTHS = (5, 12, 20, 25, 30, 35, 40, 45, 60, 60, 75, 90, 120, 160, 200, 280, 600)
TOO_LONG_CHARS = 6000


@dataclass(frozen=True, slots=True)
class SpokenRequest:
    """One request to send. `expected` is the HTTP status that a working service answers with."""

    text: str
    language: str
    emotion: str
    emotion_intensity: float
    speaker: str
    speed: float
    route: str
    response_format: str
    expected: int


def text_of_length(language: str, chars: int, choice: random.Random) -> str:
    """Whole sentences of the language, about `chars` characters together, never above 600."""
    sentences = sorted(SENTENCES[language], key=len)
    text = max((s for s in sentences if len(s) <= max(chars, len(sentences[0]))), key=len) if chars < 25 else ""
    glue = " " if language in ("en", "ko") else ""
    while len(text) < chars:
        sentence = choice.choice(sentences)
        if len(text) + len(sentence) + 1 > 600:
            break
        text = f"{text}{glue}{sentence}" if text else sentence
    return text


def _good(number: int, choice: random.Random) -> SpokenRequest:
    """Languages, emotions and lengths turn with coprime periods, so that each meets each."""
    language = tuple(SENTENCES)[number % 5]
    emotion = EMOTIONS[(number // 5) % len(EMOTIONS)]
    chars = LENGTHS[(number * 5 + number // 17) % len(LENGTHS)]
    route = "/generate" if number % 4 == 3 else "/v1/audio/speech"
    return SpokenRequest(
        text=text_of_length(language, chars, choice),
        language=language,
        emotion=emotion,
        emotion_intensity=0.0 if emotion == "neutral" else choice.choice((0.4, 0.7, 1.0)),
        speaker=choice.choice(SPEAKERS),
        speed=choice.choice((1.0, 1.0, 1.0, 1.0, 0.9, 1.2)),
        route=route,
        response_format="mp3" if route != "/generate" and number % 10 == 0 else "wav",
        expected=200,
    )


# What people really send by mistake: text, speaker (None: keep) and what is answered.
_BAD: tuple[tuple[str | None, str | None, int], ...] = (
    ("", None, 400),
    ("🙂🎉🚀", None, 422),
    (None, "no-such-voice", 404),
    ("很长的文字。" * (TOO_LONG_CHARS // 6), None, 413),
)


def requests(number: int, seed: int) -> list[SpokenRequest]:
    """`number` requests, every twentieth of them bad input, the same for the same seed."""
    choice = random.Random(seed)  # noqa: S311 - a demo's variety, no secret
    bad = cycle(_BAD)
    made = []
    for index in range(number):
        good = _good(index, choice)
        if index % 20 == index // 20 * 7 % 20:  # one of twenty, in any language
            text, speaker, expected = next(bad)
            good = SpokenRequest(
                text=good.text if text is None else text,
                language=good.language,
                emotion="neutral",
                emotion_intensity=0.0,
                speaker=speaker or good.speaker,
                speed=1.0,
                route=good.route,
                response_format="wav",
                expected=expected,
            )
        made.append(good)
    return made
