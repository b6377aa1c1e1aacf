"""Identity and Access Management."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inhouse.services.iam import accounts
from inhouse.services.iam.identities import Identities

if TYPE_CHECKING:
    from inhouse.core.ports import House, Key, Tx


class IamService:
    """Identity and Access Management, and the house's identities."""

    name = "iam"

    def __init__(self, house: House) -> None:
        self._house = house
        self._identities = Identities(house)
        house.identities = self._identities

    def bootstrap(self, tx: Tx, account_id: str, access_key_id: str, secret: str) -> None:
        """Makes sure of the management account, its admin and the admin's key."""
        self._identities.changed(tx)
        accounts.bootstrap(self._house, tx, account_id, access_key_id, secret)

    def create_account(self, tx: Tx, account_id: str, name: str) -> Key:
        """A new account with an access key for its root user."""
        self._identities.changed(tx)
        return accounts.create_account(self._house, tx, account_id, name)
