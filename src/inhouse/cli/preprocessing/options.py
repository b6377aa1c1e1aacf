"""What `inhouse preprocessing add` can be told, by transform."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

import typer

from inhouse.solutions.preprocessing.functions import options

KINDS = ", ".join(get_args(options.Kind))
IMAGES, TEXTS, ARCHIVES, TABLES = "Images", "Redaction", "Archives", "CSV"


Name = Annotated[str, typer.Argument(help="Name of the access point that programs read from.")]
Bucket = Annotated[str, typer.Option(help="Bucket whose objects are transformed.")]
Transform = Annotated[
    Literal["images", "redact", "decompress", "csv-filter"],
    typer.Option(help="What is done with them."),
]
Memory = Annotated[int, typer.Option(help="MiB of the function.")]
Layer = Annotated[
    list[str] | None,
    typer.Option(help="Lambda layer of the function; on AWS, one must hold OpenCV for images."),
]

Size = Annotated[str | None, typer.Option(help="WIDTHxHEIGHT in pixels.", rich_help_panel=IMAGES)]
Interpolation = Annotated[
    options.Interpolation | None,
    typer.Option(help="How pixels are made. [default: area]", rich_help_panel=IMAGES),
]
Crop = Annotated[
    bool, typer.Option("--crop", help="Cut to the shape, not stretch.", rich_help_panel=IMAGES)
]
Gray = Annotated[bool, typer.Option("--gray", help="Without colours.", rich_help_panel=IMAGES)]
Normalize = Annotated[
    options.Normalization | None,
    typer.Option(
        help="To 0…255, to float32 of 0…1, or as for ImageNet; the last two need --format npy.",
        rich_help_panel=IMAGES,
    ),
]
Format = Annotated[
    options.Format | None,
    typer.Option(help="What comes out. [default: jpeg]", rich_help_panel=IMAGES),
]
Quality = Annotated[
    int | None,
    typer.Option(help="1 to 100, of JPEG and WebP. [default: 90]", rich_help_panel=IMAGES),
]
Reduced = Annotated[
    bool,
    typer.Option(
        "--reduced",
        help="Decode large JPEGs at 1/2, 1/4 or 1/8: faster, and slightly other pixels.",
        rich_help_panel=IMAGES,
    ),
]
Kinds = Annotated[
    list[str] | None,
    typer.Option(
        "--kind", help=f"What to redact: {KINDS}; repeatable. [default: all]", rich_help_panel=TEXTS
    ),
]
Fields = Annotated[
    list[str] | None,
    typer.Option(
        "--field",
        help="CSV column or JSON member to redact whole; repeatable.",
        rich_help_panel=TEXTS,
    ),
]
Member = Annotated[
    str | None,
    typer.Option(help="File of a zip archive that holds several.", rich_help_panel=ARCHIVES),
]
MaxBytes = Annotated[
    int | None,
    typer.Option(
        help="Most bytes of an image or JSON document, or of what is decompressed.",
        rich_help_panel=ARCHIVES,
    ),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column", help="Column to give; repeatable. [default: all]", rich_help_panel=TABLES
    ),
]
Where = Annotated[
    str | None,
    typer.Option(
        help="Rows to give, as `age >= 18 and country in ('DE', 'FR')`.", rich_help_panel=TABLES
    ),
]
Delimiter = Annotated[
    str | None, typer.Option(help="Between cells. [default: ,]", rich_help_panel=TABLES)
]
