// Fastify with the plugin `@fastify/cors`.
import cors from "@fastify/cors";
import fastify from "fastify";

const { CONFIGURATION, ALLOWED } = process.env;

const options = {
    default: undefined,
    right: {
        origin: [ALLOWED],
        credentials: true,
        methods: ["GET", "POST", "PUT", "DELETE"],
        allowedHeaders: ["Authorization", "Content-Type", "X-Trace"],
        exposedHeaders: ["X-Total"],
        maxAge: 60,
    },
    // The default methods do not include PUT and DELETE.
    mistake: { origin: [ALLOWED], credentials: true },
    // A pattern without anchors.
    dangerous: { origin: [/app\.localhost/], credentials: true, methods: ["GET", "POST", "PUT", "DELETE"] },
}[CONFIGURATION];

const app = fastify();
await app.register(cors, options);
app.addHook("onRequest", async (request, reply) => {
    if (request.routeOptions.url === "/private" && request.headers.authorization !== "Bearer 1") {
        return reply.code(401).send("Unauthorized");
    }
});
const items = async (request, reply) => {
    reply.headers({ "X-Total": "3", "X-Request-Id": "7", "Cache-Control": "no-store" });
    return reply.code(request.method === "POST" ? 201 : 200).send([1, 2, 3]);
};
for (const url of ["/items", "/private"]) {
    app.route({ method: ["GET", "POST", "PUT", "DELETE", "PATCH"], url, handler: items });
}
app.get("/redirect", async (request, reply) => reply.redirect(request.url.replace("redirect", "items")));
app.get("/fails", async () => { throw new Error("a failure of the application"); });

await app.listen({ host: "127.0.0.1", port: 0 });
console.log(`port ${app.server.address().port}`);
