// What the scripts beside this one begin with. Each is the body of an async function, tells what came of it as one line of
// text, and waits for nothing but events.

const query = new URLSearchParams(location.search);
const [api, number] = [query.get("api"), query.get("number")];
// Without `crossorigin`.
const plain = query.has("plain");

// An address that no cache knows.
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

// Imports a module of a type, in the page's own script: an engine that does not know the syntax cannot even parse it.
// `empty` is a module of that type, with which an engine shows that it has them.
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
