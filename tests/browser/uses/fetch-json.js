return fetchText({ method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" });
