"""Drawings that try to run, fetch, leak or exhaust something, each with what must not be left of it."""

NS = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
OK = '<rect width="9" height="9"/>'


def svg(inside: str, on_root: str = "") -> str:
    """Return a drawing with a harmless shape and something else."""
    return f'<svg {NS} viewBox="0 0 9 9" {on_root}>{OK}{inside}</svg>'


# What is cleaned: a harmless picture is left of each.
CLEANED = {
    "script": svg("<script>alert(1)</script>"),
    "script of another kind": svg('<script type="text/ecmascript" xlink:href="https://evil.example/x.js"/>'),
    "script in a namespace": svg('<x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>'),
    "html in a namespace": svg('<img xmlns="http://www.w3.org/1999/xhtml" src="x" onerror="alert(1)"/>'),
    "onload at the root": svg("", 'onload="alert(1)"'),
    "onclick": svg('<circle r="3" onclick="alert(1)"/>'),
    "onmouseover in capitals": svg('<circle r="3" ONMOUSEOVER="alert(1)"/>'),
    "onbegin": svg('<animate onbegin="alert(1)" attributeName="x" dur="1s"/>'),
    "set of a handler": svg('<set attributeName="onmouseover" to="alert(1)"/>'),
    "foreignObject": svg(
        '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml" onload="alert(1)"/></foreignObject>'
    ),
    "iframe": svg('<foreignObject><iframe src="https://evil.example"/></foreignObject>'),
    "link with script": svg('<a xlink:href="javascript:alert(1)"><circle r="3"/></a>'),
    "link with plain href": svg('<a href="https://evil.example"><circle r="3"/></a>'),
    "image from outside": svg('<image xlink:href="https://evil.example/x.png" width="9" height="9"/>'),
    "image from here": svg('<image href="file:///etc/passwd" width="9" height="9"/>'),
    "image as data": svg('<image href="data:image/svg+xml;base64,PHN2Zy8+" width="9" height="9"/>'),
    "feImage": svg('<filter id="f"><feImage href="https://evil.example/x"/></filter><rect filter="url(#f)"/>'),
    "use from outside": svg('<use href="https://evil.example/x.svg#a"/>'),
    "use of data": svg("<use xlink:href=\"data:image/svg+xml,<svg id='x'/>#x\"/>".replace("<svg id='x'/>", "x")),
    "use of use": svg('<g id="a"><use href="#b"/><use href="#b"/></g><g id="b"><use href="#a"/></g>'),
    "style with import": svg("<style>@import url(https://evil.example/x.css);</style>"),
    "style with font": svg("<style>@font-face{font-family:x;src:url(https://evil.example/x)}</style>"),
    "style with background": svg("<style>rect{background:url(https://evil.example/x)}</style>"),
    "fill from outside": svg('<circle r="3" fill="url(https://evil.example/x#a)"/>'),
    "fill from a protocol": svg('<circle r="3" fill="url(//evil.example/x#a)"/>'),
    "fill with script": svg('<circle r="3" fill="javascript:alert(1)"/>'),
    "fill with escape": svg('<circle r="3" fill="u\\72l(https://evil.example/x)"/>'),
    "fill in capitals": svg('<circle r="3" fill="URL(https://evil.example/x)"/>'),
    "fill with a comment": svg('<circle r="3" fill="url/**/(https://evil.example/x)"/>'),
    "style attribute with url": svg('<circle r="3" style="fill:url(https://evil.example/x)"/>'),
    "style attribute with image": svg('<circle r="3" style="background-image:url(https://evil.example/x)"/>'),
    "style attribute with expression": svg('<circle r="3" style="width:expression(alert(1))"/>'),
    "style attribute with import": svg('<circle r="3" style="@import \'https://evil.example\'"/>'),
    "style attribute with behaviour": svg(
        '<circle r="3" style="behavior:url(#x);-moz-binding:url(https://evil.example)"/>'
    ),
    "mask from outside": svg('<circle r="3" mask="url(https://evil.example/x#m)"/>'),
    "clip path from outside": svg('<circle r="3" clip-path="url(https://evil.example/x#m)"/>'),
    "cursor": svg('<circle r="3" cursor="url(https://evil.example/x),auto"/>'),
    "image-set": svg('<circle r="3" fill="image-set(\'https://evil.example/x\' 1x)"/>'),
    "variable": svg('<circle r="3" fill="var(--x)"/>'),
    "xml:base": svg('<circle r="3" xml:base="https://evil.example/"/>'),
    "gradient from outside": svg('<linearGradient id="a" xlink:href="https://evil.example/x#a"/>'),
    "handler element": svg('<handler type="application/ecmascript">alert(1)</handler>'),
    "animated link": svg('<a><animate attributeName="href" values="javascript:alert(1)"/></a>'),
    "audio and video": svg('<audio src="https://evil.example/x"/><video src="https://evil.example/x"/>'),
    "metadata": svg("<metadata><x>javascript:alert(1)</x></metadata>"),
    "stylesheet instruction": f'<?xml-stylesheet href="https://evil.example/x.css"?>{svg("")}',
    "instruction inside": svg('<?xml-stylesheet href="https://evil.example/x.css"?>'),
    "comment with script": svg("<!-- <script>alert(1)</script> -->"),
    "cdata": svg("<style><![CDATA[@import 'https://evil.example';]]></style>"),
    "inner svg": svg('<svg onload="alert(1)"><script>alert(1)</script></svg>'),
    "fine dashes": svg('<line x2="9000000" stroke="red" stroke-dasharray="0.00001"/>'),
    "marker in marker": svg(
        '<marker id="m"><path d="M0 0L1 1" marker-end="url(#m)"/></marker><path d="M0 0L9 9" marker-mid="url(#m)"/>'
    ),
    "large marker": svg(f'<marker id="m">{OK * 200}</marker><path d="M0 0L9 9" marker-end="url(#m)"/>'),
    "id with a quote": svg('<circle r="3" id="x&quot; onload=&quot;alert(1)"/>'),
    "character reference": svg('<circle r="3" fill="&#106;avascript:alert(1)"/>'),
}

# What is refused as a whole.
REFUSED = {
    "entity from a file": f'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg {NS}><text>&x;</text></svg>',
    "billion laughs": f'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><svg {NS}><text>&b;</text></svg>',
    "document type from outside": f'<!DOCTYPE svg SYSTEM "https://evil.example/x.dtd"><svg {NS}>{OK}</svg>',
    "document type in small letters": f"<!doctype svg><svg {NS}>{OK}</svg>",
    "unknown entity": svg("<text>&x;</text>"),
    "nested deep": svg("<g>" * 60 + OK + "</g>" * 60),
    "nested very deep": svg("<g>" * 9000 + "</g>" * 9000),
    "many elements": svg(OK * 5000),
    "very large": svg("<text>" + "x" * 300_000 + "</text>"),
    "html": "<html><body><script>alert(1)</script></body></html>",
    "no xml": "just words",
    "nothing": "",
    "not closed": f"<svg {NS}><rect",
    "only a script": f"<svg {NS}><script>alert(1)</script></svg>",
    "no height": f'<svg {NS} width="100" height="0.0001">{OK}</svg>',
    "another root": "<math xmlns='http://www.w3.org/1998/Math/MathML'><svg/></math>",
    "null byte": f"<svg {NS}>\0{OK}</svg>",
}
