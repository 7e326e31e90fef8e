return fetchText({});
