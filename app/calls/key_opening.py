"""What an official's key does to the keys of a call, inside the operation that opens."""

from app.calls.key_models import CallKey, KeyLayer, OpenerKey
from app.core import clock
from app.sealing import DoesNotOpen, envelope, layers


def take_part(key: CallKey, opener: OpenerKey, private: bytes) -> bytes | None:
    """Take off every outer layer that is this official's, for a second one to finish; answers the private half of the
    call key where an earlier official has taken the layer before this one's off. None: a second official is needed.

    `private` is the official's own; a layer that does not open (a changed row) is left as it is, the others serve.
    """
    for layer in key.layers:
        if layer.outer_id == opener.id and layer.peeled is None:
            layer.peeled = _peeled(layer, private)
    found = (_unwrapped(layer, private) for layer in key.layers if layer.inner_id == opener.id and layer.peeled)
    secret = next((one for one in found if one is not None), None)
    if secret is not None and key.opened_at is None:
        key.opened_at = clock.now()
    return secret


def _peeled(layer: KeyLayer, private: bytes) -> bytes | None:
    try:
        return layers.peel(layer.sealed, private, layer.outer_id, layer.inner_id, *layer.key.bound_to)
    except DoesNotOpen:
        return None


def _unwrapped(layer: KeyLayer, private: bytes) -> bytes | None:
    try:
        found = layers.unwrap(layer.peeled or b"", private, layer.outer_id, layer.inner_id, *layer.key.bound_to)
    except DoesNotOpen:
        return None
    return found if envelope.fits(found, layer.key.public_key) else None
