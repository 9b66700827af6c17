"""Files that the sample data's people hand in: a page or a picture each, with a line of text for any reader."""

from hashlib import sha256
from io import BytesIO
from uuid import UUID

from PIL import Image, ImageDraw

from gateways.storage import open_storage
from resolvers import uploads
from rules.uploads import UploadPurpose
from tasks.samples.stage import Person, Stage


async def hand_in(stage: Stage, who: Person, name: str, line: str, *, purpose: UploadPurpose | None = None) -> UUID:
    """The id of a PDF that this person has uploaded; `line` is what stands on it, in Latin letters."""
    return await _send(stage, who, f"{name}.pdf", "application/pdf", _page(line), purpose)


async def photograph(stage: Stage, who: Person, name: str, line: str) -> UUID:
    """The id of a picture of a document that this person has uploaded; `line` is what stands on it."""
    picture = Image.new("L", (640, 400), 255)
    ImageDraw.Draw(picture).text((40, 40), line, fill=0)
    content = BytesIO()
    picture.save(content, "PNG")
    return await _send(stage, who, f"{name}.png", "image/png", content.getvalue())


async def _send(
    stage: Stage, who: Person, name: str, media_type: str, content: bytes, purpose: UploadPurpose | None = None
) -> UUID:
    digest = sha256(content).hexdigest()
    declared = {"name": name, "media_type": media_type, "size": len(content), "sha256": digest}
    upload = await stage.do(who, uploads.open_upload, **declared, purpose=purpose)
    await open_storage(stage.settings).put(str(upload.id), content)
    await stage.do(None, uploads.receive_upload, upload_id=upload.id)
    return upload.id


def _page(line: str) -> bytes:
    """A PDF of one A4 page."""
    text = f"BT /F1 18 Tf 72 760 Td ({line}) Tj ET".encode("ascii")
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    page, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(page))
        page += b"%d 0 obj%b endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(page)
    return page + b"xref\n0 6\n0000000000 65535 f \n" + table + end
