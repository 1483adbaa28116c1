"""Replies of the service that several pages need."""

from loopback import COMPLETION, DONE, Reply, event, update

USAGE = {"prompt_tokens": 14, "completion_tokens": 8, "total_tokens": 22}


def completion(content=None, finish_reason="stop", **message):
    """Return the body of a completion; further keywords are keys of its message."""
    message = {"role": "assistant", "content": content, **message}
    return {
        **COMPLETION,
        "choices": [{"index": 0, "finish_reason": finish_reason, "message": message}],
        "usage": USAGE,
    }


def stream(*texts, usage=None):
    """Return a stream of texts, with the token usage at the end if it is given."""
    last = [] if usage is None else [{**update(), "choices": [], "usage": usage}]
    bodies = [*(update(text) for text in texts), update(finish_reason="stop"), *last]
    return Reply([*(event(body) for body in bodies), DONE])
