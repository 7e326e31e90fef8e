//! The requests of elements and style sheets.

use crate::api::Api;
use crate::fetch::Fetch;
use crate::mode::Mode;
use crate::page::Page;

impl Page {
    /// Prepares the request of `<img src=url>`: the mode is `no-cors`, with credentials. The page shows the image, but a canvas
    /// with it cannot be read. For `crossorigin`, add [`Fetch::crossorigin`].
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use omnicors_browser::{Page, ResponseType};
    ///
    /// let mut server = |request: Request<Bytes>| {
    ///     assert_eq!(request.headers()["sec-fetch-dest"], "image");
    ///     Response::new("png")
    /// };
    /// let page = Page::new("https://app.example")?;
    /// let image = page.image("https://cdn.example/logo.png");
    /// let outcome = image.send_now(&mut server);
    /// assert_eq!(outcome.result()?.response_type(), ResponseType::Opaque);
    /// image.crossorigin().send_now(&mut server).assert_blocked();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn image(&self, url: &str) -> Fetch {
        self.prepare(Api::Image, url, Mode::NoCors, "image")
            .initiator("image")
            .simple()
    }

    /// Prepares the request of `<script src=url>`: the mode is `no-cors`, with credentials. For `crossorigin`, and for
    /// `type=module`, add [`Fetch::crossorigin`].
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use omnicors_browser::Page;
    ///
    /// let mut server = |request: Request<Bytes>| {
    ///     assert_eq!(request.headers()["sec-fetch-dest"], "script");
    ///     Response::builder().header("access-control-allow-origin", "*").body("export {}").unwrap()
    /// };
    /// let module = Page::new("https://app.example")?.script("https://cdn.example/module.js").crossorigin();
    /// module.send_now(&mut server).assert_readable();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn script(&self, url: &str) -> Fetch {
        self.prepare(Api::Script, url, Mode::NoCors, "script")
            .initiator("script")
            .simple()
    }

    /// Prepares the request of a font in `@font-face`. Its mode is always `cors`
    /// ([CSS Fonts](https://drafts.csswg.org/css-fonts/#font-fetching-requirements)).
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use omnicors_browser::Page;
    ///
    /// let mut server = |request: Request<Bytes>| {
    ///     assert_eq!(request.headers()["sec-fetch-dest"], "font");
    ///     Response::new("a font without Access-Control-Allow-Origin")
    /// };
    /// Page::new("https://app.example")?.font("https://cdn.example/font.woff2").send_now(&mut server).assert_blocked();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn font(&self, url: &str) -> Fetch {
        self.prepare(Api::Font, url, Mode::Cors, "font")
            .initiator("font")
            .simple()
    }
}
