// Koa with the middleware `@koa/cors`.
import cors from "@koa/cors";
import Koa from "koa";

const { CONFIGURATION, ALLOWED } = process.env;

const policy = {
    origin: context => context.get("Origin") === ALLOWED ? ALLOWED : "",
    credentials: true,
    allowMethods: ["GET", "POST", "PUT", "DELETE"],
    allowHeaders: ["Authorization", "Content-Type", "X-Trace"],
    exposeHeaders: ["X-Total"],
    maxAge: 60,
};
const configured = {
    default: () => cors(),
    right: () => cors(policy),
    // The fields of responses to errors are discarded, and one origin is sent to everyone with a final slash.
    mistake: () => cors({ ...policy, origin: `${ALLOWED}/`, keepHeadersOnError: false }),
    // The beginning of the origin is compared.
    dangerous: () => cors({
        ...policy,
        origin: context => context.get("Origin").startsWith("http://app.localhost") ? context.get("Origin") : "",
    }),
}[CONFIGURATION]();

const app = new Koa();
app.silent = true;
app.use(configured);
app.use(async context => {
    switch (context.path) {
    case "/private":
        context.assert(context.get("Authorization") === "Bearer 1", 401);
    case "/items":
        context.set({ "X-Total": "3", "X-Request-Id": "7", "Cache-Control": "no-store" });
        context.status = context.method === "POST" ? 201 : 200;
        context.body = [1, 2, 3];
        break;
    case "/redirect":
        context.redirect(`/items${context.search}`);
        break;
    case "/fails":
        throw new Error("a failure of the application");
    }
});

const server = app.listen(0, "127.0.0.1", () => console.log(`port ${server.address().port}`));
