"""Mail addresses: what can be one, and the one spelling in which it is stored and looked for."""

from email_validator import EmailNotValidError, validate_email

from app.accounts import rules


def read_address(typed: str) -> str:
    """The address in the spelling that is stored: NFC, lower case, the domain as mail servers write it (IDNA).

    Raises ValueError for what no mail can be sent to: nothing, a bare host, letters with accents before the @-sign.
    """
    if len(typed) > rules.ADDRESS_MAX:
        raise ValueError("too long")
    try:
        found = validate_email(
            rules.tidy(typed),
            check_deliverability=False,
            allow_smtputf8=False,
            globally_deliverable=False,  # a server at home may well write to anna@mail.lan
            test_environment=True,  # and a trial with anna@house.test
            strict=True,
        )
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None
    address = (found.ascii_email or "").lower()
    if "." not in found.domain or not 0 < len(address) <= rules.ADDRESS_MAX:
        raise ValueError("a bare host, or too long once the domain is written for mail servers")
    return address


def find_address(typed: str) -> str:
    """The same for looking up: what cannot be an address is "", which belongs to nobody."""
    try:
        return read_address(typed)
    except ValueError:
        return ""
