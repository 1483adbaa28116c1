from pages.replies import completion, stream

REVIEW = '{"verdict": "good", "stars": 4, "bought": "2025-05-01", "topics": ["sound", "battery"]}'


def script(service):
    service.reply(
        completion('{"name": "Lyon", "is_capital": false}'),
        completion(REVIEW),
        completion('{"values": {"stars": 4}}'),
        completion('{"name": "Ly', "length"),
        stream('{"name": "Nice",', ' "is_capital": false}'),
        completion('{"city": "Paris", "capital": true}'),
    )
