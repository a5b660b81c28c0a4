"""What a page tells those who link to it: Open Graph (ogp.me) and schema.org data."""

from dataclasses import dataclass
from typing import Any

from app.content import Section, Source, read_as
from app.guide.reading import within

NAME = "Same Side"
LANGUAGE = "en-GB"


@dataclass(frozen=True)
class Site:
    """Where the app is read, without a slash at the end, and the full address of the picture for links."""

    url: str
    image: str

    def data(self) -> dict[str, Any]:
        """The whole as schema.org's WebSite."""
        return {
            "@type": "WebSite",
            "name": NAME,
            "url": f"{self.url}/",
            "inLanguage": LANGUAGE,
            "publisher": self.publisher(),
        }

    def publisher(self) -> dict[str, Any]:
        return {"@type": "Organization", "name": NAME, "url": f"{self.url}/"}


@dataclass(frozen=True)
class ShareData:
    """One page: `kind` and `url` as Open Graph has them, `data` for schema.org."""

    kind: str
    title: str
    description: str
    url: str
    image: str
    data: dict[str, Any]


def share_start(site: Site) -> ShareData:
    """The public start stands for the whole site."""
    title = f"{NAME}: a guide and a weekly check-in for two"
    description = "A guide for two people who want to stand on the same side, and a private weekly check-in."
    return _share(site, "website", title, description, "/", site.data() | {"description": description})


def share_contents(site: Site, reading: str) -> ShareData:
    """The contents of the guide in one reading."""
    title = f"How to get your {reading} on your side"
    description = (
        "A guide in nine sections: understanding, listening, trust, outside pressures, small actions, and seven ways to"
        " stay on the same side."
    )
    address = within(reading, "/guide/")
    data = {
        "@type": "CollectionPage",
        "name": title,
        "description": description,
        "url": site.url + address,
        "inLanguage": LANGUAGE,
        "isPartOf": site.data(),
    }
    return _share(site, "website", title, description, address, data)


def share_section(site: Site, section: Section, address: str, reading: str) -> ShareData:
    """A section or article, read at `address`, in one reading. Dates stand only where they are known."""
    title, description = read_as(section.title, reading), read_as(section.summary, reading)
    data = {
        "@type": "Article",
        "headline": title,
        "description": description,
        "url": site.url + address,
        "mainEntityOfPage": site.url + address,
        "image": site.image,
        "wordCount": section.words(),
        "inLanguage": LANGUAGE,
        "isAccessibleForFree": True,
        "author": site.publisher(),
        "publisher": site.publisher(),
        "isPartOf": site.data(),
        "citation": [_citation(source) for source in section.sources],
    }
    if section.published_on:
        data |= dict.fromkeys(("datePublished", "dateModified"), section.published_on.isoformat())
    return _share(site, "article", title, description, address, data)


def _share(site: Site, kind: str, title: str, description: str, address: str, data: dict[str, Any]) -> ShareData:
    named = {"@context": "https://schema.org"} | data
    return ShareData(kind, title, description, site.url + address, site.image, named)


def _citation(source: Source) -> dict[str, Any]:
    said = {"name": source.title, "creditText": source.authors, "datePublished": str(source.year), "url": source.link}
    return {"@type": "CreativeWork"} | {key: value for key, value in said.items() if value}
