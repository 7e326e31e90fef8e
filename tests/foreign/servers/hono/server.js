// Hono with its middleware `hono/cors`, on Node.js.
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { cors } from "hono/cors";

const { CONFIGURATION, ALLOWED } = process.env;

const app = new Hono();
const policy = {
    origin: [ALLOWED],
    credentials: true,
    allowMethods: ["GET", "POST", "PUT", "DELETE"],
    allowHeaders: ["Authorization", "Content-Type", "X-Trace"],
    exposeHeaders: ["X-Total"],
    maxAge: 60,
};
const configure = {
    default: () => app.use(cors()),
    right: () => app.use(cors(policy)),
    // Only one path: the others, and errors, have no fields.
    mistake: () => app.use("/items", cors(policy)),
    // The end of the origin is compared without the dot before it.
    dangerous: () => app.use(cors({
        ...policy,
        origin: origin => origin.endsWith(new URL(ALLOWED).host) ? origin : undefined,
    })),
};
configure[CONFIGURATION]();

app.use("/private", async (c, next) => {
    if (c.req.header("Authorization") !== "Bearer 1") return c.text("Unauthorized", 401);
    await next();
});
const items = c => {
    c.header("X-Total", "3");
    c.header("X-Request-Id", "7");
    c.header("Cache-Control", "no-store");
    return c.json([1, 2, 3], c.req.method === "POST" ? 201 : 200);
};
app.on(["GET", "POST", "PUT", "DELETE", "PATCH"], ["/items", "/private"], items);
app.get("/redirect", c => c.redirect(`/items${new URL(c.req.url).search}`));
app.get("/fails", () => { throw new Error("a failure of the application"); });

serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, info => console.log(`port ${info.port}`));
