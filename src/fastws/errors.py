"""The exceptions that fastws raises, each with a stable ``code`` for programs and a message for people."""

from typing import ClassVar


class FastWSError(Exception):
    """The root of the tree: everything that fastws itself raises."""

    code: ClassVar[str] = "fastws-error"


class RegistrationError(FastWSError):
    """Something was wrong when a handler, a hook or a model was registered."""

    code: ClassVar[str] = "registration-error"


class InvalidHandlerError(RegistrationError, TypeError):
    """A handler or hook that cannot be called the way it would have to be."""

    code: ClassVar[str] = "invalid-handler"


class UnresolvedError(InvalidHandlerError):
    """A handler whose annotations refer to a name that is not defined, perhaps not yet."""

    code: ClassVar[str] = "unresolved"


class InvalidDependencyError(RegistrationError, TypeError):
    """What a router lists among its dependencies is none."""

    code: ClassVar[str] = "invalid-dependency"


class InvalidModelError(RegistrationError, TypeError):
    """Something that was registered as a message but is no type that pydantic can validate."""

    code: ClassVar[str] = "invalid-model"


class InvalidDiscriminatorError(RegistrationError, ValueError):
    """A model that lacks the router's discriminator, or one whose discriminator is no literal."""

    code: ClassVar[str] = "invalid-discriminator"


class DuplicateModelError(RegistrationError, ValueError):
    """A model that already has a handler."""

    code: ClassVar[str] = "duplicate-model"


class DuplicateTagError(RegistrationError, ValueError):
    """Two models that claim the same value of the discriminator."""

    code: ClassVar[str] = "duplicate-tag"


class InvalidRouteError(RegistrationError, ValueError):
    """The name of a route that no request can have, or that is not the program's to take."""

    code: ClassVar[str] = "invalid-route"


class DuplicateRouteError(RegistrationError, ValueError):
    """A route that already has a handler."""

    code: ClassVar[str] = "duplicate-route"


class NoMessagesError(FastWSError, LookupError):
    """A message was to be parsed by a router that has no message models."""

    code: ClassVar[str] = "no-messages"


class ProtocolError(FastWSError, RuntimeError):
    """A connection was used in a way that its protocol does not allow; the fallback hook receives it."""

    code: ClassVar[str] = "protocol-error"


class NotAcceptedError(ProtocolError):
    """``on_connect`` returned without having accepted or closed the connection."""

    code: ClassVar[str] = "not-accepted"

    def __init__(self) -> None:
        # Word for word what Starlette says in this state, because programs compare it.
        super().__init__('WebSocket is not connected. Need to call "accept" first.')


class WrongFrameError(ProtocolError):
    """A binary frame came to a router for text, or the reverse."""

    code: ClassVar[str] = "wrong-frame"

    def __init__(self, *, expected: str, received: str) -> None:
        super().__init__(f"Expected a {expected} frame, but received a {received} frame.")
        self.expected = expected
        self.received = received


class InvalidCloseCodeError(ProtocolError, ValueError):
    """A close code that no close frame can carry."""

    code: ClassVar[str] = "invalid-close-code"

    def __init__(self, close_code: object) -> None:
        super().__init__(
            f"{close_code!r} cannot be sent as a close code. Use 1000 to 1003 or 1007 to 1014 as RFC 6455 and IANA define "
            f"them, or one of 3000 to 4999 for a meaning of your own."
        )
        self.close_code = close_code


class UnclaimedMessageError(FastWSError, LookupError):
    """A message was valid, but what it was validated to has no handler; the fallback hook receives it."""

    code: ClassVar[str] = "unclaimed-message"

    def __init__(self, cls: type) -> None:
        super().__init__(f"The message was validated to {cls.__qualname__}, which has no handler.")


class SwallowedError(FastWSError, RuntimeError):
    """A dependency with ``yield`` caught an exception that it did not raise again."""

    code: ClassVar[str] = "swallowed"

    def __init__(self, handler: str) -> None:
        super().__init__(
            f"A dependency with `yield` of {handler} caught an exception and did not raise it again, so that the message was "
            f"neither handled nor failed. Let its `except` end with `raise`, or catch the exception in the handler."
        )


class InvalidReplyError(FastWSError, TypeError):
    """What a handler returned is not what its annotation declares."""

    code: ClassVar[str] = "invalid-reply"

    def __init__(self, handler: str, declared: str) -> None:
        super().__init__(f"{handler} returned something that is no {declared}. Return what it declares, or declare it.")
