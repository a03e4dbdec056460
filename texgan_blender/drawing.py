"""What panel and preferences both show: texts that wrap, and how the job in the background stands."""

import textwrap

from bpy.types import Context, UILayout

from . import pump
from .translations import phrase, sentence

PIXELS_PER_LETTER = 7
"""Of the interface font at scale 1, to break long texts into lines."""


def draw_text(layout: UILayout, context: Context, text: str, icon: str = "NONE") -> None:
    """A text in as many lines as the region's width needs."""
    margins = 3 if icon == "NONE" else 6
    letters = context.region.width / (PIXELS_PER_LETTER * context.preferences.system.ui_scale) - margins
    column = layout.column(align=True)
    blank = "BLANK1" if icon != "NONE" else "NONE"
    for i, line in enumerate(textwrap.wrap(text, max(int(letters), 12))):
        column.label(text=line, icon=blank if i else icon)


def draw_job(layout: UILayout, lane: pump.Lane = pump.making, cancel: str = "texgan.cancel") -> bool:
    """The progress of a lane's job, with a button to `cancel` it; returns whether there is one."""
    job = lane.job
    if job is None:
        return False
    left = job.seconds_left()
    doing = phrase("Cancelling") if job.is_cancelled else sentence(job.text)
    text = doing if left is None or job.is_cancelled else phrase("{}, {:.0f} s left", doing, left)
    layout.progress(factor=job.share, text=text)
    layout.operator(cancel, icon="CANCEL")
    return True


def draw_message(layout: UILayout, context: Context, lane: pump.Lane = pump.making) -> None:
    """How a lane's last job ended."""
    if lane.message:
        draw_text(layout, context, lane.message, "ERROR" if lane.failed else "INFO")
