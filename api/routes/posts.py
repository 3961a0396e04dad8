"""Posts: what people wrote, brought by a program."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from api.house import TheHouse
from api.keys import KeyHolder
from api.problems import Refusal, documented
from api.schemas import IntakeAnswer
from domain.busy import Busy

router = APIRouter(prefix="/v1/posts", tags=["posts"])

MOST_BYTES = 10_000_000
MOST_LINES = 10_000

EXAMPLE = (
    '{"id": "77", "written_at": "2012-11-18T20:03:11Z", "text": "iMessage stuck at sending, anyone?"}\n'
    '{"id": "78", "written_at": "2012-11-18T20:03:15Z", "text": "FaceTime: Connection Lost"}\n'
)
# OpenAPI's own shape is a free one, hence Any. The body is read as it streams, so FastAPI can't know it.
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/x-ndjson": {"schema": {"type": "string"}, "example": EXAMPLE}},
    }
}


async def _lines_of(request: Request, _holder: KeyHolder) -> list[bytes]:
    """The body's lines; refuses one that is too large as soon as that is known."""
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the lines without a Content-Encoding.")
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > MOST_BYTES:
        raise _too_large()
    body, lines = bytearray(), 0
    async for chunk in request.stream():
        body += chunk
        lines += chunk.count(b"\n")
        if len(body) > MOST_BYTES or lines > MOST_LINES:
            raise _too_large()
    found = bytes(body).split(b"\n")
    if len(found) > MOST_LINES and found[MOST_LINES]:
        raise _too_large()
    return found[:-1] if found[-1] == b"" else found


@router.post(
    "",
    status_code=HTTPStatus.ACCEPTED,
    openapi_extra=BODY,
    responses=documented(
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
)
def take_posts(house: TheHouse, lines: Annotated[list[bytes], Depends(_lines_of)]) -> IntakeAnswer:
    """Take posts into the live run: JSON lines, at most 10,000 of them and 10 MB.

    Each line needs `id`, `written_at` and `text`; `source`, `author`, `in_reply_to`, `url`, `lang` and
    `is_repost` are optional. A bad line is reported and skipped; the same post twice counts once, so a
    request that failed may be sent again whole. 429 (more is brought than can be counted) and 503 say in
    `Retry-After` how many seconds to wait.
    """
    if not any(line.strip() for line in lines):
        raise Refusal(HTTPStatus.BAD_REQUEST, "The body holds no posts: send one JSON object a line.")
    try:
        intake = IntakeAnswer.model_validate(house.take_in(lines))
    except Busy as busy:
        raise Refusal(
            HTTPStatus.TOO_MANY_REQUESTS if busy.behind else HTTPStatus.SERVICE_UNAVAILABLE,
            busy.why,
            headers={"Retry-After": str(busy.retry_after)},
        ) from busy
    if intake.rejected and not intake.accepted:
        rejected = [line.model_dump() for line in intake.rejected]
        first = intake.rejected[0]
        raise Refusal(
            HTTPStatus.BAD_REQUEST,
            f"No line is a post. Line {first.line}: {first.error}",
            extra={"rejected": rejected},
        )
    return intake


def _too_large() -> Refusal:
    return Refusal(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"At most {MOST_LINES:,} lines and {MOST_BYTES:,} bytes at a time: send the rest in another request.",
    )
