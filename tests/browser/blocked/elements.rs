//! Requests of elements, style sheets and other APIs than `fetch()`.

use crate::table::{Block, RESOURCE_POLICY, origin, text};

const WEB_SOCKET: &str = "new Promise((resolve, reject) => {
    const socket = new WebSocket(URL.replace('http', 'ws'));
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error());
})";

/// Requests of elements and of other APIs than `fetch()`.
pub(crate) fn blocks() -> Vec<Block> {
    vec![
        Block {
            name: "an image with crossorigin",
            script: "new Promise((resolve, reject) => {
                const image = new Image();
                Object.assign(image, { crossOrigin: '', onload: resolve, onerror: () => reject(new Error()), src: URL });
            })",
            fetch: |page, url| page.image(url).crossorigin(),
            respond: |_| text(200),
        },
        Block {
            name: "an image for its own origin",
            script: "new Promise((resolve, reject) => {
                const image = new Image();
                Object.assign(image, { onload: resolve, onerror: () => reject(new Error()), src: URL });
            })",
            fetch: |page, url| page.image(url),
            respond: |_| text(200).field(RESOURCE_POLICY, "same-origin"),
        },
        Block {
            name: "a script with crossorigin",
            script: "new Promise((resolve, reject) => {
                const script = document.createElement('script');
                Object.assign(script, { crossOrigin: '', onload: resolve, onerror: () => reject(new Error()), src: URL });
                document.body.append(script);
            })",
            fetch: |page, url| page.script(url).crossorigin(),
            respond: |_| text(200),
        },
        Block {
            name: "a font",
            script: "new FontFace('font', `url(${URL})`).load()",
            fetch: |page, url| page.font(url),
            respond: |_| text(200),
        },
        Block {
            name: "an event source",
            script: "new Promise((resolve, reject) => {
                const events = new EventSource(URL);
                events.onopen = resolve;
                events.onerror = () => { events.close(); reject(new Error()); };
            })",
            fetch: |page, url| page.event_source(url),
            respond: |_| text(200),
        },
        Block {
            name: "a WebSocket that the server rejects",
            script: WEB_SOCKET,
            fetch: |page, url| page.web_socket(&url.replacen("http", "ws", 1)),
            respond: |_| text(403),
        },
        Block {
            name: "a WebSocket that the server does not know",
            script: WEB_SOCKET,
            fetch: |page, url| page.web_socket(&url.replacen("http", "ws", 1)),
            respond: |_| text(200),
        },
        // `sendBeacon` does not say that it is blocked.
        Block {
            name: "a beacon with JSON",
            script: "Promise.reject(navigator.sendBeacon(URL, new Blob(['{}'], { type: 'application/json' })))",
            fetch: |page, url| page.send_beacon(url, "application/json", "{}"),
            respond: |_| origin("*"),
        },
    ]
}
