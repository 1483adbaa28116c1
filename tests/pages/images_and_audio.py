import base64

from pages.replies import completion

FILES = {name: f"samples/{name}" for name in ("red_circle.png", "blue_square.png", "three_tones.wav")}
AUDIO = {
    "id": "audio-1",
    "expires_at": 1_767_225_600,
    "data": base64.b64encode(b"RIFF").decode(),
    "transcript": "Hello!",
}


def script(service):
    service.reply(
        completion("A red circle."),
        completion("The first is a red circle, the second a blue square."),
        completion("Three tones, each higher than the one before."),
        completion(audio=AUDIO),
        completion("Bonjour !"),
    )
