"""The one error that Blender's user gets to read."""


class UserError(Exception):
    """Something the user can put right: the message says what is wrong and what to do."""
