"""Line icons, 24 x 24, drawn with the text colour. Inline, so no request and no inline style is needed."""

from __future__ import annotations

ICONS: dict[str, str] = {
    "alert": '<path d="M12 4 2.8 20h18.4Z"/><path d="M12 10v4.5M12 17.3v.2"/>',
    "arrow-left": '<path d="M20 12H4m6-6-6 6 6 6"/>',
    "arrow-right": '<path d="M4 12h16m-6-6 6 6-6 6"/>',
    "bank": '<path d="M3 9.5 12 4l9 5.5M4 20h16M6 10v7m4-7v7m4-7v7m4-7v7"/>',
    "bell": '<path d="M6 17V11a6 6 0 0 1 12 0v6l1.5 1.5h-15ZM10 21h4"/>',
    "calendar": '<rect x="4" y="5" width="16" height="15" rx="2"/><path d="M4 10h16M8 3v4m8-4v4"/>',
    "chart": '<path d="M4 20h16M7 16v-5m5 5V6m5 10v-7"/>',
    "check": '<path d="m5 12.5 4.5 4.5L19 7.5"/>',
    "check-circle": '<circle cx="12" cy="12" r="9"/><path d="m8 12.3 2.8 2.8 5.2-5.6"/>',
    "chevron-down": '<path d="m6 9.5 6 6 6-6"/>',
    "circle": '<circle cx="12" cy="12" r="8.5"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 7v5.2l3.4 2"/>',
    "close": '<path d="m6 6 12 12M18 6 6 18"/>',
    "contract": '<path d="M6 3h9l4 4v14H6Z"/><path d="M14.5 3v4.500H19M9 12h7M9 16h5"/>',
    "download": '<path d="M12 4v11m-5-4.5 5 5 5-5M5 20h14"/>',
    "filter": '<path d="M4 6h16M7 12h10m-7 6h4"/>',
    "gear": '<path d="M4 7h9m5 0h2M4 17h2m5 0h9"/><circle cx="15.5" cy="7" r="2.5"/><circle cx="8.5" cy="17" r="2.5"/>',
    "globe": (
        '<circle cx="12" cy="12" r="9"/><path d="M3 12h18M12 3c3 2.7 3.8 6 3.8 9S15 18.3 12 '
        '21c-3-2.7-3.8-6-3.8-9S9 5.7 12 3Z"/>'
    ),
    "help": (
        '<circle cx="12" cy="12" r="9"/><path d="M9.5 9.500a2.5 2.5 0 1 1 3.6 2.200c-.8.4-1.1.9-1.1 1.800M12 '
        '16.500v.2"/>'
    ),
    "home": '<path d="m4 11 8-7 8 7v9h-5.500v-5.500h-5V20H4Z"/>',
    "inbox": '<path d="M4 13 6.5 5h11L20 13v6H4Z"/><path d="M4 13h4.500l1.5 2.500h4l1.5-2.500H20"/>',
    "info": '<circle cx="12" cy="12" r="9"/><path d="M12 11v5.500M12 7.500v.2"/>',
    "invoice": '<path d="M6 3h12v18l-3-2-3 2-3-2-3 2Z"/><path d="M9 8h6M9 12h6"/>',
    "key": '<circle cx="8" cy="14" r="4"/><path d="m11 11 8-8m-3 3 3 3m-6 0 2 2"/>',
    "mail": '<rect x="3" y="5.5" width="18" height="13" rx="2"/><path d="m3.5 7 8.5 6.500L20.5 7"/>',
    "menu": '<path d="M4 7h16M4 12h16M4 17h16"/>',
    "minus-circle": '<circle cx="12" cy="12" r="9"/><path d="M8 12h8"/>',
    "moon": '<path d="M19.5 14.500A8 8 0 0 1 9.5 4.500a8 8 0 1 0 10 10Z"/>',
    "package": '<path d="m12 3 8 4.500v9L12 21l-8-4.500v-9Z"/><path d="m4.3 7.7 7.7 4.3 7.7-4.300M12 12v9"/>',
    "payment": '<rect x="3" y="5.5" width="18" height="13" rx="2"/><path d="M3 10h18M7 15h3"/>',
    "people": (
        '<circle cx="9" cy="8" r="3.5"/><path d="M3 20c0-3.5 2.7-6 6-6s6 2.5 6 6M15.5 4.800a3.5 3.5 0 0 1 0 '
        '6.400M17.5 14.500c2.1.8 3.5 2.9 3.5 5.5"/>'
    ),
    "person": '<circle cx="12" cy="8" r="4"/><path d="M4.5 20.500c.5-4 3.5-6.5 7.5-6.500s7 2.5 7.5 6.5"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "reverse": '<path d="M9 6 4 11l5 5"/><path d="M4 11h10a6 6 0 0 1 0 12"  transform="translate(0 -3)"/>',
    "run": '<path d="M5 12a7 7 0 0 1 12-5l2 2M19 4v5h-5M19 12a7 7 0 0 1-12 5l-2-2m0 5v-5h5"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5 5"/>',
    "shield": (
        '<path d="M12 3 4.5 6v5.500c0 4.5 3 7.7 7.5 9.5 4.5-1.8 7.5-5 7.5-9.500V6Z"/><path d="m8.5 12 2.5 2.5 4.5-5"/>'
    ),
    "sign-out": '<path d="M14 4H5v16h9M10 12h11m-4-4 4 4-4 4"/>',
    "sort": '<path d="m8 10 4-4 4 4m-8 4 4 4 4-4"/>',
    "sort-down": '<path d="M12 5v14m-5-5 5 5 5-5"/>',
    "sort-up": '<path d="M12 19V5m-5 5 5-5 5 5"/>',
    "stop": (
        '<path d="M8.3 3h7.400L21 8.300v7.400L15.7 21H8.300L3 15.700V8.300Z"/><path d="M12 7.500v5.500M12 16.300v.2"/>'
    ),
    "sun": (
        '<circle cx="12" cy="12" r="4"/><path d="M12 2.500v2m0 15v2m9.5-9.500h-2m-15 0h-2M18.7 5.300l-1.4 '
        '1.400M6.7 17.300l-1.4 1.400m13.4 0-1.4-1.400M6.7 6.7 5.3 5.3"/>'
    ),
    "ticket": '<path d="M4 6h16v4a2 2 0 0 0 0 4v4H4v-4a2 2 0 0 0 0-4Z"/><path d="M14 6v12" stroke-dasharray="2 2.5"/>',
}
