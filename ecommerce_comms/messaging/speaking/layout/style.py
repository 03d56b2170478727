"""Colours, type and the styles that are written on each element, since many mail programs read no style sheet."""

from __future__ import annotations

INK = "#1d2430"
SOFT = "#5d6675"
LINE = "#e6e8ec"
PAPER = "#ffffff"
DESK = "#f4f5f7"
ACCENT = "#1f4fd8"

FONT = (
    "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,"
    "'Noto Sans','Noto Sans Devanagari','Noto Sans Bengali','Nirmala UI',sans-serif"
)

BODY: dict[str, str] = {
    "p": f"margin:0 0 16px;font-size:16px;line-height:1.6;color:{INK}",
    "ul": f"margin:0 0 16px;padding:0 0 0 22px;font-size:16px;line-height:1.6;color:{INK}",
    "ol": f"margin:0 0 16px;padding:0 0 0 22px;font-size:16px;line-height:1.6;color:{INK}",
    "li": "margin:0 0 6px",
    "a": f"color:{ACCENT};text-decoration:underline",
    "h1": f"margin:24px 0 8px;font-size:20px;line-height:1.3;color:{INK}",
    "h2": f"margin:24px 0 8px;font-size:18px;line-height:1.3;color:{INK}",
    "h3": f"margin:20px 0 8px;font-size:16px;line-height:1.3;color:{INK}",
    "hr": f"border:0;border-top:1px solid {LINE};margin:24px 0",
    "blockquote": f"margin:0 0 16px;padding:0 0 0 16px;border-left:3px solid {LINE}",
}
"""Style of each element that a body may hold."""

TONES: dict[str, tuple[str, str, str]] = {
    "calm": ("#eef3ff", "#c9d7fb", "#1b3f9c"),
    "good": ("#eaf7ef", "#bfe5cd", "#176238"),
    "late": ("#fff6e5", "#f3dca6", "#7a4d00"),
}
"""Background, border and ink of the arrival window."""

SHEET = (
    "body{margin:0;padding:0;-webkit-text-size-adjust:100%}table{border-spacing:0}img{border:0}\n"
    "@media (max-width:480px){.pad{padding-left:20px!important;padding-right:20px!important}\n"
    ".outer{padding:0!important}.card{border-radius:0!important;border-left:0!important;border-right:0!important}\n"
    ".title{font-size:23px!important}.btn a{display:block!important}.btn{width:100%!important}}\n"
    "@media (prefers-color-scheme:dark){.desk{background:#12151b!important}\n"
    ".card{background:#1c212a!important;border-color:#313947!important}\n"
    ".card,.card p,.card li,.card td,.card h1,.card h2,.card h3,.card strong{color:#eef0f4!important}\n"
    ".card .soft,.foot,.foot a{color:#a4adbb!important}.card a{color:#9db9ff!important}.card .rule{border-color:#313947!important}\n"
    ".card .btn td{background:#3f6cf0!important}.card .btn a{color:#ffffff!important}\n"
    ".card .box{background:#232b38!important;border-color:#3a4557!important}}\n"
)
"""For mail programs that do read one: phones and dark mode."""
