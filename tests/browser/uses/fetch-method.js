return fetchText({ method: "PUT" });
