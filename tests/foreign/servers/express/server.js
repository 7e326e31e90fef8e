// Express with the middleware `cors`.
import cors from "cors";
import express from "express";

const { CONFIGURATION, ALLOWED } = process.env;

const configured = {
    default: () => cors(),
    right: () => cors({
        origin: [ALLOWED],
        credentials: true,
        methods: ["GET", "POST", "PUT", "DELETE"],
        allowedHeaders: ["Authorization", "Content-Type", "X-Trace"],
        exposedHeaders: ["X-Total"],
        maxAge: 60,
    }),
    // The login runs first, so preflights need one too.
    mistake: () => cors({ origin: ALLOWED, credentials: true, exposedHeaders: ["X-Total"] }),
    // Any origin, with credentials.
    dangerous: () => cors({ origin: true, credentials: true }),
}[CONFIGURATION]();

const login = (request, response, next) => {
    if (request.path === "/private" && request.get("Authorization") !== "Bearer 1") return response.sendStatus(401);
    next();
};

const app = express();
app.use(CONFIGURATION === "mistake" ? [login, configured] : [configured, login]);
const items = (request, response) => {
    response.set({ "X-Total": "3", "X-Request-Id": "7", "Cache-Control": "no-store" });
    response.status(request.method === "POST" ? 201 : 200).json([1, 2, 3]);
};
for (const path of ["/items", "/private"]) app.route(path).get(items).post(items).put(items).delete(items).patch(items);
app.get("/redirect", (request, response) => response.redirect(request.originalUrl.replace("redirect", "items")));
app.get("/fails", () => { throw new Error("a failure of the application"); });

const server = app.listen(0, "127.0.0.1", () => console.log(`port ${server.address().port}`));
