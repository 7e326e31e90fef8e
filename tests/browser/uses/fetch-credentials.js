return fetchText({ credentials: "include" });
