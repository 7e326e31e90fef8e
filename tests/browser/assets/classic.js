globalThis.fromClassic = true;
