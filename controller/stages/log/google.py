"""Google for one person: what they have connected, where their files go, and how they come and leave.

A consent has a purpose: Drive, the calendar, or another folder in Drive. A folder on disk is where files go anyway.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from controller.resources import Resources, built_per_person
from model.errors import GoogleError, InputError
from model.log.google.account import AccountFile, GoogleAccount
from model.log.google.client import GoogleClient
from model.log.google.drive import Drive, Folder
from model.log.google.oauth import CALENDAR, DRIVE, OAuth
from model.log.google.states import ConsentFile

FOLDER_NAME = "bnaGPT"


@dataclass(frozen=True)
class Purpose:
    """What a consent is for; `title` as people read it."""

    name: str
    title: str
    scope: str
    picks_folder: bool = False


PURPOSES = {
    one.name: one
    for one in (
        Purpose("drive", "Files of the Log in Google Drive", DRIVE),
        Purpose("calendar", "Google Calendar", CALENDAR),
        Purpose("folder", "Another folder in Google Drive", DRIVE, picks_folder=True),
    )
}


class Google:
    """One person's connection to Google."""

    def __init__(self, resources: Resources) -> None:
        settings = resources.settings
        self.oauth = OAuth.of(settings.google_values)
        self.accounts = AccountFile(settings.beside("google"))
        self._consents = ConsentFile(settings.beside("google-consents"))
        self.client = GoogleClient(self.oauth, self.accounts)
        self.drive = Drive(self.client)
        self.when_connected: list[Callable[[], None]] = []  # what has waited for it

    @property
    def account(self) -> GoogleAccount:
        """Return what is kept of the account. Raises: StoreUnreadable."""
        return self.accounts.read() if self.oauth.is_set else GoogleAccount()

    @property
    def uploads(self) -> bool:
        """Return whether files of the Log go to Drive. Raises: StoreUnreadable."""
        return self.account.may(DRIVE)

    @property
    def has_calendar(self) -> bool:
        """Return whether the calendar is Google's. Raises: StoreUnreadable."""
        return self.account.may(CALENDAR)

    def begin(self, purpose: str, redirect_uri: str) -> str:
        """Return the address at Google where the person allows something. Raises: InputError, StoreError."""
        if not self.oauth.is_set:
            raise InputError("Google is not set up.", "Put GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET into .env.")
        wanted = PURPOSES[purpose]
        state, consent = self._consents.begin(purpose, redirect_uri)
        # What was allowed before is asked for again, so that one token is good for all; Google's picker stands alone.
        scopes = {wanted.scope} if wanted.picks_folder else {*self.account.scopes.split(), wanted.scope}
        known = {DRIVE, CALENDAR}
        return self.oauth.address(
            " ".join(sorted(scopes & known)), redirect_uri, state, consent.verifier, wanted.picks_folder
        )

    def finish(self, told: Mapping[str, str]) -> Purpose:
        """Take what Google has sent the person back with, and return what it was for.

        Raises: InputError where nobody here has asked for it; GoogleError, StoreError.
        """
        consent = self._consents.take(told.get("state", ""))
        purpose = PURPOSES.get(consent.purpose) if consent else None
        if consent is None or purpose is None:
            raise InputError("This sign-in is too old, or was begun elsewhere.", "Begin it again on this page.")
        if told.get("error"):
            raise GoogleError("You did not allow it at Google, so nothing has changed.", "Connect again at any time.")
        granted = self.oauth.redeem(told.get("code", ""), consent.redirect_uri, consent.verifier)
        if purpose.scope not in granted.scopes.split():
            raise GoogleError("The box for this was not ticked at Google.", "Connect again, and tick it.")
        account = self.account
        if purpose.picks_folder and account.is_connected and not account.must_sign_in:
            self._use_picked(told.get("picked_file_ids", ""))  # the token of before is good for more than this one
            return purpose
        self._keep(granted.refresh, granted.scopes, purpose.scope)
        if purpose.picks_folder:
            self._use_picked(told.get("picked_file_ids", ""))
        self._go_on()
        return purpose

    def _keep(self, token: str, scopes: str, scope: str) -> None:
        """Keep a new token. Raises: GoogleError, StoreError."""
        if not token:
            raise GoogleError(
                "Google gave no lasting permission.",
                "Remove bnaGPT at myaccount.google.com/connections, then connect again.",
            )
        self.client.forget_token()
        self.accounts.change(lambda kept: replace(kept.with_token(token, self.oauth.client_secret), scopes=scopes))
        if scope == DRIVE:
            email = self.drive.email()
            self.accounts.change(lambda kept: _of_email(kept, email))

    def _go_on(self) -> None:
        for go_on in self.when_connected:
            go_on()

    def _use_picked(self, ids: str) -> None:
        """Put files into the folder that was picked at Google; none keeps the one of before."""
        picked = ids.split(",")[0].strip()
        if not picked:
            return
        folder = self.drive.folder(picked)
        if folder is None:
            raise GoogleError(
                "This folder can't be used: it may be of another Google account.", "Pick one of the connected account."
            )
        self.use_folder(folder)

    def use_folder(self, folder: Folder) -> None:
        """Put files into this folder from now on. Raises: StoreError."""
        self.accounts.change(lambda kept: replace(kept, folder_id=folder.id, folder_name=folder.name))

    def make_folder(self, name: str) -> Folder:
        """Make a folder in Drive, and use it. Raises: InputError, GoogleError, StoreError."""
        if not name.strip():
            raise InputError("The folder has no name.", "Type one.")
        folder = self.drive.make_folder(name.strip())
        self.use_folder(folder)
        return folder

    def folder(self) -> Folder:
        """Return the folder for files; one is made where there is none. Raises: GoogleError, StoreError."""
        account = self.account
        if account.folder_id and (found := self.drive.folder(account.folder_id)):
            return found
        known = next((one for one in self.drive.folders() if one.name == FOLDER_NAME), None)
        if known is None:
            return self.make_folder(FOLDER_NAME)
        self.use_folder(known)
        return known

    def disconnect(self) -> str:
        """Let Google forget that it allowed anything, forget the account here, and return what is left to do.

        What Google can't be told just now is told to the person. Raises: StoreError.
        """
        token = self.account.token(self.oauth.client_secret)
        told = ""
        try:
            if token:
                self.oauth.revoke(token)
        except GoogleError as error:
            told = f"{error.message} Remove bnaGPT at myaccount.google.com/connections, too."
        self.client.forget_token()
        self.accounts.remove()
        self._consents.remove()
        return told

    def left_there(self) -> str:
        """Return what stays at Google when everything here is deleted; "" where nothing does."""
        return "Files of your days stay in your Google Drive. Delete them there." if self.uploads else ""


def _of_email(account: GoogleAccount, email: str) -> GoogleAccount:
    """Return the account with whose it is; the folder of another account is no longer its own."""
    is_same = not account.email or account.email == email
    return replace(account, email=email) if is_same else replace(account, email=email, folder_id="", folder_name="")


@built_per_person
def google_of(resources: Resources) -> Google:
    google = Google(resources)
    resources.when_deleted.append(google.disconnect)
    resources.left_elsewhere.append(google.left_there)
    return google
