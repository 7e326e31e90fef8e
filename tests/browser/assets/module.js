globalThis.fromModule = import.meta.url.startsWith("http");
