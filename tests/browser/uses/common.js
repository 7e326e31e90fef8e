// Shared by the scripts in this folder. Each script is the body of an async function. It returns its outcome as one line of
// text, and only waits for events.

const query = new URLSearchParams(location.search);
const [api, number] = [query.get("api"), query.get("number")];
// The page omits `crossorigin`.
const plain = query.has("plain");

// A unique address, so that no cache has a response.
const url = name => `${api}/${name}?number=${number}`;

const loads = element => new Promise(resolve => {
    element.onload = element.onloadeddata = () => resolve(true);
    element.onerror = () => resolve(false);
});

const fetchText = async init => {
    try {
        const response = await fetch(url("text"), init);
        return `reads: ${await response.text()}`;
    } catch (error) {
        return `the promise rejects with a ${error.name}`;
    }
};

// Imports a module of a type. `new Function` hides the syntax from engines that cannot parse it.
// `empty` is an empty module of that type, which shows whether the engine supports it.
const importWith = async (name, type, empty, use) => {
    let load;
    try {
        load = new Function("url", `return import(url, { with: { type: "${type}" } })`);
    } catch {
        return "cannot: import attributes";
    }
    try {
        await load(empty);
    } catch {
        return `cannot: modules of the type ${type}`;
    }
    try {
        const module = await load(url(name));
        return use(module.default);
    } catch (error) {
        return `import() rejects with a ${error.name}`;
    }
};
