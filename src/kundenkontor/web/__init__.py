"""What portal and office share: base templates and components, theme, paging, filters, forms, exports, sign-in.

HTTP lives here and in the faces only. ``policy`` declares who may call a view, ``once`` makes a submit happen once,
``middleware`` turns refusals into pages.
"""
